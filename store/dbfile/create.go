package dbfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// A database is made under another name and gets its own only when it is whole. So a file that is empty, or holds no
// schema, was never one that this program had only begun: it is what a copy leaves that ended on a full disk, and is
// refused.

// SpillSuffix follows the database's name in that of its spill file.
const SpillSuffix = ".spill"

// freshSuffix ends the name of a database while it is made: nobody would call one so that holds something.
const freshSuffix = ".unfinished"

// Create makes the database that the lock was taken for: build writes the file it is given, whole, and leaves no log
// beside it. What an earlier creation left that was cut short is removed: nothing can be in it.
func (l *Lock) Create(build func(unfinished string) error) error {
	fresh := l.path + freshSuffix
	if err := l.clear(fresh); err != nil {
		return fmt.Errorf("create %s: %w", l.path, err)
	}
	err := build(fresh)
	if err == nil {
		err = l.publish(fresh)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("create %s: %w", l.path, err), Remove(fresh))
	}
	l.fresh = false
	return nil
}

// clear empties the file that is locked, and removes what stands beside it.
func (l *Lock) clear(fresh string) error {
	return errors.Join(l.file.Truncate(0), l.file.Chmod(0o600), RemoveLogs(fresh))
}

// publish gives a closed database its name, both of them for good.
func (l *Lock) publish(fresh string) error {
	for _, step := range []func() error{
		l.file.Sync,
		func() error { return renameNew(fresh, l.path) },
		func() error { return SyncPath(filepath.Dir(l.path)) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// SyncPath writes a file, or the names in a directory, to the disk. Some file systems cannot do that for directories,
// nor anybody who may write but not read them.
func SyncPath(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

// Remove removes a database and what SQLite keeps beside it.
func Remove(path string) error { return errors.Join(removeFile(path), RemoveLogs(path)) }

// RemoveLogs removes what SQLite keeps beside a database that nobody has open, where nothing in it counts.
func RemoveLogs(path string) error {
	return errors.Join(removeFile(path+"-wal"), removeFile(path+"-shm"), removeFile(path+"-journal"))
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// CheckHeader refuses what is plainly no SQLite file before SQLite may create journals beside it.
func CheckHeader(path string, f *os.File) error {
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	n, err := f.ReadAt(head, 0)
	if n == 0 && errors.Is(err, io.EOF) {
		return fmt.Errorf("%s is an empty file: %w", path, ErrLost)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(head[:n]) != magic {
		return fmt.Errorf("%s: %w", path, ErrForeign)
	}
	return nil
}

// Missing returns ErrLost, wrapped, when what its writers keep beside it shows that the database at path, which is not
// there, should be.
func Missing(path string) error {
	for _, suffix := range []string{"-wal", SpillSuffix} {
		if info, err := os.Stat(path + suffix); err == nil && info.Size() > 0 {
			return fmt.Errorf("%s is not there, but %s is: %w", path, path+suffix, ErrLost)
		}
	}
	return nil
}

// MakePrivate tightens files that somebody else has made.
func MakePrivate(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Chmod(path+suffix, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// HasLog reports whether a process has ended without emptying the log of the database at path, or has it open.
func HasLog(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}
