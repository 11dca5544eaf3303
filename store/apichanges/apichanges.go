// Package apichanges remembers what answers bore that the vendor's page does not document: each once an endpoint, since
// when, in how many answers, and one call that brought it. What is new is the caller's to find.
package apichanges

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Kind names the part of an answer that is not documented.
type Kind string

// The kinds of API changes.
const (
	Code          Kind = "code"
	Pricing       Kind = "pricing"
	AttackType    Kind = "attack_type"
	AttackSubType Kind = "attack_sub_type"
	Field         Kind = "field"
	Type          Kind = "type"  // of a documented field
	Shape         Kind = "shape" // of the data object: which fields of which types
)

// Name returns what was new about an answer, in words.
func (k Kind) Name() string {
	switch k {
	case Code:
		return "code"
	case Pricing:
		return "pricing tag"
	case AttackType:
		return "attack type"
	case AttackSubType:
		return "attack sub-type"
	case Field:
		return "field"
	case Type:
		return "type of a field"
	case Shape:
		return "shape of an answer"
	}
	return string(k)
}

// Change describes something in an answer that the vendor's page does not document.
type Change struct {
	Kind  Kind
	Value string // short, without personal data
}

// Known represents an API change as it is remembered: once an endpoint.
type Known struct {
	Change
	Endpoint  string
	FirstRun  int64
	FirstSeen time.Time
	LastSeen  time.Time
	Answers   int64
	Example   int64 // number of the first call that brought it
}

const (
	// most bounds the values of one kind that are remembered of one endpoint: a vendor that puts something
	// random into a field's name must not fill the database.
	most = 100
	// others replaces the values above that.
	others = "(others)"
)

const upsertSQL = `INSERT INTO novelties (kind, value, endpoint, first_run, first_seen, last_seen, answers,
	example) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
	ON CONFLICT DO UPDATE SET first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen,
	excluded.last_seen), answers = answers + excluded.answers`

type key struct {
	Change
	endpoint string
}

// Writer counts the changes that answers bring, and writes them with the commit that stores the answers. It remembers
// what is known, so that it can tell when a kind is full.
type Writer struct {
	stmt  *sql.Stmt
	known map[key]bool
	kinds map[key]int // values known, by kind and endpoint
	seen  map[key]*Known
}

// NewWriter reads what is known and prepares its statement on a connection; Close ends it.
func NewWriter(ctx context.Context, conn *sql.Conn) (*Writer, error) {
	all, err := read(ctx, conn, "")
	if err != nil {
		return nil, err
	}
	r := &Writer{known: map[key]bool{}, kinds: map[key]int{}, seen: map[key]*Known{}}
	if r.stmt, err = conn.PrepareContext(ctx, upsertSQL); err != nil {
		return nil, fmt.Errorf("prepare API changes: %w", err)
	}
	for _, n := range all {
		r.learn(key{n.Change, n.Endpoint})
	}
	return r, nil
}

// Close ends the statement. A nil writer has none.
func (r *Writer) Close() error {
	if r == nil {
		return nil
	}
	return r.stmt.Close()
}

func (r *Writer) learn(k key) {
	r.known[k] = true
	r.kinds[key{Change{Kind: k.Kind}, k.endpoint}]++
}

// Source represents the answer that brought changes: its call, that call's run and endpoint, and when it came.
type Source struct {
	CallID   int64
	RunID    int64
	Endpoint string
	At       time.Time
}

// Count counts what one answer showed. A change that shows twice in one answer counts once.
func (r *Writer) Count(from Source, changes []Change) {
	for i, s := range changes {
		if slices.Contains(changes[:i], s) {
			continue
		}
		k := key{s, from.Endpoint}
		if !r.known[k] {
			if r.kinds[key{Change{Kind: s.Kind}, from.Endpoint}] >= most {
				k.Value = others
			}
			if !r.known[k] {
				r.learn(k)
			}
		}
		n := r.seen[k]
		if n == nil {
			n = &Known{Change: k.Change, Endpoint: from.Endpoint, FirstRun: from.RunID, FirstSeen: from.At,
				LastSeen: from.At, Example: from.CallID}
			r.seen[k] = n
		}
		n.Answers++
		if from.At.After(n.LastSeen) {
			n.LastSeen = from.At
		}
		if from.At.Before(n.FirstSeen) {
			n.FirstSeen = from.At
		}
	}
}

// Write writes what was counted since the last time, within the transaction of the connection.
func (r *Writer) Write() error {
	for k, n := range r.seen {
		_, err := r.stmt.Exec(string(n.Kind), n.Value, n.Endpoint, n.FirstRun, sqlrow.Millis(n.FirstSeen),
			sqlrow.Millis(n.LastSeen), n.Answers, n.Example)
		if err != nil {
			return fmt.Errorf("API change: %w", err)
		}
		delete(r.seen, k)
	}
	return nil
}

func read(ctx context.Context, db sqlrow.Queryer, where string, args ...any) ([]Known, error) {
	rows, err := db.QueryContext(ctx, `SELECT kind, value, endpoint, first_run, first_seen, last_seen, answers, `+
		`example FROM novelties `+where, args...)
	return sqlrow.Collect(rows, err, "read API changes", func(n *Known) error {
		var first, last int64
		err := rows.Scan(&n.Kind, &n.Value, &n.Endpoint, &n.FirstRun, &first, &last, &n.Answers, &n.Example)
		n.FirstSeen, n.LastSeen = sqlrow.FromMillis(first), sqlrow.FromMillis(last)
		return err
	})
}

// Log holds what is remembered of all runs.
type Log struct{ read *sql.DB }

// NewLog returns the log of a database.
func NewLog(read *sql.DB) Log { return Log{read} }

// Read returns what was seen in [from, to), perhaps not for the first time: first what was first seen last.
// Answers counts all answers that showed it, also outside the period.
func Read(ctx context.Context, tx *sql.Tx, from, to time.Time) ([]Known, error) {
	return read(ctx, tx, "WHERE first_seen < ?2 AND last_seen >= ?1 ORDER BY first_seen DESC, kind, "+
		"value, endpoint", sqlrow.Millis(from), sqlrow.Millis(to))
}

// OfRun returns what was seen for the first time in a run, by kind, value and endpoint.
func (n Log) OfRun(ctx context.Context, runID int64) ([]Known, error) {
	return read(ctx, n.read, "WHERE first_run = ? ORDER BY kind, value, endpoint", runID)
}

// Latest returns the changes that were first seen last, the newest first, at most limit.
func (n Log) Latest(ctx context.Context, limit int) ([]Known, error) {
	return read(ctx, n.read, "ORDER BY first_seen DESC, kind, value, endpoint LIMIT ?", limit)
}
