package database

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRefuseOther: what is written takes the place of its own kind alone, under whatever name.
func TestRefuseOther(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{"l.db": "SQLite format 3\x00", "list.csv": "signatureId\n", "page.html": "<!DOCTYPE html>\n",
		"short": "<", "empty": "", "l.db.record": ""} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("l.db", "other.html"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("directory", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"new.html": "", "page.html": "", "empty": "", "directory": "",
		"l.db": "l.db is there and is no page", "other.html": "other.html is there and is no page", "short": "is no page",
		"list.csv":                     "list.csv is there and is no page",
		"l.db-wal":                     "has the name of a file of a database",
		"l.db.record":                  "has the name of a file of a database",
		filepath.Join("l.db", "under"): "not a directory",
	} {
		err := RefuseOther(name, "page", "<!doctype html>")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
