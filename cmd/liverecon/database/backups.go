package database

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
)

// WriteBackup copies the database and reads the copy as a restore would. A copy that does not pass is not kept.
func WriteBackup(ctx context.Context, s *store.Store, file string) error {
	err := s.Backup(ctx, file)
	switch {
	case errors.Is(err, fs.ErrExist):
		return &config.Error{Code: batch.ExitInput, Err: err,
			Hint: "a backup is not written over another one: give a new name"}
	case err != nil:
		return err
	}
	if err := verifyBackup(ctx, file); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}

func verifyBackup(ctx context.Context, file string) error {
	s, err := store.OpenReader(ctx, file)
	if err != nil {
		return err
	}
	return errors.Join(s.Soundness().Check(ctx), s.Close())
}

// KeepBackup copies the database into the directory of backups and, to rotate them, removes the oldest copies there
// beyond the number that is to be kept. Nothing is removed unless the new copy is good, and that one never is.
func KeepBackup(
	ctx context.Context, c *config.Config, s *store.Store, now time.Time, rotate bool,
) (string, error) {
	if err := os.MkdirAll(c.Backup.Directory, 0o700); err != nil {
		return "", fmt.Errorf("back up: %w", err)
	}
	file := filepath.Join(c.Backup.Directory, BackupStem(c)+now.UTC().Format(BackupStamp)+".db")
	if err := WriteBackup(ctx, s, file); err != nil {
		return "", err
	}
	if !rotate {
		return file, nil
	}
	kept, err := Backups(c)
	if err != nil {
		return "", fmt.Errorf("rotate backups: %w", err)
	}
	for _, old := range surplus(kept, file, c.Backup.Keep) {
		if err := os.Remove(old); err != nil {
			return "", fmt.Errorf("rotate backups: %w", err)
		}
	}
	if err := DropMigrationCopies(c, c.Backup.Keep, time.Time{}); err != nil {
		return "", fmt.Errorf("rotate copies before migrations: %w", err)
	}
	return file, nil
}

// MigrationCopies returns the copies that migrations have left beside the database, the oldest first.
func MigrationCopies(c *config.Config) (files []string, err error) {
	file := File(c)
	entries, err := os.ReadDir(filepath.Dir(file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	made := map[string]time.Time{}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.Type().IsRegular() &&
			strings.HasPrefix(e.Name(), filepath.Base(file)+".before-migration-") {
			path := filepath.Join(filepath.Dir(file), e.Name())
			files, made[path] = append(files, path), info.ModTime()
		}
	}
	slices.SortStableFunc(files, func(a, b string) int { return made[a].Compare(made[b]) })
	return files, err
}

// DropMigrationCopies removes the oldest copies that migrations have left beyond so many, and all made before a time,
// the zero time for none.
func DropMigrationCopies(c *config.Config, keep int, before time.Time) error {
	files, err := MigrationCopies(c)
	for i, file := range files {
		info, statErr := os.Stat(file)
		if statErr == nil && (len(files)-i > keep || info.ModTime().Before(before)) {
			err = errors.Join(err, os.Remove(file))
		}
	}
	return err
}

// surplus returns which of the copies, the oldest first, are to go so that so many stay, the newest among them whatever
// its name says: first those that a wrong clock has dated ahead of it, then the oldest.
func surplus(copies []string, newest string, keep int) []string {
	at := slices.Index(copies, newest)
	others := slices.Concat(copies[at+1:], copies[:max(0, at)])
	return others[:min(len(others), max(0, len(copies)-keep))]
}

// BackupStem begins the name of every copy that rotates; the time follows.
func BackupStem(c *config.Config) string {
	base := filepath.Base(c.Database)
	return strings.TrimSuffix(base, filepath.Ext(base)) + "-"
}

// Backups returns the copies in the directory of backups, the oldest first.
func Backups(c *config.Config) ([]string, error) {
	if c.Backup.Directory == "" {
		return nil, nil
	}
	const stamp = "[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9].[0-9][0-9][0-9]Z.db"
	entries, err := os.ReadDir(c.Backup.Directory)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var files []string
	// no pattern over the whole path: a directory's name may hold what a pattern would take for its own
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), BackupStem(c))
		if fits, err := filepath.Match(stamp, rest); err != nil {
			return nil, err
		} else if ours && fits && e.Type().IsRegular() {
			files = append(files, filepath.Join(c.Backup.Directory, e.Name()))
		}
	}
	slices.Sort(files)
	return files, err
}

// BackupStamp holds the time in the name of a copy that rotates.
const BackupStamp = "20060102T150405.000Z"

// NewestBackup returns when the newest copy in the directory of backups was made; the zero time where there is none.
// Copies that are dated ahead of now count where there is no other.
func NewestBackup(c *config.Config, now time.Time) (time.Time, error) {
	files, err := Backups(c)
	if err != nil || len(files) == 0 {
		return time.Time{}, err
	}
	if past := files[:len(files)-len(DatedAhead(c, files, now))]; len(past) > 0 {
		files = past
	}
	return stampOf(c, files[len(files)-1]), nil
}

// DatedAhead returns which of the copies, the oldest first, bear a time later than now: a wrong clock has dated them.
func DatedAhead(c *config.Config, files []string, now time.Time) []string {
	first := slices.IndexFunc(files, func(file string) bool { return stampOf(c, file).After(now.Add(time.Hour)) })
	if first < 0 {
		return nil
	}
	return files[first:]
}

// stampOf reads the time in the name of a copy; the zero time where it is none.
func stampOf(c *config.Config, file string) time.Time {
	at, err := time.Parse(BackupStamp+".db", strings.TrimPrefix(filepath.Base(file), BackupStem(c)))
	if err != nil {
		return time.Time{}
	}
	return at
}

// oldBackup sets how old the newest copy may be before a verdict says so.
const oldBackup = 48 * time.Hour

// BackupRemark returns what is wrong with the copies after a run, which makes one if it can; "" when nothing is.
func BackupRemark(c *config.Config, now time.Time) string {
	if c.Backup.Directory == "" {
		return ""
	}
	switch at, err := NewestBackup(c, now); {
	case err != nil:
		return fmt.Sprintf("nobody can see whether there is a backup (%v)", err)
	case at.IsZero():
		return "there is no backup in " + c.Backup.Directory
	case now.Sub(at) > oldBackup:
		return fmt.Sprintf("the newest backup is %d days old", int64(now.Sub(at)/(24*time.Hour)))
	}
	return ""
}

// AllCopies returns all copies of the database, as far as one can know where: those that rotate, and the databases
// beside ours and beside them, which were made before a migration or by hand.
func AllCopies(c *config.Config, s *store.Store) ([]string, error) {
	var files []string
	for _, dir := range []string{c.Backup.Directory, filepath.Dir(s.Path())} {
		if dir == "" {
			continue
		}
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if !e.Type().IsRegular() || slices.Contains(files, path) {
				continue
			}
			if info, err := e.Info(); err != nil {
				return nil, err
			} else if s.Locks(info) {
				continue
			}
			if isDatabase, err := beginsLikeDatabase(path); err != nil {
				return nil, err
			} else if isDatabase {
				files = append(files, path)
			}
		}
	}
	return files, nil
}

// beginsLikeDatabase looks for what every file of SQLite begins with.
func beginsLikeDatabase(path string) (yes bool, err error) {
	const magic = "SQLite format 3\x00"
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	begin := make([]byte, len(magic))
	n, err := io.ReadFull(f, begin)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return string(begin[:n]) == magic, err
}

// Shadow returns the directory in which Litestream keeps what it is to copy, "" where there is none.
func Shadow(c *config.Config) string {
	file := File(c)
	dir := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+"-litestream")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}
