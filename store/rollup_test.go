package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/rollup"
	"liverecon/store/snapshot"
)

// scoresOf reads a period's scores, however they come, as sorted lines.
func scoresOf(t *testing.T, s *store.Store, c calendar.Calendar, from, to time.Time) []string {
	t.Helper()
	snap, err := snapshot.Open(context.Background(), s)
	check(t, err)
	defer snap.Close() //nolint:errcheck // only read from
	snap.Clock = c.Clock
	type key struct {
		day                time.Time
		region, kind, text string
	}
	counts := map[key]int64{}
	check(t, snap.Scores().Each(context.Background(), c.Zone, from, to, func(s *rollup.Scores) error {
		without := s.Answers
		for _, b := range s.Bins {
			counts[key{s.Day, s.Region, s.AttackType, fmt.Sprint(b.Score)}] += b.Answers
			without -= b.Answers
		}
		if without > 0 {
			counts[key{s.Day, s.Region, s.AttackType, "none"}] += without
		}
		return nil
	}))
	var all []string
	for k, n := range counts {
		all = append(all, fmt.Sprintf("%s|%s|%s|%s|%d", k.day.Format(time.RFC3339), k.region, k.kind, k.text, n))
	}
	slices.Sort(all)
	return all
}

func callsOf(t *testing.T, s *store.Store, from, to time.Time) string {
	t.Helper()
	snap, err := snapshot.Open(context.Background(), s)
	check(t, err)
	defer snap.Close() //nolint:errcheck // only read from
	calls, err := snap.Calls().Counts(context.Background(), from, to)
	check(t, err)
	return fmt.Sprint(calls)
}

// paidQueries find what is paid once from the journal alone.
var paidQueries = map[string]string{
	"checks": `SELECT coalesce(o.sent_at, k.intended_at) / 900000 AS q, k.region, count(*) FROM calls k JOIN outcomes o USING (call_id)
		WHERE o.tag = 'pay' AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2
		AND NOT EXISTS (SELECT 1 FROM calls e JOIN outcomes eo USING (call_id) WHERE e.check_id = k.check_id AND e.attempt < k.attempt AND eo.tag = 'pay') GROUP BY q, k.region ORDER BY q, k.region`,
	"transactions": `SELECT at / 900000 AS q, region, count(*) FROM (SELECT *, row_number() OVER (PARTITION BY transaction_id, iif(transaction_id = '', call_id, 0) ORDER BY at, call_id) AS nth
		FROM (SELECT k.call_id, k.region, o.transaction_id, coalesce(o.sent_at, k.intended_at) AS at FROM calls k JOIN outcomes o USING (call_id)
		WHERE o.tag = 'pay' AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2)) WHERE nth = 1 GROUP BY q, region ORDER BY q, region`,
}

func paidOf(t *testing.T, s *store.Store, name string, from, to time.Time) (all []string) {
	t.Helper()
	snap, err := snapshot.Open(context.Background(), s)
	check(t, err)
	defer snap.Close() //nolint:errcheck // only read from
	read := map[string]func(context.Context, time.Time, time.Time) ([]store.Usage, error){"checks": snap.Paid().Checks, "transactions": snap.Paid().Transactions}[name]
	usage, err := read(context.Background(), from, to)
	check(t, err)
	for _, u := range usage {
		all = append(all, fmt.Sprintf("%d|%s|%d", u.Quarter.Unix()/900, u.Region, u.Calls))
	}
	return all
}

// TestRollUp lives through nights of answers, repeats that replace older results, lost answers and crashes, some of them
// rolled up and some not, over both ends of daylight saving time. Whatever was rolled up, every period reads as it does
// without a rollup, and the books hold.
func TestRollUp(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	check(t, err)
	for seed := range uint64(4) {
		days := calendar.Calendar{Zone: berlin, Clock: []calendar.Clock{calendar.ByAnswer, calendar.ByCapture}[seed%2]}
		t.Run(fmt.Sprintf("seed %d by %s", seed, days.Clock), func(t *testing.T) {
			ctx := context.Background()
			rng := rand.New(rand.NewPCG(3, seed))
			s := open(t)
			asked := map[int64]*askedCheck{}
			starts := []time.Time{time.Date(2026, 3, 27, 20, 0, 0, 0, time.UTC), time.Date(2026, 10, 23, 20, 0, 0, 0, time.UTC)}
			start := starts[seed/2%2]
			const nights, checks = 5, 40
			fill(t, s, checks+nights) // the last ones for crashes
			for night := range nights {
				run, _, err := s.Runs().Open(ctx, "test", true)
				check(t, err)
				execSQL(t, rawDB(t, s.Path()), "UPDATE runs SET started_at = ?", start.UnixMilli()) // the calls are made then, not now
				_, err = s.Journal().Recover(ctx)
				check(t, err)
				crashed := night > 0 && rng.IntN(2) == 0
				j := journal(t, s, admitAll{})
				for range 60 {
					at := start.AddDate(0, 0, night).Add(time.Duration(rng.IntN(12*3600)) * time.Second)
					ask(t, s, j, rng, run, 1+rng.Int64N(checks), asked, at)
				}
				if crashed { // an intent without an outcome; its run is interrupted
					begin(t, j, intentFor(run, int64(checks+night), 1))
				}
				check(t, j.Close())
				if rng.IntN(3) > 0 {
					check(t, s.Books().RollUp(ctx, days))
				}
				compareRollup(t, s, days, start, nights)
				check(t, s.Books().Audit(ctx))
			}
			check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC}))
			compareRollup(t, s, days, start, nights)
			compareRollup(t, s, calendar.Calendar{Zone: time.UTC}, start, nights)
		})
	}
}

// askedCheck is how often a check was asked, and whether it has its result.
type askedCheck struct {
	attempts int
	done     bool
}

// ask makes one more call for a check: most bring a result, some of them one that replaces an older one, some the
// transaction ID of another call, as an earlier version's journal stored it.
func ask(t *testing.T, s *store.Store, j *store.JournalWriter, rng *rand.Rand, run, checkID int64, asked map[int64]*askedCheck, at time.Time) {
	t.Helper()
	c := asked[checkID]
	if c == nil {
		c = &askedCheck{}
		asked[checkID] = c
	}
	c.attempts++
	in := intentFor(run, checkID, c.attempts)
	in.At, in.Reason, in.Region = at, store.ReasonForced, []string{"PH", "SG"}[checkID%2]
	r := paid(in, float64(rng.IntN(8))*12.5)
	if n := rng.IntN(40); n < 12 {
		r.TransactionID = []string{"", "again", "and again"}[n/4]
	}
	switch rng.IntN(8) {
	case 0:
		r = lost(in)
	case 1:
		r = free(in)
	case 2:
		r.Answer.Score = nil
	case 3:
		r.Answer.AttackType = "2"
	case 4, 5:
		r.Answer.CapturedAt = at.Add(-time.Duration(rng.IntN(30*3600)) * time.Second)
	}
	if c.done = c.done || r.State == store.Done; c.done {
		r.State = store.Done
	}
	if strings.HasSuffix(r.TransactionID, "again") {
		check(t, s.InsertCalls(context.Background(), []store.Intent{in}, func(store.Intent) store.Result { return r }, 1))
		return
	}
	check(t, j.Finish(begin(t, j, in), in, r)())
}

// compareRollup reads many periods with what was rolled up, and from a copy without.
func compareRollup(t *testing.T, s *store.Store, c calendar.Calendar, start time.Time, nights int) {
	t.Helper()
	bare := image(t, s.Path())
	execSQL(t, rawDB(t, bare), "DELETE FROM rollups; DELETE FROM score_counts; DELETE FROM call_counts")
	without, err := store.OpenReader(context.Background(), bare)
	check(t, err)
	defer without.Close() //nolint:errcheck // only read from
	for first := -2; first < nights+2; first++ {
		for length := 1; length <= 3; length++ {
			y, m, d := start.In(c.Zone).Date()
			from, to := calendar.Midnight(y, m, d+first, c.Zone), calendar.Midnight(y, m, d+first+length, c.Zone)
			if got, want := scoresOf(t, s, c, from, to), scoresOf(t, without, c, from, to); !slices.Equal(got, want) {
				t.Errorf("scores of [%s, %s) by %s\n%q, want\n%q", from, to, c, got, want)
			}
			for name, paid := range paidQueries {
				want := lines(t, s.ReadDB(), paid, from.UnixMilli(), to.UnixMilli())
				if got := paidOf(t, s, name, from, to); !slices.Equal(got, want) {
					t.Errorf("%s paid in [%s, %s): %q, want %q", name, from, to, got, want)
				}
			}
			if got, want := callsOf(t, s, from, to), callsOf(t, without, from, to); got != want {
				t.Errorf("calls of [%s, %s): %s, want %s", from, to, got, want)
			}
		}
	}
}
