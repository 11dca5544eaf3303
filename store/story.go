package store

import (
	"context"
	"database/sql"
	"time"

	"liverecon/store/internal/sqlrow"
)

// StoryImage represents an image that one of an ID's answers offered.
type StoryImage struct {
	CallID   int64
	Kind     string // result, audit, far or near
	State    string // queued, stored, expired, refused or erased
	Reason   string
	Path     string // below the directory of images
	QueuedAt time.Time
	EndedAt  time.Time // zero while queued
}

// BilledLine holds what a standing reconciliation says of one call.
type BilledLine struct {
	Month       string
	MadeAt      time.Time // of the reconciliation
	Class       string
	Path        string // of the statement; "" where none bills the call
	Line        int64
	ChargedAt   time.Time // zero when the line gives none
	TheirAmount string
	Currency    string
	Note        string
}

// linesOf returns what standing reconciliations say of a call.
func linesOf(ctx context.Context, db sqlrow.Queryer, call int64) ([]BilledLine, error) {
	rows, err := db.QueryContext(ctx, `SELECT c.month, c.made_at, r.class, coalesce(s.path, ''), coalesce(r.line, 0),
		l.charged_at, r.their_amount, r.currency, r.note
		FROM reconciled r JOIN reconciliations c USING (reconciliation_id) LEFT JOIN statements s USING (statement_id)
		LEFT JOIN statement_lines l ON l.statement_id = r.statement_id AND l.line = r.line
		WHERE r.call_id = ? AND c.superseded_by IS NULL ORDER BY c.month, r.row`, call)
	return sqlrow.Collect(rows, err, "read statement lines of a call", func(b *BilledLine) error {
		var made int64
		var charged sql.NullInt64
		err := rows.Scan(&b.Month, &made, &b.Class, &b.Path, &b.Line, &charged, &b.TheirAmount, &b.Currency, &b.Note)
		b.MadeAt, b.ChargedAt = sqlrow.FromMillis(made), sqlrow.FromNullMillis(charged)
		return err
	})
}
