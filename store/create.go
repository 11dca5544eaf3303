package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A database is made under another name and gets its own only when it is whole. So a file that is empty, or holds no
// schema, was never one that this program had only begun: it is what a copy leaves that ended on a full disk, and is
// refused.

// freshSuffix is what the name of a database ends in while it is made: nobody would call one so that holds something.
const freshSuffix = ".unfinished"

// create makes a new database at path. What an earlier creation left that was cut short is removed: nothing can be in it.
func create(ctx context.Context, path string, files fs.FS) (err error) {
	fresh := path + freshSuffix
	if err := removeDatabase(fresh); err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	if err := createPrivate(fresh); err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	s, err := openWriter(ctx, fresh, files, true)
	if err == nil {
		err = s.Close() // which folds the write-ahead log into the file
	}
	if err == nil {
		err = publish(fresh, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("create %s: %w", path, err), removeDatabase(fresh))
	}
	return nil
}

// createPrivate makes the file, so that SQLite never makes it, nor the log beside it which takes over its mode, readable
// for others.
func createPrivate(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// publish gives a closed database its name, both of them for good.
func publish(fresh, path string) error {
	for _, step := range []func() error{
		func() error { return syncPath(fresh) },
		func() error { return os.Rename(fresh, path) },
		func() error { return syncPath(filepath.Dir(path)) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// syncPath writes a file, or the names in a directory, to the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func removeDatabase(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// checkHeader refuses what is plainly no SQLite file before SQLite may create journals beside it. It returns
// fs.ErrNotExist, wrapped, where there is no file and none is missed.
func checkHeader(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if lost := missed(path); lost != nil {
			return lost
		}
		return err
	}
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	head := make([]byte, 16)
	n, err := f.Read(head)
	if n == 0 {
		if info, statErr := f.Stat(); statErr == nil && info.IsDir() {
			return fmt.Errorf("%s is a directory: %w", path, ErrForeign)
		}
		return fmt.Errorf("%s is an empty file: %w", path, ErrLost)
	}
	if err != nil || string(head[:n]) != "SQLite format 3\x00" {
		return fmt.Errorf("%s: %w", path, ErrForeign)
	}
	return nil
}

// missed returns ErrLost, wrapped, when something shows that the database at path, which is not there, should be: a name
// that leads elsewhere, or what its writers keep beside it.
func missed(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s is a link to a file that is not there: %w", path, ErrLost)
	}
	for _, suffix := range []string{"-wal", ".spill"} {
		if info, err := os.Stat(path + suffix); err == nil && info.Size() > 0 {
			return fmt.Errorf("%s is not there, but %s is: %w", path, path+suffix, ErrLost)
		}
	}
	return nil
}
