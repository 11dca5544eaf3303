package batch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"liverecon/batch/apichange"
	"liverecon/batch/billing"
	"liverecon/batch/liveness"
	"liverecon/store"
)

// errTakenBack leaves a call unsent that is not wanted any more when its turn has come.
var errTakenBack = errors.New("taken back before it was sent")

// errNeutral tells the circuit breaker that a call says nothing about the endpoint's health; errFailing that it failed.
var (
	errNeutral = errors.New("neutral")
	errFailing = errors.New("failing")
)

// askSafely asks as ask does, and turns a panic into an orderly stop of the run. What the panic left without an outcome
// is classified as in doubt by the next start.
func (l *endpointWorker) askSafely(ctx context.Context, t *task) (durable func() error, health error) {
	defer func() {
		if p := recover(); p != nil {
			l.fetch.fail(fmt.Errorf("work on check %d panicked: %v", t.check.ID, p))
			durable, health = nil, errNeutral
		}
	}()
	return l.ask(ctx, t)
}

// ask makes one call for one task: token, intent, turn, request, outcome. It returns, when a call was made, what waits
// until its outcome is durable, and what the call says about the endpoint's health. Once ctx has ended nothing is begun
// any more.
func (l *endpointWorker) ask(ctx context.Context, t *task) (durable func() error, health error) {
	token, err := l.Client.Token(ctx)
	if err != nil {
		return nil, l.noToken(ctx, t, err)
	}
	if !l.arm(ctx) {
		return nil, errNeutral
	}
	if l.heldBack(t) {
		l.disarm()
		l.wait(t, time.Now())
		return nil, errNeutral
	}
	readyAt := time.Now()
	t.tries++
	t.check.Attempts++
	intent := store.Intent{CheckID: t.check.ID, Attempt: t.check.Attempts, RunID: l.fetch.runID, Reason: t.reason,
		Endpoint: l.name(), Region: t.check.Region, At: time.Now(), From: t.check.State, Try: t.tries}
	callID, err := l.fetch.journal.Begin(intent)
	if err != nil {
		l.disarm()
		return nil, l.notAdmitted(t, err)
	}
	reply := l.send(ctx, token, t, callID, intent.At, readyAt)
	return l.conclude(callID, intent, t, token, reply)
}

// arm takes one of the places for committed intents that wait for their turn, unless the worker is ending.
func (l *endpointWorker) arm(ctx context.Context) bool {
	if l.lead.Take(ctx) != nil {
		return false
	}
	if ctx.Err() != nil {
		l.disarm()
		return false
	}
	return true
}

func (l *endpointWorker) disarm() { l.lead.GiveBack(l.pace.Rate()) }

// send makes the call; its turn comes when it has a connection, right before its first byte. The request itself
// outlives ctx: a call in flight is paid for. admitted is when the caps counted it: a call whose turn comes on another
// billing day is left unsent, as that day's caps know nothing of it. readyAt is when it got its place.
func (l *endpointWorker) send(
	ctx context.Context, token liveness.Token, t *task, callID int64, admitted, readyAt time.Time,
) (reply liveness.Reply) {
	released := false
	release := func() {
		if !released {
			released = true
			l.disarm()
		}
	}
	defer func() {
		if p := recover(); p != nil {
			l.fetch.fail(fmt.Errorf("call for check %d panicked: %v", t.check.ID, p))
			now := time.Now()
			reply = liveness.Reply{Delivery: liveness.Unanswered, Cause: "panic", SentAt: now, EndedAt: now}
		}
		release()
	}()
	unsent := "" // why it was taken back
	t.repeats = store.Repeat{}
	turn := l.pace.Turn()
	defer turn.GiveBack()
	watch := liveness.Watch{
		Turn: func(context.Context) error {
			l.lead.Ready(time.Since(readyAt), l.pace.Rate())
			err := turn.Take(ctx)
			release()
			switch {
			case err != nil:
				unsent = causeDrained
			case l.fetch.dayOver(ctx, admitted):
				unsent = causeNextDay
			case l.fetch.takesBack(t):
				unsent = causeDoubted
			case l.heldBack(t):
				unsent = causeHeldBack
			}
			if err == nil && unsent != "" {
				return errTakenBack
			}
			return err
		},
		Sent: turn.Sent,
		Seen: func(transactionID string, body [sha256.Size]byte) liveness.Sighting {
			first, seen := l.fetch.journal.Seen(callID, transactionID)
			if !seen {
				return liveness.Unseen
			}
			t.repeats = store.Repeat{TransactionID: transactionID, FirstCall: first}
			switch same, retold := l.fetch.journal.Told(callID, first, body); {
			case !same:
				return liveness.Elsewhere
			case retold:
				return liveness.Retold
			}
			return liveness.Unseen // the ID's own is no other one's
		},
		Ahead:    func(conn uint64) { l.fetch.ahead(l.name(), conn) },
		Unproven: func(conn uint64) { l.unproven.Add(conn, &l.fetch.connections) },
	}
	reply = l.Client.Detect(context.WithoutCancel(ctx), token, l.query(t.check), watch)
	if unsent != "" {
		reply.Cause = unsent
	}
	if unsent == causeDoubted {
		t.check.State = store.InDoubt
	}
	return reply
}

// heldBack reports whether the circuit has opened since a task was let through. It may have waited for its turn among
// as many as may be in flight: they are not what the endpoint is tried with after the pause.
func (l *endpointWorker) heldBack(t *task) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.openings > t.openings
}

func (l *endpointWorker) query(c store.Check) liveness.Query {
	q := liveness.Query{ResultType: l.fetch.job.ResultType}
	if c.Kind == "signatureId" {
		q.SignatureID = c.Text
	} else {
		q.LivenessID = c.Text
	}
	if l.Client.Endpoint().RegionRequired {
		q.Region = c.Region
	}
	return q
}

// conclude hands over the outcome, then acts on it. Nothing that follows can be durable before the outcome is.
func (l *endpointWorker) conclude(
	callID int64, intent store.Intent, t *task, token liveness.Token, reply liveness.Reply,
) (durable func() error, health error) {
	d := l.fetch.policy.decide(t, reply)
	result := l.fetch.policy.resultOf(reply, d)
	if result.Answer != nil {
		result.Answer.Images = imagesOf(l.fetch.job, intent, &result, reply.Envelope)
	}
	if reply.Envelope != nil {
		result.APIChanges = apichange.In(reply.Envelope, l.fetch.policy.Codes, t.check.Text)
	}
	if reply.Cause == liveness.CauseRepeated {
		result.Repeats = t.repeats // none where a token's answer came again, which stands on no call
		result.Repeats.Copy = reply.Copied && t.repeats.FirstCall > 0
	}
	durable = l.fetch.journal.Finish(callID, intent, result)
	if result.Outcome == store.Answered && l.fetch.connections.Note(reply.Conn, callID) {
		l.fetch.suspect([]int64{callID})
	}
	l.meter.count(intent, result, d)
	t.check.State = d.state
	if d.doubtful {
		t.check.Doubts++
		if t.reason == store.ReasonDoubt {
			l.fetch.repeated.Store(t.check.ID, struct{}{})
		}
	}
	if d.effect == failing {
		l.mu.Lock()
		if l.lost, l.answers = reply.Cause, reply.Envelope != nil; l.answers {
			l.lost = fmt.Sprintf("%.40s", reply.Envelope.Code)
		}
		l.why = liveness.Why(reply.Err)
		l.mu.Unlock()
	}
	l.log(intent, result.Outcome, reply, d)
	return durable, l.act(t, token, reply, d)
}

// act carries out a decision: the same ID again or not, and what it means for the endpoint.
func (l *endpointWorker) act(t *task, token liveness.Token, reply liveness.Reply, d decision) error {
	if reply.Delivery == liveness.Answered {
		l.watchAnswers(t, reply, d)
	}
	var retryAfter time.Duration
	switch d.effect {
	case healthy:
		l.pace.Good()
	case busy:
		retryAfter = l.slowDown(reply)
	case failing:
		if reply.HTTPStatus >= 500 { // maintenance, with the word for how long
			l.pace.Rest(reply.RetryAfter)
		}
	case refusal:
		l.stopFor(stopRefused, "%s refused us: %s", l.name(), reply.Refusal())
	}
	t.lostConnection = d.again == againAtOnce
	switch d.again {
	case againAtOnce:
		t.reason = retryReason(t.reason)
		l.wait(t, time.Now())
	case againAnew:
		t.tries--
		l.wait(t, time.Now())
	case againNewAuth:
		l.Client.Invalidate(token)
		t.freshToken, t.reason = true, retryReason(t.reason)
		l.retryLater(t, 0)
	case againLater:
		if t.waited += reply.RetryAfter; d.effect != busy && t.waited > liveness.MaxRetryAfter { // the next run asks
			return healthOf(reply, d)
		}
		if d.effect != busy && reply.RetryAfter > longWait {
			l.fetch.log.Info("an ID waits as the vendor wants it", "endpoint", l.name(), "check", t.check.ID, "seconds",
				reply.RetryAfter.Seconds())
		}
		t.reason = retryReason(t.reason)
		l.retryLater(t, max(retryAfter, reply.RetryAfter))
	}
	return healthOf(reply, d)
}

// longWait bounds how long an ID may wait without a word in the log.
const longWait = 30 * time.Second

// healthOf returns the error that the circuit breaker counts for a call, or nil. Every answer but a server's error is a
// sign of life, also one that refuses us: a probe that came back must close the circuit.
func healthOf(reply liveness.Reply, d decision) error {
	switch {
	case d.effect == failing:
		return errFailing
	case reply.Delivery == liveness.Answered || d.effect == busy:
		return nil
	}
	return errNeutral
}

// retryReason keeps a call that may pay twice, or asks again after a final answer, what it is.
func retryReason(r store.Reason) store.Reason {
	if r == store.ReasonFirst || r == store.ReasonResume {
		return store.ReasonRetry
	}
	return r
}

// slowDown takes the whole endpoint down to what it bears. It returns how long this ID should wait.
func (l *endpointWorker) slowDown(reply liveness.Reply) time.Duration {
	resumes, exhausted := l.pace.TooBusy(reply.SentAt, reply.RetryAfter)
	wait := time.Until(resumes)
	if wait > 0 {
		l.meter.state(fmt.Sprintf("busy, waiting %s", wait.Round(time.Second)))
	}
	if exhausted {
		l.stopFor(stopBusy, "%s busy since %s", l.name(), clockTime(l.pace.BusyFrom(), l.fetch.job.Zone))
	}
	return wait
}

// watchAnswers notices the canary's good return, and an endpoint that brings hardly any result; what it knows of its IDs
// is counted for look.
func (l *endpointWorker) watchAnswers(t *task, reply liveness.Reply, d decision) {
	l.mu.Lock()
	l.countKnown(t, l.fetch.policy.Codes.Classify(reply.Envelope.Code))
	l.capped = false // what was reserved for this call is settled: there may be room
	if d.effect != refusal && !l.proven && d.again != againNewAuth {
		l.proven, l.staggered, l.stagger = true, l.Concurrency,
			reply.EndedAt.Sub(reply.SentAt)/time.Duration(l.Concurrency)
	}
	if t.reason != store.ReasonForced && t.check.Again == "" {
		l.yield.Count(d.state, d.why, d.stands, d.effect == healthy)
	}
	poor, refused := l.yield.Sentence(l.name())
	l.mu.Unlock()
	switch {
	case refused:
		l.stopFor(stopRefused, "%s: %s", poor, reply.Refusal())
	case poor != "":
		l.stopFor(stopPoor, "%s: the last said %s", poor, reply.Refusal())
	}
}

// noToken handles a token that could not be had: the vendor refuses us, or it cannot be reached. Nothing was begun.
func (l *endpointWorker) noToken(ctx context.Context, t *task, err error) error {
	if ctx.Err() != nil {
		return errNeutral
	}
	var te *liveness.TokenError
	if errors.As(err, &te) {
		switch te.Class {
		case liveness.Auth, liveness.Configuration, liveness.Account, liveness.Refused:
			l.stopFor(stopRefused, "%s gives no token: %v", l.name(), err)
			return errNeutral
		case liveness.Busy:
			l.pace.TooBusy(time.Now(), te.RetryAfter)
		}
	}
	l.mu.Lock()
	l.lost, l.answers = "no token", te != nil && te.Code != ""
	l.why = liveness.Why(err)
	l.mu.Unlock()
	l.fetch.log.Warn("no token", "endpoint", l.name(), "error", err)
	if t.tries++; t.tries < l.fetch.policy.MaxTries*2 {
		l.retryLater(t, 0)
	}
	return errFailing
}

// notAdmitted handles an intent that was not stored. Nothing was sent. A cap that is reached only because calls in
// flight count as paid may have room again once they are answered.
func (l *endpointWorker) notAdmitted(t *task, err error) error {
	t.tries--
	t.check.Attempts--
	var limit *billing.CapError
	var unpriced *billing.UnpricedError
	switch {
	case errors.As(err, &unpriced):
		day := unpriced.At.In(l.fetch.job.BillingZone).Format(time.DateOnly)
		l.stopFor(stopCap, "%s has no price for region %s on %s, which %s needs", l.name(), unpriced.Region, day,
			unpriced.Cap)
	case errors.As(err, &limit) && l.othersInFlight():
		l.waitForOthers(t)
	case errors.As(err, &limit):
		l.mu.Lock()
		l.limit = limit
		l.mu.Unlock()
		l.stopFor(stopCap, "%s reached", limit.Reached())
	case errors.Is(err, errRetryBudget):
		l.fetch.noMoreRetries()
	default:
		l.fetch.fail(err)
	}
	return errNeutral
}

// othersInFlight reports whether another call of this worker may still turn out free.
func (l *endpointWorker) othersInFlight() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inFlight > 1
}

// waitForOthers puts a task back until nothing is in flight.
func (l *endpointWorker) waitForOthers(t *task) {
	l.mu.Lock()
	l.capped = true
	l.mu.Unlock()
	l.wait(t, time.Now())
}

// log writes one line a call at debug level, without the ID; what a person should look at stands a level higher.
func (l *endpointWorker) log(in store.Intent, outcome store.Outcome, r liveness.Reply, d decision) {
	args := []any{"endpoint", l.name(), "check", in.CheckID, "attempt", in.Attempt, "outcome", string(outcome)}
	if r.Cause != "" {
		args = append(args, "cause", r.Cause)
	}
	if r.Envelope != nil {
		args = append(args, "code", fmt.Sprintf("%.40s", r.Envelope.Code), "pricing",
			fmt.Sprintf("%.20s", r.Envelope.PricingStrategy))
	}
	if r.Err != nil {
		args = append(args, "error", r.Err)
	}
	if d.state == store.GivenUp {
		l.fetch.log.Warn("given up", append(args, "why", d.why)...)
		return
	}
	l.fetch.log.Debug("call", args...)
}
