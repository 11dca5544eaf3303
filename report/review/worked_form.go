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
	others  []otherColumn
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

// exceptionRuns returns the heads of the exceptions that stand side by side as they are written; those that are not
// read tell ours from others.
func exceptionRuns() [][]string {
	return [][]string{{HeadClass, HeadTransact, "Stmt"}, {HeadIssue, "Note", "Suggested action", HeadStatus,
		HeadDisputed, HeadAccepted, HeadOwner, HeadComment, HeadDecidedAt, "Settled"}, {"Call", HeadKey}}
}

// exceptionHeads returns the heads of the exceptions that are read.
func exceptionHeads() []string {
	return []string{HeadClass, HeadTransact, HeadIssue, HeadStatus, HeadDisputed, HeadAccepted, HeadOwner, HeadComment,
		HeadDecidedAt, HeadKey}
}

// signRun returns the heads of the cells to sign in.
func signRun() []string { return []string{HeadRole, HeadName, HeadSignedAt, HeadDecision, HeadComment} }

// newForm reads a row as the header, nil when it has not all of the heads, of which runs stand side by side. timed is
// the head of a time, "" where there is none.
func newForm(sheet, timed string, heads []string, runs [][]string, cells []table.Cell) (*form, error) {
	h := headerOf(cells, timed)
	for _, head := range heads {
		if !slices.Contains(h.heads, strings.ToLower(head)) {
			return nil, nil //nolint:nilnil // no header, no mistake
		}
	}
	f := &form{sheet: sheet, columns: map[string]int{}}
	for _, run := range runs {
		for at, head := range run {
			if !slices.Contains(heads, head) {
				continue
			}
			best, others, err := h.place(run, at)
			if err != nil {
				return nil, fmt.Errorf("%w: %s", ErrColumns, err.Error())
			}
			f.columns[head], f.others = best, append(f.others, others...)
		}
	}
	if timed == "" {
		return f, nil
	}
	zone := h.zones[f.columns[timed]]
	var err error
	if f.zone, err = time.LoadLocation(zone); err != nil || zone == "" {
		return nil, nil //nolint:nilerr,nilnil // another table's header
	}
	return f, nil
}

// see counts what is filled in below columns that are not read.
func (f *form) see(cells []table.Cell) {
	for i := range f.others {
		if o := &f.others[i]; o.column < len(cells) && cells[o.column].Text != "" {
			o.filled++
		}
	}
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

// isExceptions reports whether a sheet of a workbook is one of the exceptions, by its name.
func isExceptions(name string) bool {
	return name == ExceptionSheet || strings.HasPrefix(name, ExceptionSheet+" (")
}

// lookRows sets how many rows of a sheet whose name tells nothing are looked at.
const lookRows = 60

// errLooked ends the reading of a sheet that was looked at.
var errLooked = errors.New("looked at")

// look recognizes a sheet by its content where its name does not tell: one of the exceptions, or the one to sign on.
// Somebody may have given it another name.
func (b sheets) look(sheet int) (exceptions, sign bool) {
	err := b.eachRow(sheet, func(number int, cells []table.Cell) error {
		h := headerOf(cells, HeadDecidedAt)
		all := true
		for _, head := range exceptionHeads() {
			all = all && slices.Contains(h.heads, strings.ToLower(head))
		}
		exceptions = exceptions || all
		sign = sign || slices.ContainsFunc(cells, func(c table.Cell) bool { return c.Text == LabelFigures })
		if exceptions || sign || number > lookRows {
			return errLooked
		}
		return nil
	})
	return exceptions, sign && (err == nil || errors.Is(err, errLooked))
}

// kinds returns which sheets are of the exceptions, and which is to be signed on, -1 for none: by their names, or where
// none bears one by what stands in them.
func (b sheets) kinds() (exceptions []int, sign int) {
	sign = slices.Index(b.names, SignSheet)
	for i, name := range b.names {
		if isExceptions(name) {
			exceptions = append(exceptions, i)
		}
	}
	if len(exceptions) > 0 && sign >= 0 {
		return exceptions, sign
	}
	named := len(exceptions) > 0
	for i, name := range b.names {
		if i == sign || isExceptions(name) || name == DisputeSheet {
			continue
		}
		one, other := b.look(i)
		if one && !named {
			exceptions = append(exceptions, i)
		}
		if other && sign < 0 {
			sign = i
		}
	}
	return exceptions, sign
}

// file reads the exceptions and the sheet to sign on.
func (r *workReader) file(path string) error {
	return openWorkbook(path, func(book sheets) error {
		r.from1904 = book.from1904
		exceptions, sign := book.kinds()
		if len(exceptions) == 0 && sign < 0 {
			return ErrNoFinance
		}
		r.listed = len(exceptions) > 0
		for i, name := range book.names {
			var err error
			switch {
			case i == sign:
				err = r.signSheet(book, i)
			case name == DisputeSheet:
				err = r.disputeSheet(book, i)
			case slices.Contains(exceptions, i):
				err = r.exceptionSheet(book, i)
			}
			if err != nil {
				return err
			}
		}
		if sign < 0 {
			r.found.Notes = append(r.found.Notes, "no sheet "+SignSheet+": nobody's signature is read")
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
			var err error
			f, err = newForm(name, HeadDecidedAt, exceptionHeads(), exceptionRuns(), cells)
			return err
		}
		f.see(cells)
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
	if f != nil {
		r.found.Notes = append(r.found.Notes, otherNotes(f.others, f.columns)...)
	}
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
			switch {
			case i+1 == len(cells):
			case cell.Text == LabelFigures:
				r.figures = strings.TrimSpace(cells[i+1].Text)
				if month, _, _ := strings.Cut(r.figures, " "); month != "" {
					r.found.Month = month
				}
			case cell.Text == LabelWorked:
				r.worked = strings.TrimSpace(cells[i+1].Text)
			}
		}
		if f == nil {
			var err error
			f, err = newForm(book.names[sheet], HeadSignedAt, signRun(), [][]string{signRun()}, cells)
			return err
		}
		w := formRow{f, number, slices.Clone(cells)}
		if !slices.ContainsFunc(accounts.Roles(),
			func(role string) bool { return w.text(HeadRole) == RoleLabel(role) }) {
			return nil
		}
		if strings.TrimSpace(w.text(HeadName)) != "" {
			r.signs = append(r.signs, w)
		} else if w.text(HeadSignedAt)+w.text(HeadDecision)+w.text(HeadComment) != "" {
			r.mistake(w.sheet, w.location(HeadName), "no name: who has signed?")
		}
		return nil
	})
}
