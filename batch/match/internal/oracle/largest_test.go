package oracle

import (
	"fmt"
	"slices"
)

// largest finds the largest set of items that can be given free places so that each ties: of equal sets that of fewer
// calls, then of earlier items. It tries all, remembering what can be had of the places left.
func largest(items []*item, p *pool, free []int) []choice {
	ways := make([][][]int, len(items))
	for n, it := range items {
		ways[n] = it.ways(p, free)
	}
	known := map[string]score{}
	var best func(at int, left []int) score
	best = func(at int, left []int) score {
		if at == len(items) {
			return score{way: -1}
		}
		key := fmt.Sprint(at, left)
		if s, ok := known[key]; ok {
			return s
		}
		top := score{way: -1}
		for w, places := range ways[at] {
			if rest, ok := minus(left, places); ok {
				s := best(at+1, rest)
				s.items, s.calls, s.way = s.items+1, s.calls+len(items[at].calls), w
				if top.way < 0 || s.over(top) {
					top = s
				}
			}
		}
		if s := best(at+1, left); top.way < 0 || s.over(top) {
			top = score{items: s.items, calls: s.calls, way: -1}
		}
		known[key] = top
		return top
	}
	var chosen []choice
	for at, it := range items {
		s := best(at, free)
		if s.way < 0 {
			continue
		}
		places := ways[at][s.way]
		chosen = append(chosen, choice{it, places})
		free, _ = minus(free, places)
	}
	return chosen
}

type score struct{ items, calls, way int }

func (s score) over(t score) bool {
	return s.items > t.items || s.items == t.items && s.calls < t.calls
}

func minus(left, places []int) ([]int, bool) {
	rest := slices.Clone(left)
	for s, n := range places {
		rest[s] -= n
		if rest[s] < 0 {
			return nil, false
		}
	}
	return rest, true
}

// ways lists how many places of each slot tie to the amount of an item: its own by time first, then most of the first
// slots.
func (it *item) ways(p *pool, free []int) [][]int {
	own := make([]int, len(free))
	for _, i := range it.calls {
		own[p.byTime(i)]++
	}
	var all [][]int
	places := make([]int, len(free))
	var fill func(s, left int)
	fill = func(s, left int) {
		if s == len(free)-1 {
			if left > free[s] {
				return
			}
			places[s] = left
			if it.fits(p.prices(places)) {
				all = append(all, slices.Clone(places))
			}
			return
		}
		for n := min(left, free[s]); n >= 0; n-- {
			places[s] = n
			fill(s+1, left-n)
		}
	}
	fill(0, len(it.calls))
	slices.SortStableFunc(all, func(x, y []int) int {
		switch {
		case slices.Equal(x, own):
			return -1
		case slices.Equal(y, own):
			return 1
		}
		return 0
	})
	return all
}
