package assign

import (
	"math/rand/v2"
	"testing"
)

// The assignment costs what the best of all assignments does.
func TestAssignIsBest(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 14))
		many := Timeline{Early: 3, Window: 15}
		for range r.IntN(7) {
			many.Lines, many.Slack = append(many.Lines, r.Int64N(40)), append(many.Slack, r.Int64N(3))
		}
		at := int64(0)
		for range r.IntN(7) {
			at += r.Int64N(12)
			many.Calls = append(many.Calls, at)
		}
		kinds, barred := r.Uint64(), r.Uint64()&r.Uint64()
		many.Allowed = func(l, c int) (bool, bool) {
			return kinds>>c&1 == 0, barred>>(7*l+c)&1 == 0
		}
		got := many.Assign()
		a := &assigner{Timeline: many}
		var sum cost
		used := map[int32]bool{}
		for l, c := range got {
			if c < 0 {
				sum = sum.add(a.without())
				continue
			}
			if used[c] || !a.possible(int32(l), c) {
				t.Fatalf("seed %d: line %d has call %d", seed, l, c)
			}
			used[c] = true
			sum = sum.add(a.between(int32(l), c))
		}
		if best := a.exhaust(0, map[int32]bool{}); sum != best {
			t.Fatalf("seed %d: %v costs %+v, the best %+v", seed, got, sum, best)
		}
	}
}

func (a *assigner) possible(l, c int32) bool {
	d := a.Lines[l] - a.Calls[c]
	_, ok := a.Allowed(int(l), int(c))
	return ok && d > -a.Early-a.Slack[l] && d <= a.Window
}

// exhaust tries every assignment of the lines from one on.
func (a *assigner) exhaust(l int32, used map[int32]bool) cost {
	if int(l) == len(a.Lines) {
		return cost{}
	}
	best := a.without().add(a.exhaust(l+1, used))
	for c := range int32(len(a.Calls)) {
		if used[c] || !a.possible(l, c) {
			continue
		}
		used[c] = true
		if k := a.between(l, c).add(a.exhaust(l+1, used)); k.less(best) {
			best = k
		}
		delete(used, c)
	}
	return best
}
