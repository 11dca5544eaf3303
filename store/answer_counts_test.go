package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

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
