package simulator

import (
	"slices"
	"sort"
	"time"
)

// desk holds what the vendor keeps per endpoint to enforce its hidden limits.
type desk struct {
	// recent is a ring of the last rate instants at which a call was admitted: with the oldest less than a second ago
	// the second is full.
	recent []time.Time
	oldest int

	quota     int // per day, 0 for none
	day       int64
	usedToday int

	tokenTries int
	arrivals   []time.Time // of result calls, whatever became of them
}

func newDesk(rate, quota int) *desk {
	d := &desk{quota: quota}
	d.setRate(rate)
	return d
}

func (d *desk) setRate(rate int) { d.recent, d.oldest = make([]time.Time, max(rate, 0)), 0 }

// overRate reports whether a call at this instant would be one too many in the second that ends with it. A call exactly
// one second after another is in another second.
func (d *desk) overRate(now time.Time) bool {
	return len(d.recent) > 0 && !d.recent[d.oldest].IsZero() && now.Sub(d.recent[d.oldest]) < time.Second
}

func (d *desk) overQuota(now time.Time) bool {
	return d.quota > 0 && d.day == dayOf(now) && d.usedToday >= d.quota
}

func (d *desk) admit(now time.Time) {
	if len(d.recent) > 0 {
		d.recent[d.oldest] = now
		d.oldest = (d.oldest + 1) % len(d.recent)
	}
	if today := dayOf(now); d.day != today {
		d.day, d.usedToday = today, 0
	}
	d.usedToday++
}

// arrive notes when a result call came in: one that waits behind an answer under way on its connection came before it
// is served.
func (d *desk) arrive(x *exchange, now time.Time) {
	if !x.at.IsZero() {
		now = x.at
	}
	d.arrivals = append(d.arrivals, now)
}

// resume counts an entry of an earlier ledger.
func (d *desk) resume(e *Entry) {
	switch {
	case e.Token:
		d.tokenTries = max(d.tokenTries, e.Try)
	case e.Code == codeBusy || e.Code == codeIAM: // turned away before the limits
		d.arrivals = append(d.arrivals, e.At)
	default:
		d.arrivals = append(d.arrivals, e.At)
		d.admit(e.At)
	}
}

func dayOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// busiestSecond returns the largest number of result calls that arrived within any half-open second.
func (d *desk) busiestSecond() int {
	most := 0
	arrivals := slices.SortedFunc(slices.Values(d.arrivals), time.Time.Compare)
	for i, first := range arrivals {
		rest := arrivals[i:]
		n := sort.Search(len(rest), func(k int) bool { return rest[k].Sub(first) >= time.Second })
		most = max(most, n)
	}
	return most
}
