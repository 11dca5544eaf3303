package main

import (
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

// alias is another name for the database of a site.
type alias struct {
	name string
	// make makes the alias and returns it, and what a shell has to do first, in a mount namespace of its own.
	make func(t *testing.T, dir string) (database, first string)
	// refused holds what is said of an alias under which the database's log would not be found; "" for one that is as
	// good as the name.
	refused string
}

var aliases = []alias{
	{name: "relative", make: func(*testing.T, string) (string, string) { return "./../site/liverecon.db", "" }},
	{name: "absolute", make: func(_ *testing.T, dir string) (string, string) { return filepath.Join(dir, "liverecon.db"), "" }},
	{name: "symbolic link", make: func(t *testing.T, dir string) (string, string) {
		return symlink(t, filepath.Join(dir, "liverecon.db"), filepath.Join(dir, "link.db")), ""
	}},
	{name: "chain of symbolic links elsewhere", make: func(t *testing.T, dir string) (string, string) {
		elsewhere := t.TempDir()
		symlink(t, filepath.Join(dir, "liverecon.db"), filepath.Join(elsewhere, "b.db"))
		return symlink(t, "b.db", filepath.Join(elsewhere, "a.db")), ""
	}},
	{name: "symbolic link to the directory", make: func(t *testing.T, dir string) (string, string) {
		return filepath.Join(symlink(t, dir, filepath.Join(t.TempDir(), "site")), "liverecon.db"), ""
	}},
	{name: "by way of /proc", make: func(t *testing.T, dir string) (string, string) {
		if _, err := os.Stat("/proc/self/root" + dir); err != nil {
			t.Skipf("no /proc here: %v", err)
		}
		return "/proc/self/root" + dir + "/liverecon.db", ""
	}},
	{name: "lock file removed", make: func(t *testing.T, dir string) (string, string) {
		if err := os.Remove(filepath.Join(dir, "liverecon.db.lock")); err != nil {
			t.Fatal(err)
		}
		return "liverecon.db", ""
	}},
	{name: "directory mounted elsewhere", make: func(t *testing.T, dir string) (string, string) {
		elsewhere := t.TempDir()
		return filepath.Join(elsewhere, "liverecon.db"), mount(t, dir, elsewhere)
	}},
	{name: "file mounted alone", refused: "the file is mounted by itself", make: func(t *testing.T, dir string) (string, string) {
		alone := filepath.Join(t.TempDir(), "liverecon.db")
		if err := os.WriteFile(alone, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return alone, mount(t, filepath.Join(dir, "liverecon.db"), alone)
	}},
	{name: "hard link", refused: "the file has another name as well (a hard link)", make: func(t *testing.T, dir string) (string, string) {
		link := filepath.Join(dir, "hard.db")
		if err := os.Link(filepath.Join(dir, "liverecon.db"), link); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(link) }) // the test may have done so
		return link, ""
	}},
}

func symlink(t *testing.T, to, from string) string {
	if err := os.Symlink(to, from); err != nil {
		t.Fatal(err)
	}
	return from
}

// mount is the shell command that binds one path to another, or skips the test where that is not allowed.
func mount(t *testing.T, from, to string) string {
	command := fmt.Sprintf("mount --bind '%s' '%s'", from, to)
	if out, err := exec.Command("unshare", "-m", "sh", "-ec", command).CombinedOutput(); err != nil {
		t.Skipf("no mount namespace of its own for this user: %v %s", err, out)
	}
	return command
}

// TestAliases plays a night that is stopped in its middle, while another one is started under an alias of the database:
// that one is kept out. The first is killed. Then the alias goes on with it, and the name finds nothing left to do. No
// answer is paid for twice.
func TestAliases(t *testing.T) {
	for _, a := range aliases {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			a.play(t, filepath.Join(t.TempDir(), "site"))
		})
	}
}

func (a alias) play(t *testing.T, dir string) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	c := newSite(t, dir, 600, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Balance: -1})
	run, out := c.start("")
	c.waitServed(50)
	// It stands still, with its lock and its calls: how long the other takes to begin does not matter.
	if err := run.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	database, first := a.make(t, dir)
	config := c.under(database)

	if a.refused == "" {
		c.runs(first, config, batch.ExitLocked, "is locked by")
	} else {
		c.runs(first, config, batch.ExitInput, a.refused)
	}
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait() // it was killed
	if a.refused != "" {
		c.runs(first, config, batch.ExitInput, a.refused)
		_ = os.Remove(filepath.Join(dir, "hard.db")) // only the hard link is there, and is in the way of every other name
	}
	if n := c.judge(); n == 0 || c.left() < 100 {
		t.Fatalf("%d calls in flight, %d IDs left: not in the middle of a night\n%s", n, c.left(), out)
	}
	if a.refused == "" {
		c.runs(first, config, batch.ExitDone, "DONE")
	}
	c.finish()
	c.judge()
	c.nothingLeft()
	c.paidOnce()
}

// under writes a configuration for another name of the database into a directory beside the site, where names that are
// not absolute lead elsewhere, and returns it.
func (c *crashSite) under(database string) string {
	text, err := os.ReadFile(filepath.Join(c.dir, "liverecon.toml"))
	if err != nil {
		c.t.Fatal(err)
	}
	dir := filepath.Join(filepath.Dir(c.dir), "beside")
	if database == "liverecon.db" {
		dir = c.dir
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		c.t.Fatal(err)
	}
	file := filepath.Join(dir, "alias.toml")
	lists := strings.Replace(string(text), `"ids.csv"`, `"`+filepath.Join(c.dir, "ids.csv")+`"`, 1)
	text = []byte(fmt.Sprintf("database = %q\nreports = %q\n%s", database, filepath.Join(c.dir, "reports"), lists))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		c.t.Fatal(err)
	}
	return file
}

// runs runs the program with a configuration, in a mount namespace of its own if something is to be done there first,
// and looks at how it ends.
func (c *crashSite) runs(first, config string, code int, said string) {
	c.t.Helper()
	cmd := exec.Command("liverecon", "run", "--config", config)
	if first != "" {
		cmd = exec.Command("unshare", "-m", "sh", "-ec", first+"; exec liverecon run --config '"+config+"'")
	}
	cmd.Dir = filepath.Dir(c.dir)
	cmd.Env = append(os.Environ(), "LIVERECON_ACCESS_KEY=any", "LIVERECON_SECRET_KEY="+simulator.DefaultCredential.SecretKey)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(out), said) {
		c.t.Errorf("a run under the alias ends with %d, want %d and %q:\n%s", got, code, said, out)
	}
}

// waitServed waits until the vendor has served so many requests.
func (c *crashSite) waitServed(n int) {
	for end := time.Now().Add(time.Minute); c.vendor.Served() < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("%d requests served after a minute, want %d", c.vendor.Served(), n)
		}
	}
}

// left counts the listed IDs that the vendor was not asked for.
func (c *crashSite) left() int { return c.listed - len(servedByID(c.vendor)) }

// paidOnce asserts that no ID was charged twice but those whose answer the kill took, at most as many as were in
// flight.
func (c *crashSite) paidOnce() {
	charged, twice := map[string]int{}, 0
	for _, e := range c.vendor.Entries() {
		if e.Charged {
			if charged[e.ID]++; charged[e.ID] == 2 {
				twice++
			}
		}
	}
	if twice > crashInFlight {
		c.t.Errorf("%d IDs were charged twice, %d calls were in flight when the run was killed", twice, crashInFlight)
	}
	for id, n := range servedByID(c.vendor) {
		if n > 2 {
			c.t.Errorf("%s was asked for %d times", id, n)
		}
	}
}
