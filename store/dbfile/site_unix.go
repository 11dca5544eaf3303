//go:build unix

package dbfile

import (
	"io/fs"
	"syscall"
)

// noFollow makes opening a file refuse a symbolic link.
const noFollow = syscall.O_NOFOLLOW

// noWait makes opening a pipe return at once. It means nothing to a regular file.
const noWait = syscall.O_NONBLOCK

// names counts the hard links to a file.
func names(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink) //nolint:unconvert // its type is the system's choice
	}
	return 1
}
