// Package queue says which open check of an endpoint is asked for next: one of each region in turn, in the order in
// which they were listed, or a sample of all that are open.
package queue

import (
	"context"
	"slices"
	"time"

	"liverecon/store"
)

const (
	// Page sets how many checks of an endpoint are read ahead.
	Page = 1000
	// leastPage sets how many of one region, however many regions there are.
	leastPage = 20
)

// Endpoint represents the endpoint whose checks are asked for.
type Endpoint struct {
	Store *store.Store
	Name  string
	Turn  int64 // of the samples: see store.Checks.Draw
	// Rests reports that a check is left alone for now. Its second argument is when the source was begun.
	Rests func(store.Check, time.Time) bool
}

// Source gives the endpoint's checks in one state, one of each region in turn: a night that is too short leaves
// something of every region, and not all of the last. One goroutine at a time uses it.
type Source struct {
	State store.State

	endpoint Endpoint
	admit    func() bool // asked before each check, and ends the source; nil: none
	regions  []*region
	begun    bool
	turn     int
	then     *Source // goes on where this one is empty; nil: none

	sampling bool           // a sample was drawn and is not used up
	sample   []store.Check  // what is left of it
	drawn    map[int64]bool // checks that were asked before their turn
}

// New returns a source of the checks in one state. admit is asked before each check, and ends the source; nil: it is
// not.
func New(e Endpoint, state store.State, admit func() bool) *Source {
	return &Source{State: state, endpoint: e, admit: admit, drawn: map[int64]bool{}}
}

// Before makes another source go on where this one is empty.
func (s *Source) Before(then *Source) *Source {
	s.then = then
	return s
}

// begin finds out which regions have checks; together they keep about Page checks in memory.
func (s *Source) begin(ctx context.Context) error {
	if s.begun {
		return nil
	}
	names, err := s.endpoint.Store.Checks().OpenRegions(ctx, s.endpoint.Name, s.State)
	now := time.Now()
	for _, name := range names {
		s.regions = append(s.regions, &region{endpoint: s.endpoint, name: name, state: s.State,
			size: max(Page/len(names), leastPage), begun: now})
	}
	s.begun = err == nil
	return err
}

// Next returns the next check; nil when there is none. It reads the database also after ctx has ended.
func (s *Source) Next(ctx context.Context) (*store.Check, error) {
	ctx = context.WithoutCancel(ctx)
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	for len(s.regions) > 0 {
		s.turn %= len(s.regions)
		r := s.regions[s.turn]
		if err := r.fill(ctx); err != nil {
			return nil, err
		}
		if len(r.page) == 0 {
			s.regions = slices.Delete(s.regions, s.turn, s.turn+1)
			continue
		}
		if s.drawn[r.page[0].ID] {
			r.next()
			continue
		}
		if s.admit != nil && !s.admit() {
			return nil, nil
		}
		s.turn++
		c := r.next()
		return &c, nil
	}
	if s.then != nil {
		return s.then.Next(ctx)
	}
	return nil, nil
}

// NextSampled returns the next check of a sample of up to n, which it draws from all that have not had their turn; nil
// when it is used up.
func (s *Source) NextSampled(ctx context.Context, n int) (*store.Check, error) {
	if !s.sampling {
		if err := s.draw(context.WithoutCancel(ctx), n); err != nil {
			return nil, err
		}
		s.sampling = true
	}
	if len(s.sample) == 0 {
		s.sampling = false
		return nil, nil
	}
	c := s.sample[0]
	s.sample = s.sample[1:]
	return &c, nil
}

func (s *Source) draw(ctx context.Context, n int) error {
	if err := s.begin(ctx); err != nil || len(s.regions) == 0 {
		return err
	}
	var from []store.OpenAfter
	for _, r := range s.regions {
		from = append(from, store.OpenAfter{Region: r.name, After: r.handedOut()})
	}
	drawn, err := s.endpoint.Store.Checks().Draw(ctx, s.endpoint.Name, from, n, s.endpoint.Turn)
	for _, c := range drawn {
		if !s.drawn[c.ID] && !s.regions[0].rests(c) {
			s.drawn[c.ID] = true
			s.sample = append(s.sample, c)
		}
	}
	return err
}

// region pages through the open checks of one region in the order in which they were listed.
type region struct {
	endpoint Endpoint
	name     string
	state    store.State
	size     int // of a page
	page     []store.Check
	after    int64
	begun    time.Time
}

// fill reads the next page once the last one is used up. It leaves none at the end of the region.
func (r *region) fill(ctx context.Context) error {
	for len(r.page) == 0 {
		page, err := r.endpoint.Store.Checks().Open(ctx, r.endpoint.Name, r.name, r.state, r.after, r.size)
		if err != nil || len(page) == 0 {
			return err
		}
		r.after = page[len(page)-1].ID
		r.page = slices.DeleteFunc(page, r.rests)
	}
	return nil
}

func (r *region) rests(c store.Check) bool { return r.endpoint.Rests(c, r.begun) }

// handedOut returns a number up to which every check had its turn, and above which none had it.
func (r *region) handedOut() int64 {
	if len(r.page) > 0 {
		return r.page[0].ID - 1
	}
	return r.after
}

func (r *region) next() store.Check {
	c := r.page[0]
	r.page = r.page[1:]
	return c
}
