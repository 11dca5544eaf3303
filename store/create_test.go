package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// createIn makes a database in dir, or leaves nothing behind.
func createIn(t *testing.T, dir string) error {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(dir, "liverecon.db"))
	if err == nil {
		err = s.Close()
	}
	if left := entries(t, dir); err != nil && len(left) > 0 && !slices.Contains(left, "liverecon.db") {
		t.Errorf("a creation that failed with %v left %v", err, left)
	}
	return err
}

// usable asserts that what a creation left is a whole database that a later run with room can use; nothing is as good.
func usable(t *testing.T, dir string) {
	t.Helper()
	if len(entries(t, dir)) == 0 {
		return
	}
	path := filepath.Join(dir, "liverecon.db")
	s, err := store.Open(context.Background(), path)
	check(t, err)
	fill(t, s, 1)
	check(t, s.Soundness().Check(context.Background()))
	check(t, s.Close())
	check(t, os.Remove(path))
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("beside the database were left %v", left)
	}
}

// TestCreateFailsAtEveryStep lets each write, truncation and sync of a creation fail in turn, and that once or from then on.
// None is passed over, nothing that was not written passes for a database, and nothing is in a later start's way.
func TestCreateFailsAtEveryStep(t *testing.T) {
	steps := []struct {
		op     string
		rc     int32
		stride int // there are hundreds of writes
		once   bool
	}{
		{"write", sqlite3.SQLITE_FULL, 11, false}, {"write", sqlite3.SQLITE_FULL, 13, true}, {"truncate", sqlite3.SQLITE_IOERR_TRUNCATE, 1, true},
		{"sync", sqlite3.SQLITE_IOERR_FSYNC, 1, false}, {"sync", sqlite3.SQLITE_IOERR_FSYNC, 1, true},
	}
	for _, step := range steps {
		t.Run(fmt.Sprintf("%s once %v", step.op, step.once), func(t *testing.T) {
			dir := t.TempDir()
			d := newDisk(t, dir)
			d.forget()
			failed := 0
			for nth := 1; ; nth += step.stride {
				seen := 0
				d.fail(func(op, _ string) int32 {
					if op != step.op {
						return sqlite3.SQLITE_OK
					}
					if seen++; seen < nth || step.once && seen > nth {
						return sqlite3.SQLITE_OK
					}
					return step.rc
				})
				err := createIn(t, dir)
				d.fail(nil)
				if seen < nth {
					check(t, err)
					break
				}
				failed++
				if err == nil || step.op == "write" && !dbfile.IsFull(err) {
					t.Errorf("%s %d failed, but the creation with %v", step.op, nth, err)
				}
				usable(t, dir)
			}
			if failed < 2 {
				t.Errorf("%d creations failed", failed)
			}
		})
	}
}
