package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A record is made in the place of a link, of which the end is left alone, but not of a directory; nor is that taken away
// with the records of another database.
func TestInTheWay(t *testing.T) {
	dir := t.TempDir()
	at := Paths{Database: filepath.Join(dir, "l.db"), Reports: dir}
	path := at.Paths("")[0]
	other := filepath.Join(dir, "other")
	check(t, os.WriteFile(other, []byte("kept"), 0o600))
	check(t, os.Symlink(other, path))
	f, err := Open(path, at.Entry(path, Entry{Identity: "a"}))
	check(t, err)
	check(t, f.Close())
	if e, err := Read(path); err != nil || e.Identity != "a" {
		t.Errorf("in the place of a link: %+v, %v", e, err)
	}
	if text, err := os.ReadFile(other); err != nil || string(text) != "kept" {
		t.Errorf("the end of the link is %q, %v", text, err)
	}
	check(t, os.Remove(path))
	check(t, os.Mkdir(path, 0o700))
	if _, err := Open(path, at.Entry(path, Entry{Identity: "a"})); err == nil || !strings.Contains(err.Error(), path+" is a directory") {
		t.Errorf("in the place of a directory: %v", err)
	}
	if removed, err := at.Remove("b"); err != nil || len(removed) > 0 {
		t.Errorf("removed %v, %v", removed, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left are %v, %v", left, err)
	}
}
