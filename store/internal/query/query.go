// Package query holds what the SQL of store and of the packages beside it says alike.
package query

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"sort"
	"strconv"

	"liverecon/store/internal/sqlrow"
)

// OpenSuspects selects the checks that still stand as a suspect answer left them: no later final answer is there. The
// suspects are few, and looked up from their own table.
const OpenSuspects = `suspects s CROSS JOIN calls k USING (call_id) CROSS JOIN checks c USING (check_id)
	WHERE c.state NOT IN ('pending', 'in_doubt') AND NOT EXISTS (SELECT 1 FROM calls l
	CROSS JOIN outcomes o USING (call_id)
		WHERE l.check_id = k.check_id AND l.attempt > k.attempt
		AND o.class IN ('done', 'absent', 'not_found', 'refused'))`

// Unfinished selects the calls k without an outcome: those in flight while a run goes on. All calls up to each of the
// marks have one, so the search costs what the run has done since the last of them.
const Unfinished = `calls k WHERE k.call_id > max(coalesce((SELECT max(up_to) FROM rollups), 0),
	coalesce((SELECT max(CAST(value AS INTEGER)) FROM settings WHERE key IN ('classified_to', 'transactions_to')), 0))
	AND NOT EXISTS (SELECT 1 FROM outcomes u WHERE u.call_id = k.call_id)`

// CallRange selects the first and the last call of the runs that had begun before ?2 and not ended before ?1; the first
// lies after the last when they made none. Numbers of calls ascend from run to run.
const CallRange = `WITH r AS (SELECT min(run_id) AS first, max(run_id) AS last FROM runs
	WHERE started_at < ?2 AND coalesce(ended_at, ?2) >= ?1)
	SELECT coalesce((SELECT call_id FROM calls WHERE run_id >= (SELECT first FROM r) ORDER BY run_id, call_id
	LIMIT 1), 1),
	coalesce((SELECT call_id FROM calls WHERE run_id <= (SELECT last FROM r) ORDER BY run_id DESC, call_id DESC
	LIMIT 1), 0)`

// Usage counts the calls sent in the quarter hours [?1, ?2). One that was begun and has no outcome yet counts as
// unanswered: it may be charged, once.
const Usage = `SELECT quarter, endpoint, region, outcome, code, pricing, tag, sum(calls) FROM (
	SELECT quarter, endpoint, region, outcome, code, pricing, tag, calls FROM usage
	UNION ALL SELECT k.intended_at / 900000, k.endpoint, k.region, 'unanswered', '', '', 'unknown', 1 FROM ` +
	Unfinished + `)
	WHERE quarter >= ?1 AND quarter < ?2 GROUP BY quarter, endpoint, region, outcome, code, pricing, tag
	ORDER BY quarter, endpoint, region, outcome, code, pricing, tag`

// TransactionKey returns what a transaction ID is found by: the number that its 16 hexadecimal digits are, or a hash of
// it.
func TransactionKey(id string) int64 {
	if len(id) == 16 && !slices.ContainsFunc([]byte(id), func(c byte) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'f')
	}) {
		n, _ := strconv.ParseUint(id, 16, 64) // 16 such digits are a number of 64 bits
		return int64(n)
	}
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// scanned sets how many checks are read in the time that the bisection of one border takes.
const scanned = 500

// FirstChecks gives, of each of some lists in ascending order, the lowest number of a check that came with it or a
// later one: a list's new checks are numbered in one go, after those of every earlier list, so list_id ascends with
// check_id. Many borders that are close together are found by reading what is between the first and the last.
func FirstChecks(ctx context.Context, tx *sql.Tx, lists []int64) (first map[int64]int64, err error) {
	first = make(map[int64]int64, len(lists))
	find := func(list int64) {
		if err == nil {
			first[list], err = firstCheck(ctx, tx, list)
		}
	}
	if len(lists) == 0 {
		return first, nil
	}
	begin, end := lists[0], lists[len(lists)-1]
	find(begin)
	find(end)
	if err != nil || first[end]-first[begin] > scanned*int64(len(lists)) {
		for _, list := range lists {
			find(list)
		}
		return first, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT check_id, list_id FROM (SELECT check_id, list_id, lag(list_id, 1, 0)
		OVER (ORDER BY check_id) AS before FROM checks NOT INDEXED WHERE check_id >= ? AND check_id < ?)
		WHERE list_id <> before ORDER BY check_id`, first[begin], first[end])
	next := 0
	_, err = sqlrow.Collect(rows, err, "read where lists begin", func(*struct{}) error {
		var check, of int64
		err := rows.Scan(&check, &of)
		for ; next < len(lists) && lists[next] <= of; next++ {
			first[lists[next]] = check
		}
		return err
	})
	for ; next < len(lists); next++ { // lists behind the last that has checks here
		first[lists[next]] = first[end]
	}
	return first, err
}

// firstCheck returns one of FirstChecks, by bisection.
func firstCheck(ctx context.Context, tx *sql.Tx, list int64) (int64, error) {
	var end int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(check_id), 0) + 1 FROM checks").Scan(&end); err != nil {
		return 0, err
	}
	stmt, err := tx.PrepareContext(ctx, "SELECT list_id FROM checks WHERE check_id >= ? ORDER BY check_id LIMIT 1")
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
