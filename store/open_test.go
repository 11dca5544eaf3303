package store_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store"
	"liverecon/store/dbfile"
)

func TestOpenCreatesAndReopens(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "liverecon.db")
	s, err := store.Open(ctx, path)
	check(t, err)
	fill(t, s, 3)
	if s.Migrated != "" || s.Path() != path {
		t.Errorf("migrated %q, path %q", s.Migrated, s.Path())
	}
	check(t, s.Close())
	again := openAt(t, path)
	backlog, err := again.Checks().Backlog(ctx)
	check(t, err)
	if len(backlog) != 1 || backlog[0].Checks != 3 {
		t.Errorf("backlog %+v, want the 3 checks stored before", backlog)
	}
	check(t, again.Soundness().Check(ctx))
}

// TestOpenStrangePaths makes sure that a path is a path and never part of a URI.
func TestOpenStrangePaths(t *testing.T) {
	for _, name := range []string{"a b.db", "a?mode=ro.db", "50%.db", "%41.db", "a#b.db", "a&b=c;d.db", "ä 日本.db", "a'b\"c.db"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			s := openAt(t, path)
			fill(t, s, 1)
			check(t, s.Backup(context.Background(), filepath.Join(dir, "copy of "+name)))
			reader, err := store.OpenReader(context.Background(), path)
			check(t, err)
			check(t, reader.Close())
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"liverecon.db", "./dot.db", "a:b.db"} {
		s := openAt(t, name)
		fill(t, s, 1)
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}

// foreignFiles are files that must be refused, and left as they are.
func foreignFiles(t *testing.T, dir string) map[string]error {
	t.Helper()
	write := func(name, text string) { check(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)) }
	write("text", "livenessId,region\n"+strings.Repeat("ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1b1,PH\n", 100))
	write("short", "SQLite")
	write("torn", "SQLite format 3\x00"+strings.Repeat("\x07", 4080))
	other := rawDB(t, filepath.Join(dir, "other"))
	execSQL(t, other, "CREATE TABLE payroll (salary)")
	execSQL(t, other, "PRAGMA application_id = 42")
	execSQL(t, rawDB(t, filepath.Join(dir, "unmarked")), "CREATE TABLE payroll (salary)")
	newer := filepath.Join(dir, "newer")
	s, err := store.Open(context.Background(), newer)
	check(t, err)
	check(t, s.Close())
	execSQL(t, rawDB(t, newer), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
	execSQL(t, rawDB(t, newer), "PRAGMA wal_checkpoint(TRUNCATE)")
	return map[string]error{"text": dbfile.ErrForeign, "short": dbfile.ErrForeign, "torn": dbfile.ErrForeign, "other": dbfile.ErrForeign,
		"unmarked": dbfile.ErrForeign, "newer": dbfile.ErrNewer}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, want := range foreignFiles(t, dir) {
		path := filepath.Join(dir, name)
		before, err := os.ReadFile(path)
		check(t, err)
		modeBefore := mode(t, path)
		for verb, open := range map[string]func(context.Context, string) (*store.Store, error){"open": store.Open, "open to read": store.OpenReader} {
			s, err := open(context.Background(), path)
			if err == nil {
				check(t, s.Close())
			}
			if !errors.Is(err, want) || err != nil && !strings.Contains(err.Error(), name) {
				t.Errorf("%s %s: %v, want %v with the file's name", verb, name, err, want)
			}
		}
		after, err := os.ReadFile(path)
		check(t, err)
		if !bytes.Equal(before, after) {
			t.Errorf("%s was changed", name)
		}
		if mode(t, path) != modeBefore {
			t.Errorf("%s has mode %o now", name, mode(t, path))
		}
	}
	if _, err := store.Open(context.Background(), dir); !errors.Is(err, dbfile.ErrForeign) {
		t.Errorf("a directory: %v", err)
	}
}

func TestOpenWithoutPlace(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	check(t, os.WriteFile(file, nil, 0o600))
	for _, path := range []string{filepath.Join(dir, "missing", "liverecon.db"), filepath.Join(file, "liverecon.db")} {
		if s, err := store.Open(context.Background(), path); err == nil {
			t.Errorf("%s: no error", path)
			check(t, s.Close())
		}
	}
	if _, err := store.OpenReader(context.Background(), filepath.Join(dir, "missing.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read a missing file: %v", err)
	}
}

// TestOpenUnwritableDirectory asks as somebody whom the directory's mode binds, also when the tests run as root.
func TestOpenUnwritableDirectory(t *testing.T) {
	dir, err := os.MkdirTemp("", "unwritable")
	check(t, err)
	t.Cleanup(func() {
		if err := errors.Join(os.Chmod(dir, 0o700), os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	check(t, os.Chmod(dir, 0o555))
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and with it the other identity
		if os.Geteuid() == 0 {
			if err := becomeNobody(); err != nil {
				result <- err
				return
			}
		}
		_, err := store.Open(context.Background(), filepath.Join(dir, "liverecon.db"))
		result <- err
	}()
	if err := <-result; !errors.Is(err, fs.ErrPermission) {
		t.Errorf("open in an unwritable directory: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestOpenRefusesRemains opens what a database leaves that was there once. A new one in its place would buy everything again.
func TestOpenRefusesRemains(t *testing.T) {
	for name, leave := range map[string]func(path string) error{
		"empty file":     func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"no tables":      func(path string) error { execSQL(t, rawDB(t, path), "VACUUM"); return nil },
		"no first table": func(path string) error { execSQL(t, rawDB(t, path), "CREATE TABLE goose_db_version (id)"); return nil },
		"log alone":      func(path string) error { return os.WriteFile(path+"-wal", []byte("paid"), 0o600) },
		"spill alone":    func(path string) error { return os.WriteFile(path+".spill", []byte("paid"), 0o600) },
		"broken link":    func(path string) error { return os.Symlink(path+".elsewhere", path) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "liverecon.db")
			check(t, leave(path))
			before := entries(t, dir)
			for verb, open := range map[string]func(context.Context, string) (*store.Store, error){"open": store.Open, "open to read": store.OpenReader} {
				s, err := open(context.Background(), path)
				if err == nil {
					check(t, s.Close())
				}
				if !errors.Is(err, dbfile.ErrLost) || errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: %v, want ErrLost alone", verb, err)
				}
			}
			if after := entries(t, dir); !slices.Equal(before, after) {
				t.Errorf("left %v, there was %v", after, before)
			}
		})
	}
}

// TestOpenAfterCrashWhileCreating opens where a creation was cut short: it leaves no database, and nothing in its way.
func TestOpenAfterCrashWhileCreating(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "liverecon.db")
	broken := fstest.MapFS{"migrations/00001_broken.sql": {Data: []byte("-- +goose Up\nCREATE TABLE settings (key TEXT);\nSELECT no_such_function();\n")}}
	if _, err := store.OpenWith(context.Background(), path, broken); err == nil {
		t.Fatal("a broken migration passed")
	}
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("a creation that failed left %v", left)
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} { // of one that was killed
		check(t, os.WriteFile(path+".unfinished"+suffix, []byte("half"), 0o600))
	}
	if _, err := store.OpenReader(context.Background(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read what is not yet there: %v", err)
	}
	s, err := store.Open(context.Background(), path)
	check(t, err)
	fill(t, s, 1)
	check(t, s.Close())
	if s.Migrated != "" {
		t.Errorf("backed up an empty database to %s", s.Migrated)
	}
	if left := entries(t, dir); !slices.Equal(left, []string{"liverecon.db"}) {
		t.Errorf("in the directory are %v, want the database alone", left)
	}
}

// TestPowerCutWhileCreating cuts the power at every sync of a creation: either there is no database, or a whole one.
func TestPowerCutWhileCreating(t *testing.T) {
	dir := t.TempDir()
	d := newDisk(t, dir)
	rng := rand.New(rand.NewPCG(1, 1))
	var cuts []string
	d.fail(func(op, _ string) int32 {
		if op == "sync" {
			cuts = append(cuts, d.cut(t, rng, 0.5))
		}
		return sqlite3.SQLITE_OK
	})
	s, err := store.Open(context.Background(), filepath.Join(dir, "liverecon.db"))
	check(t, err)
	check(t, s.Close())
	for _, cut := range cuts {
		fill(t, openAt(t, filepath.Join(cut, "liverecon.db")), 1)
	}
	if len(cuts) < 5 {
		t.Errorf("%d images of a creation", len(cuts))
	}
}

// entries are the names in a directory.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	check(t, err)
	names := make([]string, len(found))
	for i, e := range found {
		names[i] = e.Name()
	}
	return names
}

// TestQuickCheckFindsDamage overwrites pages in the middle of a file.
func TestQuickCheckFindsDamage(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "liverecon.db")
	s, err := store.Open(ctx, path)
	check(t, err)
	fill(t, s, 5000)
	check(t, s.Soundness().Check(ctx))
	check(t, s.Close())
	sound, err := os.ReadFile(path)
	check(t, err)
	for name, noise := range map[string][]byte{"zeros": make([]byte, 8192), "noise": bytes.Repeat([]byte{0xa5, 0x01, 0x7f}, 2731)} {
		damaged := slices.Clone(sound)
		copy(damaged[len(damaged)/2/4096*4096:], noise)
		check(t, os.WriteFile(path, damaged, 0o600))
		s, err := store.Open(ctx, path)
		check(t, err)
		if err := s.Soundness().Check(ctx); !errors.Is(err, dbfile.ErrCorrupt) || !strings.Contains(err.Error(), "liverecon.db") {
			t.Errorf("%s: %v, want ErrCorrupt with the file's name", name, err)
		}
		check(t, s.Close())
	}
}

func TestUnreadableCheckTime(t *testing.T) {
	s := open(t)
	execSQL(t, s.WriteDB(), "INSERT INTO settings VALUES ('checked_at', 'yesterday')")
	if at, err := s.Soundness().LastCheck(context.Background()); err == nil {
		t.Errorf("an unreadable time became %v", at)
	}
}
