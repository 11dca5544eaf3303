package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"liverecon/store/dbfile"
)

// updatedSuffix ends the names of copies that readers make of a database of an older schema, or of one whose last run
// was cut short.
const updatedSuffix = ".updated.tmp"

// Interrupted reports whether there are calls without an outcome that nobody is making any more: their run was cut
// short. They are in doubt, or their outcomes stand in the spill file; a writer's Recover notes which.
func (s *Store) Interrupted(ctx context.Context) (bool, error) {
	if _, held := s.Holder(); held || s.updated != "" {
		return false, nil
	}
	var open bool
	if err := s.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+openCallsSQL+")").Scan(&open); err != nil {
		return false, fmt.Errorf("look for calls without an outcome: %w", err)
	}
	return open, nil
}

// LongToRecover reports whether a writer that recovers would index so many calls first that it takes noticeably long.
func (s *Store) LongToRecover(ctx context.Context) (bool, error) {
	left, err := toIndex(ctx, s.read)
	if err != nil {
		return false, fmt.Errorf("count calls to index: %w", err)
	}
	return left >= announceFrom, nil
}

// ReadRecovered lets a reader answer from a copy in which the calls of a run that was cut short have their outcomes.
// Where none can be made it is ErrInterrupted.
func (s *Store) ReadRecovered(ctx context.Context) error {
	return s.openUpdated(ctx, dbfile.ErrInterrupted)
}

// openUpdated lets a reader answer from a database that is not as a reader needs it: from a copy beside it that is
// brought up to date, and removed when the reader closes. The database itself is for a writer to bring up to date.
// Where no copy can be made, the error is why there has to be one.
func (s *Store) openUpdated(ctx context.Context, why error) (err error) {
	cannot := func(err error) error { return fmt.Errorf("%s: %w (%w)", s.path, why, err) }
	if err := s.dropUpdated(time.Now()); err != nil {
		return cannot(err)
	}
	place, err := os.CreateTemp(filepath.Dir(s.path), "."+filepath.Base(s.path)+"-*"+updatedSuffix) // for its owner alone
	if err != nil {
		return cannot(err)
	}
	path := place.Name()
	defer func() {
		if err != nil {
			err = errors.Join(err, dbfile.Remove(path))
		}
	}()
	_, err = s.read.ExecContext(ctx, "VACUUM INTO ?", path)
	if err = errors.Join(err, place.Close()); err != nil {
		return cannot(err)
	}
	w := &Store{db: &db{path: path, migrations: s.migrations, patience: busyTimeout, isCopy: true}}
	if err := w.openToWrite(ctx, false); err != nil {
		return cannot(err)
	}
	if _, held := s.Holder(); !held {
		w.read = w.write // nobody else has the copy
		err = w.Journal().recoverCopy(ctx, s.Journal().spillPath())
	}
	if err = errors.Join(err, w.fold(), w.closeWrite()); err != nil {
		return err
	}
	read, err := openReader(path, "ro")
	if err != nil {
		return err
	}
	err = s.read.Close()
	s.read, s.updated = read, path
	return err
}

// dropUpdated removes such copies that a reader which was killed has left an hour ago or earlier.
func (s *Store) dropUpdated(now time.Time) error {
	dir := filepath.Dir(s.path)
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), "."+filepath.Base(s.path)+"-") || !strings.HasSuffix(f.Name(), updatedSuffix) {
			continue
		}
		if info, err := f.Info(); err == nil && now.Sub(info.ModTime()) > time.Hour {
			if err := dbfile.Remove(filepath.Join(dir, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
