package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// JournalCall is a call that may have reached the vendor, as far as money is concerned.
type JournalCall struct {
	CallID        int64
	CheckID       int64
	RunID         int64
	SentAt        time.Time // of an intent that was found without an outcome the time of the intent
	Endpoint      string
	Region        string
	Outcome       Outcome // Answered or Unanswered
	Tag           Tag
	Code          string
	Pricing       string // as received
	TransactionID string
	BilledIn      bool // in doubt, and a standing reconciliation of another month than asked for found it billed
}

const selectJournal = `SELECT k.call_id, k.check_id, k.run_id, coalesce(o.sent_at, k.intended_at), k.endpoint,
	k.region, o.outcome, o.tag, o.code, o.pricing, o.transaction_id,
	(o.tag = 'unknown' AND EXISTS (SELECT 1 FROM resolutions s JOIN reconciliations c USING (reconciliation_id)
		WHERE s.call_id = k.call_id AND s.billed = 1 AND c.superseded_by IS NULL AND c.month <> ?1)) `

// EachOfMonth gives the calls sent in [from, to) that may have reached the vendor, run by run in the order they were
// intended, and then the earlier calls for the same IDs. Month is the one that is being reconciled. The call is valid
// during the call only. Its cost depends on the runs of that time.
func (c CallReader) EachOfMonth(
	ctx context.Context, month string, from, to time.Time, each func(*JournalCall) error,
) error {
	const within = `FROM runs r CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = r.run_id CROSS
		JOIN outcomes o ON o.call_id = k.call_id
		WHERE r.started_at < ?3 AND coalesce(r.ended_at, ?3) >= ?2 AND o.outcome <> 'unsent'
		AND coalesce(o.sent_at, k.intended_at) >= ?2 AND coalesce(o.sent_at, k.intended_at) < ?3 `
	if err := c.each(ctx, selectJournal+within+"ORDER BY r.run_id, k.call_id", each, month, millis(from),
		millis(to)); err != nil {
		return err
	}
	return c.each(ctx, selectJournal+`FROM calls k JOIN outcomes o USING (call_id) WHERE o.outcome <> 'unsent'
		AND coalesce(o.sent_at, k.intended_at) < ?2
		AND k.call_id IN (SELECT e.call_id FROM (SELECT k.check_id, k.attempt `+within+`AND k.attempt > 1) l
			JOIN calls e ON e.check_id = l.check_id AND e.attempt < l.attempt)
		ORDER BY k.call_id`, each, month, millis(from), millis(to))
}

// ByTransaction gives the call that a transaction ID stands on, none where no call has it. Month is the one that is being
// reconciled.
func (c CallReader) ByTransaction(
	ctx context.Context, month, transaction string, each func(*JournalCall) error,
) error {
	return c.each(ctx, selectJournal+`FROM transactions t CROSS JOIN calls k USING (call_id) JOIN outcomes o USING (call_id)
		WHERE t.key = ?2 AND o.transaction_id = ?3 AND o.outcome <> 'unsent'`, each, month, transactionKey(transaction),
		transaction)
}

func (c CallReader) each(ctx context.Context, query string, each func(*JournalCall) error, args ...any) error {
	rows, err := c.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var call JournalCall
	var sent int64
	for rows.Next() {
		err := rows.Scan(&call.CallID, &call.CheckID, &call.RunID, &sent, &call.Endpoint, &call.Region, &call.Outcome,
			&call.Tag, &call.Code, &call.Pricing, &call.TransactionID, &call.BilledIn)
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		call.SentAt = fromMillis(sent)
		if err := each(&call); err != nil {
			return err
		}
	}
	return rows.Err()
}

const selectLine = `SELECT l.statement_id, l.line, l.kind, l.transaction_id, l.charged_at, l.date_only, l.month,
	l.endpoint, l.region, l.pricing, l.quantity,
	coalesce(l.unit_price, ''), l.amount, l.currency
	FROM (SELECT DISTINCT statement_id FROM statement_parts WHERE month = ?1 AND superseded_by IS NULL) s CROSS
		JOIN statement_lines l USING (statement_id)
	CROSS JOIN statement_parts c ON c.statement_id = l.statement_id AND c.month = l.month AND c.endpoint = l.endpoint
		AND c.currency = l.currency AND c.usage = (l.kind = 'usage')
	WHERE l.month = ?1 AND c.superseded_by IS NULL `

// BilledLine is what a standing reconciliation says of one call.
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
func linesOf(ctx context.Context, db queryer, call int64) ([]BilledLine, error) {
	rows, err := db.QueryContext(ctx, `SELECT c.month, c.made_at, r.class, coalesce(s.path, ''), coalesce(r.line, 0),
		l.charged_at, r.their_amount, r.currency, r.note
		FROM reconciled r JOIN reconciliations c USING (reconciliation_id) LEFT JOIN statements s USING (statement_id)
		LEFT JOIN statement_lines l ON l.statement_id = r.statement_id AND l.line = r.line
		WHERE r.call_id = ? AND c.superseded_by IS NULL ORDER BY c.month, r.row`, call)
	return collect(rows, err, "read statement lines of a call", func(b *BilledLine) error {
		var made int64
		var charged sql.NullInt64
		err := rows.Scan(&b.Month, &made, &b.Class, &b.Path, &b.Line, &charged, &b.TheirAmount, &b.Currency, &b.Note)
		b.MadeAt, b.ChargedAt = fromMillis(made), fromNullMillis(charged)
		return err
	})
}
