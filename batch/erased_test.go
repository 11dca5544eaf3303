package batch_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// TestErasedIsNotSaid: a night after an erasure says nothing of the ID, though lists have it in their names and rows: one
// that is read, one that cannot be, and one that stands there unchanged with too many bad rows; nor does the database.
func TestErasedIsNotSaid(t *testing.T) {
	const id = "f302f5d2454a85c2"
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond})
		h.list(3, id)
		h.night(night{})
		s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		if _, err := s.Personal().Erase(t.Context(), id, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := s.Personal().Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
		var lists []string
		for n, text := range []string{"signatureId,region\n" + id + ",PH\n" + id + " x,PH\n", "no header\x00" + id, "signatureId,region\n" + id + "/,PH\n"} {
			lists = append(lists, filepath.Join(dir, fmt.Sprintf("late_%d_%s.csv", n, id)))
			if err := os.WriteFile(lists[n], []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for n := range 2 {
			job, log := h.job(s), &bytes.Buffer{}
			job.Lists, job.Log = lists, slog.New(slog.NewJSONHandler(log, nil))
			sum, err := batch.Run(t.Context(), job)
			if err != nil || len(sum.Aside) != 1 || len(sum.TooMany)+len(sum.Unmended) != 2 || sum.ExitCode != batch.ExitRejected {
				t.Fatalf("night %d: %+v, %v", n, sum, err)
			}
			if said := fmt.Sprintf("%s %v %v %v", sum.Verdict, sum.Aside, sum.Unmended, sum.Lists) + log.String(); strings.Contains(said, id) ||
				!strings.Contains(said, store.Erased) {
				t.Errorf("night %d says it: %s", n, said)
			}
		}
		if err := s.Personal().Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
		if holding, err := s.Personal().Holding([]string{id}); err != nil || len(holding) > 0 {
			t.Errorf("it stands in %v, %v", holding, err)
		}
	})
}
