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

// updatedSuffix ends the names of copies that readers make of a database of an older schema.
const updatedSuffix = ".updated.tmp"

// openUpdated lets a reader answer from a database of an older schema: from a copy beside it that is brought up to date,
// and removed when the reader closes. The database itself is for a writer to bring up to date. Where no copy can be made,
// it is ErrOlder.
func (s *Store) openUpdated(ctx context.Context) (err error) {
	older := func(err error) error { return fmt.Errorf("%s: %w (%w)", s.path, dbfile.ErrOlder, err) }
	if err := s.dropUpdated(time.Now()); err != nil {
		return older(err)
	}
	place, err := os.CreateTemp(filepath.Dir(s.path), "."+filepath.Base(s.path)+"-*"+updatedSuffix) // for its owner alone
	if err != nil {
		return older(err)
	}
	path := place.Name()
	defer func() {
		if err != nil {
			err = errors.Join(err, dbfile.Remove(path))
		}
	}()
	_, err = s.read.ExecContext(ctx, "VACUUM INTO ?", path)
	if err = errors.Join(err, place.Close()); err != nil {
		return older(err)
	}
	w := &Store{db: &db{path: path, migrations: s.migrations, patience: busyTimeout, isCopy: true}}
	if err := w.openToWrite(ctx, false); err != nil {
		return older(err)
	}
	if err := errors.Join(w.fold(), w.closeWrite()); err != nil {
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
