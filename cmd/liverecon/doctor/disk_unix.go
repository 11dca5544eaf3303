//go:build unix

package doctor

import (
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// freeBytes returns how much this user may still write to the disk of a directory.
func freeBytes(dir string) (uint64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return 0, err
	}
	return disk.Bavail * uint64(disk.Bsize), nil
}

// mayAccess reports whether this user may do with a file what the bits say: read 4, write 2.
func mayAccess(path string, bits uint32) bool { return unix.Access(path, bits) == nil }

// belongsTo names the owner of a file; "" where that is this user, or unknown.
func belongsTo(path string) string {
	name, other := ownerOf(path)
	if !other {
		return ""
	}
	return " (it is " + name + "'s)"
}

// othersDatabase names the owner of the database where that is not root, and this process is.
func othersDatabase(path string) (name string, other bool) {
	name, other = ownerOf(path)
	return name, other && os.Geteuid() == 0
}

// ownerOf names the owner of a file, by number where it has no name; other is false where that is this user.
func ownerOf(path string) (name string, other bool) {
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
