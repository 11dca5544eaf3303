package table

import (
	"compress/flate"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// Row is a row of a statement as its format gives it.
type Row struct {
	Line   int
	Cells  []Cell // valid until the next row is read
	Damage string // why it has no cells, if it has none
	Hidden bool   // a sheet's row that its filter or somebody hid
}

// Cell is one cell. Of a CSV all are text.
type Cell struct {
	Text   string
	Number bool   // text is a binary number as a workbook keeps it
	Shown  Format // as what a number's format shows it
	Broken string // why the cell has no value, if it should have one
}

// Rows is what reads a format row by row. Its errors end the reading; io.EOF is
// the regular end.
type Rows interface {
	Next() (Row, error)
}

// csvRows reads delimited text. encoding/csv is used without gocsv: the columns
// and what is in them are known only at run time, so there is no struct to fill.
type csvRows struct {
	in    *csv.Reader
	comma string
	cells []Cell
	done  int64 // bytes of the rows read so far
}

// OpenCSV opens delimited text, packed and encoded however.
func OpenCSV(file io.ReaderAt, size int64, comma rune) (Rows, error) {
	text, err := textOf(file, size)
	if err != nil {
		return nil, err
	}
	c := &csvRows{comma: string(comma)}
	c.in = csv.NewReader(&bounded{r: text, understood: func() int64 { return c.done }})
	c.in.Comma, c.in.FieldsPerRecord, c.in.ReuseRecord = comma, -1, true
	return c, nil
}

func (c *csvRows) Next() (Row, error) {
	record, err := c.in.Read()
	c.done = c.in.InputOffset()
	var syntax *csv.ParseError
	switch {
	case errors.Is(err, errRowTooLong), errors.Is(err, errTooBig):
		return Row{}, err
	case errors.As(err, &syntax):
		return Row{Line: syntax.StartLine, Damage: "damaged quotes: " + syntax.Err.Error()}, nil
	case err != nil:
		return Row{}, textDamage(err)
	}
	line, _ := c.in.FieldPos(0)
	c.cells = c.cells[:0]
	for _, text := range record {
		if c.swallows(text, len(record)) {
			return Row{Line: line, Damage: "a quote is opened and not closed before the next row"}, nil
		}
		c.cells = append(c.cells, Cell{Text: text})
	}
	return Row{Line: line, Cells: c.cells}, nil
}

// swallows reports whether a cell of several lines holds whole rows: a quote that
// is never closed meets the next stray one in the same column of a later row, and
// what is between them has, for each line end, one delimiter less than a row has
// cells.
func (c *csvRows) swallows(text string, cells int) bool {
	ends := strings.Count(text, "\n")
	return ends > 0 && cells > 1 && strings.Count(text, c.comma) >= ends*(cells-1)
}

// textDamage tells damage of a packed file from a failing disk.
func textDamage(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("compressed data cut off: copy the file again")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return errors.New("compressed data damaged: copy the file again")
	}
	return err
}
