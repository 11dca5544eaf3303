//go:build unix

package doctor

import "golang.org/x/sys/unix"

// freeBytes returns how much this user may still write to the disk of a directory.
func freeBytes(dir string) (uint64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return 0, err
	}
	return disk.Bavail * uint64(disk.Bsize), nil
}

// mayWrite reports whether this user may write in a directory.
func mayWrite(dir string) bool { return unix.Access(dir, unix.W_OK) == nil }
