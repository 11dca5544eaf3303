package monitor

import (
	"log/slog"
	"slices"
	"testing"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
)

// Every exit code that a night can have is told to the monitor: 0 and 3 as a success, the others as a failure, that of a
// second run not at all.
func TestEveryEndingIsTold(t *testing.T) {
	m := newMonitor(t, fine)
	for code, path := range map[int]string{
		batch.ExitDone: "/key", batch.ExitPartial: "/key",
		batch.ExitFailed: "/key/fail", batch.ExitStopped: "/key/fail", batch.ExitRejected: "/key/fail", batch.ExitUnanswered: "/key/fail",
		batch.ExitInput: "/key/fail", batch.ExitRefused: "/key/fail", batch.ExitSignal: "/key/fail",
		batch.ExitLocked: "",
	} {
		m.told = nil
		n := New(&config.Config{Notify: config.Notify{PingURL: m.URL + "/key"}}, Sources{}, slog.New(slog.DiscardHandler))
		n.Summary = batch.Summary{RunID: 1, ExitCode: code, Verdict: "WORD: what became of it"}
		var ended error
		if code != batch.ExitDone {
			ended = &config.Error{Code: code, Err: config.ErrSilent}
		}
		n.End(t.Context(), ended)
		var want []string
		if path != "" {
			want = []string{"POST " + path + " WORD: what became of it"}
		}
		if got := m.heard(); !slices.Equal(got, want) {
			t.Errorf("exit code %d: told %q, want %q", code, got, want)
		}
	}
}
