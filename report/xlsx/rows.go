package xlsx

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// MaxRows holds the number of rows a worksheet has.
const MaxRows = 1048576

// rowWriter writes the rows of a list as worksheet XML. Text stands in the cell itself rather than in the workbook's
// table of strings, which would have to be kept in memory.
type rowWriter struct {
	out     *bufio.Writer
	behind  *behind
	row     int
	styles  map[Style]int
	names   []string
	inset   []bool
	formats []Format
	wrap    []int     // how many characters a line of each column takes that wraps, 0 for others
	last    []styleID // of each column's last cell: few columns change their style
	line    []byte
}

// styleID represents a style with its number in the file.
type styleID struct {
	style Style
	id    int
	known bool
}

func newRowWriter(out io.Writer, l *List, styles map[Style]int) *rowWriter {
	w := &rowWriter{behind: writeBehind(out), row: l.First, styles: styles}
	w.out = bufio.NewWriterSize(w.behind, behindBytes)
	for i := range l.Columns {
		w.names = append(w.names, ColumnName(l.Left+i+1))
		w.inset = append(w.inset, l.inset(i))
		w.formats = append(w.formats, l.Columns[i].Format)
		w.wrap = append(w.wrap, Int(l.Columns[i].Wrap)*int(l.Columns[i].Width*1.15))
	}
	w.last = make([]styleID, len(l.Columns))
	return w
}

// write writes the next row; it has at most as many cells as the list has columns.
func (w *rowWriter) write(cells []Cell) error {
	if w.row++; w.row > MaxRows || len(cells) > len(w.names) {
		return fmt.Errorf("row %d with %d cells does not fit into a list of %d columns", w.row, len(cells),
			len(w.names))
	}
	line := w.line[:0]
	line = append(line, `<row r="`...)
	line = strconv.AppendInt(line, int64(w.row), 10)
	line = append(line, '"')
	if lines := w.lines(cells); lines > 1 { // a row without a height is as high as one line
		line = append(line, ` ht="`...)
		line = strconv.AppendInt(line, int64(2+13*lines), 10)
		line = append(line, `" customHeight="1"`...)
	}
	line = append(line, '>')
	for i := range cells {
		c := &cells[i]
		c.Style.Inset, c.Style.Wrap = w.inset[i], w.wrap[i] > 0
		if c.Kind == Empty || c.Style.Format == General {
			c.Style.Format = w.formats[i]
		}
		if last := &w.last[i]; !last.known || last.style != c.Style {
			last.style = c.Style
			if last.id, last.known = w.styles[c.Style]; !last.known {
				return fmt.Errorf("row %d: style %v is not registered", w.row, c.Style)
			}
		}
		line = w.appendCell(line, w.names[i], w.last[i].id, c)
	}
	line = append(line, "</row>"...)
	w.line = line
	_, err := w.out.Write(line)
	return err
}

// mostLines bounds the lines of a row: nobody reads a longer text in a list.
const mostLines = 6

// lines returns how many lines a row's longest wrapped text takes.
func (w *rowWriter) lines(cells []Cell) int {
	most := 1
	for i := range cells {
		if w.wrap[i] > 0 && len(cells[i].Text) > w.wrap[i] {
			most = max(most, Lines(cells[i].Text, w.wrap[i]))
		}
	}
	return min(most, mostLines)
}

func (w *rowWriter) appendCell(line []byte, column string, style int, c *Cell) []byte {
	if c.Kind == Empty && c.Style.Role == Body {
		return line
	}
	line = append(line, `<c r="`...)
	line = append(line, column...)
	line = strconv.AppendInt(line, int64(w.row), 10)
	line = append(line, `" s="`...)
	line = strconv.AppendInt(line, int64(style), 10)
	if c.Kind == Empty || c.Kind == Text && c.Text == "" && c.Formula == "" {
		return append(line, `"/>`...)
	}
	if c.Formula != "" {
		return appendFormula(line, c)
	}
	if c.Kind == Number {
		line = append(line, `"><v>`...)
		line = append(line, c.Number...)
		return append(line, "</v></c>"...)
	}
	text := fit(c.Text)
	line = append(line, `" t="inlineStr"><is><t`...)
	if spaced(text) {
		line = append(line, ` xml:space="preserve"`...)
	}
	line = append(line, '>')
	line = appendEscaped(line, text)
	return append(line, "</t></is></c>"...)
}

// spaced reports whether a text begins or ends with a space, or holds other white space: a reader may take that away
// unless told to keep it. Being told costs a third of a sheet's size.
func spaced(text string) bool {
	if text != "" && (text[0] == ' ' || text[len(text)-1] == ' ') {
		return true
	}
	for i := range len(text) {
		if text[i] < ' ' {
			return true
		}
	}
	return false
}

// appendFormula appends the rest of a cell that has a formula, and the formula's value.
func appendFormula(line []byte, c *Cell) []byte {
	if c.Kind == Text {
		line = append(line, `" t="str`...)
	}
	line = append(line, `"><f>`...)
	line = appendEscaped(line, c.Formula)
	line = append(line, "</f><v>"...)
	line = appendEscaped(line, c.Value())
	return append(line, "</v></c>"...)
}

// finish makes sure that as many rows were written as were announced. It must be called, also after an error.
func (w *rowWriter) finish(l *List) error {
	if err := errors.Join(w.out.Flush(), w.behind.Close()); err != nil {
		return err
	}
	if n := w.row - l.First; n != l.Count {
		return fmt.Errorf("list has %d rows, %d were counted", n, l.Count)
	}
	return nil
}
