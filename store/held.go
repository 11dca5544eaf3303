package store

import (
	"context"
	"fmt"
	"time"
)

// HeldIDs is how many IDs of one endpoint and region one restoration holds still. Each may have been asked, and paid for,
// once in [LostFrom, LostUntil].
type HeldIDs struct {
	Restoration int64
	Endpoint    string
	Region      string
	LostFrom    time.Time
	LostUntil   time.Time
	Checks      int64
}

// Within returns the last moment in [from, to) at which they may have been asked; ok is false when there is none.
func (h HeldIDs) Within(from, to time.Time) (at time.Time, ok bool) {
	if at = h.LostUntil; !at.Before(to) {
		at = to.Add(-time.Millisecond)
	}
	return at, !at.Before(from) && !at.Before(h.LostFrom)
}

// heldSQL counts what is held. Its cost depends on that alone.
const heldSQL = `SELECT r.restoration_id, c.endpoint, c.region, r.lost_from, r.lost_until, count(*)
	FROM checks c INDEXED BY checks_held CROSS JOIN holds h ON h.check_id = c.check_id AND h.release_id IS NULL
	CROSS JOIN restorations r USING (restoration_id)
	WHERE c.state = 'held' GROUP BY r.restoration_id, c.endpoint, c.region ORDER BY c.endpoint, c.region, r.restoration_id`

// Held counts the IDs that are held at the moment of the snapshot.
func (f *Snapshot) Held(ctx context.Context) ([]HeldIDs, error) { return heldIDs(ctx, f.tx) }

// LostLines counts the charges of a reconciliation's lines that only the vendor has, and that fall into what a restored
// database had lost; a line that gives a day stands for all of it, and clocks may differ by a minute. They are the most that was paid for then.
func (f *Snapshot) LostLines(ctx context.Context, reconciliation int64) (n int64, err error) {
	err = f.tx.QueryRowContext(ctx, `SELECT coalesce(sum(r.their_quantity), 0) FROM reconciled r INDEXED BY reconciled_exceptions
		JOIN statement_lines l USING (statement_id, line)
		WHERE r.reconciliation_id = ? AND r.class <> 'matched' AND r.class = 'theirs only' AND EXISTS (SELECT 1 FROM restorations x
			WHERE l.charged_at <= x.lost_until + 60000
			AND l.charged_at + CASE l.date_only WHEN 1 THEN 86400000 ELSE 60000 END >= x.lost_from)`,
		reconciliation).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count lines of lost time: %w", err)
	}
	return n, nil
}

func heldIDs(ctx context.Context, db queryer) ([]HeldIDs, error) {
	rows, err := db.QueryContext(ctx, heldSQL)
	return collect(rows, err, "count held IDs", func(h *HeldIDs) error {
		var from, until int64
		err := rows.Scan(&h.Restoration, &h.Endpoint, &h.Region, &from, &until, &h.Checks)
		h.LostFrom, h.LostUntil = fromMillis(from), fromMillis(until)
		return err
	})
}
