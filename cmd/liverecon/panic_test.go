package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
)

// planted is a context that panics in the nth look at it from below a function.
type planted struct {
	context.Context
	below string
	at    int64
	looks *atomic.Int64
}

func (p planted) Value(key any) any {
	if bytes.Contains(debug.Stack(), []byte(p.below)) && p.looks.Add(1) == p.at {
		panic("planted")
	}
	return p.Context.Value(key)
}

// Wherever a run panics nobody is told of a success: the exit code is 1, the ping goes to /fail, the metrics say 1 and
// leave the last success alone, and the verdict says FAILED. One that does not is told as it ended.
func TestPanicIsTold(t *testing.T) {
	var mu sync.Mutex
	var told []string
	monitor := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		told = append(told, r.URL.Path+" "+string(body))
	}))
	defer monitor.Close()
	silent, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() //nolint:errcheck // nothing is kept
	run := func(ctx context.Context) (code int, last, metrics string) {
		told = nil
		t.Setenv("LIVERECON_ACCESS_KEY", "accesskey0123456") // each run takes them away
		t.Setenv("LIVERECON_SECRET_KEY", "secretkey0123456")
		t.Setenv("TMPDIR", os.TempDir()) // each run has its own
		o := &runOptions{source: source{file: "liverecon.toml", out: "out"}, log: logOptions{level: "error"}}
		p := &program{out: stream{raw: silent}, err: stream{raw: silent}}
		e := &execution{program: p, console: newConsole(p.err), log: slog.New(slog.DiscardHandler)}
		err := e.finish(t.Context(), runNight(ctx, p, o, e, nil))
		text, unread := os.ReadFile("m.prom")
		if unread != nil || len(told) == 0 {
			t.Fatalf("%v; the run ended with %v", unread, err)
		}
		return config.ExitCode(err), told[len(told)-1], string(text)
	}
	fired := 0
	for _, at := range []int64{1, 3, 10, 30, 60, 100, 160} {
		t.Chdir(t.TempDir()) // a panic may leave the database open, and locked
		for name, text := range map[string]string{
			"ids_PH.csv":     "signatureId\n",
			"liverecon.toml": "lists = [\"ids_*.csv\"]\n[endpoint.ph]\n[notify]\nping_url = \"" + monitor.URL + "/key\"\nmetrics_file = \"m.prom\"\n",
		} {
			if err := os.WriteFile(filepath.Clean(name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		code, last, text := run(t.Context())
		if !batch.Succeeded(code) || !strings.HasPrefix(last, "/key DONE") {
			t.Errorf("no panic: exit %d, told %q", code, told)
		}
		success, over := metricIn(text, "liverecon_last_success_timestamp_seconds"), time.Now()
		time.Sleep(100 * time.Millisecond)
		ctx := planted{t.Context(), ".runNight(", at, new(atomic.Int64)}
		code, last, text = run(ctx)
		if ctx.looks.Load() < at {
			continue
		}
		fired++
		is, err := strconv.ParseFloat(metricIn(text, "liverecon_last_success_timestamp_seconds"), 64)
		if code != batch.ExitFailed || !strings.HasPrefix(last, "/key/fail FAILED: ") || !strings.Contains(last, "internal error: planted") ||
			metricIn(text, "liverecon_last_run_exit_code") != "1" || err != nil || is > float64(over.UnixMilli())/1000 {
			t.Errorf("a panic at look %d: exit %d, told %q, last success %v, was %s: %v", at, code, told, is, success, err)
		}
		for _, ping := range told {
			if strings.HasPrefix(ping, "/key ") {
				t.Errorf("a panic at look %d is told as a success: %s", at, ping)
			}
		}
	}
	if fired < 4 {
		t.Errorf("only %d panics were planted", fired)
	}
}

// metricIn returns the value of a metric without labels.
func metricIn(text, name string) string {
	_, text, _ = strings.Cut(text, "\n"+name+" ")
	value, _, _ := strings.Cut(text, "\n")
	return value
}
