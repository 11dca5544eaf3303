package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/judge"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

var (
	kills     = flag.Int("kills", 20, "how often TestCrash kills the program")
	crashSeed = flag.Uint64("crash-seed", 0, "seed of TestCrash; 0: the clock's")
)

const (
	crashRound    = 20   // kills of one database
	crashRows     = 3000 // IDs listed at a time
	crashInFlight = 48   // calls in flight, both endpoints together
)

// crashSite is a vendor that survives, and a directory in which the program is killed again and again.
type crashSite struct {
	t      *testing.T
	dir    string
	rng    *rand.Rand
	vendor *simulator.Vendor
	url    string
	rows   int // listed at first, and again whenever all are answered
	listed int
}

func newCrashSite(t *testing.T, dir string, seed uint64) *crashSite {
	return newSite(t, dir, crashRows, simulator.Config{Seed: seed, Latency: time.Millisecond, LatencyJitter: 4 * time.Millisecond, Balance: -1,
		Faults: simulator.Faults{Probability: crashFaults, TokenProbability: map[simulator.Fault]float64{simulator.Copy: 0.5}}})
}

// crashFaults list what goes wrong besides the kills. What a client can find out only later, by reading on, is not
// among them: a new envelope, and another connection's answer that was lost there. After a kill nobody reads on.
var crashFaults = map[simulator.Fault]float64{
	simulator.ResetAfter: 0.002, simulator.ErrorFree: 0.01, simulator.Truncated: 0.001, simulator.HangUp: 0.002,
	simulator.Copy: 0.01, simulator.CopyToken: 0.001, simulator.StrayPage: 0.0005, simulator.StrayEmpty: 0.0005,
	simulator.Stray204: 0.0005, simulator.StrayPart: 0.0005, simulator.StrayByte: 0.0005, simulator.StrayLine: 0.0005,
}

// newSite makes a list of so many rows, and a configuration for a vendor that listens.
func newSite(t *testing.T, dir string, rows int, vendor simulator.Config) *crashSite {
	c := &crashSite{t: t, dir: dir, rng: rand.New(rand.NewPCG(vendor.Seed, 2)), rows: rows}
	var err error
	if c.vendor, err = simulator.New(vendor); err != nil {
		t.Fatal(err)
	}
	c.url = "http://" + listen(t, c.vendor)
	var text strings.Builder
	text.WriteString("lists = [\"ids.csv\"]\n[limits]\nconcurrency = 48\n[fetch]\nrepeat_in_doubt = \"always\"\nrepeat_after = \"0s\"\ntimeout = \"5s\"\n")
	for _, name := range []string{"ph", "th"} {
		fmt.Fprintf(&text, "[endpoint.%s]\nurl = \"%s/%s/%s/openapi/face-identity/v1/liveness-detection\"\ntoken_url = \"%s/%s/openapi/auth/ticket/v1/generate-token\"\nrate = 10000\nconcurrency = %d\n",
			name, c.url, name, name, c.url, name, crashInFlight/2)
	}
	c.write("liverecon.toml", text.String())
	c.grow()
	return c
}

// listen serves a vendor on a port of this machine until the test ends.
func listen(t *testing.T, vendor *simulator.Vendor) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() { _ = vendor.Serve(l) }) // until it is closed
	t.Cleanup(func() {
		_ = l.Close() // nobody is left to be told
		served.Wait()
		vendor.CloseConnections()
	})
	return l.Addr().String()
}

func (c *crashSite) write(name, text string) {
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// grow adds rows to the list.
func (c *crashSite) grow() {
	c.listed += c.rows
	var text strings.Builder
	text.WriteString("signatureId,region\n")
	for i := range c.listed {
		fmt.Fprintf(&text, "e%015x,%s\n", i, []string{"PH", "TH"}[i%2])
	}
	c.write("ids.csv", text.String())
}

// start begins a run; wrap puts a shell command line around it.
func (c *crashSite) start(wrap string) (*exec.Cmd, *bytes.Buffer) {
	cmd := c.command("sh", "-c", wrap+" exec liverecon run")
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	return cmd, out
}

// killed runs the program and kills it: after a while, or in the middle of its calls, however slow the machine is. It
// says whether the program was faster.
func (c *crashSite) killed() (ended bool) {
	cmd, out := c.start("")
	exited := make(chan struct{})
	var killer sync.WaitGroup
	defer killer.Wait()
	wait, calls := time.Duration(c.rng.Int64N(int64(200*time.Millisecond))), c.vendor.Served()+1+c.rng.IntN(crashRows/4)
	if c.rng.IntN(2) == 0 {
		calls = 0
	}
	killer.Go(func() {
		for begun := time.Now(); calls > 0 && c.vendor.Served() < calls || calls == 0 && time.Since(begun) < wait; {
			select {
			case <-exited:
				return
			case <-time.After(time.Millisecond):
			}
		}
		_ = cmd.Process.Kill() // it may have ended already
	})
	defer c.vendor.CloseConnections()
	var exit *exec.ExitError
	err := cmd.Wait()
	close(exited)
	switch {
	case err == nil:
		return true
	case !errors.As(err, &exit):
		c.t.Fatal(err)
	case exit.ExitCode() == batch.ExitPartial:
		return true // some answers were lost on the way
	case exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL:
		c.t.Fatalf("run: %v\n%s", err, out)
	}
	return false
}

// finish runs the program until nothing is left to do.
func (c *crashSite) finish() {
	var out *bytes.Buffer
	for range 10 {
		var cmd *exec.Cmd
		cmd, out = c.start("")
		if cmd.Wait() == nil {
			return
		}
	}
	c.t.Fatalf("not done after ten runs:\n%s", out)
}

// judge compares the books with the vendor's ledger; after a kill some calls may lack their outcome, but no more than
// were in flight. It returns how many lack it.
func (c *crashSite) judge() (open int) {
	c.t.Helper()
	s, err := store.OpenReader(context.Background(), filepath.Join(c.dir, "liverecon.db"))
	if errors.Is(err, os.ErrNotExist) {
		if n := len(c.vendor.Entries()); n > 0 {
			c.t.Fatalf("no database, but the vendor served %d requests", n)
		}
		return 0 // killed before the first schema was there
	}
	if err != nil {
		c.t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // opened for reading
	books, err := judge.Read(context.Background(), s)
	if err != nil {
		c.t.Fatal(err)
	}
	if n := books.Open(); n > crashInFlight {
		c.t.Errorf("%d calls in doubt after one kill, at most %d were in flight", n, crashInFlight)
	}
	c.t.Logf("%d calls, %d without outcome, %d requests served", len(books.Calls), books.Open(), len(c.vendor.Entries()))
	if err := (judge.Case{Entries: c.vendor.Entries(), Unasked: c.vendor.Unasked(), Books: books}).Check(); err != nil {
		c.t.Error(err)
	}
	if err := s.Books().Audit(context.Background()); err != nil && books.Open() == 0 {
		c.t.Error(err)
	}
	if complaints := c.vendor.Complaints(); len(complaints) > 0 {
		c.t.Errorf("the vendor complains: %v", complaints)
	}
	return books.Open()
}

// TestCrash kills the real program at random moments, judges the books after every kill, restarts until done, and
// judges again.
func TestCrash(t *testing.T) {
	t.Parallel()
	seed := *crashSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	for done := 0; done < *kills; done += crashRound {
		t.Run(fmt.Sprint(done/crashRound), func(t *testing.T) {
			t.Logf("replay (timing apart): go test ./cmd/liverecon -run TestCrash -args -crash-seed=%d", seed)
			c := newCrashSite(t, t.TempDir(), seed+uint64(done))
			for range min(crashRound, *kills-done) {
				for c.killed() {
					c.grow()
				}
				c.judge()
			}
			c.finish()
			c.judge()
			c.nothingLeft()
		})
	}
}

// nothingLeft asserts that a further run makes no request.
func (c *crashSite) nothingLeft() {
	before := len(c.vendor.Entries())
	c.finish()
	if n := len(c.vendor.Entries()) - before; n != 0 {
		c.t.Errorf("a run with nothing to do made %d requests", n)
	}
}

// TestDiskFull lets the disk fill up in the middle of a run: it fails in order, the outcomes of the calls in flight are
// in the spill file, and the next run with room imports them. Nothing is in doubt for it.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	limit, free := smallDisk(t, dir, 3<<20)
	c := newCrashSite(t, dir, 5)
	c.vendor.SetFaults(simulator.Faults{})
	cmd, out := c.start(limit)
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != batch.ExitFailed || !strings.Contains(out.String(), "FAILED") {
		t.Fatalf("run on a full disk: %v\n%s", err, out)
	}
	served := len(c.vendor.Entries())
	if served < 10 || served > c.listed {
		t.Fatalf("%d requests were served before the disk was full:\n%s", served, out)
	}
	if info, err := os.Stat(filepath.Join(dir, "liverecon.db.spill")); err != nil || info.Size() == 0 {
		t.Errorf("no spill file: %v", err)
	}
	if open := c.judge(); open == 0 || !strings.Contains(out.String(), fmt.Sprintf(", %d in doubt, ", open)) {
		t.Errorf("the verdict does not say that %d calls are in doubt until their outcomes are imported:\n%s", open, out)
	}
	free()
	c.finish()
	c.judge()
	for id, n := range servedByID(c.vendor) {
		if n > 1 {
			t.Errorf("%s was asked for %d times: its answer was lost", id, n)
		}
	}
}

func servedByID(v *simulator.Vendor) map[string]int {
	served := map[string]int{}
	for _, e := range v.Entries() {
		if !e.Token {
			served[e.ID]++
		}
	}
	return served
}

// TestFirstRunOnAFullDisk begins on disks of all sizes, from nothing to enough: whatever the first run left, the next
// one with room ends the work, and nothing is asked twice but what is in doubt.
func TestFirstRunOnAFullDisk(t *testing.T) {
	t.Parallel()
	sizes := []int{}
	for size := 24 << 10; size < 8<<20; size += 60<<10 + size/4 {
		sizes = append(sizes, size)
	}
	done := 0
	for _, size := range sizes {
		t.Run(fmt.Sprint(size>>10, " KiB"), func(t *testing.T) {
			dir := t.TempDir()
			limit, free := smallDisk(t, dir, size)
			c := newSite(t, dir, 200, simulator.Config{Seed: 5, Balance: -1})
			cmd, out := c.start(limit)
			var exit *exec.ExitError
			switch err := cmd.Wait(); {
			case err == nil:
				done++
			case !errors.As(err, &exit) || exit.ExitCode() != batch.ExitFailed || !strings.Contains(out.String(), "hint: free some space"):
				t.Errorf("run on a full disk: %v\n%s", err, out)
			}
			free()
			c.finish()
			c.judge()
			for id, n := range servedByID(c.vendor) {
				if n > 1 {
					t.Errorf("%s was asked for %d times: its answer was lost", id, n)
				}
			}
		})
	}
	if done == 0 || done == len(sizes) {
		t.Errorf("%d of %d first runs had room", done, len(sizes))
	}
}
