package judge

import (
	"slices"
	"time"

	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// Loss holds what the books may lack, since an older copy of the database went on.
type Loss struct {
	// of databases in whose place copies were put, each as it was then; the calls that only these have are lost, whenever
	// they were made
	Others []Books
	Said   int64 // with Others: how many calls the database says are lost

	Times    []Span    // in which the calls were made
	Counted  int64     // of them, those that the books count as paid for at most once
	Released time.Time // from when on IDs that were held may be asked again; zero: they may not
}

// Span represents a time, its end not included.
type Span struct{ From, Until time.Time }

// losses holds what of the vendor's ledger the books lack.
type losses struct {
	calls   map[int]bool         // entries
	asked   map[string]time.Time // until when an ID may have been asked for in them
	charged int64
	others  int64 // calls that only other databases have
}

// made identifies a call in whichever of the databases that have it: those that come of one copy number their calls
// alike. Its time is no part of it: that is another one once the call has an outcome.
type made struct {
	call, run int64
	text      string
}

// elsewhere finds the calls of other databases that the books lack, by ID.
func (c Case) elsewhere() (calls map[string][]time.Time, n int64) {
	have := map[made]bool{}
	key := func(k store.CallRecord) made { return made{k.CallID, k.RunID, k.Text} }
	for _, k := range c.Books.Calls {
		have[key(k)] = true
	}
	calls = map[string][]time.Time{}
	for _, b := range c.Loss.Others {
		for _, k := range b.Calls {
			if !have[key(k)] {
				have[key(k)] = true
				calls[k.Kind+" "+k.Text] = append(calls[k.Kind+" "+k.Text], k.At)
				n++
			}
		}
	}
	return calls, n
}

// lack finds the entries of lost times that no call of the books is there for.
func (c Case) lack() losses {
	l := losses{calls: map[int]bool{}, asked: map[string]time.Time{}}
	if len(c.Loss.Times)+len(c.Loss.Others) == 0 {
		return l
	}
	var others map[string][]time.Time
	others, l.others = c.elsewhere()
	calls := map[string][]time.Time{}
	for _, k := range c.Books.Calls {
		if k.Outcome != store.Unsent {
			calls[k.Kind+" "+k.Text] = append(calls[k.Kind+" "+k.Text], k.At)
		}
	}
	for i, e := range c.Entries {
		if e.Token {
			continue
		}
		key := e.Kind + " " + e.ID
		n := 0 // calls that can be this one
		for n < len(calls[key]) && !calls[key][n].After(e.At.Add(grain)) {
			n++
		}
		for n > 1 && !calls[key][n-2].Before(e.At.Add(-grain)) { // that one is as near, and the others are for the next
			n--
		}
		if n > 0 {
			calls[key] = calls[key][n:]
			continue
		}
		until, lost := c.Loss.holds(e)
		if i := slices.IndexFunc(others[key], func(at time.Time) bool { return !at.After(e.At.Add(grain)) }); i >= 0 {
			until, lost = e.At.Add(grain), true
			others[key] = slices.Delete(others[key], i, i+1)
		}
		if lost {
			l.calls[i], l.asked[key] = true, until
			if e.Charged {
				l.charged++
			}
		}
	}
	return l
}

// holds returns the end of the lost time in which the vendor was asked.
func (l Loss) holds(e simulator.Entry) (until time.Time, lost bool) {
	for _, s := range l.Times {
		if !e.At.Before(s.From) && e.At.Before(s.Until) {
			return s.Until, true
		}
	}
	return time.Time{}, false
}

// lost asserts what is promised of calls that the books lack: their IDs are not asked again, and as many as were
// charged are counted as paid.
func (t *trial) lost() {
	for _, k := range t.Books.Calls {
		until, asked := t.losses.asked[k.Kind+" "+k.Text]
		released := !t.Loss.Released.IsZero() && !k.At.Before(t.Loss.Released)
		if asked && k.At.After(until) && k.Outcome != store.Unsent && !released {
			t.bad("check %d was asked for in a time that the books lack, and again by call %d (%s)", k.CheckID,
				k.CallID, k.Reason)
		}
	}
	if len(t.Loss.Others) > 0 && t.Loss.Said != t.losses.others {
		t.bad("%d calls are said to be lost, other databases have %d that the books lack", t.Loss.Said, t.losses.others)
	}
	if t.losses.charged > t.Loss.Counted {
		t.bad("%d of the calls that the books lack were charged, %d are counted as paid", t.losses.charged,
			t.Loss.Counted)
	}
}
