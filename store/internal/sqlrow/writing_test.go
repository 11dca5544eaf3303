package sqlrow_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"liverecon/store/internal/sqlrow"
)

// TestWritingStopped: a transaction whose context ends says so, whether what it does, its end or database/sql itself comes
// first.
func TestWritingStopped(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, wait := range []time.Duration{0, 50 * time.Millisecond} {
		var stop context.CancelFunc
		for name, do := range map[string]func(*sql.Tx) error{
			"at its end": func(*sql.Tx) error { stop(); time.Sleep(wait); return nil },
			"amid it": func(tx *sql.Tx) error {
				stop()
				time.Sleep(wait)
				_, err := tx.Exec("CREATE TABLE t (c)")
				return err
			},
		} {
			var ctx context.Context
			ctx, stop = context.WithCancel(t.Context())
			if err := sqlrow.Writing(ctx, db, do); !errors.Is(err, context.Canceled) {
				t.Errorf("%s, after %v: %v", name, wait, err)
			}
			stop()
		}
	}
	if err := sqlrow.Writing(t.Context(), db, func(tx *sql.Tx) error { return tx.Commit() }); !errors.Is(err, sql.ErrTxDone) || errors.Is(err, context.Canceled) {
		t.Errorf("committed twice: %v", err)
	}
}
