package database

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"liverecon/cmd/liverecon/config"
)

// LongLog holds the size in bytes from which on the log of a database is longer than a run lets it grow: somebody's
// open transaction keeps it.
const LongLog = 64 << 20

// Log represents the write-ahead log beside a database.
type Log struct {
	Bytes   int64    `json:"bytes"`
	Holders []string `json:"held_by,omitempty"` // other programs that have the database open, as far as can be known
}

// String returns its size, and who may keep it from being emptied.
func (l Log) String() string {
	size := humanize.IBytes(uint64(l.Bytes))
	if len(l.Holders) == 0 {
		return size
	}
	return size + ", while " + strings.Join(l.Holders, ", ") + " has the database open"
}

// LogOf looks at the log of the configuration's database.
func LogOf(c *config.Config) Log {
	var l Log
	if info, err := os.Stat(File(c) + "-wal"); err == nil {
		l.Bytes = info.Size()
	}
	if l.Bytes >= LongLog {
		l.Holders = holders(File(c))
	}
	return l
}

// holders names the other processes that have a database open, where the system has /proc and lets this user look.
func holders(file string) (all []string) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	processes, err := filepath.Glob("/proc/[0-9]*/fd")
	if err != nil {
		return nil
	}
	for _, dir := range processes {
		pid := filepath.Base(filepath.Dir(dir))
		if pid == strconv.Itoa(os.Getpid()) || !opens(dir, path) {
			continue
		}
		name, err := os.ReadFile(filepath.Join(filepath.Dir(dir), "comm"))
		if err == nil {
			all = append(all, strings.TrimSpace(string(name))+" (process "+pid+")")
		}
	}
	slices.Sort(all)
	return all
}

// opens reports whether a file, or what stands beside it, is among a process's open ones.
func opens(descriptors, path string) bool {
	files, err := os.ReadDir(descriptors)
	if err != nil {
		return false // another user's
	}
	for _, f := range files {
		to, err := os.Readlink(filepath.Join(descriptors, f.Name()))
		if err == nil && (to == path || to == path+"-wal" || to == path+"-shm") {
			return true
		}
	}
	return false
}
