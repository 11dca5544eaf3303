package images

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Waiting represents an image in the queue.
type Waiting struct {
	ID        int64
	CallID    int64
	Kind      Kind
	Folder    string
	URL       string // never to be shown to anybody; "" when the image itself is in the queue
	ExpiresAt time.Time
	Tries     int // that came to nothing
}

// Queued returns images that may be tried now or have expired, the earliest expiry first, at most limit. When
// there are fewer, next is when the first of the others is due; the zero time when there is none.
func (e Index) Queued(ctx context.Context, now time.Time, limit int) (due []Waiting, next time.Time, err error) {
	rows, err := e.read.QueryContext(ctx, `SELECT e.evidence_id, e.call_id, e.kind, e.folder, coalesce(q.url, ''),
		q.expires_at, q.tries
		FROM evidence_queue q JOIN evidence e USING (evidence_id) WHERE q.not_before <= ?1 OR q.expires_at <= ?1
		ORDER BY q.expires_at, q.evidence_id LIMIT ?2`, sqlrow.Millis(now), limit)
	due, err = sqlrow.Collect(rows, err, "read queue of images", func(q *Waiting) error {
		var expires int64
		err := rows.Scan(&q.ID, &q.CallID, &q.Kind, &q.Folder, &q.URL, &expires, &q.Tries)
		q.ExpiresAt = sqlrow.FromMillis(expires)
		return err
	})
	if err != nil || len(due) == limit {
		return due, next, err
	}
	var later sql.NullInt64
	if err := e.read.QueryRowContext(ctx, "SELECT min(min(not_before, expires_at)) FROM evidence_queue WHERE "+
		"not_before > ?1 AND expires_at > ?1", sqlrow.Millis(now)).Scan(&later); err != nil {
		return nil, next, fmt.Errorf("read queue of images: %w", err)
	}
	return due, sqlrow.FromNullMillis(later), nil
}

// AllQueued returns every queued image, without its link, folder by folder.
func (e Index) AllQueued(ctx context.Context) ([]Waiting, error) {
	rows, err := e.read.QueryContext(ctx, `SELECT e.evidence_id, e.call_id, e.kind, e.folder, q.expires_at, q.tries
		FROM evidence_queue q JOIN evidence e USING (evidence_id) ORDER BY e.folder, e.evidence_id`)
	return sqlrow.Collect(rows, err, "read queue of images", func(q *Waiting) error {
		var expires int64
		err := rows.Scan(&q.ID, &q.CallID, &q.Kind, &q.Folder, &expires, &q.Tries)
		q.ExpiresAt = sqlrow.FromMillis(expires)
		return err
	})
}

// CountQueued counts the images in the queue.
func (e Index) CountQueued(ctx context.Context) (n int64, err error) {
	if err := e.read.QueryRowContext(ctx, "SELECT count(*) FROM evidence_queue").Scan(&n); err != nil {
		return 0, fmt.Errorf("count queue of images: %w", err)
	}
	return n, nil
}

// Data returns the bytes of an image that an answer brought itself.
func (e Index) Data(ctx context.Context, id int64) (data []byte, err error) {
	if err := e.read.QueryRowContext(ctx,
		"SELECT image FROM evidence_queue WHERE evidence_id = ? AND image IS NOT NULL", id).Scan(&data); err != nil {
		return nil, fmt.Errorf("read queued image %d: %w", id, err)
	}
	return data, nil
}

// Tried holds what became of one try to get an image.
type Tried struct {
	ID     int64
	State  State // Queued: it is tried again
	Reason string
	At     time.Time
	Retry  time.Time // not before, when it is tried again
	Path   string
	SHA256 []byte
	Bytes  int64
}

// Record notes what became of tries, in one transaction. The link of an image that is not tried again goes, and its
// bytes are overwritten.
func (e Index) Record(ctx context.Context, images []Tried) error {
	err := sqlrow.Writing(ctx, e.write, func(tx *sql.Tx) error {
		for _, image := range images {
			if err := record(ctx, tx, image); err != nil {
				return fmt.Errorf("image %d: %w", image.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("record images: %w", err)
	}
	return nil
}

func record(ctx context.Context, tx *sql.Tx, image Tried) error {
	if image.State == Queued {
		_, err := tx.ExecContext(ctx, "UPDATE evidence_queue SET tries = tries + 1, not_before = ? WHERE "+
			"evidence_id = ?", sqlrow.Millis(image.Retry), image.ID)
		if err == nil {
			_, err = tx.ExecContext(ctx, "UPDATE evidence SET reason = ? WHERE evidence_id = ? AND state = 'queued'",
				image.Reason, image.ID)
		}
		return err
	}
	var bytes any
	if image.State == Stored {
		bytes = image.Bytes
	}
	var n int64
	err := sqlrow.ExecCount(ctx, tx, &n, `UPDATE evidence
		SET state = ?, reason = ?, settled_at = ?, path = ?, sha256 = `+
		`?, bytes = ? WHERE evidence_id = ? AND state = 'queued'`,
		string(image.State), image.Reason, sqlrow.Millis(image.At), image.Path, image.SHA256, bytes, image.ID)
	if err == nil && n != 1 {
		err = errNotQueued
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM evidence_queue WHERE evidence_id = ?", image.ID)
	}
	return err
}

// Refusal describes how many images were refused for a reason.
type Refusal struct {
	Reason string
	Images int64
}

// Refusals counts the refused ones of the newest images, the most frequent reason first. Its cost depends on how many
// those are, not on how many there are.
func (e Index) Refusals(ctx context.Context, newest int) ([]Refusal, error) {
	rows, err := e.read.QueryContext(ctx, `SELECT reason, count(*) FROM (SELECT state, reason FROM evidence
		ORDER BY evidence_id DESC LIMIT ?)
		WHERE state = 'refused' GROUP BY reason ORDER BY count(*) DESC, reason`, newest)
	return sqlrow.Collect(rows, err, "count refused images", func(r *Refusal) error {
		return rows.Scan(&r.Reason, &r.Images)
	})
}

// DropQueue refuses all queued images and removes their links: the operator does not want images any more.
func (e Index) DropQueue(ctx context.Context, reason string, at time.Time) (n int64, err error) {
	if n, err = e.CountQueued(ctx); err != nil || n == 0 {
		return 0, err
	}
	err = sqlrow.Writing(ctx, e.write, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE evidence SET state = 'refused', reason = ?, settled_at = ? WHERE "+
			"state = 'queued'", reason, sqlrow.Millis(at))
		if err == nil {
			_, err = tx.ExecContext(ctx, "DELETE FROM evidence_queue")
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("drop queue of images: %w", err)
	}
	return n, nil
}
