package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"liverecon/store"
)

// Scaled makes a database with equal nights, one a day, the last begun an hour behind the midnight that is a day before
// end: checks of eight regions with scores of two decimals, 5 % of them suspicious, and some of everything that goes
// wrong. SQLite makes the rows itself; a journal would take an hour for 10,000,000.
func Scaled(ctx context.Context, path string, end time.Time, nights, each int) error {
	part := path + ".part"
	s, err := store.Open(ctx, part)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+part+"?_pragma=synchronous(OFF)&_pragma=cache_size(-262144)")
	if err != nil {
		return errors.Join(err, s.Close())
	}
	db.SetMaxOpenConns(1)
	err = errors.Join(fillScaled(ctx, db, end, nights, each), db.Close(), s.Close())
	if err != nil {
		return err
	}
	return os.Rename(part, path)
}

// fillScaled builds the indexes after the rows.
func fillScaled(ctx context.Context, db *sql.DB, end time.Time, nights, each int) error {
	indexes, err := textsOf(ctx, db, "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
	if err != nil {
		return err
	}
	drops, err := textsOf(ctx, db,
		"SELECT 'DROP INDEX ' || name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
	if err != nil {
		return err
	}
	for _, text := range drops {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	for n := range nights {
		start := end.AddDate(0, 0, n-nights).Add(time.Hour).UnixMilli()
		for _, text := range scaledNight {
			_, err := db.ExecContext(ctx, text, sql.Named("night", n+1), sql.Named("each", each), sql.Named("start", start))
			if err != nil {
				return fmt.Errorf("night %d: %w: %s", n+1, err, text)
			}
		}
	}
	for _, text := range indexes {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func textsOf(ctx context.Context, db *sql.DB, query string) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// scaledNight makes one night. A check's number is its call's; a multiplier without a pattern stands for chance.
var scaledNight = []string{
	`INSERT INTO runs (run_id, started_at, ended_at, version, host, pid, simulated, exit_code, verdict)
		VALUES (@night, @start, @start + 14500000, 'bench', '', 1, 1, 3, 'PARTIAL')`,
	`INSERT INTO lists (list_id, run_id, path, sha256, fingerprint, bytes, read_at, rows, rejected, duplicate,
		known, new)
		VALUES (@night, @night, 'lists/' || @night || '.csv', x'00', @night, 0, @start, @each, 0, 0, 0, @each)`,
	`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < @each),
		h AS (SELECT (@night - 1) * @each + i + 1 AS id, i,
			((@night * @each + i) * 2654435761 >> 5) % 1000 AS fate FROM n)
		INSERT INTO checks (check_id, id_hash, kind, id, region, endpoint, list_id, line, state, attempts,
			doubts, changed_at)
		SELECT id, CAST(printf('%016x', id) AS BLOB), 'signatureId', printf('%032x', id * 2654435761),
			substr('COIDMXMYNGPHSGTH', 1 + 2 * (i % 8), 2), 'sg', @night, i + 2,
		CASE WHEN fate < 20 THEN 'absent' WHEN fate < 24 THEN 'refused' WHEN fate < 27 THEN 'in_doubt'
			WHEN fate < 30 THEN 'pending' ELSE 'done' END,
		fate NOT BETWEEN 27 AND 29, fate BETWEEN 24 AND 26, @start FROM h`,
	`INSERT INTO list_regions SELECT @night, region, 0, 0, count(*) FROM checks
		WHERE check_id > (@night - 1) * @each GROUP BY region`,
	`INSERT INTO calls SELECT check_id, check_id, 1, @night, 'first', 'sg', region,
		@start + line * 14400000 / @each
		FROM checks WHERE check_id > (@night - 1) * @each AND state <> 'pending'`,
	`INSERT INTO outcomes SELECT call_id, iif(state = 'in_doubt', 'unanswered', 'answered'),
		iif(state = 'in_doubt', 'timeout', ''), intended_at, intended_at + 200, iif(state = 'in_doubt', NULL,
		200),
		CASE state WHEN 'done' THEN 'SUCCESS' WHEN 'absent' THEN 'LIVENESS_ID_NOT_EXISTED'
			WHEN 'refused' THEN 'PARAMETER_ERROR' ELSE '' END, '',
		CASE state WHEN 'done' THEN 'PAY' WHEN 'in_doubt' THEN '' ELSE 'FREE' END, CASE state
			WHEN 'done' THEN 'pay' WHEN 'in_doubt' THEN 'unknown' ELSE 'free' END, printf('%016x', call_id),
			NULL
		FROM calls JOIN checks USING (check_id) WHERE call_id > (@night - 1) * @each`,
	`WITH h AS (SELECT call_id, state, intended_at, k.region, (call_id * 40503 >> 3) % 100 AS fate,
		(call_id * 2654435761 >> 7) % 1000 AS x, (call_id * 362437 >> 4) % 1000 AS y
			FROM calls k JOIN checks USING (check_id) WHERE call_id > (@night - 1) * @each
				AND state <> 'in_doubt')
		INSERT INTO answers (call_id, check_id, answered_at, captured_at, region, endpoint, standing, score,
			attack_type)
		SELECT call_id, call_id, intended_at + 200, intended_at - 3600000, region, 'sg', state = 'done', CASE
			WHEN state <> 'done' THEN NULL WHEN fate < 5 THEN round(x * y / 20100.0, 2)
			ELSE round(100 - x * y / 20000.0, 2) END,
		CASE WHEN state <> 'done' OR fate >= 5 THEN '' WHEN fate < 2 THEN '1' WHEN fate < 3 THEN '2'
			WHEN fate < 4 THEN '3' ELSE '' END FROM h`,
	`INSERT INTO usage SELECT intended_at / 900000, endpoint, region, outcome, code, pricing, tag, count(*)
		FROM calls JOIN outcomes USING (call_id)
		WHERE call_id > (@night - 1) * @each GROUP BY 1, 2, 3, 4, 5, 6, 7`,
}
