package rollup

import (
	"context"
	"database/sql"
	"fmt"

	"liverecon/store/internal/sqlrow"
)

const (
	usageLaw = "usage holds what the calls of each quarter hour came to"
	belowLaw = "no count of usage stands below zero"

	// usageOfCalls counts the calls as usage does.
	usageOfCalls = `SELECT coalesce(o.sent_at, k.intended_at) / 900000 AS quarter, k.endpoint, k.region, o.outcome, o.code,
		o.pricing, o.tag, count(*) AS calls FROM calls k CROSS JOIN outcomes o USING (call_id)`
	usageKey = " GROUP BY 1, 2, 3, 4, 5, 6, 7"
)

// BelowZero counts the rows of usage below zero, which no calls can come to: caps and amounts of their month are too
// low. It reads all of usage.
func BelowZero(ctx context.Context, db sqlrow.Queryer) (n int64, err error) {
	if err = db.QueryRowContext(ctx, "SELECT count(*) FROM usage WHERE calls < 0").Scan(&n); err != nil {
		return 0, fmt.Errorf("look for counts below zero: %w", err)
	}
	return n, nil
}

// auditBelowZero asserts that no count is below zero.
func auditBelowZero(ctx context.Context, db sqlrow.Queryer) error {
	n, err := BelowZero(ctx, db)
	return lawBroken(belowLaw, n, err)
}

// auditUsage counts all calls again, and the rows of usage that differ.
func auditUsage(ctx context.Context, db sqlrow.Queryer) error {
	const have = "SELECT quarter, endpoint, region, outcome, code, pricing, tag, calls FROM usage WHERE calls <> 0"
	var broken int64
	err := db.QueryRowContext(ctx, "WITH have AS ("+have+"), made AS ("+usageOfCalls+usageKey+") SELECT "+
		"(SELECT count(*) FROM (SELECT * FROM have EXCEPT SELECT * FROM made)) + "+
		"(SELECT count(*) FROM (SELECT * FROM made EXCEPT SELECT * FROM have))").Scan(&broken)
	return lawBroken(usageLaw, broken, err)
}

// MendUsage counts the quarter hours again of which a row of usage is below zero, from the calls. Where a quarter hour
// counts more calls, or fewer, than there are, the calls cannot tell, and it stays as it is. It returns how many quarter
// hours were mended; it reads the calls only if there is one.
func MendUsage(ctx context.Context, tx *sql.Tx) (mended int64, err error) {
	if n, err := BelowZero(ctx, tx); n == 0 || err != nil {
		return 0, err
	}
	for _, text := range []string{
		"CREATE TEMP TABLE mended AS SELECT * FROM (" + usageOfCalls + " WHERE coalesce(o.sent_at, k.intended_at) / 900000 " +
			"IN (SELECT quarter FROM usage WHERE calls < 0)" + usageKey + ")",
		`DELETE FROM temp.mended WHERE quarter IN (SELECT quarter FROM temp.mended n GROUP BY quarter HAVING sum(calls)
			<> (SELECT sum(calls) FROM usage u WHERE u.quarter = n.quarter))`,
		"DELETE FROM usage WHERE quarter IN (SELECT quarter FROM temp.mended)",
		"INSERT INTO usage SELECT * FROM temp.mended",
	} {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return 0, fmt.Errorf("count usage again: %w", err)
		}
	}
	err = tx.QueryRowContext(ctx, "SELECT count(DISTINCT quarter) FROM temp.mended").Scan(&mended)
	if err == nil {
		_, err = tx.ExecContext(ctx, "DROP TABLE temp.mended")
	}
	if err != nil {
		return 0, fmt.Errorf("count usage again: %w", err)
	}
	return mended, nil
}
