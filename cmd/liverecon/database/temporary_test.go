package database

import (
	"os"
	"path/filepath"
	"testing"
)

// TestTemporaryFilesStay: the place of temporary files is the same wherever the process is later.
func TestTemporaryFilesStay(t *testing.T) {
	t.Setenv("TMPDIR", os.TempDir()) // and as it was afterwards
	t.Setenv("SQLITE_TMPDIR", "")
	dir, elsewhere := t.TempDir(), t.TempDir()
	t.Chdir(dir)
	keepTemporary(".")
	t.Chdir(elsewhere)
	f, err := os.CreateTemp("", "any")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // nothing was written
	is, err := filepath.EvalSymlinks(filepath.Dir(f.Name()))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := filepath.EvalSymlinks(dir); err != nil || is != want {
		t.Errorf("a temporary file is in %s, want %s (%v)", is, want, err)
	}
	if at := os.Getenv("SQLITE_TMPDIR"); at != os.Getenv("TMPDIR") {
		t.Errorf("SQLite's are in %s", at)
	}
}
