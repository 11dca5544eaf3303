package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
)

// TestSecondRunsAllNight begins a second run again and again, by a link, until the first one has ended: at no moment of it,
// its end among them, do two go on at once.
func TestSecondRunsAllNight(t *testing.T) {
	t.Parallel()
	c := newSite(t, t.TempDir(), 300, simulator.Config{Seed: 1, Latency: 400 * time.Millisecond, Balance: -1})
	if err := os.Symlink("liverecon.db", filepath.Join(c.dir, "link.db")); err != nil {
		t.Fatal(err)
	}
	config := c.under(filepath.Join(c.dir, "link.db"))
	first, out := c.start("")
	c.waitServed(10)
	ended := make(chan error, 1)
	go func() { ended <- first.Wait() }()
	keptOut := 0
	for running := true; running; {
		select {
		case err := <-ended:
			if running = false; err != nil {
				t.Errorf("the first run ended with %v:\n%s", err, out)
			}
		case <-time.After(50 * time.Millisecond):
			second := c.command("liverecon", "run", "--config", config)
			text, _ := second.CombinedOutput() // how it ended is looked at next
			switch code := second.ProcessState.ExitCode(); code {
			case batch.ExitLocked:
				keptOut++
			case batch.ExitDone: // the first has given its lock back, and is about to end
				if !bytes.Contains(text, []byte("nothing to do")) {
					t.Errorf("a second run had something to do:\n%s", text)
				}
			default:
				t.Errorf("a second run ended with %d:\n%s", code, text)
			}
		}
	}
	if keptOut == 0 {
		t.Error("no second run began before the first had ended")
	}
	c.askedOnce()
}

// TestFirstRunsAtOnce lets the first runs of a new database begin together, by two names.
func TestFirstRunsAtOnce(t *testing.T) {
	for round := range 3 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			c := newSite(t, t.TempDir(), 100, simulator.Config{Seed: uint64(round), Latency: 5 * time.Millisecond, Balance: -1})
			if err := os.Symlink(".", filepath.Join(c.dir, "same")); err != nil {
				t.Fatal(err)
			}
			config := c.under(filepath.Join(c.dir, "same", "liverecon.db"))
			var runs []*exec.Cmd
			var outs []*bytes.Buffer
			for n := range 6 {
				cmd := c.command("liverecon", "run", "--config", []string{"liverecon.toml", config}[n%2])
				out := &bytes.Buffer{}
				cmd.Stdout, cmd.Stderr = out, out
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				runs, outs = append(runs, cmd), append(outs, out)
			}
			done := 0
			for n, cmd := range runs {
				_ = cmd.Wait() // how it ended is looked at next
				switch code := cmd.ProcessState.ExitCode(); code {
				case batch.ExitDone:
					done++
				case batch.ExitLocked:
				default:
					t.Errorf("run %d ended with %d:\n%s", n, code, outs[n])
				}
			}
			if done == 0 {
				t.Error("nobody has run")
			}
			c.askedOnce()
		})
	}
}

// askedOnce asserts that the books agree with the vendor's ledger, that every ID was asked once, and that nothing is left.
func (c *crashSite) askedOnce() {
	c.t.Helper()
	c.judge()
	served := servedByID(c.vendor)
	if len(served) != c.listed {
		c.t.Errorf("%d IDs were asked, %d are listed", len(served), c.listed)
	}
	for id, n := range served {
		if n != 1 {
			c.t.Errorf("%s was asked %d times", id, n)
		}
	}
	c.nothingLeft()
}
