package judge_test

import (
	"strings"
	"testing"

	"liverecon/batch/judge"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

const id = "f302f5d2454a85c2"

// served is the vendor's row of one request for the ID.
func served(transaction string, charged bool) simulator.Entry {
	return simulator.Entry{Endpoint: "ph", Kind: "signatureId", ID: id, Code: "SUCCESS", TransactionID: transaction, Charged: charged}
}

// call is our row of one; change makes it another.
func call(n int64, transaction string, change func(*store.CallRecord)) store.CallRecord {
	c := store.CallRecord{CheckID: 1, Kind: "signatureId", Text: id, Endpoint: "ph", Region: "PH"}
	c.CallID, c.RunID, c.Attempt, c.Reason = n, n, int(n), store.ReasonFirst
	c.Outcome, c.Code, c.Tag, c.TransactionID = store.Answered, "SUCCESS", store.TagPay, transaction
	if change != nil {
		change(&c)
	}
	return c
}

func unanswered(c *store.CallRecord) {
	c.Outcome, c.Code, c.Tag, c.TransactionID = store.Unanswered, "", store.TagUnknown, ""
}

func unsent(c *store.CallRecord) {
	c.Outcome, c.Code, c.Tag, c.TransactionID = store.Unsent, "", store.TagNone, ""
}

func doubt(c *store.CallRecord) { c.Reason = store.ReasonDoubt }

// TestCheck shows for each promise a pair of books that keeps it or breaks it.
func TestCheck(t *testing.T) {
	one := []simulator.Entry{served("a", true)}
	for _, c := range []struct {
		name   string
		vendor []simulator.Entry
		ours   []store.CallRecord
		perID  bool
		want   string // "" when nothing is broken
	}{
		{"answered once", one, []store.CallRecord{call(1, "a", nil)}, false, ""},
		{"lost and charged", one, []store.CallRecord{call(1, "", unanswered)}, false, ""},
		{"lost and never served", nil, []store.CallRecord{call(1, "", unanswered)}, false, ""},
		{"lost, then repeated by name", []simulator.Entry{served("a", true), served("b", true)}, []store.CallRecord{call(1, "", unanswered), call(2, "b", doubt)}, false, ""},
		{"a vendor that charges an ID once", []simulator.Entry{served("a", true), served("b", false)}, []store.CallRecord{call(1, "", unanswered), call(2, "b", doubt)}, true, ""},
		{"served without an intent", one, nil, false, "served 1 > intents 0"},
		{"charged behind our back", []simulator.Entry{served("a", true), served("b", true)}, []store.CallRecord{call(1, "a", nil)}, false, "charged 2 > PAY 1"},
		{"tagged PAY, not charged", []simulator.Entry{served("a", false)}, []store.CallRecord{call(1, "a", nil)}, false, "charged 0 < PAY 1"},
		{"unsent but served", one, []store.CallRecord{call(1, "", unsent)}, false, "an unsent call was served"},
		{"an answer nobody gave", one, []store.CallRecord{call(1, "x", nil)}, false, "which the vendor never served"},
		{"one answer booked twice", one, []store.CallRecord{call(1, "a", nil), call(2, "a", doubt)}, false, "which the vendor never served"},
		{"another ID's answer", one, []store.CallRecord{call(1, "a", func(c *store.CallRecord) { c.Text = "0000000000000000" })}, false, "got the answer of"},
		{"another code", one, []store.CallRecord{call(1, "a", func(c *store.CallRecord) { c.Code = "ERROR" })}, false, "the vendor says SUCCESS"},
		{"asked again after its answer", []simulator.Entry{served("a", true), served("b", true)}, []store.CallRecord{call(1, "a", nil), call(2, "b", nil)}, false, "asked again by call 2"},
		{"a doubt repeated without a name", []simulator.Entry{served("a", true), served("b", true)}, []store.CallRecord{call(1, "", unanswered), call(2, "b", nil)}, false, "without saying so"},
		{"a doubt repeated twice in a run", []simulator.Entry{served("a", true)}, []store.CallRecord{call(1, "", unanswered),
			call(2, "", func(c *store.CallRecord) { unanswered(c); doubt(c) }), call(3, "a", func(c *store.CallRecord) { doubt(c); c.RunID = 2 })}, false, "a second time"},
		{"one ID, two checks", []simulator.Entry{served("a", true), served("b", true)}, []store.CallRecord{call(1, "a", nil), call(2, "b", func(c *store.CallRecord) { c.CheckID = 2 })}, false, "is two checks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := judge.Check(c.vendor, judge.Books{Calls: c.ours}, c.perID)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("unexpected: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
