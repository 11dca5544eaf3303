package page_test

import (
	"testing"
	"time"

	"liverecon/report/page"
	"liverecon/store/snapshot"
)

// Facts count in their order, and by where one ends and the next begins; the same ones are the same fingerprint.
func TestFingerprint(t *testing.T) {
	run := func(id int64) snapshot.RunSpan { return snapshot.RunSpan{ID: id, StartedAt: time.UnixMilli(id)} }
	made := func(first int64, runs []snapshot.RunSpan, facts ...[]any) string {
		f := page.NewFingerprint(run(first), runs)
		for _, fact := range facts {
			f.Add(fact...)
		}
		return f.String()
	}
	seen := map[string]int{}
	for i, got := range []string{
		made(1, nil),
		made(2, nil),
		made(1, []snapshot.RunSpan{run(1)}),
		made(1, []snapshot.RunSpan{run(1), run(2)}),
		made(1, nil, []any{"list", 1, 2}),
		made(1, nil, []any{"list", 2, 1}),
		made(1, nil, []any{"list", 1}, []any{2}),
		made(1, nil, []any{"list\n", 1, 2}),
	} {
		if earlier, ok := seen[got]; ok || len(got) != 16 {
			t.Errorf("%d: %s, as %d has", i, got, earlier)
		}
		seen[got] = i
	}
	if again := made(1, nil, []any{"list", 1, 2}); seen[again] != 4 {
		t.Errorf("the same facts have two fingerprints, %s the second time", again)
	}
}
