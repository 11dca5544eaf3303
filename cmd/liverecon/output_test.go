package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/setup/manual"
	"liverecon/report/xlsx"
	"liverecon/store/dbfile"
)

func TestDrawEndpoint(t *testing.T) {
	working := endpointView{batch.EndpointProgress{Endpoint: "id", Total: 1300, Done: 650, Paid: 600, InDoubt: 2}, 65}
	busy := working
	busy.State = "busy, waiting 10s"
	calm := busy
	calm.InDoubt = 0
	images := endpointView{batch.EndpointProgress{Endpoint: imageLine, Total: 900, Done: 120}, 10}
	for _, c := range []struct {
		view  endpointView
		width int
		want  string
	}{
		{working, 120, "id   [====================                    ]     650/1,300   65/s  paid 600     doubt 2   ETA 10s"},
		{working, 80, "id   [===    ]     650/1,300   65/s  paid 600     doubt 2   ETA 10s"},
		{busy, 80, "id   [===    ]     650/1,300   65/s  paid 600     doubt 2   busy, waiting 10s"},
		{busy, 60, "id       650/1,300  paid 600     doubt 2   busy, waiting 10s"},
		{busy, 50, "id       650/1,300  doubt 2   busy, waiting 10s"},
		{busy, 40, "id 650/1,300 busy, waiting 10s"},
		{working, 40, "id       650/1,300  doubt 2   ETA 10s"},
		{calm, 40, "id       650/1,300  busy, waiting 10s"},
		{busy, 20, "id 650/1,300 busy, w"},
		{busy, 0, ""},
		{images, 80, "images:[===                         ]       120/900   10/s  ETA 1m18s"},
		{images, 40, "images:      120/900   10/s  ETA 1m18s"},
	} {
		if got := drawEndpoint(c.view, c.width); got != c.want {
			t.Errorf("%d columns:\n%s\nwant\n%s", c.width, got, c.want)
		}
	}
}

func TestProgressLine(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("progress", progressAttrs([]endpointView{
		{batch.EndpointProgress{Endpoint: "id", Total: 100, Done: 50, Paid: 48, InDoubt: 1}, 10},
		{batch.EndpointProgress{Endpoint: "th", Total: 10, Done: 0, State: "busy, waiting 4s"}, 0},
		{batch.EndpointProgress{Endpoint: "sg", Total: 40, Done: 40, Paid: 40, State: "done"}, 99},
		{batch.EndpointProgress{Endpoint: imageLine, Total: 900, Done: 120}, 10},
	})...)
	want := `level=INFO msg=progress done=90 total=150 per_second=10 paid=88 in_doubt=1 eta=6s states.th="busy, waiting 4s" images.fetched=120 images.waiting=780` + "\n"
	if out.String() != want {
		t.Errorf("got  %swant %s", out.String(), want)
	}
}

// The shown rate is that of the last seconds, and of an endpoint that is through that of its whole time.
func TestGauge(t *testing.T) {
	start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	endpoint := batch.EndpointProgress{Endpoint: "id", Total: 100, Done: 60, Started: start}
	g := newGauge(nil)
	if got := g.rate(endpoint, sample{start.Add(5 * time.Second), 10}, start.Add(10*time.Second)); got != 10 {
		t.Errorf("rate %v, want 10", got)
	}
	endpoint.Done = 100
	for _, seconds := range []int{20, 50} {
		if got := g.rate(endpoint, sample{start, 0}, start.Add(time.Duration(seconds)*time.Second)); got != 5 {
			t.Errorf("rate %v after %d s, want 5", got, seconds)
		}
	}
}

func TestComplain(t *testing.T) {
	source := &list.Error{File: "a.csv", Line: 1, Problem: "no rows", Hint: "was the export cut off?"}
	other := &list.Error{File: "b.csv", Problem: "not text"}
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{config.ErrSilent, ""},
		{errors.New("disk on fire"), "error: disk on fire\n"},
		{config.Usage("type this", "no"), "error: no\nhint: type this\n"},
		{fmt.Errorf("plan: %w", fmt.Errorf("%w: %w", batch.ErrInput, errors.Join(source, other))), "error: a.csv:1: no rows\nhint: was the export cut off?\nerror: b.csv: not text\n"},
		{fmt.Errorf("%w: a cap without a price", batch.ErrInput), "error: bad input: a cap without a price\n"},
		{&config.Error{Code: batch.ExitInput, Err: &fs.PathError{Op: "open", Path: "key", Err: fs.ErrNotExist}, Hint: ""}, "error: open key: file does not exist\nhint: is the path right, and the disk there? `liverecon doctor` checks files, directories and disks\n"},
		{&config.Error{Code: batch.ExitInput, Err: errors.Join(errors.New("one"), errors.New("two")), Hint: ""}, "error: one\nerror: two\n"},
		{fmt.Errorf("x.db: %w (%w)", dbfile.ErrCorrupt, errors.New("page 7")), "error: x.db: database is damaged (page 7)\nhint: move the file and all beside it whose names begin with its own (-wal, -shm, .spill) elsewhere, put the newest backup in its place, and ask the vendor for a statement of what is missing\n"},
	} {
		var out bytes.Buffer
		printError(&out, c.err)
		if got := strings.ReplaceAll(out.String(), "liverecon: ", ""); got != c.want {
			t.Errorf("%v:\n%swant\n%s", c.err, got, c.want)
		}
	}
}

// A disk without room has one hint, whoever meets it first.
func TestHintOfAFullDisk(t *testing.T) {
	for _, err := range []error{
		fmt.Errorf("lock x: %w", &fs.PathError{Op: "write", Path: "x.lock", Err: syscall.ENOSPC}),
		&fs.PathError{Op: "write", Path: "x.spill", Err: syscall.EDQUOT},
	} {
		if hint := hint.For(err); hint != "free some space and run again: it resumes where it stopped" {
			t.Errorf("%v: hint %q", err, hint)
		}
	}
}

func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"=cmd|'/c calc'!A1": "'=cmd|'/c calc'!A1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "'\rx", "a\x00b\x1b\x7f\xff": "a␀b␛␡\xff", "two\nlines": "two\nlines", "plain": "plain", "": "",
	} {
		if got := xlsx.EscapeFormula(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// A panic is a failure like others: Go's own exit code 2 is never used.
func TestPanicIsExitCode1(t *testing.T) {
	var stderr bytes.Buffer
	if code := guarded(&stderr, func() int { panic("out of luck") }); code != batch.ExitFailed {
		t.Errorf("exit code %d", code)
	}
	if !strings.HasPrefix(stderr.String(), "liverecon: error: internal error: out of luck\n") {
		t.Errorf("stderr %q", stderr.String())
	}
}

// The help names every page of the manual, and none that is not there.
func TestHelpNamesTheManual(t *testing.T) {
	_, list, _ := strings.Cut(rootHelp, "of the manual: ")
	list, _, _ = strings.Cut(list, ".\n")
	if got, want := strings.Join(strings.Fields(list), " "), strings.Join(manual.Topics(), ", "); got != want {
		t.Errorf("the help names %s; there are %s", got, want)
	}
}
