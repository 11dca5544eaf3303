package store

import (
	"context"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// APIChangeKind says what was new about an answer.
type APIChangeKind string

// The kinds of API changes.
const (
	NewCode          APIChangeKind = "code"
	NewPricing       APIChangeKind = "pricing"
	NewAttackType    APIChangeKind = "attack_type"
	NewAttackSubType APIChangeKind = "attack_sub_type"
	NewField         APIChangeKind = "field"
	NewType          APIChangeKind = "type"  // of a documented field
	NewShape         APIChangeKind = "shape" // of the data object: which fields of which types
)

// APIChange is something in an answer that the vendor's page does not document.
type APIChange struct {
	Kind  APIChangeKind
	Value string // short, without personal data
}

// KnownAPIChange is an API change as it is remembered: once an endpoint.
type KnownAPIChange struct {
	APIChange
	Endpoint  string
	FirstRun  int64
	FirstSeen time.Time
	LastSeen  time.Time
	Answers   int64
	Example   int64 // number of the first call that brought it
}

const (
	// maxAPIChanges bounds the values of one kind that are remembered of one endpoint: a vendor that puts something
	// random into a field's name must not fill the database.
	maxAPIChanges = 100
	// otherAPIChanges stands for the values above that.
	otherAPIChanges = "(others)"
)

const upsertAPIChangeSQL = `INSERT INTO novelties (kind, value, endpoint, first_run, first_seen, last_seen, answers,
	example) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
	ON CONFLICT DO UPDATE SET first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen,
	excluded.last_seen), answers = answers + excluded.answers`

type changeKey struct {
	APIChange
	endpoint string
}

// changeCounter counts API changes between two commits. It remembers what is known, so that it can tell when a kind is full.
type changeCounter struct {
	known map[changeKey]bool
	kinds map[changeKey]int // values known, by kind and endpoint
	seen  map[changeKey]*KnownAPIChange
}

func newChangeCounter(ctx context.Context, db sqlrow.Queryer) (*changeCounter, error) {
	all, err := readAPIChanges(ctx, db, "")
	if err != nil {
		return nil, err
	}
	r := &changeCounter{known: map[changeKey]bool{}, kinds: map[changeKey]int{}, seen: map[changeKey]*KnownAPIChange{}}
	for _, n := range all {
		r.learn(changeKey{n.APIChange, n.Endpoint})
	}
	return r, nil
}

func (r *changeCounter) learn(k changeKey) {
	r.known[k] = true
	r.kinds[changeKey{APIChange{Kind: k.Kind}, k.endpoint}]++
}

// see counts what one answer showed. A change that shows twice in one answer counts once.
func (r *changeCounter) see(id int64, in Intent, res Result) {
	for i, s := range res.Sightings {
		if containsChange(res.Sightings[:i], s) {
			continue
		}
		k := changeKey{s, in.Endpoint}
		if !r.known[k] {
			if r.kinds[changeKey{APIChange{Kind: s.Kind}, in.Endpoint}] >= maxAPIChanges {
				k.Value = otherAPIChanges
			}
			if !r.known[k] {
				r.learn(k)
			}
		}
		n := r.seen[k]
		if n == nil {
			n = &KnownAPIChange{APIChange: k.APIChange, Endpoint: in.Endpoint, FirstRun: in.RunID, FirstSeen: res.EndedAt,
				LastSeen: res.EndedAt, Example: id}
			r.seen[k] = n
		}
		n.Answers++
		if res.EndedAt.After(n.LastSeen) {
			n.LastSeen = res.EndedAt
		}
		if res.EndedAt.Before(n.FirstSeen) {
			n.FirstSeen = res.EndedAt
		}
	}
}

func containsChange(all []APIChange, s APIChange) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
}

// addAPIChanges writes what was counted since the last commit.
func addAPIChanges(w *callWriter, r *changeCounter) error {
	for k, n := range r.seen {
		_, err := w.novelty.Exec(string(n.Kind), n.Value, n.Endpoint, n.FirstRun, sqlrow.Millis(n.FirstSeen),
			sqlrow.Millis(n.LastSeen), n.Answers, n.Example)
		if err != nil {
			return fmt.Errorf("novelty: %w", err)
		}
		delete(r.seen, k)
	}
	return nil
}

func readAPIChanges(ctx context.Context, db sqlrow.Queryer, where string, args ...any) ([]KnownAPIChange, error) {
	rows, err := db.QueryContext(ctx, `SELECT kind, value, endpoint, first_run, first_seen, last_seen, answers, `+
		`example FROM novelties `+where, args...)
	return sqlrow.Collect(rows, err, "read novelties", func(n *KnownAPIChange) error {
		var first, last int64
		err := rows.Scan(&n.Kind, &n.Value, &n.Endpoint, &n.FirstRun, &first, &last, &n.Answers, &n.Example)
		n.FirstSeen, n.LastSeen = sqlrow.FromMillis(first), sqlrow.FromMillis(last)
		return err
	})
}

// APIChanges are what answers bore that the vendor's page does not document.
type APIChanges struct{ *db }

// OfRun returns what was seen for the first time in a run, by kind, value and endpoint.
func (n APIChanges) OfRun(ctx context.Context, runID int64) ([]KnownAPIChange, error) {
	return readAPIChanges(ctx, n.read, "WHERE first_run = ? ORDER BY kind, value, endpoint", runID)
}

// Latest returns the changes that were first seen last, the newest first, at most limit.
func (n APIChanges) Latest(ctx context.Context, limit int) ([]KnownAPIChange, error) {
	return readAPIChanges(ctx, n.read, "ORDER BY first_seen DESC, kind, value, endpoint LIMIT ?", limit)
}
