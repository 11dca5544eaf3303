package store

import (
	"context"
	"database/sql"
	"time"
)

// StoryDecision is what a person decided about one of an ID's answers.
type StoryDecision struct {
	Decision
	File string // that it was read from
}

// StoryImage is an image that one of an ID's answers offered.
type StoryImage struct {
	CallID    int64
	Kind      string // result, audit, far or near
	State     string // queued, stored, expired, refused or erased
	Reason    string
	Path      string // below the directory of images
	QueuedAt  time.Time
	SettledAt time.Time // zero while queued
}

// tellAfterwards adds what became of an ID after its calls.
func (s *Store) tellAfterwards(ctx context.Context, t *Story) error {
	rows, err := s.read.QueryContext(ctx, selectDecision+`, f.name FROM answers a JOIN decisions d USING (call_id) JOIN decision_files f USING (file_id)
		WHERE a.check_id = ? ORDER BY d.decision_id`, t.ID)
	if t.Decisions, err = collect(rows, err, "decisions", func(d *StoryDecision) error { return d.scan(rows, &d.File) }); err != nil {
		return err
	}
	rows, err = s.read.QueryContext(ctx, `SELECT call_id, kind, state, reason, path, queued_at, settled_at FROM evidence WHERE check_id = ? ORDER BY evidence_id`, t.ID)
	t.Images, err = collect(rows, err, "images", func(i *StoryImage) error {
		var queued int64
		var settled sql.NullInt64
		err := rows.Scan(&i.CallID, &i.Kind, &i.State, &i.Reason, &i.Path, &queued, &settled)
		i.QueuedAt, i.SettledAt = fromMillis(queued), fromNullMillis(settled)
		return err
	})
	if err != nil {
		return err
	}
	rows, err = s.read.QueryContext(ctx, `SELECT e.erased_at FROM erasures e JOIN checks c USING (id_hash) WHERE c.check_id = ? ORDER BY e.erasure_id`, t.ID)
	t.Erased, err = collect(rows, err, "erasures", func(at *time.Time) error {
		var ms int64
		err := rows.Scan(&ms)
		*at = fromMillis(ms)
		return err
	})
	if err != nil {
		return err
	}
	return s.tellHolds(ctx, t)
}

// tellHolds adds when an ID was held, and who ended that.
func (s *Store) tellHolds(ctx context.Context, t *Story) error {
	rows, err := s.read.QueryContext(ctx, `SELECT r.restored_at, r.restored_by, r.lost_from, r.lost_until, l.released_at, coalesce(l.released_by, '')
		FROM holds h JOIN restorations r USING (restoration_id) LEFT JOIN releases l USING (release_id) WHERE h.check_id = ? ORDER BY restoration_id`, t.ID)
	t.Holds, err = collect(rows, err, "holds", func(h *StoryHold) error {
		var at, from, until int64
		var released sql.NullInt64
		err := rows.Scan(&at, &h.By, &from, &until, &released, &h.ReleasedBy)
		h.At, h.LostFrom, h.LostUntil, h.ReleasedAt = fromMillis(at), fromMillis(from), fromMillis(until), fromNullMillis(released)
		return err
	})
	return err
}
