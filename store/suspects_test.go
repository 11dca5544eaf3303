package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
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

// The rollups equal the rows whenever a call's tag is taken back, also one that an earlier run counted: its transaction ID
// came again, or its connection was found ahead. That holds with the counts moved on before, after and in between.
func TestRollupsFollowTags(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 5))
			s := open(t)
			at := time.UnixMilli(1_750_000_000_000)
			var ids []string
			var calls []int64
			var taken int
			for night := range 4 {
				const n = 12
				rows := make([]store.ListedRow, n)
				for i := range rows {
					rows[i] = rowOf(i+2, fmt.Sprintf("%08x%08x", night, i))
				}
				run, _ := take(t, s, fmt.Sprintf("%d.csv", night), rows...)
				told := &ledger{room: 100}
				j := journal(t, s, told)
				for i := range int64(n) {
					at = at.Add(time.Duration(rng.IntN(3)) * time.Second)
					in := intentFor(run, int64(night*n)+i+1, 1)
					in.At = at
					id, r := begin(t, j, in), paid(in, 80)
					switch x := rng.IntN(8); {
					case x == 0:
						r = free(in)
					case x == 1:
						r = lost(in)
					case x == 2:
						r = withID(r, "")
					case x < 5 && len(ids) > 0: // it comes again
						r = withID(r, ids[rng.IntN(len(ids))])
					default:
						ids, calls = append(ids, r.TransactionID), append(calls, id)
					}
					check(t, j.Finish(id, in, r)())
					if rng.IntN(10) == 0 && len(calls) > 0 {
						_, err := j.Suspect(run, store.SuspectConnection, []int64{calls[rng.IntN(len(calls))]})()
						check(t, err)
					}
					if rng.IntN(6) == 0 {
						check(t, s.Books().Audit(t.Context()))
					}
				}
				check(t, j.Close())
				for _, note := range told.notes {
					taken += strings.Count(note, "doubt ")
				}
				check(t, s.Books().Audit(t.Context()))
				check(t, s.Books().RollUp(t.Context(), calendar.Calendar{Zone: time.UTC}))
				check(t, s.Books().Audit(t.Context()))
				check(t, s.Books().AuditRun(t.Context(), run))
			}
			if taken < 3 {
				t.Errorf("only %d tags were taken back", taken)
			}
		})
	}
}
