package judge

import (
	"time"

	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// Loss holds what the books may lack, since an older copy of the database went on.
type Loss struct {
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
}

// lack finds the entries of lost times that no call of the books is there for.
func (c Case) lack() losses {
	l := losses{calls: map[int]bool{}, asked: map[string]time.Time{}}
	if len(c.Loss.Times) == 0 {
		return l
	}
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
		if until, lost := c.Loss.holds(e); lost {
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
	if t.losses.charged > t.Loss.Counted {
		t.bad("%d of the calls that the books lack were charged, %d are counted as paid", t.losses.charged,
			t.Loss.Counted)
	}
}
