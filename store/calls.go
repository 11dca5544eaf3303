package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// State says where a check stands.
type State string

// The states of a check.
const (
	Pending State = "pending"  // to be asked
	Done    State = "done"     // has its result
	Absent  State = "absent"   // the vendor has nothing under this ID
	Refused State = "refused"  // the vendor refused the request for this ID
	InDoubt State = "in_doubt" // the last request may have been served and charged, its answer is lost
	GivenUp State = "given_up" // asked too often, or paid for without a result: a person decides
	Held    State = "held"     // perhaps asked in what an older copy lost: not asked before a person says so
)

// Outcome says what became of a call.
type Outcome string

// The three outcomes. Nothing else can happen to a call whose intent was committed.
const (
	Answered   Outcome = "answered"   // a whole, valid envelope came back
	Unsent     Outcome = "unsent"     // provably never left this machine
	Unanswered Outcome = "unanswered" // may have been served: in doubt
)

// Tag is what a call costs, as far as the vendor said.
type Tag string

// The tags. An unanswered call's tag is unknown, an unsent one's none.
const (
	TagPay     Tag = "pay"
	TagFree    Tag = "free"
	TagUnknown Tag = "unknown"
	TagNone    Tag = "none"
)

// Reason says why a call was made; every call beyond an ID's first has a named one.
type Reason string

// The reasons of a call.
const (
	ReasonFirst   Reason = "first"   // the ID's first request
	ReasonResume  Reason = "resume"  // begun in an earlier run and left pending
	ReasonRetry   Reason = "retry"   // after a FREE answer that asks for another try, or after an unsent one
	ReasonDoubt   Reason = "doubt"   // after an unanswered one: may pay twice, under the repeat policy
	ReasonRecheck Reason = "recheck" // RESULT_NOT_FOUND asked again on a later night
	ReasonForced  Reason = "forced"  // asked for by a person
)

// Intent is the decision to send one request.
type Intent struct {
	CheckID  int64
	Attempt  int // 1 for an ID's first request
	RunID    int64
	Reason   Reason
	Endpoint string
	Region   string
	At       time.Time
	From     State // the check's state before this call, to go back to when it turns out unsent
}

// Answer is what an envelope said, apart from money.
type Answer struct {
	CapturedAt    time.Time // zero when the vendor gave none
	Standing      bool      // this is the check's result
	Score         *float64
	ScoreText     string
	AttackType    string
	AttackSubType string
	Oddities      string
	Message       string
	Body          string // the answer without image links
	Images        []Image
}

// Result is a call's outcome with everything that is committed in the same transaction.
type Result struct {
	Outcome       Outcome
	Cause         string
	SentAt        time.Time // zero when unsent
	EndedAt       time.Time
	HTTPStatus    int
	Code          string
	Class         string
	Pricing       string // as received
	Tag           Tag
	TransactionID string
	BodySHA256    [sha256.Size]byte // zero when no body came
	Answer        *Answer           // nil unless answered
	State         State             // the check's state from now on
	Doubtful      bool              // adds one to the check's doubts
	NotFound      bool              // absent, and may be asked again on a later night
	Sightings     []Sighting        // what the vendor's page does not document
}

// The statements of one call's life. They are prepared once a journal.
const (
	insertCallSQL = `INSERT INTO calls (check_id, attempt, run_id, reason, endpoint, region, intended_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`
	insertOutcomeSQL = `INSERT INTO outcomes (call_id, outcome, cause, sent_at, ended_at, http_status, code, class, pricing, tag, transaction_id, body_sha256)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	clearStandingSQL = `UPDATE answers SET standing = 0 WHERE check_id = ? AND standing = 1
		RETURNING call_id, answered_at, captured_at, region, endpoint, attack_type, score`
	insertAnswerSQL = `INSERT INTO answers (call_id, check_id, answered_at, captured_at, region, endpoint, standing, score, score_text, attack_type, attack_sub_type, oddities, message, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateCheckSQL = `UPDATE checks SET state = ?, attempts = max(attempts, ?), doubts = doubts + ?, not_found = ?, forced = 0, changed_at = ? WHERE check_id = ?`
	upsertUsageSQL = `INSERT INTO usage (quarter, endpoint, region, outcome, code, pricing, tag, calls) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET calls = calls + excluded.calls`
)

// quarter is the quarter hour (UTC) a time falls in, counted from the Unix epoch.
func quarter(t time.Time) int64 { return t.Unix() / 900 }

// usageKey is a row of usage without its count.
type usageKey struct {
	quarter          int64
	endpoint, region string
	outcome          Outcome
	code, pricing    string
	tag              Tag
}

func usageOf(in Intent, r Result) usageKey {
	at := r.SentAt
	if at.IsZero() {
		at = in.At
	}
	return usageKey{quarter(at), in.Endpoint, in.Region, r.Outcome, r.Code, r.Pricing, r.Tag}
}

// callWriter holds the prepared statements on one connection.
type callWriter struct {
	conn                                                                  *sql.Conn
	call, outcome, clear, answer, check, usage, evidence, source, novelty *sql.Stmt
}

func prepareCalls(ctx context.Context, conn *sql.Conn) (*callWriter, error) {
	w := &callWriter{conn: conn}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{{&w.call, insertCallSQL}, {&w.outcome, insertOutcomeSQL}, {&w.clear, clearStandingSQL}, {&w.answer, insertAnswerSQL},
		{&w.check, updateCheckSQL}, {&w.usage, upsertUsageSQL},
		{&w.evidence, insertEvidenceSQL}, {&w.source, insertSourceSQL}, {&w.novelty, upsertNoveltySQL}} {
		var err error
		if *p.stmt, err = conn.PrepareContext(ctx, p.text); err != nil {
			return nil, errors.Join(fmt.Errorf("prepare calls: %w", err), w.close())
		}
	}
	return w, nil
}

func (w *callWriter) close() error {
	var err error
	for _, s := range []*sql.Stmt{w.call, w.outcome, w.clear, w.answer, w.check, w.usage, w.evidence, w.source, w.novelty} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return err
}

// insertIntent returns the number SQLite gave the call: one more than the last, whoever wrote that.
func (w *callWriter) insertIntent(in Intent) (int64, error) {
	res, err := w.call.Exec(in.CheckID, in.Attempt, in.RunID, string(in.Reason), in.Endpoint, in.Region, millis(in.At))
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

func (w *callWriter) insertResult(id int64, in Intent, r Result) error {
	var status, hash any
	if r.HTTPStatus != 0 {
		status = r.HTTPStatus
	}
	if r.BodySHA256 != [sha256.Size]byte{} {
		hash = r.BodySHA256[:]
	}
	_, err := w.outcome.Exec(id, string(r.Outcome), r.Cause, nullMillis(r.SentAt), millis(r.EndedAt), status, r.Code, r.Class, r.Pricing,
		string(r.Tag), r.TransactionID, hash)
	if err != nil {
		return fmt.Errorf("outcome: %w", err)
	}
	if r.Answer != nil {
		if err := w.insertAnswer(id, in, r); err != nil {
			return err
		}
	}
	_, err = w.check.Exec(string(r.State), in.Attempt, btoi(r.Doubtful), btoi(r.NotFound), millis(r.EndedAt), in.CheckID)
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}

func (w *callWriter) insertAnswer(id int64, in Intent, r Result) error {
	a := r.Answer
	if a.Standing && in.Attempt > 1 { // only a repeat can meet an older result
		if err := w.clearStanding(in.CheckID); err != nil {
			return fmt.Errorf("older answer: %w", err)
		}
	}
	var score any
	if a.Score != nil {
		score = *a.Score
	}
	_, err := w.answer.Exec(id, in.CheckID, millis(r.EndedAt), nullMillis(a.CapturedAt), in.Region, in.Endpoint, btoi(a.Standing), score,
		a.ScoreText, a.AttackType, a.AttackSubType, a.Oddities, a.Message, a.Body)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return w.insertImages(id, in, r)
}

// clearStanding makes an older answer to a check no longer its result.
func (w *callWriter) clearStanding(checkID int64) error {
	rows, err := w.clear.Query(checkID)
	cleared, err := collect(rows, err, "clear", func(a *clearedAnswer) error {
		return rows.Scan(&a.callID, &a.answeredAt, &a.capturedAt, &a.region, &a.endpoint, &a.attackType, &a.score)
	})
	for _, a := range cleared {
		err = errors.Join(err, uncount(context.Background(), w.conn, a))
	}
	return err
}

func (w *callWriter) addUsage(counts map[usageKey]int64) error {
	for k, n := range counts {
		_, err := w.usage.Exec(k.quarter, k.endpoint, k.region, string(k.outcome), k.code, k.pricing, string(k.tag), n)
		if err != nil {
			return fmt.Errorf("usage: %w", err)
		}
	}
	return nil
}
