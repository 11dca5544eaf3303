package page_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"liverecon/report/page"
	"liverecon/store/snapshot"
)

// oldFingerprint was in both workbooks; page.Fingerprint takes its place.
func oldFingerprint(first snapshot.RunSpan, runs []snapshot.RunSpan, facts [][]any) string {
	h := sha256.New()
	add := func(values ...any) { h.Write(fmt.Appendf(nil, "%q\n", fmt.Sprintln(values...))) }
	add("first run", first.ID, first.StartedAt.UnixMilli())
	for _, run := range runs {
		add("run", run.ID, run.StartedAt.UnixMilli())
	}
	for _, fact := range facts {
		add(fact...)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

func TestFingerprintAsBefore(t *testing.T) {
	for range 1000 {
		span := func() snapshot.RunSpan {
			return snapshot.RunSpan{ID: rand.Int64N(1000), StartedAt: time.UnixMilli(rand.Int64N(1 << 41))}
		}
		first, runs, facts := span(), make([]snapshot.RunSpan, rand.IntN(5)), make([][]any, rand.IntN(9))
		for i := range runs {
			runs[i] = span()
		}
		for i := range facts {
			facts[i] = []any{"line", rand.Int64(), fmt.Sprint(rand.Float64()), rand.IntN(2) == 0}
		}
		f := page.NewFingerprint(first, runs)
		for _, fact := range facts {
			f.Add(fact...)
		}
		if got, want := f.String(), oldFingerprint(first, runs, facts); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}
