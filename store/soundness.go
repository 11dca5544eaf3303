package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"liverecon/store/dbfile"
	"liverecon/store/internal/sqlrow"
)

// Soundness checks the structure of the file, and remembers when that was done last.
type Soundness struct{ *db }

// Check reads the whole file and returns ErrCorrupt, wrapped with what is wrong, when its structure is damaged. It
// takes about a second a gigabyte.
func (s Soundness) Check(ctx context.Context) error {
	var verdict string
	if err := s.read.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return dbfile.Classify(s.path, fmt.Errorf("quick_check: %w", err))
	}
	if verdict != "ok" {
		return fmt.Errorf("%s: %w: %s", s.path, dbfile.ErrCorrupt, verdict)
	}
	return nil
}

// LastCheck returns when Check last found the file sound, as Remember was told; the zero time for never.
func (s Soundness) LastCheck(ctx context.Context) (time.Time, error) {
	text, err := sqlrow.Remembered(ctx, s.read, "checked_at")
	if err != nil || text == "" {
		return time.Time{}, err
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("read time of the last check: %w", err)
	}
	return sqlrow.FromMillis(ms), nil
}

// Remember keeps when Check found the file sound.
func (s Soundness) Remember(ctx context.Context, at time.Time) error {
	return sqlrow.Remember(ctx, s.write, "checked_at", strconv.FormatInt(sqlrow.Millis(at), 10))
}
