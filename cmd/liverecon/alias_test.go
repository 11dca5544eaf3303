package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
)

// aliasNight is a night in which a second run finds the database of the first by another name.
type aliasNight struct {
	name string
	// alias makes the other name, within the site's directory, and returns it.
	alias func(c *crashSite) (database string, err error)
	// mounts is a command line of a mount namespace of the second run's own, "" for none.
	mounts string
	// code is what the second run ends with while the first goes on.
	code int
	// later is what it ends with when the first has ended.
	later int
}

var aliasNights = []aliasNight{
	{"symbolic link", func(c *crashSite) (string, error) {
		return "other/link.db", os.Symlink("../liverecon.db", c.path("other/link.db"))
	}, "", batch.ExitLocked, batch.ExitDone},
	{"link to a link", func(c *crashSite) (string, error) {
		return "other/second.db", errors.Join(os.Symlink(c.path("liverecon.db"), c.path("other/first.db")), os.Symlink("first.db", c.path("other/second.db")))
	}, "", batch.ExitLocked, batch.ExitDone},
	{"link to the directory", func(c *crashSite) (string, error) {
		return "other/dir/liverecon.db", os.Symlink(c.dir, c.path("other/dir"))
	}, "", batch.ExitLocked, batch.ExitDone},
	{"absolute name", func(c *crashSite) (string, error) { return c.path("liverecon.db"), nil }, "", batch.ExitLocked, batch.ExitDone},
	{"roundabout name", func(c *crashSite) (string, error) { return "other/.././liverecon.db", nil }, "", batch.ExitLocked, batch.ExitDone},
	{"lock file removed", func(c *crashSite) (string, error) {
		return "liverecon.db", os.Remove(c.path("liverecon.db.lock"))
	}, "", batch.ExitLocked, batch.ExitDone},
	{"lock file replaced", func(c *crashSite) (string, error) {
		return "liverecon.db", errors.Join(os.Remove(c.path("liverecon.db.lock")), os.WriteFile(c.path("liverecon.db.lock"), nil, 0o600))
	}, "", batch.ExitLocked, batch.ExitDone},
	{"hard link", func(c *crashSite) (string, error) {
		return "other/hard.db", os.Link(c.path("liverecon.db"), c.path("other/hard.db"))
	}, "", batch.ExitInput, batch.ExitInput},
	{"directory mounted elsewhere", func(c *crashSite) (string, error) {
		return "other/mounted/liverecon.db", os.Mkdir(c.path("other/mounted"), 0o700)
	}, "mount --bind . other/mounted", batch.ExitLocked, batch.ExitDone},
	{"file mounted alone", func(c *crashSite) (string, error) {
		return "other/alone.db", os.WriteFile(c.path("other/alone.db"), nil, 0o600)
	}, "mount --bind liverecon.db other/alone.db", batch.ExitInput, batch.ExitInput},
}

func (c *crashSite) path(name string) string { return filepath.Join(c.dir, name) }

// TestNightsByEveryAlias lets a second run begin again and again, by another name of the database, while the first makes
// its calls. The vendor's ledger judges: no ID is asked twice, and the second run is told why it may not.
func TestNightsByEveryAlias(t *testing.T) {
	for _, n := range aliasNights {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			c := newSite(t, t.TempDir(), 300, simulator.Config{Seed: 1, Latency: 30 * time.Millisecond, Balance: -1})
			c.slowDown()
			c.must(os.Mkdir(c.path("other"), 0o700))
			first, out := c.start("")
			c.waitFor(20)
			database, err := n.alias(c)
			c.must(err)
			c.call(database)
			ended := make(chan error, 1)
			go func() { ended <- first.Wait() }()
			tries := 0
			for running := true; running; tries++ {
				code, text := n.second(c)
				wait := 100 * time.Millisecond
				if code != n.code {
					wait = 5 * time.Second // the first has given its lock back, and is about to end
				}
				select {
				case err = <-ended:
					running = false
				case <-time.After(wait):
					if code != n.code {
						t.Fatalf("the second run ended with %d, want %d:\n%s", code, n.code, text)
					}
				}
			}
			if err != nil || tries < 2 {
				t.Errorf("%d second runs, the first ended with %v:\n%s", tries-1, err, out)
			}
			if code, text := n.second(c); code != n.later {
				t.Errorf("after the first, the second run ended with %d, want %d:\n%s", code, n.later, text)
			}
			c.must(os.RemoveAll(c.path("other")))
			c.askedOnce()
		})
	}
}

// TestFirstRunsAtOnce lets the first runs of a new database begin together, by two names.
func TestFirstRunsAtOnce(t *testing.T) {
	for round := range 3 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			t.Parallel()
			c := newSite(t, t.TempDir(), 100, simulator.Config{Seed: uint64(round), Latency: 5 * time.Millisecond, Balance: -1})
			c.must(os.Mkdir(c.path("other"), 0o700))
			c.must(os.Symlink("..", c.path("other/dir")))
			c.call("other/dir/liverecon.db")
			var runs []*exec.Cmd
			var outs []*bytes.Buffer
			for n := range 6 {
				cmd := c.command("liverecon", "run", "--config", []string{"liverecon.toml", "alias.toml"}[n%2])
				out := &bytes.Buffer{}
				cmd.Stdout, cmd.Stderr = out, out
				c.must(cmd.Start())
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

// second runs the program by the other name.
func (n aliasNight) second(c *crashSite) (code int, text string) {
	cmd := c.command("liverecon", "run", "--config", "alias.toml")
	if n.mounts != "" {
		cmd = c.command("sh", "-c", n.mounts+" && exec liverecon run --config alias.toml")
		cmd.SysProcAttr = ownMounts()
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) {
		c.t.Skipf("needs a mount namespace: %v", err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// ownMounts gives a process a mount namespace; whoever is not root becomes it in there.
func ownMounts() *syscall.SysProcAttr {
	if os.Geteuid() == 0 {
		return &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	}
	return &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, Unshareflags: syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}}
}

// call writes alias.toml: the site's configuration with another name of the database.
func (c *crashSite) call(database string) {
	text, err := os.ReadFile(c.path("liverecon.toml"))
	c.must(err)
	c.write("alias.toml", fmt.Sprintf("database = %q\n%s", database, text))
}

// slowDown makes a run of 300 IDs take seconds.
func (c *crashSite) slowDown() {
	text, err := os.ReadFile(c.path("liverecon.toml"))
	c.must(err)
	c.write("liverecon.toml", strings.ReplaceAll(string(text), "rate = 10000", "rate = 60"))
}

// waitFor waits until the vendor has served so many requests.
func (c *crashSite) waitFor(requests int) {
	for end := time.Now().Add(30 * time.Second); len(c.vendor.Entries()) < requests; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("%d requests after 30 s", len(c.vendor.Entries()))
		}
	}
}

func (c *crashSite) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
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
