//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/store/dbfile"
)

// cutShort kills a run in the middle of its calls.
func (c *crashSite) cutShort() {
	cmd, _ := c.start("")
	c.waitServed(c.vendor.Served() + 10)
	_ = cmd.Process.Kill() // unless it has ended
	_ = cmd.Wait()
}

// code runs a verb, and returns its exit code and what it printed.
func (c *crashSite) code(args ...string) (code int, text string) {
	cmd := c.command("liverecon", args...)
	out, err := cmd.CombinedOutput()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		c.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// TestRunWaitsForRecovery: a run waits for a reader that notes what became of the calls of a killed one. A verb that has work
// to do is another thing.
func TestRunWaitsForRecovery(t *testing.T) {
	t.Parallel()
	c := newSite(t, t.TempDir(), 100, simulator.Config{Seed: 1, Latency: 20 * time.Millisecond, Balance: -1})
	c.cutShort()
	for _, holder := range []struct {
		verb string
		want int
	}{{"reconcile", batch.ExitLocked}, {"recovery", batch.ExitDone}} {
		lock, err := dbfile.Acquire(filepath.Join(c.dir, "liverecon.db"), holder.verb)
		if err != nil {
			t.Fatal(err)
		}
		released := make(chan error, 1)
		time.AfterFunc(3*time.Second, func() { released <- lock.Release() })
		began := time.Now()
		code, text := c.code("run")
		if code != holder.want {
			t.Errorf("locked for %s: exit %d after %v\n%s", holder.verb, code, time.Since(began), text)
		}
		if err := <-released; err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadersBesideARun lets readers find a killed run at the very moment at which the next one begins: neither fails.
func TestReadersBesideARun(t *testing.T) {
	t.Parallel()
	c := newSite(t, t.TempDir(), 100, simulator.Config{Seed: 1, Latency: 20 * time.Millisecond, Balance: -1})
	for range 3 {
		c.cutShort()
		codes := make(chan string, 6)
		for range cap(codes) {
			go func() {
				text := ""
				if code, out := c.code("status"); code != batch.ExitDone {
					text = out
				}
				codes <- text
			}()
		}
		if code, text := c.code("run"); code != batch.ExitDone {
			t.Errorf("the run: exit %d\n%s", code, text)
		}
		for range cap(codes) {
			if text := <-codes; text != "" {
				t.Errorf("a reader failed:\n%s", text)
			}
		}
		c.grow()
	}
}

// TestRootReadsWithoutWriting: beside another user's database root's reader of a killed run leaves everything as it is.
func TestRootReadsWithoutWriting(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	c := newSite(t, t.TempDir(), 100, simulator.Config{Seed: 1, Latency: 20 * time.Millisecond, Balance: -1})
	c.cutShort()
	const nobody = 65534
	files := func() map[string]string {
		all := map[string]string{}
		entries, err := os.ReadDir(c.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			if info.IsDir() {
				continue
			}
			text, err := os.ReadFile(filepath.Join(c.dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			all[e.Name()] = string(text)
			if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != nobody {
				all[e.Name()] += " of root"
			}
		}
		return all
	}
	for name := range files() {
		if err := os.Chown(filepath.Join(c.dir, name), nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(c.dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	before := files()
	code, text := c.code("status")
	if code != batch.ExitDone {
		t.Errorf("exit %d\n%s", code, text)
	}
	after := files()
	for name, was := range before {
		if now, ok := after[name]; ok && now != was && filepath.Ext(name) != ".db-shm" { // where SQLite keeps its locks
			t.Errorf("%s is not as it was", name)
		}
		delete(after, name)
	}
	for name := range after {
		t.Errorf("%s was made", name)
	}
}
