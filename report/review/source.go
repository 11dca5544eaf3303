package review

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"liverecon/batch/table"
)

// UnreadableError represents a file that may be a filled-in workbook and cannot be read as it is. Its text says what to
// do. Such a file is no queue, either.
type UnreadableError struct{ Err error }

func (e *UnreadableError) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *UnreadableError) Unwrap() error { return e.Err }

// Is reports it to be no queue.
func (e *UnreadableError) Is(target error) bool { return target == ErrNoQueue }

// file reads every part of the queue in a workbook, or in a text that a spreadsheet saved its sheet as.
func (r *decisionReader) file(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if base := filepath.Base(path); strings.HasPrefix(base, "~$") || strings.HasPrefix(base, ".~lock.") {
		return &UnreadableError{errors.New("the mark of a workbook that somebody has open, not the workbook: " +
			"give the file without " + base[:2])}
	}
	head := make([]byte, 8)
	n, err := io.ReadFull(f, head)
	switch {
	case n == 0:
		return &UnreadableError{errors.New("an empty file: was it saved, or is it still being synchronised?")}
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return &UnreadableError{oldOrLocked(f, info.Size())}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		archive, err := zip.NewReader(f, info.Size())
		if err != nil {
			return &UnreadableError{fmt.Errorf("the workbook's archive is damaged (%w): copy the file again", err)}
		}
		if table.IsWorkbook(archive) {
			return r.workbook(f, info.Size())
		}
	}
	return r.text(f, info.Size())
}

// oldOrLocked tells a workbook of Excel 97 from a newer one with a password: both are files of the same kind. Which one
// a file is, the name of what it holds tells, in UTF-16.
func oldOrLocked(f io.ReaderAt, size int64) error {
	name := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	directory, _ := io.ReadAll(io.NewSectionReader(f, 0, min(size, 64<<20))) // what was read is looked through
	if bytes.Contains(directory, name) {
		return errors.New("a workbook with a password: open it, take the password off (File, Info, Protect Workbook), " +
			"save it, and give it again")
	}
	return errors.New("an old Excel workbook (.xls): save it as .xlsx, and give that")
}

// workbook reads the sheets of the queue. Where none bears its name, any sheet with its columns is one: somebody has
// given it another name.
func (r *decisionReader) workbook(f io.ReaderAt, size int64) error {
	book, err := table.OpenWorkbook(f, size)
	if err != nil {
		return &UnreadableError{err}
	}
	r.from1904 = book.From1904
	named := func(name string) bool {
		name = strings.ToLower(strings.TrimSpace(name))
		queue := strings.ToLower(QueueSheet)
		return name == queue || strings.HasPrefix(name, queue+" (")
	}
	anyNamed, found := false, false
	for _, s := range book.Sheets {
		anyNamed = anyNamed || named(s.Name)
	}
	for _, s := range book.Sheets {
		if anyNamed && !named(s.Name) {
			continue
		}
		rows, err := book.OpenSheet(s)
		if err != nil {
			return &UnreadableError{err}
		}
		read, err := r.table(s.Name, rows)
		if err != nil {
			return err
		}
		if !read && anyNamed {
			return ErrNoQueue
		}
		found = found || read
	}
	if !found {
		return ErrNoQueue
	}
	return nil
}

// text reads the queue as CSV, whatever its cells are parted by.
func (r *decisionReader) text(f io.ReaderAt, size int64) error {
	for _, comma := range []rune{',', ';', '\t'} {
		rows, err := table.OpenCSV(f, size, comma)
		if err != nil {
			return &UnreadableError{err}
		}
		if read, err := r.table("", rows); read || err != nil {
			return err
		}
	}
	return ErrNoQueue
}

// headRows sets within how many rows the header must stand.
const headRows = 50

// table reads the rows below a header, false when there is none.
func (r *decisionReader) table(name string, rows table.Rows) (bool, error) {
	var form *queueForm
	for {
		row, err := rows.Next()
		switch {
		case errors.Is(err, io.EOF):
			if form != nil {
				r.queue.Notes = append(r.queue.Notes, form.notes()...)
			}
			return form != nil, nil
		case err != nil && form == nil && name == "":
			return false, nil // what a text that is no table ends with
		case err != nil:
			return false, &UnreadableError{fmt.Errorf("%s: %w", name, err)}
		case form != nil && row.Damage != "":
			w := queueRow{form, row.Line, nil}
			r.wrong[w.place()] = true
			r.mistake(name, fmt.Sprintf("A%d", row.Line), "%s", row.Damage)
		case form != nil:
			if err := r.row(queueRow{form, row.Line, row.Cells}); err != nil {
				return false, err
			}
		case row.Line > headRows:
			return false, nil
		default:
			if form, err = newQueueForm(name, row.Cells); err != nil {
				return false, err
			}
			if form != nil {
				rows.Below(form.shape(len(row.Cells)))
			}
		}
	}
}
