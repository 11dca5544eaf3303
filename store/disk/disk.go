// Package disk writes a file whole or not at all, through power cuts too.
package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Replace writes a file through a temporary one beside it, so that path holds the old file or the whole new one,
// never a half, whatever happens on the way. The file can be read by its owner alone.
func Replace(path string, write func(io.Writer) error) error {
	return place(path, 0o600, write, os.Rename)
}

// Create writes a file as Replace does, with a mode of its own, and never over another one.
func Create(path string, mode fs.FileMode, write func(io.Writer) error) error {
	return place(path, mode, write, os.Link)
}

// place writes a temporary file and has put bring it to its path; what is left of it then is removed.
func place(path string, mode fs.FileMode, write func(io.Writer) error, put func(from, to string) error) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp") // made with mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() {
		if left := os.Remove(temporary.Name()); !errors.Is(left, fs.ErrNotExist) {
			err = errors.Join(err, left)
		}
		if err == nil {
			err = SyncFolder(filepath.Dir(path))
		}
		if err != nil {
			err = fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
	}()
	err = write(temporary)
	if err == nil {
		err = errors.Join(temporary.Chmod(mode), temporary.Sync())
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return put(temporary.Name(), path)
}

// SyncFolder makes a rename in a folder durable.
func SyncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return nil //nolint:nilerr // a folder that may be written but not read cannot be synced; the file itself is
	}
	err = folder.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) { // not on every file system
		err = nil
	}
	return errors.Join(err, folder.Close())
}
