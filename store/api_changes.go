package store

import (
	"context"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// NoveltyKind says what was new about an answer.
type NoveltyKind string

// The kinds of novelties.
const (
	NewCode          NoveltyKind = "code"
	NewPricing       NoveltyKind = "pricing"
	NewAttackType    NoveltyKind = "attack_type"
	NewAttackSubType NoveltyKind = "attack_sub_type"
	NewField         NoveltyKind = "field"
	NewType          NoveltyKind = "type"  // of a documented field
	NewShape         NoveltyKind = "shape" // of the data object: which fields of which types
)

// Sighting is something in an answer that the vendor's page does not document.
type Sighting struct {
	Kind  NoveltyKind
	Value string // short, without personal data
}

// Novelty is a sighting as it is remembered: once an endpoint.
type Novelty struct {
	Sighting
	Endpoint  string
	FirstRun  int64
	FirstSeen time.Time
	LastSeen  time.Time
	Answers   int64
	Example   int64 // number of the first call that brought it
}

const (
	// maxNovelties bounds the values of one kind that are remembered of one endpoint: a vendor that puts something
	// random into a field's name must not fill the database.
	maxNovelties = 100
	// otherNovelties stands for the values above that.
	otherNovelties = "(others)"
)

const upsertNoveltySQL = `INSERT INTO novelties (kind, value, endpoint, first_run, first_seen, last_seen, answers,
	example) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
	ON CONFLICT DO UPDATE SET first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen,
	excluded.last_seen), answers = answers + excluded.answers`

type noveltyKey struct {
	Sighting
	endpoint string
}

// radar counts sightings between two commits. It remembers what is known, so that it can tell when a kind is full.
type radar struct {
	known map[noveltyKey]bool
	kinds map[noveltyKey]int // values known, by kind and endpoint
	seen  map[noveltyKey]*Novelty
}

func newRadar(ctx context.Context, db sqlrow.Queryer) (*radar, error) {
	all, err := readNovelties(ctx, db, "")
	if err != nil {
		return nil, err
	}
	r := &radar{known: map[noveltyKey]bool{}, kinds: map[noveltyKey]int{}, seen: map[noveltyKey]*Novelty{}}
	for _, n := range all {
		r.learn(noveltyKey{n.Sighting, n.Endpoint})
	}
	return r, nil
}

func (r *radar) learn(k noveltyKey) {
	r.known[k] = true
	r.kinds[noveltyKey{Sighting{Kind: k.Kind}, k.endpoint}]++
}

// see counts what one answer showed. A sighting that stands twice in one answer counts once.
func (r *radar) see(id int64, in Intent, res Result) {
	for i, s := range res.Sightings {
		if containsSighting(res.Sightings[:i], s) {
			continue
		}
		k := noveltyKey{s, in.Endpoint}
		if !r.known[k] {
			if r.kinds[noveltyKey{Sighting{Kind: s.Kind}, in.Endpoint}] >= maxNovelties {
				k.Value = otherNovelties
			}
			if !r.known[k] {
				r.learn(k)
			}
		}
		n := r.seen[k]
		if n == nil {
			n = &Novelty{Sighting: k.Sighting, Endpoint: in.Endpoint, FirstRun: in.RunID, FirstSeen: res.EndedAt,
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

func containsSighting(all []Sighting, s Sighting) bool {
	for _, one := range all {
		if one == s {
			return true
		}
	}
	return false
}

// addNovelties writes what was counted since the last commit.
func addNovelties(w *callWriter, r *radar) error {
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

func readNovelties(ctx context.Context, db sqlrow.Queryer, where string, args ...any) ([]Novelty, error) {
	rows, err := db.QueryContext(ctx, `SELECT kind, value, endpoint, first_run, first_seen, last_seen, answers, `+
		`example FROM novelties `+where, args...)
	return sqlrow.Collect(rows, err, "read novelties", func(n *Novelty) error {
		var first, last int64
		err := rows.Scan(&n.Kind, &n.Value, &n.Endpoint, &n.FirstRun, &first, &last, &n.Answers, &n.Example)
		n.FirstSeen, n.LastSeen = sqlrow.FromMillis(first), sqlrow.FromMillis(last)
		return err
	})
}

// Novelties are what answers bore that the vendor's page does not document.
type Novelties struct{ *db }

// OfRun returns what was seen for the first time in a run, by kind, value and endpoint.
func (n Novelties) OfRun(ctx context.Context, runID int64) ([]Novelty, error) {
	return readNovelties(ctx, n.read, "WHERE first_run = ? ORDER BY kind, value, endpoint", runID)
}

// Latest returns the newest first sightings, newest first, at most limit.
func (n Novelties) Latest(ctx context.Context, limit int) ([]Novelty, error) {
	return readNovelties(ctx, n.read, "ORDER BY first_seen DESC, kind, value, endpoint LIMIT ?", limit)
}
