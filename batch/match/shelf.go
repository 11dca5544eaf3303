package match

import (
	"cmp"
	"container/heap"
	"slices"

	"liverecon/batch/billing"
)

// shelf holds calls of one place in the order of their times, from which some
// are taken. Links jump over those that were: each end of a gap finds the next
// free call in nearly constant time.
type shelf struct {
	place billing.Place
	calls []*record
	ahead []int32 // ahead[i] leads to the first free call from i on
	back  []int32 // back[i+1] leads to the last free call up to i
}

// shelve arranges the wanted calls by place.
func (m *Matcher) shelve(wanted func(*record) bool) []*shelf {
	var list []*shelf
	byPlace := map[uint32]*shelf{}
	m.journal.each(func(_ uint32, r *record) {
		if r.is(isUsed) || !wanted(r) {
			return
		}
		s := byPlace[r.place]
		if s == nil {
			s = &shelf{place: m.journal.placeOf(r), back: []int32{0}}
			byPlace[r.place] = s
			list = append(list, s)
		}
		s.calls = append(s.calls, r)
		s.ahead = append(s.ahead, int32(len(s.ahead)))
		s.back = append(s.back, int32(len(s.back)))
	})
	for _, s := range list {
		s.ahead = append(s.ahead, int32(len(s.ahead)))
	}
	slices.SortFunc(list, func(a, b *shelf) int {
		return cmp.Or(cmp.Compare(a.place.Endpoint, b.place.Endpoint), cmp.Compare(a.place.Region, b.place.Region))
	})
	return list
}

// freeFrom is the first free call from i on, or len(s.calls).
func (s *shelf) freeFrom(i int) int { return follow(s.ahead, i) }

// freeUpTo is the last free call up to i, or -1.
func (s *shelf) freeUpTo(i int) int { return follow(s.back, i+1) - 1 }

func follow(links []int32, i int) int {
	for int(links[i]) != i {
		links[i] = links[links[i]]
		i = int(links[i])
	}
	return i
}

func (s *shelf) take(i int) *record {
	s.ahead[i] = int32(i + 1)
	s.back[i+1] = int32(i)
	return s.calls[i]
}

// search is the index of the first call at or after an instant, free or not.
func (s *shelf) search(at int64) int {
	i, _ := slices.BinarySearchFunc(s.calls, at, func(r *record, at int64) int { return cmp.Compare(r.at, at) })
	return i
}

// nearest is the free call closest to an instant, the earlier of two.
func (s *shelf) nearest(at int64) (i int, distance int64, found bool) {
	n := s.search(at)
	later, earlier := s.freeFrom(n), s.freeUpTo(n-1)
	switch {
	case later == len(s.calls) && earlier < 0:
		return 0, 0, false
	case earlier < 0 || later < len(s.calls) && s.calls[later].at-at < at-s.calls[earlier].at:
		return later, s.calls[later].at - at, true
	default:
		return earlier, at - s.calls[earlier].at, true
	}
}

// within is the first free call in [from, to).
func (s *shelf) within(from, to int64) (i int, found bool) {
	i = s.freeFrom(s.search(from))
	return i, i < len(s.calls) && s.calls[i].at < to
}

// offer is a call that a line could take.
type offer struct {
	distance int64
	line     int // index among the lines: of equal distances the first line wins
	shelf    *shelf
	call     int
}

type offers []offer

func (o offers) Len() int { return len(o) }
func (o offers) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(o[i].distance, o[j].distance), cmp.Compare(o[i].line, o[j].line)) < 0
}
func (o offers) Swap(i, j int) { o[i], o[j] = o[j], o[i] }
func (o *offers) Push(x any)   { *o = append(*o, x.(offer)) }
func (o *offers) Pop() any {
	last := (*o)[len(*o)-1]
	*o = (*o)[:len(*o)-1]
	return last
}

// takeNearest gives lines that name an instant the calls nearest to them, no
// farther than the window: of all pairs that are possible the closest first. The
// result has a call, or nil, for each line.
func (m *Matcher) takeNearest(lines []*entry, shelves []*shelf) []*record {
	var queue offers
	for i, e := range lines {
		if o, found := m.best(i, e, shelves); found {
			queue = append(queue, o)
		}
	}
	heap.Init(&queue)
	taken := make([]*record, len(lines))
	for len(queue) > 0 {
		o := queue[0]
		if o.shelf.freeFrom(o.call) == o.call {
			taken[o.line] = o.shelf.take(o.call)
			heap.Pop(&queue)
			continue
		}
		if next, found := m.best(o.line, lines[o.line], shelves); found {
			queue[0] = next
			heap.Fix(&queue, 0)
		} else {
			heap.Pop(&queue)
		}
	}
	return taken
}

// best is the nearest free call to a line.
func (m *Matcher) best(line int, e *entry, shelves []*shelf) (best offer, found bool) {
	at := m.lines.placeOf(e)
	for _, s := range shelves {
		if !at.Suits(s.place) {
			continue
		}
		i, distance, any := s.nearest(e.at)
		if any && distance <= m.Window.Milliseconds() && (!found || distance < best.distance) {
			best, found = offer{distance, line, s, i}, true
		}
	}
	return best, found
}

// takeWithin gives a line any free call of its day, or of the month if it names
// none.
func (m *Matcher) takeWithin(e *entry, shelves []*shelf) *record {
	from, to := m.span(e)
	at := m.lines.placeOf(e)
	for _, s := range shelves {
		if !at.Suits(s.place) {
			continue
		}
		if i, found := s.within(from, to); found {
			return s.take(i)
		}
	}
	return nil
}

// span is the time that a line's calls can be of: its day in the billing zone, or
// the month.
func (m *Matcher) span(e *entry) (from, to int64) {
	if e.when == monthOnly {
		return m.journal.from, m.journal.to
	}
	d := billing.DayAt(instantOf(e.at), m.journal.book.Location)
	return d.From.UnixMilli(), d.To.UnixMilli()
}
