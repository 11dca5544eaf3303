package snapshot

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Origin describes where a standing answer with a score comes from, and how its pictures were taken.
type Origin struct {
	Region     string
	Score      float64
	AttackType string // as received
	AnsweredAt time.Time
	CapturedAt time.Time // zero: the vendor does not say
	Gap        *int64    // milliseconds from the far image to the near one; nil: the vendor does not say
	SDKVersion string
	Platform   string
	ListID     int64
	Reference  []byte // other columns of its row, JSON; nil after they were erased, and where there are none
}

// EachOrigin gives the scored standing answers of [from, to), in no order. It costs some 2 microseconds an answer. A row
// is valid during the call only.
func (a AnswerReader) EachOrigin(ctx context.Context, from, to time.Time, each func(*Origin) error) error {
	rows, err := a.tx.QueryContext(ctx, `SELECT a.region, a.score, a.attack_type, a.answered_at, a.captured_at, a.gap_ms,
		a.sdk_version, a.platform, c.list_id, c.reference
		FROM (SELECT call_id FROM answers WHERE `+a.within()+` AND score IS NOT NULL) s
		CROSS JOIN answers a ON a.call_id = s.call_id CROSS JOIN checks c ON c.check_id = a.check_id`,
		sqlrow.Millis(from), sqlrow.Millis(to))
	if err != nil {
		return fmt.Errorf("read where answers come from: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var o Origin
	var answered int64
	var captured, gap sql.NullInt64
	var reference sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&o.Region, &o.Score, &o.AttackType, &answered, &captured, &gap, &o.SDKVersion, &o.Platform,
			&o.ListID, &reference); err != nil {
			return fmt.Errorf("read where answers come from: %w", err)
		}
		o.AnsweredAt, o.CapturedAt, o.Gap = sqlrow.FromMillis(answered), sqlrow.FromNullMillis(captured), nil
		if gap.Valid {
			o.Gap = &gap.Int64
		}
		o.Reference = reference
		if err := each(&o); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ListPaths returns the paths of all lists, by their numbers.
func (a AnswerReader) ListPaths(ctx context.Context) (map[int64]string, error) {
	return a.listPaths(ctx)
}
