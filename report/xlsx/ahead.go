package xlsx

import "errors"

// aheadRows sets how many rows change hands at once between the goroutine that reads and the one that writes.
const aheadRows = 256

var errStopped = errors.New("the rows are not wanted any more")

// Ahead lets read go on in a goroutine of its own while each deals with the rows before: reading the database costs
// about as much as writing a sheet does. Rows come in order, as copies; nothing is read any more once ahead has
// returned.
func Ahead[T any](read func(each func(*T) error) error, each func(*T) error) error {
	full, empty, stop := make(chan []T, 1), make(chan []T, 3), make(chan struct{})
	for range cap(empty) {
		empty <- make([]T, 0, aheadRows)
	}
	var failed error
	go func() {
		defer close(full)
		failed = readAhead(read, full, empty, stop)
	}()
	for rows := range full {
		for i := range rows {
			if err := each(&rows[i]); err != nil {
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

func readAhead[T any](read func(each func(*T) error) error, full chan<- []T, empty <-chan []T,
	stop <-chan struct{}) error {
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
	err := read(func(row *T) error {
		if rows = append(rows, *row); len(rows) < aheadRows {
			return nil
		}
		return pass()
	})
	if err == nil && len(rows) > 0 {
		err = pass()
	}
	return err
}
