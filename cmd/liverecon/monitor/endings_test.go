package monitor

import (
	"errors"
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
		sum := batch.Summary{RunID: 1, ExitCode: code, Verdict: "WORD: what became of it"}
		var ended error
		if code != batch.ExitDone {
			ended = &config.Error{Code: code, Err: config.ErrSilent}
		}
		n.End(t.Context(), sum, ended)
		var want []string
		if path != "" {
			want = []string{"POST " + path + " WORD: what became of it"}
		}
		if got := m.heard(); !slices.Equal(got, want) {
			t.Errorf("exit code %d: told %q, want %q", code, got, want)
		}
	}
}

// An execution that has no run, or fails behind it, has a verdict as well: one line, whatever went wrong.
func TestVerdictOfEveryEnding(t *testing.T) {
	done := batch.Summary{RunID: 1, ExitCode: batch.ExitDone, Verdict: "DONE: 3 of 3 answered"}
	bad := &config.Error{Code: batch.ExitInput, Err: errors.New("liverecon.toml:2: databse: no such setting\nand more of it"), Hint: "hint"}
	broken := errors.New("give back the lock: input/output error")
	for want, c := range map[string]struct {
		sum batch.Summary
		err error
	}{
		"DONE: 3 of 3 answered": {done, &config.Error{Code: batch.ExitDone, Err: config.ErrSilent}},
		"REFUSED INPUT: liverecon.toml:2: databse: no such setting":                                    {batch.Summary{}, bad},
		"REFUSED INPUT: liverecon.toml:2: databse: no such setting (and 1 more)":                       {batch.Summary{}, errors.Join(bad, bad)},
		"LOCKED: liverecon.db is locked by liverecon run":                                              {batch.Summary{}, &config.Error{Code: batch.ExitLocked, Err: errors.New("liverecon.db is locked by liverecon run")}},
		"FAILED: give back the lock: input/output error":                                               {batch.Summary{}, broken},
		"FAILED: give back the lock: input/output error; the run itself came to DONE: 3 of 3 answered": {done, errors.Join(&config.Error{Code: batch.ExitDone, Err: config.ErrSilent}, broken)},
	} {
		if got := Verdict(c.sum, c.err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
