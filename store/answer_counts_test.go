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
				check(t, snap.Answers().EachSuspicious(ctx, from, to, threshold, inclusive, nil, 0, 1000, func(*snapshot.Suspect) error { listed++; return nil }))
				if listed != got.Suspicious {
					t.Errorf("by %s, %g %v: %d listed, %d counted", clock, threshold, inclusive, listed, got.Suspicious)
				}
			}
		}
		check(t, snap.Close())
	}
}

// TestSuspiciousHours counts the suspicious answers of an hour of capture in a region where there are enough of them: as plain SQL does, by either clock, for thresholds on both sides of what the index holds.
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
					got = append(got, fmt.Sprintf("%s|%d|%d|%d|%d", h.Region, h.Hour.UnixMilli()/3600000, h.Suspicious,
						h.Injection, h.First.UnixMilli()))
				}
				want := lines(t, s.ReadDB(), "SELECT region, captured_at / 3600000, sum(score "+sign+" ?3), sum(score "+sign+
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

// TestEachOrigin gives the same answers joined into texts and row by row, also where a word holds what parts them.
func TestEachOrigin(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 300)
	j := journal(t, s, admitAll{})
	rng := rand.New(rand.NewPCG(9, 5))
	asked, start := map[int64]*askedCheck{}, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for c := range int64(300) {
		ask(t, s, j, rng, run, c+1, asked, start.Add(time.Duration(c)*15*time.Minute))
	}
	db := rawDB(t, s.Path())
	execSQL(t, db, `UPDATE answers SET captured_at = answered_at - 5000 + call_id % 7 * 1000, gap_ms = nullif(call_id % 9, 0) - 4,
		platform = CASE call_id % 3 WHEN 0 THEN 'iOS' WHEN 1 THEN '' ELSE 'Android' END WHERE call_id % 5 > 0`)
	execSQL(t, db, `UPDATE checks SET reference = '{"partner":"' || check_id % 4 || '"}' WHERE check_id % 3 > 0`)
	execSQL(t, db, "UPDATE answers SET sdk_version = 'a' || char(31) || 'b' WHERE call_id % 97 = 1")
	execSQL(t, db, "UPDATE answers SET sdk_version = 'c' || char(30) || 'd' WHERE call_id % 97 = 2")
	want := lines(t, s.ReadDB(), `SELECT a.region, a.attack_type, a.sdk_version, a.platform, score <= 60, coalesce(captured_at, 0),
		coalesce(answered_at - captured_at, 0), coalesce(gap_ms, 'none'), list_id, coalesce(reference, '') FROM answers a JOIN checks USING (check_id)
		WHERE standing = 1 AND score IS NOT NULL`)
	slices.Sort(want)
	for _, clock := range []calendar.Clock{calendar.ByAnswer, calendar.ByCapture} {
		snap, err := snapshot.Open(ctx, s)
		check(t, err)
		snap.Clock = clock
		for _, answers := range []int64{1, 100_000} {
			q := snapshot.OriginQuestion{From: start.AddDate(0, 0, -1), To: start.AddDate(0, 0, 5), Threshold: 60, Places: true,
				Reference: true, Answers: answers}
			var got []string
			check(t, snap.Answers().EachOrigin(ctx, q, func(o *snapshot.Origin) error {
				captured, gap := int64(0), "none"
				if !o.CapturedAt.IsZero() {
					captured = o.CapturedAt.UnixMilli()
				}
				if o.Gap != nil {
					gap = fmt.Sprint(*o.Gap)
				}
				suspicious := map[bool]int{true: 1}[o.Suspicious]
				got = append(got, fmt.Sprintf("%s|%s|%s|%s|%d|%d|%d|%s|%d|%s", o.Region, o.AttackType, o.SDKVersion, o.Platform, suspicious,
					captured, o.Delay.Milliseconds(), gap, o.ListID, o.Reference))
				return nil
			}))
			slices.Sort(got)
			if len(got) == 0 || !slices.Equal(got, want) {
				t.Errorf("by %s, %d expected: %d answers, want %d\n%q\n%q", clock, answers, len(got), len(want), got, want)
			}
			q.Places, q.Reference, q.Inclusive = false, false, true
			suspicious := 0
			check(t, snap.Answers().EachOrigin(ctx, q, func(o *snapshot.Origin) error {
				suspicious += map[bool]int{true: 1}[o.Suspicious]
				return nil
			}))
			if n := count(t, s.ReadDB(), "SELECT count(*) FROM answers WHERE standing = 1 AND score < 60"); n != int64(suspicious) || n == 0 {
				t.Errorf("%d suspicious below 60, want %d", suspicious, n)
			}
		}
		check(t, snap.Close())
	}
}
