//go:build unix

package config

import (
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// lentByRoot reports whether a file is root's, and this process, which is not root's, may read it by its group alone.
func lentByRoot(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid != 0 || os.Geteuid() == 0 {
		return false
	}
	groups, err := os.Getgroups()
	return err == nil && (os.Getegid() == int(stat.Gid) || slices.Contains(groups, int(stat.Gid)))
}
