package owner

import (
	"os"
	"path/filepath"
	"syscall"

	"al.essio.dev/pkg/shellescape"
	"golang.org/x/sys/unix"
)

// Stays describes why no other file can be put in the place of one that is there, though its directory may be written;
// "" where it can.
func Stays(path string) string {
	s, ok := attributes(path)
	switch {
	case !ok:
		return "" // which another check says
	case s.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0:
		return "is mounted by itself: mount its directory"
	case fixed(s):
		return "may not be changed: chattr -ia " + shellescape.Quote(path)
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

// Fixed reports whether the file system refuses any change of a file or directory, or any but to append, whoever asks
// for it: chattr +i or +a.
func Fixed(path string) bool {
	s, ok := attributes(path)
	return ok && fixed(s)
}

func fixed(s unix.Statx_t) bool {
	return s.Attributes&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0
}

func attributes(path string) (s unix.Statx_t, ok bool) {
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS, &s)
	return s, err == nil
}
