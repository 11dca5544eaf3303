package page_test

import (
	"testing"

	"liverecon/report/page"
	"liverecon/store/snapshot"
)

func TestRunRanges(t *testing.T) {
	for _, c := range []struct {
		want string
		ids  []int64
	}{{"none", nil}, {"7", []int64{7}}, {"7–9", []int64{7, 8, 9}}, {"1, 3–4, 9", []int64{1, 3, 4, 9}}} {
		var runs []snapshot.RunSpan
		for _, id := range c.ids {
			runs = append(runs, snapshot.RunSpan{ID: id})
		}
		if got := page.RunRanges(runs); got != c.want {
			t.Errorf("runs %v: %q, want %q", c.ids, got, c.want)
		}
	}
}
