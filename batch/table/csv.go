package table

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"strings"
)

// Row represents a row of a statement as its format gives it.
type Row struct {
	Line   int
	Cells  []Cell // valid until the next row is read
	Damage string // why it has no cells, if it has none
	Hidden bool   // a sheet's row that its filter or somebody hid
	Open   bool   // the last of a text, without an end of its line: it may have been cut off
	Apart  bool   // a blank line stands above it
}

// Cell represents one cell. Of a CSV all are text.
type Cell struct {
	Text   string
	Number bool   // text is a binary number as a workbook keeps it
	Merged bool   // the cell is merged with one above, whose text it has
	Shown  Format // as what a number's format shows it
	Broken string // why the cell has no value, if it should have one
}

// Rows reads a format row by row. Its errors end the reading; io.EOF is
// the regular end.
type Rows interface {
	Next() (Row, error)
	// Below notes what the header, the row that was read last, says of the rows below it.
	Below(Shape)
}

// csvRows reads delimited text. Its columns and what is in them are known only at run time, so that there is no struct
// for gocsv to fill.
type csvRows struct {
	frames *Framer
	comma  string
	cells  []Cell
}

// OpenCSV opens delimited text, packed and encoded however.
func OpenCSV(file io.ReaderAt, size int64, comma rune) (Rows, error) {
	text, err := textOf(file, size)
	if err != nil {
		return nil, err
	}
	c := &csvRows{comma: string(comma), frames: NewFramer(&bounded{r: text}, nil)}
	c.frames.delimiter, c.frames.extras = byte(comma), true
	if err := c.frames.DetectLoneCR(); err != nil {
		return nil, textDamage(err)
	}
	return c, nil
}

func (c *csvRows) Below(s Shape) {
	c.frames.fields, c.frames.idColumns, c.frames.used = s.Fields, s.IDs, s.Used
}

func (c *csvRows) Next() (Row, error) {
	f, apart := c.frames, false
	for {
		w, err := f.fill()
		if err != nil {
			return Row{}, textDamage(err)
		}
		if len(w) == 0 {
			return Row{}, io.EOF
		}
		frame, row := f.scan(w), Row{Line: f.line}
		switch {
		case frame.Reason != "":
			row.Damage = frame.Detail
			return row, textDamage(f.Skip(frame))
		case len(frame.Text) == 0:
			if err := f.Skip(frame); err != nil {
				return Row{}, textDamage(err)
			}
			apart = true
			continue
		}
		row.Apart = apart
		row.Cells = c.split(frame.Text)
		if c.swallowed() {
			row.Cells, row.Damage = nil, "a quoted cell of several lines holds what looks like whole rows: is a quote missing? "+
				"Take the line ends out of it, or the quote that is too many"
		}
		if bytes.IndexByte(frame.Text, 0) >= 0 && len(bytes.Trim(frame.Text, "\x00 ")) > 0 {
			row.Cells, row.Damage = nil, "a zero byte stands in it: the file is damaged"
		}
		f.advance(frame)
		row.Open = f.open
		return row, nil
	}
}

// split cuts a record into cells; one string holds all of them.
func (c *csvRows) split(text []byte) []Cell {
	c.cells = c.cells[:0]
	whole, rest := "", string(text)
	if strings.IndexByte(rest, '"') < 0 {
		for more := true; more; {
			whole, rest, more = strings.Cut(rest, c.comma)
			c.cells = append(c.cells, Cell{Text: whole})
		}
		return c.cells
	}
	for at := 0; at <= len(text); {
		cell := nextCell(text, at, c.comma[0])
		c.cells = append(c.cells, Cell{Text: cell.content(text)})
		at = cell.end + 1
	}
	return c.cells
}

// swallowed reports whether a cell of several lines holds whole rows: a quote that
// is never closed meets the next stray one in the same column of a later row, and
// what is between them has, for each line end, one delimiter less than a row has
// cells.
func (c *csvRows) swallowed() bool {
	for _, cell := range c.cells {
		ends := strings.Count(cell.Text, "\n")
		if ends > 0 && len(c.cells) > 1 && strings.Count(cell.Text, c.comma) >= ends*(len(c.cells)-1) {
			return true
		}
	}
	return false
}

// textDamage tells damage of a packed file from a failing disk.
func textDamage(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return err
	case errors.Is(err, ErrBehindGzip):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("compressed data cut off: copy the file again")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt),
		errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrFormat):
		return errors.New("compressed data damaged: copy the file again")
	}
	return err
}
