package main

import (
	"fmt"
	"syscall"
	"testing"
)

// smallDisk makes dir small: a file system of its own where this user may mount one, else a limit on the size of files,
// which the shell command line it returns sets. free gives the room back.
func smallDisk(t *testing.T, dir string, bytes int) (limit string, free func()) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", bytes)); err != nil {
		return fmt.Sprintf("ulimit -f %d;", bytes/1024), func() {} // in blocks of 512 bytes; the reports need room, too
	}
	t.Cleanup(func() {
		// A program that another test is just starting may be in it for a moment.
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return "", func() {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=200m,mode=0700"); err != nil {
			t.Fatal(err)
		}
	}
}
