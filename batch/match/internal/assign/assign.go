// Package assign pairs lines with calls by their times. It is pure.
package assign

import "cmp"

// cost of giving a line a call: the distance in time, then whether it leaves a charge of ours without a line, then the
// square of the distance, then the places of both in their lists. Costs add up, and are compared in this order.
type cost struct{ distance, uncharged, square, rank, cross int64 }

func (c cost) add(d cost) cost {
	return cost{c.distance + d.distance, c.uncharged + d.uncharged, c.square + d.square, c.rank + d.rank,
		c.cross + d.cross}
}

func (c cost) sub(d cost) cost {
	return cost{c.distance - d.distance, c.uncharged - d.uncharged, c.square - d.square, c.rank - d.rank,
		c.cross - d.cross}
}

func (c cost) less(d cost) bool {
	return cmp.Or(cmp.Compare(c.distance, d.distance), cmp.Compare(c.uncharged, d.uncharged),
		cmp.Compare(c.square, d.square), cmp.Compare(c.rank, d.rank), cmp.Compare(c.cross, d.cross)) < 0
}

// Timeline represents lines and calls to be paired by their times.
type Timeline struct {
	Lines, Calls  []int64 // times in milliseconds; those of calls in order
	Early, Window int64   // a line's time less its call's is above -Early and at most Window
	Slack         []int64 // what Early is more for a line
	// Allowed reports whether a pair is possible but for its times, and whether the call is a charge.
	Allowed func(line, call int) (charge, ok bool)
}

// assigner solves the assignment of lines to calls at the least cost, where a line without a call costs the window and
// a millisecond: so the weights of the pairs, the window and a millisecond less the distance, make the most together.
//
// It is the method of shortest augmenting paths (Jonker and Volgenant 1987), line by line. Calls are looked at from a
// line's time outward, and no farther than a path can still become shorter, so a line whose call lies near is done in a
// few steps; only where lines compete for calls does the search spread.
type assigner struct {
	Timeline
	line  []int32 // of a call, -1: none
	call  []int32 // of a line, -1: none
	price map[int32]cost
	best  map[int32]reached // calls that the search has reached
	heap  []waiting
	bound cost // of the best end that the search has seen
}

// waiting represents a call to go on from, with the cost it had when it was put there.
type waiting struct {
	cost cost
	call int32
}

type reached struct {
	cost    cost
	from    int32 // line
	scanned bool
}

// Assign returns the call of each line by its index, -1 for none.
func (t Timeline) Assign() []int32 {
	a := &assigner{Timeline: t, line: make([]int32, len(t.Calls)), call: make([]int32, len(t.Lines)),
		price: map[int32]cost{}, best: map[int32]reached{}}
	for i := range a.line {
		a.line[i] = -1
	}
	for i := range a.call {
		a.call[i] = -1
	}
	for l := range t.Lines {
		a.augment(int32(l))
	}
	return a.call
}

// without returns what a line costs that has no call.
func (a *assigner) without() cost { return cost{distance: a.Window + 1, uncharged: 1} }

// augment gives one more line its place: the shortest path from it to a call without a line, or to a line that does
// without one.
func (a *assigner) augment(l int32) {
	clear(a.best)
	a.heap = a.heap[:0]
	end, bare := a.without(), l // the best path so far to a line that does without a call, and that line
	a.bound = end
	a.scan(l, cost{})
	for len(a.heap) > 0 {
		c := a.pop().call
		b := a.best[c]
		if b.scanned {
			continue
		}
		if !b.cost.less(end) {
			break
		}
		if a.line[c] < 0 {
			a.settle(b.cost)
			a.follow(c, l)
			return
		}
		b.scanned = true
		a.best[c] = b
		next := a.line[c]
		sofar := b.cost.sub(a.between(next, c)).add(a.price[c])
		if k := sofar.add(a.without()); k.less(end) {
			end, bare = k, next
			if k.less(a.bound) {
				a.bound = k
			}
		}
		a.scan(next, sofar)
	}
	a.settle(end)
	if bare == l {
		return
	}
	free := a.call[bare]
	a.call[bare] = -1
	a.follow(free, l)
}

// between returns what a pair costs.
func (a *assigner) between(l, c int32) cost {
	d := a.Lines[l] - a.Calls[c]
	k := cost{distance: max(d, -d), square: d * d, rank: int64(l) + int64(c), cross: -int64(l) * int64(c)}
	if charge, _ := a.Allowed(int(l), int(c)); !charge {
		k.uncharged = 1
	}
	return k
}

// scan looks at the calls of a line from its time outward, while they can make a shorter path.
func (a *assigner) scan(l int32, sofar cost) {
	at := a.Lines[l]
	after := a.search(at)
	for up, down := after, after-1; ; {
		var c int
		switch {
		case up < len(a.Calls) && (down < 0 || a.Calls[up]-at < at-a.Calls[down]):
			c, up = up, up+1
		case down >= 0:
			c, down = down, down-1
		default:
			return
		}
		d := at - a.Calls[c]
		if sofar.distance+max(d, -d) > a.bound.distance || max(d, -d) > max(a.Window, a.Early+a.Slack[l]) {
			return
		}
		if d <= -a.Early-a.Slack[l] || d > a.Window {
			continue
		}
		if _, ok := a.Allowed(int(l), c); ok {
			a.reach(l, int32(c), sofar)
		}
	}
}

func (a *assigner) reach(l, c int32, sofar cost) {
	k := sofar.add(a.between(l, c)).sub(a.price[c])
	if b, known := a.best[c]; a.bound.less(k) || known && (b.scanned || !k.less(b.cost)) {
		return
	}
	if a.line[c] < 0 && k.less(a.bound) {
		a.bound = k
	}
	a.best[c] = reached{cost: k, from: l}
	a.push(waiting{k, c})
}

// search returns the index of the first call at or after an instant.
func (a *assigner) search(at int64) int {
	low, high := 0, len(a.Calls)
	for low < high {
		if middle := (low + high) / 2; a.Calls[middle] < at {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// settle changes the prices of the calls that were scanned, so that the next search finds none below zero.
func (a *assigner) settle(end cost) {
	for c, b := range a.best {
		if b.scanned {
			a.price[c] = a.price[c].add(b.cost).sub(end)
		}
	}
}

// follow turns the path to a call round, back to the line it began at.
func (a *assigner) follow(c, first int32) {
	for {
		l := a.best[c].from
		c, a.call[l], a.line[c] = a.call[l], c, l
		if l == first {
			return
		}
	}
}

func (a *assigner) push(w waiting) {
	a.heap = append(a.heap, w)
	for i := len(a.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if !a.heap[i].cost.less(a.heap[up].cost) {
			return
		}
		a.heap[i], a.heap[up] = a.heap[up], a.heap[i]
		i = up
	}
}

func (a *assigner) pop() waiting {
	top, last := a.heap[0], len(a.heap)-1
	a.heap[0] = a.heap[last]
	a.heap = a.heap[:last]
	for i := 0; ; {
		least := i
		for _, down := range []int{2*i + 1, 2*i + 2} {
			if down < last && a.heap[down].cost.less(a.heap[least].cost) {
				least = down
			}
		}
		if least == i {
			return top
		}
		a.heap[i], a.heap[least] = a.heap[least], a.heap[i]
		i = least
	}
}
