package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sort"
	"time"
)

// Facts is what reports read: one moment of the database, however long the reading takes and whatever a running job
// writes meanwhile. A period is half-open, [from, to). Every query here costs what its period holds, not what the
// database holds: answers are found by their covering index, calls by the runs that made them, checks by the numbers
// that one list after the other gave them. Its methods may not be called from several goroutines.
type Facts struct{ tx *sql.Tx }

// Facts begins to read. Close ends it; until then the write-ahead log is kept.
func (s *Store) Facts(ctx context.Context) (*Facts, error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin to read facts: %w", err)
	}
	return &Facts{tx: tx}, nil
}

// Close ends the reading.
func (f *Facts) Close() error { return f.tx.Rollback() }

// ScoreFact is what one standing answer adds to the statistics.
type ScoreFact struct {
	AnsweredAt time.Time
	Region     string
	Endpoint   string
	AttackType string   // as received, "" for null
	Score      *float64 // nil: the answer had none
}

// EachScore gives the standing answers of [from, to), oldest first. The fact and its score are valid during the call
// only.
func (f *Facts) EachScore(ctx context.Context, from, to time.Time, each func(*ScoreFact) error) error {
	rows, err := f.tx.QueryContext(ctx, `SELECT answered_at, region, endpoint, attack_type, score FROM answers INDEXED BY answers_by_time
		WHERE standing = 1 AND answered_at >= ? AND answered_at < ? ORDER BY answered_at, region, endpoint, attack_type, score`, millis(from), millis(to))
	if err != nil {
		return fmt.Errorf("read scores: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var fact ScoreFact
	var at int64
	var score sql.NullFloat64
	for rows.Next() {
		if err := rows.Scan(&at, &fact.Region, &fact.Endpoint, &fact.AttackType, &score); err != nil {
			return fmt.Errorf("read scores: %w", err)
		}
		fact.AnsweredAt, fact.Score = fromMillis(at), nil
		if score.Valid {
			fact.Score = &score.Float64
		}
		if err := each(&fact); err != nil {
			return err
		}
	}
	return rows.Err()
}

// AnswerCount counts the standing answers of a period inside SQLite: the second route to what EachScore adds up.
type AnswerCount struct {
	Answers    int64
	Scored     int64
	Suspicious int64 // scored below the threshold, or on it when a score equal to it does not pass
	Typed      int64 // with an attack type
}

// AnswerCount returns the counts of [from, to) for a threshold.
func (f *Facts) AnswerCount(ctx context.Context, from, to time.Time, threshold float64, inclusive bool) (AnswerCount, error) {
	var c AnswerCount
	err := f.tx.QueryRowContext(ctx, `SELECT count(*), count(score), coalesce(sum(score < ?3 OR (score = ?3 AND NOT ?4)), 0), coalesce(sum(attack_type <> ''), 0)
		FROM answers WHERE standing = 1 AND answered_at >= ?1 AND answered_at < ?2`, millis(from), millis(to), threshold, btoi(inclusive)).
		Scan(&c.Answers, &c.Scored, &c.Suspicious, &c.Typed)
	if err != nil {
		return c, fmt.Errorf("count answers: %w", err)
	}
	return c, nil
}

// RunFact is a run of a period.
type RunFact struct {
	ID        int64
	StartedAt time.Time
}

// Runs returns the database's first run, and the runs that had begun before to and not ended before from, in order.
func (f *Facts) Runs(ctx context.Context, from, to time.Time) (first RunFact, of []RunFact, err error) {
	rows, err := f.tx.QueryContext(ctx, `SELECT run_id, started_at, started_at < ?2 AND coalesce(ended_at, ?2) >= ?1 FROM runs ORDER BY run_id`, millis(from), millis(to))
	var within []bool
	all, err := collect(rows, err, "read runs of a period", func(r *RunFact) error {
		var at int64
		var is bool
		err := rows.Scan(&r.ID, &at, &is)
		r.StartedAt, within = fromMillis(at), append(within, is)
		return err
	})
	for i, r := range all {
		if within[i] {
			of = append(of, r)
		}
	}
	if len(all) > 0 {
		first = all[0]
	}
	return first, of, err
}

// ListFact is one region of one list.
type ListFact struct {
	ListID    int64
	Path      string
	SHA256    []byte
	ReadAt    time.Time
	Rows      int64 // of the whole list, as Rejected is: a rejected row may have no region
	Rejected  int64
	Region    string // "" for a list without a valid row
	Duplicate int64
	Known     int64
	New       int64
}

// ListFacts returns the lists read in [from, to) by region, in the order they were read.
func (f *Facts) ListFacts(ctx context.Context, from, to time.Time) ([]ListFact, error) {
	rows, err := f.tx.QueryContext(ctx, `SELECT l.list_id, l.path, l.sha256, l.read_at, l.rows, l.rejected,
		coalesce(r.region, ''), coalesce(r.duplicate, 0), coalesce(r.known, 0), coalesce(r.new, 0)
		FROM lists l LEFT JOIN list_regions r USING (list_id) WHERE l.read_at >= ? AND l.read_at < ? ORDER BY l.list_id, r.region`, millis(from), millis(to))
	return collect(rows, err, "read lists of a period", func(l *ListFact) error {
		var at int64
		err := rows.Scan(&l.ListID, &l.Path, &l.SHA256, &at, &l.Rows, &l.Rejected, &l.Region, &l.Duplicate, &l.Known, &l.New)
		l.ReadAt = fromMillis(at)
		return err
	})
}

// StateCount is how many of a list's new checks of one region are in one state now.
type StateCount struct {
	ListID int64
	Region string
	State  State
	Checks int64
}

// ListedStates counts, by list, region and present state, the checks that were new with a list read in [from, to). Every
// such check is in exactly one of the counts.
func (f *Facts) ListedStates(ctx context.Context, from, to time.Time) ([]StateCount, error) {
	var first, last sql.NullInt64
	err := f.tx.QueryRowContext(ctx, "SELECT min(list_id), max(list_id) FROM lists WHERE read_at >= ? AND read_at < ?", millis(from), millis(to)).Scan(&first, &last)
	if err != nil {
		return nil, fmt.Errorf("count states: %w", err)
	}
	if !first.Valid {
		return nil, nil
	}
	low, err := f.firstCheckOf(ctx, first.Int64)
	if err != nil {
		return nil, fmt.Errorf("count states: %w", err)
	}
	high, err := f.firstCheckOf(ctx, last.Int64+1)
	if err != nil {
		return nil, fmt.Errorf("count states: %w", err)
	}
	rows, err := f.tx.QueryContext(ctx, `SELECT c.list_id, c.region, c.state, count(*) FROM checks c NOT INDEXED CROSS JOIN lists l USING (list_id)
		WHERE c.check_id >= ? AND c.check_id < ? AND l.read_at >= ? AND l.read_at < ? GROUP BY c.list_id, c.region, c.state ORDER BY c.list_id, c.region, c.state`,
		low, high, millis(from), millis(to))
	return collect(rows, err, "count states", func(c *StateCount) error { return rows.Scan(&c.ListID, &c.Region, &c.State, &c.Checks) })
}

// firstCheckOf is the lowest number of a check that came with list or a later one, by bisection: a list's new checks are
// numbered in one go, after those of every earlier list, so list_id ascends with check_id.
func (f *Facts) firstCheckOf(ctx context.Context, list int64) (int64, error) {
	var end int64
	if err := f.tx.QueryRowContext(ctx, "SELECT coalesce(max(check_id), 0) + 1 FROM checks").Scan(&end); err != nil {
		return 0, err
	}
	stmt, err := f.tx.PrepareContext(ctx, "SELECT list_id FROM checks WHERE check_id >= ? ORDER BY check_id LIMIT 1")
	if err != nil {
		return 0, err
	}
	defer stmt.Close() //nolint:errcheck // only read from
	found := sort.Search(int(end), func(id int) bool {
		var at int64
		if err != nil {
			return true
		}
		switch e := stmt.QueryRowContext(ctx, id).Scan(&at); {
		case errors.Is(e, sql.ErrNoRows):
			return true
		case e != nil:
			err = e
		}
		return at >= list
	})
	return int64(found), err
}

// Usage returns the calls sent in [from, to), as Store.Usage does, of this moment.
func (f *Facts) Usage(ctx context.Context, from, to time.Time) ([]Usage, error) {
	rows, err := f.tx.QueryContext(ctx, `SELECT quarter, endpoint, region, outcome, code, pricing, tag, calls FROM usage
		WHERE quarter >= ? AND quarter < ? ORDER BY quarter, endpoint, region, outcome, code, pricing, tag`, quarter(from), quarter(to))
	return collect(rows, err, "read usage", func(u *Usage) error {
		var q int64
		err := rows.Scan(&q, &u.Endpoint, &u.Region, &u.Outcome, &u.Code, &u.Pricing, &u.Tag, &u.Calls)
		u.Quarter = time.Unix(q*900, 0).UTC()
		return err
	})
}

// CallCount counts calls that agree in outcome and tag.
type CallCount struct {
	Outcome Outcome
	Tag     Tag
	Calls   int64
}

// CallCounts counts the calls sent in [from, to) from the journal itself: the second route to what Usage has kept up.
func (f *Facts) CallCounts(ctx context.Context, from, to time.Time) ([]CallCount, error) {
	rows, err := f.tx.QueryContext(ctx, `SELECT o.outcome, o.tag, count(*)
		FROM runs r CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = r.run_id CROSS JOIN outcomes o ON o.call_id = k.call_id
		WHERE r.started_at < ?2 AND coalesce(r.ended_at, ?2) >= ?1
		AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2
		GROUP BY o.outcome, o.tag ORDER BY o.outcome, o.tag`, millis(from), millis(to))
	return collect(rows, err, "count calls", func(c *CallCount) error { return rows.Scan(&c.Outcome, &c.Tag, &c.Calls) })
}

// DoubtCall is one call that may have been charged without our knowing.
type DoubtCall struct {
	CallID        int64
	CheckID       int64
	Attempt       int
	RunID         int64
	Endpoint      string
	Region        string
	At            time.Time // sent, or intended when it is not known whether it was
	Outcome       Outcome   // Unanswered, or Answered with a tag that says neither PAY nor FREE
	Cause         string
	HTTPStatus    int // 0: none came
	Code          string
	Pricing       string
	TransactionID string
	State         State // of its check now
}

// EachDoubt gives the calls in doubt sent in [from, to), oldest first. Its cost depends on how many doubts there are.
func (f *Facts) EachDoubt(ctx context.Context, from, to time.Time, each func(DoubtCall) error) error {
	rows, err := f.tx.QueryContext(ctx, `SELECT k.call_id, k.check_id, k.attempt, k.run_id, k.endpoint, k.region, coalesce(o.sent_at, k.intended_at) AS at,
		o.outcome, o.cause, coalesce(o.http_status, 0), o.code, o.pricing, o.transaction_id, c.state
		FROM outcomes o INDEXED BY outcomes_in_doubt CROSS JOIN calls k USING (call_id) CROSS JOIN checks c USING (check_id)
		WHERE (o.outcome = 'unanswered' OR o.tag = 'unknown') AND at >= ? AND at < ? ORDER BY at, k.call_id`, millis(from), millis(to))
	if err != nil {
		return fmt.Errorf("read doubts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var d DoubtCall
		var at int64
		err := rows.Scan(&d.CallID, &d.CheckID, &d.Attempt, &d.RunID, &d.Endpoint, &d.Region, &at, &d.Outcome, &d.Cause, &d.HTTPStatus, &d.Code, &d.Pricing,
			&d.TransactionID, &d.State)
		if err != nil {
			return fmt.Errorf("read doubts: %w", err)
		}
		d.At = fromMillis(at)
		if err := each(d); err != nil {
			return err
		}
	}
	return rows.Err()
}

// NewestFact is the time of the newest list, call or answer of [from, to), or from when there is none. A report made
// twice from the same facts bears the same time.
func (f *Facts) NewestFact(ctx context.Context, from, to time.Time) (time.Time, error) {
	var newest sql.NullInt64
	err := f.tx.QueryRowContext(ctx, `SELECT max(at) FROM (
		SELECT max(answered_at) AS at FROM answers WHERE standing = 1 AND answered_at >= ?1 AND answered_at < ?2
		UNION ALL SELECT max(read_at) FROM lists WHERE read_at >= ?1 AND read_at < ?2
		UNION ALL SELECT max(quarter) * 900000 FROM usage WHERE quarter >= ?3 AND quarter < ?4)`,
		millis(from), millis(to), quarter(from), quarter(to)).Scan(&newest)
	if err != nil {
		return time.Time{}, fmt.Errorf("find newest fact: %w", err)
	}
	if !newest.Valid {
		return from, nil
	}
	return fromMillis(newest.Int64), nil
}
