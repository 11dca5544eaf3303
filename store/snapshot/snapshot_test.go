package snapshot_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/store"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// takeList reads one list of IDs and returns when it did.
func takeList(t *testing.T, s *store.Store, run int64, name string, regions ...string) time.Time {
	t.Helper()
	in, err := s.Lists().Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, region := range regions {
		if err := in.Row(store.ListedRow{Line: i + 2, Kind: "signatureId", ID: fmt.Sprintf("%s-%d", name, i), Region: region, Endpoint: "sg"}); err != nil {
			t.Fatal(err)
		}
	}
	at := time.Now()
	if _, err := in.Commit(context.Background(), run, store.List{Path: name, Fingerprint: name, ReadAt: at}); err != nil {
		t.Fatal(err)
	}
	return at
}

// TestSnapshotOfAPeriod reads three nights and asks for the middle one: lists, states, calls and doubts of the others stay out.
func TestSnapshotOfAPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, s := context.Background(), storetest.Open(t)
		var nights []time.Time
		for night := range 3 {
			run, _, err := s.Runs().Open(ctx, "test", true)
			if err != nil {
				t.Fatal(err)
			}
			nights = append(nights, takeList(t, s, run, fmt.Sprint("list", night), "PH", "PH", "SG"))
			takeList(t, s, run, fmt.Sprint("empty", night))
			lose(t, s, run, int64(night*3+1))
			if err := s.Runs().Close(ctx, run, 3, "PARTIAL", nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(24 * time.Hour)
		}
		snap, err := snapshot.Open(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := snap.Close(); err != nil {
				t.Error(err)
			}
		}()
		checkSnapshot(t, snap, nights[1], nights[2])
	})
}

// lose makes one call whose answer is lost.
func lose(t *testing.T, s *store.Store, run, check int64) {
	t.Helper()
	j, err := s.Journal().Open(context.Background(), storetest.AdmitAll{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	in := store.Intent{CheckID: check, Attempt: 1, RunID: run, Reason: store.ReasonFirst, Endpoint: "sg", Region: "PH", At: time.Now(), From: store.Pending}
	id, err := j.Begin(in)
	if err == nil {
		err = j.Finish(id, in, store.Result{Outcome: store.Unanswered, Cause: "timeout", SentAt: in.At, EndedAt: time.Now(), Tag: store.TagUnknown, State: store.InDoubt, Doubtful: true})()
	}
	if err == nil {
		err = j.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func checkSnapshot(t *testing.T, snap *snapshot.Snapshot, from, to time.Time) {
	t.Helper()
	ctx := context.Background()
	states, err := snap.Lists().States(ctx, from, to)
	if err != nil {
		t.Fatal(err)
	}
	sum := map[store.State]int64{}
	for _, c := range states {
		sum[c.State] += c.Checks
	}
	if sum[store.Pending] != 2 || sum[store.InDoubt] != 1 || len(sum) != 2 {
		t.Errorf("states of the middle night: %v", states)
	}
	lists, err := snap.Lists().Regions(ctx, from, to)
	if err != nil || len(lists) != 3 || lists[0].New+lists[1].New != 3 || lists[2].Rows != 0 {
		t.Errorf("lists of the middle night: %+v (%v)", lists, err)
	}
	calls, err := snap.Calls().Counts(ctx, from, to)
	if err != nil || len(calls) != 1 || calls[0] != (snapshot.CallCount{Outcome: store.Unanswered, Tag: store.TagUnknown, Calls: 1}) {
		t.Errorf("calls of the middle night: %+v (%v)", calls, err)
	}
	var doubts []snapshot.InDoubtCall
	err = snap.Calls().EachInDoubt(ctx, from, to, func(d snapshot.InDoubtCall) error { doubts = append(doubts, d); return nil })
	if err != nil || len(doubts) != 1 || doubts[0].CallID != 2 || !doubts[0].At.Equal(from) || doubts[0].State != store.InDoubt {
		t.Errorf("doubts of the middle night: %+v (%v)", doubts, err)
	}
	for _, c := range []struct{ from, to, want time.Time }{{from, to, from}, {to.Add(time.Hour), to.Add(2 * time.Hour), to.Add(time.Hour)}} {
		if newest, err := snap.Newest(ctx, c.from, c.to); err != nil || !newest.Equal(c.want) {
			t.Errorf("newest fact of [%s, %s): %s (%v), want %s", c.from, c.to, newest, err, c.want)
		}
	}
	first, runs, err := snap.Runs(ctx, from, to)
	if err != nil || first.ID != 1 || len(runs) != 1 || runs[0].ID != 2 || !runs[0].StartedAt.Equal(from) {
		t.Errorf("runs of the middle night: first %+v, then %+v (%v)", first, runs, err)
	}
	if all, err := snap.Lists().States(ctx, to.Add(time.Hour), to.Add(2*time.Hour)); err != nil || len(all) != 0 {
		t.Errorf("states of no night: %v (%v)", all, err)
	}
}
