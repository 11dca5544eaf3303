package batch

import (
	"cmp"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/liveness"
	"liverecon/store"
)

// RepeatInDoubt names what to do about a call whose answer was lost. A repeat may pay twice for one ID.
type RepeatInDoubt string

// The settings of repeat_in_doubt.
const (
	RepeatOnce   RepeatInDoubt = "once"   // at the end of the run, each ID once a run, within the budget
	RepeatHold   RepeatInDoubt = "hold"   // never: a statement or a person decides
	RepeatAlways RepeatInDoubt = "always" // at the end of the run, each ID once a run, without a budget
)

// Bare429 names what an HTTP 429 without an envelope is, as gateways send it.
type Bare429 string

// The settings of bare_429.
const (
	Bare429Refused Bare429 = "refused"  // a refusal at the door: free, and the endpoint is busy
	Bare429InDoubt Bare429 = "in_doubt" // an answer that was lost, as any other without an envelope
)

// Policy represents the set of rules that decide from an outcome what happens next.
type Policy struct {
	Codes         liveness.Codes
	RepeatInDoubt RepeatInDoubt
	Bare429       Bare429
	// An ID in doubt that was asked again already, and lost again, is left alone for so long from its last call on; 0:
	// it is not.
	RepeatAfter time.Duration
	MaxTries    int // requests for one ID in one run
	MaxAttempts int // requests for one ID in its life; then it is given up
	MaxDoubts   int // lost answers for one ID in its life; then it is given up
	// later nights on which an ID whose answer has no score is asked again; then it is done without one
	NoScoreNights int
}

// withDefaults fills what is not set.
func (p Policy) withDefaults() Policy {
	if p.RepeatInDoubt == "" {
		p.RepeatInDoubt = RepeatOnce
	}
	if p.Bare429 == "" {
		p.Bare429 = Bare429Refused
	}
	if p.MaxTries == 0 {
		p.MaxTries = 4
	}
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 100
	}
	if p.MaxDoubts == 0 {
		p.MaxDoubts = 5
	}
	return p
}

// again names whether and how the same ID is asked again in this run.
type again int

const (
	notAgain     again = iota
	againLater         // after a backoff; the earlier try was free
	againAtOnce        // on another connection; the earlier try never left
	againNewAuth       // at once, with a fresh token
	againAnew          // at once, as if this try had not been: the caps have to count it on another day
)

// effect names what an outcome means for the whole endpoint.
type effect int

const (
	healthy effect = iota // the vendor works
	neutral               // says nothing about its health
	failing               // counts towards the circuit breaker
	busy                  // slow down
	refusal               // the endpoint does not accept us: stop asking it
)

// decision represents the policy's answer to one outcome.
type decision struct {
	state    store.State
	why      string // of the state
	again    again
	effect   effect
	doubtful bool // the ID has one more lost answer
	notFound bool
	stands   bool         // the answer is the ID's result
	kept     bool         // it was asked once more, and this call leaves it what it had for good
	blank    bool         // the answer came, and every field of its data is null
	noScores int          // answers without a score that the ID has had while pending
	once     store.Reason // for which an ID that keeps what it has is still to be asked once more
}

// decide returns the repeat policy of accounting: a repeat is a price, so nothing that was or may have been paid for is
// repeated here. Lost answers are repeated at the end of the run, by worker.repeatDoubts.
func (p Policy) decide(t *task, r liveness.Reply) decision {
	d := p.decideReply(t, r)
	if t.check.Again != "" {
		d = p.keep(t, r, d)
	}
	if t.check.Attempts >= p.MaxAttempts && (d.state == store.Pending || d.state == store.InDoubt) {
		d.state, d.why, d.again, d.noScores = store.GivenUp, store.WhyAttempts, notAgain, 0
	}
	tries := p.MaxTries
	if d.effect == busy { // says nothing about the ID
		tries *= 2
	}
	if t.tries >= tries && d.again == againLater {
		d.again = notAgain
	}
	if d.state == store.Pending && d.again == notAgain && d.effect != busy && d.effect != refusal &&
		r.Delivery == liveness.Answered &&
		t.reason == store.ReasonNoScore && d.why == "" {
		d.noScores++ // one of its nights, though what came is no answer
	}
	return d
}

// turnedAway reports whether a gateway refused the request: by definition, since a 429 without an envelope says so
// itself.
func (p Policy) turnedAway(r liveness.Reply) bool {
	return r.Delivery == liveness.Unanswered && r.Cause == liveness.CauseThrottled && p.Bare429 == Bare429Refused
}

// rests reports that a check in doubt has been repeated already, and too lately for another repeat. A call of the
// future was stamped by a wrong clock, and holds nothing up for longer than one of now.
func (p Policy) rests(c store.Check, now time.Time) bool {
	return c.State == store.InDoubt && c.Doubts > 1 && !c.Forced && c.Again == "" &&
		now.Sub(c.Asked).Abs() < p.RepeatAfter
}

// FinalResult returns the row of the books for a reply to the last try of a night for a check: what the night would
// write.
func (p Policy) FinalResult(c store.Check, reason store.Reason, r liveness.Reply) store.Result {
	p = p.withDefaults()
	return p.resultOf(r, p.decide(&task{check: c, reason: reason, tries: p.MaxTries}, r))
}

// leavesAlone reports that a check's answer without a score, or its last repeat after a doubt, is too young for asking
// again, unless a person wants it. begun is when asking began: an answer is as old as it was then.
func (p Policy) leavesAlone(c store.Check, begun time.Time) bool {
	return p.rests(c, time.Now()) ||
		c.State == store.Pending && c.NoScores > 0 && !c.Forced && c.Changed.After(begun.Add(-noScoreRest))
}

func (p Policy) decideReply(t *task, r liveness.Reply) decision {
	switch {
	case p.turnedAway(r):
		return decision{state: t.check.State, effect: busy, again: againLater, noScores: t.check.NoScores}
	case r.Delivery == liveness.Answered:
		return p.decideAnswer(t, r)
	case r.Delivery == liveness.Unsent:
		d := decision{state: t.check.State, again: againLater, effect: failing, noScores: t.check.NoScores}
		switch {
		case r.Cause == causeDrained, r.Cause == causeDoubted:
			d.again, d.effect = notAgain, neutral
		case r.Cause == causeNextDay, r.Cause == causeHeldBack:
			d.again, d.effect = againAnew, neutral
		case lostConnection(r) && !t.lostConnection:
			d.again, d.effect = againAtOnce, neutral
		}
		return d
	}
	d := decision{state: t.check.State.AfterLoss(), effect: failing, doubtful: true, noScores: t.check.NoScores}
	if d.state == store.InDoubt && t.check.Doubts+1 >= p.MaxDoubts {
		d.state, d.why = store.GivenUp, store.WhyDoubts
	}
	if r.HTTPStatus == 429 {
		d.effect = busy
	}
	return d
}

// lostConnection reports that a call could not be sent because of what became of its connection: that says nothing
// about the endpoint, unless the next connection is no better.
func lostConnection(r liveness.Reply) bool {
	return r.Delivery == liveness.Unsent && (r.Cause == liveness.CauseUnasked || r.Cause == liveness.CauseClosed)
}

func (p Policy) decideAnswer(t *task, r liveness.Reply) decision {
	free := billing.ParseTag(r.Envelope.PricingStrategy) == billing.Free
	class := p.Codes.Classify(r.Envelope.Code)
	switch class {
	case liveness.Done:
		return p.decideResult(t, r.Envelope)
	case liveness.Absent, liveness.NotFound: // of what was not free a recheck may cost, too
		return decision{state: store.Absent, notFound: class == liveness.NotFound && free}
	case liveness.Refused:
		return decision{state: store.Refused, effect: neutral}
	}
	d := decision{state: store.Pending, effect: effectOf(class), noScores: t.check.NoScores}
	switch {
	case !free: // a repeat could be charged again for nothing: a person decides
		d.state, d.why, d.noScores = store.GivenUp, store.WhyPaidFailure, 0
	case class == liveness.Retry || class == liveness.Busy:
		d.again = againLater
	case class == liveness.Auth && !t.freshToken:
		d.again, d.effect = againNewAuth, neutral
	}
	return d
}

// decideResult decides about a SUCCESS: whether it is the ID's result, comes too early, or is none at all. Of a code
// that the configuration says is done nothing is known.
func (p Policy) decideResult(t *task, e *liveness.Envelope) decision {
	done := decision{state: store.Done, stands: true}
	if e.Code != codeSuccess {
		return done
	}
	switch d := e.Detection; {
	case d == nil || !d.Documented:
		return decision{state: store.GivenUp, why: store.WhyEmpty}
	case d.Score != nil || d.Unusable: // asking again would buy the same number
		return done
	case t.check.NoScores > 0 && t.reason == store.ReasonForced: // by hand, and none of the nights
		return decision{state: store.Pending, why: store.WhyNoScore, noScores: t.check.NoScores, blank: d.Blank()}
	case t.check.NoScores >= p.NoScoreNights && d.Blank(): // it was waited for, and nothing came
		return decision{state: store.GivenUp, why: store.WhyEmpty}
	case t.check.NoScores >= p.NoScoreNights:
		return done
	}
	return decision{state: store.Pending, why: store.WhyNoScore, noScores: t.check.NoScores + 1, blank: e.Detection.Blank()}
}

// codeSuccess holds the code of the answers that the vendor's page shows data for.
const codeSuccess = "SUCCESS"

// keep makes a decision about an ID that is asked once more one that leaves it what it has, unless the answer is
// better: it has a score, or the result that stands has none either. What may be another's answer is replaced by any
// final one.
func (p Policy) keep(t *task, r liveness.Reply, d decision) decision {
	class := liveness.Unknown
	if r.Envelope != nil {
		class = p.Codes.Classify(r.Envelope.Code)
	}
	final := class == liveness.Done || class == liveness.Absent || class == liveness.NotFound ||
		class == liveness.Refused
	if final && t.check.Again == store.ReasonSuspect {
		return d
	}
	scored := r.Envelope != nil && r.Envelope.Detection != nil && r.Envelope.Detection.Score != nil
	if class == liveness.Done && d.state != store.GivenUp && (scored || !t.check.Scored) {
		return decision{state: store.Done, stands: true}
	}
	kept := decision{state: t.check.State, again: d.again, effect: d.effect, doubtful: d.doubtful}
	if !final && (r.Delivery != liveness.Unanswered || p.turnedAway(r)) && d.state != store.GivenUp {
		kept.once = t.check.Again // it was free, and said nothing about the ID
	}
	kept.kept = kept.once == ""
	return kept
}

func effectOf(class liveness.Class) effect {
	switch class {
	case liveness.Retry:
		return failing
	case liveness.Busy:
		return busy
	case liveness.Auth, liveness.Configuration, liveness.Account:
		return refusal
	}
	return neutral // a code without a rule
}

// What marks a call that was taken back before it was sent.
const (
	causeDrained  = "drained"   // because the run stops
	causeHeldBack = "held_back" // because its endpoint was left alone since it was let through
	causeNextDay  = "next_day"  // because its turn came on another billing day than its admission
	causeDoubted  = "doubted"   // because the answer that it repeats a question for may be another's
)

// tagOf returns what a reply costs.
func (p Policy) tagOf(r liveness.Reply) store.Tag {
	switch {
	case p.turnedAway(r):
		return store.TagFree
	case r.Delivery == liveness.Unsent:
		return store.TagNone
	case r.Delivery == liveness.Answered:
		switch billing.ParseTag(r.Envelope.PricingStrategy) {
		case billing.Pay:
			return store.TagPay
		case billing.Free:
			return store.TagFree
		}
	}
	return store.TagUnknown
}

// resultOf translates the client's reply into the store's row.
func (p Policy) resultOf(r liveness.Reply, d decision) store.Result {
	res := store.Result{
		Outcome: store.Outcome(r.Delivery), Cause: r.Cause, SentAt: r.SentAt, EndedAt: r.EndedAt,
		HTTPStatus: r.HTTPStatus,
		Tag:        p.tagOf(r), BodySHA256: r.BodySHA256, Alone: r.Alone, State: d.state, Why: d.why, Doubtful: d.doubtful,
		NotFound: d.notFound,
		NoScores: d.noScores, Again: d.once,
	}
	if res.EndedAt.IsZero() {
		res.EndedAt = time.Now()
	}
	if p.turnedAway(r) {
		res.Outcome, res.Class = store.Answered, string(liveness.Busy)
		res.Answer = answerOf(&liveness.Envelope{}, r.Body, false)
	}
	if r.Delivery != liveness.Answered {
		return res
	}
	e := r.Envelope
	res.Code, res.Pricing, res.TransactionID = e.Code, e.PricingStrategy, e.TransactionID
	res.Class = string(p.Codes.Classify(e.Code))
	res.Answer = answerOf(e, r.Body, d.stands)
	return res
}

func answerOf(e *liveness.Envelope, body []byte, standing bool) *store.Answer {
	a := &store.Answer{Current: standing, Message: e.Message, Body: string(liveness.StripImages(body))}
	a.Repairs = strings.Join(append(append([]string(nil), e.Repairs...), e.Unknown...), "; ")
	d := e.Detection
	if d == nil {
		return a
	}
	a.Score, a.ScoreText, a.AttackType, a.AttackSubType = d.Score, d.ScoreText, d.AttackType, d.AttackSubType
	if ms := cmp.Or(d.FarImageTime, d.NearImageTime); ms != nil {
		a.CapturedAt = time.UnixMilli(*ms)
	}
	a.SDKVersion, a.Platform, a.Gap = d.Origin()
	return a
}
