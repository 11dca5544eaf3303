// Package lost says which charges may be of calls that a restored database has no record of. It is pure.
package lost

import (
	"slices"
	"time"
)

// clocksDiffer sets by how much a charge may stand beside a lost time.
const clocksDiffer = time.Minute

// Time represents a time whose calls our database has lost: a charge of it may be of one of them.
type Time struct {
	From, Until time.Time
	Calls       int64 // at most
}

// Times lists lost times, and how many calls of each no charge was taken for yet.
type Times []Time

// Clone returns a copy to take from.
func (t Times) Clone() Times { return slices.Clone(t) }

// Take takes up to n calls that were lost within [from, to), epoch milliseconds, and returns how many there were.
func (t Times) Take(n, from, to int64) (taken int64) {
	for i := range t {
		if t[i].meets(from, to) {
			some := min(n-taken, t[i].Calls)
			taken, t[i].Calls = taken+some, t[i].Calls-some
		}
	}
	return taken
}

// meets reports that a charge of [from, to) may be of the lost time.
func (l *Time) meets(from, to int64) bool {
	return from <= l.Until.Add(clocksDiffer).UnixMilli() && to > l.From.Add(-clocksDiffer).UnixMilli()
}

// Month represents a billing month, and how many charges of its statement were taken for lost calls.
type Month struct {
	From, To time.Time
	Taken    int64
}

// Left returns what charges of other months leave of the lost times for one. A time that reaches into several months
// explains no more charges in all of them than calls can have been lost in it, whichever month is reconciled first.
// Charges of another month are of the times that this one does not meet, as far as that is possible.
func (t Times) Left(month Month, others []Month) Times {
	s := sharing{left: t.Clone(), months: others, of: make([][]int64, len(others))}
	for m := range others {
		s.of[m] = make([]int64, len(t))
	}
	for _, apart := range []bool{true, false} {
		s.may = func(i int) bool { return !apart || !month.meets(&t[i]) }
		for m := range others {
			want := others[m].Taken - s.sum(m)
			for n := int64(-1); want > 0 && n != 0; want -= n {
				n = s.give(m, want, make([]bool, len(t)))
			}
		}
	}
	return s.left
}

func (m Month) meets(l *Time) bool { return l.meets(m.From.UnixMilli(), m.To.UnixMilli()) }

// sharing represents a flow of lost calls to the charges of months.
type sharing struct {
	left   Times
	months []Month
	of     [][]int64 // by month and time
	may    func(time int) bool
}

func (s *sharing) sum(m int) (n int64) {
	for _, some := range s.of[m] {
		n += some
	}
	return n
}

// give gives a month up to want calls of one time, for which others may have to make do with what is left of further
// ones; seen are the times that were tried. It returns how many; 0: there are no more.
func (s *sharing) give(m int, want int64, seen []bool) int64 {
	for i := range s.left {
		if seen[i] || !s.may(i) || !s.months[m].meets(&s.left[i]) {
			continue
		}
		seen[i] = true
		n := min(want, s.left[i].Calls)
		s.left[i].Calls -= n
		for other := 0; n == 0 && other < len(s.months); other++ {
			if has := s.of[other][i]; has > 0 && other != m {
				n = s.give(other, min(want, has), seen)
				s.of[other][i] -= n
			}
		}
		if n > 0 {
			s.of[m][i] += n
			return n
		}
	}
	return 0
}
