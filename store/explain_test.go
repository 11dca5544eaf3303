package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"liverecon/store"
)

// TestExplain follows one ID through three lists and four calls.
func TestExplain(t *testing.T) {
	ctx := context.Background()
	const id = "f302f5d2454a85c2"
	s := open(t)
	row := rowOf(7, id)
	row.Reference = `{"customer":"C-1"}`
	take(t, s, "one.csv", rowOf(2, "0000000000000001"), row, rowOf(9, id))
	take(t, s, "two.csv", rowOf(4, id))
	other := rowOf(2, id)
	other.Kind = "livenessId"
	runID, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	in := stage(t, s, []store.ListedRow{other}, nil)
	in.Distinguish(false, true) // else it would be rejected
	_, err = in.Commit(ctx, runID, listOf("three.csv"))
	check(t, err)
	stories, err := s.Personal().Explain(ctx, id)
	check(t, err)
	if len(stories) != 2 || stories[0].Kind != "signatureId" || stories[1].Kind != "livenessId" || len(stories[1].Traces) != 1 || len(stories[1].Calls) != 0 {
		t.Fatalf("an ID of both kinds has two stories: %+v", stories)
	}
	tellCalls(t, s, runID, stories[0].ID)
	if stories, err = s.Personal().Explain(ctx, id); err != nil {
		t.Fatal(err)
	}
	story := stories[0]
	if story.Text != id || story.Reference != `{"customer":"C-1"}` || story.State != store.Done || story.Attempts != 4 || story.Doubts != 1 ||
		story.Score == nil || *story.Score != 12 || story.Attack != "1" {
		t.Errorf("the check: %+v", story)
	}
	explainPlaces(t, story.Traces)
	explainCalls(t, story.Calls, runID)
	if none, err := s.Personal().Explain(ctx, "ffffffffffffffff"); err != nil || len(none) != 0 {
		t.Errorf("an ID of no list: %+v, %v", none, err)
	}
}

// tellCalls makes four calls: unsent, lost, FREE, PAY; and a fifth that is still in flight.
func tellCalls(t *testing.T, s *store.Store, runID, checkID int64) {
	t.Helper()
	j := journal(t, s, admitAll{})
	for n, result := range []func(store.Intent) store.Result{unsent, lost, free, func(in store.Intent) store.Result {
		r := paid(in, 12)
		r.Answer.AttackType = "1"
		return r
	}} {
		in := intentFor(runID, checkID, n+1)
		in.Reason = []store.Reason{store.ReasonFirst, store.ReasonRetry, store.ReasonDoubt, store.ReasonRetry}[n]
		check(t, j.Finish(begin(t, j, in), in, result(in))())
	}
	in := intentFor(runID, checkID, 5)
	in.Reason = store.ReasonForced
	begin(t, j, in)
}

func explainPlaces(t *testing.T, got []store.Trace) {
	t.Helper()
	want := []store.Trace{{Path: "lists/one.csv", Line: 7, First: true}, {Path: "lists/one.csv", Line: 9}, {Path: "lists/two.csv", Line: 4}}
	if len(got) != len(want) {
		t.Fatalf("places %+v, want %+v", got, want)
	}
	for n, p := range got {
		if time.Since(p.ReadAt).Abs() > time.Hour {
			t.Errorf("place %d was read at %v", n, p.ReadAt)
		}
		p.ReadAt = time.Time{}
		if p != want[n] {
			t.Errorf("place %d is %+v, want %+v", n, p, want[n])
		}
	}
}

func explainCalls(t *testing.T, got []store.StoryCall, runID int64) {
	t.Helper()
	want := []store.StoryCall{
		{Attempt: 1, Reason: store.ReasonFirst, Outcome: store.Unsent, Cause: "dial", Tag: store.TagNone},
		{Attempt: 2, Reason: store.ReasonRetry, Outcome: store.Unanswered, Cause: "timeout", Tag: store.TagUnknown, Latency: 30 * time.Second},
		{Attempt: 3, Reason: store.ReasonDoubt, Outcome: store.Answered, HTTPStatus: 200, Code: "RETRY_LATER", Pricing: "FREE", Tag: store.TagFree, Latency: 90 * time.Millisecond},
		{Attempt: 4, Reason: store.ReasonRetry, Outcome: store.Answered, HTTPStatus: 200, Code: "SUCCESS", Pricing: "PAY", Tag: store.TagPay, Latency: 180 * time.Millisecond, Current: true,
			Received: `{"code":"SUCCESS","pricingStrategy":"PAY","data":{"livenessScore":12}}`},
		{Attempt: 5, Reason: store.ReasonForced},
	}
	if len(got) != len(want) {
		t.Fatalf("calls %+v", got)
	}
	for n, c := range got {
		if c.CallID != int64(n+1) || c.RunID != runID || time.Since(c.At).Abs() > time.Hour || (c.TransactionID != "") != (c.Tag == store.TagPay) {
			t.Errorf("call %d: %+v", n+1, c)
		}
		c.CallID, c.RunID, c.At, c.TransactionID = 0, 0, time.Time{}, ""
		if c != want[n] {
			t.Errorf("call %d is %+v, want %+v", n+1, c, want[n])
		}
	}
}

// TestEachCall gives every call once, in order, and those in flight too.
func TestEachCall(t *testing.T) {
	s, _ := withCalls(t)
	var ids []int64
	var outcomes []store.Outcome
	check(t, s.Calls().Each(context.Background(), func(c store.CallRecord) error {
		ids, outcomes = append(ids, c.CallID), append(outcomes, c.Outcome)
		if c.CheckID != c.CallID || c.Text == "" || c.Endpoint != "ph" || c.Region != "PH" {
			t.Errorf("call %+v", c)
		}
		return nil
	}))
	if len(ids) != 5 || ids[0] != 1 || ids[4] != 5 || outcomes[0] != store.Answered || outcomes[2] != store.Unanswered || outcomes[4] != "" {
		t.Errorf("calls %v became %v", ids, outcomes)
	}
}

// TestEachAnswer gives every answer once, in order, with what it said.
func TestEachAnswer(t *testing.T) {
	s, runID := withCalls(t)
	j := journal(t, s, admitAll{})
	in := intentFor(runID, 6, 1)
	full := paid(in, 12.5)
	full.Answer.AttackType, full.Answer.CapturedAt = "2", time.UnixMilli(1600000000900)
	check(t, j.Finish(begin(t, j, in), in, full)())
	check(t, j.Close())
	var got []string
	check(t, s.Calls().EachAnswer(context.Background(), func(a store.AnswerRecord) error {
		text := fmt.Sprintf("%d %d %t %q", a.CallID, a.CheckID, a.Current, a.AttackType)
		if a.Score != nil {
			text += fmt.Sprint(" ", *a.Score)
		}
		if !a.CapturedAt.IsZero() {
			text += fmt.Sprint(" ", a.CapturedAt.UnixMilli())
		}
		got = append(got, text)
		return nil
	}))
	want := []string{`1 1 true "" 50`, `2 2 false ""`, `6 6 true "2" 12.5 1600000000900`}
	if !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
}
