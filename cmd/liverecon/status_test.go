package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/cmdtest"
	"liverecon/store"
	"liverecon/store/dbfile"
)

// printed returns what a program prints.
func printed(t *testing.T, do func(stream)) string {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	do(stream{raw: out})
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The newest run that has not ended goes on where the lock is a run's, and may where nobody knows whose it is.
func TestStatusOfARunWithoutAnEnd(t *testing.T) {
	run := statusRun{Run: 2, Started: time.Date(2026, 11, 20, 16, 30, 0, 0, time.UTC)}
	for _, c := range []struct {
		lock *dbfile.Holder
		want string
	}{
		{nil, "interrupted\n"},
		{&dbfile.Holder{PID: 7, Verb: "run"}, "running\n"},
		{&dbfile.Holder{PID: 7, Verb: "reconcile"}, "interrupted\n"},
		{&dbfile.Holder{}, "running or interrupted: another process has the lock\n"},
	} {
		text := printed(t, func(out stream) {
			printRuns(out, statusResult{Lock: c.lock, Runs: []statusRun{run, {Run: 1, Started: run.Started}}}, time.UTC)
		})
		if !strings.Contains(text, "run 2, 2026-11-20 16:30:00 UTC, "+c.want) || !strings.Contains(text, "run 1, 2026-11-20 16:30:00 UTC, interrupted\n") {
			t.Errorf("%+v:\n%s", c.lock, text)
		}
	}
}

// Status shows the rate an endpoint settled at, that its quota was used up, how long the oldest ID has waited and how
// many nights the rest needs.
func TestStatusShowsWhatWasRemembered(t *testing.T) {
	ctx := t.Context()
	c, err := config.Parse("t", t.TempDir(), []byte("[endpoint.id]\nrate = 20\n[endpoint.th]\nrate = 30\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, c.Database)
	if err != nil {
		t.Fatal(err)
	}
	cmdtest.MakeCalls(t, s, map[string]int{"id ID": 6})
	listed := time.Date(2026, 11, 20, 16, 30, 0, 0, time.UTC)
	in, err := s.Lists().Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for line := range 9 {
		if err := in.Row(store.ListedRow{Line: line + 2, Kind: "signatureId", ID: string(rune('A' + line)), Region: "ID", Endpoint: "id"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := in.Commit(ctx, 1, store.List{Path: "late", Fingerprint: "late", ReadAt: listed}); err != nil {
		t.Fatal(err)
	}
	if err := s.Endpoints().Remember(ctx, store.EndpointMemory{Endpoint: "id", Rate: 12.5, ParkedReason: "id busy since 03:12", UpdatedAt: listed}); err != nil {
		t.Fatal(err)
	}
	if err := s.Runs().RememberNights(ctx, 1, 3); err != nil {
		t.Fatal(err)
	}
	r, err := newStatus(ctx, c, s, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text := printed(t, func(out stream) { printStatus(out, r, c.Zone) })
	for _, want := range []string{
		`(?m)^id +20/s +12.5/s +2026-11-21 00:30:00 \+08 +2026-11-21 00:30:00 \+08$`,
		`(?m)^th +30/s +- +- +-$`,
		`(?m)^id was left for the night: id busy since 03:12$`,
		`(?m)^what is pending needs about 3 more nights like the last one$`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
