package store_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"liverecon/store/storetest"

	"liverecon/store"
)

// The helpers of storetest, under the short names that these tests have for them.
type admitAll = storetest.AdmitAll

var (
	check, open, openAt, rawDB  = storetest.Check, storetest.Open, storetest.OpenAt, storetest.Raw
	execSQL, count, lines       = storetest.Exec, storetest.Count, storetest.Lines
	listOf, rowOf, take         = storetest.ListOf, storetest.Row, storetest.Take
	fill, withChecks, withCalls = storetest.Fill, storetest.WithChecks, storetest.WithCalls
	journal, begin, intentFor   = storetest.Journal, storetest.Begin, storetest.Intent
	paid, free, lost, unsent    = storetest.Paid, storetest.Free, storetest.Lost, storetest.Unsent
	copyFile, image             = storetest.CopyFile, storetest.Image
)

// openUnlocked opens a database that is open already.
func openUnlocked(tb testing.TB, path string) *store.Store {
	tb.Helper()
	s, err := store.OpenUnlocked(context.Background(), path)
	check(tb, err)
	tb.Cleanup(func() { check(tb, s.Close()) })
	return s
}

func mode(tb testing.TB, path string) fs.FileMode {
	tb.Helper()
	info, err := os.Stat(path)
	check(tb, err)
	return info.Mode().Perm()
}

// drive lets workers make calls, each on checks of its own, every one answered; before is told about each call.
func drive(t *testing.T, j *store.JournalWriter, runID int64, workers, each int, before func(worker, n int)) {
	t.Helper()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for n := range each {
				if before != nil {
					before(w, n)
				}
				in := intentFor(runID, int64(w*each+n+1), 1)
				id, err := j.Begin(in)
				if err == nil {
					err = j.Finish(id, in, paid(in, 80))()
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// journalBeside is the journal of another process that got past the lock: it has a spill file of its own.
func journalBeside(tb testing.TB, s *store.Store) *store.JournalWriter {
	tb.Helper()
	link := filepath.Join(tb.TempDir(), "link.db")
	check(tb, os.Symlink(s.Path(), link))
	return journal(tb, openUnlocked(tb, link), admitAll{})
}
