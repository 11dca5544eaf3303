package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/batch/liveness/simulator"
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
)

// lostLocks is the exit code of a watched program that has lost SQLite's locks.
const lostLocks = 99

// watched is the program in a process that has the database of the working directory open all the while. What SQLite has
// locked in it must be as before once the verb has ended: locks on -shm are the process's, and whoever opens that file and
// closes it drops them; so would a descriptor of the database itself, were its locks not those of an open file.
func watched() {
	const database = "liverecon.db"
	s, err := store.OpenReader(context.Background(), database)
	if err == nil {
		_, err = s.Runs().Latest(context.Background(), 1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	before := append(locksOn(database), locksOn(database+"-shm")...)
	code := (&program{out: stream{raw: os.Stdout}, err: stream{raw: os.Stderr}}).main(os.Args[1:])
	after := append(locksOn(database), locksOn(database+"-shm")...)
	if len(before) < 2 || !slices.Equal(before, after) {
		fmt.Fprintf(os.Stderr, "locked were\n%s\nand are\n%s\n", strings.Join(before, "\n"), strings.Join(after, "\n"))
		code = lostLocks
	}
	os.Exit(code)
}

// locksOn are the locks that this process has on a file by any of its descriptors, as the system lists them, without their
// places in its list. The list of the whole system would not do: it names files by device and inode, and not every file
// system gives both as stat does.
func locksOn(path string) (locks []string) {
	file, err := os.Stat(path)
	if err != nil {
		return nil
	}
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	for _, d := range descriptors {
		open, err := os.Stat(filepath.Join("/proc/self/fd", d.Name()))
		if err != nil || !os.SameFile(file, open) {
			continue // closed meanwhile, or another file
		}
		text, err := os.ReadFile(filepath.Join("/proc/self/fdinfo", d.Name()))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if lock, ok := strings.CutPrefix(line, "lock:"); ok {
				_, lock, _ = strings.Cut(lock, ": ")
				locks = append(locks, strings.TrimSpace(lock))
			}
		}
	}
	slices.Sort(locks)
	return slices.Compact(locks)
}

// TestVerbsKeepLocks runs every verb that opens the database while the process has it open already, with all that it may
// search or write beside the database.
func TestVerbsKeepLocks(t *testing.T) {
	t.Parallel()
	c := newSite(t, t.TempDir(), 40, simulator.Config{Seed: 3, Balance: -1})
	text, err := os.ReadFile(filepath.Join(c.dir, "liverecon.toml"))
	if err != nil {
		t.Fatal(err)
	}
	c.write("liverecon.toml", strings.Replace(string(text), "\n", "\nreports = \".\"\n", 1)+"[backup]\ndirectory = \".\"\n[notify]\nmetrics_file = \"liverecon.prom\"\n"+
		"[[price]]\nendpoint = \"ph\"\nfrom = \"2020-01-01\"\ncurrency = \"USD\"\nunit = \"0.03\"\n[[price]]\nendpoint = \"th\"\nfrom = \"2020-01-01\"\ncurrency = \"USD\"\nunit = \"0.03\"\n")
	c.finish()
	c.grow()
	month := time.Now().In(config.MustZone(config.DefaultZone)).Format("2006-01")
	c.write("statement.csv", c.statement(month))
	for _, verb := range []struct {
		code int
		line string
	}{
		{0, "plan"}, {0, "run"}, {0, "status"}, {1, "doctor"}, {0, "explain e000000000000001"}, {0, "backup"}, {0, "backup copy.db"},
		{0, "report risk --detail csv"}, {0, "report finance"}, {0, "report focus"},
		{0, "verify finance_" + month + ".xlsx"}, {0, "decisions risk_" + month + ".xlsx"},
		{0, "reconcile --statement statement.csv"}, {0, "dispute --month " + month},
		{0, "close --month 2020-01 --without-statement"}, {0, "close --month 2020-01 --reopen test"},
		{0, "erase e000000000000003"}, {0, "erase --yes e000000000000003"}, {0, "purge --older-than 1d"}, {0, "purge --older-than 1d --yes"},
		// What is no list, statement or workbook is opened to find that out.
		{5, "run --lists liverecon.db"}, {10, "reconcile --statement liverecon.db"}, {10, "verify liverecon.db"},
	} {
		t.Run(verb.line, func(t *testing.T) {
			cmd := c.command("watched", strings.Fields(verb.line)...)
			out, _ := cmd.CombinedOutput() // how it ended is looked at next
			if code := cmd.ProcessState.ExitCode(); code != verb.code {
				t.Errorf("exit code %d, want %d:\n%s", code, verb.code, out)
			}
		})
	}
}

// command is a command line in the site's directory, with the keys of its vendor.
func (c *crashSite) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LIVERECON_ACCESS_KEY=any", "LIVERECON_SECRET_KEY="+simulator.DefaultCredential.SecretKey)
	return cmd
}

// statement is the vendor's, of a month.
func (c *crashSite) statement(month string) string {
	answer, err := http.Get(c.url + "/statement?month=" + month)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}
