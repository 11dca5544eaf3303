package batch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
	"liverecon/store/dbfile"
	"liverecon/store/panics"
)

// A panic in a stage of a run is a failed run, in what is returned and in its row, which is closed.
func TestPanicIsAFailedRun(t *testing.T) {
	for name, plant := range map[string]func(*batch.Job){
		"reading lists": func(j *batch.Job) { j.ListOptions.Route = func(string) (string, bool) { panic("planted") } },
		"planning":      func(j *batch.Job) { j.Prices = nil },
		"dispatching":   func(j *batch.Job) { j.Endpoints[0].Client = nil },
		"publishing": func(j *batch.Job) {
			j.Publish = func(context.Context, batch.Summary) error { panic("planted") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				h.list(20)
				sum, err := h.runOnce(plant)
				var caught *panics.Error
				if !errors.As(err, &caught) || sum.ExitCode != batch.ExitFailed || !strings.HasPrefix(sum.Verdict, "FAILED: ") || !strings.Contains(sum.Verdict, "internal error: ") {
					t.Errorf("exit %d, %s: %v", sum.ExitCode, sum.Verdict, err)
				}
				h.rowSays(sum)
			})
		})
	}
}

// A run whose journal cannot be opened fails by that, not by what it would have told of the journal.
func TestJournalCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.list(20)
		sum, err := h.runOnce(func(j *batch.Job) {
			route := j.ListOptions.Route
			j.ListOptions.Route = func(region string) (string, bool) { // after the start has looked for a spill file
				if err := os.MkdirAll(filepath.Join(dir, "liverecon.db.spill"), 0o700); err != nil {
					t.Error(err)
				}
				return route(region)
			}
		})
		if !errors.Is(err, dbfile.ErrSpecial) || errors.As(err, new(*panics.Error)) || sum.ExitCode != batch.ExitFailed || !strings.HasPrefix(sum.Verdict, "FAILED: open journal: ") {
			t.Errorf("exit %d, %s: %v", sum.ExitCode, sum.Verdict, err)
		}
		if n := len(h.vendor.Entries()); n != 0 {
			t.Errorf("%d requests were made", n)
		}
		if err := os.Remove(filepath.Join(dir, "liverecon.db.spill")); err != nil {
			t.Fatal(err)
		}
		h.rowSays(sum)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone {
			t.Errorf("the next run: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// runOnce runs a job that was changed.
func (h *history) runOnce(change func(*batch.Job)) (batch.Summary, error) {
	s, err := store.Open(context.Background(), filepath.Join(h.dir, "liverecon.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // its journal may still be open
	job := h.job(s)
	defer h.hangUp(job)
	clients := append([]batch.Endpoint{}, job.Endpoints...)
	change(job)
	sum, err := batch.Run(h.t.Context(), job)
	job.Endpoints = clients
	return sum, err
}

// rowSays compares the row of the last run with its summary.
func (h *history) rowSays(sum batch.Summary) {
	h.t.Helper()
	s := h.open()
	defer s.Close() //nolint:errcheck // opened for reading
	runs, err := s.Runs().Latest(context.Background(), 1)
	if err != nil || len(runs) != 1 || runs[0].ID != sum.RunID || runs[0].EndedAt.IsZero() || runs[0].ExitCode != sum.ExitCode || runs[0].Verdict != sum.Verdict {
		h.t.Errorf("the row says %+v, %v", runs, err)
	}
}
