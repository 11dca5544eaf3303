package database

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"liverecon/cmd/liverecon/config"
)

// Of the copies that migrations have left the newest stay, as many as are to be kept, and none from before a time.
func TestDropMigrationCopies(t *testing.T) {
	c := &config.Config{Database: filepath.Join(t.TempDir(), "l.db")}
	now := time.Now()
	var all []string
	for day := range 6 {
		path := fmt.Sprintf("%s.before-migration-%d-x", c.Database, 20-day) // in no order of their names
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := now.AddDate(0, 0, day-10)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		all = append(all, path)
	}
	for _, step := range []struct {
		keep   int
		before time.Time
		want   []string
	}{{6, time.Time{}, all}, {4, time.Time{}, all[2:]}, {9, now.AddDate(0, 0, -6), all[4:]}, {1, time.Time{}, all[5:]}} {
		if err := DropMigrationCopies(c, step.keep, step.before); err != nil {
			t.Fatal(err)
		}
		if got, err := MigrationCopies(c); err != nil || !slices.Equal(got, step.want) {
			t.Errorf("keep %d: %q, %v, want %q", step.keep, got, err, step.want)
		}
	}
}
