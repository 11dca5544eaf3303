package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Story is everything known about one check.
type Story struct {
	Check
	OtherID   string
	Reference string
	Score     *float64
	Attack    string // as received
	Places    []Place
	Calls     []StoryCall
	Billed    map[int64][]BilledLine // what standing reconciliations say, by call
	Decisions []StoryDecision
	Images    []StoryImage
	Erased    []time.Time // on request
	Why       string      // of its state, one of the Why constants; "" where the state says it all
	HasResult bool        // an answer is its result, with a score or without
	Suspect   bool        // it still stands as a suspect answer left it
	Noted     bool        // absent, and asked once more if nights after it show that the endpoint knew nobody
	Holds     []StoryHold
}

// StoryHold is one time that an ID was held because an older copy may have lost that it was asked.
type StoryHold struct {
	At         time.Time // when the copy was taken into use
	By         string
	LostFrom   time.Time
	LostUntil  time.Time
	ReleasedAt time.Time // zero: it is held still
	ReleasedBy string
}

// Place is one row of a list in which the ID stood.
type Place struct {
	Path   string
	Line   int
	ReadAt time.Time
	First  bool // the place it was taken from
}

// StoryCall is one request with what became of it.
type StoryCall struct {
	CallID        int64
	RunID         int64
	Attempt       int
	Reason        Reason
	At            time.Time
	Outcome       Outcome // "" while in flight
	Cause         string
	HTTPStatus    int
	Code          string
	Pricing       string
	Tag           Tag
	TransactionID string
	Latency       time.Duration
	Standing      bool
	Resolution    string // of a call in doubt: billed, not billed, or "" while nothing tells
	Repeats       Repeat // what an answer that was not believed repeats
	Suspect       string // why the answer may be another ID's, as SuspectConnection; "" where nothing says so
}

// Explain returns the stories of the checks that ask for an ID: one, or two when it was listed under both kinds, or none.
func (s *Store) Explain(ctx context.Context, id string) ([]Story, error) {
	var stories []Story
	for _, kind := range []string{"signatureId", "livenessId"} {
		hash := HashID(kind, id)
		rows, err := s.read.QueryContext(ctx, `SELECT c.check_id, c.kind, coalesce(c.id, ''), c.region, c.endpoint, c.state, c.attempts, c.doubts, c.rechecks,
			c.unfound, c.no_score, c.again, c.why, a.call_id IS NOT NULL, c.check_id IN (SELECT k.check_id FROM `+openSuspects+` AND k.check_id = c.check_id),
			c.state = 'absent' AND EXISTS (SELECT 1 FROM unconfirmed u WHERE u.check_id = c.check_id),
			coalesce(c.other_id, ''), coalesce(c.reference, ''), a.score, coalesce(a.attack_type, '')
			FROM checks c LEFT JOIN answers a ON a.check_id = c.check_id AND a.standing = 1 WHERE c.id_hash = ?`, hash[:])
		found, err := collect(rows, err, "explain", func(t *Story) error {
			return rows.Scan(&t.ID, &t.Kind, &t.Text, &t.Region, &t.Endpoint, &t.State, &t.Attempts, &t.Doubts, &t.Rechecks, &t.Unfound, &t.NoScores, &t.Again,
				&t.Why, &t.HasResult, &t.Suspect, &t.Noted, &t.OtherID, &t.Reference, &t.Score, &t.Attack)
		})
		if err != nil {
			return nil, err
		}
		for i := range found {
			if err := s.tell(ctx, &found[i]); err != nil {
				return nil, fmt.Errorf("explain: %w", err)
			}
		}
		stories = append(stories, found...)
	}
	return stories, nil
}

func (s *Store) tell(ctx context.Context, t *Story) error {
	var err error
	if t.Places, err = placesOf(ctx, s.read, t.ID); err != nil {
		return err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT k.call_id, k.run_id, k.attempt, k.reason, coalesce(o.sent_at, k.intended_at), coalesce(o.outcome, ''), coalesce(o.cause, ''),
		coalesce(o.http_status, 0), coalesce(o.code, ''), coalesce(o.pricing, ''), coalesce(o.tag, ''), coalesce(o.transaction_id, ''),
		coalesce(o.ended_at - o.sent_at, 0), coalesce(a.standing, 0), v.resolution, coalesce(r.transaction_id, ''), coalesce(r.first_call, 0), coalesce(s.why, '')
		FROM calls k JOIN v_calls v USING (call_id) LEFT JOIN outcomes o USING (call_id) LEFT JOIN answers a USING (call_id)
		LEFT JOIN repeated_answers r USING (call_id) LEFT JOIN suspects s USING (call_id) WHERE k.check_id = ? ORDER BY k.attempt`, t.ID)
	t.Calls, err = collect(rows, err, "calls", func(c *StoryCall) error {
		var at, latency int64
		err := rows.Scan(&c.CallID, &c.RunID, &c.Attempt, &c.Reason, &at, &c.Outcome, &c.Cause, &c.HTTPStatus, &c.Code, &c.Pricing, &c.Tag, &c.TransactionID, &latency, &c.Standing, &c.Resolution,
			&c.Repeats.TransactionID, &c.Repeats.FirstCall, &c.Suspect)
		c.At, c.Latency = fromMillis(at), time.Duration(latency)*time.Millisecond
		return err
	})
	if err != nil {
		return err
	}
	t.Billed = map[int64][]BilledLine{}
	for _, c := range t.Calls {
		if t.Billed[c.CallID], err = linesOf(ctx, s.read, c.CallID); err != nil {
			return err
		}
	}
	return s.tellAfterwards(ctx, t)
}

// placesOf returns the rows of lists in which a check's ID stood.
func placesOf(ctx context.Context, db queryer, check int64) ([]Place, error) {
	rows, err := db.QueryContext(ctx, `SELECT l.path, p.line, l.read_at, p.first FROM
		(SELECT list_id, line, 1 AS first FROM checks WHERE check_id = ?1 UNION ALL SELECT list_id, line, 0 FROM list_repeats WHERE check_id = ?1) p
		JOIN lists l USING (list_id) ORDER BY l.list_id, p.line`, check)
	return collect(rows, err, "places", func(p *Place) error {
		var at int64
		err := rows.Scan(&p.Path, &p.Line, &at, &p.First)
		p.ReadAt = fromMillis(at)
		return err
	})
}

// Doubts counts all calls in doubt: unanswered, or answered without a tag that says PAY or FREE. Those that a statement
// has settled are in doubt no more.
func (s *Store) Doubts(ctx context.Context) (int64, error) {
	var n sql.NullInt64
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM outcomes o INDEXED BY outcomes_in_doubt WHERE (outcome = 'unanswered' OR tag = 'unknown')
		AND NOT EXISTS (SELECT 1 FROM resolutions s JOIN reconciliations c USING (reconciliation_id) WHERE s.call_id = o.call_id AND c.superseded_by IS NULL)`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count doubts: %w", err)
	}
	return n.Int64, nil
}

// CallRecord is one request with its check and outcome.
type CallRecord struct {
	StoryCall
	CheckID  int64
	Kind     string
	Text     string // the ID, "" after it was erased
	Endpoint string
	Region   string
	State    State // of the check, now
}

// EachCall gives all calls in the order of their numbers, with what became of them.
func (s *Store) EachCall(ctx context.Context, each func(CallRecord) error) error {
	rows, err := s.read.QueryContext(ctx, `SELECT k.call_id, k.run_id, k.attempt, k.reason, coalesce(o.sent_at, k.intended_at), coalesce(o.outcome, ''), coalesce(o.cause, ''),
		coalesce(o.http_status, 0), coalesce(o.code, ''), coalesce(o.pricing, ''), coalesce(o.tag, ''), coalesce(o.transaction_id, ''),
		coalesce(o.ended_at - o.sent_at, 0), coalesce(a.standing, 0), k.check_id, c.kind, coalesce(c.id, ''), k.endpoint, k.region, c.state
		FROM calls k JOIN checks c USING (check_id) LEFT JOIN outcomes o USING (call_id) LEFT JOIN answers a USING (call_id) ORDER BY k.call_id`)
	if err != nil {
		return fmt.Errorf("read calls: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var c CallRecord
		var at, latency int64
		err := rows.Scan(&c.CallID, &c.RunID, &c.Attempt, &c.Reason, &at, &c.Outcome, &c.Cause, &c.HTTPStatus, &c.Code, &c.Pricing, &c.Tag, &c.TransactionID,
			&latency, &c.Standing, &c.CheckID, &c.Kind, &c.Text, &c.Endpoint, &c.Region, &c.State)
		if err != nil {
			return fmt.Errorf("read calls: %w", err)
		}
		c.At, c.Latency = fromMillis(at), time.Duration(latency)*time.Millisecond
		if err := each(c); err != nil {
			return err
		}
	}
	return rows.Err()
}

// AnswerRecord is what one answer said of its check, apart from money.
type AnswerRecord struct {
	CallID     int64
	CheckID    int64
	Standing   bool // this is the check's result
	Score      *float64
	AttackType string
	CapturedAt time.Time // zero when the vendor gave none
}

// EachAnswer gives all answers in the order of their calls.
func (s *Store) EachAnswer(ctx context.Context, each func(AnswerRecord) error) error {
	rows, err := s.read.QueryContext(ctx, `SELECT call_id, check_id, standing, score, attack_type, captured_at
		FROM answers ORDER BY call_id`)
	if err != nil {
		return fmt.Errorf("read answers: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var a AnswerRecord
		var captured sql.NullInt64
		if err := rows.Scan(&a.CallID, &a.CheckID, &a.Standing, &a.Score, &a.AttackType, &captured); err != nil {
			return fmt.Errorf("read answers: %w", err)
		}
		a.CapturedAt = fromNullMillis(captured)
		if err := each(a); err != nil {
			return err
		}
	}
	return rows.Err()
}
