package rollup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"

	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
)

// The laws of the rollups. A rollup without a mark holds nothing, and nothing is held against it.
const (
	scoresLaw = "counts of scores hold every standing answer up to their mark"
	paidLaw   = "paid transactions are those of the calls up to their mark"
	callsLaw  = "counts of calls hold every call up to their mark"

	originsLaw = "kept origins are those of the answers of their day"

	callsUpTo = "(SELECT up_to FROM rollups WHERE name = 'calls')"
)

// AuditRun asserts the laws of the counts as far as one run goes: it costs what the run did, and what the days hold
// that its answers belong to. The error names every law that is broken and by how many rows.
func AuditRun(ctx context.Context, db sqlrow.Queryer, runID int64) error {
	return errors.Join(auditCalls(ctx, db, " AND run_id = ?1", runID), auditRunScores(ctx, db, runID),
		auditBelowZero(ctx, db))
}

// Audit asserts the laws of the counts; it reads everything that they count.
func Audit(ctx context.Context, db sqlrow.Queryer) error {
	return errors.Join(auditCalls(ctx, db, ""), auditScores(ctx, db), auditPaid(ctx, db), auditBelowZero(ctx, db),
		auditUsage(ctx, db), auditOrigins(ctx, db))
}

// auditCalls compares what call_counts holds of some runs with the journal.
func auditCalls(ctx context.Context, db sqlrow.Queryer, runs string, args ...any) error {
	var broken int64
	err := db.QueryRowContext(ctx, recounted(runs), args...).Scan(&broken)
	return lawBroken(callsLaw, broken, err)
}

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

// auditRunScores compares the days that a run's answers belong to with the answers, by their totals. It costs what
// these days hold.
func auditRunScores(ctx context.Context, db sqlrow.Queryer, runID int64) error {
	clock, mark, known, err := scoresMark(ctx, db)
	if err != nil || !known {
		return err
	}
	at := At(clock)
	var first, last sql.NullInt64
	err = db.QueryRowContext(ctx, "SELECT min("+at+"), max("+at+
		") FROM calls k CROSS JOIN answers a USING (call_id) WHERE k.run_id = ?", runID).Scan(&first, &last)
	if err != nil || !first.Valid {
		return err
	}
	var broken int64
	err = db.QueryRowContext(ctx, fmt.Sprintf(`WITH d AS (SELECT day, ends, sum(answers) AS counted, (SELECT count(*)
		FROM answers WHERE standing = 1 AND %[1]s >= day AND %[1]s < ends AND call_id <= ?3) AS held
			FROM score_counts WHERE day <= ?2 AND ends > ?1 GROUP BY day, ends)
		SELECT (SELECT count(*) FROM d WHERE counted <> held) + (SELECT count(*) FROM answers WHERE standing = 1
		AND %[1]s >= ?1 AND %[1]s <= ?2 AND call_id <= ?3
			AND NOT EXISTS (SELECT 1 FROM d WHERE %[1]s >= day AND %[1]s < ends))`, at), first.Int64, last.Int64,
		mark).Scan(&broken)
	return lawBroken(scoresLaw, broken, err)
}

// auditScores counts all answers up to the mark again, and compares score by score.
func auditScores(ctx context.Context, db sqlrow.Queryer) error {
	clock, mark, known, err := scoresMark(ctx, db)
	if err != nil || !known {
		return err
	}
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT day, ends FROM score_counts ORDER BY day")
	days, err := sqlrow.Collect(rows, err, "read days", func(d *[2]int64) error { return rows.Scan(&d[0], &d[1]) })
	if err != nil {
		return err
	}
	var broken, held int64
	for _, d := range days {
		n, answers, err := auditDay(ctx, db, clock, d[0], d[1], mark)
		if err != nil {
			return err
		}
		broken, held = broken+n, held+answers
	}
	var all int64
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM answers WHERE standing = 1 AND call_id <= ?", mark).Scan(&all)
	return lawBroken(scoresLaw, broken+max(all-held, held-all), err)
}

// scoresMark returns the mark of score_counts, and the clock that they were counted by.
func scoresMark(
	ctx context.Context, db sqlrow.Queryer,
) (clock calendar.Clock, mark int64, known bool, err error) {
	var madeFor string
	err = db.QueryRowContext(ctx, "SELECT up_to, made_for FROM rollups WHERE name = 'scores'").Scan(&mark, &madeFor)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, false, nil
	}
	return calendar.ClockOf(madeFor), mark, err == nil, err
}

// auditDay counts the rows of a day that are not what its answers add up to; answers is how many there are.
func auditDay(
	ctx context.Context, db sqlrow.Queryer, clock calendar.Clock, day, ends, mark int64,
) (broken, answers int64, err error) {
	have := map[scoreKey]*scoreCount{}
	rows, err := db.QueryContext(ctx, "SELECT region, endpoint, attack_type, answers, scores FROM score_counts "+
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
	err = eachStanding(ctx, db, clock, func(int64) (int64, int64) {
		return day, ends
	}, math.MaxInt, compare, "WHERE "+Within(clock)+" AND call_id <= ?3", day, ends, mark)
	return broken + int64(len(have)), answers, err
}

func lawBroken(name string, rows int64, err error) error {
	if err == nil && rows != 0 {
		err = fmt.Errorf("law broken: %s (%d rows)", name, rows)
	}
	return err
}
