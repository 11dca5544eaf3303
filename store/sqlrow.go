// Package sqlrow holds what all SQL code of the store shares: times, texts and flags as columns have them, the rows of a
// query as values, and transactions.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// queryer is a connection, a transaction or a pool.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// execer is a connection or a transaction.
type execer interface {
	queryer
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// collect reads all rows of a query through scan, which fills one row.
func collect[T any](rows *sql.Rows, err error, what string, scan func(*T) error) ([]T, error) {
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

// millis is a time as columns have it: milliseconds since the Unix epoch.
func millis(t time.Time) int64 { return t.UnixMilli() }

// nullMillis stores the zero time as NULL.
func nullMillis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// fromMillis is the time of a column.
func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// fromNullMillis is the zero time for NULL.
func fromNullMillis(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return fromMillis(ms.Int64)
}

// quarter is the quarter hour (UTC) a time falls in, counted from the Unix epoch.
func quarter(t time.Time) int64 { return t.Unix() / 900 }

// btoi stores a flag.
func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nullText stores an empty text as NULL.
func nullText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// nullID stores 0, which no row has, as NULL.
func nullID(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }

// execCount adds the rows a statement changed to a sum.
func execCount(ctx context.Context, tx *sql.Tx, sum *int64, text string, args ...any) error {
	res, err := tx.ExecContext(ctx, text, args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	*sum += n
	return err
}

// writing runs do in one transaction.
func writing(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
