package report

import (
	"errors"

	"liverecon/store"
)

// aheadRows is how many rows change hands at once between the goroutine that reads and the one that writes.
const aheadRows = 256

// aheadRow is a row that outlives the call that gave it: the score it points to is its own.
type aheadRow struct {
	detail store.Detail
	score  float64
}

var errStopped = errors.New("the rows are not wanted any more")

// ahead lets read go on in a goroutine of its own while each deals with the rows before: reading the database costs about
// as much as writing a sheet does. Rows come in order; nothing is read any more once ahead has returned.
func ahead(read func(each func(*store.Detail) error) error, each func(*store.Detail) error) error {
	full, empty, stop := make(chan []aheadRow, 1), make(chan []aheadRow, 3), make(chan struct{})
	for range cap(empty) {
		empty <- make([]aheadRow, 0, aheadRows)
	}
	var failed error
	go func() {
		defer close(full)
		failed = readAhead(read, full, empty, stop)
	}()
	for rows := range full {
		for i := range rows {
			if err := each(&rows[i].detail); err != nil {
				close(stop)
				for range full { // until the reader has ended
				}
				return err
			}
		}
		empty <- rows[:0]
	}
	return failed
}

func readAhead(read func(each func(*store.Detail) error) error, full chan<- []aheadRow, empty <-chan []aheadRow, stop <-chan struct{}) error {
	rows := <-empty
	pass := func() error {
		select {
		case full <- rows:
		case <-stop:
			return errStopped
		}
		select {
		case rows = <-empty:
		case <-stop:
			return errStopped
		}
		return nil
	}
	err := read(func(d *store.Detail) error {
		rows = append(rows, aheadRow{detail: *d})
		if row := &rows[len(rows)-1]; d.Score != nil {
			row.score = *d.Score
			row.detail.Score = &row.score
		}
		if len(rows) < aheadRows {
			return nil
		}
		return pass()
	})
	if err == nil && len(rows) > 0 {
		err = pass()
	}
	return err
}
