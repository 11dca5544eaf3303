package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// mount mounts until the test has ended, and skips it where this user may not.
func mount(t *testing.T, source, target, kind string, flags uintptr, data string) {
	t.Helper()
	err := syscall.Mount(source, target, kind, flags, data)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skipf("needs a user who may mount: %v", err)
	}
	check(t, err)
	t.Cleanup(func() {
		if err := syscall.Unmount(target, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// TestMountedAloneIsRefused: a container that mounts the file without its directory keeps the log in a layer that ends with
// it.
func TestMountedAloneIsRefused(t *testing.T) {
	path, layer := closedDatabase(t), t.TempDir()
	inside := filepath.Join(layer, "books.db")
	check(t, os.WriteFile(inside, nil, 0o600))
	mount(t, path, inside, "", syscall.MS_BIND, "")
	before := entries(t, layer)
	for name, open := range map[string]func(context.Context, string) (*store.Store, error){"open": store.Open, "open to read": store.OpenReader} {
		_, err := open(context.Background(), inside)
		if !errors.Is(err, dbfile.ErrMounted) || !strings.Contains(err.Error(), inside) {
			t.Errorf("%s: %v, want ErrMounted", name, err)
		}
	}
	if after := entries(t, layer); !slices.Equal(before, after) {
		t.Errorf("left %v, there was %v", after, before)
	}
	l, err := dbfile.Acquire(path, "run") // where its directory is with it
	check(t, err)
	check(t, l.Release())
}

// TestReleaseBesideAStart: a program that is being started has, for a moment, every file that is open here. A lock that
// was given back is free even so.
func TestReleaseBesideAStart(t *testing.T) {
	path := closedDatabase(t)
	l, err := dbfile.Acquire(path, "run")
	check(t, err)
	same, err := unix.Dup(int(l.File().Fd())) // the same open file, as a child has it before it is another program
	check(t, err)
	check(t, l.Release())
	again, err := dbfile.Acquire(path, "run")
	check(t, err)
	check(t, unix.Close(same))
	locked(t, path)
	check(t, again.Release())
}

// TestMountedDirectory: with its directory a database may be mounted anywhere, and more than once: the lock is one.
func TestMountedDirectory(t *testing.T) {
	path, other := closedDatabase(t), t.TempDir()
	mount(t, filepath.Dir(path), other, "", syscall.MS_BIND, "")
	s := openAt(t, filepath.Join(other, "liverecon.db"))
	if h := locked(t, path); h.PID != os.Getpid() {
		t.Errorf("held by %+v", h)
	}
	_, _, err := s.Runs().Open(context.Background(), "test", true)
	check(t, err)
	if n := count(t, rawDB(t, path), "SELECT count(*) FROM runs"); n != 2 {
		t.Errorf("%d runs under the other name", n)
	}
}

// TestLocate follows links, and tells of what kind the file system is where that matters.
func TestLocate(t *testing.T) {
	dir := t.TempDir()
	mount(t, "tmpfs", dir, "tmpfs", 0, "size=8m")
	path, link := filepath.Join(dir, "liverecon.db"), filepath.Join(t.TempDir(), "link.db")
	site, err := dbfile.Locate(path)
	check(t, err)
	if want := (dbfile.Site{Path: path, Missing: true, Fleeting: "tmpfs"}); site != want {
		t.Errorf("%+v, want %+v", site, want)
	}
	check(t, openAt(t, path).Close())
	check(t, os.Symlink(path, link))
	site, err = dbfile.Locate(link)
	check(t, err)
	if want := (dbfile.Site{Path: path, Names: 1, Fleeting: "tmpfs"}); site != want || site.Check() != nil || site.CheckLocal() != nil {
		t.Errorf("%+v, want %+v", site, want)
	}
	site, err = dbfile.Locate("/proc/self/status")
	check(t, err)
	if site.Fleeting != "" || site.Network != "" {
		t.Errorf("what is neither is called so: %+v", site)
	}
	if _, err := dbfile.Locate(filepath.Join(dir, "missing", "liverecon.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a missing directory: %v", err)
	}
	check(t, unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
	if _, err := dbfile.Locate(filepath.Join(dir, "fifo")); !errors.Is(err, dbfile.ErrForeign) {
		t.Errorf("a pipe: %v", err)
	}
}

// TestCreateInEverySize makes a database on a disk of every size from nothing to enough, page by page.
func TestCreateInEverySize(t *testing.T) {
	dir := t.TempDir()
	mount(t, "tmpfs", dir, "tmpfs", 0, "size=4k")
	resize := func(size string) { check(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size="+size)) }
	for pages := 1; ; pages++ {
		resize(fmt.Sprint(pages * os.Getpagesize()))
		err := createIn(t, dir)
		resize("64m")
		usable(t, dir)
		if err == nil {
			t.Logf("%d pages are enough", pages)
			return
		}
		if !dbfile.IsFull(err) && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d pages: the error does not say that the disk is full: %v", pages, err)
		}
	}
}

// What stands beside a database is a regular file, or the database is refused for its site: nothing is written through a
// link, and nothing read from a device, which may never end.
func TestOnlyRegularFilesBeside(t *testing.T) {
	kinds := map[string]func(string) error{
		"a link to a device":        func(path string) error { return os.Symlink("/dev/zero", path) },
		"a link to a file":          func(path string) error { return os.Symlink(filepath.Join(filepath.Dir(path), "other"), path) },
		"a link that leads nowhere": func(path string) error { return os.Symlink("nothing", path) },
		"a directory":               func(path string) error { return os.Mkdir(path, 0o700) },
		"a pipe":                    func(path string) error { return unix.Mkfifo(path, 0o600) },
	}
	for _, suffix := range []string{".spill", ".lock"} {
		for kind, make := range kinds {
			path := closedDatabase(t)
			other := filepath.Join(filepath.Dir(path), "other")
			check(t, os.WriteFile(other, []byte("of others"), 0o600))
			if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			check(t, make(path+suffix))
			var site *dbfile.SiteError
			_, err := dbfile.Acquire(path, "run")
			if !errors.As(err, &site) || !errors.Is(err, dbfile.ErrSpecial) || site.Path != path+suffix {
				t.Errorf("%s as %s: %v", kind, suffix, err)
			}
			// one that begins to be one after that look is met as well
			if file, err := store.OpenRegular(path + suffix); !errors.Is(err, dbfile.ErrSpecial) {
				t.Errorf("%s opens as %s: %v, %v", kind, suffix, file, err)
			}
			if text, err := os.ReadFile(other); err != nil || string(text) != "of others" {
				t.Errorf("%s as %s: the other file is %q, %v", kind, suffix, text, err)
			}
		}
	}
}
