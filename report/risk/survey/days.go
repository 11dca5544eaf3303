package survey

import (
	"sort"
	"time"

	"liverecon/report/stats"
	"liverecon/store/calendar"
	"liverecon/store/rollup"
)

// Daily counts the answers of one day.
type Daily struct{ Answered, Scored, Suspicious, Injection int64 }

// Rate returns the suspicious share of the scored checks.
func (d Daily) Rate() stats.Proportion { return stats.Proportion{Count: d.Suspicious, Total: d.Scored} }

// Plus returns the answers of two days together.
func (d Daily) Plus(o Daily) Daily {
	return Daily{d.Answered + o.Answered, d.Scored + o.Scored, d.Suspicious + o.Suspicious, d.Injection + o.Injection}
}

func (d *Daily) add(s *rollup.Scores, r Rule) {
	d.Answered += s.Answers
	for _, b := range s.Bins {
		d.Scored += b.Answers
		if !r.Passes(b.Score) {
			d.Suspicious += b.Answers
			if s.AttackType == "2" {
				d.Injection += b.Answers
			}
		}
	}
}

// Days holds a period's answers by day, and by region and day.
type Days struct {
	All     []Daily
	Regions map[string][]Daily
}

// Sink counts the answers of a period by its days.
func (c *Days) Sink(p calendar.Period, r Rule) Sink {
	var ends []time.Time
	for _, d := range p.Days() {
		ends = append(ends, d.To)
	}
	c.All, c.Regions = make([]Daily, len(ends)), map[string][]Daily{}
	return Sink{Period: p, Add: func(s *rollup.Scores) {
		i := sort.Search(len(ends)-1, func(i int) bool { return s.Day.Before(ends[i]) })
		if c.Regions[s.Region] == nil {
			c.Regions[s.Region] = make([]Daily, len(ends))
		}
		c.All[i].add(s, r)
		c.Regions[s.Region][i].add(s, r)
	}}
}
