package table

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"liverecon/batch/billing"
)

const (
	maxSharedText    = 256 << 20 // bytes of all shared strings
	maxSharedStrings = 8 << 20
	maxSheetColumns  = 1024
	maxCellText      = 64 << 10 // bytes; Excel's own limit is 32,767 characters
)

var errCellTooLong = fmt.Errorf("a cell of more than %d KiB", maxCellText>>10)

// sharedStrings holds the texts that cells refer to by number, in one piece.
type sharedStrings struct {
	text []byte
	ends []int
}

func (s *sharedStrings) at(index string) (string, bool) {
	i, err := strconv.Atoi(index)
	if s == nil || err != nil || i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := 0
	if i > 0 {
		from = s.ends[i-1]
	}
	return string(s.text[from:s.ends[i]]), true
}

// readSharedStrings joins the runs of each text and leaves phonetic ones out.
func (w *workbook) readSharedStrings(part string) (*sharedStrings, error) {
	t, err := w.tokens(part)
	if err != nil {
		return nil, err
	}
	s := &sharedStrings{}
	for depth := 0; ; {
		token, err := t.next(&depth)
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "si" {
			if s.text, err = t.richText(s.text, &depth); err != nil {
				return nil, err
			}
			if s.ends = append(s.ends, len(s.text)); len(s.text) > maxSharedText || len(s.ends) > maxSharedStrings {
				return nil, fmt.Errorf("more than %d MiB of shared texts", maxSharedText>>20)
			}
		}
		if _, ok := token.(xml.EndElement); ok && depth == 0 {
			return s, t.end()
		}
	}
}

// richText appends the text of an si or is element, whose start was read.
func (t *tokens) richText(text []byte, depth *int) ([]byte, error) {
	before, outside, phonetic, inText, begin := len(text), *depth, 0, false, 0
	for *depth >= outside {
		token, err := t.next(depth)
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			inText, begin = token.Name.Local == "t", len(text)
			if token.Name.Local == "rPh" {
				phonetic = *depth
			}
		case xml.EndElement:
			if inText {
				text = unescape(text, begin)
			}
			inText = false
			if *depth < phonetic {
				phonetic = 0
			}
		case xml.CharData:
			if inText && phonetic == 0 {
				text = append(text, token...)
			}
		}
		if len(text)-before > maxCellText {
			return nil, partError(t.part, errCellTooLong)
		}
	}
	return text, nil
}

// sheetRows streams the rows of one sheet.
type sheetRows struct {
	book   *workbook
	tokens *tokens
	depth  int
	line   int
	cells  []Cell
	merges merges
}

func (w *workbook) OpenSheet(s sheetPart) (Rows, error) {
	ranges, err := readMerges(w, s.part)
	if err != nil {
		return nil, err
	}
	t, err := w.tokens(s.part)
	if err != nil {
		return nil, err
	}
	return &sheetRows{book: w, tokens: t, merges: merges{ranges: ranges}}, nil
}

// Next looks for the next row element. The file's rows are in order, and those
// that are empty may be missing.
func (s *sheetRows) Next() (Row, error) {
	for {
		token, err := s.tokens.next(&s.depth)
		if err != nil {
			return Row{}, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "row" {
				return s.row(token)
			}
		case xml.EndElement:
			if token.Name.Local == "sheetData" {
				return Row{}, s.end()
			}
		}
	}
}

// Below changes nothing: the rows of a sheet cannot be taken for others.
func (s *sheetRows) Below(Shape) {}

func (s *sheetRows) end() error {
	if err := s.tokens.end(); err != nil {
		return err
	}
	return io.EOF
}

func (s *sheetRows) row(start xml.StartElement) (Row, error) {
	line := s.line + 1
	if r := attribute(start, "r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n < line || n > 1<<20 {
			return Row{}, partError(s.tokens.part, fmt.Errorf("row %s after row %d", billing.Quote(r), s.line))
		}
		line = n
	}
	apart := line > s.line+1
	s.line, s.cells = line, s.cells[:0]
	for outside := s.depth; s.depth >= outside; {
		token, err := s.tokens.next(&s.depth)
		if err != nil {
			return Row{}, err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "c" {
			if err := s.cell(start); err != nil {
				return Row{}, err
			}
		}
	}
	if len(s.merges.ranges) > 0 {
		s.fill()
	}
	hidden := attribute(start, "hidden")
	return Row{Line: line, Cells: s.cells, Hidden: hidden == "1" || hidden == "true", Apart: apart}, nil
}

// cell reads a cell and puts it into its column.
func (s *sheetRows) cell(start xml.StartElement) error {
	column, err := columnOf(attribute(start, "r"), len(s.cells), s.line)
	if err != nil {
		return partError(s.tokens.part, err)
	}
	kind := attribute(start, "t")
	value, uncomputed, err := s.value(kind == "str")
	if err != nil {
		return err
	}
	c := s.book.cell(kind, value, uncomputed)
	if c.Number {
		c.Shown = s.book.shown[attribute(start, "s")]
	}
	if c == (Cell{}) && column >= maxSheetColumns {
		return nil // a format and no value
	}
	if column >= maxSheetColumns {
		return partError(s.tokens.part, fmt.Errorf("row %d has more than %d columns", s.line, maxSheetColumns))
	}
	for len(s.cells) < column {
		s.cells = append(s.cells, Cell{})
	}
	s.cells = append(s.cells, c)
	return nil
}

// value reads to the end of a cell: the value kept with it, which for a formula is its result, and whether there is a
// formula without one. An empty result is one where it is a text; openpyxl and others write it for each formula, which
// they do not compute.
func (s *sheetRows) value(isText bool) (text string, uncomputed bool, err error) {
	var b []byte
	element, formula, computed := "", false, false
	for outside := s.depth; s.depth >= outside; {
		token, err := s.tokens.next(&s.depth)
		if err != nil {
			return "", false, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			element = token.Name.Local
			formula, computed = formula || element == "f", computed || element == "v"
			if element == "is" {
				if b, err = s.tokens.richText(b, &s.depth); err != nil {
					return "", false, err
				}
			}
		case xml.EndElement:
			element = ""
		case xml.CharData:
			if element == "v" {
				b = append(b, token...)
			}
		}
		if len(b) > maxCellText {
			return "", false, partError(s.tokens.part, errCellTooLong)
		}
	}
	return string(b), formula && (!computed || len(b) == 0 && !isText), nil
}

// cell interprets a value by its type.
func (w *workbook) cell(kind, value string, uncomputed bool) Cell {
	if uncomputed {
		return Cell{Broken: "a formula without a result: open the workbook in a spreadsheet, save it, and take that"}
	}
	switch kind {
	case "", "n":
		return Cell{Text: value, Number: value != ""}
	case "s":
		text, ok := w.strings.at(value)
		if !ok {
			return Cell{Broken: "a reference to a text that is not in the workbook"}
		}
		return Cell{Text: text}
	case "str":
		return Cell{Text: string(unescape([]byte(value), 0))}
	case "inlineStr", "d":
		return Cell{Text: value}
	case "b":
		return Cell{Text: map[string]string{"0": "FALSE", "1": "TRUE"}[value]}
	case "e":
		return Cell{Broken: "the error " + billing.Quote(value)}
	}
	return Cell{Broken: "a cell of unknown type " + billing.Quote(kind)}
}

// columnOf reads the column, from 0, of a cell's reference such as "AB12". Cells
// come in order; one without a reference follows the one before.
func columnOf(reference string, next, line int) (int, error) {
	if reference == "" {
		return next, nil
	}
	letters := strings.TrimRight(reference, "0123456789")
	if len(letters) > 3 || !billing.IsUpper(letters) || letters == "" ||
		reference[len(letters):] != strconv.Itoa(line) {
		return 0, fmt.Errorf("cell %s in row %d", billing.Quote(reference), line)
	}
	column := columnNumber(letters)
	if column < next {
		return 0, errors.New("cell " + billing.Quote(reference) + " comes twice or out of order")
	}
	return column, nil
}
