package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/mention"
)

// Purged holds what a purge takes out, or has taken out.
type Purged struct {
	Lists   int64 // that held something
	Checks  int64
	Answers int64
	Rejects int64
}

func (p *Purged) plus(o Purged) {
	p.Checks, p.Answers, p.Rejects = p.Checks+o.Checks, p.Answers+o.Answers, p.Rejects+o.Rejects
	if o.Checks+o.Answers+o.Rejects > 0 {
		p.Lists++
	}
}

// purgeStep bounds how many checks one transaction takes, so that others never wait long and the log stays small.
const purgeStep = 5000

// closedBefore holds the checks of a range of numbers that were last touched before a time and wait for nothing.
const closedBefore = `check_id >= ?1 AND check_id < ?2 AND changed_at < ?3 AND again = '' AND state NOT IN ` +
	`('pending', 'in_doubt', 'held')`

// Purgeable counts what Purge would take out.
func (p Personal) Purgeable(ctx context.Context, before time.Time) (Purged, error) {
	var sum Purged
	err := p.eachPurgeable(ctx, before, func(l purgeList) error {
		var n Purged
		err := p.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM checks
			WHERE `+closedBefore+` AND (id IS NOT NULL OR other_id IS NOT NULL OR reference IS NOT NULL)),
			(SELECT count(*) FROM (SELECT check_id FROM checks WHERE `+closedBefore+`) JOIN calls USING (check_id)
			JOIN answers a USING (call_id) WHERE (a.body IS NOT NULL OR a.message IS NOT NULL)),
			(SELECT count(*) FROM rejects WHERE list_id = ?4 AND value <> ?5)`, l.from, l.to, sqlrow.Millis(before),
			l.id, Erased).Scan(&n.Checks, &n.Answers, &n.Rejects)
		sum.plus(n)
		return err
	})
	if err != nil {
		return Purged{}, fmt.Errorf("count what is to be purged: %w", err)
	}
	return sum, nil
}

// Purge takes IDs, references, messages, answers as received and the text of rejected rows out of lists read before a
// time, as far as their checks were last touched before it, too. Open checks keep their ID until they are answered.
// What names nobody stays: states, scores, calls, prices. A list that has nothing left is not looked at again, so a
// nightly purge costs what became too old since the last one. Freed bytes are overwritten.
func (p Personal) Purge(ctx context.Context, before, now time.Time) (Purged, error) {
	var sum Purged
	err := p.eachPurgeable(ctx, before, func(l purgeList) error {
		p, err := p.purgeList(ctx, l, before, now)
		sum.plus(p)
		return err
	})
	if err == nil && sum.Lists > 0 {
		_, err = p.write.ExecContext(ctx,
			"INSERT INTO erasures (kind, cutoff, erased_at, checks, answers, rejects) VALUES ('purge', ?, ?, ?, ?, ?)",
			sqlrow.Millis(before), sqlrow.Millis(now), sum.Checks, sum.Answers, sum.Rejects)
	}
	if err != nil {
		return sum, fmt.Errorf("purge: %w", err)
	}
	return sum, nil
}

// purgeList represents a list and the numbers of the checks that came with it.
type purgeList struct{ id, from, to int64 }

// eachPurgeable gives the lists read before a time that may hold something.
func (p Personal) eachPurgeable(ctx context.Context, before time.Time, each func(purgeList) error) error {
	var lists []purgeList
	// ended before anything is written: what is being read would keep the log
	if err := sqlrow.ReadTx(ctx, p.read, func(tx *sql.Tx) (err error) {
		lists, err = listsToPurge(ctx, tx, before)
		return err
	}); err != nil {
		return err
	}
	for _, l := range lists {
		if err := each(l); err != nil {
			return err
		}
	}
	return nil
}

func listsToPurge(ctx context.Context, tx *sql.Tx, before time.Time) ([]purgeList, error) {
	rows, err := tx.QueryContext(ctx, `SELECT list_id FROM lists WHERE read_at < ? AND list_id NOT IN (SELECT `+
		`list_id FROM purged_lists) ORDER BY list_id`, sqlrow.Millis(before))
	lists, err := sqlrow.Collect(rows, err, "read lists to purge", func(l *purgeList) error { return rows.Scan(&l.id) })
	if err != nil {
		return nil, err
	}
	var borders []int64
	for _, l := range lists {
		borders = append(borders, l.id, l.id+1)
	}
	first, err := query.FirstChecks(ctx, tx, slices.Compact(borders))
	for i, l := range lists {
		lists[i].from, lists[i].to = first[l.id], first[l.id+1]
	}
	return lists, err
}

func (p Personal) purgeList(ctx context.Context, l purgeList, before, now time.Time) (Purged, error) {
	var sum Purged
	for from := l.from; from < l.to; from += purgeStep {
		step := purgeList{l.id, from, min(from+purgeStep, l.to)}
		err := p.writing(ctx, func(tx *sql.Tx) error { return purgeChecks(ctx, tx, step, before, &sum) })
		if err != nil {
			return sum, err
		}
	}
	return sum, p.writing(ctx, func(tx *sql.Tx) error {
		if err := sqlrow.ExecCount(ctx, tx, &sum.Rejects,
			"UPDATE rejects SET value = ?2, detail = '' WHERE list_id = ?1 AND value <> ?2", l.id, Erased); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO purged_lists (list_id, purged_at) SELECT ?1, ?4
			WHERE NOT EXISTS (SELECT 1 FROM checks
			WHERE check_id >= ?2 AND check_id < ?3 AND (id IS NOT NULL OR other_id IS NOT NULL
			OR reference IS NOT NULL))`, l.id, l.from, l.to, sqlrow.Millis(now))
		return err
	})
}

func purgeChecks(ctx context.Context, tx *sql.Tx, l purgeList, before time.Time, sum *Purged) error {
	err := sqlrow.ExecCount(ctx, tx, &sum.Answers, `UPDATE answers SET message = NULL, body = NULL
		WHERE (body IS NOT NULL OR message IS NOT NULL)
		AND call_id IN (SELECT call_id FROM calls WHERE check_id IN (SELECT check_id FROM checks
		WHERE `+closedBefore+`))`, l.from, l.to, sqlrow.Millis(before))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE decisions SET comment = NULL WHERE comment IS NOT NULL
		AND call_id IN (SELECT call_id FROM calls WHERE check_id IN (SELECT check_id FROM checks
		WHERE `+closedBefore+`))`, l.from, l.to, sqlrow.Millis(before))
	if err != nil {
		return err
	}
	old := "SELECT check_id FROM checks WHERE " + closedBefore + " AND id IS NOT NULL"
	if err := mention.MaskEchoes(ctx, tx, old, Erased, l.from, l.to, sqlrow.Millis(before)); err != nil {
		return err
	}
	if err := forgetClosedRisk(ctx, tx, old,
		l.from, l.to, sqlrow.Millis(before)); err != nil {
		return err
	}
	return sqlrow.ExecCount(ctx, tx, &sum.Checks, `UPDATE checks
		SET id = NULL, other_id = NULL, reference = NULL, not_found = 0
		WHERE `+closedBefore+` AND (id IS NOT NULL OR other_id IS NOT NULL OR reference IS NOT NULL)`, l.from, l.to,
		sqlrow.Millis(before))
}

// Listed returns how many IDs were ever listed, those included that were taken out.
func (p Personal) Listed(ctx context.Context) (n int64, err error) {
	err = p.read.QueryRowContext(ctx, "SELECT coalesce(max(check_id), 0) FROM checks").Scan(&n)
	return n, err
}

// LastCutoff returns the latest time that Purge was given when it took something out, the zero time when it never did.
func (p Personal) LastCutoff(ctx context.Context) (time.Time, error) {
	var last sql.NullInt64
	if err := p.read.QueryRowContext(ctx, "SELECT max(cutoff) FROM erasures").Scan(&last); err != nil {
		return time.Time{}, fmt.Errorf("read last purge: %w", err)
	}
	return sqlrow.FromNullMillis(last), nil
}

// forgetClosedRisk takes out the kept risk workbooks of months in which checks were answered, since they name the IDs
// of those that wait for people to look at them. Which checks, says a query of their numbers.
func forgetClosedRisk(ctx context.Context, tx *sql.Tx, checks string, args ...any) error {
	var kept int64
	if err := tx.QueryRowContext(ctx,
		"SELECT count(*) FROM closed_files WHERE kind = 'risk' AND content IS NOT NULL").Scan(&kept); err != nil ||
		kept == 0 {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE closed_files SET content = NULL WHERE kind = 'risk' AND content IS NOT NULL
		AND closure_id IN
		(SELECT closure_id FROM closures WHERE month IN (SELECT strftime('%Y-%m', a.answered_at / 1000 + zone.seconds,
		'unixepoch')
			FROM calls k JOIN answers a USING (call_id) CROSS JOIN (SELECT -86400 AS seconds UNION ALL
			SELECT 86400) zone WHERE k.check_id IN (`+checks+`)))`, args...)
	if err != nil {
		return fmt.Errorf("take out kept workbooks: %w", err)
	}
	return nil
}
