package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"liverecon/store/accounts"
	"liverecon/store/alias"
	"liverecon/store/byhand"
	"liverecon/store/held"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/place"
)

// Preview computes what taking lists would do, in a temporary database of its own that reads the real one and cannot
// write it.
type Preview struct {
	db    *sql.DB
	conn  *sql.Conn
	row   *sql.Stmt
	lists []List
	empty bool // there is no real database yet

	caseMatters, kindsShare bool
}

// emptyChecks holds what a preview reads of checks, before there are any.
const emptyChecks = `CREATE TABLE book.other_ids (id_hash BLOB, check_id INTEGER);
	CREATE TABLE book.checks (check_id INTEGER, id_hash BLOB, id TEXT, other_id TEXT, endpoint TEXT, region TEXT,
	state TEXT, why TEXT, list_id INTEGER, line INTEGER, attempts INTEGER, rechecks INTEGER, not_found INTEGER,
	no_score INTEGER, forced INTEGER, again TEXT, guessed INTEGER, changed_at INTEGER)`

const insertStaged = "INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

// OpenPreview opens a preview over an open store, or over nothing when s is nil: then no ID is known.
func OpenPreview(ctx context.Context, s *Store) (*Preview, error) {
	db, err := sql.Open("sqlite", "") // SQLite's private temporary database
	if err != nil {
		return nil, fmt.Errorf("open preview: %w", err)
	}
	p := &Preview{db: db, empty: s == nil}
	if p.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open preview: %w", err), db.Close())
	}
	setup := []string{`CREATE TABLE staged (list INTEGER, line INTEGER, hash BLOB, other BLOB, region TEXT,
		endpoint TEXT, held INTEGER, guessed INTEGER, kind TEXT, small BLOB, capital BLOB,
		other_small BLOB, other_capital BLOB, twin BLOB, other_twin BLOB)`,
		`CREATE TABLE unplaced (list INTEGER, line INTEGER, hash BLOB)`,
		`CREATE TABLE moved (check_id INTEGER, list INTEGER, endpoint TEXT, region TEXT, goes INTEGER)`}
	if s == nil {
		setup = append(setup, "ATTACH ':memory:' AS book", emptyChecks,
			"CREATE TABLE book.settings (key TEXT, value TEXT)", "CREATE TABLE book.folds (small BLOB)",
			"CREATE TABLE book.lists (list_id INTEGER, run_id INTEGER, path TEXT, fingerprint TEXT, rows INTEGER, rejected INTEGER)")
	} else {
		mode := "ro"
		if s.immutable {
			mode = "immutable"
		}
		file := fileURL(cmp.Or(s.updated, s.path), url.Values{"mode": {mode}})
		setup = append(setup, "ATTACH "+quoteSQL(file)+" AS book")
	}
	for _, text := range slices.Concat(setup, alias.ForPreview, place.ForPreview, []string{"BEGIN"}) {
		if _, err := p.conn.ExecContext(ctx, text); err != nil {
			return nil, errors.Join(fmt.Errorf("open preview: %w", err), p.Close())
		}
	}
	if p.row, err = p.conn.PrepareContext(ctx, insertStaged); err != nil {
		return nil, errors.Join(fmt.Errorf("open preview: %w", err), p.Close())
	}
	return p, nil
}

// Close throws the preview away.
func (p *Preview) Close() error {
	var err error
	if p.row != nil {
		err = p.row.Close()
	}
	return errors.Join(err, p.conn.Close(), p.db.Close())
}

// Distinguish makes IDs that differ from known ones in nothing but case, or but their kind, IDs of their own.
func (p *Preview) Distinguish(byCase, byKind bool) { p.caseMatters, p.kindsShare = byCase, byKind }

// KnownList returns the list that was read with this fingerprint, as ListLookup.Known does.
func (p *Preview) KnownList(ctx context.Context, fingerprint string) (found List, known bool, err error) {
	return scanFound(p.conn.QueryRowContext(ctx, strings.Replace(findListSQL, "FROM ", "FROM book.", 1), fingerprint))
}

// List stages one list; read hands over its rows and rejects. What is new with it would be held byFile, or else if the
// rule says so of one of its IDs. After an error of read, or where the list is left, nothing of it remains.
func (p *Preview) List(
	path string, rule held.Rule, byFile bool, read func(row func(ListedRow) error, reject func(Reject) error) error,
) error {
	l := List{ID: int64(len(p.lists)) + 1, Path: path}
	err := read(func(r ListedRow) error {
		l.Rows++
		hash := HashID(r.Kind, r.ID)
		_, err := p.row.Exec(append([]any{l.ID, r.Line, hash[:], r.otherHash(), r.Region, r.Endpoint, byFile, r.Guessed,
			r.Kind}, alias.Forms(r.Kind, r.ID, r.OtherID, hashOf)...)...)
		return err
	}, func(r Reject) error {
		l.Rows++
		l.Rejected++
		if r.Unplaced == nil {
			return nil
		}
		hash := HashID(r.Unplaced.Kind, r.Unplaced.ID)
		_, err := p.conn.ExecContext(context.Background(), "INSERT INTO unplaced VALUES (?, ?, ?)", l.ID, r.Line, hash[:])
		return err
	})
	if err == nil && !byFile {
		err = p.hold(rule, l.ID)
	}
	if err != nil {
		for _, table := range []string{"staged", "unplaced"} {
			_, undo := p.conn.ExecContext(context.Background(), "DELETE FROM "+table+" WHERE list = ?", l.ID)
			err = errors.Join(err, undo)
		}
		return err
	}
	p.lists = append(p.lists, l)
	return nil
}

// hold looks whether what is new with a list would be held, as the intake of one does.
func (p *Preview) hold(rule held.Rule, list int64) error {
	ctx := context.Background()
	lost, err := rule.Brings(ctx, p.conn, "staged", "(SELECT id_hash FROM book.checks UNION ALL SELECT hash FROM staged "+
		"WHERE list < ?2) c", "s.list = ?2", list)
	if err == nil && lost {
		_, err = p.conn.ExecContext(ctx, "UPDATE staged SET held = 1 WHERE list = ?", list)
	}
	if err == nil && !lost && rule.Only {
		err = held.ErrLeft
	}
	return err
}

// places tells of every staged row whether its ID stood earlier in the same list (nth > 1), or in an earlier list.
const places = `SELECT hash, list, region, endpoint, held, row_number() OVER (PARTITION BY hash, list ORDER BY line) AS nth,
	min(list) OVER (PARTITION BY hash) < list OR EXISTS (SELECT 1 FROM book.checks c WHERE c.id_hash = s.hash) AS known
	FROM staged s`

// Lists returns the staged lists with the chains that taking them would give. It comes once, after all were staged.
func (p *Preview) Lists(ctx context.Context) ([]List, error) {
	all := alias.Preview{Lists: len(p.lists), CaseMatters: p.caseMatters, KindsShare: p.kindsShare, Hash: hashOf}
	err := all.Take(ctx, p.conn, func(list int, f alias.Foretold) {
		l := &p.lists[list-1]
		l.OtherKind, l.OtherCase, l.Aliases = f.OtherKind, f.OtherCase, f.Found
		l.Rejected += f.OtherKind.Rows + f.OtherCase.Rows
	})
	if err != nil {
		return nil, err
	}
	err = place.TakeListed(ctx, p.conn, func(list int, taken int64) { p.lists[list-1].Places.Taken = taken })
	if err != nil {
		return nil, err
	}
	rows, err := p.conn.QueryContext(ctx,
		`SELECT list, sum(nth > 1), sum(nth = 1 AND known), sum(nth = 1 AND NOT known) FROM (`+places+`) GROUP BY list`)
	chains, err := sqlrow.Collect(rows, err, "preview lists", func(l *List) error {
		return rows.Scan(&l.ID, &l.Duplicate, &l.Known, &l.New)
	})
	for _, c := range chains {
		l := &p.lists[c.ID-1]
		l.Duplicate, l.Known, l.New = c.Duplicate, c.Known, c.New
	}
	if err == nil {
		err = p.placeKnown(ctx)
	}
	return p.lists, err
}

// placeKnown counts rows that lack an endpoint, and whose ID has its place, as repeats of it and as no rejects.
func (p *Preview) placeKnown(ctx context.Context) error {
	rows, err := p.conn.QueryContext(ctx, `SELECT list, sum(again), sum(NOT again) FROM (
		SELECT u.list, own.hash IS NOT NULL OR row_number() OVER (PARTITION BY u.hash, u.list ORDER BY u.line) > 1 AS again
		FROM unplaced u LEFT JOIN (SELECT DISTINCT list, hash FROM staged) own ON own.list = u.list AND own.hash = u.hash
		LEFT JOIN (SELECT hash, min(list) AS list FROM staged GROUP BY hash) first ON first.hash = u.hash
		WHERE own.hash IS NOT NULL OR first.list < u.list
			OR EXISTS (SELECT 1 FROM book.checks c WHERE c.id_hash = u.hash)) GROUP BY list`)
	placed, err := sqlrow.Collect(rows, err, "preview rows without an endpoint", func(l *List) error {
		return rows.Scan(&l.ID, &l.Duplicate, &l.Known)
	})
	for _, c := range placed {
		l := &p.lists[c.ID-1]
		l.Duplicate, l.Known, l.Rejected = l.Duplicate+c.Duplicate, l.Known+c.Known, l.Rejected-c.Duplicate-c.Known
	}
	return err
}

// Held counts the IDs that would be held after taking the lists, and are not yet.
func (p *Preview) Held(ctx context.Context) ([]held.IDs, error) {
	rows, err := p.conn.QueryContext(ctx, "SELECT endpoint, region, count(*) FROM ("+places+
		") WHERE nth = 1 AND NOT known AND held GROUP BY endpoint, region ORDER BY endpoint, region")
	return sqlrow.Collect(rows, err, "preview held IDs", func(h *held.IDs) error {
		return rows.Scan(&h.Endpoint, &h.Region, &h.Checks)
	})
}

// Rules describes what a run does with checks before it counts what is open.
type Rules struct {
	Routes         map[string]string // region or "*" to endpoint
	NotFoundNights int               // see Reopen
	NoScoreNights  int               // see EndNoScore
	Again          []Asking          // see Force
	TakeBack       bool              // see TakeBack
}

// asksStill selects the checks that are asked for by their own ID after the lists as before.
var asksStill = "(SELECT * FROM book.checks WHERE NOT " + alias.Settled("id_hash") + ")"

// Backlog counts the checks that would be open after taking the lists, with open ones moved to where routes send them.
func (p *Preview) Backlog(ctx context.Context, r Rules) ([]Backlog, error) {
	rows, err := p.conn.QueryContext(ctx, `SELECT endpoint, region, state, sum(n) FROM (
			SELECT endpoint, region, 'pending' AS state, count(*) AS n FROM (`+places+`) WHERE nth = 1 AND NOT known
			AND NOT held AND NOT `+alias.Settled("hash")+` GROUP BY endpoint, region
			UNION ALL `+backlogSQL(asksStill)+`
			UNION ALL `+place.Backlog("NOT "+alias.Settled("hash"))+`
			UNION ALL SELECT endpoint, region, 'pending', count(*) FROM book.checks WHERE not_found = 1
			AND state = 'absent' AND rechecks < ?1 AND id IS NOT NULL AND NOT `+alias.Answered("checks.id_hash")+`
			AND check_id NOT IN (SELECT check_id FROM moved WHERE goes) GROUP BY endpoint, region
			UNION ALL SELECT endpoint, region, 'pending', count(*) FROM moved WHERE goes GROUP BY endpoint, region
			UNION ALL SELECT endpoint, region, 'pending', -count(*) FROM `+asksStill+` WHERE no_score > ?2
			AND state = 'pending' GROUP BY endpoint, region)
		GROUP BY endpoint, region, state ORDER BY endpoint, region, state`, r.NotFoundNights, r.NoScoreNights)
	backlog, err := sqlrow.Collect(rows, err, "preview backlog", func(b *Backlog) error {
		return rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks)
	})
	var notBilled []Backlog
	if err == nil && !p.empty {
		notBilled, err = told(ctx, p.conn, asksStill+" c", accounts.ToldNotBilled)
	}
	for _, b := range notBilled { // see NotBilled
		to, from := b, b
		to.State, from.State, from.Checks = Pending, InDoubt, -b.Checks
		backlog = append(backlog, to, from)
	}
	if err == nil && r.TakeBack && !p.empty {
		var back []Backlog
		back, err = takenBack(ctx, p.conn)
		backlog = append(backlog, back...)
	}
	for _, a := range r.Again {
		var more []Backlog
		if err == nil {
			more, err = asked(ctx, p.conn, p.choice(a))
		}
		for _, b := range more {
			if a.keeps() && b.State == Pending { // and counted already
				continue
			}
			backlog = append(backlog, b)
			if a.State == InDoubt { // they wait for their turn instead
				b.State, b.Checks = InDoubt, -b.Checks
				backlog = append(backlog, b)
			}
		}
	}
	return moved(backlog, r.Routes), err
}

// Asked counts the checks that Force would make be asked again.
func (p *Preview) Asked(ctx context.Context, a Asking) (byhand.Counts, error) {
	return byhand.Count(ctx, p.conn, p.choice(a))
}

// choice returns that of an asking among the checks that are asked for by their own ID after the lists as before.
func (p *Preview) choice(a Asking) byhand.Choice {
	c := a.choice()
	if !p.empty {
		c.Checks = asksStill
	}
	return c
}

// WithoutScore counts as the store's method does, at the endpoints of Backlog.
func (p *Preview) WithoutScore(ctx context.Context, after time.Time, r Rules) ([]WithoutScore, error) {
	all, err := withoutScore(ctx, p.conn, asksStill, after, r.NoScoreNights)
	for _, a := range r.Again {
		if err == nil && a.NoScore {
			err = p.wake(ctx, all, a, after)
		}
	}
	for i, w := range all {
		all[i].Endpoint = routed(r.Routes, w.Region, w.Endpoint)
	}
	return all, err
}

// RepeatedInDoubt counts as the checks' method does, at the endpoints of Backlog.
func (p *Preview) RepeatedInDoubt(ctx context.Context, from, to time.Time, r Rules) ([]Backlog, error) {
	if p.empty {
		return nil, nil
	}
	all, err := repeatedInDoubt(ctx, p.conn, asksStill, from, to)
	return moved(all, r.Routes), err
}

// wake takes from the resting checks those that a person asks for.
func (p *Preview) wake(ctx context.Context, all []WithoutScore, a Asking, after time.Time) error {
	selection, args := p.choice(a).Selection()
	rows, err := p.conn.QueryContext(ctx, "SELECT endpoint, region, count(*) FROM checks WHERE state = 'pending' AND NOT "+
		p.choice(a).Ended()+" AND changed_at > ? AND check_id IN ("+selection+") GROUP BY endpoint, region",
		append([]any{sqlrow.Millis(after)}, args...)...)
	woken, err := sqlrow.Collect(rows, err, "count what waits for a score", func(w *WithoutScore) error {
		return rows.Scan(&w.Endpoint, &w.Region, &w.Checks)
	})
	for i, w := range all {
		for _, n := range woken {
			if n.Endpoint == w.Endpoint && n.Region == w.Region {
				all[i].Resting -= n.Checks
			}
		}
	}
	return err
}

// moved sends a backlog along its routes, and adds up what comes together.
func moved(backlog []Backlog, routes map[string]string) []Backlog {
	sums := map[Backlog]int64{}
	for _, b := range backlog {
		sums[Backlog{Endpoint: routed(routes, b.Region, b.Endpoint), Region: b.Region, State: b.State}] += b.Checks
	}
	var all []Backlog
	for b, n := range sums {
		if b.Checks = n; n > 0 {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b Backlog) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Region, b.Region),
			cmp.Compare(a.State, b.State))
	})
	return all
}

func routed(routes map[string]string, region, endpoint string) string {
	if to, ok := routes[region]; ok {
		return to
	}
	if to, ok := routes["*"]; ok {
		return to
	}
	return endpoint
}

// quoteSQL quotes a text for SQL, where no parameter can stand.
func quoteSQL(s string) string {
	out := make([]byte, 0, len(s)+2)
	out = append(out, '\'')
	for i := range len(s) {
		if s[i] == '\'' {
			out = append(out, '\'')
		}
		out = append(out, s[i])
	}
	return string(append(out, '\''))
}
