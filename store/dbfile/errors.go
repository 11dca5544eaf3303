package dbfile

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The reasons why a file was refused; nothing in it was changed.
var (
	ErrForeign = errors.New("not a liverecon database")
	ErrNewer   = errors.New("written by a newer liverecon")
	// ErrReadOnly reports a log that cannot be read, as nothing can be written beside it.
	ErrReadOnly = errors.New("its log (-wal) holds what is not yet in it, and nothing can be written there")
	ErrOlder    = errors.New("not yet brought up to date: written by an older liverecon")
	// ErrInterrupted reports that a reader can tell what became of a run that was cut short from a copy only.
	ErrInterrupted = errors.New("a run was cut short, and what became of its calls in flight is not noted yet")
	ErrCorrupt     = errors.New("database is damaged")
	// ErrLost reports a database that was there and is not any more. A new one in its place would buy everything
	// again.
	ErrLost = errors.New("the database was lost")
)

// Classify turns SQLite's words for a damaged or alien file into ours.
func Classify(path string, err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_NOTADB:
			return fmt.Errorf("%s: %w (%w)", path, ErrForeign, err)
		case sqlite3.SQLITE_CORRUPT:
			return fmt.Errorf("%s: %w (%w)", path, ErrCorrupt, err)
		case sqlite3.SQLITE_READONLY: // a reader met a journal that a writer must fold in first
			return fmt.Errorf("%s: %w (%w)", path, ErrOlder, err)
		}
	}
	return fmt.Errorf("%s: %w", filepath.Base(path), err)
}

// IsFull reports whether err is SQLite's word, or the system's, for a disk (or quota) without room.
func IsFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	var e *sqlite.Error
	// the latter for the -shm file
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_FULL || e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE)
}

// IsCorrupt reports whether err is ErrCorrupt, or SQLite's own word for a damaged file, which any statement may come
// upon.
func IsCorrupt(err error) bool {
	var e *sqlite.Error
	return errors.Is(err, ErrCorrupt) || errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CORRUPT
}

// IsBusy reports whether err is SQLite's word for a database that another program kept locked for longer than 10
// seconds.
func IsBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// IsIO reports whether err is the system's word, or SQLite's, for a disk that did not read or keep what it was told to.
func IsIO(err error) bool {
	var e *sqlite.Error
	return errors.Is(err, syscall.EIO) || errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_IOERR && !IsFull(err)
}

// IsConstraint reports whether err is a violated constraint: the statement had no effect, the transaction goes on.
func IsConstraint(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}
