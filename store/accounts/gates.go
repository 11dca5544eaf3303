package accounts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"
)

// Gate holds what a reconciliation found of whether its statements are about our calls at all.
type Gate struct {
	State  string // GateOpen, GateShut or GateForced
	Ours   int64  // lines about calls of ours
	Folded int64  // the same, but for case, quotes, blanks and leading zeros
	Lines  int64
	Offset time.Duration // by how much all lines stand later than their calls; 0: they do not
}

// The states of a gate. One that is shut withholds what follows from the statement; one that was forced does not.
const (
	GateOpen   = ""
	GateShut   = "shut"
	GateForced = "forced"
)

// Gate keeps what was found, with the reconciliation that is being written.
func (w *ReconciliationWriter) Gate(ctx context.Context, g Gate) error {
	var offset sql.NullInt64
	if g.Offset != 0 {
		offset = sql.NullInt64{Int64: g.Offset.Milliseconds(), Valid: true}
	}
	_, err := w.conn.ExecContext(ctx, "INSERT INTO reconciliation_gates (reconciliation_id, state, ours, folded, "+
		"lines, offset_ms) VALUES (?, ?, ?, ?, ?, ?)", w.id, g.State, g.Ours, g.Folded, g.Lines, offset)
	if err != nil {
		return fmt.Errorf("keep gate: %w", err)
	}
	if g.State != GateOpen || g.Offset != 0 {
		_, err = fmt.Fprintf(w.digest, "gate %+v\n", g)
	}
	return err
}

// Gate returns what a reconciliation found; those of earlier versions are open.
func (r ReconciliationReader) Gate(ctx context.Context, reconciliation int64) (g Gate, err error) {
	var offset sql.NullInt64
	err = r.tx.QueryRowContext(ctx, "SELECT state, ours, folded, lines, offset_ms FROM reconciliation_gates "+
		"WHERE reconciliation_id = ?", reconciliation).Scan(&g.State, &g.Ours, &g.Folded, &g.Lines, &offset)
	if errors.Is(err, sql.ErrNoRows) {
		return Gate{}, nil
	}
	if err != nil {
		return Gate{}, fmt.Errorf("read gate: %w", err)
	}
	g.Offset = time.Duration(offset.Int64) * time.Millisecond
	return g, nil
}

// RowsDigest returns the digest of a reconciliation's rows: what each is, and its amounts, in an order of their own.
// One that an earlier version has made is read for it.
func (r ReconciliationReader) RowsDigest(ctx context.Context, reconciliation int64) (kept []byte, err error) {
	err = r.tx.QueryRowContext(ctx, "SELECT rows_sha256 FROM reconciliations WHERE reconciliation_id = ?",
		reconciliation).Scan(&kept)
	if err != nil || kept != nil {
		return kept, err
	}
	d := rowsDigest{}
	if d.files, err = statementSums(ctx, r.tx); err != nil {
		return nil, err
	}
	err = r.Each(ctx, reconciliation, false, 0, math.MaxInt, func(row *ReconciledRow) error {
		d.add(row)
		return nil
	})
	return d.sum(), err
}
