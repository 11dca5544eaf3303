// Package snapshot reads one moment of the database for reports and for reconciling: calls, answers, lists, decisions, what
// the vendor billed. It writes nothing, and nothing of store needs it.
package snapshot

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/decisions"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// Snapshot describes one moment of the database, the same however long it is read and whatever a running job writes
// meanwhile; reports read it. A period is half-open, [from, to). No query here costs what the database holds: scores
// and calls that are settled were counted when their run ended, answers are found by their covering index, calls by the
// runs that made them, checks by the numbers that one list after the other gave them. Its methods may not be called
// from several goroutines.
type Snapshot struct{ *view }

// view represents the transaction that a snapshot and its readers read.
type view struct {
	tx    *sql.Tx
	Clock calendar.Clock // by which a period's answers are its own; to be set before the first of them is read
}

// Open begins to read one moment of the database. Close ends it; until then the write-ahead log is kept.
func Open(ctx context.Context, s *store.Store) (*Snapshot, error) {
	moment, err := s.View(ctx)
	if err != nil {
		return nil, err
	}
	return &Snapshot{&view{tx: sqlrow.TxOf(moment)}}, nil
}

// Close ends the reading.
func (s *Snapshot) Close() error { return s.tx.Rollback() }

// Calls reads calls.
func (s *Snapshot) Calls() CallReader { return CallReader{s.view} }

// Paid counts what was paid for.
func (s *Snapshot) Paid() PaidReader { return PaidReader{s.view} }

// Scores counts answers by score.
func (s *Snapshot) Scores() ScoreReader { return ScoreReader{s.view} }

// Answers reads answers one by one.
func (s *Snapshot) Answers() AnswerReader { return AnswerReader{s.view} }

// Decisions reads what people decided.
func (s *Snapshot) Decisions() decisions.Reader { return decisions.Read(s.tx, s.Clock) }

// Lists reads lists.
func (s *Snapshot) Lists() ListReader { return ListReader{s.view} }

// Statements reads the vendor's statements.
func (s *Snapshot) Statements() accounts.StatementReader { return accounts.ReadStatements(s.tx) }

// Reconciliations reads what reconciling found.
func (s *Snapshot) Reconciliations() accounts.ReconciliationReader {
	return accounts.ReadReconciliations(s.tx)
}

// Months reads closed months.
func (s *Snapshot) Months() accounts.MonthReader { return accounts.ReadMonths(s.tx) }

// within selects the standing answers of [?1, ?2).
func (v *view) within() string { return rollup.Within(v.Clock) }

// RunSpan represents a run of a period.
type RunSpan struct {
	ID        int64
	StartedAt time.Time
	EndedAt   time.Time // zero: still running, or interrupted
}

// Runs returns the database's first run, and the runs that had begun before to and not ended before from, in order.
func (s *Snapshot) Runs(ctx context.Context, from, to time.Time) (first RunSpan, of []RunSpan, err error) {
	rows, err := s.tx.QueryContext(ctx, `SELECT run_id, started_at, ended_at, started_at < ?2 AND `+
		`coalesce(ended_at, ?2) >= ?1 FROM runs ORDER BY run_id`, sqlrow.Millis(from), sqlrow.Millis(to))
	var within []bool
	all, err := sqlrow.Collect(rows, err, "read runs of a period", func(r *RunSpan) error {
		var at int64
		var ended sql.NullInt64
		var is bool
		err := rows.Scan(&r.ID, &at, &ended, &is)
		r.StartedAt, r.EndedAt, within = sqlrow.FromMillis(at), sqlrow.FromNullMillis(ended), append(within, is)
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

// Newest returns the time of the newest list, call or answer of [from, to), or from when there is none. A report made
// twice from the same facts bears the same time.
func (s *Snapshot) Newest(ctx context.Context, from, to time.Time) (time.Time, error) {
	var newest sql.NullInt64
	err := s.tx.QueryRowContext(ctx, `SELECT max(at) FROM (
		SELECT max(answered_at) AS at FROM answers WHERE `+s.within()+`
		UNION ALL SELECT max(read_at) FROM lists WHERE read_at >= ?1 AND read_at < ?2
		UNION ALL SELECT max(quarter) * 900000 FROM usage WHERE quarter >= ?3 AND quarter < ?4)`,
		sqlrow.Millis(from), sqlrow.Millis(to), sqlrow.Quarter(from), sqlrow.Quarter(to)).Scan(&newest)
	if err != nil {
		return time.Time{}, fmt.Errorf("find newest fact: %w", err)
	}
	if !newest.Valid {
		return from, nil
	}
	return sqlrow.FromMillis(newest.Int64), nil
}

// callRange returns the first and the last call of the runs that had begun before to and not ended before from; first
// lies after last when they made none. Numbers of calls ascend from run to run.
func (v *view) callRange(ctx context.Context, from, to time.Time) (first, last int64, err error) {
	err = v.tx.QueryRowContext(ctx, query.CallRange, sqlrow.Millis(from), sqlrow.Millis(to)).Scan(&first, &last)
	return first, last, err
}

// fromSuspects returns where suspicious answers of [?1, ?2) are found: by an index over few answers when the threshold
// is low enough and the answers are to be found by the time they came.
func (v *view) fromSuspects(threshold float64, inclusive bool) string {
	switch {
	case v.Clock == calendar.ByCapture:
		return "answers WHERE " + v.within()
	case threshold < suspectedBelow || threshold == suspectedBelow && inclusive:
		return "answers INDEXED BY answers_suspected WHERE " + v.within() + " AND " + suspected
	}
	return "answers INDEXED BY answers_by_time WHERE " + v.within()
}

// RunEnds returns for each day the end of its last run, which may be after midnight, or the day's own end where that is
// later. A run that goes on counts as far as there are calls.
func RunEnds(ctx context.Context, snap *Snapshot, p calendar.Period) ([]time.Time, error) {
	_, runs, err := snap.Runs(ctx, p.From, p.To)
	if err != nil {
		return nil, err
	}
	var ends []time.Time
	for _, d := range p.Days() {
		end := d.To
		for _, run := range runs {
			if run.StartedAt.Before(d.From) || !run.StartedAt.Before(d.To) {
				continue
			}
			if run.EndedAt.IsZero() {
				run.EndedAt = d.To.AddDate(0, 0, 1)
			}
			if run.EndedAt.After(end) {
				end = run.EndedAt
			}
		}
		ends = append(ends, end)
	}
	return ends, nil
}
