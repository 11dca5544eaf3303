package batch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liverecon/batch"
	"liverecon/batch/list"
)

// A list that changes while it is read is set aside: its rows may be of two files. Replaced by itself it is the same.
func TestListChangesWhileRead(t *testing.T) {
	text := "signatureId\n" + strings.Repeat("f302f5d2454a85c2\n", 20_000)
	for name, change := range map[string]func(path string) error{
		"truncated": func(path string) error { return os.Truncate(path, 17*1000+12) },
		"appended":  func(path string) error { return os.WriteFile(path, []byte(text+"a1b2c3d4e5f60718\n"), 0o600) },
		"rewritten": func(path string) error {
			return os.WriteFile(path, []byte(strings.ReplaceAll(text, "f3", "e3")), 0o600)
		},
		"replaced": func(path string) error {
			err := os.WriteFile(path+".new", []byte("signatureId\n"), 0o600)
			return errors.Join(err, os.Rename(path+".new", path))
		},
		"touched": func(path string) error { return os.WriteFile(path, []byte(text), 0o600) },
	} {
		path := filepath.Join(t.TempDir(), "ids_PH.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var changed error
		err := batch.ReadWhile(context.Background(), &batch.Job{}, path, func() { changed = change(path) })
		var refused *list.Error
		if got := errors.As(err, &refused) && refused.Problem == "it changed while it was read"; changed != nil ||
			got != (name != "touched") || err != nil && !got {
			t.Errorf("%s: %v, %v", name, err, changed)
		}
	}
}
