package sources

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"liverecon/store/snapshot"
)

// Capture counts a region's checks by hour of capture, and how long it took from one image to the other and from the
// capture to the answer.
type Capture struct {
	Region string
	All    Count
	Hours  [24]Count
	Gaps   spread // milliseconds from the far image to the near one
	Delays spread // minutes from the capture to the answer
	Same   int64  // both images of one moment, to the millisecond
	Back   int64  // the near image before the far one
	Late   int64  // taken after the answer came
}

// spread holds a distribution of positive numbers in steps of two per cent.
type spread struct {
	bins  map[int]int64
	total int64
}

const step = 1.02

func (s *spread) add(x float64) {
	if s.bins == nil {
		s.bins = map[int]int64{}
	}
	s.bins[int(math.Floor(math.Log(max(x, 1e-3))/math.Log(step)))]++
	s.total++
}

// quantile returns the value below which a share of the numbers lies, to two per cent; false without a number.
func (s *spread) quantile(share float64) (float64, bool) {
	if s.total == 0 {
		return 0, false
	}
	bins := make([]int, 0, len(s.bins))
	for b := range s.bins {
		bins = append(bins, b)
	}
	slices.Sort(bins)
	left := share * float64(s.total)
	for _, b := range bins {
		if left -= float64(s.bins[b]); left <= 0 {
			return math.Pow(step, float64(b)+0.5), true
		}
	}
	return math.Pow(step, float64(bins[len(bins)-1])+0.5), true
}

// captured counts how an answer's picture was taken.
func (s *Sources) captured(o *snapshot.Origin, suspicious, injection bool) {
	if o.CapturedAt.IsZero() {
		return
	}
	c := s.Captures[o.Region]
	if c == nil {
		c = &Capture{Region: strings.Clone(o.Region)}
		s.Captures[c.Region] = c
	}
	c.All.add(suspicious, injection)
	c.Hours[o.CapturedAt.In(s.Period.Zone).Hour()].add(suspicious, injection)
	if h := s.hours[hourOf{o.Region, o.CapturedAt.Unix() / 3600}]; h != nil {
		h.Scored++
	}
	if o.Delay < 0 {
		c.Late++
	} else {
		c.Delays.add(o.Delay.Minutes())
	}
	switch {
	case o.Gap == nil:
	case *o.Gap < 0:
		c.Back++
	case *o.Gap == 0:
		c.Same++
	default:
		c.Gaps.add(float64(*o.Gap))
	}
}

// regions returns the regions with a capture time, those with most checks first.
func (s *Sources) regions() []*Capture {
	var all []*Capture
	for _, c := range s.Captures {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Capture) int {
		return cmp.Or(cmp.Compare(b.All.Scored, a.All.Scored), cmp.Compare(a.Region, b.Region))
	})
	return all
}

// sort puts the lists in order: the one with most suspicious checks first.
func (s *Sources) sort() {
	for _, l := range s.lists {
		s.Lists = append(s.Lists, l)
	}
	s.lists = nil
	slices.SortFunc(s.Lists, func(a, b *List) int {
		return cmp.Or(cmp.Compare(b.Suspicious, a.Suspicious), cmp.Compare(b.Scored, a.Scored), cmp.Compare(a.Path,
			b.Path))
	})
}

// sorted returns the values of a column, the one with most suspicious checks first.
func (c *Column) sorted() []*Value {
	var all []*Value
	for _, v := range c.Values {
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b *Value) int {
		return cmp.Or(cmp.Compare(b.Now.Suspicious, a.Now.Suspicious), cmp.Compare(b.Now.Scored, a.Now.Scored),
			cmp.Compare(a.Name, b.Name))
	})
	return all
}
