package store_test

import (
	"slices"
	"testing"

	"liverecon/store"
)

// What an answer said of money goes with what it said of its ID: where it may be another's, the call is in doubt, for the
// caps as well, and an ID that was to be asked again for it stands as one whose answer was lost.
func TestSuspectAnswersTellNothingOfMoney(t *testing.T) {
	s, run := withChecks(t, 3)
	told := &ledger{room: 9}
	j := journal(t, s, told)
	var calls []int64
	for c, result := range []func(store.Intent) store.Result{
		func(in store.Intent) store.Result { return paid(in, 80) },
		free,
		func(in store.Intent) store.Result {
			r := free(in)
			r.State, r.Code, r.Class = store.Absent, "LIVENESS_ID_NOT_EXISTED", "absent"
			return r
		},
	} {
		in := intentFor(run, int64(c+1), 1)
		id := begin(t, j, in)
		check(t, j.Finish(id, in, result(in))())
		calls = append(calls, id)
	}
	doubted, err := j.Suspect(run, store.SuspectConnection, calls)()
	if err != nil || !slices.Equal(doubted, []int64{2}) {
		t.Errorf("in doubt are checks %v, %v", doubted, err)
	}
	again, err := j.Suspect(run, store.SuspectConnection, calls)() // found twice, or by a spill file as well
	if err != nil || again != nil {
		t.Errorf("the second time in doubt are checks %v, %v", again, err)
	}
	for query, want := range map[string][]string{
		"SELECT call_id, tag FROM outcomes":                     {"1|unknown", "2|unknown", "3|unknown"},
		"SELECT check_id, state, doubts FROM checks":            {"1|done|0", "2|in_doubt|1", "3|absent|0"},
		"SELECT code, tag, calls FROM usage ORDER BY code, tag": {"LIVENESS_ID_NOT_EXISTED|unknown|1", "RETRY_LATER|unknown|1", "SUCCESS|unknown|1"},
	} {
		if got := lines(t, s.ReadDB(), query); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if !slices.Equal(told.notes[len(told.notes)-3:], []string{"doubt 1.1, was pay", "doubt 2.1, was free", "doubt 3.1, was free"}) {
		t.Errorf("the admission was told %q", told.notes)
	}
	check(t, s.Books().Audit(t.Context()))
}
