package main

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
)

// TestStoppedAtAnyMoment sends a signal at all moments of a run's beginning: its last line says how it ended, and so does
// what the monitor is told and the file of metrics. Only what comes before the program has begun is the system's, or the
// runtime's; a busy machine takes longer to begin, so the moments go on until two runs have been stopped that had.
func TestStoppedAtAnyMoment(t *testing.T) {
	t.Parallel()
	moments := []time.Duration{0, 5, 10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 400, 800, 1600, 3200, 6400, 12800}
	begun := 0
	for i, moment := range moments {
		if begun >= 2 && moment > 160 {
			break
		}
		kind := []syscall.Signal{syscall.SIGTERM, syscall.SIGQUIT}[i%2]
		t.Run(fmt.Sprint(moment, kind), func(t *testing.T) {
			c := newSite(t, t.TempDir(), 400, simulator.Config{Seed: 1, Latency: 500 * time.Millisecond, Balance: -1})
			told := filepath.Join(c.dir, "told")
			monitor := httptest.NewServer(pingRecorder(told, nil))
			defer monitor.Close()
			text, err := os.ReadFile(filepath.Join(c.dir, "liverecon.toml"))
			if err != nil {
				t.Fatal(err)
			}
			c.write("liverecon.toml", string(text)+"[notify]\nping_url = \""+monitor.URL+"/key\"\nmetrics_file = \"m.prom\"\n")
			var out, log bytes.Buffer
			cmd := c.command("liverecon", "run")
			cmd.Stdout, cmd.Stderr = &out, &log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(moment * time.Millisecond)
			if err := cmd.Process.Signal(kind); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // how it ended is looked at next
			code := cmd.ProcessState.ExitCode()
			pings, err := os.ReadFile(told)
			started := strings.HasPrefix(string(pings), "/key/start ")
			if started {
				begun++
			}
			unheard := code == -1 || code == 2 && kind == syscall.SIGQUIT // by the system, or Go's runtime
			if unheard && os.IsNotExist(err) && out.Len() == 0 {
				return
			}
			last := "\n" + strings.TrimSuffix(out.String(), "\n")
			last = last[strings.LastIndex(last, "\n")+1:]
			if code != batch.ExitSignal || !strings.HasPrefix(last, "STOPPED: ") || !strings.HasSuffix(string(pings), "/key/fail "+last+"\n") {
				t.Errorf("exit code %d, last line %q, told %q:\n%s", code, last, pings, log.String())
			}
			if metrics, _ := os.ReadFile(filepath.Join(c.dir, "m.prom")); !strings.Contains(string(metrics), " 130\n") {
				t.Errorf("the metrics lack the exit code:\n%s", metrics)
			}
		})
	}
	if begun < 2 {
		t.Errorf("%d runs had begun when they were stopped", begun)
	}
}
