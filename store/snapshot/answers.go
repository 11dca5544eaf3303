package snapshot

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"liverecon/store/apichanges"
	"liverecon/store/calendar"
	"liverecon/store/images"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// Detail describes one check with its standing answer: a row of the risk workbook's list of every check.
type Detail struct {
	CheckID       int64
	Kind          string // signatureId or livenessId
	ID            string // "" after it was erased
	Region        string
	Endpoint      string
	AnsweredAt    time.Time
	CapturedAt    time.Time // by the clock of capture alone; zero: the vendor does not say
	Score         *float64
	AttackType    string // as received
	Code          string
	Pricing       string
	TransactionID string
	Repairs       string
	List          string // path of the list it was first in
	Line          int
}

// detailSQL takes the calls of s, which is ordered and limited; CROSS JOIN keeps its order. Every column costs a
// quarter of a microsecond a row; the time of capture is read where days go by it. The texts that are the same in many
// rows come as one, parted by U+001F: see detailReader.
const detailSQL = `SELECT a.check_id, coalesce(c.id, ''), a.answered_at, a.score, o.transaction_id, c.list_id, c.line,
	concat_ws(char(31), c.kind, a.region, a.endpoint, a.attack_type, o.code, o.pricing, a.oddities)%s
	FROM (SELECT call_id FROM answers WHERE %s ORDER BY %s, region, endpoint, attack_type, score, call_id
	LIMIT ?4 OFFSET ?3) s CROSS JOIN answers a ON a.call_id = s.call_id
	CROSS JOIN checks c ON c.check_id = a.check_id CROSS JOIN outcomes o ON o.call_id = a.call_id`

// detailWords holds the texts of one row that many rows share, in the order of detailSQL.
type detailWords [7]string

// mostWords bounds how many different detailWords are remembered.
const mostWords = 10_000

// detailReader makes rows of what detailSQL gives.
type detailReader struct {
	snap  *view
	lists map[int64]string
	words map[string]detailWords
}

// fill sets the texts of d.
func (r *detailReader) fill(ctx context.Context, d *Detail, list int64, packed []byte) error {
	w, known := r.words[string(packed)]
	if !known {
		parts := strings.Split(string(packed), "\x1f")
		if len(parts) != len(w) { // one of the texts holds the separator
			return r.fillSlowly(ctx, d, list)
		}
		if len(r.words) >= mostWords {
			clear(r.words)
		}
		w = detailWords(parts)
		r.words[string(packed)] = w
	}
	d.Kind, d.Region, d.Endpoint, d.AttackType, d.Code, d.Pricing, d.Repairs = w[0], w[1], w[2], w[3], w[4], w[5], w[6]
	d.List = r.lists[list]
	return nil
}

// fillSlowly reads the texts of one row by themselves.
func (r *detailReader) fillSlowly(ctx context.Context, d *Detail, list int64) error {
	d.List = r.lists[list]
	return r.snap.tx.QueryRowContext(ctx, `SELECT c.kind, a.region, a.endpoint, a.attack_type, o.code, o.pricing,
		a.oddities
		FROM answers a JOIN checks c USING (check_id) JOIN outcomes o USING (call_id) WHERE a.check_id = ?
		AND a.standing = 1`, d.CheckID).
		Scan(&d.Kind, &d.Region, &d.Endpoint, &d.AttackType, &d.Code, &d.Pricing, &d.Repairs)
}

// AnswerReader reads standing answers one by one, and what came with them.
type AnswerReader struct{ *view }

// Each gives the checks answered in [from, to), oldest first: at most limit of them, after the first skip. A row is
// valid during the call only; a copy of it is valid for ever.
func (a AnswerReader) Each(ctx context.Context, from, to time.Time, skip, limit int, each func(*Detail) error) error {
	paths, err := a.listPaths(ctx)
	if err != nil {
		return fmt.Errorf("read details: %w", err)
	}
	rows, err := a.tx.QueryContext(ctx, fmt.Sprintf(detailSQL, captured(a.Clock, ", a.captured_at"), a.within(),
		rollup.At(a.Clock)), sqlrow.Millis(from), sqlrow.Millis(to), skip, limit)
	if err != nil {
		return fmt.Errorf("read details: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	r := detailReader{a.view, paths, map[string]detailWords{}}
	var d Detail
	var answered, list int64
	var captured sql.NullInt64
	var packed sql.RawBytes
	into := targets(a.Clock, &captured, &d.CheckID, &d.ID, &answered, nil, &d.TransactionID, &list, &d.Line, &packed)
	for rows.Next() {
		var score sql.NullFloat64 // of this row alone
		into[3] = &score
		err := rows.Scan(into...)
		if err == nil {
			err = r.fill(ctx, &d, list, packed)
		}
		if err != nil {
			return fmt.Errorf("read details: %w", err)
		}
		d.AnsweredAt, d.CapturedAt, d.Score = sqlrow.FromMillis(answered), sqlrow.FromNullMillis(captured), nil
		if score.Valid {
			d.Score = &score.Float64
		}
		if err := each(&d); err != nil {
			return err
		}
	}
	return rows.Err()
}

// listPaths returns the paths of all lists.
func (a AnswerReader) listPaths(ctx context.Context) (map[int64]string, error) {
	paths := map[int64]string{}
	rows, err := a.tx.QueryContext(ctx, "SELECT list_id, path FROM lists")
	_, err = sqlrow.Collect(rows, err, "read lists", func(*struct{}) error {
		var id int64
		var path string
		err := rows.Scan(&id, &path)
		paths[id] = path
		return err
	})
	return paths, err
}

// storedImage holds the most telling stored image of a call of table s.
const storedImage = "coalesce((SELECT e.path FROM evidence e WHERE e.call_id = s.call_id AND e.state = 'stored' " +
	"ORDER BY e.kind DESC LIMIT 1), '')"

// Suspect describes one check whose standing answer is suspicious: a row of the manual queue.
type Suspect struct {
	CallID        int64
	ID            string // "" after it was erased
	Region        string
	AnsweredAt    time.Time
	CapturedAt    time.Time // as in Detail
	Score         float64
	AttackType    string // as received
	TransactionID string
	Image         string // file of its most telling stored image, below the archive's directory; "" when there is none
	Reference     []byte // other columns of its row, JSON; nil after they were erased, and where there are none
}

// suspectSQL reads few answers and no other column of them than the index has: they lie far apart, each on a page of
// its own.
const suspectSQL = `SELECT s.call_id, coalesce(c.id, ''), s.region, s.answered_at, s.score, s.attack_type,
	o.transaction_id, ` + storedImage + `, c.reference%s
	FROM (SELECT call_id, check_id, region, answered_at, score, attack_type FROM %s AND (score < ?3 OR (score = ?3
	AND NOT ?4))
		ORDER BY CAST(substr(?7, 1 + 4 * (` + SuspectBands + ` * CASE attack_type WHEN '2' THEN 0 WHEN '1' THEN 1
		WHEN '3' THEN 2 WHEN '' THEN 3 ELSE 4 END + min(max(CAST(score / 10 AS INTEGER), 0), ` + SuspectBands + ` - 1)), 4)
		AS INTEGER), %s, call_id LIMIT ?6 OFFSET ?5) s
	CROSS JOIN checks c ON c.check_id = s.check_id CROSS JOIN outcomes o ON o.call_id = s.call_id`

// SuspectBands holds the number of bands of ten points that the score parts suspicious checks into; the last is open
// upwards.
const SuspectBands = "6"

// EachSuspicious gives the checks of [from, to) that scored below the threshold, or on it unless inclusive, in the
// order of the ranks of their classes, the oldest first within each. ranks has those of injection, presentation, unsure,
// no and any other attack type, each with a rank below 10,000 for each of SuspectBands. At most limit of them, after the
// first skip. A row is valid during the call only.
func (a AnswerReader) EachSuspicious(
	ctx context.Context, from, to time.Time, threshold float64, inclusive bool, ranks []int, skip, limit int,
	each func(*Suspect) error,
) error {
	var places strings.Builder
	for _, rank := range ranks {
		fmt.Fprintf(&places, "%04d", rank)
	}
	rows, err := a.tx.QueryContext(ctx, fmt.Sprintf(suspectSQL, captured(a.Clock, ", (SELECT captured_at FROM "+
		"answers a WHERE a.call_id = s.call_id)"), a.fromSuspects(threshold, inclusive), rollup.At(a.Clock)),
		sqlrow.Millis(from), sqlrow.Millis(to), threshold, sqlrow.Bool(inclusive), skip, limit, places.String())
	if err != nil {
		return fmt.Errorf("read suspicious checks: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var s Suspect
	var answered int64
	var captured sql.NullInt64
	into := targets(a.Clock, &captured, &s.CallID, &s.ID, &s.Region, &answered, &s.Score, &s.AttackType,
		&s.TransactionID, &s.Image, &s.Reference)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read suspicious checks: %w", err)
		}
		s.AnsweredAt, s.CapturedAt = sqlrow.FromMillis(answered), sqlrow.FromNullMillis(captured)
		if err := each(&s); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Images returns the images of one call, stored or not: result, near, far, audit.
func (a AnswerReader) Images(ctx context.Context, callID int64) ([]images.Wanted, error) {
	return images.OfCall(ctx, a.tx, callID)
}

// APIChanges returns what was seen in [from, to), perhaps not for the first time: first what was first seen last.
// Answers counts all answers that showed it, also outside the period.
func (a AnswerReader) APIChanges(ctx context.Context, from, to time.Time) ([]apichanges.Known, error) {
	return apichanges.Read(ctx, a.tx, from, to)
}

// CountSuspect counts the IDs that still stand as a suspect answer left them which belongs to [from, to) by the clock.
func (a AnswerReader) CountSuspect(ctx context.Context, from, to time.Time) (n int64, err error) {
	err = a.tx.QueryRowContext(ctx, "SELECT count(DISTINCT c.check_id) FROM "+query.OpenSuspects+` AND EXISTS (SELECT 1
		FROM answers a
		WHERE a.call_id = s.call_id AND `+rollup.At(a.Clock)+` >= ? AND `+rollup.At(a.Clock)+` < ?)`,
		sqlrow.Millis(from), sqlrow.Millis(to)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count suspects: %w", err)
	}
	return n, nil
}

// captured returns a last column of a query, the time of capture, where days go by it; else nothing.
func captured(c calendar.Clock, column string) string {
	if c == calendar.ByCapture {
		return column
	}
	return ""
}

// targets returns where the columns of such a query go.
func targets(c calendar.Clock, captured any, columns ...any) []any {
	if c == calendar.ByCapture {
		return append(columns, captured)
	}
	return columns
}
