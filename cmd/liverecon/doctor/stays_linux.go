package doctor

import (
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// stays describes why no other file can be put in the place of one that is there, though its directory may be written;
// "" where it can.
func stays(path string) string {
	var s unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS, &s); err != nil {
		return "" // which another check says
	}
	switch {
	case s.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0:
		return "is mounted by itself: mount its directory"
	case s.Attributes&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0:
		return "may not be changed: chattr -ia " + path
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return ""
	}
	user := uint32(os.Geteuid()) //nolint:gosec // it is one
	if dir, ok := info.Sys().(*syscall.Stat_t); ok && info.Mode()&os.ModeSticky != 0 && user != 0 && s.Uid != user &&
		dir.Uid != user {
		return "is another user's in a directory in which each keeps what is his: chmod -t " + filepath.Dir(path)
	}
	return ""
}
