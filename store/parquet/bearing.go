package parquet

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"time"

	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
)

// Each row is exported in one month, the one that bears it: its own, unless that was closed before the row reached the
// books; then the next one that was open. What a closed month has is what it had when it was closed, so that its files
// are the same whenever they are written. bearings tells the rows of which that is not the own month.
type bearings struct {
	months  calendar.Months
	steps   []step                       // in the order in which months were closed and opened again
	closed  map[string]*accounts.Closure // that stand
	calls   shifts                       // by the month they were sent in
	answers shifts                       // by the month they came in
	came    map[int64]int64              // when these answers came, in milliseconds
	files   map[string][]heldFile        // of decisions, that a month bears of others
	without map[string][]int64           // files of which a month does not bear its own decisions
	parts   map[string][]borne
}

type step struct {
	closure *accounts.Closure
	opens   bool
}

// shifts holds numbers of calls by month: those that it bears of others, and those of its own that others bear.
type shifts struct{ late, gone map[string][]int64 }

func newShifts() shifts { return shifts{map[string][]int64{}, map[string][]int64{}} }

func (s shifts) add(home, bearer string, call int64) {
	if home != bearer {
		s.late[bearer], s.gone[home] = append(s.late[bearer], call), append(s.gone[home], call)
	}
}

// heldFile represents a file of decisions, and the bounds of the month that they are of.
type heldFile struct {
	file     int64
	from, to int64 // milliseconds
}

// part represents a part of a statement, as statement_parts has it.
type part struct {
	statement                 int64
	month, endpoint, currency string
	usage                     bool
	at                        int64  // imported, in milliseconds
	invoice                   string // month
	superseded                bool
	supersededAt              int64
	superseder                string // invoice month of what took its place
}

// borne represents a part in the month that bears it; withdrawn: with the opposite sign, since a closed month has it.
type borne struct {
	part
	superseded, withdrawn bool
}

func readBearings(ctx context.Context, tx *sql.Tx, months calendar.Months) (*bearings, error) {
	b := &bearings{months: months, closed: map[string]*accounts.Closure{}, calls: newShifts(), answers: newShifts(),
		came:  map[int64]int64{},
		files: map[string][]heldFile{}, without: map[string][]int64{}, parts: map[string][]borne{}}
	all, err := accounts.ReadMonths(tx).Closures(ctx, "")
	if err != nil {
		return nil, err
	}
	for i := range all {
		c := &all[i]
		if c.SealedAt.IsZero() {
			continue
		}
		b.steps = append(b.steps, step{c, false})
		if c.ReopenedAt.IsZero() {
			b.closed[c.Month] = c
		} else {
			b.steps = append(b.steps, step{c, true})
		}
	}
	slices.SortStableFunc(b.steps, func(a, z step) int { return a.at().Compare(z.at()) })
	for _, read := range []func(context.Context, *sql.Tx) error{b.readParts, b.readCalls, b.readFiles} {
		if err := read(ctx, tx); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (s step) at() time.Time {
	if s.opens {
		return s.closure.ReopenedAt
	}
	return s.closure.ClosedAt
}

// next returns the name of the month behind one.
func (b *bearings) next(month string) string {
	p, err := b.months.Parse(month)
	if err != nil { // the books have no such month
		return month
	}
	return b.months.Of(p.To).Label
}

// bearer returns the month that bears what is of one month and stands on an invoice of another, or "".
func (b *bearings) bearer(home, invoice string, shut map[string]bool) string {
	if !shut[home] {
		return home
	}
	month := max(b.next(home), invoice)
	for shut[month] {
		month = b.next(month)
	}
	return month
}

// place returns the month that bears what is of a month. arrived tells whether it was in the books when a month was
// closed: then that month has it for good.
func (b *bearings) place(home string, arrived func(*accounts.Closure) bool) (month string) {
	shut := map[string]bool{}
	for _, s := range b.steps {
		switch {
		case s.opens:
			delete(shut, s.closure.Month)
			if month == s.closure.Month {
				month = ""
			}
		default:
			if month == "" && arrived(s.closure) && b.bearer(home, "", shut) == s.closure.Month {
				month = s.closure.Month
			}
			shut[s.closure.Month] = true
		}
	}
	return cmp.Or(month, b.bearer(home, "", shut))
}

func (b *bearings) readParts(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT p.statement_id, p.month, p.endpoint, p.currency, p.usage, s.imported_at,
		s.month, p.superseded_by IS NOT NULL, max(s.imported_at, coalesce(q.imported_at, 0)), coalesce(q.month, '')
		FROM statement_parts p JOIN statements s USING (statement_id)
		LEFT JOIN statements q ON q.statement_id = p.superseded_by
		ORDER BY p.statement_id, p.month, p.endpoint, p.currency, p.usage`)
	all, err := sqlrow.Collect(rows, err, "read parts of statements", func(p *part) error {
		return rows.Scan(&p.statement, &p.month, &p.endpoint, &p.currency, &p.usage, &p.at, &p.invoice, &p.superseded,
			&p.supersededAt, &p.superseder)
	})
	for _, p := range all {
		b.placePart(p)
	}
	return err
}

// placePart places a part, and what takes it back where a closed month has it as standing and it stands no more.
func (b *bearings) placePart(p part) {
	shut := map[string]bool{}
	month, back, stood := "", "", false
	stands := func(at int64) bool { return !p.superseded || p.supersededAt > at || back != "" }
	for _, s := range b.steps {
		name := s.closure.Month
		if s.opens {
			delete(shut, name)
			if month == name {
				month = ""
			}
			if back == name {
				back = ""
			}
			continue
		}
		at := sqlrow.Millis(s.closure.ClosedAt)
		switch {
		case month == "":
			if p.at <= at && b.bearer(p.month, p.invoice, shut) == name {
				month, stood = name, stands(at)
			}
		case back == "" && stood && p.superseded && p.supersededAt <= at:
			if b.bearer(p.month, p.superseder, shut) == name {
				back = name
			}
		}
		shut[name] = true
	}
	if month == "" {
		month, stood = b.bearer(p.month, p.invoice, shut), stands(math.MaxInt64)
	} else if back == "" && stood && p.superseded {
		back = b.bearer(p.month, p.superseder, shut)
	}
	b.parts[month] = append(b.parts[month], borne{part: p, superseded: !stood})
	if back != "" {
		b.parts[back] = append(b.parts[back], borne{part: p, withdrawn: true})
	}
}

// readCalls places the calls that reached the journal after a month of theirs was closed. Where none did, which counts
// tell, nothing is searched.
func (b *bearings) readCalls(ctx context.Context, tx *sql.Tx) error {
	after := map[string]int64{} // the last call that a month was ever closed with first
	least := int64(math.MaxInt64)
	for _, s := range b.steps {
		c := s.closure
		if s.opens {
			continue
		}
		if is, known := after[c.Month]; !known || c.LastCall < is {
			after[c.Month] = c.LastCall
		}
		p, err := b.months.Parse(c.Month)
		if err != nil {
			return err
		}
		late, err := accounts.ReadMonths(tx).HasLateCalls(ctx, *c, p.From, p.To)
		if err != nil {
			return err
		}
		if late {
			least = min(least, c.LastCall)
		}
	}
	if least == math.MaxInt64 {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT k.call_id, coalesce(o.sent_at, k.intended_at), coalesce(a.answered_at, 0)
		FROM calls k LEFT JOIN outcomes o USING (call_id) LEFT JOIN answers a USING (call_id)
		WHERE k.call_id > ? ORDER BY k.call_id`, least)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var call, sent, answered int64
		if err := rows.Scan(&call, &sent, &answered); err != nil {
			return err
		}
		for _, of := range []struct {
			shifts
			at int64
		}{{b.calls, sent}, {b.answers, answered}} {
			if of.at == 0 {
				continue
			}
			home := b.months.Of(sqlrow.FromMillis(of.at)).Label
			if last, known := after[home]; known && call > last {
				of.add(home, b.place(home, func(c *accounts.Closure) bool { return call <= c.LastCall }), call)
				b.came[call] = answered
			}
		}
	}
	return rows.Err()
}

// displaced adds to a closed month the answers that stood when it was closed, and stand no more. An answer with a score
// stands until its check is asked again.
func (b *bearings) displaced(ctx context.Context, tx *sql.Tx, m month) error {
	c := b.closed[m.name]
	if c == nil {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT a.call_id, a.answered_at FROM answers a NOT INDEXED
		CROSS JOIN outcomes o USING (call_id)
		WHERE a.call_id BETWEEN ?3 AND min(?4, ?5) AND a.standing = 0 AND a.score IS NOT NULL AND o.class = 'done'
		AND a.answered_at >= ?1 AND a.answered_at < ?2 AND NOT EXISTS (SELECT 1 FROM suspects s
			WHERE s.call_id = a.call_id)
		AND NOT EXISTS (SELECT 1 FROM calls n CROSS JOIN outcomes p USING (call_id) CROSS JOIN answers l USING (call_id)
			WHERE n.check_id = a.check_id AND n.call_id > a.call_id AND n.call_id <= ?5
			AND (l.standing = 1 OR p.class = 'done' AND l.score IS NOT NULL)) ORDER BY a.call_id`,
		sqlrow.Millis(m.period.From), sqlrow.Millis(m.period.To), m.first, m.last, c.LastCall)
	type answer struct{ call, at int64 }
	all, err := sqlrow.Collect(rows, err, "find answers that stood", func(a *answer) error {
		return rows.Scan(&a.call, &a.at)
	})
	for _, a := range all {
		if !slices.Contains(b.answers.gone[m.name], a.call) {
			b.answers.late[m.name], b.came[a.call] = append(b.answers.late[m.name], a.call), a.at
		}
	}
	return err
}

// readFiles places the decisions of closed months, those of one file and month together.
func (b *bearings) readFiles(ctx context.Context, tx *sql.Tx) error {
	seen := map[string]bool{}
	for _, s := range b.steps {
		home := s.closure.Month
		if seen[home] {
			continue
		}
		seen[home] = true
		p, err := b.months.Parse(home)
		if err != nil {
			return err
		}
		type file struct{ id, at int64 }
		h := heldFile{0, sqlrow.Millis(p.From), sqlrow.Millis(p.To)}
		rows, err := tx.QueryContext(ctx, `SELECT f.file_id, f.imported_at FROM decision_files f WHERE EXISTS (SELECT 1
			FROM decisions d WHERE d.file_id = f.file_id AND d.decided_at >= ? AND d.decided_at < ?) ORDER BY f.file_id`,
			h.from, h.to)
		all, err := sqlrow.Collect(rows, err, "find files of decisions", func(f *file) error { return rows.Scan(&f.id, &f.at) })
		if err != nil {
			return err
		}
		for _, f := range all {
			h.file = f.id
			month := b.place(home, func(c *accounts.Closure) bool { return f.at <= sqlrow.Millis(c.ClosedAt) })
			if month != home {
				b.files[month], b.without[home] = append(b.files[month], h), append(b.without[home], f.id)
			}
		}
	}
	return nil
}

// bearers returns the months that bear something of others, or of statements.
func (b *bearings) bearers() (names []string) {
	for _, of := range []map[string][]int64{b.calls.late, b.answers.late} {
		for name := range of {
			names = append(names, name)
		}
	}
	for name := range b.parts {
		names = append(names, name)
	}
	for name := range b.files {
		names = append(names, name)
	}
	return names
}

// waitingFrom returns the start of what an open month has of checks without an answer: its own, or that of the closed
// ones right before it, whose checks wait on.
func (b *bearings) waitingFrom(m month) time.Time {
	from := m.period.From
	for {
		before := b.months.Of(from.Add(-time.Hour))
		if b.closed[before.Label] == nil {
			return from
		}
		from = before.From
	}
}

func asJSON[T any](rows []T) string {
	if len(rows) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(rows) // numbers and texts always can be
	return string(text)
}

// shiftsOf returns those of a table.
func (b *bearings) shiftsOf(t table) shifts {
	if t.name == checksTable.name || t.name == scoreCountsTable.name {
		return b.answers
	}
	return b.calls
}

// moves reports whether a month bears other rows of a table than those of its own time.
func (b *bearings) moves(t table, m month) bool {
	of := b.shiftsOf(t)
	return len(of.late[m.name])+len(of.gone[m.name]) > 0
}

// arguments returns those of a table's queries for a month, one after the other: see table.
func (b *bearings) arguments(t table, m month) (all [][]any) {
	from, to, rest := sqlrow.Millis(m.period.From), sqlrow.Millis(m.period.To), b.borne(t, m)
	arguments := func(from, to int64, day any, own bool) {
		all = append(all, append(append([]any{from, to, m.first, m.last, m.name, day}, rest...), sqlrow.Bool(own)))
	}
	if !t.byDay {
		arguments(from, to, nil, true)
		return all
	}
	others := map[int64]bool{} // days of answers of other months, by their beginning
	for _, call := range b.answers.late[m.name] {
		if at := sqlrow.FromMillis(b.came[call]); at.Before(m.period.From) || !at.Before(m.period.To) {
			others[sqlrow.Millis(calendar.BusinessDay(at, m.zone).From)] = true
		}
	}
	date := func(at int64) int64 {
		y, mo, d := calendar.Date(sqlrow.FromMillis(at), m.zone)
		return epochDay(time.Date(y, mo, d, 0, 0, 0, 0, time.UTC))
	}
	end := func(at int64) int64 { return sqlrow.Millis(calendar.BusinessDay(sqlrow.FromMillis(at), m.zone).To) }
	for _, at := range slices.Sorted(maps.Keys(others)) {
		switch { // a day may be of two months
		case at < from:
			arguments(at, min(end(at), from), date(at), false)
		default:
			arguments(max(at, to), end(at), date(at), false)
		}
	}
	for at := from; at < to; at = end(at) {
		arguments(at, min(end(at), to), date(at), true)
	}
	return all
}

// borne returns what the queries of a table need to know of what a month bears, ?7 to ?16.
func (b *bearings) borne(t table, m month) []any {
	of := b.shiftsOf(t)
	waiting, lastCall, at := m.period.To, int64(math.MaxInt64), int64(math.MaxInt64)
	var reconciliation, closure any
	if c := b.closed[m.name]; c != nil {
		lastCall, at, reconciliation, closure = c.LastCall, sqlrow.Millis(c.ClosedAt), c.ReconciliationID, c.ID
	} else {
		waiting = b.waitingFrom(m)
	}
	var parts, files [][]any
	for _, p := range b.parts[m.name] {
		sign := 1
		if p.withdrawn {
			sign = -1
		}
		parts = append(parts, []any{p.statement, p.month, p.endpoint, p.currency, sqlrow.Bool(p.usage),
			sqlrow.Bool(p.superseded), sign})
	}
	for _, f := range b.files[m.name] {
		files = append(files, []any{f.file, f.from, f.to})
	}
	return []any{asJSON(slices.Sorted(slices.Values(of.late[m.name]))), asJSON(of.gone[m.name]), sqlrow.Millis(waiting), lastCall, at, reconciliation,
		closure, asJSON(parts), asJSON(files), asJSON(b.without[m.name])}
}
