package verify

import (
	"errors"
	"hash/maphash"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"liverecon/report/xlsx"
)

// figureRows bounds the rows of a sheet whose figures are looked for: they are all held at once.
const figureRows = 200_000

// figure represents a number of a sheet, and where it stands.
type figure struct {
	cell  xlsx.Ref
	value string
}

// figuresOf holds the figures of a sheet by what they are called: the first text of their row, and the nearest one
// above them. Those that are called the same stand in the order of the sheet.
type figuresOf struct {
	byName map[uint64][]figure
	order  []uint64 // of the names
	cut    bool     // the sheet is longer than figureRows
}

// CompareFigures compares the figures of two workbooks that different versions of the program have written: sheets,
// their order, texts, formulas and where a figure stands may have changed, and what a figure is called ties the two
// together. Those that only one of them has are counted as Alone.
func CompareFigures(right, given string) (c Comparison, err error) {
	want, got, closeBoth, err := openBoth(right, given)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, closeBoth()) }()
	seed := maphash.MakeSeed()
	for _, sheet := range want.GetSheetList() {
		if !slices.Contains(got.GetSheetList(), sheet) {
			continue
		}
		a, err := readFigures(want, sheet, seed)
		if err != nil {
			return c, err
		}
		b, err := readFigures(got, sheet, seed)
		if err != nil {
			return c, err
		}
		c.figures(sheet, a, b)
		if a.cut || b.cut {
			c.Cut = append(c.Cut, sheet)
		}
	}
	return c, nil
}

// figures compares what is called the same on both sides.
func (c *Comparison) figures(sheet string, want, got figuresOf) {
	for _, name := range got.order {
		right, given := want.byName[name], got.byName[name]
		if len(right) != len(given) { // nobody knows which of them belong together
			c.Alone += max(len(right), len(given))
			continue
		}
		for i, g := range given {
			c.Cells++
			if !sameValue(right[i].value, g.value) {
				c.differs(Difference{Sheet: sheet, Cell: g.cell.String(), Want: right[i].value, Got: g.value})
			}
		}
	}
	for name, right := range want.byName {
		if _, both := got.byName[name]; !both {
			c.Alone += len(right)
		}
	}
}

// readFigures reads the figures of a sheet.
func readFigures(f *excelize.File, sheet string, seed maphash.Seed) (all figuresOf, err error) {
	all.byName = map[uint64][]figure{}
	rows, err := f.Rows(sheet)
	if err != nil {
		return all, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var heads []string // by column, the nearest text above
	for row := 1; ; row++ {
		cells, more, err := nextRow(rows)
		if err != nil || !more {
			return all, err
		}
		if row > figureRows {
			all.cut = true
			return all, nil
		}
		label := ""
		for i, text := range cells {
			for len(heads) <= i {
				heads = append(heads, "")
			}
			if text == "" {
				continue
			}
			if _, err := strconv.ParseFloat(text, 64); err != nil {
				if heads[i] = text; label == "" {
					label = text
				}
				continue
			}
			var h maphash.Hash
			h.SetSeed(seed)
			_, _ = h.WriteString(label + "\x00" + heads[i]) // it never fails
			name := h.Sum64()
			if all.byName[name] == nil {
				all.order = append(all.order, name)
			}
			all.byName[name] = append(all.byName[name], figure{xlsx.Ref{Col: i + 1, Row: row}, text})
		}
	}
}
