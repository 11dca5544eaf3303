package accounts

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"liverecon/store/dbfile"
	"liverecon/store/internal/sqlrow"
)

// Closing a month takes two steps, because its workbooks say that it is closed: Months.Begin freezes what the month
// rests on, the workbooks are made, and Seal keeps their bytes. What a crash leaves between the two closes
// nothing; the next start for writing drops it.

// ClosedFile represents a workbook as it was when its month was closed.
type ClosedFile struct {
	Kind    string // finance or risk
	Name    string // of the file, without a directory
	SHA256  [sha256.Size]byte
	Content []byte // nil once it was taken out because the file named somebody who was erased
}

// The reasons why a month cannot be opened again, or closed.
var (
	ErrNotClosed = errors.New("is not closed")
	ErrRunning   = errors.New("a run has no end recorded, or left outcomes in its spill file")
)

// Months keeps the months that are closed, kept and opened again, and bear corrections of earlier ones.
type Months struct {
	read, write *sql.DB
	spilled     func() (bool, error)
}

// NewMonths returns the months of a database; spilled reports whether outcomes wait in its spill file.
func NewMonths(read, write *sql.DB, spilled func() (bool, error)) Months {
	return Months{read, write, spilled}
}

// Begin freezes a month's usage, that of the calls sent in [from, to), with its standing reconciliation and the
// settings given. It returns a *ClosedError when the month is closed already, ErrRunning when a call of it may still
// get its outcome, and a *LateError when calls of it came after it was reconciled.
func (m Months) Begin(ctx context.Context, c Closure, from, to time.Time) (Closure, error) {
	err := sqlrow.Writing(ctx, m.write, func(tx *sql.Tx) error {
		if err := refuseClosed(ctx, tx, []string{c.Month}); err != nil {
			return err
		}
		if err := m.refuseRunning(ctx, tx); err != nil {
			return err
		}
		if err := dropUnsealed(ctx, tx); err != nil {
			return err
		}
		if err := refuseLate(ctx, tx, c.Month, from, to); err != nil {
			return err
		}
		return insertClosure(ctx, tx, &c, from, to)
	})
	if err != nil {
		return Closure{}, fmt.Errorf("close %s: %w", c.Month, err)
	}
	return c, nil
}

func (m Months) refuseRunning(ctx context.Context, tx *sql.Tx) error {
	spilled, err := m.spilled()
	if err != nil {
		return err
	}
	var open int64
	err = tx.QueryRowContext(ctx, "SELECT count(*) FROM runs WHERE ended_at IS NULL").Scan(&open)
	if err == nil && (open > 0 || spilled) {
		err = ErrRunning
	}
	return err
}

// refuseLate refuses a month whose standing reconciliation lacks calls.
func refuseLate(ctx context.Context, tx *sql.Tx, month string, from, to time.Time) error {
	standing, err := reconciliations(ctx, tx, "WHERE month = ? AND superseded_by IS NULL", month)
	if err != nil || len(standing) == 0 {
		return err
	}
	late, err := lateCalls(ctx, tx, standing[0].ID, from, to)
	if err == nil && late > 0 {
		err = &LateError{month, late}
	}
	return err
}

// dropUnsealed takes out closures that were cut short.
func dropUnsealed(ctx context.Context, tx *sql.Tx) error {
	for _, text := range []string{
		"DELETE FROM closed_usage WHERE closure_id IN (SELECT closure_id FROM closures WHERE sealed_at IS NULL)",
		"DELETE FROM closures WHERE sealed_at IS NULL",
	} {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("drop a closure that was cut short: %w", err)
		}
	}
	return nil
}

// DropUnsealed takes out what a crash left of a closure. It writes only if there is something.
func (m Months) DropUnsealed(ctx context.Context) error {
	var n int64
	if err := m.read.QueryRowContext(ctx,
		"SELECT count(*) FROM closures WHERE sealed_at IS NULL").Scan(&n); err != nil || n == 0 {
		return err
	}
	return sqlrow.Writing(ctx, m.write, func(tx *sql.Tx) error { return dropUnsealed(ctx, tx) })
}

func insertClosure(ctx context.Context, tx *sql.Tx, c *Closure, from, to time.Time) error {
	standing, err := reconciliations(ctx, tx, "WHERE month = ? AND superseded_by IS NULL", c.Month)
	if err != nil {
		return err
	}
	digest := sha256.New()
	if len(standing) > 0 {
		c.ReconciliationID = standing[0].ID
		var found []byte
		if err := tx.QueryRowContext(ctx, "SELECT digest FROM reconciliations WHERE reconciliation_id = ?",
			c.ReconciliationID).Scan(&found); err != nil {
			return err
		}
		fmt.Fprintf(digest, "reconciliation %x\n", found) //nolint:errcheck // a hash takes everything
	}
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(call_id), 0) FROM calls").Scan(&c.LastCall); err != nil {
		return err
	}
	fmt.Fprintf(digest, "%s last call %d\n%s\n", c.Month, c.LastCall, c.Settings) //nolint:errcheck // as above
	if err := digestUsage(ctx, tx, digest, from, to); err != nil {
		return err
	}
	if err := digestWork(ctx, tx, digest, c); err != nil {
		return err
	}
	c.ContentSHA256 = digest.Sum(nil)
	res, err := tx.ExecContext(ctx, `INSERT INTO closures (month, closed_at, closed_by, version, last_call, `+
		`reconciliation_id, settings, worked, last_work, last_signature, in_spite, content_sha256) `+
		`VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.Month, sqlrow.Millis(c.ClosedAt), c.ClosedBy, c.Version, c.LastCall, sqlrow.NullID(c.ReconciliationID),
		c.Settings, c.Worked, c.LastWork, c.LastSignature, c.InSpite, c.ContentSHA256)
	if err != nil {
		return err
	}
	if c.ID, err = res.LastInsertId(); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO closed_usage (closure_id, quarter, endpoint, region, outcome, code,
		pricing, tag, calls)
		SELECT ?, quarter, endpoint, region, outcome, code, pricing, tag, calls FROM usage WHERE quarter >= ?
		AND quarter < ?`, c.ID, sqlrow.Quarter(from), sqlrow.Quarter(to))
	return err
}

// digestWork freezes what was worked and signed so far. A month of which nothing is said has the digest that it had
// before there was anything to say.
func digestWork(ctx context.Context, tx *sql.Tx, digest hash.Hash, c *Closure) error {
	if err := tx.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(work_id), 0) FROM exception_work WHERE month = ?1),
		(SELECT coalesce(max(signature_id), 0) FROM signatures WHERE month = ?1)`, c.Month).
		Scan(&c.LastWork, &c.LastSignature); err != nil {
		return err
	}
	signed, err := MonthReader{tx}.Signatures(ctx, c.Month)
	if err != nil || c.LastWork+c.LastSignature == 0 && c.InSpite == "" {
		return err
	}
	fmt.Fprintf(digest, "worked %x, in spite %q\n", c.Worked, c.InSpite) //nolint:errcheck // a hash takes everything
	for _, s := range signed {
		of := fmt.Sprintf("%s %q %d %q %x\n", s.Role, s.Name, s.SignedAt.UnixMilli(), s.Decision, s.Worked)
		fmt.Fprint(digest, of) //nolint:errcheck // as above
	}
	return nil
}

func digestUsage(ctx context.Context, tx *sql.Tx, digest hash.Hash, from, to time.Time) error {
	rows, err := tx.QueryContext(ctx, `SELECT quarter, endpoint, region, outcome, code, pricing, tag, calls FROM usage
		WHERE quarter >= ? AND quarter < ? ORDER BY quarter, endpoint, region, outcome, code, pricing, tag`,
		sqlrow.Quarter(from), sqlrow.Quarter(to))
	type line struct {
		quarter, calls                                int64
		endpoint, region, outcome, code, pricing, tag string
	}
	_, err = sqlrow.Collect(rows, err, "read usage", func(l *line) error {
		if err := rows.Scan(&l.quarter, &l.endpoint, &l.region, &l.outcome, &l.code, &l.pricing, &l.tag,
			&l.calls); err != nil {
			return err
		}
		_, err := fmt.Fprintf(digest, "%d %q %q %q %q %q %q %d\n", l.quarter, l.endpoint, l.region, l.outcome, l.code,
			l.pricing, l.tag, l.calls)
		return err
	})
	return err
}

// Seal keeps the finished workbooks of a closure that was begun. From then on the month is closed.
func (m Months) Seal(ctx context.Context, id int64, now time.Time, files []ClosedFile) error {
	err := sqlrow.Writing(ctx, m.write, func(tx *sql.Tx) error {
		for _, f := range files {
			packed, err := pack(f.Content)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(f.Content)
			_, err = tx.ExecContext(ctx, "INSERT INTO closed_files (closure_id, kind, name, sha256, bytes, "+
				"content) VALUES (?, ?, ?, ?, ?, ?)", id, f.Kind, f.Name, sum[:], len(f.Content), packed)
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "UPDATE closures SET sealed_at = ? WHERE closure_id = ?", sqlrow.Millis(now), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("seal closure %d: %w", id, err)
	}
	return nil
}

func pack(content []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	err := w.Close()
	return packed.Bytes(), err
}

// Reopen opens a closed month again and notes by whom and why. Its workbooks stay kept with the closure.
func (m Months) Reopen(ctx context.Context, month, by, reason string, now time.Time) (Closure, error) {
	var closed Closure
	err := sqlrow.Writing(ctx, m.write, func(tx *sql.Tx) error {
		found, err := closures(ctx, tx, "WHERE month = ? AND reopened_at IS NULL AND sealed_at IS NOT NULL", month)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrNotClosed
		}
		closed = found[0]
		closed.ReopenedAt, closed.ReopenedBy, closed.Reason = now, by, reason
		_, err = tx.ExecContext(ctx, "UPDATE closures SET reopened_at = ?, reopened_by = ?, reason = ? WHERE "+
			"closure_id = ?", sqlrow.Millis(now), by, reason, closed.ID)
		return err
	})
	if err != nil {
		return Closure{}, fmt.Errorf("reopen %s: %w", month, err)
	}
	return closed, nil
}

// File returns the workbook of a kind that is kept for a closed month, and false for a month that is open.
func (m Months) File(ctx context.Context, month, kind string) (ClosedFile, bool, error) {
	f := ClosedFile{Kind: kind}
	var sum, packed []byte
	err := m.read.QueryRowContext(ctx, `SELECT f.name, f.sha256, f.content FROM closures c
		JOIN closed_files f USING (closure_id)
		WHERE c.month = ? AND c.reopened_at IS NULL AND c.sealed_at IS NOT NULL AND f.kind = ?`, month,
		kind).Scan(&f.Name, &sum, &packed)
	if errors.Is(err, sql.ErrNoRows) {
		return ClosedFile{}, false, nil
	}
	if err == nil && packed != nil {
		f.Content, err = unpack(packed)
	}
	copy(f.SHA256[:], sum)
	if err == nil && packed != nil && sha256.Sum256(f.Content) != f.SHA256 {
		err = fmt.Errorf("content does not have its fingerprint: %w", dbfile.ErrCorrupt)
	}
	if err != nil {
		return ClosedFile{}, false, fmt.Errorf("kept %s workbook of %s: %w", kind, month, err)
	}
	return f, true, nil
}

// KeptFile represents a workbook that is kept with a closure, of a month that was opened again since, too.
type KeptFile struct {
	ClosedFile
	Closure  int64
	Month    string
	Standing bool // the month is closed by it still
}

// EachFile gives the kept workbooks one after the other, but for those that were taken out.
func (m Months) EachFile(ctx context.Context, each func(f KeptFile) error) error {
	rows, err := m.read.QueryContext(ctx, "SELECT closure_id, month, kind, name, reopened_at IS NULL "+
		"FROM closed_files f JOIN closures c USING (closure_id) WHERE f.content IS NOT NULL AND c.sealed_at IS NOT NULL "+
		"ORDER BY closure_id, kind")
	all, err := sqlrow.Collect(rows, err, "read kept workbooks", func(f *KeptFile) error {
		return rows.Scan(&f.Closure, &f.Month, &f.Kind, &f.Name, &f.Standing)
	})
	for _, f := range all { // one at a time: each may be large
		if err != nil {
			break
		}
		var packed []byte
		if err = m.read.QueryRowContext(ctx, "SELECT content FROM closed_files WHERE closure_id = ? AND kind = ?",
			f.Closure, f.Kind).Scan(&packed); err == nil {
			f.Content, err = unpack(packed)
		}
		if err == nil {
			err = each(f)
		}
	}
	if err != nil {
		return fmt.Errorf("read kept workbooks: %w", err)
	}
	return nil
}

// Forget takes a kept workbook out; what can be written again of its month is made anew.
func (m Months) Forget(ctx context.Context, f KeptFile) error {
	if _, err := m.write.ExecContext(ctx, "UPDATE closed_files SET content = NULL WHERE closure_id = ? AND kind = ?",
		f.Closure, f.Kind); err != nil {
		return fmt.Errorf("take out the kept %s workbook of %s: %w", f.Kind, f.Month, err)
	}
	return nil
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	return content, errors.Join(err, r.Close())
}

// Closures returns all closures of all months that were carried through, in order, those that were opened again too.
func (m Months) Closures(ctx context.Context) ([]Closure, error) {
	return closures(ctx, m.read, "WHERE sealed_at IS NOT NULL")
}
