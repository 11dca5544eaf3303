package judge_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/batch/judge"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

const id = "f302f5d2454a85c2"

// served is the vendor's row of one request for the ID.
func served(transaction string, charged bool) simulator.Entry {
	score := 87.5
	return simulator.Entry{Endpoint: "ph", Kind: "signatureId", ID: id, Code: "SUCCESS", Pricing: "PAY", TransactionID: transaction,
		Charged: charged, Said: &simulator.Said{Score: &score, Attack: "3", Far: 1600000000000, Near: 1600000000900}}
}

// absent is the vendor's row of a request that found nothing.
func absent(transaction string) simulator.Entry {
	return simulator.Entry{Endpoint: "ph", Kind: "signatureId", ID: id, Code: "RESULT_NOT_FOUND", Pricing: "FREE", TransactionID: transaction}
}

// busy is the vendor's row of a request that it had no time for.
func busy(transaction string) simulator.Entry {
	return simulator.Entry{Endpoint: "ph", Kind: "signatureId", ID: id, Code: "SERVICE_BUSY", Pricing: "FREE", TransactionID: transaction}
}

// of makes a row one of another ID.
func of(other string, e simulator.Entry) simulator.Entry {
	e.ID = other
	return e
}

// call is our row of one; change makes it another.
func call(n int64, transaction string, change func(*store.CallRecord)) store.CallRecord {
	c := store.CallRecord{CheckID: 1, Kind: "signatureId", Text: id, Endpoint: "ph", Region: "PH"}
	c.CallID, c.RunID, c.Attempt, c.Reason = n, n, int(n), store.ReasonFirst
	c.Outcome, c.Code, c.Pricing, c.Tag, c.TransactionID = store.Answered, "SUCCESS", "PAY", store.TagPay, transaction
	c.State = store.Done
	if change != nil {
		change(&c)
	}
	return c
}

func unanswered(c *store.CallRecord) {
	c.Outcome, c.Code, c.Tag, c.TransactionID = store.Unanswered, "", store.TagUnknown, ""
	c.Pricing, c.State = "", store.InDoubt
}

func unsent(c *store.CallRecord) {
	c.Outcome, c.Code, c.Tag, c.TransactionID = store.Unsent, "", store.TagNone, ""
	c.Pricing, c.State = "", store.Pending
}

func doubt(c *store.CallRecord) { c.Reason = store.ReasonDoubt }

func forced(c *store.CallRecord) { c.Reason = store.ReasonForced }

func notFound(c *store.CallRecord) {
	c.Code, c.Pricing, c.Tag, c.State = "RESULT_NOT_FOUND", "FREE", store.TagFree, store.Absent
}

func busyNow(c *store.CallRecord) {
	c.Code, c.Pricing, c.Tag, c.State = "SERVICE_BUSY", "FREE", store.TagFree, store.Pending
}

func again(reason store.Reason) func(*store.CallRecord) {
	return func(c *store.CallRecord) { notFound(c); c.Reason = reason }
}

// answers are those of calls that had one, as the vendor's rows above say; change makes them others.
func answers(calls []store.CallRecord, change func(*store.AnswerRecord)) []store.AnswerRecord {
	var all []store.AnswerRecord
	last := map[int64]int{}
	for _, c := range calls {
		if c.Outcome != store.Answered {
			continue
		}
		a := store.AnswerRecord{CallID: c.CallID, CheckID: c.CheckID}
		if c.Code == "SUCCESS" {
			score := 87.5
			a.Current, a.Score, a.AttackType, a.CapturedAt = true, &score, "3", time.UnixMilli(1600000000000)
			if n, ok := last[c.CheckID]; ok {
				all[n].Current = false
			}
			last[c.CheckID] = len(all)
		}
		all = append(all, a)
	}
	for n := range all {
		if change != nil {
			change(&all[n])
		}
	}
	return all
}

// trial is a pair of books, and what the judge has to say of it.
type trial struct {
	name    string
	vendor  []simulator.Entry
	unasked []simulator.Sent
	ours    []store.CallRecord
	answer  func(*store.AnswerRecord)
	suspect []int64
	tagged  bool // what a suspect answer said of money stands
	caps    map[store.Reason]judge.Cap
	perID   bool
	loss    judge.Loss
	want    string // "" when nothing is broken
}

func (c trial) judge() error {
	b := judge.Books{Calls: slices.Clone(c.ours), Answers: answers(c.ours, c.answer), Suspects: map[int64]bool{}}
	for _, id := range c.suspect {
		b.Suspects[id] = true
	}
	for i := range b.Calls {
		if k := &b.Calls[i]; b.Suspects[k.CallID] && k.Outcome == store.Answered && !c.tagged {
			k.Tag = store.TagUnknown
		}
	}
	return judge.Case{Entries: c.vendor, Unasked: c.unasked, Books: b, Caps: c.caps, PerID: c.perID, Loss: c.loss}.Check()
}

func judgeAll(t *testing.T, cases []trial) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := c.judge()
			switch {
			case c.want == "" && err != nil:
				t.Errorf("unexpected: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

type (
	rows  = []simulator.Entry
	calls = []store.CallRecord
)

const other = "0000000000000000"

func forOther(c *store.CallRecord) { c.Text, c.CheckID = other, 2 }

// TestCheck shows for each promise a pair of books that keeps it or breaks it.
func TestCheck(t *testing.T) {
	one, two := rows{served("a", true)}, rows{served("a", true), served("b", true)}
	judgeAll(t, []trial{
		{name: "answered once", vendor: one, ours: calls{call(1, "a", nil)}},
		{name: "lost and charged", vendor: one, ours: calls{call(1, "", unanswered)}},
		{name: "lost and never served", ours: calls{call(1, "", unanswered)}},
		{name: "lost, then repeated by name", vendor: two, ours: calls{call(1, "", unanswered), call(2, "b", doubt)}},
		{name: "a vendor that charges an ID once", vendor: rows{served("a", true), served("b", false)}, ours: calls{call(1, "", unanswered), call(2, "b", doubt)}, perID: true},
		{name: "served without an intent", vendor: one, want: "served 1 > intents 0"},
		{name: "charged behind our back", vendor: two, ours: calls{call(1, "a", nil)}, want: "charged 2 > PAY 1"},
		{name: "tagged PAY, not charged", vendor: rows{served("a", false)}, ours: calls{call(1, "a", nil)}, want: "charged 0 < PAY 1"},
		{name: "unsent but served", vendor: one, ours: calls{call(1, "", unsent)}, want: "an unsent call was served"},
		{name: "a doubt repeated without a name", vendor: two, ours: calls{call(1, "", unanswered), call(2, "b", nil)}, want: "without saying so"},
		{name: "a doubt repeated twice in a run", vendor: one, ours: calls{call(1, "", unanswered),
			call(2, "", func(c *store.CallRecord) { unanswered(c); doubt(c) }), call(3, "a", func(c *store.CallRecord) { doubt(c); c.RunID = 2 })}, want: "a second time"},
		{name: "one ID, two checks", vendor: two, ours: calls{call(1, "a", nil), call(2, "b", func(c *store.CallRecord) { c.CheckID = 2 })}, want: "is two checks"},
	})
}

// toldAgain is a later answer under the transaction of an earlier call for the same ID.
func toldAgain(tag store.Tag) func(*store.CallRecord) {
	return func(c *store.CallRecord) {
		forced(c)
		c.Repeats = store.Repeat{TransactionID: c.TransactionID, FirstCall: 1}
		if c.Tag = tag; tag == store.TagUnknown {
			c.TransactionID = ""
		}
	}
}

// TestOneTransactionIsOneCharge: a vendor may give all calls for an ID one transaction; it is charged once, as far as we
// know.
func TestOneTransactionIsOneCharge(t *testing.T) {
	at := time.UnixMilli(1600000000000)
	late, early, missed := served("a", true), absent("a"), absent("a")
	early.At, late.At, missed.At = at, at.Add(time.Hour), at.Add(2*time.Hour)
	then := func(c *store.CallRecord) {
		toldAgain(store.TagPay)(c)
		c.At, c.Reason = late.At, store.ReasonRecheck
	}
	others := func(c *store.CallRecord) {
		forOther(c)
		toldAgain(store.TagUnknown)(c)
	}
	inDoubt := func(c *store.CallRecord) { c.Tag = store.TagUnknown }
	soon := missed
	soon.At = late.At.Add(50 * time.Microsecond)
	at2 := func(c store.CallRecord) store.CallRecord { c.At, c.Reason = late.At, store.ReasonDoubt; return c }
	lost := call(1, "", unanswered)
	lost.At = late.At
	paid, free := call(1, "a", nil), call(1, "a", notFound)
	perhaps, surely := call(2, "a", toldAgain(store.TagUnknown)), call(2, "a", toldAgain(store.TagPay))
	judgeAll(t, []trial{
		{name: "a second charge is in doubt", vendor: rows{late, late}, ours: calls{paid, perhaps}},
		{name: "and no charge", vendor: rows{late, served("a", false)}, ours: calls{paid, perhaps}},
		{name: "a second charge is sure", vendor: rows{late, late}, ours: calls{paid, surely},
			want: "transaction a is counted as charged twice"},
		{name: "the second is the charge", vendor: rows{early, late}, ours: calls{free, call(2, "a", then)}},
		{name: "the second is another answer", vendor: rows{early, missed}, ours: calls{free, call(2, "a", then)},
			want: "call 2 has code SUCCESS"},
		{name: "a first charge in doubt", vendor: rows{late}, ours: calls{call(1, "a", inDoubt)},
			want: `tag "PAY" (unknown)`},
		{name: "two calls of one moment", vendor: rows{late, soon}, ours: calls{lost, at2(call(2, "a", notFound))}},
		{name: "and another answer", vendor: rows{late, soon}, ours: calls{at2(paid), at2(call(2, "a", func(c *store.CallRecord) {
			then(c)
			c.Tag = store.TagUnknown
			c.TransactionID = ""
		}))}, want: "call 2 has code SUCCESS"},
		{name: "another ID's", vendor: rows{late, of(other, late)}, ours: calls{paid, call(2, "a", others)},
			want: "are one transaction"},
	})
}

// TestOneTransactionIsOneCall: no transaction is the answer of two calls, whatever else fits.
func TestOneTransactionIsOneCall(t *testing.T) {
	two := rows{served("a", true), of(other, served("b", true))}
	copied := []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "a"}}
	judgeAll(t, []trial{
		{name: "each its own", vendor: two, ours: calls{call(1, "a", nil), call(2, "b", forOther)}},
		{name: "the copy was not believed", vendor: two, unasked: copied, ours: calls{call(1, "a", nil), call(2, "", func(c *store.CallRecord) { unanswered(c); forOther(c) })}},
		{name: "of two IDs", vendor: two, ours: calls{call(1, "a", nil), call(2, "a", forOther)}, want: "calls 1 and 2 are one transaction, a"},
		{name: "of one ID", vendor: rows{served("a", true), served("b", true)}, ours: calls{call(1, "a", nil), call(2, "a", forced)}, want: "transaction a is counted as charged twice"},
		{name: "no suspicion excuses it", vendor: two, unasked: copied, ours: calls{call(1, "a", nil), call(2, "a", forOther)}, suspect: []int64{2}, want: "calls 1 and 2 are one transaction, a"},
		{name: "answers that name none are not one", vendor: rows{unnamed(id), unnamed(other)}, ours: calls{call(1, "", nil), call(2, "", forOther)}},
	})
}

// unnamed is the vendor's row of an answer that names no transaction.
func unnamed(id string) simulator.Entry {
	e := of(id, served("hidden-"+id, true))
	e.Untold = true
	return e
}

// refusal is the vendor's row of a request that a gateway turned away.
func refusal() simulator.Entry {
	return simulator.Entry{Endpoint: "ph", Kind: "signatureId", ID: id, HTTPStatus: http.StatusTooManyRequests, Delivered: simulator.TurnedAway}
}

// refusedTwice lists the vendor's rows of the other ID that was turned away once, and charged the next time.
func refusedTwice() rows {
	first, then := of(other, refusal()), overConn(1, rows{of(other, served("b", true))})[0]
	first.TransactionID, then.At = "r", first.At.Add(2*time.Second)
	return rows{first, then}
}

// turnedAway makes our row one of the other ID that a gateway turned away.
func turnedAway(c *store.CallRecord) {
	forOther(c)
	c.HTTPStatus, c.Code, c.Tag, c.Pricing, c.TransactionID, c.State = http.StatusTooManyRequests, "", store.TagFree, "", "", store.Pending
}

// unnamedTwice lists the vendor's rows of an ID that it was too busy for once, by an answer that names no transaction, and
// charged the next time.
func unnamedTwice() rows {
	first, then := unnamed(id), overConn(1, rows{served("b", true)})[0]
	first.Code, first.Pricing, first.Charged, first.Said = "SERVICE_BUSY", "FREE", false, nil
	then.At = first.At.Add(2 * time.Second)
	return rows{first, then}
}

// namedTwice lists the vendor's rows of an ID that it did not find, and charged under the same transaction ID the next
// time.
func namedTwice() rows {
	first, then := absent("b"), overConn(1, rows{served("b", true)})[0]
	then.At = first.At.Add(2 * time.Second)
	return rows{first, then}
}

// later makes our row one of two seconds later.
func later(change func(*store.CallRecord)) func(*store.CallRecord) {
	return func(c *store.CallRecord) {
		change(c)
		c.At = c.At.Add(2 * time.Second)
	}
}

// saidTwice is the vendor's row of an answer that says two things in one field.
func saidTwice(field string) rows {
	e := served("a", true)
	e.Twice = field
	return rows{e}
}

// dataTwice is the vendor's row of an answer with two data objects, of which the second has but another score.
func dataTwice() simulator.Entry {
	e := saidTwice("livenessScore")[0]
	e.Fault = simulator.DataTwice
	return e
}

// TestStoredAsSaid: what is stored for an ID is what the vendor said for that ID, or the ID is suspect and had reason to be.
func TestStoredAsSaid(t *testing.T) {
	one := rows{served("a", true)}
	mine := calls{call(1, "a", nil)}
	unasked := []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "n", New: true, Shown: true}}
	hidden := []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "n", New: true}}
	elsewhere := []simulator.Sent{unasked[0], {Conn: 2, Endpoint: "ph", TransactionID: "m", New: true}}
	shifted := calls{call(1, "n", nil), call(2, "a", forOther)}
	both := rows{served("a", true), of(other, served("b", true))}
	judgeAll(t, []trial{
		{name: "an answer nobody gave", vendor: one, ours: calls{call(1, "x", nil)}, want: "which the vendor never served"},
		{name: "another ID's answer", vendor: one, ours: calls{call(1, "a", func(c *store.CallRecord) { c.Text = other })}, want: "got the answer of"},
		{name: "another code", vendor: one, ours: calls{call(1, "a", func(c *store.CallRecord) { c.Code = "ERROR" })}, want: "the vendor says SUCCESS"},
		{name: "another tag as received", vendor: one, ours: calls{call(1, "a", func(c *store.CallRecord) { c.Pricing = "FREE" })}, want: `has tag "FREE" (pay), the vendor says "PAY"`},
		{name: "another tag as counted", vendor: one, ours: calls{call(1, "a", func(c *store.CallRecord) { c.Tag = store.TagUnknown })}, want: `has tag "PAY" (unknown), the vendor says "PAY"`},
		{name: "another score", vendor: one, ours: mine, answer: func(a *store.AnswerRecord) { score := 12.0; a.Score = &score }, want: "has score 12, the vendor says 87.5"},
		{name: "no score", vendor: one, ours: mine, answer: func(a *store.AnswerRecord) { a.Score = nil }, want: "has score none, the vendor says 87.5"},
		{name: "one of two scores", vendor: saidTwice("livenessScore"), ours: mine, want: "has score 87.5, the vendor says two"},
		{name: "none of two scores", vendor: saidTwice("livenessScore"), ours: mine, answer: func(a *store.AnswerRecord) { a.Score = nil }},
		{name: "one of two attack types", vendor: saidTwice("attackType"), ours: mine, want: `has attack type "3", the vendor says ""`},
		{name: "none of two attack types", vendor: saidTwice("attackType"), ours: mine, answer: func(a *store.AnswerRecord) { a.AttackType = "" }},
		{name: "one of two tags", vendor: saidTwice("pricingStrategy"), ours: mine, want: `has tag "PAY" (pay), the vendor says two`},
		{name: "none of two tags", vendor: saidTwice("pricingStrategy"), ours: calls{call(1, "a", func(c *store.CallRecord) { c.Tag = store.TagUnknown })}},
		{name: "a part of two data", vendor: rows{dataTwice()}, ours: mine, answer: func(a *store.AnswerRecord) { a.Score = nil }, want: `has attack type "3", the vendor says ""`},
		{name: "nothing of two data", vendor: rows{dataTwice()}, ours: mine, answer: func(a *store.AnswerRecord) { *a = store.AnswerRecord{CallID: 1, CheckID: 1, Current: true} }},
		{name: "one of two transactions", vendor: rows{unnamed(id)}, ours: mine, want: "which the vendor never served"},
		{name: "none of two transactions", vendor: rows{unnamed(id)}, ours: calls{call(1, "", nil)}},
		{name: "another attack type", vendor: one, ours: mine, answer: func(a *store.AnswerRecord) { a.AttackType = "1" }, want: `has attack type "1", the vendor says "3"`},
		{name: "the other capture time", vendor: one, ours: mine, answer: func(a *store.AnswerRecord) { a.CapturedAt = time.UnixMilli(1600000000900) }},
		{name: "another capture time", vendor: one, ours: mine, answer: func(a *store.AnswerRecord) { a.CapturedAt = time.UnixMilli(1600000000001) }, want: "was captured at 2020-09-13T12:26:40.001Z"},
		{name: "no capture time", vendor: one, ours: mine, answer: func(a *store.AnswerRecord) { a.CapturedAt = time.Time{} }, want: "was captured at no time"},
		{name: "done without a result", vendor: one, ours: mine, answer: func(a *store.AnswerRecord) { a.Current = false }, want: "done without a result"},
		{name: "two results", vendor: rows{served("a", true), served("b", true)}, ours: calls{call(1, "a", nil), call(2, "b", forced)}, answer: func(a *store.AnswerRecord) { a.Current = true }, want: "has two results, of calls 1 and 2"},
		{name: "a result of a failure", vendor: rows{absent("a")}, ours: calls{call(1, "a", notFound)}, answer: func(a *store.AnswerRecord) { a.Current = true }, want: "has the result of its check, the vendor said RESULT_NOT_FOUND"},
		{name: "an answer of another check", vendor: one, ours: mine, answer: func(a *store.AnswerRecord) { a.CheckID = 7 }, want: "is no answer of check 7"},
		{name: "a new envelope that nobody asked for", vendor: both, unasked: unasked, ours: shifted, want: "call 1 got an envelope that nobody asked for, n, and is not suspect"},
		{name: "its successor", vendor: both, unasked: unasked, ours: shifted, suspect: []int64{1}, want: "call 2 for " + other + " got the answer of " + id},
		{name: "nobody can know of the first", vendor: one, unasked: hidden, ours: calls{call(1, "n", nil)}},
		{name: "nor of its successor", vendor: overConn(1, both), unasked: hidden, ours: shifted},
		{name: "a copy of what nobody got is as new", vendor: overConn(1, rows{of(other, served("b", true)), served("a", true)}),
			unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "b"}},
			ours:    calls{call(1, "", func(c *store.CallRecord) { unanswered(c); forOther(c) }), call(2, "b", nil)}},
		{name: "and is found out where it can be", vendor: overConn(1, rows{of(other, served("b", true)), served("a", true)}),
			unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "b", Shown: true}}, want: "call 2 for " + id + " got the answer of " + other,
			ours: calls{call(1, "", func(c *store.CallRecord) { unanswered(c); forOther(c) }), call(2, "b", nil)}},
		{name: "wherever the copy came", vendor: slices.Concat(overConn(2, rows{of(other, served("b", true))}), overConn(1, rows{served("a", true)})),
			unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "b"}},
			ours:    calls{call(1, "", func(c *store.CallRecord) { unanswered(c); forOther(c) }), call(2, "b", nil)}},
		{name: "a suspect with another's answer that names no transaction", vendor: rows{served("a", true), unnamed(other)}, unasked: unasked,
			ours: calls{call(1, "", nil), call(2, "", func(c *store.CallRecord) { unanswered(c); forOther(c) })}, suspect: []int64{1}},
		{name: "a suspect whose own request never came in", vendor: rows{of(other, served("b", true))}, unasked: unasked,
			ours: calls{call(1, "b", nil), call(2, "", func(c *store.CallRecord) { unanswered(c); forOther(c) })}, suspect: []int64{1}},
		{name: "which was given at all", vendor: rows{served("a", true)}, unasked: unasked, ours: calls{call(1, "", nil)}, suspect: []int64{1},
			want: "which the vendor never served"},
		{name: "nobody can know of one that names no transaction", vendor: overConn(1, rows{unnamed(other), served("a", true)}), unasked: hidden,
			ours: calls{call(1, "", func(c *store.CallRecord) { unanswered(c); forOther(c) }), call(2, "", nil)}},
		{name: "nor of a gateway's refusal behind it", vendor: overConn(1, rows{refusal(), of(other, served("b", true))}), unasked: hidden,
			ours: calls{call(1, "n", nil), call(2, "", turnedAway)}},
		{name: "which is no excuse where it is shown", vendor: overConn(1, rows{refusal(), of(other, served("b", true))}), unasked: unasked,
			ours: calls{call(1, "n", nil), call(2, "", turnedAway)}, suspect: []int64{1}, want: "call 2 for " + other + " was turned away (free), more often"},
		{name: "nor of a copy of the ID's own", vendor: refusedTwice(), unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "r"}},
			ours: calls{call(1, "", turnedAway), call(2, "", later(turnedAway))}},
		{name: "nor of one of the ID's own answers that names no transaction", vendor: unnamedTwice(),
			unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "hidden-" + id}},
			ours:    calls{call(1, "", busyNow), call(2, "", later(busyNow))}},
		{name: "which is no excuse where its own answer came", vendor: unnamedTwice(),
			unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "hidden-" + id, Shown: true}},
			ours:    calls{call(1, "", busyNow), call(2, "", later(busyNow))}, want: "which the vendor never served"},
		{name: "nor of one that its ID was never told, and that names the same transaction", vendor: namedTwice(),
			unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "b"}},
			ours:    calls{call(1, "", unanswered), call(2, "b", later(again(store.ReasonDoubt)))}},
		{name: "which is no excuse where its ID was told", vendor: namedTwice(),
			unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "b"}},
			ours:    calls{call(1, "b", notFound), call(2, "b", later(again(store.ReasonRecheck)))}, want: "call 2 has code RESULT_NOT_FOUND, the vendor says SUCCESS"},
		{name: "nor where what it was told came behind it", vendor: namedTwice(),
			unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "b", Shown: true}},
			ours:    calls{call(1, "", unanswered), call(2, "b", later(again(store.ReasonDoubt)))}, want: "call 2 has code RESULT_NOT_FOUND, the vendor says SUCCESS"},
		{name: "which is no excuse where the answer came", vendor: refusedTwice(),
			unasked: []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "r", Shown: true}},
			ours:    calls{call(1, "", turnedAway), call(2, "", later(turnedAway))}, want: "call 2 for " + other + " was turned away (free), more often"},
		{name: "nor where another connection lost it", vendor: refusedTwice(), unasked: []simulator.Sent{{Conn: 2, Endpoint: "ph", TransactionID: "r"}},
			ours: calls{call(1, "", turnedAway), call(2, "", later(turnedAway))}, want: "call 2 for " + other + " was turned away (free), more often"},
		{name: "but where it is shown", vendor: overConn(1, rows{unnamed(other), served("a", true)}), unasked: unasked,
			ours: calls{call(1, "", func(c *store.CallRecord) { unanswered(c); forOther(c) }), call(2, "", nil)}, want: "which the vendor never served"},
		{name: "another connection is no excuse", vendor: overConn(1, both), unasked: elsewhere, ours: shifted, want: "call 1 got an envelope that nobody asked for"},
		{name: "nor for a successor", vendor: overConn(3, both), unasked: elsewhere, ours: shifted, suspect: []int64{1}, want: "got the answer of"},
		{name: "both are suspect", vendor: both, unasked: unasked, ours: shifted, suspect: []int64{1, 2}},
		{name: "a suspect with the right answer", vendor: one, unasked: unasked, ours: mine, suspect: []int64{1}},
		{name: "a suspect that is counted as paid", vendor: one, unasked: unasked, ours: mine, suspect: []int64{1}, tagged: true,
			want: "call 1 is suspect, and counted as pay"},
		{name: "a suspect with an answer from nowhere", vendor: one, unasked: unasked, ours: calls{call(1, "x", nil)}, suspect: []int64{1}, want: "which the vendor never served"},
		{name: "suspect without a reason", vendor: one, ours: mine, suspect: []int64{1}, want: "ph sent nothing unasked"},
		{name: "a suspect's tag may be another call's", vendor: rows{served("a", false)}, unasked: unasked, ours: mine, suspect: []int64{1}},
		{name: "a suspect's tag excuses nobody else's", vendor: rows{served("a", false), of(other, served("b", false))}, unasked: unasked, ours: calls{call(1, "a", nil), call(2, "b", forOther)}, suspect: []int64{1}, want: "charged 0 < PAY 1"},
	})
}

// overConn makes rows come over a connection.
func overConn(n uint64, entries rows) rows {
	entries = slices.Clone(entries)
	for i := range entries {
		entries[i].Conn = n
	}
	return entries
}

// TestNamedRepeats: no ID is asked again after a whole final answer but under a named reason, and no more often than its cap
// allows.
func TestNamedRepeats(t *testing.T) {
	unasked := []simulator.Sent{{Conn: 1, Endpoint: "ph", TransactionID: "n", New: true, Shown: true}}
	two := rows{absent("a"), absent("b")}
	three := rows{absent("a"), absent("b"), absent("c")}
	ask := func(reasons ...store.Reason) calls {
		all := calls{call(1, "a", notFound)}
		for n, reason := range reasons {
			all = append(all, call(int64(n+2), string(rune('b'+n)), again(reason)))
		}
		return all
	}
	recheck := func(most judge.Cap) map[store.Reason]judge.Cap {
		return map[store.Reason]judge.Cap{store.ReasonRecheck: most}
	}
	oneRun := ask(store.ReasonRecheck)
	oneRun = append(oneRun, call(3, "c", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); forOther(c); c.RunID = 2 }))
	oneRun = append(calls{call(1, "d", func(c *store.CallRecord) { notFound(c); forOther(c) })}, oneRun...)
	for n := range oneRun {
		oneRun[n].CallID = int64(n + 1)
	}
	byHandIn := func(run int64) calls {
		all := slices.Clone(oneRun)
		for n := range all {
			if all[n].Reason == store.ReasonRecheck {
				all[n].Reason, all[n].RunID = store.ReasonForced, run
			}
		}
		return all
	}
	byHandEarly, byHandTwice := byHandIn(1), byHandIn(2)
	four := rows{of(other, absent("d")), absent("a"), absent("b"), of(other, absent("c"))}
	judgeAll(t, []trial{
		{name: "rechecked", vendor: two, ours: ask(store.ReasonRecheck)},
		{name: "rechecked, and the free answer was found suspect later", vendor: two, unasked: unasked, suspect: []int64{1}, ours: ask(store.ReasonRecheck)},
		{name: "forced", vendor: two, ours: ask(store.ReasonForced)},
		{name: "without a score", vendor: two, ours: ask(store.ReasonNoScore)},
		{name: "for a score, after two of them", vendor: append(saidTwice("livenessScore"), absent("b")), answer: func(a *store.AnswerRecord) {
			if a.CallID == 1 {
				a.Score = nil
			}
		}, ours: calls{call(1, "a", nil), call(2, "b", again(store.ReasonNoScore))}, want: "for a score, though call 1 was told all that there is"},
		{name: "refreshed", vendor: two, ours: ask(store.ReasonRefresh)},
		{name: "suspect", vendor: two, ours: ask(store.ReasonSuspect)},
		{name: "misplaced", vendor: two, ours: ask(store.ReasonMisplaced)},
		{name: "misplaced more often than an ID may be", vendor: three, ours: ask(store.ReasonMisplaced, store.ReasonMisplaced),
			caps: map[store.Reason]judge.Cap{store.ReasonMisplaced: {PerID: 1}}, want: "asked again 2 times for misplaced, at most 1 are allowed"},
		{name: "a second try of one repeat is one repeat", vendor: rows{absent("a"), busy("b"), absent("c")}, ours: calls{call(1, "a", notFound),
			call(2, "b", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.Code = "SERVICE_BUSY" }),
			call(3, "c", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.RunID = 2 })}, caps: recheck(judge.Cap{PerID: 1, PerRun: 1})},
		{name: "nor is one on a later night, where the first told nothing", vendor: rows{absent("a"), busy("b"), absent("c")}, ours: calls{call(1, "a", notFound),
			call(2, "b", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.Code = "SERVICE_BUSY" }),
			call(3, "c", again(store.ReasonRecheck))}, caps: recheck(judge.Cap{PerID: 1, PerRun: 1})},
		{name: "nor is one after a try for another reason that told nothing either", vendor: rows{absent("a"), busy("b"), busy("c"), absent("d")}, ours: calls{call(1, "a", notFound),
			call(2, "b", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.Code = "SERVICE_BUSY" }),
			call(3, "c", func(c *store.CallRecord) { again(store.ReasonForced)(c); c.Code = "SERVICE_BUSY" }),
			call(4, "d", again(store.ReasonRecheck))}, caps: recheck(judge.Cap{PerID: 1, PerRun: 1})},
		{name: "one after an answer for another reason is a second", vendor: rows{absent("a"), busy("b"), absent("c"), absent("d")}, ours: calls{call(1, "a", notFound),
			call(2, "b", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.Code = "SERVICE_BUSY" }),
			call(3, "c", again(store.ReasonForced)), call(4, "d", again(store.ReasonRecheck))}, caps: recheck(judge.Cap{PerID: 1}),
			want: "asked again 2 times for recheck, at most 1 are allowed"},
		{name: "nor is one after a try that was never sent", vendor: rows{absent("a"), busy("b"), absent("c")}, ours: calls{call(1, "a", notFound),
			call(2, "b", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.Code = "SERVICE_BUSY" }),
			call(3, "", func(c *store.CallRecord) { unsent(c); c.Reason = store.ReasonRecheck }),
			call(4, "c", again(store.ReasonRecheck))}, caps: recheck(judge.Cap{PerID: 1})},
		{name: "nor is one after another kind of try", vendor: rows{absent("a"), busy("b"), busy("d"), absent("c")}, ours: calls{call(1, "a", notFound),
			call(2, "b", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.Code = "SERVICE_BUSY" }),
			call(3, "d", func(c *store.CallRecord) { again(store.ReasonRetry)(c); c.Code = "SERVICE_BUSY" }),
			call(4, "c", again(store.ReasonRecheck))}, caps: recheck(judge.Cap{PerID: 1})},
		{name: "nor is one after a try that was found suspect later", unasked: unasked, suspect: []int64{2}, vendor: rows{absent("a"), busy("b"), absent("c")}, ours: calls{call(1, "a", notFound),
			call(2, "b", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.Code = "SERVICE_BUSY" }),
			call(3, "c", again(store.ReasonRecheck))}, caps: recheck(judge.Cap{PerID: 1})},
		{name: "a doubt after such a one, found at once", unasked: unasked, suspect: []int64{2}, vendor: rows{absent("a"), busy("b"), absent("c")}, ours: calls{call(1, "a", notFound),
			call(2, "b", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.Code = "SERVICE_BUSY" }),
			call(3, "c", again(store.ReasonDoubt))}, caps: recheck(judge.Cap{PerID: 1})},
		{name: "and one behind a call that never left", unasked: unasked, suspect: []int64{2}, vendor: rows{absent("a"), busy("b"), absent("c")}, ours: calls{call(1, "a", notFound),
			call(2, "b", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.Code = "SERVICE_BUSY" }),
			call(3, "", func(c *store.CallRecord) { unsent(c); c.Reason = store.ReasonRecheck }),
			call(4, "c", again(store.ReasonDoubt))}, caps: recheck(judge.Cap{PerID: 1})},
		{name: "no doubt behind a call that never left alone", vendor: rows{absent("a"), absent("c")}, ours: calls{call(1, "a", notFound),
			call(2, "", func(c *store.CallRecord) { unsent(c); c.Reason = store.ReasonRecheck }),
			call(3, "c", again(store.ReasonDoubt))}, want: "asked again by call 3 (doubt)"},
		{name: "no doubt after a suspect that tells something", unasked: unasked, suspect: []int64{2}, vendor: three, ours: calls{call(1, "a", notFound),
			call(2, "b", again(store.ReasonRecheck)), call(3, "c", again(store.ReasonDoubt))}, want: "asked again by call 3 (doubt)"},
		{name: "two final answers in one run are two", vendor: three, ours: calls{call(1, "a", notFound), call(2, "b", again(store.ReasonRecheck)),
			call(3, "c", func(c *store.CallRecord) { again(store.ReasonRecheck)(c); c.RunID = 2 })}, caps: recheck(judge.Cap{PerRun: 1}), want: "asked again 2 times for recheck"},
		{name: "asked again without a name", vendor: two, ours: ask(store.ReasonFirst), want: "asked again by call 2 (first)"},
		{name: "as a retry", vendor: two, ours: ask(store.ReasonRetry), want: "asked again by call 2 (retry)"},
		{name: "as left over", vendor: two, ours: ask(store.ReasonResume), want: "asked again by call 2 (resume)"},
		{name: "as a doubt where nothing was lost", vendor: two, ours: ask(store.ReasonDoubt), want: "asked again by call 2 (doubt)"},
		{name: "as a doubt of a named call", vendor: three, ours: calls{call(1, "a", notFound), call(2, "", func(c *store.CallRecord) { unanswered(c); c.Reason = store.ReasonRecheck }), call(3, "c", doubt2)}},
		{name: "a paid failure", vendor: rows{paidError("a"), served("b", true)}, ours: calls{call(1, "a", func(c *store.CallRecord) { c.Code = "ERROR" }), call(2, "b", func(c *store.CallRecord) { c.Reason = store.ReasonRetry })}, want: "asked again by call 2 (retry)"},
		{name: "within the cap of an ID", vendor: three, ours: ask(store.ReasonRecheck, store.ReasonRecheck), caps: recheck(judge.Cap{PerID: 2})},
		{name: "over the cap of an ID", vendor: three, ours: ask(store.ReasonRecheck, store.ReasonRecheck), caps: recheck(judge.Cap{PerID: 1}), want: "asked again 2 times for recheck, at most 1 are allowed"},
		{name: "a reason that nobody may have", vendor: two, ours: ask(store.ReasonRecheck), caps: recheck(judge.Cap{PerID: -1}), want: "asked again 1 times for recheck, at most 0 are allowed"},
		{name: "in no run", vendor: two, ours: ask(store.ReasonRecheck), caps: recheck(judge.Cap{PerRun: -1}), want: "asked again 1 times for recheck, at most 0 are allowed"},
		{name: "by hand, two in a second run that takes up one of the first", vendor: four, ours: byHandTwice,
			caps: map[store.Reason]judge.Cap{store.ReasonForced: {PerRun: 1}}},
		{name: "by hand, more than both runs were asked for", vendor: four, ours: byHandEarly,
			caps: map[store.Reason]judge.Cap{store.ReasonForced: {PerRun: 1}}, want: "run 1 asked again 2 times for forced, at most 1 are allowed"},
		{name: "a doubt again that was not sent", vendor: three, ours: calls{call(1, "a", notFound),
			call(2, "", func(c *store.CallRecord) { unanswered(c); c.Reason = store.ReasonRecheck }),
			call(3, "", func(c *store.CallRecord) { unsent(c); c.Reason = store.ReasonDoubt }), call(4, "c", doubt2)}},
		{name: "another reason's cap", vendor: three, ours: ask(store.ReasonForced, store.ReasonForced), caps: recheck(judge.Cap{PerID: 1})},
		{name: "one that was not sent does not count", vendor: two, ours: calls{call(1, "a", notFound), call(2, "", func(c *store.CallRecord) { unsent(c); c.Reason = store.ReasonRecheck }), call(3, "b", again(store.ReasonRecheck))}, caps: recheck(judge.Cap{PerID: 1})},
		{name: "within the cap of a run", vendor: four, ours: oneRun, caps: recheck(judge.Cap{PerRun: 2})},
		{name: "over the cap of a run", vendor: four, ours: oneRun, caps: recheck(judge.Cap{PerRun: 1}), want: "run 2 asked again 2 times for recheck, at most 1 are allowed"},
	})
}

func doubt2(c *store.CallRecord) { notFound(c); doubt(c) }

// paidError is the vendor's row of a failure that it charged.
func paidError(transaction string) simulator.Entry {
	e := served(transaction, true)
	e.Code, e.Said = "ERROR", nil
	return e
}

// TestLoss: what the books lack since an older copy went on is not asked for again, and counted.
func TestLoss(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	at := func(minute int, e simulator.Entry) simulator.Entry {
		e.At = noon.Add(time.Duration(minute) * time.Minute)
		return e
	}
	then := func(minute int, change func(*store.CallRecord)) func(*store.CallRecord) {
		return func(c *store.CallRecord) {
			c.At = noon.Add(time.Duration(minute) * time.Minute)
			if change != nil {
				change(c)
			}
		}
	}
	lost := func(counted int64) judge.Loss {
		return judge.Loss{Times: []judge.Span{{From: noon.Add(10 * time.Minute), Until: noon.Add(20 * time.Minute)}, {From: noon.Add(30 * time.Minute), Until: noon.Add(40 * time.Minute)}}, Counted: counted}
	}
	released := lost(1)
	released.Released = noon.Add(50 * time.Minute)
	elsewhere := func(said int64, ours ...store.CallRecord) judge.Loss {
		return judge.Loss{Others: []judge.Books{{Calls: ours}, {Calls: ours}}, Said: said, Counted: 1}
	}
	once := rows{at(15, served("a", true))}
	again := rows{at(15, served("a", true)), at(55, served("b", true))}
	twice := rows{at(15, served("a", true)), at(35, of(other, served("b", true)))}
	judgeAll(t, []trial{
		{name: "a call that is held", vendor: once, loss: lost(1)},
		{name: "a call that nobody counts", vendor: once, loss: lost(0), want: "1 of the calls that the books lack were charged, 0 are counted as paid"},
		{name: "not in a lost time", vendor: rows{at(25, served("a", true))}, loss: lost(1), want: "served 1 > intents 0"},
		{name: "a free one", vendor: rows{at(15, absent("a"))}, loss: lost(0)},
		{name: "a second loss", vendor: twice, loss: lost(2)},
		{name: "a second loss that is not counted", vendor: twice, loss: lost(1), want: "2 of the calls that the books lack were charged, 1 are counted"},
		{name: "asked for again", vendor: again, ours: calls{call(1, "b", then(55, nil))}, loss: lost(1), want: "and again by call 1 (first)"},
		{name: "asked for again, and it was not sent", vendor: once, ours: calls{call(1, "", then(55, unsent))}, loss: lost(1)},
		{name: "asked for again after it was released", vendor: again, ours: calls{call(1, "b", then(55, nil))}, loss: released},
		{name: "a call in the midst of it that is there", vendor: once, ours: calls{call(1, "a", then(15, nil))}, loss: lost(0)},
		{name: "two of one moment that are there", vendor: rows{at(15, busy("a")), at(15, served("b", true))}, ours: calls{call(1, "a", then(15, busyNow)), call(2, "b", then(15, nil))}, loss: lost(0)},
		{name: "a call that another database has", vendor: once, loss: elsewhere(1, call(7, "a", then(15, nil)))},
		{name: "and is not said to be lost", vendor: once, loss: elsewhere(0, call(7, "a", then(15, nil))), want: "0 calls are said to be lost, other databases have 1"},
		{name: "one of them came to nobody", loss: elsewhere(1, call(7, "", then(15, unsent)))},
		{name: "one that both have", vendor: once, ours: calls{call(7, "a", then(15, nil))}, loss: elsewhere(0, call(7, "a", then(15, nil)))},
		{name: "one that no database has", vendor: twice, loss: elsewhere(1, call(7, "a", then(15, nil))), want: "served 1 > intents 0"},
		{name: "asked for again here", vendor: again, ours: calls{call(8, "b", then(55, nil))}, loss: elsewhere(1, call(7, "a", then(15, nil))), want: "and again by call 8 (first)"},
		{name: "a call before it, and one in it", vendor: rows{at(5, busy("a")), at(15, served("b", true))}, ours: calls{call(1, "a", then(5, busyNow))}, loss: lost(0), want: "1 of the calls that the books lack"},
	})
}
