package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Detail is one check with its standing answer: a row of the risk workbook's lists.
type Detail struct {
	CheckID       int64
	CallID        int64
	Kind          string // signatureId or livenessId
	ID            string // "" after it was erased
	Region        string
	Endpoint      string
	AnsweredAt    time.Time
	CapturedAt    time.Time // zero: the vendor gave none
	Score         *float64
	AttackType    string // as received
	AttackSubType string
	Code          string
	Pricing       string
	TransactionID string
	Oddities      string
	List          string // path of the list it was first in
	Line          int
	Image         string // file of its most telling stored image, below the archive's directory; "" when there is none
}

// selectDetail takes the call numbers of s, which is ordered and limited; CROSS JOIN keeps its order.
const selectDetail = `SELECT a.check_id, a.call_id, c.kind, coalesce(c.id, ''), a.region, a.endpoint, a.answered_at, a.captured_at, a.score, a.attack_type, a.attack_sub_type,
	o.code, o.pricing, o.transaction_id, a.oddities, l.path, c.line,
	coalesce((SELECT e.path FROM evidence e WHERE e.call_id = a.call_id AND e.state = 'stored' ORDER BY e.kind DESC LIMIT 1), '')
	FROM (SELECT call_id FROM %s) s CROSS JOIN answers a ON a.call_id = s.call_id
	CROSS JOIN checks c ON c.check_id = a.check_id CROSS JOIN outcomes o ON o.call_id = a.call_id CROSS JOIN lists l ON l.list_id = c.list_id`

// EachDetail gives the checks answered in [from, to), oldest first: at most limit of them, after the first skip.
func (f *Facts) EachDetail(ctx context.Context, from, to time.Time, skip, limit int, each func(*Detail) error) error {
	return f.details(ctx, "answers WHERE "+f.within()+" ORDER BY "+f.Clock.at()+", region, endpoint, attack_type, score, call_id LIMIT ?4 OFFSET ?3",
		[]any{millis(from), millis(to), skip, limit}, each)
}

// EachSuspicious gives the checks of [from, to) that scored below the threshold, or on it unless inclusive, in the order in
// which people should look at them: injections and scores below 10 first, then presentation attacks and scores below 30,
// the newest first within each.
func (f *Facts) EachSuspicious(ctx context.Context, from, to time.Time, threshold float64, inclusive bool, skip, limit int, each func(*Detail) error) error {
	return f.details(ctx, f.fromSuspects(threshold, inclusive)+` AND (score < ?3 OR (score = ?3 AND NOT ?4))
		ORDER BY CASE WHEN attack_type = '2' OR score < 10 THEN 1 WHEN attack_type = '1' OR score < 30 THEN 2 ELSE 3 END, `+f.Clock.at()+` DESC, call_id DESC
		LIMIT ?6 OFFSET ?5`, []any{millis(from), millis(to), threshold, btoi(inclusive), skip, limit}, each)
}

func (f *Facts) details(ctx context.Context, from string, args []any, each func(*Detail) error) error {
	rows, err := f.tx.QueryContext(ctx, fmt.Sprintf(selectDetail, from), args...)
	if err != nil {
		return fmt.Errorf("read details: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var d Detail
	var answered int64
	var captured sql.NullInt64
	var score sql.NullFloat64
	for rows.Next() {
		err := rows.Scan(&d.CheckID, &d.CallID, &d.Kind, &d.ID, &d.Region, &d.Endpoint, &answered, &captured, &score, &d.AttackType, &d.AttackSubType,
			&d.Code, &d.Pricing, &d.TransactionID, &d.Oddities, &d.List, &d.Line, &d.Image)
		if err != nil {
			return fmt.Errorf("read details: %w", err)
		}
		d.AnsweredAt, d.CapturedAt, d.Score = fromMillis(answered), fromNullMillis(captured), nil
		if score.Valid {
			d.Score = &score.Float64
		}
		if err := each(&d); err != nil {
			return err
		}
	}
	return rows.Err()
}
