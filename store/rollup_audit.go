package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"

	"liverecon/store/internal/sqlrow"
)

// The laws of the rollups. A rollup without a mark holds nothing, and nothing is held against it.
const (
	scoresLaw = "counts of scores hold every standing answer up to their mark"
	paidLaw   = "paid transactions are those of the calls up to their mark"
	callsLaw  = "counts of calls hold every call up to their mark"

	callsUpTo = "(SELECT up_to FROM rollups WHERE name = 'calls')"
)

// recounted compares what call_counts holds of some runs with the journal: rows that one side alone has.
func recounted(runs string) string {
	counted := "SELECT run_id, outcome, tag, calls, first_at, last_at FROM call_counts WHERE " + callsUpTo +
		" IS NOT NULL" + runs
	journal := `SELECT k.run_id, o.outcome, o.tag, count(*), min(coalesce(o.sent_at, k.intended_at)),
		max(coalesce(o.sent_at, k.intended_at))
		FROM calls k CROSS JOIN outcomes o USING (call_id)
		WHERE k.call_id <= ` + callsUpTo + runs + " GROUP BY k.run_id, o.outcome, o.tag"
	return "SELECT (SELECT count(*) FROM (" + counted + " EXCEPT " + journal + ")) + (SELECT count(*) FROM (" +
		journal + " EXCEPT " + counted + "))"
}

// auditRun compares the days that a run's answers belong to with the answers, by their totals. It costs what these
// days hold.
func (s ScoreReader) auditRun(ctx context.Context, runID int64) error {
	mark, known, err := s.mark(ctx)
	if err != nil || !known {
		return err
	}
	at := s.Clock.at()
	var first, last sql.NullInt64
	err = s.tx.QueryRowContext(ctx, "SELECT min("+at+"), max("+at+
		") FROM calls k CROSS JOIN answers a USING (call_id) WHERE k.run_id = ?", runID).Scan(&first, &last)
	if err != nil || !first.Valid {
		return err
	}
	var broken int64
	err = s.tx.QueryRowContext(ctx, fmt.Sprintf(`WITH d AS (SELECT day, ends, sum(answers) AS counted, (SELECT count(*)
		FROM answers WHERE standing = 1 AND %[1]s >= day AND %[1]s < ends AND call_id <= ?3) AS held
			FROM score_counts WHERE day <= ?2 AND ends > ?1 GROUP BY day, ends)
		SELECT (SELECT count(*) FROM d WHERE counted <> held) + (SELECT count(*) FROM answers WHERE standing = 1
		AND %[1]s >= ?1 AND %[1]s <= ?2 AND call_id <= ?3
			AND NOT EXISTS (SELECT 1 FROM d WHERE %[1]s >= day AND %[1]s < ends))`, at), first.Int64, last.Int64,
		mark).Scan(&broken)
	return lawBroken(scoresLaw, broken, err)
}

// audit counts all answers up to the mark again, and compares score by score.
func (s ScoreReader) audit(ctx context.Context) error {
	mark, known, err := s.mark(ctx)
	if err != nil || !known {
		return err
	}
	rows, err := s.tx.QueryContext(ctx, "SELECT DISTINCT day, ends FROM score_counts ORDER BY day")
	days, err := sqlrow.Collect(rows, err, "read days", func(d *[2]int64) error { return rows.Scan(&d[0], &d[1]) })
	if err != nil {
		return err
	}
	var broken, held int64
	for _, d := range days {
		n, answers, err := s.auditDay(ctx, d[0], d[1], mark)
		if err != nil {
			return err
		}
		broken, held = broken+n, held+answers
	}
	var all int64
	err = s.tx.QueryRowContext(ctx, "SELECT count(*) FROM answers WHERE standing = 1 AND call_id <= ?", mark).Scan(&all)
	return lawBroken(scoresLaw, broken+max(all-held, held-all), err)
}

// mark is the mark of score_counts, and sets the clock that they were counted by.
func (s ScoreReader) mark(ctx context.Context) (mark int64, known bool, err error) {
	var madeFor string
	err = s.tx.QueryRowContext(ctx, "SELECT up_to, made_for FROM rollups WHERE name = 'scores'").Scan(&mark, &madeFor)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	s.Clock = clockOf(madeFor)
	return mark, err == nil, err
}

// auditDay counts the rows of a day that are not what its answers add up to; answers is how many there are.
func (s ScoreReader) auditDay(ctx context.Context, day, ends, mark int64) (broken, answers int64, err error) {
	have := map[scoreKey]*scoreCount{}
	rows, err := s.tx.QueryContext(ctx, "SELECT region, endpoint, attack_type, answers, scores FROM score_counts "+
		"WHERE day = ? AND ends = ?", day, ends)
	_, err = sqlrow.Collect(rows, err, "read counts of scores", func(*struct{}) error {
		k, g := scoreKey{day: day, ends: ends}, &scoreCount{scores: map[float64]int64{}}
		var text []byte
		if err := rows.Scan(&k.region, &k.endpoint, &k.attackType, &g.answers, &text); err != nil {
			return err
		}
		bins, err := decodeScores(text, nil)
		for _, b := range bins {
			g.scores[b.Score] += b.Answers
		}
		have[k] = g
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	compare := func(counts *scoreCounts) error {
		for k, want := range counts.groups {
			answers += want.answers
			if got := have[k]; got == nil || got.answers != want.answers || !maps.Equal(got.scores, want.scores) {
				broken++
			}
			delete(have, k)
		}
		return nil
	}
	err = eachStanding(ctx, s.tx, s.Clock, func(int64) (int64, int64) {
		return day, ends
	}, math.MaxInt, compare, "WHERE "+s.within()+" AND call_id <= ?3", day, ends, mark)
	return broken + int64(len(have)), answers, err
}

func lawBroken(name string, rows int64, err error) error {
	if err == nil && rows != 0 {
		err = fmt.Errorf("law broken: %s (%d rows)", name, rows)
	}
	return err
}

// law is a statement that holds of every closed run; its query counts the rows that break it.
type law struct{ name, query string }

// runLaws take the run's number as ?1 and cost what the run did; bookLaws read everything.
var (
	runLaws = []law{
		{"every intent has one outcome", `SELECT count(*) FROM calls k WHERE k.run_id = ?1 AND NOT EXISTS ` +
			`(SELECT 1 FROM outcomes o WHERE o.call_id = k.call_id)`},
		{"every answered call keeps its answer, no other has one", `SELECT count(*) FROM calls k
			JOIN outcomes o USING (call_id) LEFT JOIN answers a USING (call_id)
			WHERE k.run_id = ?1 AND (o.outcome = 'answered') <> (a.call_id IS NOT NULL)`},
		{"an asked check has left its first state or says why not", `SELECT count(*) FROM calls k
			JOIN checks c USING (check_id)
			WHERE k.run_id = ?1 AND (c.attempts < k.attempt OR (c.state = 'done') <> EXISTS (SELECT 1 FROM answers a
			WHERE a.check_id = c.check_id AND a.standing = 1))`},
		{"rows = rejected + duplicate + known + new, by list and by region", `SELECT count(*) FROM lists l
			WHERE l.run_id = ?1 AND
			(l.rows <> l.rejected + l.duplicate + l.known + l.new
			OR l.rejected <> (SELECT count(*) FROM rejects r WHERE r.list_id = l.list_id)
			OR l.duplicate + l.known + l.new <> (SELECT coalesce(sum(duplicate + known + new), 0) FROM list_regions r
			WHERE r.list_id = l.list_id))`},
		{callsLaw, recounted(" AND run_id = ?1")},
	}
	bookLaws = []law{
		{"usage counts every outcome once",
			`SELECT abs((SELECT coalesce(sum(calls), 0) FROM usage) - (SELECT count(*) FROM outcomes))`},
		{"usage counts every PAY once", `SELECT abs((SELECT coalesce(sum(calls), 0) FROM usage WHERE tag = ` +
			`'pay') - (SELECT count(*) FROM outcomes WHERE tag = 'pay'))`},
		{"every new row of a list is a check",
			`SELECT abs((SELECT coalesce(sum(new), 0) FROM lists) - (SELECT count(*) FROM checks))`},
		{"a check is done exactly when it has a standing answer", `SELECT count(*) FROM checks c WHERE (c.state ` +
			`= 'done') <> EXISTS (SELECT 1 FROM answers a WHERE a.check_id = c.check_id AND a.standing = 1)`},
		{"a transaction ID stands on one call, or its calls are suspect", `SELECT count(*) FROM outcomes o
			WHERE o.transaction_id <> '' AND o.call_id <= ` + transactionsTo + `
			AND o.call_id NOT IN (SELECT call_id FROM transactions) AND o.call_id NOT IN (SELECT call_id FROM suspects)
			AND NOT EXISTS (SELECT 1 FROM calls k JOIN calls l USING (check_id) JOIN outcomes p ON p.call_id = l.call_id
				WHERE k.call_id = o.call_id AND l.call_id <> k.call_id AND p.transaction_id = o.transaction_id)`},
		{"a suspect call was answered, an answer that was not believed was not", `SELECT (SELECT count(*)
			FROM suspects s WHERE NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.call_id = s.call_id
			AND o.outcome = 'answered'))
			+ (SELECT count(*) FROM repeated_answers r WHERE NOT EXISTS (SELECT 1 FROM outcomes o
			WHERE o.call_id = r.call_id AND o.outcome = 'unanswered' AND o.cause = 'repeated'))`},
		{"only what is settled is asked once more, only what is pending waits for a score", `SELECT (SELECT count(*)
			FROM checks WHERE again <> '' AND state NOT IN ('done', 'absent', 'refused', 'given_up'))
			+ (SELECT count(*) FROM checks WHERE no_score > 0 AND state NOT IN ('pending', 'in_doubt'))`},
		{"a list's regions count its new checks", `SELECT count(*) FROM (SELECT list_id, region, new FROM ` +
			`list_regions WHERE new > 0 EXCEPT SELECT list_id, region, count(*) FROM checks GROUP BY list_id, region)`},
		{callsLaw, recounted("")},
	}
)

// AuditRun asserts the conservation laws of one run. The error names every law that is broken and by how many rows.
func (b Books) AuditRun(ctx context.Context, runID int64) error {
	return errors.Join(b.audit(ctx, runLaws, runID), b.withSnapshot(ctx, func(f *Snapshot) error {
		return f.Scores().auditRun(ctx, runID)
	}))
}

// Audit asserts the conservation laws of the whole database; it reads all of it.
func (b Books) Audit(ctx context.Context) error {
	return errors.Join(b.audit(ctx, bookLaws), b.withSnapshot(ctx, func(f *Snapshot) error {
		return errors.Join(f.Scores().audit(ctx), f.Paid().audit(ctx))
	}))
}

func (b Books) withSnapshot(ctx context.Context, read func(*Snapshot) error) error {
	f, err := b.snapshot(ctx)
	if err != nil {
		return err
	}
	return errors.Join(read(f), f.Close())
}

func (b Books) audit(ctx context.Context, laws []law, args ...any) error {
	var broken []error
	for _, l := range laws {
		var n sql.NullInt64
		if err := b.read.QueryRowContext(ctx, l.query, args...).Scan(&n); err != nil {
			return fmt.Errorf("audit %q: %w", l.name, err)
		}
		if n.Int64 != 0 {
			broken = append(broken, fmt.Errorf("law broken: %s (%d rows)", l.name, n.Int64))
		}
	}
	return errors.Join(broken...)
}
