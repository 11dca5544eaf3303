package database

import (
	"os"
	"path/filepath"
)

// keepTemporary makes a directory the one for temporary files of this process, if it may be written: SQLite's, for what
// does not fit into memory, and those of workbooks that are compared. They hold what the database holds, so they belong
// on its disk, and a machine or container may have no other place that can be written. It works before SQLite is used
// for the first time. What the environment says for SQLite counts.
func keepTemporary(dir string) {
	dir, err := filepath.Abs(dir) // whatever directory the process is in later
	if err != nil {
		return
	}
	f, err := os.CreateTemp(dir, ".liverecon-*.tmp")
	if err != nil {
		return // a place that is read, or not there: then those of the system do
	}
	_, _ = f.Close(), os.Remove(f.Name())
	for _, name := range []string{"SQLITE_TMPDIR", "TMPDIR"} {
		if name == "SQLITE_TMPDIR" && os.Getenv(name) != "" {
			continue
		}
		_ = os.Setenv(name, dir) // it fails for names and values that no system takes
	}
}
