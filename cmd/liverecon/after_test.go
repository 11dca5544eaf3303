package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
)

// What goes wrong after a run has said everything (giving back the lock) makes it a failed one, unless a signal stopped it.
func TestExitCodeOfWhatFollowsARun(t *testing.T) {
	broken := errors.New("unlock: no locks available")
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{&config.Error{Code: batch.ExitDone, Err: config.ErrSilent, Hint: ""}, 0},
		{errors.Join(&config.Error{Code: batch.ExitDone, Err: config.ErrSilent, Hint: ""}, nil), 0},
		{errors.Join(&config.Error{Code: batch.ExitDone, Err: config.ErrSilent, Hint: ""}, broken), 1},
		{errors.Join(errors.Join(&config.Error{Code: batch.ExitRejected, Err: config.ErrSilent, Hint: ""}, broken), nil), 1},
		{errors.Join(&config.Error{Code: batch.ExitSignal, Err: config.ErrSilent, Hint: ""}, broken), 130},
		{errors.Join(broken, config.Usage("", "correct these cells")), 10},
		{broken, 1},
	} {
		if got := config.ExitCode(c.err); got != c.want {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.want)
		}
	}
}

// A verdict speaks of backups where they are to be and are not, or are old, and only there.
func TestBackupRemark(t *testing.T) {
	now := time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		age  time.Duration // of the newest copy; negative: there is none
		want string
	}{{0, ""}, {48 * time.Hour, ""}, {49 * time.Hour, "the newest backup is 2 days old"}, {240 * time.Hour, "the newest backup is 10 days old"}, {-1, "there is no backup in DIR"}} {
		dir := t.TempDir()
		cfg := &config.Config{Database: "books.db", Backup: config.Backups{Directory: dir, Keep: 3}}
		for _, age := range []time.Duration{c.age + 999*time.Hour, c.age} {
			if c.age < 0 {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, "books-"+now.Add(-age).Format(database.BackupStamp)+".db"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.ReplaceAll(database.BackupRemark(cfg, now), dir, "DIR"); got != c.want {
			t.Errorf("newest copy %v old: %q, want %q", c.age, got, c.want)
		}
	}
	if got := database.BackupRemark((&config.Config{}), now); got != "" {
		t.Errorf("without [backup]: %q", got)
	}
}
