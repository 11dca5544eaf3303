package review

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/report/xlsx"
)

// headRows sets within how many rows the header must stand.
const headRows = 50

// sheet reads one part of the queue.
func (r *decisionReader) sheet(x *excelize.File, name string) (err error) {
	rows, err := x.Rows(name)
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrNoQueue, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var form *queueForm
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return fmt.Errorf("%s, row %d: %w", name, number, err)
		}
		switch {
		case form != nil:
			if err := r.row(queueRow{form, number, cells}); err != nil {
				return err
			}
		case number > headRows:
			return ErrNoQueue
		default:
			if form, err = newQueueForm(name, cells); err != nil {
				return err
			}
		}
	}
	if form == nil {
		return ErrNoQueue
	}
	return nil
}

// queueForm describes where a sheet's columns stand, by their heads.
type queueForm struct {
	sheet   string
	columns map[string]int
	zone    *time.Location
}

// newQueueForm reads a row as the header, nil when it is none.
func newQueueForm(sheet string, cells []string) (*queueForm, error) {
	f := &queueForm{sheet: sheet, columns: map[string]int{}}
	zone := ""
	for i, head := range cells {
		if name, in, ok := strings.Cut(head, " ("); ok && name == HeadDecidedAt {
			head, zone = name, strings.TrimSuffix(in, ")")
		}
		f.columns[head] = i
	}
	if !f.has(HeadKey) && !f.has(HeadDecision) {
		return nil, nil //nolint:nilnil // no header, no mistake
	}
	for _, head := range []string{HeadTransact, HeadID, HeadScore, HeadDecision, HeadReviewer, HeadDecidedAt,
		HeadComment, HeadKey} {
		if !f.has(head) {
			return nil, fmt.Errorf("%w; the column %s is missing", ErrNoQueue, head)
		}
	}
	var err error
	if f.zone, err = time.LoadLocation(zone); err != nil || zone == "" {
		return nil, fmt.Errorf("%w; %q is no time zone", ErrNoQueue, zone)
	}
	return f, nil
}

func (f *queueForm) has(head string) bool {
	_, ok := f.columns[head]
	return ok
}

// queueRow describes one row of the queue as it was read.
type queueRow struct {
	*queueForm
	number int
	cells  []string
}

func (w queueRow) text(head string) string {
	if i := w.columns[head]; i < len(w.cells) {
		return w.cells[i]
	}
	return ""
}

func (w queueRow) location(head string) string {
	return xlsx.Ref{Col: w.columns[head] + 1, Row: w.number}.String()
}
