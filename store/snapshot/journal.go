package snapshot

import (
	"context"
	"fmt"
	"time"

	"liverecon/store"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
)

// JournalCall represents a call that may have reached the vendor, as far as money is concerned.
type JournalCall struct {
	CallID        int64
	CheckID       int64
	RunID         int64
	SentAt        time.Time // of an intent that was found without an outcome the time of the intent
	Endpoint      string
	Region        string
	Outcome       store.Outcome // Answered or Unanswered
	Tag           store.Tag
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
	if err := c.each(ctx, selectJournal+within+"ORDER BY r.run_id, k.call_id", each, month, sqlrow.Millis(from),
		sqlrow.Millis(to)); err != nil {
		return err
	}
	return c.each(ctx, selectJournal+`FROM calls k JOIN outcomes o USING (call_id) WHERE o.outcome <> 'unsent'
		AND coalesce(o.sent_at, k.intended_at) < ?2
		AND k.call_id IN (SELECT e.call_id FROM (SELECT k.check_id, k.attempt `+within+`AND k.attempt > 1) l
			JOIN calls e ON e.check_id = l.check_id AND e.attempt < l.attempt)
		ORDER BY k.call_id`, each, month, sqlrow.Millis(from), sqlrow.Millis(to))
}

// ByTransaction gives the call that a transaction ID stands on, none where no call has it. Month is the one that is
// being reconciled.
func (c CallReader) ByTransaction(
	ctx context.Context, month, transaction string, each func(*JournalCall) error,
) error {
	return c.each(ctx, selectJournal+`FROM transactions t CROSS JOIN calls k USING (call_id)
		JOIN outcomes o USING (call_id)
		WHERE t.key = ?2 AND o.transaction_id = ?3 AND o.outcome <> 'unsent'`, each, month,
		query.TransactionKey(transaction), transaction)
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
		call.SentAt = sqlrow.FromMillis(sent)
		if err := each(&call); err != nil {
			return err
		}
	}
	return rows.Err()
}
