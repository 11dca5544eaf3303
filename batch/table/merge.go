package table

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// merges holds the texts of merged cells, by column: a cell over several rows has its text in the first of them only,
// and is meant for all.
type merges struct {
	ranges []mergedRange // in the order of their first rows
	next   int           // of ranges, that begins below the rows read so far
	open   []mergedRange // that began and have not ended
}

// mergedRange represents the first column, from 0, of cells that are merged over several rows.
type mergedRange struct {
	column, first, last int
	cell                Cell
}

const maxMerges = 1 << 20 // bytes of the XML about them

var mergeReference = regexp.MustCompile(`<(?:[A-Za-z0-9]+:)?mergeCell\s[^>]*ref\s*=\s*["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']`)

// readMerges finds the merged cells of a sheet. They stand behind its rows; what is before them is passed over unread,
// and its errors are left to who reads it.
func readMerges(w *workbook, part string) ([]mergedRange, error) {
	if ranges, ok := w.merged[part]; ok {
		return ranges, nil
	}
	in, err := w.open(part)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // only read
	ranges := parseMerges(from(in, []byte("mergeCells")))
	if w.merged == nil {
		w.merged = map[string][]mergedRange{}
	}
	w.merged[part] = ranges
	return ranges, nil
}

// from returns the end of a text from the first place of a word on, up to maxMerges of it.
func from(in io.Reader, word []byte) []byte {
	window := make([]byte, 0, 64<<10)
	for {
		n, err := in.Read(window[len(window):cap(window)])
		window = window[:len(window)+n]
		if i := bytes.Index(window, word); i >= 0 {
			rest, _ := io.ReadAll(io.LimitReader(in, maxMerges))
			return append(window[max(0, i-1):], rest...)
		}
		if err != nil {
			return nil
		}
		if keep := len(word) - 1; len(window) > keep {
			window = window[:copy(window, window[len(window)-keep:])]
		}
	}
}

func parseMerges(text []byte) (ranges []mergedRange) {
	for _, found := range mergeReference.FindAllSubmatch(text, -1) {
		first, err := strconv.Atoi(string(found[2]))
		last, err2 := strconv.Atoi(string(found[4]))
		if errors.Join(err, err2) == nil && last > first {
			ranges = append(ranges, mergedRange{column: columnNumber(string(found[1])), first: first, last: last})
		}
	}
	slices.SortStableFunc(ranges, func(a, b mergedRange) int { return cmp.Compare(a.first, b.first) })
	return ranges
}

// columnNumber reads the letters of a column, from 0.
func columnNumber(letters string) int {
	column := 0
	for _, letter := range []byte(letters) {
		column = column*26 + int(letter-'A') + 1
	}
	return column - 1
}

// fill gives a row, unless it is empty, the texts of the cells that its own are merged with.
func (s *sheetRows) fill() {
	m := &s.merges
	for ; m.next < len(m.ranges) && m.ranges[m.next].first <= s.line; m.next++ {
		r := m.ranges[m.next]
		if r.first == s.line && r.column < len(s.cells) {
			r.cell = s.cells[r.column]
		}
		m.open = append(m.open, r)
	}
	filled := slices.ContainsFunc(s.cells, func(c Cell) bool { return strings.TrimSpace(c.Text) != "" || c.Broken != "" })
	kept := m.open[:0]
	for _, r := range m.open {
		if r.last < s.line {
			continue
		}
		kept = append(kept, r)
		if r.first < s.line && r.cell.Text != "" && r.column < maxSheetColumns && filled {
			for len(s.cells) <= r.column {
				s.cells = append(s.cells, Cell{})
			}
			if c := &s.cells[r.column]; strings.TrimSpace(c.Text) == "" && c.Broken == "" {
				*c = r.cell
				c.Merged = true
			}
		}
	}
	m.open = kept
}
