package match

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// Nearest first, as one would do it by hand: look at all pairs again and again.
func TestNearestAgainstAllPairs(t *testing.T) {
	regions := []string{"SG", "VN", "PH"}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		m := NewMatcher(mustBook(t, zone(t, "Asia/Singapore")), Options{Month: billedMonth, Reading: billing.PayTag, Edge: time.Hour, Window: 60 * time.Millisecond})
		start := singapore(t, 2026, time.November, 5, 10, 0)
		for id := range int64(r.IntN(25)) {
			m.Call(&Call{
				ID: id + 1, CheckID: id, SentAt: start.Add(time.Duration(r.IntN(300)) * time.Millisecond), Endpoint: "sg", Region: regions[r.IntN(3)],
				Outcome: Unanswered, Tag: billing.Unknown,
			})
		}
		in := &m.month
		var stated []*line
		for range r.IntN(25) {
			l := &statement.Line{Kind: statement.Usage, Month: billedMonth, ChargedAt: start.Add(time.Duration(r.IntN(300)) * time.Millisecond), Quantity: 1}
			l.Endpoint, l.Region = []string{"", "sg", "th"}[r.IntN(3)], append(regions, "")[r.IntN(4)]
			stated = append(stated, new(*in.lines.add(1, l, transaction{})))
		}
		calls := newPool(in.journal, func(*record) bool { return true })
		got := takeNearest(in, stated, calls)
		for i, want := range byHand(in, stated) {
			if (got[i] == nil) != (want == nil) || want != nil && (got[i].at != want.at || got[i].route != want.route) {
				t.Fatalf("seed %d: line %d takes %+v, want %+v", seed, i, got[i], want)
			}
		}
	}
}

func byHand(in *month, lines []*line) []*record {
	var calls []*record
	in.journal.each(func(_ uint32, r *record) { calls = append(calls, r) })
	slices.SortStableFunc(calls, func(a, b *record) int { // ties go to the first region, then to the earlier call
		return cmp.Or(cmp.Compare(in.journal.routeOf(a).Region, in.journal.routeOf(b).Region), cmp.Compare(a.at, b.at))
	})
	taken := make([]*record, len(lines))
	for {
		line, call, least := -1, -1, in.Window.Milliseconds()+1
		for i, e := range lines {
			for k, r := range calls {
				distance := max(e.at-r.at, r.at-e.at)
				if taken[i] == nil && !slices.Contains(taken, r) && in.lines.routeOf(e).Suits(in.journal.routeOf(r)) && distance < least {
					line, call, least = i, k, distance
				}
			}
		}
		if line < 0 {
			return taken
		}
		taken[line] = calls[call]
	}
}
