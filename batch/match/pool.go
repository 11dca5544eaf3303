package match

import (
	"cmp"
	"container/heap"
	"slices"

	"liverecon/batch/billing"
)

// pool holds unused calls by route, in the order of endpoints and regions.
type pool []*routePool

// routePool holds calls of one route in the order of their times, from which some are taken. Links jump over those that
// were: each end of a gap finds the next free call in nearly constant time.
type routePool struct {
	route billing.Route
	calls []*record
	ahead []int32 // ahead[i] leads to the first free call from i on
	back  []int32 // back[i+1] leads to the last free call up to i
}

// newPool arranges the wanted calls that are in no row yet.
func newPool(j *journal, wanted func(*record) bool) pool {
	var list pool
	byRoute := map[uint32]*routePool{}
	j.each(func(_ uint32, r *record) {
		if r.is(isUsed) || !wanted(r) {
			return
		}
		p := byRoute[r.route]
		if p == nil {
			p = &routePool{route: j.routeOf(r), back: []int32{0}}
			byRoute[r.route] = p
			list = append(list, p)
		}
		p.calls = append(p.calls, r)
		p.ahead = append(p.ahead, int32(len(p.ahead)))
		p.back = append(p.back, int32(len(p.back)))
	})
	for _, p := range list {
		p.ahead = append(p.ahead, int32(len(p.ahead)))
	}
	slices.SortFunc(list, func(a, b *routePool) int {
		return cmp.Or(cmp.Compare(a.route.Endpoint, b.route.Endpoint), cmp.Compare(a.route.Region, b.route.Region))
	})
	return list
}

// freeFrom returns the first free call from i on, or len(p.calls).
func (p *routePool) freeFrom(i int) int { return follow(p.ahead, i) }

// freeUpTo returns the last free call up to i, or -1.
func (p *routePool) freeUpTo(i int) int { return follow(p.back, i+1) - 1 }

func follow(links []int32, i int) int {
	for int(links[i]) != i {
		links[i] = links[links[i]]
		i = int(links[i])
	}
	return i
}

func (p *routePool) take(i int) *record {
	p.ahead[i] = int32(i + 1)
	p.back[i+1] = int32(i)
	return p.calls[i]
}

// search returns the index of the first call at or after an instant, free or not.
func (p *routePool) search(at int64) int {
	i, _ := slices.BinarySearchFunc(p.calls, at, func(r *record, at int64) int { return cmp.Compare(r.at, at) })
	return i
}

// nearest returns the free call closest to an instant, the earlier of two.
func (p *routePool) nearest(at int64) (i int, distance int64, found bool) {
	n := p.search(at)
	later, earlier := p.freeFrom(n), p.freeUpTo(n-1)
	switch {
	case later == len(p.calls) && earlier < 0:
		return 0, 0, false
	case earlier < 0 || later < len(p.calls) && p.calls[later].at-at < at-p.calls[earlier].at:
		return later, p.calls[later].at - at, true
	default:
		return earlier, at - p.calls[earlier].at, true
	}
}

// within returns the first free call in [from, to).
func (p *routePool) within(from, to int64) (i int, found bool) {
	i = p.freeFrom(p.search(from))
	return i, i < len(p.calls) && p.calls[i].at < to
}

// candidate is a call that a line could take.
type candidate struct {
	distance int64
	line     int // index among the lines: of equal distances the first line wins
	pool     *routePool
	call     int
}

func (c candidate) record() *record { return c.pool.calls[c.call] }
func (c candidate) take() *record   { return c.pool.take(c.call) }

type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(c[i].distance, c[j].distance), cmp.Compare(c[i].line, c[j].line)) < 0
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// takeNearest gives lines that name an instant the calls nearest to them, no farther than the window: of all pairs that
// are possible the closest first. The result has a call, or nil, for each line.
func takeNearest(in *month, lines []*line, calls pool) []*record {
	var queue candidates
	for i, e := range lines {
		if c, found := best(in, i, e, calls); found {
			queue = append(queue, c)
		}
	}
	heap.Init(&queue)
	taken := make([]*record, len(lines))
	for len(queue) > 0 {
		c := queue[0]
		if c.pool.freeFrom(c.call) == c.call {
			taken[c.line] = c.take()
			heap.Pop(&queue)
			continue
		}
		if next, found := best(in, c.line, lines[c.line], calls); found {
			queue[0] = next
			heap.Fix(&queue, 0)
		} else {
			heap.Pop(&queue)
		}
	}
	return taken
}

// best returns the nearest free call to a line.
func best(in *month, index int, e *line, calls pool) (best candidate, found bool) {
	at := in.lines.routeOf(e)
	for _, p := range calls {
		if !at.Suits(p.route) {
			continue
		}
		i, distance, any := p.nearest(e.at)
		if any && distance <= in.Window.Milliseconds() && (!found || distance < best.distance) {
			best, found = candidate{distance, index, p, i}, true
		}
	}
	return best, found
}

// takeWithin gives a line any free call of its day, or of the month if it names none.
func takeWithin(in *month, e *line, calls pool) *record {
	from, to := in.spanOf(e)
	at := in.lines.routeOf(e)
	for _, p := range calls {
		if !at.Suits(p.route) {
			continue
		}
		if i, found := p.within(from, to); found {
			return p.take(i)
		}
	}
	return nil
}
