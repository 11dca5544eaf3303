package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/record"
)

// listed takes n IDs of a region, for an endpoint, as one list.
func listed(t *testing.T, s *store.Store, name, endpoint, region string, n int) store.List {
	t.Helper()
	ctx := context.Background()
	run, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	in, err := s.Lists().Begin(ctx)
	check(t, err)
	for i := range n {
		row := rowOf(i+2, fmt.Sprintf("%s%s%04x", name, region, i))
		row.Region, row.Endpoint = region, endpoint
		check(t, in.Row(row))
	}
	l, err := in.Commit(ctx, run, listOf(name+region))
	check(t, err)
	return l
}

// openPlaces are where IDs are open.
func openPlaces(t *testing.T, s *store.Store) (places []store.Route) {
	t.Helper()
	for _, line := range lines(t, s.ReadDB(), "SELECT DISTINCT endpoint, region FROM checks ORDER BY 1, 2") {
		var p store.Route
		_, err := fmt.Sscanf(line, "%2s|%2s", &p.Endpoint, &p.Region)
		check(t, err)
		places = append(places, p)
	}
	return places
}

// TestHeldInTurn holds IDs in the order in which a run asks for them: of each region the first, then of each the second.
func TestHeldInTurn(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	listed(t, s, "a", "sg", "VN", 2)
	listed(t, s, "a", "sg", "SG", 5)
	listed(t, s, "a", "sg", "KH", 4)
	listed(t, s, "a", "ph", "PH", 4)
	for most := range int64(13) {
		lost := []store.Lost{{Routes: []store.Route{{Endpoint: "sg", Region: "KH"}, {Endpoint: "sg", Region: "SG"}, {Endpoint: "sg", Region: "VN"}}, Pending: most}}
		var want []string // as a queue gives them
		queues := map[string][]string{}
		for _, region := range []string{"KH", "SG", "VN"} {
			queues[region] = lines(t, s.ReadDB(), "SELECT id FROM checks WHERE region = ? ORDER BY check_id", region)
		}
		for len(want) < int(min(most, 11)) {
			for _, region := range []string{"KH", "SG", "VN"} {
				if q := queues[region]; len(q) > 0 && len(want) < int(most) {
					want, queues[region] = append(want, q[0]), q[1:]
				}
			}
		}
		held, err := s.Restorations().Losable(ctx, lost, store.Lacking{})
		check(t, err)
		copied := openAt(t, image(t, s.Path()))
		_, really, _, err := copied.Restorations().Restore(ctx, store.Restoration{RunID: 1, At: time.Now(), By: "ann"}, lost, store.Lacking{}, placesOf(t, copied))
		check(t, err)
		got := lines(t, copied.ReadDB(), "SELECT id FROM checks WHERE state = 'held' ORDER BY id")
		slices.Sort(want)
		if !slices.Equal(got, want) || !slices.Equal(held, really) {
			t.Errorf("%d: held %q, want %q; foretold %+v, did %+v", most, got, want, held, really)
		}
		check(t, copied.Books().Audit(ctx))
	}
}

// TestWhatIsHeld: besides the pending ones in turn, those that the run was to try again, those without a score, those in
// doubt or in flight at the copy's moment, where a run asks again for such, and those that were not found, each kind for
// itself; never what is done or erased. What is held is not reopened.
func TestWhatIsHeld(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 13)
	j := journal(t, s, admitAll{})
	for c, result := range map[int64]func(store.Intent) store.Result{9: free, 8: lost, 7: func(in store.Intent) store.Result { return paid(in, 50) }} {
		in := intentFor(run, c, 1)
		check(t, j.Finish(begin(t, j, in), in, result(in))())
	}
	begin(t, j, intentFor(run, 10, 1)) // in flight
	check(t, j.Close())
	db := s.WriteDB()
	old := time.Now().Add(-time.Hour)
	execSQL(t, db, "UPDATE checks SET id = NULL WHERE check_id = 1")
	execSQL(t, db, "UPDATE checks SET no_score = 1, changed_at = ? WHERE check_id = 11", old.UnixMilli())
	execSQL(t, db, "UPDATE checks SET no_score = 1, changed_at = ? WHERE check_id = 12", time.Now().UnixMilli())
	execSQL(t, db, "UPDATE checks SET no_score = 1, forced = 1, changed_at = ? WHERE check_id = 13", time.Now().UnixMilli())
	execSQL(t, db, "UPDATE checks SET state = 'absent', not_found = 1, rechecks = 1 WHERE check_id IN (5, 6)")
	execSQL(t, db, "UPDATE checks SET rechecks = 2 WHERE check_id = 6")
	execSQL(t, db, "UPDATE checks SET again = 'refresh' WHERE check_id = 7")
	lacks, err := s.Restorations().Lacks(ctx, nil)
	check(t, err)
	if lacks.Run != run || !slices.Equal(lacks.InFlight, []int64{10}) {
		t.Errorf("the copy lacks %+v", lacks)
	}
	_, err = s.Journal().Recover(ctx)
	check(t, err)
	lost := []store.Lost{{Routes: openPlaces(t, s), Pending: 2, Repeats: 5, Rechecks: 2, Nights: 2, NoScoreBefore: time.Now().Add(-time.Minute)}}
	_, held, dropped, err := s.Restorations().Restore(ctx, store.Restoration{RunID: run, At: time.Now(), By: "ann", LostUntil: time.Now()}, lost, lacks, placesOf(t, s))
	check(t, err)
	want := []string{"2|pending", "3|pending", "5|absent", "8|in_doubt", "9|pending", "10|in_doubt", "11|pending", "13|pending"}
	if got := lines(t, db, "SELECT check_id, was FROM holds ORDER BY check_id"); !slices.Equal(got, want) {
		t.Errorf("held %q, want %q (%+v)", got, want, held)
	}
	if dropped != 1 || count(t, db, "SELECT count(*) FROM checks WHERE again <> ''") != 0 {
		t.Errorf("%d settled IDs are not asked once more", dropped)
	}
	if n := count(t, db, "SELECT count(*) FROM checks WHERE state = 'held'"); n != int64(len(want)) {
		t.Errorf("%d held", n)
	}

	// What nobody is asked for stays; nor is anything lost where nothing was asked.
	backlog, err := s.Checks().Backlog(ctx)
	check(t, err)
	if len(backlog) != 1 || backlog[0] != (store.Backlog{Endpoint: "ph", Region: "PH", State: store.Pending, Checks: 3}) {
		t.Errorf("open are %+v", backlog)
	}
	if n, err := s.Checks().Reopen(ctx, 2, time.Now()); err != nil || n > 0 {
		t.Errorf("%d of what is held were reopened, %v", n, err)
	}
	n, err := s.Restorations().Losable(ctx, []store.Lost{{Routes: openPlaces(t, s), NoScoreBefore: time.Now()}}, store.Lacking{})
	check(t, err)
	if len(n) != 0 {
		t.Errorf("with nothing lost %+v", n)
	}
}

// TestHeldLists: what is new with a list from before is held, and one from after is asked; any list is held until a run has
// read all there were.
func TestHeldLists(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 1)
	none, err := s.Lists().Rule(ctx)
	check(t, err)
	if none.Holds("a", "", time.Time{}, time.Now()) {
		t.Error("without a restoration a list is held")
	}
	at := time.Now().Truncate(time.Millisecond)
	restore := func(all bool) int64 {
		r, _, _, err := s.Restorations().Restore(ctx, store.Restoration{RunID: run, At: at, By: "ann", ListsBefore: at, AllLists: all}, nil, store.Lacking{}, placesOf(t, s))
		check(t, err)
		return r.ID
	}
	restore(false)
	rule, err := s.Lists().Rule(ctx)
	check(t, err)
	holds := func(after time.Duration) bool { return rule.Holds("a", "", at.Add(after), at.Add(2*time.Hour)) }
	if !holds(0) || !holds(-time.Hour) || holds(time.Millisecond) || !holds(3*time.Hour) {
		t.Errorf("the rule is %+v", rule)
	}
	last := restore(true)
	if rule, err = s.Lists().Rule(ctx); err != nil || rule.Restoration != last || !holds(time.Hour) {
		t.Errorf("for any list the rule is %+v, %v", rule, err)
	}
	later, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	check(t, s.Lists().AllRead(ctx, later))
	if rule, err = s.Lists().Rule(ctx); err != nil || holds(time.Hour) || holds(3*time.Hour) || !holds(0) {
		t.Errorf("once the lists are read the rule is %+v, %v", rule, err)
	}

	in, err := s.Lists().Begin(ctx)
	check(t, err)
	in.Hold(rule, true)
	for n := range 3 {
		check(t, in.Row(rowOf(n+2, fmt.Sprintf("b%04x", n))))
	}
	l, err := in.Commit(ctx, later, listOf("old.csv"))
	check(t, err)
	if l.New != 3 || l.Held != 3 || count(t, s.ReadDB(), "SELECT count(*) FROM holds WHERE restoration_id = ?", last) != 3 {
		t.Errorf("of the list %+v is held", l)
	}
	check(t, s.Books().Audit(ctx))
	check(t, s.Books().AuditRun(ctx, later))
}

// TestRelease ends the holding of one ID, of a list, and of all; who said so is kept.
func TestRelease(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	for _, name := range []string{"a", "b", "c"} {
		listed(t, s, name, "ph", "PH", 3)
	}
	execSQL(t, s.WriteDB(), "INSERT INTO list_repeats SELECT check_id, 2, 9, 'PH' FROM checks WHERE id = 'aPH0002'")
	_, held, _, err := s.Restorations().Restore(ctx, store.Restoration{RunID: 1, At: time.Now(), By: "ann"}, []store.Lost{{Routes: openPlaces(t, s), Pending: 100}}, store.Lacking{}, placesOf(t, s))
	check(t, err)
	if len(held) != 1 || held[0].Checks != 9 {
		t.Fatalf("held %+v", held)
	}
	at := time.Now()
	for _, step := range []struct {
		what store.Releasing
		want int64
	}{
		{store.Releasing{ID: "aPH0000"}, 1},
		{store.Releasing{ID: "aPH0000"}, 0},
		{store.Releasing{ID: "nobody"}, 0},
		{store.Releasing{List: "lists/bPH"}, 4},
		{store.Releasing{}, 4},
		{store.Releasing{}, 0},
	} {
		step.what.By, step.what.At = "bob", at
		if n, err := s.Restorations().Release(ctx, step.what); err != nil || n != step.want {
			t.Errorf("%+v: %d, %v, want %d", step.what, n, err, step.want)
		}
	}
	want := []string{"bob|one ID|1", "bob|lists/bPH|4", "bob|all|4"}
	if got := lines(t, s.ReadDB(), "SELECT released_by, what, checks FROM releases ORDER BY release_id"); !slices.Equal(got, want) {
		t.Errorf("releases %q, want %q", got, want)
	}
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM checks WHERE state = 'pending' AND forced = 1"); n != 9 {
		t.Errorf("%d are asked because a person says so, want 9", n)
	}
	if held, err := s.Checks().Held(ctx); err != nil || len(held) != 0 {
		t.Errorf("held still: %+v, %v", held, err)
	}
}

// TestHeldSamples: what a run draws for a sample, on a day that may be lost and from wherever its queues are, is held besides
// what comes in turn, also when some of that was answered before.
func TestHeldSamples(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	listed(t, s, "a", "ph", "PH", 300)
	listed(t, s, "a", "ph", "VN", 100)
	const day, inTurn, sampled = 20500, 40, 20
	lost := []store.Lost{{Routes: openPlaces(t, s), Pending: inTurn, Sampled: sampled, FirstTurn: day, LastTurn: day + 1}}
	copied := openAt(t, image(t, s.Path()))
	_, held, _, err := copied.Restorations().Restore(ctx, store.Restoration{RunID: 1, At: time.Now(), By: "ann"}, lost, store.Lacking{}, placesOf(t, copied))
	check(t, err)
	if n := held[0].Checks + held[1].Checks; n != inTurn+2*sampled {
		t.Errorf("%d held, want %d in turn and %d of each day's samples", n, inTurn, sampled)
	}
	isHeld := map[string]bool{}
	for _, id := range lines(t, copied.ReadDB(), "SELECT id FROM checks WHERE state = 'held'") {
		isHeld[id] = true
	}
	outside := 0
	for turn := int64(day - 1); turn <= day+2; turn++ { // the run of each day, from different places of its queues
		for _, after := range []int64{0, 3, 19} {
			drawn, err := s.Checks().Draw(ctx, "ph", []store.OpenAfter{{Region: "PH", After: after}, {Region: "VN", After: 300 + after}}, sampled, turn)
			check(t, err)
			for _, c := range drawn {
				switch lostDay := turn == day || turn == day+1; {
				case lostDay && !isHeld[c.Text]:
					t.Errorf("day %d, from %d on: %s may have been asked and is not held", turn, after, c.Text)
				case !isHeld[c.Text]:
					outside++
				}
			}
		}
	}
	if outside == 0 {
		t.Error("other days draw the same")
	}
	lost[0].LastTurn = day + 1000
	all, err := s.Restorations().Losable(ctx, lost, store.Lacking{})
	check(t, err)
	if len(all) != 2 || all[0].Checks+all[1].Checks != 400 {
		t.Errorf("of so many days %+v is held, want everything", all)
	}
}

// TestHeldAbsent: IDs called absent in nights that knew nobody, too few to tell why, may have been asked once more; and so
// may those of the night that was not counted, where they would be. What a night found absent for good stays so.
func TestHeldAbsent(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 6)
	j := journal(t, s, admitAll{})
	for _, c := range []int64{1, 2, 3} {
		in := intentFor(run, c, 1)
		r := free(in)
		if c < 3 {
			r.Class = "absent"
		}
		check(t, j.Finish(begin(t, j, in), in, r)())
	}
	check(t, j.Close())
	execSQL(t, s.WriteDB(), "UPDATE checks SET state = 'absent' WHERE check_id IN (1, 2, 3, 6)")
	execSQL(t, s.WriteDB(), "INSERT INTO unconfirmed (endpoint, check_id, run_id) VALUES ('ph', 6, ?)", run)
	for _, c := range []struct {
		untold []store.EndpointNight
		want   string
	}{
		{nil, "[6|absent]"},
		{[]store.EndpointNight{{Endpoint: "ph", RunID: run}}, "[1|absent 2|absent 6|absent]"},
		{[]store.EndpointNight{{Endpoint: "sg", RunID: run}}, "[6|absent]"},
	} {
		lacks, err := s.Restorations().Lacks(ctx, c.untold)
		check(t, err)
		copied := openAt(t, image(t, s.Path()))
		execSQL(t, copied.WriteDB(), "UPDATE checks SET state = 'pending', unfound = 1 WHERE check_id = 1") // as counting it does
		places, err := copied.Restorations().AbsentRoutes(ctx, lacks)
		check(t, err)
		lost := []store.Lost{{Routes: places, Pending: 1}}
		_, _, _, err = copied.Restorations().Restore(ctx, store.Restoration{RunID: run, At: time.Now(), By: "ann"}, lost, lacks, placesOf(t, copied))
		check(t, err)
		if got := lines(t, copied.ReadDB(), "SELECT check_id, was FROM holds WHERE was = 'absent' ORDER BY check_id"); fmt.Sprint(got) != c.want {
			t.Errorf("after %+v %v is held, want %s", c.untold, got, c.want)
		}
	}
}

// TestMissingLists: a list that the lost hours have read, as the record tells, is held by its name whatever its time, until one
// of its name was read; one whose content is in the copy is not. Without a record every name of the copy counts.
func TestMissingLists(t *testing.T) {
	ctx := context.Background()
	for _, recorded := range []bool{true, false} {
		s := open(t)
		at, later := placesOf(t, s), time.Now().Add(time.Hour)
		listed(t, s, "a", "ph", "PH", 1)
		copied := openAt(t, image(t, s.Path()))
		if recorded {
			listed(t, s, "b", "ph", "PH", 1)
			keep(t, s)
			check(t, s.Close())
		}
		restore := func() {
			t.Helper()
			run, _, err := copied.Runs().Open(ctx, "restored", true)
			check(t, err)
			_, _, _, err = copied.Restorations().Restore(ctx, store.Restoration{RunID: run, At: time.Now(), By: "ann", ListsBefore: time.Now()}, nil, store.Lacking{}, at)
			check(t, err)
		}
		restore()
		held := func(name string, want bool) {
			t.Helper()
			rule, err := copied.Lists().Rule(ctx)
			check(t, err)
			if rule.Holds(filepath.Join("elsewhere", filepath.Base(listOf(name).Path)), "", later, later) != want {
				t.Errorf("with a record %v: a list of the name of %s is held: %v", recorded, name, !want)
			}
		}
		held("aPH", !recorded)
		held("bPH", recorded)
		held("cPH", false)
		restore() // for the same reasons
		held("aPH", !recorded)
		held("bPH", recorded)
		listed(t, copied, "c", "ph", "PH", 1)
		held("bPH", recorded)
		for _, name := range []string{"a", "b"} {
			listed(t, copied, name, "ph", "SG", 1)
			held(name+"PH", (name == "a") != recorded)
			execSQL(t, copied.WriteDB(), "UPDATE lists SET path = ? WHERE list_id = (SELECT max(list_id) FROM lists)", listOf(name+"PH").Path)
			held(name+"PH", false)
		}
	}
}

// TestLossOfAnEmptyCopy: a copy in which nothing was done yet lacks what was done since it was made, not since the beginning
// of time.
func TestLossOfAnEmptyCopy(t *testing.T) {
	ctx := context.Background()
	before := time.Now().Add(-time.Second).Truncate(time.Second)
	s := open(t)
	keep(t, s)
	at, path := placesOf(t, s), s.Path()
	check(t, s.Close())
	for _, f := range at.Find("") {
		ahead := f.Entry
		ahead.Marks.Run, ahead.Marks.Call = 1, 40
		file, err := record.Open(f.Path, ahead)
		check(t, errors.Join(err, file.Close()))
	}
	loss, behind, err := openAt(t, path).Restorations().Loss(ctx, at)
	check(t, err)
	if !behind || loss.Calls != 40 || loss.From.Before(before) || loss.From.After(time.Now()) {
		t.Errorf("behind %v: %+v", behind, loss)
	}
}

// TestOtherHistory: how many calls a copy lacks a record tells only where it is of the copy's own history, along which
// neither runs nor calls become fewer.
func TestOtherHistory(t *testing.T) {
	s, runID := withChecks(t, 3)
	drive(t, journal(t, s, admitAll{}), runID, 1, 3, nil)
	later, _, err := s.Runs().Open(t.Context(), "test", true)
	check(t, err)
	identity := lines(t, s.ReadDB(), "SELECT value FROM settings WHERE key = 'identity'")[0]
	execSQL(t, s.WriteDB(), "INSERT INTO restorations VALUES (1, ?, 5000, 'ann', 'e', 'left', '{\"left\": {\"run\": 1, \"call\": 2}}', 1000, 2000, 1000, 5000, 0, NULL, 0, NULL)", runID)
	for name, c := range map[string]struct {
		epoch     string
		run, call int64
		want      store.Loss
		behind    bool
	}{
		"as far":                          {"", later, 3, store.Loss{}, false},
		"the copy is ahead":               {"", runID, 2, store.Loss{}, false},
		"calls":                           {"", later, 9, store.Loss{Calls: 6, Runs: 1}, true},
		"runs and calls":                  {"", later + 2, 9, store.Loss{Calls: 6, Runs: 3}, true},
		"runs alone":                      {"", later + 2, 3, store.Loss{Runs: 3}, true},
		"more runs with fewer calls":      {"", later + 2, 2, store.Loss{Runs: 3, Other: true}, true},
		"more calls in fewer runs":        {"", runID, 9, store.Loss{Calls: 6, Runs: 1, Other: true}, true},
		"went on without the copy":        {"other", later, 3, store.Loss{Runs: 1, Other: true}, true},
		"the same, further":               {"other", later + 1, 5, store.Loss{Calls: 2, Runs: 2, Other: true}, true},
		"left, as it was then":            {"left", runID, 2, store.Loss{}, false},
		"left, and further than was seen": {"left", runID, 4, store.Loss{Calls: 2, Runs: 1}, true},
	} {
		at := placesOf(t, s)
		f, err := record.Open(at.Paths(identity)[0], at.Entry(at.Paths(identity)[0], record.Entry{Identity: identity, Epoch: c.epoch, Marks: record.Marks{Run: c.run, Call: c.call}}))
		check(t, err)
		check(t, f.Close())
		got, behind, err := s.Restorations().Loss(t.Context(), at)
		check(t, err)
		if got = (store.Loss{Calls: got.Calls, Runs: got.Runs, Other: got.Other}); !reflect.DeepEqual(got, c.want) && behind || behind != c.behind {
			t.Errorf("%s: behind %v %+v, want %v %+v", name, behind, got, c.behind, c.want)
		}
		if err := s.Records().Check(t.Context(), at); errors.Is(err, store.ErrBehind) != c.behind ||
			c.want.Other != (err != nil && strings.Contains(err.Error(), "is not of the history")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
