package reconcile

import (
	"os"
	"path/filepath"
	"testing"
)

// A statement that somebody wrote to while it was read is refused; one that another file took the place of is whole.
func TestStatementChangesWhileRead(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"truncated": func(path string) error { return os.Truncate(path, 3) },
		"appended":  func(path string) error { return os.WriteFile(path, []byte("Region,Amount\nSG,5\nTH,6\n"), 0o600) },
		"replaced":  func(path string) error { return os.Rename(path, path+".old") },
		"read":      func(path string) error { _, err := os.ReadFile(path); return err },
	} {
		path := filepath.Join(t.TempDir(), "s.csv")
		if err := os.WriteFile(path, []byte("Region,Amount\nSG,5\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		if refused := unchanged(file, before) != nil; refused != (name == "truncated" || name == "appended") {
			t.Errorf("%s: refused: %v", name, refused)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
