package verify

import (
	"errors"
	"fmt"
	"hash/maphash"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"liverecon/report/xlsx"
)

// order maps which row of the right sheet each row of the given one is, where somebody has sorted its list. Nil: every
// row stands in its place.
type order struct {
	right map[int]int // by the given row; those of the list alone
	given map[int]int // by the right row
}

func (o *order) rightOf(given int) int {
	if o != nil && o.right[given] > 0 {
		return o.right[given]
	}
	return given
}

func (o *order) givenOf(right int) int {
	if o != nil && o.given[right] > 0 {
		return o.given[right]
	}
	return right
}

// has reports whether a row is one of a list that was sorted.
func (o *order) has(row int) bool { return o != nil && o.right[row] > 0 }

// sortedRows holds the rows of a list that was sorted until both sides were read.
type sortedRows struct {
	*order
	right, given map[int][]string
	kinds        map[int][]cellKind
}

// keep takes the cells that stand in a row on either side, where the row is one of the list.
func (s sortedRows) keep(row int, right, given []string, kinds []cellKind) bool {
	if !s.has(row) {
		return false
	}
	s.right[row], s.given[row], s.kinds[row] = right, given, slices.Clone(kinds)
	return true
}

// readOrder finds out whether the list of a sheet was sorted: its rows are known by what the program wrote into them.
// Rows that were changed belong to those that nothing else belongs to, in their order. A list of more than figureRows
// is compared row by row.
func readOrder(path string, number int, want, got *excelize.File, sheet string) (*order, error) {
	first, last, err := listRows(want, sheet)
	if err != nil || last <= first || last-first >= figureRows {
		return nil, err
	}
	kinds, err := readKinds(path, number, want)
	if err != nil {
		return nil, err
	}
	columns, err := kinds.next(first)
	if err = errors.Join(err, kinds.close()); err != nil {
		return nil, err
	}
	seed := maphash.MakeSeed()
	right, err := rowKeys(want, sheet, first, last, columns, seed)
	if err != nil {
		return nil, err
	}
	given, err := rowKeys(got, sheet, first, last, columns, seed)
	if err != nil {
		return nil, err
	}
	return match(right, given, first), nil
}

// match pairs rows of the same key, and then those that are left over; nil where each pair stands in one place.
func match(right, given []uint64, first int) *order {
	rows := map[uint64][]int{}
	for i, key := range right {
		rows[key] = append(rows[key], i)
	}
	o, moved := &order{map[int]int{}, map[int]int{}}, false
	pair := func(g, r int) {
		o.right[first+g], o.given[first+r] = first+r, first+g
		moved = moved || g != r
	}
	var left []int
	for g, key := range given {
		if g < len(right) && right[g] == key { // a row in its place is that row, whichever others are like it
			pair(g, g)
		}
	}
	for g, key := range given {
		if o.has(first + g) {
			continue
		}
		free := rows[key]
		for len(free) > 0 && o.given[first+free[0]] > 0 {
			free = free[1:]
		}
		if len(free) == 0 {
			left = append(left, g)
			continue
		}
		pair(g, free[0])
		rows[key] = free[1:]
	}
	r := 0
	for _, g := range left {
		for r < len(right) && o.given[first+r] > 0 {
			r++
		}
		if r < len(right) {
			pair(g, r)
		}
	}
	if !moved {
		return nil
	}
	return o
}

// listRows returns the first and the last row of a sheet's list, without its head; 0 where it has none.
func listRows(f *excelize.File, sheet string) (first, last int, err error) {
	for _, name := range f.GetDefinedName() {
		at, cells, found := strings.Cut(name.RefersTo, "!")
		own := strings.Trim(at, "'") == strings.ReplaceAll(sheet, "'", "''")
		if !found || !own || !strings.HasSuffix(name.Name, xlsx.ListName) {
			continue
		}
		from, to, _ := strings.Cut(strings.ReplaceAll(cells, "$", ""), ":")
		_, head, err := excelize.CellNameToCoordinates(from)
		if err != nil {
			return 0, 0, fmt.Errorf("list of %s: %w", sheet, err)
		}
		if _, last, err = excelize.CellNameToCoordinates(to); err != nil {
			return 0, 0, fmt.Errorf("list of %s: %w", sheet, err)
		}
		return head + 1, last, nil
	}
	return 0, 0, nil
}

// rowKeys returns a key of each of a sheet's rows from one to another: of the cells that the program writes, which are
// told by their column.
func rowKeys(
	f *excelize.File, sheet string, first, last int, columns []cellKind, seed maphash.Seed,
) (keys []uint64, err error) {
	rows, err := f.Rows(sheet)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for row := 1; row <= last; row++ {
		cells, more, err := nextRow(rows)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if row < first {
			continue
		}
		var h maphash.Hash
		h.SetSeed(seed)
		for i, kind := range columns {
			if kind == written {
				_, _ = h.WriteString(plain(at(cells, i)) + "\x00") // it never fails
			}
		}
		keys = append(keys, h.Sum64())
	}
	return keys, nil
}

// plain returns a value as all programs write it: of a number twelve digits.
func plain(text string) string {
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		return strconv.FormatFloat(x, 'g', 12, 64)
	}
	return text
}

var relativeCell = regexp.MustCompile(`\b([A-Z]{1,3})([0-9]+)\b`)

// inRow returns a formula as it would stand in any row: references to its own row move with it.
func inRow(formula string, row int) string {
	own := strconv.Itoa(row)
	return relativeCell.ReplaceAllStringFunc(formula, func(ref string) string {
		if letters := strings.TrimRight(ref, "0123456789"); ref == letters+own {
			return letters + "#"
		}
		return ref
	})
}
