package accounts

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Probe represents a call of an endpoint's result URL without an ID, made to see that the URL is right.
type Probe struct {
	ID            int64
	Endpoint      string
	AskedAt       time.Time
	EndedAt       time.Time // zero: nobody knows what became of it
	Outcome       string    // answered, unsent or unanswered
	Cause         string    // why it is not answered
	HTTPStatus    int
	Code          string
	Tag           string // pay, free, unknown, or none of an unsent one
	TransactionID string
}

// InDoubt reports whether the vendor may charge it.
func (p Probe) InDoubt() bool { return p.Tag == "pay" || p.Tag == "unknown" }

// Probes holds the calls of result URLs without an ID.
type Probes struct{ read, write *sql.DB }

// NewProbes returns the probes of a database.
func NewProbes(read, write *sql.DB) Probes { return Probes{read, write} }

// Begin notes a probe that is about to be sent. Until End says otherwise it may have been charged.
func (p Probes) Begin(ctx context.Context, endpoint string, at time.Time) (id int64, err error) {
	res, err := p.write.ExecContext(ctx, "INSERT INTO probes (endpoint, asked_at) VALUES (?, ?)", endpoint,
		sqlrow.Millis(at))
	if err == nil {
		id, err = res.LastInsertId()
	}
	if err != nil {
		return 0, fmt.Errorf("note a probe: %w", err)
	}
	return id, nil
}

// End notes what became of a probe that was begun.
func (p Probes) End(ctx context.Context, one Probe) error {
	if _, err := p.write.ExecContext(ctx, `UPDATE probes SET ended_at = ?, outcome = ?, cause = ?, http_status = ?,
		code = ?, tag = ?, transaction_id = ? WHERE probe_id = ?`, sqlrow.Millis(one.EndedAt), one.Outcome, one.Cause,
		one.HTTPStatus, one.Code, one.Tag, one.TransactionID, one.ID); err != nil {
		return fmt.Errorf("note what became of a probe: %w", err)
	}
	return nil
}

// InDoubt returns the probes that the vendor may charge, the oldest first.
func (p Probes) InDoubt(ctx context.Context) ([]Probe, error) {
	rows, err := p.read.QueryContext(ctx, `SELECT probe_id, endpoint, asked_at, ended_at, outcome, cause, http_status,
		code, tag, transaction_id FROM probes WHERE tag IN ('pay', 'unknown') ORDER BY probe_id`)
	return sqlrow.Collect(rows, err, "read probes", func(one *Probe) error {
		var asked int64
		var ended sql.NullInt64
		err := rows.Scan(&one.ID, &one.Endpoint, &asked, &ended, &one.Outcome, &one.Cause, &one.HTTPStatus, &one.Code,
			&one.Tag, &one.TransactionID)
		one.AskedAt, one.EndedAt = sqlrow.FromMillis(asked), sqlrow.FromNullMillis(ended)
		return err
	})
}
