package review

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"liverecon/batch/table"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

// mistakeList collects mistakes of a file.
type mistakeList struct {
	mistakes []error
	more     int // mistakes that are not named
}

func (l *mistakeList) mistake(sheet, cell, format string, args ...any) {
	if len(l.mistakes) == maxMistakes {
		l.more++
		return
	}
	l.mistakes = append(l.mistakes, Mistake{sheet, cell, fmt.Sprintf(format, args...)})
}

func (l *mistakeList) mistaken() error {
	if l.more > 0 {
		return errors.Join(append(l.mistakes, fmt.Errorf("and %d more", l.more))...)
	}
	return errors.Join(l.mistakes...)
}

func (l *mistakeList) count() int { return len(l.mistakes) + l.more }

// visible reports whether two texts are the same in a workbook.
func visible(a, b string) bool { return xlsx.Visible(a) == xlsx.Visible(b) }

// form describes where a sheet's columns stand, by their heads; the head of a time names its zone.
type form struct {
	sheet   string
	columns map[string]int
	zone    *time.Location
}

// formRow describes one row of a form as it was read.
type formRow struct {
	*form
	number int
	cells  []table.Cell
}

func (w formRow) cell(head string) (c table.Cell) {
	if i, there := w.columns[head]; there && i < len(w.cells) {
		c = w.cells[i]
	}
	return c
}

func (w formRow) text(head string) string { return w.cell(head).Text }

func (w formRow) location(head string) string {
	return xlsx.Ref{Col: w.columns[head] + 1, Row: w.number}.String()
}

// newForm reads a row as the header, nil when it has not all of the heads.
func newForm(sheet, timed string, heads []string, cells []table.Cell) *form {
	f := &form{sheet: sheet, columns: map[string]int{}}
	for i, cell := range cells {
		head := cell.Text
		if name, in, ok := strings.Cut(head, " ("); ok && name == timed {
			zone, err := time.LoadLocation(strings.TrimSuffix(in, ")"))
			if err != nil {
				return nil
			}
			head, f.zone = name, zone
		}
		if _, twice := f.columns[head]; !twice {
			f.columns[head] = i
		}
	}
	for _, head := range append(slices.Clone(heads), timed) {
		if head == "" { // no column is of times
			continue
		}
		if _, there := f.columns[head]; !there {
			return nil
		}
	}
	if f.zone == nil && timed != "" {
		return nil
	}
	return f
}

// openWorkbook calls a function with a workbook.
func openWorkbook(path string, read func(book sheets) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	info, err := f.Stat()
	if err != nil {
		return err
	}
	book, err := table.OpenWorkbook(f, info.Size())
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrNoFinance, err)
	}
	all := sheets{from1904: book.From1904}
	for _, s := range book.Sheets {
		all.names = append(all.names, s.Name)
		all.open = append(all.open, func() (table.Rows, error) { return book.OpenSheet(s) })
	}
	return read(all)
}

// sheets holds the sheets of a workbook, in order.
type sheets struct {
	names    []string
	open     []func() (table.Rows, error)
	from1904 bool
}

// eachRow gives the rows of a sheet; their cells hold until the next.
func (b sheets) eachRow(sheet int, each func(number int, cells []table.Cell) error) error {
	rows, err := b.open[sheet]()
	for err == nil {
		var row table.Row
		if row, err = rows.Next(); err == nil && row.Damage == "" {
			err = each(row.Line, row.Cells)
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("%s: %w", b.names[sheet], err)
}

// file reads the exceptions and the sheet to sign on.
func (r *workReader) file(path string) error {
	return openWorkbook(path, func(book sheets) error {
		r.from1904 = book.from1904
		signed := false
		for i, name := range book.names {
			var err error
			switch {
			case name == SignSheet:
				signed = true
				err = r.signSheet(book, i)
			case name == DisputeSheet:
				err = r.disputeSheet(book, i)
			case name == ExceptionSheet, strings.HasPrefix(name, ExceptionSheet+" ("):
				err = r.exceptionSheet(book, i)
			}
			if err != nil {
				return err
			}
		}
		if !signed {
			return ErrNoFinance
		}
		return nil
	})
}

// exceptionSheet collects the rows of one part of the exceptions.
func (r *workReader) exceptionSheet(book sheets, sheet int) error {
	var f *form
	name := book.names[sheet]
	err := book.eachRow(sheet, func(number int, cells []table.Cell) error {
		if f == nil {
			f = newForm(name, HeadDecidedAt, []string{HeadClass, HeadTransact, HeadIssue, HeadStatus, HeadDisputed,
				HeadAccepted, HeadOwner, HeadComment, HeadKey}, cells)
			return nil
		}
		w := formRow{f, number, slices.Clone(cells)}
		key := w.text(HeadKey)
		if key == "" {
			if w.text(HeadStatus)+w.text(HeadOwner)+w.text(HeadComment) != "" {
				r.mistake(name, w.location(HeadKey), "a row without a key: fill in the rows that are there")
			}
			return nil
		}
		if month, _, ok := strings.Cut(key, "/"); ok && r.found.Month == "" {
			r.found.Month = month
		}
		r.rows = append(r.rows, w)
		return nil
	})
	if err == nil && f == nil {
		return fmt.Errorf("%w; the sheet %s lacks columns: is it of an earlier version? `liverecon report finance` writes it "+
			"anew", ErrNoFinance, name)
	}
	return err
}

// signSheet collects the figures that are signed for, and who has signed.
func (r *workReader) signSheet(book sheets, sheet int) error {
	var f *form
	return book.eachRow(sheet, func(number int, cells []table.Cell) error {
		for i, cell := range cells {
			if cell.Text == LabelFigures && i+1 < len(cells) {
				r.figures = strings.TrimSpace(cells[i+1].Text)
				r.found.Month, _, _ = strings.Cut(r.figures, " ")
			}
		}
		if f == nil {
			f = newForm(SignSheet, HeadSignedAt, []string{HeadRole, HeadName, HeadDecision, HeadComment}, cells)
			return nil
		}
		w := formRow{f, number, slices.Clone(cells)}
		if !slices.ContainsFunc(accounts.Roles(),
			func(role string) bool { return w.text(HeadRole) == RoleLabel(role) }) {
			return nil
		}
		if strings.TrimSpace(w.text(HeadName)) != "" {
			r.signs = append(r.signs, w)
		} else if w.text(HeadSignedAt)+w.text(HeadDecision)+w.text(HeadComment) != "" {
			r.mistake(SignSheet, w.location(HeadName), "no name: who has signed?")
		}
		return nil
	})
}
