//go:build !unix

package dbfile

import "io/fs"

// noFollow is nothing where no database is written, for want of a lock.
const (
	noFollow = 0
	noWait   = 0
)

// names takes every file for one with a single name: nothing is written here.
func names(fs.FileInfo) uint64 { return 1 }
