// Package deliveries keeps what was to be sent to whom after a run, so that what could not be sent is sent later.
package deliveries

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Delivery describes one page that is to be sent to one recipient.
type Delivery struct {
	ID        int64
	Run       int64
	Recipient string // its name in the configuration
	Page      string // what of the run
	Period    string // days or month that the page is about, "" for none
	OwedAt    time.Time
	Tries     int64
	SentAt    time.Time // zero: not yet
	GivenUpAt time.Time // zero: it may still be sent
	Error     string    // of the last try, "" for none

	Started  time.Time // the run
	ExitCode int
	Verdict  string
}

// Log represents the deliveries of a database.
type Log struct{ read, write *sql.DB }

// New returns the deliveries of a database by its connections.
func New(read, write *sql.DB) Log { return Log{read, write} }

// Owe keeps what is to be sent after a run. What is kept already stays as it is.
func (l Log) Owe(ctx context.Context, run int64, now time.Time, all []Delivery) error {
	err := sqlrow.Writing(ctx, l.write, func(tx *sql.Tx) error {
		for _, d := range all {
			if _, err := tx.ExecContext(ctx, `INSERT INTO deliveries (run_id, recipient, page, period, owed_at)
				VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, run, d.Recipient, d.Page, d.Period,
				sqlrow.Millis(now)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep deliveries of run %d: %w", run, err)
	}
	return nil
}

// OweAgain makes all of a run owed once more, or what these recipients got of it, and returns how many there are.
func (l Log) OweAgain(ctx context.Context, run int64, recipients []string) (n int64, err error) {
	query, args := "UPDATE deliveries SET tries = 0, tried_at = NULL, sent_at = NULL, given_up_at = NULL, error = '' "+
		"WHERE run_id = ?", []any{run}
	if len(recipients) > 0 {
		query += " AND recipient IN (NULL" + strings.Repeat(", ?", len(recipients)) + ")"
		for _, r := range recipients {
			args = append(args, r)
		}
	}
	if err = sqlrow.ExecCount(ctx, l.write, &n, query, args...); err != nil {
		return 0, fmt.Errorf("deliver run %d again: %w", run, err)
	}
	return n, nil
}

// Sent notes that a page was taken.
func (l Log) Sent(ctx context.Context, id int64, now time.Time) error {
	return l.update(ctx, id, "tries = tries + 1, tried_at = ?, sent_at = ?, error = ''", sqlrow.Millis(now),
		sqlrow.Millis(now))
}

// Failed notes why a page was not taken.
func (l Log) Failed(ctx context.Context, id int64, now time.Time, why string) error {
	return l.update(ctx, id, "tries = tries + 1, tried_at = ?, error = ?", sqlrow.Millis(now), why)
}

// GiveUp notes that a page will not be sent any more.
func (l Log) GiveUp(ctx context.Context, id int64, now time.Time, why string) error {
	return l.update(ctx, id, "given_up_at = ?, error = ?", sqlrow.Millis(now), why)
}

func (l Log) update(ctx context.Context, id int64, set string, args ...any) error {
	if _, err := l.write.ExecContext(ctx, "UPDATE deliveries SET "+set+" WHERE delivery_id = ?",
		append(args, id)...); err != nil {
		return fmt.Errorf("note delivery %d: %w", id, err)
	}
	return nil
}

// Owed returns what is still to be sent, oldest first.
func (l Log) Owed(ctx context.Context) ([]Delivery, error) {
	return l.list(ctx, "sent_at IS NULL AND given_up_at IS NULL")
}

// OfRun returns all of a run.
func (l Log) OfRun(ctx context.Context, run int64) ([]Delivery, error) {
	return l.list(ctx, "run_id = ?", run)
}

func (l Log) list(ctx context.Context, where string, args ...any) ([]Delivery, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT delivery_id, run_id, recipient, page, period, owed_at, tries, sent_at,
		given_up_at, d.error, r.started_at, coalesce(r.exit_code, 1), coalesce(r.verdict, '')
		FROM deliveries AS d JOIN runs AS r USING (run_id) WHERE `+where+` ORDER BY delivery_id`, args...)
	return sqlrow.Collect(rows, err, "read deliveries", func(d *Delivery) error {
		var owed, started int64
		var sent, given sql.NullInt64
		err := rows.Scan(&d.ID, &d.Run, &d.Recipient, &d.Page, &d.Period, &owed, &d.Tries, &sent, &given, &d.Error,
			&started, &d.ExitCode, &d.Verdict)
		d.Started = sqlrow.FromMillis(started)
		d.OwedAt = sqlrow.FromMillis(owed)
		d.SentAt, d.GivenUpAt = sqlrow.FromNullMillis(sent), sqlrow.FromNullMillis(given)
		return err
	})
}
