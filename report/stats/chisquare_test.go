package stats

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestChiSquare(t *testing.T) {
	// R 4.2.2: t <- chisq.test(table, correct=FALSE); t$statistic, t$parameter,
	// t$p.value, t$expected, t$stdres; sqrt(t$statistic/sum(table)/(min(dim(table))-1))
	tests := []struct {
		table               [][]int64
		statistic           float64
		df                  int
		p, v                float64
		expected, residuals [][]float64
	}{
		{
			table:     [][]int64{{410, 805, 198}, {164, 176, 50}, {401, 167, 101}, {538, 315, 162}},
			statistic: 285.62897351981883, df: 6, p: 9.7960893496267326e-59, v: 0.20237653602717603,
			expected: [][]float64{
				{613.09693145970743, 592.83596214511044, 207.06710639518209},
				{169.219959850874687, 163.627760252365931, 57.152279896759389},
				{290.27731574419272, 280.68454258675081, 98.03814166905650},
				{440.40579294522513, 425.85173501577287, 148.74247203900200},
			},
			residuals: [][]float64{
				{-14.13555249413293957, 14.83019355279464868, -0.88439089437358642},
				{-0.56591230781906099, 1.34708786794798319, -1.08665730315522469},
				{9.60810931340165197, -9.90759783044052611, 0.36019007040722584},
				{7.3409398971134729, -8.3740537573993183, 1.3975144431789883},
			},
		},
		{
			table:     [][]int64{{56, 14}, {48, 32}},
			statistic: 7.0234113712374570682, df: 1, p: 0.0080450813681965782, v: 0.21638563370731517,
			expected:  [][]float64{{48.533333333333331, 21.466666666666665}, {55.466666666666669, 24.533333333333335}},
			residuals: [][]float64{{2.6501719512585336, -2.6501719512585322}, {-2.6501719512585336, 2.6501719512585322}},
		},
		{
			table:     [][]int64{{30, 10, 14}, {22, 25, 9}, {41, 18, 12}},
			statistic: 11.100045682060102337, df: 4, p: 0.025462352145303787, v: 0.17510885077274238,
			expected: [][]float64{
				{27.745856353591162, 15.812154696132596, 10.441988950276244},
				{28.773480662983424, 16.397790055248620, 10.828729281767956},
				{36.480662983425411, 20.790055248618785, 13.729281767955801},
			},
			residuals: [][]float64{
				{0.73268601107793663, -2.07497738262451836, 1.46357830882431217},
				{-2.17920420002318416, 3.03973665406141214, -0.74457390441335769},
				{1.37652550871194967, -0.93338803409587712, -0.66657290743737263},
			},
		},
	}
	for _, tt := range tests {
		got, err := ChiSquare(tt.table)
		if err != nil {
			t.Errorf("%v: %v", tt.table, err)
			continue
		}
		if got.DF != tt.df || !slices.EqualFunc(got.Observed, tt.table, slices.Equal) {
			t.Errorf("%v: %d degrees of freedom, tested as %v", tt.table, got.DF, got.Observed)
		}
		near(t, "statistic", got.Statistic, tt.statistic)
		near(t, "p", got.P, tt.p)
		near(t, "V", got.CramersV, tt.v)
		for i := range tt.table {
			for j := range tt.table[i] {
				near(t, "expected", got.Expected[i][j], tt.expected[i][j])
				near(t, "residual", got.Residuals[i][j], tt.residuals[i][j])
			}
		}
	}
}

func TestChiSquareMerging(t *testing.T) {
	tests := map[string]struct {
		table         [][]int64
		rows, columns string
	}{
		"nothing to merge": {
			[][]int64{{20, 30}, {25, 15}}, "[[0] [1]]", "[[0] [1]]"},
		"exactly five expected": {
			[][]int64{{6, 4}, {4, 6}}, "[[0] [1]]", "[[0] [1]]"},
		"empty lines are left out": {
			[][]int64{{20, 0, 30}, {0, 0, 0}, {25, 0, 15}}, "[[0] [2]]", "[[0] [2]]"},
		"a rare column joins the next rarest": {
			[][]int64{{100, 2, 20}, {100, 3, 30}}, "[[0] [1]]", "[[0] [1 2]]"},
		"two rare columns": {
			[][]int64{{1, 100, 2, 40}, {1, 100, 3, 60}}, "[[0] [1]]", "[[0 2 3] [1]]"},
		"two rare columns that do together": {
			[][]int64{{3, 100, 4, 40}, {5, 100, 6, 60}}, "[[0] [1]]", "[[0 2] [1] [3]]"},
		"a tiny row costs no columns": {
			[][]int64{{100, 50, 30}, {2, 1, 0}, {40, 30, 20}}, "[[0] [1 2]]", "[[0] [1] [2]]"},
		"a small row that two columns save": {
			[][]int64{{100, 90, 9}, {9, 10, 1}, {100, 90, 10}}, "[[0] [1] [2]]", "[[0] [1 2]]"},
		"first of equals": {
			[][]int64{{3, 3, 50, 3}, {3, 3, 50, 3}}, "[[0] [1]]", "[[0 1 3] [2]]"},
	}
	for name, tt := range tests {
		got, err := ChiSquare(tt.table)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if rows, columns := fmt.Sprint(got.Rows), fmt.Sprint(got.Columns); rows != tt.rows || columns != tt.columns {
			t.Errorf("%s: rows %s, columns %s, want %s, %s", name, rows, columns, tt.rows, tt.columns)
		}
	}
}

func TestChiSquareTooFew(t *testing.T) {
	for _, table := range [][][]int64{
		nil, {{}}, {{}, {}}, {{5, 6, 7}}, {{5}, {6}}, {{0, 0}, {0, 0}},
		{{50, 0}, {60, 0}}, {{50, 60}, {0, 0}}, {{4, 5}, {5, 4}}, {{1000, 1000}, {1, 1}},
	} {
		if got, err := ChiSquare(table); !errors.Is(err, ErrTooFew) || got.DF != 0 {
			t.Errorf("%v: %+v, %v", table, got, err)
		}
	}
}

func TestChiSquareRefuses(t *testing.T) {
	for _, table := range [][][]int64{
		{{50, 60}, {50}}, {{50}, {50, 60}}, {{50, -1}, {60, 70}}, {{maxCount, 1}, {60, 70}}, {{50, 60}, {math.MaxInt64, 70}},
	} {
		if _, err := ChiSquare(table); err == nil || errors.Is(err, ErrTooFew) {
			t.Errorf("%v: error %v", table, err)
		}
	}
}

// randomTable has totals that hardly ever tie, for on a tie merging depends on
// the order; small makes some expected counts fall below 5.
func randomTable(r *rand.Rand, small bool) [][]int64 {
	table := make([][]int64, 2+r.IntN(5))
	columns := 2 + r.IntN(4)
	for i := range table {
		table[i] = make([]int64, columns)
		for j := range table[i] {
			table[i][j] = 30 + r.Int64N(10000)
			if small && (i == 0 || j == 0) {
				table[i][j] = r.Int64N(6)
			}
		}
	}
	return table
}

func tied(totals []int64) bool {
	sorted := slices.Sorted(slices.Values(totals))
	return len(slices.Compact(sorted)) < len(totals)
}

// permuted is the table with its rows and columns in another order.
func permuted(r *rand.Rand, table [][]int64) [][]int64 {
	columns := r.Perm(len(table[0]))
	result := make([][]int64, len(table))
	for to, from := range r.Perm(len(table)) {
		for _, j := range columns {
			result[to] = append(result[to], table[from][j])
		}
	}
	return result
}

func TestChiSquareIgnoresOrder(t *testing.T) {
	r := random(7)
	merged := 0
	for i := range 2000 {
		table := randomTable(r, i%2 == 0)
		rows, columns, n, err := margins(table)
		if err != nil {
			t.Fatal(err)
		}
		if tied(rows) || tied(columns) {
			continue
		}
		a, errA := ChiSquare(table)
		b, errB := ChiSquare(permuted(r, table))
		if !errors.Is(errA, errB) {
			t.Fatalf("%v: %v, permuted %v", table, errA, errB)
		}
		if errA != nil {
			continue
		}
		if a.DF != b.DF || math.Abs(a.Statistic-b.Statistic) > 1e-9*(1+a.Statistic) || math.Abs(a.P-b.P) > 1e-9 {
			t.Fatalf("%v: %+v, permuted %+v", table, a, b)
		}
		if len(a.Rows) < len(table) || len(a.Columns) < len(table[0]) {
			merged++
		}
		checkIndependence(t, a, n)
	}
	if merged < 100 {
		t.Errorf("only %d tables were merged", merged)
	}
}

// checkIndependence tests what holds of every result.
func checkIndependence(t *testing.T, a Independence, n int64) {
	t.Helper()
	var observed int64
	var expected float64
	for i, row := range a.Observed {
		for j, count := range row {
			observed += count
			expected += a.Expected[i][j]
			if a.Expected[i][j] < minExpected || math.IsNaN(a.Residuals[i][j]) || math.IsInf(a.Residuals[i][j], 0) {
				t.Fatalf("cell %d, %d of %+v", i, j, a)
			}
		}
	}
	if observed != n || math.Abs(expected-float64(n)) > 1e-9*float64(n) {
		t.Fatalf("%d observed and %v expected of %d", observed, expected, n)
	}
	if !(a.P >= 0 && a.P <= 1 && a.CramersV >= 0 && a.CramersV <= 1 && a.Statistic >= 0) {
		t.Fatalf("out of range: %+v", a)
	}
}

func TestCompleteAssociation(t *testing.T) {
	a, err := ChiSquare([][]int64{{70, 0, 0}, {0, 80, 0}, {0, 0, 90}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "V", a.CramersV, 1)
	near(t, "statistic", a.Statistic, 480)
	if a, err = ChiSquare([][]int64{{50, 0, 30}, {0, 60, 0}}); err != nil {
		t.Fatal(err)
	}
	near(t, "V of two rows", a.CramersV, 1)
	near(t, "statistic of two rows", a.Statistic, 140)
}
