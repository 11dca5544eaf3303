//go:build !linux

package store

import "os"

// Databases are read here, not written: of other systems none is known to have a lock that belongs to an open file and
// lets SQLite's own alone. On the BSDs and macOS flock(2) and SQLite's locks shut each other out.

func fileSystem(string) (network, passing string, err error) { return "", "", nil }

func lockByte(*os.File) (bool, error) { return false, ErrUnlockable }

func isLocked(*os.File) (bool, error) { return false, ErrUnlockable }

func renameNew(from, to string) error { return os.Rename(from, to) }
