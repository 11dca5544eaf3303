package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// TestBackupWhileWriting takes a copy in the middle of calls and audits it as a database of its own.
func TestBackupWhileWriting(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 400)
	j := journal(t, s, admitAll{})
	reader, err := store.OpenReader(ctx, s.Path())
	check(t, err)
	t.Cleanup(func() { check(t, reader.Close()) })
	dir := t.TempDir()
	var copies []string
	drive(t, j, runID, 8, 50, func(worker, n int) {
		if worker != 0 || n%20 != 10 {
			return
		}
		file := filepath.Join(dir, fmt.Sprint(n, ".db"))
		source := map[bool]*store.Store{true: s, false: reader}[n < 30]
		if err := source.Backup(ctx, file); err != nil {
			t.Error(err)
		}
		copies = append(copies, file)
	})
	if len(copies) != 2 {
		t.Fatalf("%d copies", len(copies))
	}
	for _, file := range copies {
		b := openAt(t, file)
		check(t, b.Soundness().Check(ctx))
		check(t, b.Books().Audit(ctx))
		if n := count(t, b.ReadDB(), "SELECT count(*) FROM calls"); n < 10 || n >= 400 {
			t.Errorf("%s has %d calls, want those made so far", filepath.Base(file), n)
		}
	}
	if err := s.Backup(ctx, copies[0]); !errors.Is(err, fs.ErrExist) {
		t.Errorf("backup over a file: %v", err)
	}
	if err := s.Backup(ctx, filepath.Join(dir, "no", "such", "place.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("backup into a missing directory: %v", err)
	}
}

// nextVersion is the program's schema with one more migration.
func nextVersion(t *testing.T, second string) fs.FS {
	t.Helper()
	files := fstest.MapFS{"migrations/99999_next.sql": {Data: []byte("-- +goose Up\n" + second)}}
	names, err := fs.Glob(store.Migrations(), "migrations/*.sql")
	check(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(store.Migrations(), name)
		check(t, err)
		files[name] = &fstest.MapFile{Data: text}
	}
	return files
}

// TestBackupIsSynced: a copy that is reported is on the disk, and one whose sync failed is not there.
func TestBackupIsSynced(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	d := newDisk(t, dir)
	s := openAt(t, filepath.Join(dir, "liverecon.db"))
	fill(t, s, 10)
	check(t, s.Backup(ctx, filepath.Join(dir, "copy.db")))
	if d.synced("copy.db") == 0 {
		t.Error("the copy was not synced")
	}
	d.fail(failAt("sync", "second.db", sqlite3.SQLITE_IOERR_FSYNC))
	if err := s.Backup(ctx, filepath.Join(dir, "second.db")); !dbfile.IsIO(err) {
		t.Errorf("a copy whose sync failed: %v", err)
	}
	d.fail(nil)
	if names := entries(t, dir); slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "second") }) {
		t.Errorf("it was left: %v", names)
	}
}

func TestMigrationBacksUpFirst(t *testing.T) {
	ctx := context.Background()
	old, _ := withChecks(t, 7)
	check(t, old.Close())
	s, err := store.OpenWith(ctx, old.Path(), nextVersion(t, "CREATE TABLE later (x INTEGER) STRICT;"))
	check(t, err)
	if n := count(t, s.ReadDB(), "SELECT (SELECT count(*) FROM checks) + (SELECT count(*) FROM later)"); n != 7 {
		t.Errorf("%d rows after the migration", n)
	}
	if mode(t, s.Migrated) != 0o600 {
		t.Errorf("backup has mode %o", mode(t, s.Migrated))
	}
	before := openAt(t, s.Migrated) // of the version this program knows, so: made before
	if n := count(t, before.ReadDB(), "SELECT count(*) FROM checks"); n != 7 {
		t.Errorf("%d checks in the backup", n)
	}
	check(t, s.Close())
	if _, err := store.Open(ctx, s.Path()); !errors.Is(err, dbfile.ErrNewer) {
		t.Errorf("an older program opened it: %v", err)
	}
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	ctx := context.Background()
	old, _ := withChecks(t, 7)
	check(t, old.Close())
	_, err := store.OpenWith(ctx, old.Path(), nextVersion(t, "DELETE FROM checks;\nSELECT no_such_function();"))
	if err == nil || !strings.Contains(err.Error(), "migrate from ") {
		t.Fatalf("a broken migration: %v", err)
	}
	s := openAt(t, old.Path())
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM checks"); n != 7 {
		t.Errorf("%d checks left", n)
	}
	backups, err := filepath.Glob(old.Path() + ".before-migration-*")
	if err != nil || len(backups) != 1 {
		t.Errorf("backups: %v, %v", backups, err)
	}
}
