// Package images keeps the images that answers offer: which are wanted, the queue of those still to be had, and where
// those are that were stored. Files and links' bytes are the caller's; what it needs of calls it asks SQL for.
package images

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Kind tells the images of one answer apart.
type Kind string

// The images of an answer.
const (
	Result Kind = "result" // detectionResult
	Audit  Kind = "audit"  // auditImageUrl, an archive
	Far    Kind = "far"    // imageFarUrl
	Near   Kind = "near"   // imageNearUrl
)

// Image represents an image of an answer that is wanted. It stands in the queue from the commit that stores the answer.
type Image struct {
	Kind      Kind
	Folder    string    // where its file goes, below the archive's directory
	URL       string    // "" when the image itself came, or the link was refused unseen
	Data      []byte    // the image itself
	ExpiresAt time.Time // when the link dies
	Refused   string    // why it is not tried at all, one of our own words; "" queues it
}

// State names where an image stands.
type State string

// The states of an image.
const (
	Queued  State = "queued"
	Stored  State = "stored"
	Expired State = "expired" // the link died first; it is never asked for again by itself
	Refused State = "refused" // what was there is not an image, or not to be fetched
	Erased  State = "erased"  // its file was deleted, by retention or on request
)

// Wanted describes one image that was wanted, whatever became of it.
type Wanted struct {
	ID       int64
	CallID   int64
	CheckID  int64
	Kind     Kind
	Folder   string
	State    State
	Reason   string    // why it was refused, or why the last try came to nothing
	QueuedAt time.Time // when its answer came
	EndedAt  time.Time // zero while queued
	Path     string    // of its file below the archive's directory; "" unless stored
	SHA256   []byte    // of the file
	Bytes    int64     // of the file
}

const selectImages = `SELECT e.evidence_id, e.call_id, e.check_id, e.kind, e.folder, e.state, e.reason, e.queued_at,
	e.settled_at, e.path, e.sha256, coalesce(e.bytes, 0)
	FROM evidence e `

// OfCall returns the images of one call, stored or not: result, near, far, audit.
func OfCall(ctx context.Context, db sqlrow.Queryer, callID int64) ([]Wanted, error) {
	return read(ctx, db, "WHERE e.call_id = ? ORDER BY e.kind DESC", callID)
}

func read(ctx context.Context, db sqlrow.Queryer, where string, args ...any) ([]Wanted, error) {
	rows, err := db.QueryContext(ctx, selectImages+where, args...)
	return sqlrow.Collect(rows, err, "read images", func(e *Wanted) error {
		var queued int64
		var settled sql.NullInt64
		err := rows.Scan(&e.ID, &e.CallID, &e.CheckID, &e.Kind, &e.Folder, &e.State, &e.Reason, &queued, &settled,
			&e.Path, &e.SHA256, &e.Bytes)
		e.QueuedAt, e.EndedAt = sqlrow.FromMillis(queued), sqlrow.FromNullMillis(settled)
		return err
	})
}

// Index represents the queue of the images that are wanted, and where those are that were stored.
type Index struct{ read, write *sql.DB }

// NewIndex returns the index of a database.
func NewIndex(read, write *sql.DB) Index { return Index{read, write} }

// OfCheck returns all images of a check, whatever their state, in the order of its calls. Those that are queued may
// have a file that a crash kept from being noted.
func (e Index) OfCheck(ctx context.Context, checkID int64) ([]Wanted, error) {
	return read(ctx, e.read, "WHERE e.check_id = ? ORDER BY e.call_id, e.kind DESC", checkID)
}

// Before returns images whose file was stored before a time, oldest first, at most limit.
func (e Index) Before(ctx context.Context, before time.Time, limit int) ([]Wanted, error) {
	return read(ctx, e.read, "INDEXED BY evidence_by_age WHERE e.state = 'stored' AND e.settled_at < ? "+
		"ORDER BY e.settled_at, e.evidence_id LIMIT ?", sqlrow.Millis(before), limit)
}

// CountBefore counts the images whose file was stored before a time.
func (e Index) CountBefore(ctx context.Context, before time.Time) (n int64, err error) {
	err = e.read.QueryRowContext(ctx, "SELECT count(*) FROM evidence INDEXED BY evidence_by_age WHERE state = "+
		"'stored' AND settled_at < ?", sqlrow.Millis(before)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count images: %w", err)
	}
	return n, nil
}

// Kept returns how many images were ever noted, those included that were removed or never came.
func (e Index) Kept(ctx context.Context) (n int64, err error) {
	err = e.read.QueryRowContext(ctx, "SELECT coalesce(max(evidence_id), 0) FROM evidence").Scan(&n)
	return n, err
}

// Forget notes that images are erased: path and link go, that there was an image stays. The caller deletes the
// files first, so that a crash in between leaves rows to be forgotten again and no file that nobody knows of.
func (e Index) Forget(ctx context.Context, ids []int64, at time.Time) error {
	err := sqlrow.Writing(ctx, e.write, func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, `DELETE FROM evidence_queue WHERE evidence_id = ?`, id); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `UPDATE evidence SET state = 'erased', path = '', sha256 = NULL, bytes `+
				`= NULL, settled_at = ? WHERE evidence_id = ?`, sqlrow.Millis(at), id)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget images: %w", err)
	}
	return nil
}

// errNotQueued reports that the end of an image was noted before.
var errNotQueued = errors.New("is not queued")
