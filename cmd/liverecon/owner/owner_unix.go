//go:build unix

package owner

import (
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// FreeBytes returns how much this user may still write to the disk of a directory.
func FreeBytes(dir string) (uint64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return 0, err
	}
	return disk.Bavail * uint64(disk.Bsize), nil
}

// MayAccess reports whether this user may do with a file what the bits say: read 4, write 2, enter 1.
func MayAccess(path string, bits uint32) bool { return unix.Access(path, bits) == nil }

// ReadOnly reports whether a file lies on a file system that cannot be written, whoever asks.
func ReadOnly(path string) bool { return unix.Access(path, 2) == unix.EROFS }

// Other names the owner of a file, by number where it has no name; other is false where that is this user, or unknown.
func Other(path string) (name string, other bool) {
	info, err := os.Stat(path)
	if err != nil {
		return "", false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) == os.Geteuid() {
		return "", false
	}
	name = strconv.Itoa(int(stat.Uid))
	if known, err := user.LookupId(name); err == nil {
		return known.Username, true
	}
	return "#" + name, true
}

// IsRoot reports whether this process may do everything.
func IsRoot() bool { return os.Geteuid() == 0 }
