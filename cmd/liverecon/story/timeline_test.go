package story

import (
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/decisions"
)

// A story is told in the order of time, whatever part of the books its events stand in.
func TestTimeline(t *testing.T) {
	c, err := config.Parse("t", "/srv", []byte("[endpoint.id]\n[[price]]\nendpoint = \"id\"\nfrom = 2020-01-01\ncurrency = \"USD\"\nunit = \"0.03\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	f := store.Story{
		Check:  store.Check{Endpoint: "id", Region: "ID"},
		Traces: []store.Trace{{Path: "a.csv", Line: 2, ReadAt: at(1, 0), First: true}, {Path: "b.csv", Line: 7, ReadAt: at(5, 0)}},
		Calls: []store.StoryCall{
			{CallID: 1, RunID: 1, Attempt: 1, Reason: store.ReasonFirst, At: at(1, 1), Outcome: store.Unanswered, Cause: "reset", Tag: store.TagUnknown, Resolution: "billed"},
			{CallID: 2, RunID: 2, Attempt: 2, Reason: store.ReasonDoubt, At: time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC), Outcome: store.Answered, Code: "SUCCESS", Pricing: "PAY", Tag: store.TagPay, Latency: time.Second, Current: true},
		},
		Billed: map[int64][]store.BilledLine{1: {{Month: "2026-11", MadeAt: time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC), Class: "matched", Path: "s.csv", Line: 9, TheirAmount: "0.03", Currency: "USD"}}},
		Images: []store.StoryImage{{CallID: 2, Kind: "far", State: "stored", Path: "ID/2026-12-01/2-far.jpg", QueuedAt: at(30, 17), EndedAt: at(30, 18)},
			{CallID: 2, Kind: "near", State: "expired", Reason: "link expired", EndedAt: at(30, 19)}},
		Decisions: []decisions.WithFile{{Decision: decisions.Decision{CallID: 2, Decision: "genuine", Reviewer: "ann", DecidedAt: at(30, 20), Comment: "seen", Sheet: "Queue", Row: 5}, File: "risk.xlsx"}},
		Erased:    []time.Time{time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC)},
	}
	closures := []accounts.Closure{{Month: "2026-11", ClosedBy: "bob", ClosedAt: time.Date(2026, 12, 4, 0, 0, 0, 0, time.UTC), ReopenedAt: time.Date(2026, 12, 5, 0, 0, 0, 0, time.UTC), ReopenedBy: "eve", Reason: "late line"},
		{Month: "2026-10", ClosedBy: "bob", ClosedAt: at(2, 0)}}
	var got []string
	for _, e := range timeline(c, f, Months{Closures: closures}) {
		got = append(got, e.Kind+": "+e.Text+"|"+e.Cost+"|"+e.Resolution)
	}
	want := []string{
		"listed: listed in a.csv, line 2||",
		"call: call 1 in run 1, attempt 1 (first): no answer: reset|USD 0.03|billed",
		"listed: listed again in b.csv, line 7||",
		"call: call 2 in run 2, attempt 2 (doubt): answered SUCCESS PAY after 1s, transaction -; this is the result; " +
			"paid for twice: call 1, whose answer was lost, is billed, too|USD 0.03|",
		"image: far image of call 2: stored in /srv/evidence/ID/2026-12-01/2-far.jpg||",
		"image: near image of call 2: expired, link expired||",
		"decision: genuine, decided by ann about the answer to call 2 (risk.xlsx, Queue row 5): seen||",
		"statement: call 1 in the statement of 2026-11: matched, s.csv line 9, USD 0.03||",
		"closed: 2026-11, in which it is counted, was closed by bob||",
		"closed: 2026-11 was opened again by eve: late line||",
		"erased: what names the person was taken out on request; the calls and their cost stay||",
	}
	if !slices.Equal(got, want) {
		t.Errorf("timeline\n%q\nwant\n%q", got, want)
	}
	// The second call was made on the first day of December, by the clocks of the business day.
	wantIn := []string{"risk_2026-12-01 and risk_2026-12: its answer", "finance_2026-11: 1 call, 1 settled by a statement", "finance_2026-12: 1 call, 1 PAY"}
	if got := countedIn(c, f); !slices.Equal(got, wantIn) {
		t.Errorf("counted in %q, want %q", got, wantIn)
	}
}

// An ID that was taken out is given up, whatever it waited for; that says nothing of how it was asked.
func TestMeaningOfErased(t *testing.T) {
	c := &config.Config{}
	for id, want := range map[string]string{"c01dface5eedf001": "asked too often", "": "the ID was taken out"} {
		if got := meaning(c, store.Story{Check: store.Check{State: store.GivenUp, Text: id}}, false); !strings.HasPrefix(got, want) {
			t.Errorf("%q given up: %q, want %q", id, got, want)
		}
	}
}

// TestMeaningBesideRun: while a run goes on it may be the one that asks an ID.
func TestMeaningBesideRun(t *testing.T) {
	waits := store.Story{Check: store.Check{State: store.Pending, Text: "c01dface5eedf001"}}
	for running, want := range map[bool]string{false: "is asked in the next run",
		true: "is asked in the run that is going on, or in the next"} {
		if got := meaning(&config.Config{}, waits, running); got != want {
			t.Errorf("running %v: %q, want %q", running, got, want)
		}
	}
}

// A span of time has no part that is none, and a hold that knows no beginning names none.
func TestSpans(t *testing.T) {
	for d, want := range map[time.Duration]string{-time.Hour: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min", time.Hour: "1 h", 61 * time.Minute: "1 h 1 min",
		24 * time.Hour: "1 day", 25 * time.Hour: "1 day 1 h", 48 * time.Hour: "2 days", 49 * time.Hour: "2 days 1 h", 80 * time.Hour: "3 days"} {
		if got := words.Duration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	until := time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)
	for from, want := range map[time.Time]string{until.Add(-time.Hour): "asked in the 1 h before 2026-11-28 02:00:00 UTC may", {}: "asked before 2026-11-28 02:00:00 UTC may"} {
		got := holdEvents(&config.Config{Zone: time.UTC}, store.StoryHold{By: "ann", At: until, LostFrom: from, LostUntil: until})
		if len(got) != 1 || !strings.Contains(got[0].Text, want) {
			t.Errorf("from %v: %+v", from, got)
		}
	}
}
