//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
)

// obstacle is something else in the place of a record.
type obstacle struct {
	name string
	put  func(path string) error
	dir  bool // no record can be made in its place
}

var obstacles = []obstacle{
	{name: "nothing", put: func(string) error { return nil }},
	{name: "an empty file", put: func(path string) error { return os.WriteFile(path, nil, 0o600) }},
	{name: "a file for nobody", put: func(path string) error { return os.WriteFile(path, []byte("{}\n"), 0) }},
	{name: "a FIFO", put: func(path string) error { return syscall.Mkfifo(path, 0o600) }},
	{name: "a link to itself", put: func(path string) error { return os.Symlink(filepath.Base(path), path) }},
	{name: "a link to a file", put: func(path string) error {
		return errors.Join(os.WriteFile(path+".old", []byte("kept\n"), 0o600), os.Symlink(filepath.Base(path)+".old", path))
	}},
	{name: "a directory", put: func(path string) error { return os.Mkdir(path, 0o700) }, dir: true},
	{name: "a directory with a file", put: func(path string) error { return os.MkdirAll(filepath.Join(path, "kept"), 0o700) }, dir: true},
}

// Whatever stands in the place of a record, nights go on and say so. It is made anew where that can be; the other record
// vouches for the database in the meantime, and where there is none it is as if both were missing.
func TestRecordInTheWay(t *testing.T) {
	for _, places := range []struct {
		name           string
		beside, report bool
	}{{"beside", true, false}, {"in reports", false, true}, {"both", true, true}} {
		t.Run(places.name, func(t *testing.T) {
			t.Parallel()
			c := newSite(t, t.TempDir(), 4, simulator.Config{Seed: 7, Balance: -1})
			if code, out := c.code("run"); code != batch.ExitDone {
				t.Fatalf("the first night ended with %d:\n%s", code, out)
			}
			var paths []string
			if places.beside {
				paths = append(paths, filepath.Join(c.dir, "liverecon.db.record"))
			}
			if places.report {
				found, err := filepath.Glob(filepath.Join(c.dir, "reports", ".liverecon-*.record"))
				if err != nil || len(found) != 1 {
					t.Fatal(found, err)
				}
				paths = append(paths, found...)
			}
			for n, o := range obstacles {
				if len(paths) == 2 && n%3 > 0 && n < len(obstacles)-1 { // a few of them will do
					continue
				}
				o.stand(c, paths, len(paths) == 2)
			}
			if code, out := c.code("doctor"); strings.Count(out, "is a directory, where a run keeps a record") != len(paths) || code != 0 {
				t.Errorf("doctor ended with %d:\n%s", code, out)
			}
			if code, out := c.code("run"); code != batch.ExitDone || strings.Count(out, "is a directory") != len(paths) {
				t.Errorf("the night after ended with %d:\n%s", code, out)
			}
			for _, path := range paths {
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
			}
			c.code("run")
			if code, out := c.code("run"); code != batch.ExitDone || strings.Contains(out, "record of the database") {
				t.Errorf("a night without anything in the way ended with %d:\n%s", code, out)
			}
			c.paidOnce()
		})
	}
}

// stand puts the obstacle where records belong, and plays a night.
func (o obstacle) stand(c *crashSite, paths []string, both bool) {
	c.t.Helper()
	for _, path := range paths {
		if err := errors.Join(os.RemoveAll(path), o.put(path)); err != nil {
			c.t.Fatal(err)
		}
	}
	c.grow()
	code, out := c.code("run")
	out = strings.Join(strings.Fields(out), " ")
	said := "made anew: "
	if o.dir {
		said = "is a directory"
	}
	if n := strings.Count(out, said); code != batch.ExitDone || n != len(paths) ||
		strings.Contains(out, "no record tells whether the database is the newest") != both {
		c.t.Errorf("%s: ended with %d, %q said %d times, want %d; that none tells has to be said is %v:\n%s", o.name, code, said, n, len(paths), both, out)
	}
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || info.IsDir() != o.dir || !o.dir && !info.Mode().IsRegular() {
			c.t.Errorf("%s: then there is %v, %v", o.name, info, err)
		}
		_, kept := os.Stat(filepath.Join(path, "kept"))
		if text, err := os.ReadFile(path + ".old"); o.name == "a link to a file" && string(text) != "kept\n" ||
			o.name == "a directory with a file" && kept != nil {
			c.t.Errorf("%s: what stood there is not kept: %q, %v, %v", o.name, text, err, kept)
		}
	}
}
