package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/hint"
	"liverecon/store/dbfile"
)

// A database on a network file system is refused unless the configuration says that it may be there.
func TestDatabaseOnANetwork(t *testing.T) {
	for text, want := range map[string]int{
		"": batch.ExitInput, "database_on_network = false\n": batch.ExitInput, "database_on_network = true\n": 0,
	} {
		c, err := config.Parse("t", ".", []byte(text+"lists = \"ids.csv\"\n[endpoint.sg]\n"))
		if err != nil {
			t.Fatal(err)
		}
		err = database.WithCode(database.Fits(c, dbfile.Site{Path: "liverecon.db", Network: "NFS"}))
		if config.ExitCode(err) != want {
			t.Errorf("%q: %v, exit code %d, want %d", text, err, config.ExitCode(err), want)
		}
		if want != 0 && (!strings.Contains(err.Error(), "liverecon.db is on NFS") || !strings.Contains(hint.For(err), "database_on_network = true")) {
			t.Errorf("%v, hint: %s", err, hint.For(err))
		}
		if err := database.Fits(c, dbfile.Site{Path: "liverecon.db", Fleeting: "tmpfs"}); err != nil {
			t.Errorf("%q: a local one: %v", text, err)
		}
	}
	if _, err := config.Parse("t", ".", []byte("database_on_network = \"yes\"\n")); err == nil {
		t.Error("a text passed for true or false")
	}
}

// doctor returns what is wrong about where the database is, and what to do, and warns of what will be gone one day.
func TestDoctorLooksAtTheSite(t *testing.T) {
	for _, site := range []struct {
		name   string
		spoil  string // command line, in a mount namespace of its own
		config string
		says   []string
	}{
		{"hard link", "ln liverecon.db other/hard.db", "",
			[]string{"FAIL  database", "a hard link", "hint: while nothing runs: cp -p liverecon.db "}},
		{"mounted alone", "touch other/alone.db && mount --bind liverecon.db other/alone.db", "database = \"other/alone.db\"\n",
			[]string{"FAIL  database", "mounted by itself", "hint: mount the directory in its place: docker run -v /srv/liverecon:", "/other"}},
		{"in memory", "mount -t tmpfs tmpfs other", "database = \"other/new.db\"\n",
			[]string{"WARN  database", "other is in memory (tmpfs)", "hint: name a directory on a disk"}},
		{"in a container's layer", "mkdir l w && mount -t tmpfs tmpfs w && mkdir w/u w/w && " +
			"mount -t overlay -o lowerdir=l,upperdir=w/u,workdir=w/w overlay other", "database = \"other/new.db\"\n",
			[]string{"WARN  database", "the container's own layer (overlay)", "hint: mount a volume there: docker run -v liverecon:"}},
		{"nothing", "true", "", []string{"OK    lock", "OK    database"}},
	} {
		t.Run(site.name, func(t *testing.T) {
			if out, err := exec.Command("unshare", "-m", "true").CombinedOutput(); err != nil {
				t.Skipf("no mount namespace for this user: %v %s", err, out)
			}
			c := newSite(t, t.TempDir(), 10, simulator.Config{Seed: 1, Balance: -1})
			c.finish()
			if err := os.Mkdir(filepath.Join(c.dir, "other"), 0o700); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(c.dir, "liverecon.toml"))
			if err != nil {
				t.Fatal(err)
			}
			c.write("liverecon.toml", site.config+string(text))
			cmd := c.command("unshare", "-m", "sh", "-ec", site.spoil+"; exec liverecon doctor")
			out, _ := cmd.CombinedOutput() // how it ended depends on what else doctor finds
			flat := strings.Join(strings.Fields(string(out)), " ")
			for _, want := range site.says {
				if !strings.Contains(flat, strings.Join(strings.Fields(want), " ")) {
					t.Errorf("doctor does not say %q:\n%s", want, out)
				}
			}
		})
	}
}
