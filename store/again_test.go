package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
)

// inStates is a database of checks in every state: 1 pending, 2 in doubt, 3 absent, 4 refused, 5 given up, 6 and 7 done with
// a score, 8 and 9 done without one.
func inStates(t *testing.T) (s *store.Store, runID int64) {
	t.Helper()
	s, runID = withChecks(t, 9)
	j := journal(t, s, admitAll{})
	scoreless := func(in store.Intent) store.Result {
		r := paid(in, 0)
		r.Answer.Score, r.Answer.ScoreText = nil, ""
		return r
	}
	for c, result := range []func(store.Intent) store.Result{free, lost, final(store.Absent, "absent"), final(store.Refused, "refused"), final(store.GivenUp, "retry"),
		func(in store.Intent) store.Result { return paid(in, 80) }, func(in store.Intent) store.Result { return paid(in, 20) }, scoreless, scoreless} {
		in := intentFor(runID, int64(c+1), 1)
		check(t, j.Finish(begin(t, j, in), in, result(in))())
	}
	check(t, j.Close())
	execSQL(t, s.WriteDB(), "UPDATE checks SET changed_at = 1000 - check_id")
	return s, runID
}

// final is an answer that leaves its check in a state.
func final(state store.State, class string) func(store.Intent) store.Result {
	return func(in store.Intent) store.Result {
		r := free(in)
		r.State, r.Class, r.TransactionID = state, class, fmt.Sprintf("final %d.%d", in.CheckID, in.Attempt)
		return r
	}
}

// hashes are those of checks by number, and of an ID that stands in no list for a number that no check has.
func hashes(t *testing.T, s *store.Store, checks ...int64) (all [][16]byte) {
	t.Helper()
	for _, c := range checks {
		text := append(lines(t, s.ReadDB(), "SELECT id FROM checks WHERE check_id = ?", c), "nobody")[0]
		all = append(all, store.HashID("signatureId", text))
	}
	return all
}

// TestForce asks again for each kind of checks: no more than asked for, none that was not meant, and a plan says the same
// before.
func TestForce(t *testing.T) {
	for _, c := range []struct {
		name   string
		asking store.Asking
		only   []int64
		want   []string // check, state, forced, again
	}{
		{"given up", store.Asking{State: store.GivenUp, Limit: 9}, nil, []string{"5|pending|1|"}},
		{"in doubt", store.Asking{State: store.InDoubt, Limit: 9}, nil, []string{"2|pending|1|"}},
		{"absent, none", store.Asking{State: store.Absent, Limit: 9}, []int64{4, 6}, nil},
		{"absent, one", store.Asking{State: store.Absent, Limit: 9}, []int64{4, 3}, []string{"3|pending|1|"}},
		{"done without a score", store.Asking{State: store.Done, NoScore: true, Limit: 9}, nil, []string{"8|done|0|forced", "9|done|0|forced"}},
		{"of those one: that which was not asked for the longest time", store.Asking{State: store.Done, NoScore: true, Limit: 1}, nil, []string{"9|done|0|forced"}},
		{"done without a score, and pending without one", store.Asking{State: store.Done, NoScore: true, Limit: 9}, []int64{}, []string{"1|pending|1|", "8|done|0|forced", "9|done|0|forced"}},
		{"done, by ID", store.Asking{State: store.Done, Limit: 9}, []int64{7, 1, 8, 99}, []string{"7|done|0|refresh", "8|done|0|refresh"}},
		{"done, by ID, the first one", store.Asking{State: store.Done, Limit: 1}, []int64{1, 7, 6}, []string{"7|done|0|refresh"}},
		{"done, by ID, without a score", store.Asking{State: store.Done, NoScore: true, Limit: 9}, []int64{7, 8}, []string{"8|done|0|refresh"}},
		{"suspect", store.Asking{Limit: 9}, nil, []string{"3|absent|0|suspect", "6|done|0|suspect"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := context.Background()
			s, run := inStates(t)
			if c.only != nil && len(c.only) == 0 {
				execSQL(t, s.WriteDB(), "UPDATE checks SET no_score = 1 WHERE check_id = 1")
			} else if c.only != nil {
				c.asking.Only = hashes(t, s, c.only...)
			}
			execSQL(t, s.WriteDB(), "INSERT INTO suspects VALUES (1, ?1, 0, 'connection'), (3, ?1, 0, 'connection'), (6, ?1, 0, 'transaction')", run)
			before := lines(t, s.ReadDB(), "SELECT check_id, state, forced, again FROM checks")
			p, err := store.OpenPreview(ctx, s)
			check(t, err)
			foretold, err := p.Backlog(ctx, store.Rules{NoScoreNights: 2, Again: []store.Asking{c.asking}})
			check(t, err)
			check(t, p.Close())
			n, err := s.Checks().Force(ctx, c.asking, time.Now())
			if err != nil || n.IDs != int64(len(c.want)) || n.Waiting != 0 {
				t.Errorf("%+v asked again, %v, want %d", n, err, len(c.want))
			}
			after := lines(t, s.ReadDB(), "SELECT check_id, state, forced, again FROM checks")
			got := slices.DeleteFunc(slices.Clone(after), func(line string) bool { return slices.Contains(before, line) })
			if !slices.Equal(got, c.want) {
				t.Errorf("changed to %q, want %q", got, c.want)
			}
			backlog, err := s.Checks().Backlog(ctx)
			check(t, err)
			if !slices.Equal(backlog, foretold) {
				t.Errorf("backlog %v, foretold as %v", backlog, foretold)
			}
			if n, err := s.Checks().Force(ctx, c.asking, time.Now()); err != nil || n.IDs != 0 || n.Waiting != int64(len(c.want)) {
				t.Errorf("%+v asked again twice, %v", n, err)
			}
		})
	}
}

// TestAskedOnce follows checks that have their result and are asked once more: whatever becomes of the call, the books and
// the counts of scores hold, and only a newer result takes an older one's place.
func TestAskedOnce(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name   string
		result func(store.Intent) store.Result
		want   string // state, again and the standing answer's call
	}{
		{"a newer result", func(in store.Intent) store.Result { return paid(in, 30) }, "done||10"},
		{"lost", func(in store.Intent) store.Result { r := lost(in); r.State = store.Done; return r }, "done||6"},
		{"never sent", unsent, "done|refresh|6"},
		{"free, and says nothing", func(in store.Intent) store.Result {
			r := free(in)
			r.State, r.Again = store.Done, store.ReasonRefresh
			return r
		}, "done|refresh|6"},
		{"a suspect that the vendor knows nothing of", final(store.Absent, "absent"), "absent||-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, run := inStates(t)
			check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC}))
			if n, err := s.Checks().Force(ctx, store.Asking{State: store.Done, Limit: 1, Only: hashes(t, s, 6)}, time.Now()); err != nil || n.IDs != 1 {
				t.Fatalf("%+v, %v", n, err)
			}
			if regions, err := s.Checks().OpenRegions(ctx, "ph", store.AskedAgain); err != nil || !slices.Equal(regions, []string{"PH"}) {
				t.Errorf("regions %v, %v", regions, err)
			}
			open, err := s.Checks().Open(ctx, "ph", "PH", store.AskedAgain, 0, 9)
			if err != nil || len(open) != 1 || open[0].ID != 6 || open[0].State != store.Done || open[0].Again != store.ReasonRefresh || !open[0].Scored {
				t.Fatalf("open %+v, %v", open, err)
			}
			j := journal(t, s, admitAll{})
			in := intentFor(run, 6, 2)
			in.From, in.Reason = store.Done, store.ReasonRefresh
			check(t, j.Finish(begin(t, j, in), in, c.result(in))())
			check(t, j.Close())
			got := lines(t, s.ReadDB(), "SELECT state, again, (SELECT call_id FROM answers a WHERE a.check_id = c.check_id AND standing = 1) FROM checks c WHERE check_id = 6")[0]
			if got != c.want {
				t.Errorf("check is %s, want %s", got, c.want)
			}
			check(t, s.Books().AuditRun(ctx, run))
			check(t, s.Books().Audit(ctx))
		})
	}
}

// TestCrashKeepsResults: a call for a check that has its result, begun and never heard of again, takes nothing from it.
func TestCrashKeepsResults(t *testing.T) {
	ctx := context.Background()
	s, run := inStates(t)
	_, err := s.Checks().Force(ctx, store.Asking{State: store.Done, Limit: 1, Only: hashes(t, s, 6)}, time.Now())
	check(t, err)
	j := journal(t, s, admitAll{})
	in := intentFor(run, 6, 2)
	in.From = store.Done
	begin(t, j, in)
	check(t, j.Close())
	found, err := s.Journal().Recover(ctx)
	if err != nil || found.Orphaned != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	if got := lines(t, s.ReadDB(), "SELECT state, again, doubts FROM checks WHERE check_id = 6")[0]; got != "done||1" {
		t.Errorf("check is %s", got)
	}
	check(t, s.Books().Audit(ctx))
}

// TestEndNoScore makes checks done that had more answers without a score than are allowed now; the others stay. Their last
// answer of that kind is the result, and the counts of scores hold it.
func TestEndNoScore(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 3)
	j := journal(t, s, admitAll{})
	ask := func(checkID int64, attempt int, result func(store.Intent) store.Result) {
		in := intentFor(run, checkID, attempt)
		check(t, j.Finish(begin(t, j, in), in, result(in))())
	}
	early := func(n int) func(store.Intent) store.Result {
		return func(in store.Intent) store.Result {
			r := paid(in, 0)
			r.Answer.Score, r.Answer.Current, r.State, r.Why, r.NoScores = nil, false, store.Pending, store.WhyNoScore, n
			return r
		}
	}
	ask(1, 1, early(1))
	ask(2, 1, early(1))
	ask(2, 2, early(2))
	ask(2, 3, func(in store.Intent) store.Result { r := free(in); r.NoScores, r.Why = 2, store.WhyNoScore; return r })
	ask(3, 1, early(1))
	ask(3, 2, unsent)
	check(t, j.Close())
	if got, want := lines(t, s.ReadDB(), "SELECT check_id, state, why, no_score FROM checks"), []string{"1|pending|no score yet|1", "2|pending|no score yet|2", "3|pending|no score yet|1"}; !slices.Equal(got, want) {
		t.Errorf("checks %q, want %q", got, want)
	}
	check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC}))
	for _, nights := range []int{2, 1, 1} {
		p, err := store.OpenPreview(ctx, s)
		check(t, err)
		foretold, err := p.Backlog(ctx, store.Rules{NoScoreNights: nights})
		check(t, err)
		without, err := p.WithoutScore(ctx, time.Now().Add(time.Hour), store.Rules{NoScoreNights: nights})
		check(t, err)
		check(t, p.Close())
		ended, err := s.Checks().EndNoScore(ctx, nights, time.Now())
		n := len(ended)
		check(t, err)
		backlog, err := s.Checks().Backlog(ctx)
		check(t, err)
		if !slices.Equal(backlog, foretold) || n > 0 && (n != 1 || nights != 1) {
			t.Errorf("%d nights: %d ended, backlog %v, foretold as %v", nights, n, backlog, foretold)
		}
		came, err := s.Checks().WithoutScore(ctx, time.Now().Add(time.Hour))
		if err != nil || !slices.Equal(came, without) {
			t.Errorf("%d nights: without a score %v, %v, foretold as %v", nights, came, err, without)
		}
		check(t, s.Books().Audit(ctx))
		check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC}))
		check(t, s.Books().Audit(ctx))
	}
	got := strings.Join(lines(t, s.ReadDB(), "SELECT c.check_id, state, why, no_score, call_id, score FROM checks c LEFT JOIN answers a ON a.check_id = c.check_id AND standing = 1"), " ")
	if want := "1|pending|no score yet|1|-|- 2|done||0|3|- 3|pending|no score yet|1|-|-"; got != want {
		t.Errorf("checks %q, want %q", got, want)
	}
}

// TestRestingWithoutScore tells answers apart by their age.
func TestRestingWithoutScore(t *testing.T) {
	ctx := context.Background()
	s, _ := withChecks(t, 4)
	at := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	execSQL(t, s.WriteDB(), "UPDATE checks SET no_score = 1, changed_at = ? + check_id WHERE check_id < 4", at.UnixMilli())
	got, err := s.Checks().WithoutScore(ctx, at.Add(2*time.Millisecond))
	if want := []store.WithoutScore{{"ph", "PH", 3, 1}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
}

// TestAskedAgainFollowsTheConfiguration: a check that is asked once more moves with its region's endpoint, and leaves the
// queue when it is erased.
func TestAskedAgainFollowsTheConfiguration(t *testing.T) {
	ctx := context.Background()
	s, _ := inStates(t)
	_, err := s.Checks().Force(ctx, store.Asking{State: store.Done, Limit: 9, Only: hashes(t, s, 6, 7)}, time.Now())
	check(t, err)
	if moved, err := s.Checks().Reroute(ctx, "PH", "ph", "sg"); err != nil || moved != 4 {
		t.Errorf("%d moved, %v", moved, err)
	}
	if got := lines(t, s.ReadDB(), "SELECT check_id FROM checks WHERE endpoint = 'sg'"); !slices.Equal(got, []string{"1", "2", "6", "7"}) {
		t.Errorf("moved %q", got)
	}
	_, err = s.Personal().Erase(ctx, lines(t, s.ReadDB(), "SELECT id FROM checks WHERE check_id = 6")[0], time.Now())
	check(t, err)
	backlog, err := s.Checks().Backlog(ctx)
	if want := []store.Backlog{{Endpoint: "sg", Region: "PH", State: store.AskedAgain, Checks: 1},
		{Endpoint: "sg", Region: "PH", State: store.InDoubt, Checks: 1}, {Endpoint: "sg", Region: "PH", State: store.Pending, Checks: 1}}; err != nil || !slices.Equal(backlog, want) {
		t.Errorf("backlog %v, %v", backlog, err)
	}
	check(t, s.Books().Audit(ctx))
}
