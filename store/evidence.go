package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// ImageKind says which of an answer's images one is.
type ImageKind string

// The images of an answer.
const (
	ResultImage ImageKind = "result" // detectionResult
	AuditImage  ImageKind = "audit"  // auditImageUrl, an archive
	FarImage    ImageKind = "far"    // imageFarUrl
	NearImage   ImageKind = "near"   // imageNearUrl
)

// Image is an image of an answer that is wanted. It stands in the queue from the commit that stores the answer.
type Image struct {
	Kind      ImageKind
	Folder    string    // where its file goes, below the archive's directory
	URL       string    // "" when the image itself came, or the link was refused unseen
	Data      []byte    // the image itself
	ExpiresAt time.Time // when the link dies
	Refused   string    // why it is not tried at all, one of our own words; "" queues it
}

// EvidenceState says where an image stands.
type EvidenceState string

// The states of an image.
const (
	EvidenceQueued  EvidenceState = "queued"
	EvidenceStored  EvidenceState = "stored"
	EvidenceExpired EvidenceState = "expired" // the link died first; it is never asked for again by itself
	EvidenceRefused EvidenceState = "refused" // what was there is not an image, or not to be fetched
	EvidenceErased  EvidenceState = "erased"  // its file was deleted, by retention or on request
)

// WantedImage is one image that was wanted.
type WantedImage struct {
	ID        int64
	CallID    int64
	CheckID   int64
	Kind      ImageKind
	Folder    string
	State     EvidenceState
	Reason    string    // why it was refused, or why the last try came to nothing
	QueuedAt  time.Time // when its answer came
	SettledAt time.Time // zero while queued
	Path      string    // of its file below the archive's directory; "" unless stored
	SHA256    []byte    // of the file
	Bytes     int64     // of the file
}

const (
	insertEvidenceSQL = `INSERT INTO evidence (call_id, check_id, kind, folder, state, reason, queued_at, ` +
		`settled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	insertSourceSQL = `INSERT INTO evidence_queue (evidence_id, url, image, expires_at) VALUES (?, ?, ?, ?)`
)

// insertImages queues an answer's images.
func (w *callWriter) insertImages(id int64, in Intent, r Result) error {
	for _, image := range r.Answer.Images {
		state, settled := EvidenceQueued, sql.NullInt64{}
		if image.Refused != "" {
			state, settled = EvidenceRefused, sqlrow.NullMillis(r.EndedAt)
		}
		res, err := w.evidence.Exec(id, in.CheckID, string(image.Kind), image.Folder, string(state), image.Refused,
			sqlrow.Millis(r.EndedAt), settled)
		if err != nil {
			return fmt.Errorf("image %s: %w", image.Kind, err)
		}
		if image.Refused != "" {
			continue
		}
		evidence, err := res.LastInsertId()
		if err != nil {
			return fmt.Errorf("image %s: %w", image.Kind, err)
		}
		url := sql.NullString{String: image.URL, Valid: image.Data == nil}
		if _, err := w.source.Exec(evidence, url, image.Data, sqlrow.Millis(image.ExpiresAt)); err != nil {
			return fmt.Errorf("image %s: %w", image.Kind, err)
		}
	}
	return nil
}

const selectEvidence = `SELECT e.evidence_id, e.call_id, e.check_id, e.kind, e.folder, e.state, e.reason, e.queued_at,
	e.settled_at, e.path, e.sha256, coalesce(e.bytes, 0)
	FROM evidence e `

func readEvidence(ctx context.Context, db sqlrow.Queryer, where string, args ...any) ([]WantedImage, error) {
	rows, err := db.QueryContext(ctx, selectEvidence+where, args...)
	return sqlrow.Collect(rows, err, "read evidence", func(e *WantedImage) error {
		var queued int64
		var settled sql.NullInt64
		err := rows.Scan(&e.ID, &e.CallID, &e.CheckID, &e.Kind, &e.Folder, &e.State, &e.Reason, &queued, &settled,
			&e.Path, &e.SHA256, &e.Bytes)
		e.QueuedAt, e.SettledAt = sqlrow.FromMillis(queued), sqlrow.FromNullMillis(settled)
		return err
	})
}

// Evidence is the queue of images, and where those are that were stored.
type Evidence struct{ *db }

// OfCheck returns all images of a check, whatever their state, in the order of its calls. Those that are queued may
// have a file that a crash kept from being noted.
func (e Evidence) OfCheck(ctx context.Context, checkID int64) ([]WantedImage, error) {
	return readEvidence(ctx, e.read, "WHERE e.check_id = ? ORDER BY e.call_id, e.kind DESC", checkID)
}

// Before returns images whose file was stored before a time, oldest first, at most limit.
func (e Evidence) Before(ctx context.Context, before time.Time, limit int) ([]WantedImage, error) {
	return readEvidence(ctx, e.read, "INDEXED BY evidence_by_age WHERE e.state = 'stored' AND e.settled_at < ? "+
		"ORDER BY e.settled_at, e.evidence_id LIMIT ?", sqlrow.Millis(before), limit)
}

// CountBefore counts the images whose file was stored before a time.
func (e Evidence) CountBefore(ctx context.Context, before time.Time) (n int64, err error) {
	err = e.read.QueryRowContext(ctx, "SELECT count(*) FROM evidence INDEXED BY evidence_by_age WHERE state = "+
		"'stored' AND settled_at < ?", sqlrow.Millis(before)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count images: %w", err)
	}
	return n, nil
}

// Kept is how many images were ever noted, those included that were removed or never came.
func (e Evidence) Kept(ctx context.Context) (n int64, err error) {
	err = e.read.QueryRowContext(ctx, "SELECT coalesce(max(evidence_id), 0) FROM evidence").Scan(&n)
	return n, err
}

// Forget notes that images are erased: path and link go, that there was an image stays. The caller deletes the
// files first, so that a crash in between leaves rows to be forgotten again and no file that nobody knows of.
func (e Evidence) Forget(ctx context.Context, ids []int64, at time.Time) error {
	err := e.writing(ctx, func(tx *sql.Tx) error {
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
		return fmt.Errorf("forget evidence: %w", err)
	}
	return nil
}

// errNotQueued says that an image was settled twice.
var errNotQueued = errors.New("is not queued")
