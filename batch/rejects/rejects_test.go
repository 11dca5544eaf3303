package rejects_test

import (
	"testing"

	"liverecon/batch/list"
	"liverecon/batch/rejects"
	"liverecon/store"
)

// A share is of the list's rows, exactly; a list rejected whole is beyond every limit, one without rows beyond none.
func TestLimit(t *testing.T) {
	share, number := rejects.Limit{Share: 0.05}, rejects.Limit{Rows: 20}
	for _, c := range []struct {
		limit          rejects.Limit
		rejected, rows int64
		want           bool
	}{
		{share, 0, 0, false}, {share, 0, 100, false}, {share, 1, 20, false}, {share, 1, 19, true}, {share, 5, 100, false}, {share, 6, 100, true},
		{share, 1, 1, true}, {rejects.Limit{Share: 0.29}, 29, 100, false}, {rejects.Limit{Share: 0.29}, 30, 100, true},
		{rejects.Limit{Share: 1}, 100, 100, true}, {rejects.Limit{Share: 1}, 99, 100, false}, {rejects.Limit{}, 1, 1_000_000, true},
		{number, 20, 21, false}, {number, 21, 1_000_000, true}, {number, 3, 3, true}, {rejects.Limit{}, 0, 5, false},
	} {
		if got := c.limit.Exceeded(store.List{Rows: c.rows, Rejected: c.rejected}); got != c.want {
			t.Errorf("%d of %d under %+v: exceeded %v", c.rejected, c.rows, c.limit, got)
		}
	}
}

// TestUnmended: of several lists the number of all their rejected rows is said, which is that of the metric, too.
func TestUnmended(t *testing.T) {
	worst, other := store.List{Path: "in/bad.csv", Rows: 10, Rejected: 8}, store.List{Path: "in/ten.csv", Rows: 2_000, Rejected: 1_200}
	for want, lists := range map[string][]store.List{
		"": nil,
		"1 unchanged list has too many rejected rows (8 of 10 in bad.csv)":                            {worst},
		"2 unchanged lists have too many rejected rows (1,208 in all, 8 of 10 in bad.csv and 1 more)": {worst, other},
	} {
		if got := rejects.Unmended(lists); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A row that is rejected stands for the others where one is known.
func TestBeyond(t *testing.T) {
	l := store.List{Rows: 1_200, Rejected: 1_100}
	for want, example := range map[string]*list.Reject{
		"1,100 of 1,200 rows rejected, for which a run ends with 5":                nil,
		"1,100 of 1,200 rows rejected, for which a run ends with 5; line 7: no ID": {Line: 7, Detail: "no ID"},
	} {
		if got := rejects.Beyond(l, example, 5); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
