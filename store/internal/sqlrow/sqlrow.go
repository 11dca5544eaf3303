// Package sqlrow holds what all SQL code of the store shares: times, texts and flags as columns have them, the rows of
// a query as values, and transactions.
package sqlrow

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Queryer represents a connection, a transaction or a pool.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Execer represents a connection or a transaction.
type Execer interface {
	Queryer
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Collect reads all rows of a query through scan, which fills one row.
func Collect[T any](rows *sql.Rows, err error, what string, scan func(*T) error) ([]T, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	var all []T
	for rows.Next() {
		var one T
		if err := scan(&one); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", what, err), rows.Close())
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return all, nil
}

// Millis returns a time as columns have it: milliseconds since the Unix epoch.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// NullMillis stores the zero time as NULL.
func NullMillis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// FromMillis returns the time of a column.
func FromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// FromNullMillis returns the zero time for NULL.
func FromNullMillis(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return FromMillis(ms.Int64)
}

// Quarter returns the quarter hour (UTC) a time falls in, counted from the Unix epoch.
func Quarter(t time.Time) int64 { return t.Unix() / 900 }

// Bool stores a flag.
func Bool(b bool) int {
	if b {
		return 1
	}
	return 0
}

// NullText stores an empty text as NULL.
func NullText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// NullID stores 0, which no row has, as NULL.
func NullID(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }

// ExecCount adds the rows a statement changed to a sum.
func ExecCount(ctx context.Context, tx Execer, sum *int64, text string, args ...any) error {
	res, err := tx.ExecContext(ctx, text, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	*sum += n
	return err
}

// View describes one moment of a database: a transaction that reads. Nobody but the packages of the store can look into
// it.
type View struct{ tx *sql.Tx }

// NewView begins to read one moment of a database. The end of its transaction ends it.
func NewView(ctx context.Context, db *sql.DB) (View, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	return View{tx}, err
}

// TxOf returns the transaction of a view.
func TxOf(v View) *sql.Tx { return v.tx }

// ReadTx runs do in one transaction that reads, and ends it.
func ReadTx(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	v, err := NewView(ctx, db)
	if err != nil {
		return err
	}
	return errors.Join(do(v.tx), v.tx.Rollback())
}

// What sets the page cache of a connection: a large one for what writes much, since a key at random touches a page of
// its own, and the small one that connections begin with. What a cache takes is twice its size: a page and its head are
// a little more than the power of two that memory is handed out in.
const (
	LargeCache  = "PRAGMA cache_size = -65536" // KiB
	SmallCache  = "PRAGMA cache_size = -2048"
	GiveUpCache = SmallCache + "; PRAGMA shrink_memory" // what a large one held goes at once
)

// Writing runs do in one transaction.
func Writing(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return ended(ctx, errors.Join(err, tx.Rollback()))
	}
	return ended(ctx, tx.Commit())
}

// ended returns why a transaction is over that its context has ended: database/sql rolls it back by itself, and tells
// whoever comes later only that it did.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

// Remember keeps a value of the table settings.
func Remember(ctx context.Context, db Execer, key, value string) error {
	_, err := db.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES (?, ?) "+
		"ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	if err != nil {
		return fmt.Errorf("remember %s: %w", key, err)
	}
	return nil
}

// Remembered returns a value of the table settings; "" where there is none.
func Remembered(ctx context.Context, db Queryer, key string) (value string, err error) {
	err = db.QueryRowContext(ctx, "SELECT coalesce((SELECT value FROM settings WHERE key = ?), '')", key).Scan(&value)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", key, err)
	}
	return value, nil
}
