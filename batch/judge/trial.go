package judge

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// trial goes through the books once, in the order of the calls.
type trial struct {
	Case
	errs []error

	told    map[string][]simulator.Entry // entries by transaction: several where all of an ID have one
	saidTo  map[int64]simulator.Entry    // of them, the one that is the answer to a call
	untold  map[string][]simulator.Entry // entries whose answer names no transaction, by ID
	turned  map[string]int               // requests that the gateway turned away, by ID
	refused []simulator.Entry            // the same, of all IDs
	unnamed []simulator.Entry            // the same, of all IDs
	sentOn  map[string][]uint64          // connections over which a copy of an answer came unasked, by its transaction
	foreign map[string]simulator.Sent    // whole new envelopes that nobody asked for, by transaction
	wild    map[string]bool              // endpoints at which something was sent unasked
	// connections that ended before they could show that they were one answer ahead
	hidden map[uint64]bool

	byID, byEndpoint map[string]*counts
	total            counts
	losses           losses

	checks       map[string]int64               // check by ID
	last         map[int64]store.CallRecord     // of each check
	sent         map[int64]store.CallRecord     // the last one that may have left
	reopened     map[int64]bool                 // a named repeat of the check has no final answer yet
	trying       map[int64][]store.Reason       // why a check is asked again, until something is told
	final        map[int64]store.CallRecord     // the answer after which a check is not asked again
	callOf       map[string]store.CallRecord    // the first answered call that has a transaction
	charged      map[string]int64               // the call tagged PAY, by its transaction
	answers      map[int64]simulator.Entry      // what the vendor said, by call
	repeated     map[store.Reason]map[int64]int // named calls by check
	repeatedARun map[store.Reason]map[int64]int // and by run
}

func newTrial(c Case) *trial {
	t := &trial{
		Case: c, told: map[string][]simulator.Entry{}, saidTo: map[int64]simulator.Entry{},
		untold: map[string][]simulator.Entry{}, turned: map[string]int{},
		sentOn: map[string][]uint64{}, foreign: map[string]simulator.Sent{}, wild: map[string]bool{},
		hidden: map[uint64]bool{},
		byID:   map[string]*counts{}, byEndpoint: map[string]*counts{}, checks: map[string]int64{},
		last: map[int64]store.CallRecord{}, sent: map[int64]store.CallRecord{}, final: map[int64]store.CallRecord{}, reopened: map[int64]bool{},
		trying: map[int64][]store.Reason{},
		callOf: map[string]store.CallRecord{}, charged: map[string]int64{},
		answers: map[int64]simulator.Entry{}, repeated: map[store.Reason]map[int64]int{},
		repeatedARun: map[store.Reason]map[int64]int{}, losses: c.lack(),
	}
	for i, e := range c.Entries {
		if e.Token || t.losses.calls[i] {
			continue
		}
		if e.HTTPStatus == http.StatusTooManyRequests && !e.Charged {
			t.turned[e.Kind+" "+e.ID]++
			t.refused = append(t.refused, e)
		}
		switch {
		case e.Delivered == simulator.TurnedAway: // no answer to the question
		case e.Untold:
			t.untold[e.Kind+" "+e.ID] = append(t.untold[e.Kind+" "+e.ID], e)
			t.unnamed = append(t.unnamed, e)
		default:
			t.told[e.TransactionID] = append(t.told[e.TransactionID], e)
		}
		for _, n := range t.counts(e.Kind, e.ID, e.Endpoint) {
			n.served++
			if e.Charged {
				n.charged++
			}
		}
	}
	t.pair()
	for _, s := range c.Unasked {
		t.wild[s.Endpoint] = true
		t.sentOn[s.TransactionID] = append(t.sentOn[s.TransactionID], s.Conn)
		if s.New {
			t.foreign[s.TransactionID] = s
		}
		if s.TransactionID != "" { // a copy is a new one, too, to who never got what it is a copy of
			t.hidden[s.Conn] = t.hidden[s.Conn] || !s.Shown
		}
	}
	return t
}

func (t *trial) bad(format string, args ...any) { t.errs = append(t.errs, fmt.Errorf(format, args...)) }

// counts returns the three sums that a call or an entry belongs to.
func (t *trial) counts(kind, id, endpoint string) [3]*counts {
	at := func(m map[string]*counts, key string) *counts {
		if m[key] == nil {
			m[key] = &counts{}
		}
		return m[key]
	}
	return [3]*counts{&t.total, at(t.byID, kind+" "+id), at(t.byEndpoint, endpoint)}
}

func (t *trial) count(k store.CallRecord) {
	for _, n := range t.counts(k.Kind, k.Text, k.Endpoint) {
		n.addCall(k, t.Books.Suspects[k.CallID] || t.unknowable(k))
	}
}

// unknowable reports that a call has an answer that is not its own, by a connection that had no chance to show it: its
// last answer never came.
func (t *trial) unknowable(k store.CallRecord) bool {
	if k.Outcome != store.Answered {
		return false
	}
	if s, ok := t.foreign[transactionOf(k)]; ok {
		return t.hidden[s.Conn]
	}
	if isRefusal(k) {
		return slices.ContainsFunc(t.refused, func(e simulator.Entry) bool {
			return t.strayed(k, e) && t.unseen(e) || t.onceMore(k, e)
		})
	}
	if transactionOf(k) == "" {
		return slices.ContainsFunc(t.unnamed, func(e simulator.Entry) bool {
			return t.strayed(k, e) && t.unseen(e) || t.onceMore(k, e)
		})
	}
	e, ok := t.toldTo(k)
	return ok && t.strayed(k, e) && t.unseen(e) ||
		slices.ContainsFunc(t.told[transactionOf(k)], func(e simulator.Entry) bool { return t.onceMore(k, e) && !t.had(k, e) })
}

// had reports that a call before this one has an answer, so that it can be known when it comes once more.
func (t *trial) had(k store.CallRecord, e simulator.Entry) bool {
	return slices.ContainsFunc(t.Books.Calls, func(before store.CallRecord) bool {
		return before.CallID < k.CallID && transactionOf(before) == e.TransactionID && saysOf(e, before)
	})
}

// transactionOf returns the transaction ID that a call's answer bears.
func transactionOf(k store.CallRecord) string {
	return cmp.Or(k.TransactionID, k.Repeats.TransactionID)
}

// toldTo finds the entry of the transaction that a call's answer bears.
func (t *trial) toldTo(k store.CallRecord) (simulator.Entry, bool) {
	e, ok := t.saidTo[k.CallID]
	return e, ok
}

// pair gives each answered call the entry of its transaction: of several the first that no earlier call has and that
// came in while the call was its ID's last. The books know a call's time to the millisecond; of entries that this
// leaves open it is the one that says what the call has, where one does.
func (t *trial) pair() {
	until := map[int64]time.Time{} // when each check was asked the next time
	next := map[int64]time.Time{}  // the same, by call
	for _, k := range slices.Backward(t.Books.Calls) {
		next[k.CallID] = until[k.CheckID]
		until[k.CheckID] = k.At
	}
	taken := map[string]map[int]bool{}
	for _, k := range t.Books.Calls {
		x := transactionOf(k)
		all := t.told[x]
		if k.Outcome != store.Answered || len(all) == 0 {
			continue
		}
		open := func(i int) bool {
			return !taken[x][i] && !all[i].At.Before(k.At.Add(-grain)) &&
				(next[k.CallID].IsZero() || !all[i].At.After(next[k.CallID].Add(grain)))
		}
		found := -1
		for i, e := range all {
			if open(i) && (found < 0 || !saysOf(all[found], k) && saysOf(e, k)) {
				found = i
			}
		}
		if found < 0 { // none is left: it is told what the last one said
			found = len(all) - 1
		}
		if taken[x] == nil {
			taken[x] = map[int]bool{}
		}
		taken[x][found] = true
		t.saidTo[k.CallID] = all[found]
	}
}

// grain sets the resolution of times in the books.
const grain = time.Millisecond

// saysOf reports that an entry has a call's ID, code and tag.
func saysOf(e simulator.Entry, k store.CallRecord) bool {
	return e.ID == k.Text && e.Code == k.Code && e.Pricing == k.Pricing
}

// strayed reports that a call may have the answer to another question.
func (t *trial) strayed(k store.CallRecord, e simulator.Entry) bool {
	return e.ID != k.Text && e.Endpoint == k.Endpoint
}

// unseen reports that an answer, or a copy of it, came over a connection that had no chance to show that it was ahead.
func (t *trial) unseen(e simulator.Entry) bool {
	return t.hidden[e.Conn] || slices.ContainsFunc(t.sentOn[e.TransactionID], func(conn uint64) bool {
		return t.hidden[conn]
	})
}

// onceMore reports that a call may have an answer that its ID had before, once more, over a connection that never
// carried the call's own.
func (t *trial) onceMore(k store.CallRecord, earlier simulator.Entry) bool {
	return earlier.ID == k.Text && earlier.Endpoint == k.Endpoint && earlier.At.Before(k.At.Add(-grain)) &&
		slices.ContainsFunc(t.sentOn[earlier.TransactionID], func(conn uint64) bool {
			return t.hidden[conn] && slices.ContainsFunc(t.Entries, func(e simulator.Entry) bool {
				return e.Conn == conn && e.ID == k.Text && e.Kind == k.Kind && !e.At.Before(k.At.Add(-grain))
			})
		})
}

// others reports that a call whose answer names no transaction may have another call's.
func (t *trial) others(k store.CallRecord) bool {
	return transactionOf(k) == "" && slices.ContainsFunc(t.unnamed, func(e simulator.Entry) bool {
		return t.strayed(k, e) || t.onceMore(k, e)
	})
}

// oneCheck asserts that an ID is one check.
func (t *trial) oneCheck(k store.CallRecord) {
	key := k.Kind + " " + k.Text
	if c, ok := t.checks[key]; ok && c != k.CheckID {
		t.bad("ID %s is two checks, %d and %d", k.Text, c, k.CheckID)
	}
	t.checks[key] = k.CheckID
}

// named lists the reasons for which an ID may be asked again after a whole final answer.
var named = append([]store.Reason{store.ReasonRecheck, store.ReasonNoScore, store.ReasonUnfound,
	store.ReasonMisplaced}, byHand...)

// byHand lists the reasons of calls that a person asked for.
var byHand = []store.Reason{store.ReasonForced, store.ReasonRefresh, store.ReasonSuspect}

// carried lists the reasons whose calls a later run makes where the run that was to make them did not come to it.
var carried = append([]store.Reason{store.ReasonMisplaced}, byHand...)

// repeat asserts that a call after a final answer, or after a lost one, has a reason that says so.
func (t *trial) repeat(k store.CallRecord) {
	before, sent := t.last[k.CheckID], t.sent[k.CheckID]
	lost := before.CallID != 0 && before.Outcome != store.Answered && before.Outcome != store.Unsent
	if f, ok := t.final[k.CheckID]; ok {
		switch e := t.answers[f.CallID]; {
		case k.Reason == store.ReasonNoScore && e.Said != nil && (e.Said.Score != nil || e.Twice == "livenessScore"):
			t.bad("check %d asked again by call %d for a score, though call %d was told all that there is", k.CheckID,
				k.CallID, f.CallID)
		case !t.wasFree(f) && (k.Reason == store.ReasonUnfound || k.Reason == store.ReasonRecheck):
			t.bad("check %d asked again by call %d (%s) though call %d answered %s %s, and was not free", k.CheckID,
				k.CallID, k.Reason, f.CallID, f.Code, f.Pricing)
		case slices.Contains(named, k.Reason):
			t.countRepeat(k)
			t.reopened[k.CheckID] = true
		case k.Reason == store.ReasonDoubt && lost: // of a call that had a name
		// of one that had a name, whose free answer was found suspect
		case k.Reason == store.ReasonDoubt && t.Books.Suspects[sent.CallID] && t.toldNothing(sent):
		case t.reopened[k.CheckID] && t.goesOn(before, k): // the same
		default:
			t.bad("check %d asked again by call %d (%s) after call %d answered %s %s", k.CheckID, k.CallID, k.Reason,
				f.CallID,
				f.Code, f.Pricing)
		}
	}
	switch {
	case !lost:
	case k.Reason != store.ReasonDoubt && !slices.Contains(byHand, k.Reason):
		t.bad("check %d: call %d (%s) repeats the lost answer of call %d without saying so", k.CheckID, k.CallID,
			k.Reason,
			before.CallID)
	case before.Reason == store.ReasonDoubt && before.RunID == k.RunID:
		t.bad("check %d: call %d repeats a doubt of the same run a second time", k.CheckID, k.CallID)
	}
}

// goesOn reports that a call takes up a question whose last call cost nothing and answered nothing.
func (t *trial) goesOn(before, k store.CallRecord) bool {
	return t.toldNothing(before) &&
		(k.Reason == store.ReasonResume || k.Reason == store.ReasonRetry || k.Reason == before.Reason)
}

func (t *trial) countRepeat(k store.CallRecord) {
	if t.repeated[k.Reason] == nil {
		t.repeated[k.Reason], t.repeatedARun[k.Reason] = map[int64]int{}, map[int64]int{}
	}
	switch {
	case k.Outcome == store.Unsent: // it can have reached nobody
	case slices.Contains(t.trying[k.CheckID], k.Reason): // another try of the same repeat
	default:
		t.repeated[k.Reason][k.CheckID]++
		t.repeatedARun[k.Reason][k.RunID]++
		t.trying[k.CheckID] = append(t.trying[k.CheckID], k.Reason)
	}
}

// keep notes a check's last call. A repeat is tried until a call costs something or answers something.
func (t *trial) keep(k store.CallRecord) {
	if k.Outcome != store.Unsent {
		t.sent[k.CheckID] = k
	}
	if t.last[k.CheckID] = k; !t.toldNothing(k) {
		delete(t.trying, k.CheckID)
	}
}

// toldNothing reports that a call cost nothing and answered nothing.
func (t *trial) toldNothing(k store.CallRecord) bool {
	return k.Outcome == store.Unsent || t.wasFree(k) && !isFinal(k.Code)
}

// wasFree reports that a call cost nothing, as far as was known before it was perhaps found suspect: what such an
// answer said of money is taken back.
func (t *trial) wasFree(k store.CallRecord) bool {
	return k.Tag == store.TagFree || t.Books.Suspects[k.CallID] &&
		(strings.EqualFold(k.Pricing, "FREE") || k.HTTPStatus == http.StatusTooManyRequests)
}

// caps asserts that no reason was used more often than it may be.
func (t *trial) caps() {
	for _, reason := range slices.Sorted(maps.Keys(t.Caps)) {
		most := t.Caps[reason]
		for check, n := range t.repeated[reason] {
			if most.PerID != 0 && n > max(0, most.PerID) {
				t.bad("check %d was asked again %d times for %s, at most %d are allowed", check, n, reason,
					max(0, most.PerID))
			}
		}
		total := 0
		for _, run := range slices.Sorted(maps.Keys(t.repeatedARun[reason])) {
			n, most := t.repeatedARun[reason][run], max(0, most.PerRun)
			total += n
			// what a run did not come to, a later one takes up beside what it is asked for
			if slices.Contains(carried, reason) {
				n, most = total, most*int(run)
			}
			if t.Caps[reason].PerRun != 0 && n > most {
				t.bad("run %d asked again %d times for %s, at most %d are allowed", run, n, reason, most)
			}
		}
	}
}

// oneTransaction asserts that a transaction is one call, or calls for one ID of which one at most is surely charged.
func (t *trial) oneTransaction(k store.CallRecord) {
	x := transactionOf(k)
	if x == "" {
		return
	}
	first, again := t.callOf[x]
	switch {
	case !again:
		t.callOf[x] = k
	case first.CheckID != k.CheckID:
		t.bad("calls %d and %d are one transaction, %s", first.CallID, k.CallID, x)
	}
	if k.Tag != store.TagPay {
		return
	}
	if other, ok := t.charged[x]; ok {
		t.bad("transaction %s is counted as charged twice, by calls %d and %d", x, other, k.CallID)
	}
	t.charged[x] = k.CallID
}

// answered asserts that one transaction is one charge, and that the call is what the vendor said about its ID.
func (t *trial) answered(k store.CallRecord) {
	t.oneTransaction(k)
	if isRefusal(k) {
		t.turnedAway(k)
		return
	}
	if isFinal(k.Code) || k.Tag == store.TagPay {
		t.final[k.CheckID] = k
		delete(t.reopened, k.CheckID)
	}
	if t.Books.Suspects[k.CallID] && k.Tag != store.TagUnknown {
		t.bad("call %d is suspect, and counted as %s", k.CallID, k.Tag)
	}
	e, ok := t.entryOf(k)
	_, foreign := t.foreign[transactionOf(k)]
	if t.Books.Suspects[k.CallID] && !t.wild[k.Endpoint] {
		t.bad("call %d is suspect, but %s sent nothing unasked", k.CallID, k.Endpoint)
	}
	if (t.Books.Suspects[k.CallID] || t.unknowable(k)) && (ok || foreign || t.others(k)) {
		return
	}
	if ok {
		t.answers[k.CallID] = e
	}
	switch {
	case foreign:
		t.bad("call %d got an envelope that nobody asked for, %s, and is not suspect", k.CallID, transactionOf(k))
	case !ok:
		t.bad("call %d answered by transaction %s, which the vendor never served", k.CallID, transactionOf(k))
	case e.ID != k.Text || e.Kind != k.Kind || e.Endpoint != k.Endpoint:
		t.bad("call %d for %s got the answer of %s", k.CallID, k.Text, e.ID)
	case e.Code != k.Code:
		t.bad("call %d has code %s, the vendor says %s", k.CallID, k.Code, e.Code)
	case e.Twice == "pricingStrategy":
		if k.Tag != store.TagUnknown {
			t.bad("call %d has tag %q (%s), the vendor says two", k.CallID, k.Pricing, k.Tag)
		}
	case e.Pricing != k.Pricing || tagOf(e) != k.Tag && !t.chargedBefore(k):
		t.bad("call %d has tag %q (%s), the vendor says %q", k.CallID, k.Pricing, k.Tag, e.Pricing)
	}
}

// isRefusal reports that a call has a gateway's refusal for an answer: a 429 without an envelope.
func isRefusal(k store.CallRecord) bool {
	return k.HTTPStatus == http.StatusTooManyRequests && k.Code == ""
}

// turnedAway asserts that a refusal without an envelope is one that the gateway gave this ID, and that it was free.
func (t *trial) turnedAway(k store.CallRecord) {
	if t.Books.Suspects[k.CallID] || t.unknowable(k) {
		return // it may have been another ID's
	}
	key := k.Kind + " " + k.Text
	if t.turned[key]--; t.turned[key] < 0 || k.Tag != store.TagFree {
		t.bad("call %d for %s was turned away (%s), more often than the gateway says", k.CallID, k.Text, k.Tag)
	}
}

// entryOf finds what the vendor's ledger says about the transaction of an answered call.
func (t *trial) entryOf(k store.CallRecord) (simulator.Entry, bool) {
	if transactionOf(k) != "" {
		return t.toldTo(k)
	}
	key := k.Kind + " " + k.Text
	if len(t.untold[key]) == 0 {
		return simulator.Entry{}, false
	}
	e := t.untold[key][0]
	t.untold[key] = t.untold[key][1:]
	return e, true
}

// chargedBefore reports that a call's PAY is in doubt, since an earlier call for its ID may be the charge.
func (t *trial) chargedBefore(k store.CallRecord) bool {
	first, ok := t.callOf[transactionOf(k)]
	return ok && first.CallID != k.CallID && k.Tag == store.TagUnknown && k.TransactionID == ""
}

func tagOf(e simulator.Entry) store.Tag {
	switch e.Pricing {
	case "PAY":
		return store.TagPay
	case "FREE":
		return store.TagFree
	}
	return store.TagUnknown
}

// standing asserts that the result of a check is one answer of its own, and that it is what the vendor said.
func (t *trial) standing() {
	calls := make(map[int64]store.CallRecord, len(t.Books.Calls))
	for _, k := range t.Books.Calls {
		calls[k.CallID] = k
	}
	results := map[int64]int64{} // call by check
	for _, a := range t.Books.Answers {
		k := calls[a.CallID]
		if k.CheckID != a.CheckID || k.Outcome != store.Answered {
			t.bad("the answer of call %d is no answer of check %d", a.CallID, a.CheckID)
		}
		if a.Current && results[a.CheckID] != 0 {
			t.bad("check %d has two results, of calls %d and %d", a.CheckID, results[a.CheckID], a.CallID)
		}
		if a.Current {
			results[a.CheckID] = a.CallID
		}
		if e, ok := t.answers[a.CallID]; ok {
			t.saidSo(a, e)
		}
	}
	for check, k := range t.last {
		if k.State == store.Done && results[check] == 0 {
			t.bad("check %d is done without a result", check)
		}
	}
}

// saidSo asserts that an answer holds what the vendor said.
func (t *trial) saidSo(a store.AnswerRecord, e simulator.Entry) {
	said := simulator.Said{}
	if e.Said != nil {
		said = *e.Said
	}
	if a.Current && e.Code != "SUCCESS" {
		t.bad("call %d has the result of its check, the vendor said %s", a.CallID, e.Code)
	}
	score := said.Score
	switch e.Twice {
	case "livenessScore":
		score = nil
	case "attackType":
		said.Attack = ""
	}
	if e.Fault == simulator.DataTwice { // what one of two has alone is said by neither
		said = simulator.Said{}
	}
	if score != nil && (*score < 0 || *score > 100) { // none that a threshold could be held against
		score = nil
	}
	if number(a.Score) != number(score) {
		says := number(said.Score)
		if e.Twice == "livenessScore" {
			says = "two"
		}
		t.bad("call %d has score %s, the vendor says %s", a.CallID, number(a.Score), says)
	}
	if a.AttackType != said.Attack {
		t.bad("call %d has attack type %q, the vendor says %q", a.CallID, a.AttackType, said.Attack)
	}
	if !capturedAt(a.CapturedAt, said) {
		t.bad("call %d was captured at %s, the vendor says %s", a.CallID, moment(a.CapturedAt.UnixMilli()),
			moment(max(said.Far, said.Near)))
	}
}

// capturedAt reports that a time is one of those the vendor gave for the capture, or that both sides have none.
func capturedAt(at time.Time, said simulator.Said) bool {
	if at.IsZero() {
		return said.Far == 0 && said.Near == 0
	}
	return at.UnixMilli() == said.Far || at.UnixMilli() == said.Near
}

func moment(ms int64) string {
	if ms <= 0 {
		return "no time"
	}
	return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
}

func number(x *float64) string {
	if x == nil {
		return "none"
	}
	return fmt.Sprint(*x)
}

// isFinal reports that a code ends the questions about an ID.
func isFinal(code string) bool {
	switch code {
	case "SUCCESS", "LIVENESS_ID_NOT_EXISTED", "RESULT_NOT_FOUND", "PARAMETER_ERROR", "EMPTY_PARAMETER_ERROR":
		return true
	}
	return false
}
