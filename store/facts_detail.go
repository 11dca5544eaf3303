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

// storedImage is the most telling stored image of a call of table s.
const storedImage = "coalesce((SELECT e.path FROM evidence e WHERE e.call_id = s.call_id AND e.state = 'stored' ORDER BY e.kind DESC LIMIT 1), '')"

// detailSQL takes the calls of s, which is ordered and limited; CROSS JOIN keeps its order.
const detailSQL = `SELECT a.check_id, a.call_id, c.kind, coalesce(c.id, ''), a.region, a.endpoint, a.answered_at, a.captured_at, a.score, a.attack_type, a.attack_sub_type,
	o.code, o.pricing, o.transaction_id, a.oddities, l.path, c.line, ` + storedImage + `
	FROM (SELECT call_id FROM answers WHERE %s ORDER BY %s, region, endpoint, attack_type, score, call_id LIMIT ?4 OFFSET ?3) s CROSS JOIN answers a ON a.call_id = s.call_id
	CROSS JOIN checks c ON c.check_id = a.check_id CROSS JOIN outcomes o ON o.call_id = a.call_id CROSS JOIN lists l ON l.list_id = c.list_id`

// EachDetail gives the checks answered in [from, to), oldest first: at most limit of them, after the first skip. A
// row is valid during the call only; a copy of it is valid for ever.
func (f *Facts) EachDetail(ctx context.Context, from, to time.Time, skip, limit int, each func(*Detail) error) error {
	rows, err := f.tx.QueryContext(ctx, fmt.Sprintf(detailSQL, f.within(), f.Clock.at()), millis(from), millis(to), skip, limit)
	if err != nil {
		return fmt.Errorf("read details: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var d Detail
	var answered int64
	var captured sql.NullInt64
	for rows.Next() {
		var score sql.NullFloat64 // of this row alone
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

// Suspect is one check whose standing answer is suspicious: a row of the manual queue.
type Suspect struct {
	CallID        int64
	ID            string // "" after it was erased
	Region        string
	AnsweredAt    time.Time
	Score         float64
	AttackType    string // as received
	TransactionID string
	Image         string // as Detail has it
}

// suspectSQL reads few answers and no other column of them than the index has: they lie far apart, each on a page of its own.
const suspectSQL = `SELECT s.call_id, coalesce(c.id, ''), s.region, s.answered_at, s.score, s.attack_type, o.transaction_id, ` + storedImage + `
	FROM (SELECT call_id, check_id, region, answered_at, score, attack_type FROM %s AND (score < ?3 OR (score = ?3 AND NOT ?4))
		ORDER BY CASE WHEN attack_type = '2' OR score < 10 THEN 1 WHEN attack_type = '1' OR score < 30 THEN 2 ELSE 3 END, %s DESC, call_id DESC LIMIT ?6 OFFSET ?5) s
	CROSS JOIN checks c ON c.check_id = s.check_id CROSS JOIN outcomes o ON o.call_id = s.call_id`

// EachSuspicious gives the checks of [from, to) that scored below the threshold, or on it unless inclusive, in the order in
// which people should look at them: injections and scores below 10 first, then presentation attacks and scores below 30,
// the newest first within each. At most limit of them, after the first skip.
func (f *Facts) EachSuspicious(ctx context.Context, from, to time.Time, threshold float64, inclusive bool, skip, limit int, each func(*Suspect) error) error {
	rows, err := f.tx.QueryContext(ctx, fmt.Sprintf(suspectSQL, f.fromSuspects(threshold, inclusive), f.Clock.at()),
		millis(from), millis(to), threshold, btoi(inclusive), skip, limit)
	if err != nil {
		return fmt.Errorf("read suspicious checks: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var s Suspect
	var answered int64
	for rows.Next() {
		if err := rows.Scan(&s.CallID, &s.ID, &s.Region, &answered, &s.Score, &s.AttackType, &s.TransactionID, &s.Image); err != nil {
			return fmt.Errorf("read suspicious checks: %w", err)
		}
		s.AnsweredAt = fromMillis(answered)
		if err := each(&s); err != nil {
			return err
		}
	}
	return rows.Err()
}
