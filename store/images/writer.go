package images

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Writer queues the images of answers, in the transactions of one connection.
type Writer struct{ image, source *sql.Stmt }

// NewWriter prepares its statements on a connection; Close ends them.
func NewWriter(ctx context.Context, conn *sql.Conn) (*Writer, error) {
	var w Writer
	var err error
	w.image, err = conn.PrepareContext(ctx, `INSERT INTO evidence (call_id, check_id, kind, folder, state, reason,
		queued_at, settled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
	if err == nil {
		w.source, err = conn.PrepareContext(ctx,
			"INSERT INTO evidence_queue (evidence_id, url, image, expires_at) VALUES (?, ?, ?, ?)")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare images: %w", err), w.Close())
	}
	return &w, nil
}

// Close ends the statements. A nil writer has none.
func (w *Writer) Close() error {
	if w == nil {
		return nil
	}
	var err error
	for _, s := range []*sql.Stmt{w.image, w.source} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return err
}

// Queue queues the images of the answer to a call, which came at a time. One that is refused unseen is noted and not
// queued.
func (w *Writer) Queue(callID, checkID int64, at time.Time, images []Image) error {
	for _, image := range images {
		state, ended := Queued, sql.NullInt64{}
		if image.Refused != "" {
			state, ended = Refused, sqlrow.NullMillis(at)
		}
		res, err := w.image.Exec(callID, checkID, string(image.Kind), image.Folder, string(state), image.Refused,
			sqlrow.Millis(at), ended)
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
