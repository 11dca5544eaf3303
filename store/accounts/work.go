package accounts

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Work holds what somebody decided about one exception of a month.
type Work struct {
	WorkID        int64 // 0 before it is stored
	Month         string
	Exception     string // names the row across reconciliations
	Class         string // that it was worked at, and
	Issue         string // decimal: what was at issue then
	Currency      string
	StatementID   int64 // where the row stood then; 0: no line
	Line          int64
	CallID        int64 // 0: no call
	TransactionID string
	Status        string
	Disputed      string // decimal; "" where it was not said
	Accepted      string // decimal; "" where it was not said
	Owner         string
	Comment       string
	DecidedAt     time.Time
	Undated       bool  // the file gave no time: DecidedAt is the time of the import
	Contradicts   int64 // what somebody else had decided otherwise meanwhile; 0: nothing
	File          string
	Sheet         string // where in its file
	Row           int
}

// The roles in which people sign.
const (
	Prepared = "prepared"
	Reviewed = "reviewed"
	Approved = "approved"
)

// Roles returns the roles in which people sign, in the order in which they do.
func Roles() []string { return []string{Prepared, Reviewed, Approved} }

// Signature represents somebody's name below a month's figures and what was worked of them.
type Signature struct {
	SignatureID int64
	Month       string
	Role        string
	Name        string
	SignedAt    time.Time
	Decision    string // "" where none was chosen
	Comment     string
	Figures     []byte // digest of the figures
	Worked      []byte // digest of the figures and of what was worked
	ToDispute   string // what was left to dispute, in words
	File        string
}

// WorkFile represents a file that decisions about exceptions came from.
type WorkFile struct {
	Name   string
	SHA256 [sha256.Size]byte
	ReadAt time.Time
}

// AddWork stores what was read from a file: all of it, or nothing. A *ClosedError refuses a month that is closed.
func (m Months) AddWork(ctx context.Context, month string, f WorkFile, all []Work, signed []Signature) error {
	err := sqlrow.Writing(ctx, m.write, func(tx *sql.Tx) error {
		if err := refuseClosed(ctx, tx, []string{month}); err != nil {
			return err
		}
		file, err := workFile(ctx, tx, f)
		if err != nil {
			return err
		}
		for i := range all {
			if err := insertWork(ctx, tx, file, &all[i]); err != nil {
				return err
			}
		}
		for _, s := range signed {
			_, err := tx.ExecContext(ctx, `INSERT INTO signatures (month, role, name, signed_at, decision, comment,
				figures, worked, to_dispute, file_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, s.Month, s.Role, s.Name,
				sqlrow.Millis(s.SignedAt), s.Decision, s.Comment, s.Figures, s.Worked, s.ToDispute, file)
			if err != nil {
				return fmt.Errorf("%s by %s: %w", s.Role, s.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store what was worked in %s: %w", f.Name, err)
	}
	return nil
}

// workFile returns the number of a file, which may have been read before.
func workFile(ctx context.Context, tx *sql.Tx, f WorkFile) (id int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT file_id FROM decision_files WHERE sha256 = ?", f.SHA256[:]).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	res, err := tx.ExecContext(ctx, "INSERT INTO decision_files (name, sha256, imported_at) VALUES (?, ?, ?)", f.Name,
		f.SHA256[:], sqlrow.Millis(f.ReadAt))
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

func insertWork(ctx context.Context, tx *sql.Tx, file int64, w *Work) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO exception_work (month, exception, class, issue, currency, statement_id,
		line, call_id, transaction_id, status, disputed, accepted, owner, comment, decided_at, undated, contradicts,
		file_id, sheet, row) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.Month, w.Exception, w.Class, w.Issue, w.Currency, sqlrow.NullID(w.StatementID), sqlrow.NullID(w.Line),
		sqlrow.NullID(w.CallID), w.TransactionID, w.Status, sqlrow.NullText(w.Disputed), sqlrow.NullText(w.Accepted),
		w.Owner, w.Comment, sqlrow.Millis(w.DecidedAt), sqlrow.Bool(w.Undated), sqlrow.NullID(w.Contradicts), file,
		w.Sheet, w.Row)
	if err != nil {
		return fmt.Errorf("%s!row %d: %w", w.Sheet, w.Row, err)
	}
	return nil
}

// AddDisputes stores notes about disputes, all or none. Those about a month that is closed are taken: a dispute goes
// on.
func (m Months) AddDisputes(ctx context.Context, f WorkFile, all []DisputeNote) error {
	err := sqlrow.Writing(ctx, m.write, func(tx *sql.Tx) error {
		file, err := workFile(ctx, tx, f)
		if err != nil {
			return err
		}
		for i := range all {
			n := &all[i]
			_, err := tx.ExecContext(ctx, `INSERT INTO dispute_notes (number, month, invoice, reason, endpoint,
				currency,
				claimed, sent_on, answered_on, answer, credited, reference, comment, file_id, sheet, row)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, n.Number, n.Month, n.Invoice, n.Reason,
				n.Endpoint,
				n.Currency, n.Claimed, n.SentOn, n.AnsweredOn, n.Answer, sqlrow.NullText(n.Credited), n.Reference,
				n.Comment, file, n.Sheet, n.Row)
			if err != nil {
				return fmt.Errorf("%s: %w", n.Number, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store what became of disputes in %s: %w", f.Name, err)
	}
	return nil
}
