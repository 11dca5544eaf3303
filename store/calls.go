package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"liverecon/store/alias"
	"liverecon/store/apichanges"
	"liverecon/store/images"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// State names the stage that a check has reached.
type State string

// The states of a check.
const (
	Pending State = "pending"  // to be asked
	Done    State = "done"     // has its result
	Absent  State = "absent"   // the vendor has nothing under this ID
	Refused State = "refused"  // the vendor refused the request for this ID
	InDoubt State = "in_doubt" // the last request may have been served and charged, its answer is lost
	GivenUp State = "given_up" // asked too often, or paid for without a result: a person decides; or see WhyOtherID
	Held    State = "held"     // perhaps asked in what an older copy lost: not asked before a person says so
)

// AskedAgain counts in a backlog the settled checks that are to be asked once more. They keep their state meanwhile.
const AskedAgain State = "asked_again"

// What a state alone does not say: Result.Why, and the column why of v_checks.
const (
	WhyNoScore     = "no score yet"           // pending: the answer has no score
	WhyUnfound     = "nobody found"           // pending: called absent when the vendor seemed to know nobody
	WhyMisplaced   = "asked elsewhere"        // pending: absent where it was asked, and belongs to another endpoint
	WhyUnconfirmed = "nobody found yet"       // absent: asked once more when the vendor knows somebody
	WhyEmpty       = "empty result"           // given up: SUCCESS, and nothing with it
	WhyPaidAbsent  = "nobody found, not free" // given up: called absent as for WhyUnfound, and not for free
	WhyPaidFailure = "paid without a result"  // given up: a repeat could be charged again for nothing
	WhyAttempts    = "asked too often"        // given up: too many requests
	WhyDoubts      = "answers lost too often" // given up: too many requests whose answer was lost
	WhyOtherID     = alias.Why                // given up: asked for by the other of its IDs, which is a check of its own
)

// Outcome names what became of a call.
type Outcome string

// The three outcomes. Nothing else can happen to a call whose intent was committed.
const (
	Answered   Outcome = "answered"   // a whole, valid envelope came back
	Unsent     Outcome = "unsent"     // provably never left this machine
	Unanswered Outcome = "unanswered" // may have been served: in doubt
)

// Tag represents the vendor's word on whether a call is to be paid.
type Tag string

// The tags. An unanswered call's tag is unknown, an unsent one's none.
const (
	TagPay     Tag = "pay"
	TagFree    Tag = "free"
	TagUnknown Tag = "unknown"
	TagNone    Tag = "none"
)

// CauseRepeated names the cause of a call whose answer was not believed: another call has its transaction ID.
const CauseRepeated = "repeated"

// Reason names why a call was made; every call beyond an ID's first has a named one.
type Reason string

// The reasons of a call.
const (
	ReasonFirst   Reason = "first"    // the ID's first request
	ReasonResume  Reason = "resume"   // begun in an earlier run and left pending
	ReasonRetry   Reason = "retry"    // after a FREE answer that asks for another try, or after an unsent one
	ReasonDoubt   Reason = "doubt"    // after an unanswered one: may pay twice, under the repeat policy
	ReasonRecheck Reason = "recheck"  // RESULT_NOT_FOUND asked again on a later night
	ReasonNoScore Reason = "no_score" // an answer without a score asked again on a later night
	ReasonForced  Reason = "forced"   // asked for by a person
	ReasonRefresh Reason = "refresh"  // asked for by a person, for an ID that has its result
	ReasonSuspect Reason = "suspect"  // asked for by a person, for an ID that may hold another's answer
	ReasonUnfound Reason = "unfound"  // called absent in a night in which the vendor seemed to know nobody
	// absent at another endpoint, and asked where a list says that it belongs
	ReasonMisplaced Reason = "misplaced"
)

// Intent represents the decision to send one request.
type Intent struct {
	CheckID  int64
	Attempt  int // 1 for an ID's first request
	RunID    int64
	Reason   Reason
	Endpoint string
	Region   string
	At       time.Time
	From     State // the check's state before this call, to go back to when it turns out unsent
	Try      int   // of its run's requests for this check, from 1; 0 where nobody asks
}

// Answer represents the content of an envelope, apart from money.
type Answer struct {
	CapturedAt                time.Time // zero when the vendor gave none
	Current                   bool      `json:"Standing"` // this is the check's result; spill files have its name of before
	Score                     *float64
	ScoreText                 string
	AttackType, AttackSubType string
	Repairs                   string `json:"Oddities"` // made while reading, as liveness.Envelope has them
	Message, Body             string // Body: the answer without image links
	SDKVersion, Platform      string // as received; "" when the vendor gave none
	Gap                       *int64 // milliseconds from the far image to the near one; nil unless the vendor gave both times
	Images                    []images.Image
}

// Result represents a call's outcome with everything that is committed in the same transaction.
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
	BodySHA256    [sha256.Size]byte   // zero when no body came
	Alone         bool                // no other answer can have come to the call, see liveness.Reply
	Answer        *Answer             // nil unless answered
	State         State               // the check's state from now on
	Why           string              // one of the Why constants, "" where the state says it all
	Doubtful      bool                // adds one to the check's doubts
	NotFound      bool                // absent, and may be asked again on a later night
	NoScores      int                 // answers without a score that a pending check has had
	Again         Reason              // for which a settled check is still to be asked once more, "" for none
	Repeats       Repeat              // whose transaction ID an answer bears, believed or not
	APIChanges    []apichanges.Change `json:"Sightings"` // what the vendor's page does not document
}

// Repeat represents an answer that bears the transaction ID of another call: not believed, unless both asked for one
// check. The zero value stands for none.
type Repeat struct {
	TransactionID string
	FirstCall     int64
	Copy          bool // one connection brought both: the first call's answer is its own, and the other a copy of it
}

// The statements of one call's life. They are prepared once a journal.
const (
	insertCallSQL = `INSERT INTO calls (check_id, attempt, run_id, reason, endpoint, region, intended_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`
	insertOutcomeSQL = `INSERT INTO outcomes (call_id, outcome, cause, sent_at, ended_at, http_status, code, class,
		pricing, tag, transaction_id, body_sha256)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	clearStandingSQL = `UPDATE answers SET standing = 0 WHERE check_id = ? AND standing = 1
		RETURNING call_id, answered_at, captured_at, region, endpoint, attack_type, score`
	insertAnswerSQL = `INSERT INTO answers (call_id, check_id, answered_at, captured_at, region, endpoint, standing,
		score, score_text, attack_type, attack_sub_type, oddities, message, body, sdk_version, platform, gap_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateCheckSQL = `UPDATE checks SET state = ?1, attempts = max(attempts, ?2), doubts = doubts + ?3, not_found = ?4,
		forced = 0,
		unfound = unfound AND ?1 IN ('pending', 'in_doubt'), why = ?5, no_score = ?6, again = ?7, changed_at = ?8
		WHERE check_id = ?9`
	// A call that was never sent leaves its check as it was, but for the attempt.
	updateUnsentSQL = `UPDATE checks SET why = CASE WHEN state = ?1 THEN why ELSE ?3 END, state = ?1, attempts = ` +
		`max(attempts, ?2) WHERE check_id = ?4`
	lastCallSQL     = `SELECT coalesce(max(call_id), 0) FROM calls`
	insertRepeatSQL = `INSERT INTO repeated_answers (call_id, transaction_id, first_call) VALUES (?, ?, ?)`
	upsertUsageSQL  = `INSERT INTO usage (quarter, endpoint, region, outcome, code, pricing, tag, calls)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET calls = calls + excluded.calls`
)

// usageKey represents a row of usage without its count.
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
	return usageKey{sqlrow.Quarter(at), in.Endpoint, in.Region, r.Outcome, r.Code, r.Pricing, r.Tag}
}

// callWriter holds the prepared statements on one connection.
type callWriter struct {
	conn                                       *sql.Conn
	call, outcome, clear, answer, check, usage *sql.Stmt
	unsent, repeat, suspect, first, last       *sql.Stmt
	doubtTag, doubtCheck, callOf               *sql.Stmt

	images  *images.Writer
	changes *apichanges.Writer

	doubted []Doubted // see drainDoubted
}

func prepareCalls(ctx context.Context, conn *sql.Conn) (*callWriter, error) {
	w := &callWriter{conn: conn}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{{&w.call, insertCallSQL}, {&w.outcome, insertOutcomeSQL}, {&w.clear, clearStandingSQL},
		{&w.answer, insertAnswerSQL},
		{&w.check, updateCheckSQL}, {&w.unsent, updateUnsentSQL}, {&w.usage, upsertUsageSQL},
		{&w.repeat, insertRepeatSQL}, {&w.suspect, insertSuspectSQL}, {&w.first, suspectFirstSQL},
		{&w.last, lastCallSQL},
		{&w.doubtTag, doubtTagSQL}, {&w.doubtCheck, doubtCheckSQL}, {&w.callOf, callOfSQL}} {
		var err error
		if *p.stmt, err = conn.PrepareContext(ctx, p.text); err != nil {
			return nil, errors.Join(fmt.Errorf("prepare calls: %w", err), w.close())
		}
	}
	var err error
	if w.images, err = images.NewWriter(ctx, conn); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if w.changes, err = apichanges.NewWriter(ctx, conn); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *callWriter) close() error {
	err := errors.Join(w.images.Close(), w.changes.Close())
	for _, s := range []*sql.Stmt{w.call, w.outcome, w.clear, w.answer, w.check, w.unsent, w.usage,
		w.repeat, w.suspect, w.first, w.last, w.doubtTag, w.doubtCheck, w.callOf} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return err
}

// insertIntent returns the number SQLite gave the call: one more than the last, whoever wrote that.
func (w *callWriter) insertIntent(in Intent) (int64, error) {
	res, err := w.call.Exec(in.CheckID, in.Attempt, in.RunID, string(in.Reason), in.Endpoint, in.Region,
		sqlrow.Millis(in.At))
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

func (w *callWriter) insertResult(id int64, in Intent, r *Result) error {
	var status, hash any
	if r.HTTPStatus != 0 {
		status = r.HTTPStatus
	}
	if r.BodySHA256 != [sha256.Size]byte{} {
		hash = r.BodySHA256[:]
	}
	_, err := w.outcome.Exec(id, string(r.Outcome), r.Cause, sqlrow.NullMillis(r.SentAt), sqlrow.Millis(r.EndedAt),
		status, r.Code, r.Class, r.Pricing, string(r.Tag), r.TransactionID, hash)
	if err != nil {
		return fmt.Errorf("outcome: %w", err)
	}
	if r.Outcome == Unsent {
		_, err = w.unsent.Exec(string(r.State), in.Attempt, r.Why, in.CheckID)
	} else {
		err = w.insertBrought(id, in, r)
	}
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	return nil
}

// insertBrought stores what a call that may have been served brought.
func (w *callWriter) insertBrought(id int64, in Intent, r *Result) error {
	if r.Repeats.TransactionID != "" {
		if _, err := w.repeat.Exec(id, r.Repeats.TransactionID, r.Repeats.FirstCall); err != nil {
			return fmt.Errorf("repeated answer: %w", err)
		}
	}
	if r.replaces(in) {
		if err := w.clearStanding(in.CheckID); err != nil {
			return fmt.Errorf("older answer: %w", err)
		}
	}
	if r.Answer != nil {
		if err := w.insertAnswer(id, in, r); err != nil {
			return err
		}
	}
	_, err := w.check.Exec(string(r.State), in.Attempt, sqlrow.Bool(r.Doubtful), sqlrow.Bool(r.NotFound), r.Why,
		r.NoScores, string(r.Again), sqlrow.Millis(r.EndedAt), in.CheckID)
	return err
}

// closed reports that a state waits for nothing.
func (s State) closed() bool { return s == Done || s == Absent || s == Refused || s == GivenUp }

// AfterLoss returns the state of a check whose answer was lost, or not believed. One that is asked once more keeps what
// it has, one that is held waits for a person.
func (s State) AfterLoss() State {
	if s.closed() || s == Held {
		return s
	}
	return InDoubt
}

// disbelieved returns an answer that bears another call's transaction ID as one that never came.
func (r *Result) disbelieved(in Intent, first int64) *Result {
	return &Result{Outcome: Unanswered, Cause: CauseRepeated, SentAt: r.SentAt, EndedAt: r.EndedAt,
		HTTPStatus: r.HTTPStatus, Tag: TagUnknown, BodySHA256: r.BodySHA256, State: in.From.AfterLoss(), Doubtful: true,
		NoScores: r.NoScores, Repeats: Repeat{TransactionID: r.TransactionID, FirstCall: first}}
}

// replaces reports that an older result of the check no longer stands: this answer does, or the check has none any
// more.
func (r *Result) replaces(in Intent) bool {
	switch {
	case in.Attempt == 1: // only a repeat can meet an older result
		return false
	case r.Answer != nil && r.Answer.Current:
		return true
	}
	return in.From == Done && r.State != Done
}

func (w *callWriter) insertAnswer(id int64, in Intent, r *Result) error {
	a := r.Answer
	var score any
	if a.Score != nil {
		score = *a.Score
	}
	_, err := w.answer.Exec(id, in.CheckID, sqlrow.Millis(r.EndedAt), sqlrow.NullMillis(a.CapturedAt), in.Region,
		in.Endpoint, sqlrow.Bool(a.Current), score, a.ScoreText, a.AttackType, a.AttackSubType, a.Repairs, a.Message,
		a.Body, a.SDKVersion, a.Platform, a.Gap)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return w.images.Queue(id, in.CheckID, r.EndedAt, a.Images)
}

// clearStanding makes an older answer to a check no longer its result.
func (w *callWriter) clearStanding(checkID int64) error {
	rows, err := w.clear.Query(checkID)
	cleared, err := sqlrow.Collect(rows, err, "clear", func(a *rollup.Answer) error {
		return rows.Scan(&a.CallID, &a.AnsweredAt, &a.CapturedAt, &a.Region, &a.Endpoint, &a.AttackType, &a.Score)
	})
	for _, a := range cleared {
		err = errors.Join(err, rollup.Uncount(context.Background(), w.conn, a))
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

// countChanges counts what a call's answer bore that the vendor's page does not document.
func (w *callWriter) countChanges(id int64, in Intent, r Result) {
	w.changes.Count(apichanges.Source{CallID: id, RunID: in.RunID, Endpoint: in.Endpoint, At: r.EndedAt}, r.APIChanges)
}
