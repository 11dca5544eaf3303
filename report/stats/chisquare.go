package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// minExpected holds the smallest expected count at which the chi-square
// approximation is trusted.
const minExpected = 5

// Independence represents a chi-square test of whether the columns of a table of
// counts are distributed alike in all of its rows, after merging. Rows and
// Columns hold what was merged: each element lists the rows (columns) of the
// original table, counted from zero, that make one of the tested table. A row
// or column without observations is in none of them.
type Independence struct {
	Statistic float64 // Pearson's chi-square, >= 0
	DF        int     // degrees of freedom, >= 1
	P         float64 // upper tail probability of Statistic, in [0, 1]
	CramersV  float64 // strength of association, 0 (none) to 1 (complete)

	Rows, Columns [][]int
	Observed      [][]int64
	Expected      [][]float64 // all >= 5
	Residuals     [][]float64 // adjusted; close to standard normal without association
}

// ChiSquare tests a table of counts, rows by columns, for independence.
//
// Merging: every expected count (row total x column total / total) must reach
// 5. Columns are merged for it, the two with the smallest totals at a time
// (the first of them on a tie), down to two if need be. Only a row so small
// that even two columns would not do is merged, with the next smallest row, and
// that comes first, so that one tiny row does not cost all others their
// columns. A table that fails as two by two, or has fewer than two rows or
// columns with observations, gives [ErrTooFew]. A table that is ragged, or has
// a negative count or more than 2^53 observations, is an error too.
//
// Sources: K. Pearson, Philosophical Magazine 50 (1900) 157-175; expected
// counts: W. G. Cochran, Some methods for strengthening the common chi-square
// tests, Biometrics 10 (1954) 417-451; residuals: S. J. Haberman, The analysis
// of residuals in cross-classified tables, Biometrics 29 (1973) 205-220; V: H.
// Cramér, Mathematical Methods of Statistics (1946), chapter 21. No
// continuity correction, also for two by two. (gonum's stat.ChiSquare adds up
// the statistic from two flat lists; it makes neither expected counts nor
// residuals, and with those at hand the sum is one line.)
func ChiSquare(table [][]int64) (Independence, error) {
	rowTotals, columnTotals, n, err := margins(table)
	if err != nil {
		return Independence{}, err
	}
	rows, columns, ok := merge(lines(rowTotals), lines(columnTotals), float64(n))
	if !ok {
		return Independence{}, ErrTooFew
	}
	t := Independence{Rows: members(rows), Columns: members(columns), DF: (len(rows) - 1) * (len(columns) - 1)}
	for _, r := range rows {
		t.addRow(table, r, columns, float64(n))
	}
	t.P = distuv.ChiSquared{K: float64(t.DF)}.Survival(t.Statistic)
	t.CramersV = min(1, math.Sqrt(t.Statistic/(float64(n)*float64(min(len(rows), len(columns))-1))))
	return t, nil
}

// addRow puts one merged row of the table under test.
func (t *Independence) addRow(table [][]int64, row line, columns []line, n float64) {
	observed := make([]int64, len(columns))
	expected := make([]float64, len(columns))
	residuals := make([]float64, len(columns))
	for j, c := range columns {
		observed[j] = cell(table, row, c)
		expected[j] = row.total * c.total / n
		deviation := float64(observed[j]) - expected[j]
		residuals[j] = deviation / math.Sqrt(expected[j]*(1-row.total/n)*(1-c.total/n))
		t.Statistic += deviation * deviation / expected[j]
	}
	t.Observed = append(t.Observed, observed)
	t.Expected = append(t.Expected, expected)
	t.Residuals = append(t.Residuals, residuals)
}

// margins adds up a table by rows and by columns.
func margins(table [][]int64) (rows, columns []int64, n int64, err error) {
	for i, row := range table {
		if len(row) != len(table[0]) {
			return nil, nil, 0, fmt.Errorf("row %d has %d columns, row 0 has %d", i, len(row), len(table[0]))
		}
		rows = append(rows, 0)
		columns = append(columns, make([]int64, len(row)-len(columns))...)
		for j, count := range row {
			if n, err = addCount(n, count); err != nil {
				return nil, nil, 0, fmt.Errorf("row %d, column %d: %w", i, j, err)
			}
			rows[i] += count
			columns[j] += count
		}
	}
	return rows, columns, n, nil
}

// line represents a row or a column of the merged table: which ones of the original it
// is made of, ascending, and how many observations they hold.
type line struct {
	members []int
	total   float64
}

// lines returns the rows or columns that have observations.
func lines(totals []int64) []line {
	var all []line
	for i, total := range totals {
		if total > 0 {
			all = append(all, line{[]int{i}, float64(total)})
		}
	}
	return all
}

// merge applies the rule of ChiSquare. Only the totals matter for it: the
// smallest expected count is where the smallest row meets the smallest column.
func merge(rows, columns []line, n float64) ([]line, []line, bool) {
	if len(rows) < 2 || len(columns) < 2 {
		return nil, nil, false
	}
	enough := func(rows, columns []line) bool {
		return smallest(rows).total*smallest(columns).total/n >= minExpected
	}
	two := columns
	for len(two) > 2 {
		two = mergeSmallest(two)
	}
	for len(rows) > 2 && !enough(rows, two) {
		rows = mergeSmallest(rows)
	}
	for len(columns) > 2 && !enough(rows, columns) {
		columns = mergeSmallest(columns)
	}
	return rows, columns, enough(rows, columns)
}

// smallest returns the line with the smallest total, the first of them on a tie.
func smallest(lines []line) line {
	return slices.MinFunc(lines, func(a, b line) int { return cmp.Compare(a.total, b.total) })
}

// mergeSmallest makes one line of the two with the smallest totals; lines stay
// in the order of their first members.
func mergeSmallest(lines []line) []line {
	bySize := slices.Clone(lines)
	slices.SortStableFunc(bySize, func(a, b line) int { return cmp.Compare(a.total, b.total) })
	merged := line{
		members: slices.Concat(bySize[0].members, bySize[1].members),
		total:   bySize[0].total + bySize[1].total,
	}
	slices.Sort(merged.members)
	rest := slices.Concat(bySize[2:], []line{merged})
	slices.SortFunc(rest, func(a, b line) int { return a.members[0] - b.members[0] })
	return rest
}

func members(lines []line) [][]int {
	var all [][]int
	for _, l := range lines {
		all = append(all, l.members)
	}
	return all
}

// cell returns the count where a merged row meets a merged column.
func cell(table [][]int64, row, column line) int64 {
	var count int64
	for _, i := range row.members {
		for _, j := range column.members {
			count += table[i][j]
		}
	}
	return count
}
