package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
)

// Laid represents a check as Lay writes it: one row of a list and its one answer.
type Laid struct {
	AnsweredAt time.Time
	CapturedAt time.Time // zero: the vendor does not say
	Region     string
	Score      *float64 // nil for an answer without one
	AttackType string   // the vendor's code
	List       string   // file name
}

// Lay makes a database of the checks given, oldest first, at a path where nothing is: a run for each of their business
// days in a zone, and their lists, each read by the run of its first answer. The clock's own way, through the journal,
// would take a hundred times as long.
func Lay(ctx context.Context, path string, zone *time.Location, checks []Laid) error {
	s, err := store.Open(ctx, path)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)")
	if err != nil {
		return errors.Join(err, s.Close())
	}
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, nil)
	if err == nil {
		l := layer{tx: tx, zone: zone, lists: map[string]int64{}}
		if err = l.all(ctx, checks); err == nil {
			err = tx.Commit()
		} else {
			err = errors.Join(err, tx.Rollback())
		}
	}
	return errors.Join(err, db.Close(), s.Close())
}

// layer writes checks.
type layer struct {
	tx     *sql.Tx
	zone   *time.Location
	insert []*sql.Stmt // of laidRows
	lists  map[string]int64
	run    int64
	ends   time.Time // of the business day of run
}

// laidRows write a check; ?1 is its number.
var laidRows = []string{
	`INSERT INTO checks (check_id, id_hash, kind, id, region, endpoint, list_id, line, state, attempts,
		doubts, changed_at)
		SELECT ?1, ?2, 'signatureId', ?3, ?4, 'sg', ?5, ?1 + 1, 'done', 1, 0, ?6`,
	`INSERT INTO calls SELECT ?1, ?1, 1, ?7, 'first', 'sg', ?4, ?6 - 20`,
	`INSERT INTO outcomes SELECT ?1, 'answered', '', ?6 - 20, ?6, 200, 'SUCCESS', '', 'PAY', 'pay', ?3, NULL`,
	`INSERT INTO answers (call_id, check_id, answered_at, captured_at, region, endpoint, standing, score, attack_type)
		SELECT ?1, ?1, ?6, ?8, ?4, 'sg', 1, ?9, ?10`,
}

func (l *layer) all(ctx context.Context, checks []Laid) error {
	for _, text := range laidRows {
		insert, err := l.tx.PrepareContext(ctx, text)
		if err != nil {
			return fmt.Errorf("%w: %s", err, text)
		}
		l.insert = append(l.insert, insert) // closed with the transaction
	}
	for i, c := range checks {
		if err := l.check(ctx, int64(i+1), c); err != nil {
			return fmt.Errorf("check %d: %w", i+1, err)
		}
	}
	for _, text := range []string{
		"UPDATE runs SET ended_at = (SELECT max(intended_at) + 1000 FROM calls k WHERE k.run_id = runs.run_id)",
		"UPDATE lists SET rows = n, new = n FROM (SELECT list_id AS list, count(*) AS n FROM checks GROUP BY 1) " +
			"WHERE list = list_id",
		"INSERT INTO list_regions SELECT list_id, region, 0, 0, count(*) FROM checks GROUP BY 1, 2",
		`INSERT INTO usage SELECT intended_at / 900000, endpoint, region, outcome, code, pricing, tag, count(*)
			FROM calls JOIN outcomes USING (call_id) GROUP BY 1, 2, 3, 4, 5, 6, 7`,
	} {
		if _, err := l.tx.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%w: %s", err, text)
		}
	}
	return nil
}

// check writes the number-th check, the run of its day and its list where they are new.
func (l *layer) check(ctx context.Context, number int64, c Laid) error {
	at := c.AnsweredAt.UnixMilli()
	if !c.AnsweredAt.Before(l.ends) {
		l.run, l.ends = l.run+1, calendar.BusinessDay(c.AnsweredAt, l.zone).To
		if _, err := l.tx.ExecContext(ctx, `INSERT INTO runs (run_id, started_at, version, host, pid, simulated,
			exit_code, verdict) VALUES (?, ?, 'test', '', 1, 1, 0, 'DONE')`, l.run, at-1000); err != nil {
			return err
		}
	}
	list, known := l.lists[c.List]
	if !known {
		list = int64(len(l.lists) + 1)
		l.lists[c.List] = list
		if _, err := l.tx.ExecContext(ctx, `INSERT INTO lists (list_id, run_id, path, sha256, fingerprint, bytes,
			read_at, rows, rejected, duplicate, known, new) VALUES (?, ?, ?, x'00', ?, 0, ?, 0, 0, 0, 0, 0)`, list, l.run,
			filepath.Join("lists", c.List), c.List, at-500); err != nil {
			return err
		}
	}
	hash := sha256.Sum256(fmt.Append(nil, number))
	captured := sql.NullInt64{Int64: c.CapturedAt.UnixMilli(), Valid: !c.CapturedAt.IsZero()}
	args := []any{number, hash[:], hex.EncodeToString(hash[:16]), c.Region, list, at, l.run, captured, c.Score,
		c.AttackType}
	for i, uses := range []int{6, 7, 6, 10} {
		if _, err := l.insert[i].ExecContext(ctx, args[:uses]...); err != nil {
			return err
		}
	}
	return nil
}
