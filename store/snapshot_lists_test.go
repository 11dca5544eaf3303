package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// TestListedStates counts the states of lists read on three days, of checks in every state, as counting each of them does;
// also when a state does not agree with the answers.
func TestListedStates(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	run, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	line := 0
	for list := range 6 {
		in, err := s.Lists().Begin(ctx)
		check(t, err)
		for range 30 * (list % 4) {
			line++
			row := rowOf(line, fmt.Sprintf("%016x", line))
			row.Region, row.Endpoint = []string{"PH", "SG", "MY"}[line%3], []string{"ph", "sg"}[line%2]
			check(t, in.Row(row))
		}
		l := listOf(fmt.Sprint(list))
		l.ReadAt = day.AddDate(0, 0, list/2)
		_, err = in.Commit(ctx, run, l)
		check(t, err)
	}
	db := rawDB(t, s.Path())
	rng := rand.New(rand.NewPCG(1, 1))
	states := []store.State{store.Pending, store.Done, store.Absent, store.Refused, store.InDoubt, store.GivenUp, store.Held, store.Done}
	for c := 1; c <= line; c++ {
		state := states[rng.IntN(len(states))]
		execSQL(t, db, "UPDATE checks SET state = ? WHERE check_id = ?", string(state), c)
		if state == store.Done {
			execSQL(t, db, "INSERT INTO calls VALUES (?1, ?1, 1, 1, 'first', 'ph', 'PH', 0)", c)
			execSQL(t, db, "INSERT INTO answers (call_id, check_id, answered_at, region, endpoint, standing) VALUES (?1, ?1, 0, 'PH', 'ph', 1)", c)
		}
	}
	compareStates(t, s, db, day)
	for _, broken := range []string{
		"UPDATE checks SET state = 'done' WHERE check_id = (SELECT min(check_id) FROM checks WHERE state = 'pending')",
		"UPDATE checks SET state = 'absent' WHERE check_id = (SELECT max(check_id) FROM checks WHERE state = 'done')",
		"UPDATE list_regions SET new = new - 1 WHERE region = 'SG'; UPDATE list_regions SET new = new + 1 WHERE region = 'PH'; UPDATE checks SET state = 'absent' WHERE region = 'SG'; DELETE FROM answers",
	} {
		execSQL(t, db, broken)
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
	s, _ := withChecks(t, 20)
	db := rawDB(t, s.Path())
	execSQL(t, db, "DELETE FROM runs")
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	execSQL(t, db, "UPDATE lists SET read_at = ?", day.Add(23*time.Hour).UnixMilli())
	for run, began := range began {
		execSQL(t, db, "INSERT INTO runs (run_id, started_at, version, host, pid, simulated) VALUES (?, ?, '', '', 1, 1)", run+1, day.Add(began).UnixMilli())
	}
	for c := 1; c <= 16; c++ { // four calls a run
		execSQL(t, db, "UPDATE checks SET state = 'done', region = ?2 WHERE check_id = ?1", c, []string{"PH", "TH"}[c%2])
		execSQL(t, db, "INSERT INTO calls VALUES (?1, ?1, 1, ?2, 'first', 'ph', 'PH', 0)", c, (c-1)/4+1)
		execSQL(t, db, "INSERT INTO answers (call_id, check_id, answered_at, region, endpoint, standing) VALUES (?1, ?1, ?2, 'PH', 'ph', 1)", c, day.AddDate(0, 0, 1).UnixMilli())
	}
	execSQL(t, db, "INSERT OR REPLACE INTO list_regions SELECT list_id, region, 0, 0, count(*) FROM checks GROUP BY list_id, region")
	for clock, want := range map[calendar.Clock]int64{calendar.ByAnswer: 8, calendar.ByCapture: 0} {
		snap, err := snapshot.Open(ctx, s)
		check(t, err)
		snap.Clock = clock
		counts, err := snap.Lists().States(ctx, day, day.AddDate(0, 0, 1))
		check(t, err)
		late := map[string]int64{}
		for _, c := range counts {
			late[c.Region] += c.Late
		}
		if late["PH"] != want/2 || late["TH"] != want/2 {
			t.Errorf("by %s: late %v, want %d of each", clock, late, want/2)
		}
		check(t, snap.Close())
	}
}

func compareStates(t *testing.T, s *store.Store, db *sql.DB, day time.Time) {
	t.Helper()
	snap, err := snapshot.Open(context.Background(), s)
	check(t, err)
	defer snap.Close() //nolint:errcheck // only read from
	for first := range 3 {
		for last := first + 1; last <= 3; last++ {
			from, to := day.AddDate(0, 0, first), day.AddDate(0, 0, last)
			counts, err := snap.Lists().States(context.Background(), from, to)
			check(t, err)
			var got []string
			for _, c := range counts {
				got = append(got, fmt.Sprintf("%d|%s|%s|%d", c.ListID, c.Region, c.State, c.Checks))
			}
			want := lines(t, db, "SELECT list_id, region, state, count(*) FROM checks JOIN lists USING (list_id) WHERE read_at >= ? AND read_at < ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", from.UnixMilli(), to.UnixMilli())
			if !slices.Equal(got, want) {
				t.Errorf("states of [%s, %s): %q, want %q", from, to, got, want)
			}
		}
	}
}

// TestAnswerCount counts answers with every kind of score and type, for thresholds on both sides of what the index over
// suspicious ones holds.
func TestAnswerCount(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 300)
	j := journal(t, s, admitAll{})
	rng := rand.New(rand.NewPCG(5, 5))
	asked, start := map[int64]*askedCheck{}, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for c := range int64(300) {
		ask(t, s, j, rng, run, c+1, asked, start.Add(time.Duration(c)*15*time.Minute))
	}
	for _, clock := range []calendar.Clock{calendar.ByAnswer, calendar.ByCapture} {
		check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC, Clock: clock}))
		snap, err := snapshot.Open(ctx, s)
		check(t, err)
		snap.Clock = clock
		at := map[calendar.Clock]string{calendar.ByAnswer: "answered_at", calendar.ByCapture: "coalesce(captured_at, answered_at)"}[clock]
		from, to := start.AddDate(0, 0, 1), start.AddDate(0, 0, 2)
		for _, threshold := range []float64{0, 12.5, 50, 59.9, 60, 62.5, 100} {
			for _, inclusive := range []bool{true, false} {
				sign := map[bool]string{true: "<", false: "<="}[inclusive]
				got, err := snap.Scores().Count(ctx, from, to, threshold, inclusive)
				check(t, err)
				want := lines(t, s.ReadDB(), "SELECT count(*), count(score), count(CASE WHEN score "+sign+" ?3 THEN 1 END), count(nullif(attack_type, '')) FROM answers WHERE standing = 1 AND "+at+" >= ?1 AND "+at+" < ?2",
					from.UnixMilli(), to.UnixMilli(), threshold)
				if fmt.Sprintf("%d|%d|%d|%d", got.Answers, got.Scored, got.Suspicious, got.Typed) != want[0] {
					t.Errorf("by %s, %g %v: %+v, want %s", clock, threshold, inclusive, got, want)
				}
				var listed int64
				check(t, snap.Answers().EachSuspicious(ctx, from, to, threshold, inclusive, 0, 1000, func(*snapshot.Suspect) error { listed++; return nil }))
				if listed != got.Suspicious {
					t.Errorf("by %s, %g %v: %d listed, %d counted", clock, threshold, inclusive, listed, got.Suspicious)
				}
			}
		}
		check(t, snap.Close())
	}
}

// TestSuspiciousHours counts the answers of an hour of capture in a region, with those that passed, where enough are
// suspicious: as plain SQL does, by either clock, for thresholds on both sides of what the index holds.
func TestSuspiciousHours(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 300)
	j := journal(t, s, admitAll{})
	rng := rand.New(rand.NewPCG(6, 5))
	asked, start := map[int64]*askedCheck{}, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for c := range int64(300) {
		ask(t, s, j, rng, run, c+1, asked, start.Add(time.Duration(c)*15*time.Minute))
	}
	execSQL(t, rawDB(t, s.Path()), "UPDATE answers SET captured_at = answered_at - 86400000 + call_id % 7 * 600000 "+
		"WHERE call_id % 5 > 0")
	found := 0
	for _, clock := range []calendar.Clock{calendar.ByAnswer, calendar.ByCapture} {
		snap, err := snapshot.Open(ctx, s)
		check(t, err)
		snap.Clock = clock
		at := map[calendar.Clock]string{calendar.ByAnswer: "answered_at", calendar.ByCapture: "coalesce(captured_at, answered_at)"}[clock]
		from, to := start.AddDate(0, 0, -2), start.AddDate(0, 0, 4)
		for _, threshold := range []float64{12.5, 50, 60, 62.5} {
			for _, inclusive := range []bool{true, false} {
				sign := map[bool]string{true: "<", false: "<="}[inclusive]
				hours, err := snap.Lists().SuspiciousHours(ctx, from, to, threshold, inclusive, 2)
				check(t, err)
				var got []string
				for _, h := range hours {
					got = append(got, fmt.Sprintf("%s|%d|%d|%d|%d|%d", h.Region, h.Hour.UnixMilli()/3600000, h.Scored, h.Suspicious,
						h.Injection, h.First.UnixMilli()))
				}
				want := lines(t, s.ReadDB(), "SELECT region, captured_at / 3600000, count(*), sum(score "+sign+" ?3), sum(score "+sign+
					" ?3 AND attack_type = '2'), min(CASE WHEN score "+sign+" ?3 THEN answered_at END) FROM answers WHERE standing = 1 "+
					"AND score IS NOT NULL AND captured_at IS NOT NULL AND "+at+" >= ?1 AND "+at+" < ?2 GROUP BY 1, 2 "+
					"HAVING sum(score "+sign+" ?3) >= 2 ORDER BY 1, 2", from.UnixMilli(), to.UnixMilli(), threshold)
				if !slices.Equal(got, want) {
					t.Errorf("by %s, %g %v: %q, want %q", clock, threshold, inclusive, got, want)
				}
				found += len(got)
			}
		}
		check(t, snap.Close())
	}
	if found == 0 {
		t.Error("no hour was found")
	}
}
