package disk_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"liverecon/store/disk"
)

// A file is there whole, with its mode, or as it was before; nothing is left beside it.
func TestWhole(t *testing.T) {
	failure := errors.New("no more to say")
	const mode = 0o640
	create := func(path string, write func(io.Writer) error) error { return disk.Create(path, mode, write) }
	tests := map[string]struct {
		write  func(string, func(io.Writer) error) error
		before string
		fails  error
		want   string
		mode   fs.FileMode
	}{
		"replace nothing":          {disk.Replace, "", nil, "new", 0o600},
		"replace a file":           {disk.Replace, "old", nil, "new", 0o600},
		"replace fails":            {disk.Replace, "old", failure, "old", 0o644},
		"replace nothing, fails":   {disk.Replace, "", failure, "", 0},
		"create":                   {create, "", nil, "new", mode},
		"create where a file is":   {create, "old", fs.ErrExist, "old", 0o644},
		"create fails":             {create, "", failure, "", 0},
		"create fails over a file": {create, "old", failure, "old", 0o644},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "report.xlsx")
			if test.before != "" {
				if err := os.WriteFile(path, []byte(test.before), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			err := test.write(path, func(w io.Writer) error {
				if _, err := io.WriteString(w, "new"); err != nil {
					return err
				}
				if errors.Is(test.fails, failure) {
					return failure
				}
				return nil
			})
			if !errors.Is(err, test.fails) {
				t.Errorf("%v, want %v", err, test.fails)
			}
			text, err := os.ReadFile(path)
			if string(text) != test.want || test.want == "" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the file holds %q, want %q: %v", text, test.want, err)
			}
			if info, err := os.Stat(path); err == nil && info.Mode().Perm() != test.mode {
				t.Errorf("mode %v, want %v", info.Mode().Perm(), test.mode)
			}
			files, err := os.ReadDir(dir)
			if err != nil || len(files) > 1 || len(files) == 1 && files[0].Name() != "report.xlsx" {
				t.Errorf("left behind: %v, %v", files, err)
			}
		})
	}
}
