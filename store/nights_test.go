package store_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"liverecon/store"
)

// absent is an answer that the vendor has nothing under the ID.
func absent(in store.Intent) store.Result {
	r := free(in)
	r.Code, r.Class, r.State = "LIVENESS_ID_NOT_EXISTED", "absent", store.Absent
	return r
}

// answer makes one call and returns when its outcome is durable.
func answer(t *testing.T, j *store.JournalWriter, in store.Intent, result func(store.Intent) store.Result) {
	t.Helper()
	check(t, j.Finish(begin(t, j, in), in, result(in))())
}

// TestNights: a night counts what was found and what was not, with its scores; answers to IDs asked again do not count.
func TestNights(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 6)
	if id, err := s.Endpoints().UncountedRun(ctx); err != nil || id != 0 {
		t.Errorf("a run without calls: %d, %v", id, err)
	}
	j := journal(t, s, admitAll{})
	answer(t, j, intentFor(runID, 1, 1), func(in store.Intent) store.Result { return paid(in, 12.5) })
	answer(t, j, intentFor(runID, 2, 1), func(in store.Intent) store.Result { return paid(in, 99) })
	answer(t, j, intentFor(runID, 3, 1), absent)
	answer(t, j, intentFor(runID, 4, 1), lost)
	answer(t, j, intentFor(runID, 5, 1), free)
	again := intentFor(runID, 6, 1)
	again.Reason = store.ReasonRecheck
	answer(t, j, again, absent)
	check(t, j.Close())

	if id, err := s.Endpoints().UncountedRun(ctx); err != nil || id != runID {
		t.Errorf("uncounted run %d, %v, want %d", id, err, runID)
	}
	want := []store.EndpointNight{{Endpoint: "ph", RunID: runID, Found: 2, Absent: 1, Scores: 2, Lowest: 12.5, Highest: 99}}
	nights, err := s.Endpoints().CountNights(ctx, runID)
	if check(t, err); !reflect.DeepEqual(nights, want) {
		t.Errorf("nights %+v, want %+v", nights, want)
	}
	for range 2 { // it may be kept again, after a crash
		n, err := s.Endpoints().SaveNights(ctx, nights, time.Now())
		if check(t, err); n != (store.Reopened{}) {
			t.Errorf("%v IDs were reopened by an ordinary night", n)
		}
	}
	if got, err := s.Endpoints().NightsBefore(ctx, "ph", runID+1, 5); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("kept %+v, %v", got, err)
	}
	if got, err := s.Endpoints().NightsBefore(ctx, "ph", runID, 5); err != nil || len(got) > 0 {
		t.Errorf("before the run itself: %+v, %v", got, err)
	}
	if id, err := s.Endpoints().UncountedRun(ctx); err != nil || id != 0 {
		t.Errorf("the counted run counts as uncounted: %d, %v", id, err)
	}
}

// TestNobodysNight: the absent IDs of a night that found nobody wait again, those of earlier nights stay absent; and they are
// known as such until they have a final answer.
func TestNobodysNight(t *testing.T) {
	ctx := context.Background()
	s, first := withChecks(t, 4)
	j := journal(t, s, admitAll{})
	answer(t, j, intentFor(first, 1, 1), absent)
	second, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	answer(t, j, intentFor(second, 2, 1), absent)
	answer(t, j, intentFor(second, 3, 1), absent)
	check(t, j.Close())
	night := store.EndpointNight{Endpoint: "ph", RunID: second, Absent: 2, Finding: store.Nobody}
	for _, want := range []int64{2, 0} {
		if n, err := s.Endpoints().SaveNights(ctx, []store.EndpointNight{night}, time.Now()); err != nil || n != (store.Reopened{InRun: store.Disbelieved{Pending: want}}) {
			t.Errorf("reopened %v, %v, want %d", n, err, want)
		}
	}
	states := func() string {
		return fmt.Sprint(lines(t, s.ReadDB(), "SELECT check_id, state, unfound, why FROM checks"))
	}
	if got := states(); got != "[1|absent|0| 2|pending|1|nobody found 3|pending|1|nobody found 4|pending|0|]" {
		t.Errorf("checks %s", got)
	}
	open, err := s.Checks().Open(ctx, "ph", "PH", store.Pending, 0, 10)
	if check(t, err); len(open) != 3 || !open[0].Unfound || !open[1].Unfound || open[2].Unfound {
		t.Errorf("open %+v", open)
	}

	j = journal(t, s, admitAll{})
	for checkID, results := range map[int64][]func(store.Intent) store.Result{2: {free, lost}, 3: {free, absent}} {
		for i, result := range results {
			answer(t, j, intentFor(second, checkID, 2+i), result)
		}
	}
	if got := lines(t, s.ReadDB(), "SELECT check_id, state, unfound FROM checks WHERE check_id IN (2, 3)"); fmt.Sprint(got) != "[2|in_doubt|1 3|absent|0]" {
		t.Errorf("checks %s", got)
	}
}

// TestUnconfirmed: what small nights without a find call absent is counted by endpoint, once an ID, and asked once more after
// a night with one; a person's word makes it final.
func TestUnconfirmed(t *testing.T) {
	ctx := context.Background()
	s, first := withChecks(t, 4)
	j := journal(t, s, admitAll{})
	nightOf := func(ids ...int64) int64 {
		t.Helper()
		run, _, err := s.Runs().Open(ctx, "test", true)
		check(t, err)
		for _, id := range ids {
			answer(t, j, intentFor(run, id, 1), absent)
		}
		return run
	}
	save := func(n store.EndpointNight, want store.Reopened) {
		t.Helper()
		n.Endpoint = "ph"
		for range 2 { // the second time there is nothing left to do
			if got, err := s.Endpoints().SaveNights(ctx, []store.EndpointNight{n}, time.Now()); err != nil || got != want {
				t.Errorf("reopened %+v, %v, want %+v", got, err, want)
			}
			want = store.Reopened{}
		}
	}
	counts := func(run int64, want store.Unconfirmed) {
		t.Helper()
		if got, err := s.Endpoints().UnconfirmedBefore(ctx, "ph", run); err != nil || got != want {
			t.Errorf("unconfirmed %+v, %v, want %+v", got, err, want)
		}
		if got, err := s.Endpoints().UnconfirmedBefore(ctx, "sg", run); err != nil || got.IDs > 0 {
			t.Errorf("unconfirmed of another endpoint %+v, %v", got, err)
		}
	}
	second, third := nightOf(1, 2), nightOf(3)
	fourth := nightOf()
	save(store.EndpointNight{RunID: second, Absent: 2}, store.Reopened{})
	save(store.EndpointNight{RunID: third, Absent: 1}, store.Reopened{})
	counts(third, store.Unconfirmed{IDs: 2, Nights: 1})
	counts(third+1, store.Unconfirmed{IDs: 3, Nights: 2})
	execSQL(t, s.WriteDB(), "UPDATE checks SET state = 'done' WHERE check_id = 1") // a person asked for it meanwhile
	counts(third+1, store.Unconfirmed{IDs: 2, Nights: 2})
	states := func(want string) {
		t.Helper()
		if got := fmt.Sprint(lines(t, s.ReadDB(), "SELECT check_id, state, unfound, why FROM checks")); got != want {
			t.Errorf("checks %s, want %s", got, want)
		}
	}
	states("[1|done|0|nobody found yet 2|absent|0|nobody found yet 3|absent|0|nobody found yet 4|pending|0|]")
	save(store.EndpointNight{RunID: fourth, Found: 1}, store.Reopened{Earlier: store.Disbelieved{Pending: 2}})
	counts(fourth+1, store.Unconfirmed{})
	states("[1|done|0|nobody found yet 2|pending|1|nobody found 3|pending|1|nobody found 4|pending|0|]")

	// A usual night's are noted, and final; a later unusual one makes all of them unconfirmed.
	answer(t, j, intentFor(fourth, 2, 2), absent)
	execSQL(t, s.WriteDB(), "UPDATE checks SET state = 'absent', unfound = 0, why = '' WHERE check_id = 3")
	save(store.EndpointNight{RunID: fourth, Absent: 1, Usual: true}, store.Reopened{})
	counts(fourth+1, store.Unconfirmed{IDs: 1, Nights: 1})
	states("[1|done|0|nobody found yet 2|absent|0| 3|absent|0| 4|pending|0|]")
	fifth := nightOf()
	answer(t, j, intentFor(fifth, 3, 2), absent)
	save(store.EndpointNight{RunID: fifth, Found: 1}, store.Reopened{})
	counts(fifth+1, store.Unconfirmed{})

	answer(t, j, intentFor(first, 4, 1), absent)
	save(store.EndpointNight{RunID: first, Absent: 1}, store.Reopened{})
	counts(first+1, store.Unconfirmed{IDs: 1, Nights: 1})
	save(store.EndpointNight{RunID: second, Absent: 1, Confirmed: true}, store.Reopened{})
	counts(first+1, store.Unconfirmed{})
	check(t, j.Close())
}

// TestDrawOpen: a sample is spread over all regions by how many wait in each, begins where it is told to, and is another on
// another turn.
func TestDrawOpen(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	var rows []store.ListedRow
	for i := range 100 {
		r := rowOf(i+2, fmt.Sprintf("%016x", i+1))
		if i >= 80 {
			r.Region = "VN"
		}
		rows = append(rows, r)
	}
	take(t, s, "list.csv", rows...)
	execSQL(t, s.WriteDB(), "UPDATE checks SET state = 'done' WHERE region = 'PH' AND check_id % 2 = 0")
	draw := func(n int, turn int64, from ...store.OpenAfter) map[string]int {
		t.Helper()
		checks, err := s.Checks().Draw(ctx, "ph", from, n, turn)
		check(t, err)
		byRegion, seen := map[string]int{}, map[int64]bool{}
		for _, c := range checks {
			byRegion[c.Region]++
			if seen[c.ID] || c.State != store.Pending || c.Text == "" {
				t.Errorf("drawn %+v", c)
			}
			seen[c.ID] = true
		}
		byRegion["first"] = int(checks[0].ID)
		return byRegion
	}
	waiting := lines(t, s.ReadDB(), "SELECT sum(region = 'PH'), sum(region = 'VN') FROM checks WHERE state = 'pending'")[0]
	all := []store.OpenAfter{{Region: "PH"}, {Region: "VN"}}
	got, other := draw(20, 0, all...), draw(20, 1, all...)
	if ratio := got["PH"] * 20 / max(1, got["VN"]); got["PH"]+got["VN"] != 20 || ratio < 20 || ratio > 60 { // of about 40 and 20
		t.Errorf("drew %v of %s", got, waiting)
	}
	if got["first"] == other["first"] {
		t.Errorf("both turns begin with %d", got["first"])
	}
	if got := draw(1000, 7, all...); fmt.Sprintf("%d|%d", got["PH"], got["VN"]) != waiting {
		t.Errorf("drew %v, want all %s", got, waiting)
	}
	if got := draw(5, 0, store.OpenAfter{Region: "VN", After: 40}); got["first"] <= 40 || got["PH"] > 0 {
		t.Errorf("drew %v", got)
	}
	if none, err := s.Checks().Draw(ctx, "sg", all, 20, 0); err != nil || len(none) > 0 {
		t.Errorf("drew %v, %v where nothing waits", none, err)
	}
}
