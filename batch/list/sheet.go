package list

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"liverecon/batch/table"
)

// A list may be a workbook, or an archive with one text in it. The sheet is read by package table, strictly: excelize's
// rows iterator takes a sheet that is cut off for one that ends there. Its rows then pass as CSV through all that other
// lists pass.

var (
	zipMagic   = []byte("PK\x03\x04")
	emptyMagic = []byte("PK\x05\x06")
)

// openArchive opens a file that begins like a ZIP archive.
func (t *listText) openArchive(path string, aliases listAliases) error {
	refuse := func(problem, hint string) error { return &Error{File: path, Problem: problem, Hint: hint} }
	stat, err := t.file.Stat()
	if err != nil {
		return fmt.Errorf("open list: %w", err)
	}
	archive, err := zip.NewReader(t.file, stat.Size())
	if err != nil {
		return refuse("a damaged archive or workbook: "+err.Error(), "copy the file again")
	}
	if table.IsWorkbook(archive) {
		return t.openWorkbook(path, stat.Size(), aliases)
	}
	packed, err := packedList(archive)
	if err != nil {
		return refuse(err.Error(), "pack one list by itself, or with gzip")
	}
	in, err := packed.Open()
	if err != nil {
		return refuse("a damaged archive: "+err.Error(), "copy the file again")
	}
	t.packed, t.name = "+zip", packed.Name
	return t.decodeBody(path, in)
}

// packedList finds the one list in an archive.
func packedList(archive *zip.Reader) (*zip.File, error) {
	packed, err := table.OnlyFile(archive, "list")
	if err == nil && (!hasListSuffix(packed.Name) || strings.EqualFold(filepath.Ext(packed.Name), ".zip")) {
		err = fmt.Errorf("an archive of %q, which is no list", cutListValue(filepath.Base(packed.Name), false))
	}
	return packed, err
}

// openWorkbook finds the sheet with the IDs.
func (t *listText) openWorkbook(path string, size int64, aliases listAliases) error {
	refuse := func(problem, hint string) error { return &Error{File: path, Problem: problem, Hint: hint} }
	book, err := table.OpenWorkbook(t.file, size)
	if err != nil {
		return refuse(err.Error(), "save the list as XLSX or CSV again")
	}
	var with, without []string
	var chosen sheet
	var above int // rows above the header of the chosen one
	for _, s := range book.Sheets {
		open := func() (table.Rows, error) { return book.OpenSheet(s) }
		ids, names, rowsAbove, err := sheetHeader(open, aliases)
		switch {
		case err != nil && !s.Hidden:
			return refuse(fmt.Sprintf("sheet %q: %v", s.Name, err), "save the workbook again, or the sheet as CSV")
		case len(ids) == 0:
			without = append(without, fmt.Sprintf("%q (%s)", s.Name, listColumns{names: names}.summary()))
		case s.Hidden:
			t.notes = append(t.notes, fmt.Sprintf("sheet %q has IDs, too, but is hidden and not read", s.Name))
		default:
			// One that begins with its header goes before others.
			if with = append(with, strconv.Quote(s.Name)); len(with) == 1 || above > 0 && rowsAbove == 0 {
				chosen, above = sheet{name: s.Name, open: open, ids: ids, from1904: book.From1904}, rowsAbove
			}
		}
	}
	if len(with) == 0 {
		return refuse("no sheet with an ID column: expected livenessId or signatureId in its first rows, found "+
			strings.Join(without, ", "),
			"name the column in the configuration under [input] columns")
	}
	if len(with) > 1 {
		t.notes = append(t.notes, fmt.Sprintf("sheets %s have IDs: only %q is read; save each as a list",
			strings.Join(with, ", "), chosen.name))
	}
	t.sheet = &chosen
	t.encoding, t.body = "xlsx", &chosen
	return nil
}

// sheetHeader finds a sheet's header, with its ID columns, and how many rows stand above it; where no row has any, the
// names are those of the first row.
func sheetHeader(
	open func() (table.Rows, error), aliases listAliases,
) (ids []int, names []string, above int, err error) {
	rows, err := open()
	if err != nil {
		return nil, nil, 0, err
	}
	header, rowsAbove, err := findListHeader(&firstRow{Rows: rows, names: &names}, aliases)
	if err != nil || len(header.Cells) == 0 {
		return nil, names, 0, err
	}
	names = cellNames(header)
	return idColumns(names, aliases), names, len(rowsAbove), nil
}

// firstRow keeps the cells of the first row that has any.
type firstRow struct {
	table.Rows
	names *[]string
}

func (f *firstRow) Next() (table.Row, error) {
	row, err := f.Rows.Next()
	if err == nil && *f.names == nil && !isEmpty(row) {
		*f.names = cellNames(row)
	}
	return row, err
}

func isEmpty(row table.Row) bool {
	return !slices.ContainsFunc(row.Cells, func(c table.Cell) bool {
		return c.Broken != "" || trimListCell(c.Text) != ""
	})
}

// sheet implements an io.Reader of a sheet's rows as CSV, each on the line of its number.
type sheet struct {
	name     string
	open     func() (table.Rows, error)
	ids      []int // columns
	from1904 bool

	rows   table.Rows
	line   int // that the next row begins on
	out    []byte
	left   []byte // of out, not read yet
	hidden int    // rows
	ended  error
}

func (s *sheet) Read(p []byte) (int, error) {
	if s.rows == nil && s.ended == nil {
		s.line = 1
		s.rows, s.ended = s.open()
	}
	for len(s.left) == 0 {
		if s.ended != nil {
			return 0, s.ended
		}
		row, err := s.rows.Next()
		if err != nil {
			if s.ended = err; !errors.Is(err, io.EOF) {
				s.ended = &damagedSheet{err}
			}
			continue
		}
		s.write(row)
	}
	n := copy(p, s.left)
	s.left = s.left[n:]
	return n, nil
}

// damagedSheet wraps an error of the sheet's reader.
type damagedSheet struct{ error }

func (s *sheet) write(row table.Row) {
	s.out = append(s.out[:0], bytes.Repeat([]byte{'\n'}, row.Line-s.line)...)
	s.line = row.Line + 1
	if row.Hidden && !isEmpty(row) {
		s.hidden++
	}
	for i, c := range row.Cells {
		if i > 0 {
			s.out = append(s.out, ',')
		}
		text := s.text(c, slices.Contains(s.ids, i))
		if text != "" {
			text = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", `"`, `""`).Replace(text)
			s.out = append(append(append(s.out, '"'), text...), '"')
		}
	}
	s.out = append(s.out, '\n')
	s.left = s.out
}

// text returns what a cell holds, as a list has it. What a spreadsheet did to an ID shows: a number of more digits than
// it keeps is none, a day is a date; digits in a cell of text are as they were written.
func (s *sheet) text(c table.Cell, id bool) string {
	const kept = 15 // digits of a number
	switch {
	case c.Merged && id: // one ID is one row
		return brokenMark + "a cell that is merged with the one above: an ID needs a cell of its own"
	case c.Broken != "":
		return brokenMark + c.Broken
	case !c.Number:
		if text := trimListCell(c.Text); id && text != "" && strings.Trim(text, "0123456789") == "" {
			return "'" + text
		}
		return c.Text
	}
	number, err := strconv.ParseFloat(c.Text, 64)
	switch {
	case err != nil:
		return c.Text
	case c.Shown.Time:
		return s.date(number)
	case id && (len(strings.Trim(c.Text, "-.")) > kept || strings.ContainsAny(c.Text, "eE")):
		return brokenMark + "a number of more than 15 digits, of which a spreadsheet keeps 15: give the column as text"
	}
	return c.Text
}

// brokenMark begins the text of a sheet's cell that should have a value and has none; what follows says why. It is no
// character of Unicode that a text has.
const brokenMark = "\ufdd0"

// broken returns why a sheet's cell has no value, "" for one that has.
func (t *listText) broken(text string) string {
	if why, ok := strings.CutPrefix(text, brokenMark); ok && t.sheet != nil {
		return why
	}
	return ""
}

// shown returns a cell's text as UTF-8, with # for what a sheet's cell lacks.
func (t *listText) shown(cell string) string {
	text := t.decode(cell)
	if why := t.broken(text); why != "" {
		return "#" + why
	}
	return text
}

// date returns a day count as a date, with the time of day where it has one.
func (s *sheet) date(days float64) string {
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if s.from1904 {
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	const most = 3_000_000 // days: far beyond the year 9999
	if days < 0 || days > most {
		return strconv.FormatFloat(days, 'E', -1, 64)
	}
	at := first.AddDate(0, 0, int(days)).Add(time.Duration((days-float64(int(days)))*86400+0.5) * time.Second)
	if days == float64(int(days)) {
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}

// words returns what somebody should know of the list's workbook.
func (t *listText) words() []string {
	if t.sheet != nil && t.sheet.hidden > 0 {
		return append(t.notes, fmt.Sprintf("%s hidden or filtered out in its sheet, and read all the same",
			english.Plural(t.sheet.hidden, "row is", "rows are")))
	}
	return t.notes
}
