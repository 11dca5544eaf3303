// Package decisions keeps what people decided about answers, apart from it what is known of IDs from elsewhere, and the
// files both came from; of an answer's decisions the one decided last stands. What it needs of answers and their checks
// it asks SQL for.
package decisions

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
)

// Decision holds what a person decided about an answer.
type Decision struct {
	DecisionID int64 // 0 before it is stored
	CallID     int64 // of the answer
	Decision   string
	Reviewer   string
	DecidedAt  time.Time
	Undated    bool   // the file gave no time: DecidedAt is the time of the import
	Comment    string // "" for none, and after it was erased
	Sheet      string // where in its file
	Row        int
}

// Words returns the words for what may be decided, in the order in which reports count them.
func Words() []string { return []string{"genuine", "attack", "unclear", "escalated"} }

// File represents a file that decisions came from.
type File struct {
	Name       string
	SHA256     [sha256.Size]byte
	ImportedAt time.Time
}

// Log keeps what people decided about answers.
type Log struct{ read, write *sql.DB }

// NewLog returns the decisions of a database.
func NewLog(read, write *sql.DB) Log { return Log{read, write} }

// KnownFile returns when a file of this content was imported, false when it was not.
func (d Log) KnownFile(ctx context.Context, sum [sha256.Size]byte) (time.Time, bool, error) {
	var at int64
	err := d.read.QueryRowContext(ctx, "SELECT imported_at FROM decision_files WHERE sha256 = ?", sum[:]).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("look up file of decisions: %w", err)
	}
	return sqlrow.FromMillis(at), true, nil
}

// Add stores decisions of a file that its answers did not have, all or none. Of a file that was read before, they are
// further ones. A decision stands for its answer unless another about it was made later.
func (d Log) Add(ctx context.Context, f File, all []Decision) error {
	err := sqlrow.Writing(ctx, d.write, func(tx *sql.Tx) error { return add(ctx, tx, f, all) })
	if err != nil {
		return fmt.Errorf("store decisions of %s: %w", f.Name, err)
	}
	return nil
}

func add(ctx context.Context, tx *sql.Tx, f File, all []Decision) error {
	file, err := addFile(ctx, tx, f)
	if err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO decisions (call_id, answered_at, decision, reviewer, decided_at,
		undated, comment, file_id, sheet, row)
		SELECT call_id, answered_at, ?2, ?3, ?4, ?5, nullif(?6, ''), ?7, ?8, ?9 FROM answers WHERE call_id = ?1`)
	if err != nil {
		return err
	}
	defer insert.Close() //nolint:errcheck // ends with the transaction
	for _, d := range all {
		res, err := insert.ExecContext(ctx, d.CallID, d.Decision, d.Reviewer, sqlrow.Millis(d.DecidedAt),
			sqlrow.Bool(d.Undated), d.Comment, file, d.Sheet, d.Row)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if n != 1 {
			return fmt.Errorf("call %d has no answer", d.CallID)
		}
	}
	return nil
}

// addFile notes a file, unless it was read before, and returns its number.
func addFile(ctx context.Context, tx *sql.Tx, f File) (file int64, err error) {
	_, err = tx.ExecContext(ctx, `INSERT INTO decision_files (name, sha256, imported_at) VALUES (?, ?, ?)
		ON CONFLICT (sha256) DO NOTHING`, f.Name, f.SHA256[:], sqlrow.Millis(f.ImportedAt))
	if err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, "SELECT file_id FROM decision_files WHERE sha256 = ?", f.SHA256[:]).Scan(&file)
	return file, err
}

const selectDecision = `SELECT d.decision_id, d.call_id, d.decision, d.reviewer, d.decided_at, d.undated, ` +
	`coalesce(d.comment, ''), d.sheet, d.row`

func (d *Decision) scan(rows *sql.Rows, more ...any) error {
	var at int64
	err := rows.Scan(append([]any{&d.DecisionID, &d.CallID, &d.Decision, &d.Reviewer, &at, &d.Undated, &d.Comment,
		&d.Sheet, &d.Row}, more...)...)
	d.DecidedAt = sqlrow.FromMillis(at)
	return err
}

// Current represents the decision made last about an answer that is its check's result.
type Current struct {
	Decision
	Score      float64
	Region     string
	AttackType string // as received
}

// Reader reads what people decided.
type Reader struct {
	tx    *sql.Tx
	clock calendar.Clock
}

// Read reads them in a transaction; the answers of a period are its own by a clock.
func Read(tx *sql.Tx, clock calendar.Clock) Reader { return Reader{tx, clock} }

// Current returns the standing decisions about the scored standing answers of [from, to). Its cost depends on how many
// decisions there are about that time, by the time of capture on how many there are.
func (d Reader) Current(ctx context.Context, from, to time.Time) ([]Current, error) {
	table, at := "decisions d INDEXED BY decisions_by_time", "d.answered_at"
	if d.clock == calendar.ByCapture {
		table, at = "decisions d", "coalesce(a.captured_at, a.answered_at)"
	}
	rows, err := d.tx.QueryContext(ctx, selectDecision+`, a.score, a.region, a.attack_type FROM `+table+` CROSS JOIN answers a USING (call_id)
		WHERE `+at+` >= ?1 AND `+at+` < ?2 AND a.standing = 1 AND a.score IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM decisions l WHERE l.call_id = d.call_id
			AND (l.decided_at, l.decision_id) > (d.decided_at, d.decision_id))
		ORDER BY d.decision_id`, sqlrow.Millis(from), sqlrow.Millis(to))
	return sqlrow.Collect(rows, err, "read decisions", func(d *Current) error {
		return d.scan(rows, &d.Score, &d.Region, &d.AttackType)
	})
}

// Differing returns, by the answer's call, what each reviewer decided last about the answers of [from, to) that reviewers
// have decided differently: one decision each, in the order in which they were made.
func (d Reader) Differing(ctx context.Context, from, to time.Time) (map[int64][]Decision, error) {
	rows, err := d.tx.QueryContext(ctx, selectDecision+` FROM decisions d JOIN answers a USING (call_id)
		WHERE coalesce(CASE WHEN ?3 THEN a.captured_at END, d.answered_at) >= ?1
		AND coalesce(CASE WHEN ?3 THEN a.captured_at END, d.answered_at) < ?2
		AND NOT EXISTS (SELECT 1 FROM decisions l WHERE l.call_id = d.call_id AND l.reviewer = d.reviewer
			AND (l.decided_at, l.decision_id) > (d.decided_at, d.decision_id))
		AND EXISTS (SELECT 1 FROM decisions o WHERE o.call_id = d.call_id AND o.reviewer <> d.reviewer
			AND o.decision <> d.decision AND NOT EXISTS (SELECT 1 FROM decisions l WHERE l.call_id = o.call_id
			AND l.reviewer = o.reviewer AND (l.decided_at, l.decision_id) > (o.decided_at, o.decision_id)))
		ORDER BY d.decided_at, d.decision_id`, sqlrow.Millis(from), sqlrow.Millis(to), d.clock == calendar.ByCapture)
	all, err := sqlrow.Collect(rows, err, "read decisions", func(x *Decision) error { return x.scan(rows) })
	differing := map[int64][]Decision{}
	for _, x := range all {
		differing[x.CallID] = append(differing[x.CallID], x)
	}
	return differing, err
}

// Answer represents an answer as a row of the manual queue shows it, with what was decided about it, oldest first.
type Answer struct {
	CallID        int64
	Kind          string
	ID            string // "" after it was erased
	IDHash        []byte // of kind and ID, which outlives it
	TransactionID string
	AnsweredAt    time.Time
	Score         *float64
	Decisions     []Decision
}

// OfCheck returns what was decided about the answers to a check, and the file that each decision came from, in the
// order in which they were taken in.
func OfCheck(ctx context.Context, db sqlrow.Queryer, checkID int64) (all []WithFile, err error) {
	rows, err := db.QueryContext(ctx, selectDecision+`, f.name FROM answers a JOIN decisions d USING (call_id)
		JOIN decision_files f USING (file_id)
		WHERE a.check_id = ? ORDER BY d.decision_id`, checkID)
	return sqlrow.Collect(rows, err, "read decisions", func(d *WithFile) error { return d.scan(rows, &d.File) })
}

// WithFile represents a decision and the name of the file that it was read from.
type WithFile struct {
	Decision
	File string
}

// Answer looks up the answer to a call, false when there is none.
func (d Reader) Answer(ctx context.Context, call int64) (Answer, bool, error) {
	a := Answer{CallID: call}
	var at int64
	err := d.tx.QueryRowContext(ctx, `SELECT c.kind, coalesce(c.id, ''), c.id_hash, o.transaction_id, a.answered_at,
		a.score
		FROM answers a JOIN outcomes o USING (call_id) JOIN checks c USING (check_id) WHERE a.call_id = ?`, call).
		Scan(&a.Kind, &a.ID, &a.IDHash, &a.TransactionID, &at, &a.Score)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("look up answer %d: %w", call, err)
	}
	a.AnsweredAt = sqlrow.FromMillis(at)
	rows, err := d.tx.QueryContext(ctx, selectDecision+` FROM decisions d WHERE d.call_id = ?
		ORDER BY d.decided_at, d.decision_id`, call)
	a.Decisions, err = sqlrow.Collect(rows, err, "read decisions", func(d *Decision) error { return d.scan(rows) })
	return a, true, err
}

// Loss represents what a restoration of the database from a copy has lost.
type Loss struct {
	From, Until time.Time // answers of this time may be missing
	RestoredAt  time.Time
}

// Losses returns what restorations have lost, in the order in which they were made.
func (d Reader) Losses(ctx context.Context) ([]Loss, error) {
	rows, err := d.tx.QueryContext(ctx,
		"SELECT lost_from, lost_until, restored_at FROM restorations ORDER BY restoration_id")
	return sqlrow.Collect(rows, err, "read restorations", func(l *Loss) error {
		var from, until, at int64
		err := rows.Scan(&from, &until, &at)
		l.From, l.Until, l.RestoredAt = sqlrow.FromMillis(from), sqlrow.FromMillis(until), sqlrow.FromMillis(at)
		return err
	})
}
