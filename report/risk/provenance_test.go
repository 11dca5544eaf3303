package risk

import (
	"testing"

	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/calendar"
)

func TestRunRanges(t *testing.T) {
	for _, c := range []struct {
		want string
		ids  []int64
	}{{"none", nil}, {"7", []int64{7}}, {"7–9", []int64{7, 8, 9}}, {"1, 3–4, 9", []int64{1, 3, 4, 9}}} {
		var runs []store.RunSpan
		for _, id := range c.ids {
			runs = append(runs, store.RunSpan{ID: id})
		}
		if got := page.RunRanges(runs); got != c.want {
			t.Errorf("runs %v: %q, want %q", c.ids, got, c.want)
		}
	}
}

// TestFingerprint is the same for the same snap, whatever later nights bring, and another one for another period.
func TestFingerprint(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		print := func(p calendar.Period) string {
			w := f.risk(p)
			defer func() { f.must(w.Close()) }()
			return w.data.fingerprint()
		}
		first, second := print(calendar.Days(2026, 11, 1, 1, singapore())), print(secondNight())
		f.night("later.csv", []asked{scored("PH", 90, "")})
		if again := print(secondNight()); again != second || first == second || len(second) != 16 {
			t.Errorf("fingerprints %s and %s; the second one made again %s", first, second, again)
		}
	})
}
