package risk

import (
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// troubleShare holds the share of a day's calls, or of the IDs listed on it, without a final answer from which on the
// day counts as the vendor's trouble.
const troubleShare = 0.05

// troubled reports whether so much of a day is missing that its rate says little: calls went out and came back with
// nothing, or IDs were listed and, their host being down or its quota used up, hardly asked for.
func (d trendDay) troubled() bool { return tooMany(d.trouble, d.sent) || tooMany(d.left, d.listed) }

func tooMany(part, whole int64) bool {
	return whole > 0 && float64(part) > troubleShare*float64(whole)
}

// addTrouble counts what went wrong on each day of a period.
func addTrouble(ctx context.Context, snap *snapshot.Snapshot, p calendar.Period, days []trendDay) error {
	read := listPeriod(p, snap.Clock)
	ends, err := snapshot.RunEnds(ctx, snap, read)
	if err != nil {
		return err
	}
	usage, err := snap.Calls().Usage(ctx, p.From, slices.MaxFunc(ends, time.Time.Compare))
	if err != nil {
		return err
	}
	addCalls(usage, p, days)
	lists, err := snap.Lists().Regions(ctx, read.From, read.To)
	if err != nil {
		return err
	}
	more := len(ends) - len(days)
	for i, d := range read.Days() {
		fresh, left := leftOver(lists, usage, d, ends[i])
		for k := max(0, i-more); k <= min(i, len(days)-1); k++ {
			days[k].listed, days[k].left = days[k].listed+fresh, days[k].left+left
		}
	}
	return nil
}

// addCalls counts the calls of each day, and those that brought no final answer: lost ones, and codes that say nothing
// about the ID asked for.
func addCalls(usage []store.Usage, p calendar.Period, days []trendDay) {
	for i, d := range p.Days() {
		for _, u := range sentWithin(usage, d.From, d.To) {
			if u.Outcome == store.Unsent {
				continue
			}
			days[i].sent += u.Calls
			if u.Outcome == store.Unanswered || !final(u.Code) {
				days[i].trouble += u.Calls
			}
		}
	}
}

// final reports whether a code is an answer about an ID, rather than about the service or the account.
func final(code string) bool {
	return code == page.Success || strings.Contains(code, "NOT_EXIST") || strings.Contains(code, "NOT_FOUND") ||
		strings.Contains(code, "PARAMETER")
}

// sentWithin returns the calls sent in [from, to), which begins and ends with a quarter of an hour, of those in order.
func sentWithin(usage []store.Usage, from, to time.Time) []store.Usage {
	at := func(when time.Time) int {
		return sort.Search(len(usage), func(i int) bool { return !usage[i].Quarter.Before(when) })
	}
	first := at(from)
	return usage[first:max(first, at(to))]
}

// leftOver counts the IDs new with a day's lists, and those of them without a final answer from the first list on up to
// end. It sets the answers of each region against its IDs: answers to what earlier days had left may hide some, never
// add any.
func leftOver(lists []snapshot.ListRegion, usage []store.Usage, day calendar.Period, end time.Time) (fresh, left int64) {
	var begin time.Time
	open := map[string]int64{}
	for _, l := range lists {
		if l.ReadAt.Before(day.From) || !l.ReadAt.Before(day.To) {
			continue
		}
		if begin.IsZero() {
			begin = l.ReadAt.Truncate(15 * time.Minute)
		}
		open[l.Region] += l.New
		fresh += l.New
	}
	if fresh == 0 {
		return 0, 0
	}
	for _, u := range sentWithin(usage, begin, end) {
		if u.Outcome == store.Answered && final(u.Code) {
			open[u.Region] -= u.Calls
		}
	}
	for _, n := range open {
		left += max(0, n)
	}
	return fresh, left
}
