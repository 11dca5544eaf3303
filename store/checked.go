package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// CheckedAt is when QuickCheck last found the file sound, as RememberCheck was told; the zero time for never.
func (s *Store) CheckedAt(ctx context.Context) (time.Time, error) {
	var text string
	err := s.read.QueryRowContext(ctx, "SELECT value FROM settings WHERE key = 'checked_at'").Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	var ms int64
	if err == nil {
		ms, err = strconv.ParseInt(text, 10, 64)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read time of the last check: %w", err)
	}
	return fromMillis(ms), nil
}

// RememberCheck keeps when QuickCheck found the file sound.
func (s *Store) RememberCheck(ctx context.Context, at time.Time) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO settings (key, value) VALUES ('checked_at', ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, strconv.FormatInt(millis(at), 10))
	if err != nil {
		return fmt.Errorf("remember check: %w", err)
	}
	return nil
}

// IsCorrupt says whether err is ErrCorrupt, or SQLite's own word for a damaged file, which any statement may come upon.
func IsCorrupt(err error) bool {
	var e *sqlite.Error
	return errors.Is(err, ErrCorrupt) || errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CORRUPT
}

// IsBusy says whether err is SQLite's word for a database that another program kept locked for longer than 10 seconds.
func IsBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}
