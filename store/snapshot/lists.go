package snapshot

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/held"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/remarks"
)

// StateCount describes how many of a list's new checks of one region are in one state now.
type StateCount struct {
	ListID int64
	Region string
	State  store.State
	Checks int64
	// of done checks: those answered by a run that began after the lists' time; none by the clock of capture
	Late int64
}

// ListReader reads lists, and where their IDs stand.
type ListReader struct{ *view }

// States counts, by list, region and present state, the checks that were new with a list read in [from, to). Every
// such check is in exactly one of the counts.
//
// Checks that wait and checks that were settled without an answer are counted by their own indexes; what is left of a
// list's new checks must be done, and must be as many as standing answers stand against its numbers. Where it is not,
// the list's checks are counted one by one, so that the books' disagreement shows.
func (lr ListReader) States(ctx context.Context, from, to time.Time) ([]StateCount, error) {
	lists, err := lr.listedChecks(ctx, from, to)
	if err == nil && len(lists) > 0 {
		err = lr.countUndone(ctx, lists)
	}
	late := int64(math.MaxInt64)
	if err == nil && lr.Clock != calendar.ByCapture {
		late, err = lr.firstCallAfter(ctx, to)
	}
	if err == nil && len(lists) > 0 {
		err = lr.countAnswers(ctx, lists, late)
	}
	var all []StateCount
	for _, l := range lists {
		if err == nil {
			var counts []StateCount
			counts, err = lr.statesOf(ctx, l)
			all = append(all, counts...)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("count states: %w", err)
	}
	return all, nil
}

// listChecks represents a list, the numbers of the checks that came with it, [from, to), and what is known of them.
type listChecks struct {
	ID   int64 `json:"id"`
	From int64 `json:"from"`
	To   int64 `json:"to"`

	fresh  []regionCount // that were new with it
	states []StateCount
	undone int64
	done   int64            // standing answers of its checks
	late   map[string]int64 // of these, by region, those of the first late call and later ones
}

type regionCount struct {
	region string
	checks int64
}

// add counts checks of a region that are in a state.
func (l *listChecks) add(region string, state store.State, checks int64) {
	i := slices.IndexFunc(l.states, func(c StateCount) bool { return c.Region == region && c.State == state })
	if i < 0 {
		i, l.states = len(l.states), append(l.states, StateCount{ListID: l.ID, Region: region, State: state})
	}
	l.states[i].Checks += checks
}

// listedChecks returns the lists read in [from, to).
func (lr ListReader) listedChecks(ctx context.Context, from, to time.Time) ([]*listChecks, error) {
	rows, err := lr.tx.QueryContext(ctx, `SELECT list_id, coalesce(region, ''), coalesce(r.new, 0) FROM lists l
		LEFT JOIN list_regions r USING (list_id)
		WHERE l.read_at >= ? AND l.read_at < ? ORDER BY list_id, region`, sqlrow.Millis(from), sqlrow.Millis(to))
	var all []*listChecks
	_, err = sqlrow.Collect(rows, err, "read lists", func(r *struct {
		list, fresh int64
		region      string
	}) error {
		err := rows.Scan(&r.list, &r.region, &r.fresh)
		if len(all) == 0 || all[len(all)-1].ID != r.list {
			all = append(all, &listChecks{ID: r.list})
		}
		l := all[len(all)-1]
		l.fresh = append(l.fresh, regionCount{r.region, r.fresh})
		return err
	})
	if err != nil {
		return nil, err
	}
	var borders []int64
	for _, l := range all {
		borders = append(borders, l.ID, l.ID+1)
	}
	first, err := query.FirstChecks(ctx, lr.tx, slices.Compact(borders))
	for _, l := range all {
		l.From, l.To = first[l.ID], first[l.ID+1]
	}
	return all, err
}

// askedLists begins a query whose first parameter are lists as JSON: l has each with its place among them.
const askedLists = `WITH l AS MATERIALIZED (SELECT key AS i, value ->> 'id' AS id, value ->> 'from' AS low,
	value ->> 'to' AS high FROM json_each(?1)) `

// openPart represents a stretch of the index checks_open.
type openPart struct {
	Endpoint string      `json:"endpoint"`
	State    store.State `json:"state"`
	Region   string      `json:"region"`
}

// countUndone counts the checks of lists that are not done: each list's share of every part of the index over open
// checks, and what the index over the others holds of it.
func (lr ListReader) countUndone(ctx context.Context, lists []*listChecks) error {
	parts, err := lr.openParts(ctx)
	if err != nil {
		return err
	}
	asked, err := json.Marshal(lists)
	if err != nil {
		return err
	}
	open, err := json.Marshal(parts)
	if err != nil {
		return err
	}
	rows, err := lr.tx.QueryContext(ctx, askedLists+`, p AS MATERIALIZED (SELECT value ->> 'endpoint' AS endpoint,
		value ->> 'state' AS state, value ->> 'region' AS region FROM json_each(?2))
		SELECT l.i, p.region, p.state, (SELECT count(*) FROM checks c INDEXED BY checks_open
		WHERE c.endpoint = p.endpoint AND c.state = p.state AND c.state IN ('pending', 'in_doubt')
			AND c.region = p.region AND c.check_id >= l.low AND c.check_id < l.high) FROM l CROSS JOIN p
		UNION ALL SELECT l.i, c.region, c.state, count(*) FROM l CROSS JOIN checks c INDEXED BY checks_unanswered
			ON c.list_id = l.id AND c.state IN ('absent', 'refused', 'given_up') GROUP BY l.i, c.region, c.state
		UNION ALL SELECT l.i, c.region, c.state, count(*) FROM l CROSS JOIN checks c INDEXED BY checks_held
			ON c.list_id = l.id AND c.state = 'held' GROUP BY l.i, c.region`, string(asked), string(open))
	_, err = sqlrow.Collect(rows, err, "count undone checks", func(c *struct {
		list, checks  int64
		region, state string
	}) error {
		err := rows.Scan(&c.list, &c.region, &c.state, &c.checks)
		if err == nil && c.checks > 0 {
			l := lists[c.list]
			l.add(c.region, store.State(c.state), c.checks)
			l.undone += c.checks
		}
		return err
	})
	return err
}

// openParts returns the endpoints, states and regions that have open checks.
func (lr ListReader) openParts(ctx context.Context) ([]openPart, error) {
	all := []openPart{} // not nil, which is no list in JSON
	var p openPart
	for {
		err := lr.tx.QueryRowContext(ctx, `SELECT endpoint, state, region FROM checks INDEXED BY checks_open
			WHERE (endpoint, state, region) > (?, ?, ?) AND state IN ('pending', 'in_doubt')
			ORDER BY endpoint, state, region LIMIT 1`,
			p.Endpoint, string(p.State), p.Region).Scan(&p.Endpoint, &p.State, &p.Region)
		if errors.Is(err, sql.ErrNoRows) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

// firstCallAfter returns the first call of the runs behind the last one that began before a moment; beyond every call
// when there is none. A run that began before both of those before it was stamped by a wrong clock, and tells nothing.
func (lr ListReader) firstCallAfter(ctx context.Context, at time.Time) (call int64, err error) {
	err = lr.tx.QueryRowContext(ctx, `SELECT coalesce((SELECT call_id FROM calls
		WHERE run_id > coalesce((SELECT max(run_id) FROM
			(SELECT run_id, started_at, lag(started_at, 1, started_at) OVER w AS last,
				lag(started_at, 2, started_at) OVER w AS before FROM runs WINDOW w AS (ORDER BY run_id))
			WHERE started_at < ? AND started_at >= min(last, before)), 0)
		ORDER BY run_id, call_id LIMIT 1), ?)`, sqlrow.Millis(at), int64(math.MaxInt64)).Scan(&call)
	return call, err
}

// statesOf returns a list's counts, once those that are not done and its answers are known.
func (lr ListReader) statesOf(ctx context.Context, l *listChecks) (counts []StateCount, err error) {
	if l.addDone() {
		counts = l.sorted()
	} else if counts, err = lr.countedStates(ctx, l); err != nil {
		return nil, err
	}
	for i := range counts {
		if counts[i].State == store.Done {
			counts[i].Late = l.late[counts[i].Region]
		}
	}
	return counts, nil
}

// countAnswers counts the standing answers of the lists' checks, and by region those of them that the call late or one
// after it gave: none where no call is late, which spares looking for them.
func (lr ListReader) countAnswers(ctx context.Context, lists []*listChecks, late int64) error {
	asked, err := json.Marshal(lists)
	if err != nil {
		return err
	}
	rows, err := lr.tx.QueryContext(ctx, askedLists+`SELECT i, (SELECT count(*) FROM answers INDEXED BY answers_standing
		WHERE standing = 1 AND check_id >= l.low AND check_id < l.high) FROM l`, string(asked))
	_, err = sqlrow.Collect(rows, err, "count answers of lists", func(*struct{}) error {
		var i, done int64
		err := rows.Scan(&i, &done)
		lists[i].done = done
		return err
	})
	if err != nil || late == math.MaxInt64 {
		return err
	}
	rows, err = lr.tx.QueryContext(ctx, askedLists+`SELECT l.i, c.region, count(*) FROM l
		CROSS JOIN answers a INDEXED BY answers_standing ON a.standing = 1 AND a.check_id >= l.low
			AND a.check_id < l.high AND a.call_id >= ?2
		CROSS JOIN checks c ON c.check_id = a.check_id GROUP BY l.i, c.region`, string(asked), late)
	_, err = sqlrow.Collect(rows, err, "count late answers", func(*struct{}) error {
		var i, n int64
		var region string
		err := rows.Scan(&i, &region, &n)
		if lists[i].late == nil {
			lists[i].late = map[string]int64{}
		}
		lists[i].late[region] = n
		return err
	})
	return err
}

// addDone takes the checks that are left of a list's new ones as done, as far as that agrees with the number of its
// standing answers.
func (l *listChecks) addDone() bool {
	var fresh int64
	for _, f := range l.fresh {
		fresh += f.checks
	}
	if l.undone+l.done != fresh {
		return false
	}
	for _, c := range l.states {
		i := slices.IndexFunc(l.fresh, func(f regionCount) bool { return f.region == c.Region })
		if i < 0 || l.fresh[i].checks < c.Checks {
			return false
		}
		l.fresh[i].checks -= c.Checks
	}
	for _, f := range l.fresh {
		l.add(f.region, store.Done, f.checks)
	}
	return true
}

// sorted returns the counts by region and state.
func (l *listChecks) sorted() []StateCount {
	slices.SortFunc(l.states, func(a, b StateCount) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.State, b.State))
	})
	return slices.DeleteFunc(l.states, func(c StateCount) bool { return c.Checks == 0 })
}

// countedStates counts a list's checks one by one.
func (lr ListReader) countedStates(ctx context.Context, l *listChecks) ([]StateCount, error) {
	rows, err := lr.tx.QueryContext(ctx, `SELECT list_id, region, state, count(*) FROM checks NOT INDEXED
		WHERE check_id >= ? AND check_id < ? AND list_id = ? GROUP BY region, state ORDER BY region, state`, l.From,
		l.To, l.ID)
	return sqlrow.Collect(rows, err, "count checks", func(c *StateCount) error {
		return rows.Scan(&c.ListID, &c.Region, &c.State, &c.Checks)
	})
}

// Held counts the IDs that are held at the moment of the snapshot.
func (lr ListReader) Held(ctx context.Context) ([]held.IDs, error) { return held.Read(ctx, lr.tx) }

// Released counts the IDs that are held no longer at the moment of the snapshot, as [store.Checks.Released] does.
func (lr ListReader) Released(ctx context.Context) ([]held.IDs, error) {
	return held.Released(ctx, lr.tx)
}

// LostCalls returns the calls that were lost at the moment of the snapshot, as [store.Checks.LostCalls] does.
func (lr ListReader) LostCalls(ctx context.Context) ([]held.Lost, error) {
	return held.LostCalls(ctx, lr.tx)
}

// Remarks returns what was said of the lists read in [from, to), of the newest ones, and of how many more something was.
func (lr ListReader) Remarks(ctx context.Context, from, to time.Time, most int) ([]remarks.Said, int, error) {
	return remarks.OfLists(ctx, lr.tx, from, to, most)
}

// ListRegion describes one region of one list.
type ListRegion struct {
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

// Regions returns the lists read in [from, to) by region, in the order they were read.
func (lr ListReader) Regions(ctx context.Context, from, to time.Time) ([]ListRegion, error) {
	rows, err := lr.tx.QueryContext(ctx, `SELECT l.list_id, l.path, l.sha256, l.read_at, l.rows, l.rejected,
		coalesce(r.region, ''), coalesce(r.duplicate, 0), coalesce(r.known, 0), coalesce(r.new, 0)
		FROM lists l LEFT JOIN list_regions r USING (list_id) WHERE l.read_at >= ? AND l.read_at < ?
		ORDER BY l.list_id, r.region`, sqlrow.Millis(from), sqlrow.Millis(to))
	return sqlrow.Collect(rows, err, "read lists of a period", func(l *ListRegion) error {
		var at int64
		err := rows.Scan(&l.ListID, &l.Path, &l.SHA256, &at, &l.Rows, &l.Rejected, &l.Region, &l.Duplicate, &l.Known,
			&l.New)
		l.ReadAt = sqlrow.FromMillis(at)
		return err
	})
}

// ListSuspicious counts the suspicious standing answers about one region's IDs of one list.
type ListSuspicious struct {
	ListID     int64
	Region     string
	Suspicious int64
	Injection  int64     // of these
	First      time.Time // when the first of them was answered
}

// Suspicious returns the lists and regions with at least least suspicious answers in [from, to).
func (lr ListReader) Suspicious(
	ctx context.Context, from, to time.Time, threshold float64, inclusive bool, least int64,
) ([]ListSuspicious, error) {
	rows, err := lr.tx.QueryContext(ctx, `SELECT c.list_id, a.region, count(*), sum(a.attack_type = '2'),
		min(a.answered_at)
		FROM (SELECT check_id, region, attack_type, answered_at FROM `+lr.fromSuspects(threshold, inclusive)+`
			AND (score < ?3 OR (score = ?3 AND NOT ?4))) a CROSS JOIN checks c USING (check_id)
		GROUP BY c.list_id, a.region HAVING count(*) >= ?5 ORDER BY c.list_id, a.region`,
		sqlrow.Millis(from), sqlrow.Millis(to), threshold, sqlrow.Bool(inclusive), least)
	return sqlrow.Collect(rows, err, "count suspicious answers by list", func(l *ListSuspicious) error {
		var first int64
		err := rows.Scan(&l.ListID, &l.Region, &l.Suspicious, &l.Injection, &first)
		l.First = sqlrow.FromMillis(first)
		return err
	})
}

// Span holds the first and the last moment of some answers: when their pictures were taken, as far as the vendor says
// it and where it does of at least half of them; else when they were answered.
type Span struct {
	First, Last time.Time
	Captured    bool
}

// SuspiciousSpan returns the span of the suspicious answers about one region's IDs of a list among those of [from, to);
// zero without one.
func (lr ListReader) SuspiciousSpan(
	ctx context.Context, list int64, region string, from, to time.Time, threshold float64, inclusive bool,
) (s Span, err error) {
	var taken, answered [2]sql.NullInt64
	err = lr.tx.QueryRowContext(ctx, `SELECT min(captured_at), max(captured_at), min(answered_at), max(answered_at),
		count(*) <= 2 * count(captured_at)
		FROM `+lr.fromSuspects(threshold, inclusive)+` AND (score < ?3 OR
		(score = ?3 AND NOT ?4)) AND region = ?5 AND
		(SELECT list_id FROM checks c WHERE c.check_id = answers.check_id) = ?6`,
		sqlrow.Millis(from), sqlrow.Millis(to), threshold, sqlrow.Bool(inclusive), region, list).Scan(&taken[0],
		&taken[1], &answered[0], &answered[1], &s.Captured)
	if err != nil {
		return Span{}, fmt.Errorf("read when pictures of a list were taken: %w", err)
	}
	of := answered
	if s.Captured {
		of = taken
	}
	if !of[0].Valid {
		return Span{}, nil
	}
	s.First, s.Last = sqlrow.FromMillis(of[0].Int64), sqlrow.FromMillis(of[1].Int64)
	return s, nil
}

// HourSuspicious counts the standing answers of a region whose pictures were taken within one hour.
type HourSuspicious struct {
	Region                string
	Hour                  time.Time // its beginning, UTC
	Suspicious, Injection int64
	First                 time.Time // when the first suspicious one was answered
}

// SuspiciousHours returns the hours of capture of each region with at least least suspicious answers among those of
// [from, to).
func (lr ListReader) SuspiciousHours(
	ctx context.Context, from, to time.Time, threshold float64, inclusive bool, least int64,
) ([]HourSuspicious, error) {
	const hour = int64(time.Hour / time.Millisecond)
	rows, err := lr.tx.QueryContext(ctx, `SELECT region, captured_at / ?6, count(*), sum(attack_type = '2'),
			min(answered_at)
		FROM `+lr.fromSuspects(threshold, inclusive)+` AND (score < ?3 OR (score = ?3 AND NOT ?4))
			AND captured_at IS NOT NULL GROUP BY region, captured_at / ?6 HAVING count(*) >= ?5 ORDER BY 1, 2`,
		sqlrow.Millis(from), sqlrow.Millis(to), threshold, sqlrow.Bool(inclusive), least, hour)
	return sqlrow.Collect(rows, err, "count suspicious answers by hour of capture", func(h *HourSuspicious) error {
		var at, first int64
		err := rows.Scan(&h.Region, &at, &h.Suspicious, &h.Injection, &first)
		h.Hour, h.First = sqlrow.FromMillis(at*hour), sqlrow.FromMillis(first)
		return err
	})
}
