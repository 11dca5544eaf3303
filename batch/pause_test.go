package batch_test

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// A standstill is one that the log explains: why an endpoint pauses, for how long, and that it goes on.
func TestPausesAreLogged(t *testing.T) {
	for name, c := range map[string]struct {
		faults simulator.Faults
		want   string
		way    way
		ids    int
		flying int // calls at once
	}{
		"no answers": {simulator.Faults{Probability: map[simulator.Fault]float64{simulator.ResetAfter: 1}},
			`seconds=30 why="not answering: 5 calls in a row failed, the last by reset (connection reset)"`, inProcess, 20, 1},
		"free failures": {simulator.Faults{Probability: map[simulator.Fault]float64{simulator.ErrorFree: 1}},
			`seconds=30 why="answering with failures: 5 calls in a row failed, the last by ERROR"`, inProcess, 20, 1},
		"garbage behind answers": {simulator.Faults{Probability: map[simulator.Fault]float64{simulator.StrayByte.After(0): .6}},
			`seconds=30 why="sending what nobody asked for: 5 calls in a row failed (answers that are not believed count, since each may be paid for)"`, oneCall, 200, 16},
		"none": {ids: 20, flying: 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 50 * time.Millisecond, LatencyJitter: 150 * time.Millisecond, Faults: c.faults})
				defer h.vendor.CloseConnections()
				h.list(c.ids)
				h.way = c.way
				s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
				if err != nil {
					t.Fatal(err)
				}
				defer time.AfterFunc(45*time.Second, func() { h.vendor.SetFaults(simulator.Faults{}) }).Stop()
				var log bytes.Buffer
				job := h.job(s)
				job.Endpoints[0].Concurrency = c.flying
				job.Log, job.Progress = slog.New(slog.NewTextHandler(&log, nil)), batch.NewProgress()
				defer time.AfterFunc(20*time.Second, func() { // calls that were under way have ended well since
					state := job.Progress.Endpoints()[0].State
					if want, _, _ := strings.Cut(strings.TrimPrefix(c.want, `seconds=30 why="`), ":"); state != want+", next try in 30s" && want != "" {
						t.Errorf("in the pause progress says %q", state)
					}
				}).Stop()
				if _, err := batch.Run(t.Context(), job); err != nil {
					t.Error(err)
				}
				text := log.String()
				pauses, goesOn := strings.Count(text, `level=WARN msg="endpoint paused" endpoint=id `), strings.Count(text, `level=INFO msg="endpoint goes on" endpoint=id `)
				if strings.Count(text, c.want) != min(1, pauses) && c.want != "" || goesOn != min(1, pauses) || (pauses > 0) != (c.want != "") {
					t.Errorf("%d pauses, %d times it went on:\n%s", pauses, goesOn, text)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
