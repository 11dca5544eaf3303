package snapshot_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// TestListedStates counts the states of lists read on three days, of checks in every state, as counting each of them does;
// also when a state does not agree with the answers.
func TestListedStates(t *testing.T) {
	ctx := context.Background()
	s := storetest.Open(t)
	run, _, err := s.Runs().Open(ctx, "test", true)
	storetest.Check(t, err)
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	line := 0
	for list := range 6 {
		in, err := s.Lists().Begin(ctx)
		storetest.Check(t, err)
		for range 30 * (list % 4) {
			line++
			row := storetest.Row(line, fmt.Sprintf("%016x", line))
			row.Region, row.Endpoint = []string{"PH", "SG", "MY"}[line%3], []string{"ph", "sg"}[line%2]
			storetest.Check(t, in.Row(row))
		}
		l := storetest.ListOf(fmt.Sprint(list))
		l.ReadAt = day.AddDate(0, 0, list/2)
		_, err = in.Commit(ctx, run, l)
		storetest.Check(t, err)
	}
	db := storetest.Raw(t, s.Path())
	rng := rand.New(rand.NewPCG(1, 1))
	states := []store.State{store.Pending, store.Done, store.Absent, store.Refused, store.InDoubt, store.GivenUp, store.Held, store.Done}
	for c := 1; c <= line; c++ {
		state := states[rng.IntN(len(states))]
		storetest.Exec(t, db, "UPDATE checks SET state = ? WHERE check_id = ?", string(state), c)
		if state == store.Done {
			storetest.Exec(t, db, "INSERT INTO calls VALUES (?1, ?1, 1, 1, 'first', 'ph', 'PH', 0)", c)
			storetest.Exec(t, db, "INSERT INTO answers (call_id, check_id, answered_at, region, endpoint, standing) VALUES (?1, ?1, 0, 'PH', 'ph', 1)", c)
		}
	}
	compareStates(t, s, db, day)
	for _, broken := range []string{
		"UPDATE checks SET state = 'done' WHERE check_id = (SELECT min(check_id) FROM checks WHERE state = 'pending')",
		"UPDATE checks SET state = 'absent' WHERE check_id = (SELECT max(check_id) FROM checks WHERE state = 'done')",
		"UPDATE list_regions SET new = new - 1 WHERE region = 'SG'; UPDATE list_regions SET new = new + 1 WHERE region = 'PH'; UPDATE checks SET state = 'absent' WHERE region = 'SG'; DELETE FROM answers",
	} {
		storetest.Exec(t, db, broken)
		compareStates(t, s, db, day)
	}
}

// TestLateAnswers counts as late what a later day's run answered of a list, not what the run that read it answered after
// midnight or another run of the same day did; by the clock of capture nothing is. A run that a wrong clock has stamped,
// ahead or behind, changes nothing about the others.
func TestLateAnswers(t *testing.T) {
	for name, began := range map[string][]time.Duration{
		"right":  {22 * time.Hour, 23 * time.Hour, 25 * time.Hour, 48 * time.Hour},
		"ahead":  {20_000 * time.Hour, 23 * time.Hour, 25 * time.Hour, 48 * time.Hour},
		"behind": {22 * time.Hour, 23 * time.Hour, -400_000 * time.Hour, 48 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) { testLateAnswers(t, began) })
	}
}

func testLateAnswers(t *testing.T, began []time.Duration) {
	ctx := context.Background()
	s, _ := storetest.WithChecks(t, 20)
	db := storetest.Raw(t, s.Path())
	storetest.Exec(t, db, "DELETE FROM runs")
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	storetest.Exec(t, db, "UPDATE lists SET read_at = ?", day.Add(23*time.Hour).UnixMilli())
	for run, began := range began {
		storetest.Exec(t, db, "INSERT INTO runs (run_id, started_at, version, host, pid, simulated) VALUES (?, ?, '', '', 1, 1)", run+1, day.Add(began).UnixMilli())
	}
	for c := 1; c <= 16; c++ { // four calls a run
		storetest.Exec(t, db, "UPDATE checks SET state = 'done', region = ?2 WHERE check_id = ?1", c, []string{"PH", "TH"}[c%2])
		storetest.Exec(t, db, "INSERT INTO calls VALUES (?1, ?1, 1, ?2, 'first', 'ph', 'PH', 0)", c, (c-1)/4+1)
		storetest.Exec(t, db, "INSERT INTO answers (call_id, check_id, answered_at, region, endpoint, standing) VALUES (?1, ?1, ?2, 'PH', 'ph', 1)", c, day.AddDate(0, 0, 1).UnixMilli())
	}
	storetest.Exec(t, db, "INSERT OR REPLACE INTO list_regions SELECT list_id, region, 0, 0, count(*) FROM checks GROUP BY list_id, region")
	for clock, want := range map[calendar.Clock]int64{calendar.ByAnswer: 8, calendar.ByCapture: 0} {
		snap, err := snapshot.Open(ctx, s)
		storetest.Check(t, err)
		snap.Clock = clock
		counts, err := snap.Lists().States(ctx, day, day.AddDate(0, 0, 1))
		storetest.Check(t, err)
		late := map[string]int64{}
		for _, c := range counts {
			late[c.Region] += c.Late
		}
		if late["PH"] != want/2 || late["TH"] != want/2 {
			t.Errorf("by %s: late %v, want %d of each", clock, late, want/2)
		}
		storetest.Check(t, snap.Close())
	}
}

func compareStates(t *testing.T, s *store.Store, db *sql.DB, day time.Time) {
	t.Helper()
	snap, err := snapshot.Open(context.Background(), s)
	storetest.Check(t, err)
	defer snap.Close() //nolint:errcheck // only read from
	for first := range 3 {
		for last := first + 1; last <= 3; last++ {
			from, to := day.AddDate(0, 0, first), day.AddDate(0, 0, last)
			counts, err := snap.Lists().States(context.Background(), from, to)
			storetest.Check(t, err)
			var got []string
			for _, c := range counts {
				got = append(got, fmt.Sprintf("%d|%s|%s|%d", c.ListID, c.Region, c.State, c.Checks))
			}
			want := storetest.Lines(t, db, "SELECT list_id, region, state, count(*) FROM checks JOIN lists USING (list_id) WHERE read_at >= ? AND read_at < ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", from.UnixMilli(), to.UnixMilli())
			if !slices.Equal(got, want) {
				t.Errorf("states of [%s, %s): %q, want %q", from, to, got, want)
			}
		}
	}
}

// TestSuspiciousSpan: a list's suspicious answers span the capture times of those that have one, where at least half do,
// else the answers; other lists, regions, scores and days take no part.
func TestSuspiciousSpan(t *testing.T) {
	ctx := context.Background()
	day := time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	bad, good := 10.0, 90.0
	check := func(hour int, list, region string, score *float64, captured int) storetest.Laid {
		c := storetest.Laid{AnsweredAt: day.Add(time.Duration(hour) * time.Hour), Region: region, Score: score, List: list}
		if captured > 0 {
			c.CapturedAt = day.Add(-time.Duration(captured) * time.Hour)
		}
		return c
	}
	path := filepath.Join(t.TempDir(), "liverecon.db")
	err := storetest.Lay(ctx, path, time.UTC, []storetest.Laid{
		check(1, "a.csv", "ID", &good, 30), check(2, "a.csv", "ID", &bad, 20), check(3, "a.csv", "ID", &bad, 0),
		check(4, "a.csv", "ID", &bad, 18), check(5, "a.csv", "PH", &bad, 40), check(6, "b.csv", "ID", &bad, 0),
		check(7, "b.csv", "ID", &bad, 50), check(8, "b.csv", "ID", &bad, 0), check(9, "c.csv", "ID", &good, 2),
		check(30, "a.csv", "ID", &bad, 60)})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := snapshot.Open(ctx, storetest.OpenAt(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close() //nolint:errcheck // read only
	at := func(hour int) time.Time { return day.Add(time.Duration(hour) * time.Hour) }
	for list, want := range map[int64]snapshot.Span{1: {First: at(-20), Last: at(-18), Captured: true},
		2: {First: at(6), Last: at(8)}, 3: {}} {
		got, err := snap.Lists().SuspiciousSpan(ctx, list, "ID", day, day.AddDate(0, 0, 1), 50, true)
		if err != nil {
			t.Fatal(err)
		}
		if !got.First.Equal(want.First) || !got.Last.Equal(want.Last) || got.Captured != want.Captured {
			t.Errorf("list %d: %+v, want %+v", list, got, want)
		}
	}
}

// TestListRemarks: of the lists of a period, the newest first, stands what was said and why rows were rejected; the others
// are counted, and those of which nothing was said are none.
func TestListRemarks(t *testing.T) {
	ctx := context.Background()
	s := storetest.Open(t)
	run, _, err := s.Runs().Open(ctx, "test", true)
	storetest.Check(t, err)
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for list, notes := range [][]string{{"regions: PH by its name"}, {"1 row is hidden"}, nil, nil} {
		in, err := s.Lists().Begin(ctx)
		storetest.Check(t, err)
		storetest.Check(t, in.Row(storetest.Row(2, fmt.Sprintf("%016x", list+1))))
		for line, reason := range []string{"not_an_id", "too_long", "not_an_id"} {
			if list == 3 {
				storetest.Check(t, in.Reject(store.Reject{Line: line + 3, Reason: reason, Detail: "x"}))
			}
		}
		l := storetest.ListOf(fmt.Sprint(list))
		l.ReadAt, l.Notes = day, notes
		_, err = in.Commit(ctx, run, l)
		storetest.Check(t, err)
	}
	snap, err := snapshot.Open(ctx, s)
	storetest.Check(t, err)
	defer func() { storetest.Check(t, snap.Close()) }()
	said, more, err := snap.Lists().Remarks(ctx, day, day.AddDate(0, 0, 1), 2)
	storetest.Check(t, err)
	if got, want := fmt.Sprint(said, more), "[{lists/3 [rejected: 2 not an id, 1 too long]} {lists/1 [1 row is hidden]}] 1"; got != want {
		t.Errorf("said %s, want %s", got, want)
	}
	if said, more, err := snap.Lists().Remarks(ctx, day.AddDate(0, 0, 1), day.AddDate(0, 0, 2), 2); err != nil || len(said)+more > 0 {
		t.Errorf("of a day without lists: %v, %d more, %v", said, more, err)
	}
}
