// Package disk writes a file whole or not at all, through power cuts too.
package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// Replace writes a file through a temporary one beside it, so that path holds the old file or the whole new one,
// never a half, whatever happens on the way. The file can be read by its owner alone.
func Replace(path string, write func(io.Writer) error) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp") // made with mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	renamed := false
	defer func() {
		if err == nil {
			return
		}
		err = fmt.Errorf("write %s: %w", filepath.Base(path), err)
		if !renamed {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	if err := write(temporary); err != nil {
		return errors.Join(err, temporary.Close())
	}
	if err := temporary.Sync(); err != nil {
		return errors.Join(err, temporary.Close())
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	renamed = true
	return SyncFolder(filepath.Dir(path))
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
