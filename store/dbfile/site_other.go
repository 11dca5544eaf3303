//go:build !linux

package dbfile

import "os"

// Databases are read here, not written: of other systems none is known to have a lock that belongs to an open file and
// lets SQLite's own alone. On the BSDs and macOS flock(2) and SQLite's locks shut each other out.

func fileSystem(string) (network, passing string, err error) { return "", "", nil }

func lockByte(*os.File) (bool, error) { return false, ErrUnlockable }

func unlockByte(*os.File) error { return nil }

// IsLocked reports that nothing can be known about a lock here.
func IsLocked(*os.File) (bool, error) { return false, ErrUnlockable }

func renameNew(from, to string) error { return os.Rename(from, to) }
