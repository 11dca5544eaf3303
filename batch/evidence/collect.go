package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	page      = 128              // items read from the queue at a time
	batch     = 32               // results settled in one transaction at most
	tick      = time.Second      // between two looks at the queue, and the longest a result waits to be settled
	maxTries  = 8                // of one image; then it is refused
	firstWait = 5 * time.Second  // after a try that came to nothing; four times as long after each further one
	longWait  = time.Hour        // at most
	patience  = 30 * time.Second // for an item that has to wait, when nothing else is left to do
)

// Item represents an image in the queue.
type Item struct {
	Ref
	ID        int64
	Link      string // "" when the queue has the image itself
	ExpiresAt time.Time
	Tries     int // that came to nothing
}

// Outcome holds what became of an item.
type Outcome struct {
	ID     int64
	Fate   Fate
	Reason string
	At     time.Time
	Retry  time.Time // not before, with Again
	File   File      // with Stored
}

// Queue provides items and keeps what became of them.
type Queue interface {
	// All returns every item, without links.
	All(context.Context) ([]Item, error)
	// Due returns the items that may be tried now or have expired, the earliest expiry first, and when the next of the
	// others is due; the zero time when there is none.
	Due(ctx context.Context, now time.Time, limit int) ([]Item, time.Time, error)
	// Data returns the image of an item without a link.
	Data(ctx context.Context, id int64) ([]byte, error)
	// Record keeps results. An item that is not to be tried again leaves the queue with its link.
	Record(context.Context, []Outcome) error
}

// Tally counts what a Collector came to.
type Tally struct {
	Stored  int64
	Bytes   int64
	Expired int64
	Refused int64
	Failed  int64 // tries that may be repeated
}

// Collector works off a queue.
type Collector struct {
	Queue   Queue
	Client  *Client
	Archive *Archive
	Workers int     // images at a time
	Rate    float64 // most images begun in a second
}

// collection describes one run of a collector. One goroutine has all of it but the workers' channels.
type collection struct {
	*Collector
	limiter *rate.Limiter
	work    chan Item
	results chan Outcome
	broken  chan error // the archive's disk
	page    []Item
	busy    map[int64]bool // handed out, or not settled yet
	pending []Outcome
	next    time.Time // when the first of the items that have to wait is due
	look    bool      // the queue may hold what has not been read
	closing bool      // nothing new comes
	tally   Tally
}

// Collect works off the queue until filled is closed and nothing is left that is due soon, or until ctx ends: then
// transfers under way are broken off, which costs nothing. The error is the queue's or the disk's; all else is data.
func (c *Collector) Collect(ctx context.Context, filled <-chan struct{}) (Tally, error) {
	r := &collection{Collector: c, limiter: rate.NewLimiter(rate.Limit(c.Rate), 1), work: make(chan Item),
		results: make(chan Outcome),
		broken:  make(chan error, c.Workers), busy: map[int64]bool{}}
	if err := r.adopt(ctx); err != nil {
		return r.tally, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	for range c.Workers {
		workers.Go(func() { r.worker(ctx) })
	}
	err := r.coordinate(ctx, filled)
	cancel()
	close(r.work)
	go func() { workers.Wait(); close(r.results) }()
	for s := range r.results {
		r.take(s)
	}
	return r.tally, errors.Join(err, r.record(context.WithoutCancel(ctx)))
}

// adopt notes the files that a crash kept from being noted: whole ones of items still in the queue. It ends with no
// item that has a file.
func (r *collection) adopt(ctx context.Context) error {
	all, err := r.Queue.All(ctx)
	if err != nil {
		return err
	}
	ids := map[Ref]int64{}
	folders := map[string]bool{}
	for _, item := range all {
		ids[item.Ref], folders[item.Folder] = item.ID, true
	}
	for folder := range folders {
		found, err := r.Archive.Whole(folder, func(ref Ref) bool { return ids[ref] != 0 })
		if err != nil {
			return err
		}
		for ref, file := range found {
			r.take(Outcome{ID: ids[ref], Fate: Stored, At: time.Now(), File: file})
		}
		if err := r.record(ctx); err != nil {
			return err
		}
	}
	return nil
}

// coordinate hands out what is due and settles what comes back.
func (r *collection) coordinate(ctx context.Context, filled <-chan struct{}) error {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	r.look = true
	for {
		if done, err := r.prepare(ctx); done || err != nil {
			return ignoreEnd(ctx, err)
		}
		var work chan Item
		var first Item
		if len(r.page) > 0 {
			work, first = r.work, r.page[0]
		}
		select {
		case work <- first:
			r.busy[first.ID], r.page = true, r.page[1:]
		case s := <-r.results:
			r.take(s)
			if len(r.pending) >= batch {
				if err := r.record(ctx); err != nil {
					return ignoreEnd(ctx, err)
				}
			}
		case <-ticks.C:
			r.look = !r.closing || !r.next.After(time.Now()) // after closing only what waited comes
			if err := r.record(ctx); err != nil {
				return ignoreEnd(ctx, err)
			}
		case err := <-r.broken:
			return err
		case <-filled:
			filled, r.closing, r.look = nil, true, true
		case <-ctx.Done():
			return nil
		}
	}
}

// prepare brings page and queue up to date before the next wait, and reports whether nothing is left to do.
func (r *collection) prepare(ctx context.Context) (done bool, err error) {
	if r.closing && len(r.page) == 0 && len(r.pending) > 0 && len(r.busy) == len(r.pending) { // nobody is at work
		if err := r.record(ctx); err != nil {
			return false, err
		}
		r.look = true
	}
	if r.look && len(r.page) == 0 {
		if err := r.read(ctx); err != nil {
			return false, err
		}
		r.look = len(r.page) == page
	}
	idle := r.closing && len(r.page)+len(r.busy) == 0
	return idle && (r.next.IsZero() || time.Until(r.next) > patience), nil
}

// ignoreEnd takes an error for none when it only says that the collection was told to end.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// read takes the next page of the queue, apart from what is under way.
func (r *collection) read(ctx context.Context) error {
	items, next, err := r.Queue.Due(ctx, time.Now(), page+len(r.busy))
	if err != nil {
		return err
	}
	r.next = next
	for _, item := range items {
		if !r.busy[item.ID] && len(r.page) < page {
			r.page = append(r.page, item)
		}
	}
	return nil
}

// take counts a result and keeps it until it is settled.
func (r *collection) take(s Outcome) {
	r.pending = append(r.pending, s)
	switch s.Fate {
	case Stored:
		r.tally.Stored++
		r.tally.Bytes += s.File.Bytes
	case Expired:
		r.tally.Expired++
	case Refused:
		r.tally.Refused++
	case Again:
		r.tally.Failed++
	}
}

func (r *collection) record(ctx context.Context) error {
	if len(r.pending) == 0 {
		return nil
	}
	if err := r.Queue.Record(ctx, r.pending); err != nil {
		return err
	}
	for _, s := range r.pending {
		delete(r.busy, s.ID)
	}
	r.pending = r.pending[:0]
	return nil
}

func (r *collection) worker(ctx context.Context) {
	for item := range r.work {
		s, err := r.attempt(ctx, item)
		switch {
		case err != nil:
			r.broken <- err
			return
		case ctx.Err() != nil && s.Fate == Again:
			continue // broken off by us: not the image's failure
		}
		r.results <- s
	}
}

// attempt tries one item. The error is the archive's.
func (r *collection) attempt(ctx context.Context, item Item) (s Outcome, err error) {
	s = Outcome{ID: item.ID}
	defer func() {
		if p := recover(); p != nil { // what came from outside must not end the job that pays
			s.Fate, s.Reason, err = Refused, "panic", nil
		}
		s.At = time.Now()
		if s.Fate == Again {
			s.conclude(item)
		}
	}()
	if !item.ExpiresAt.After(time.Now()) && item.Link != "" {
		s.Fate, s.Reason = Expired, "age"
		return s, nil
	}
	s.File, err = r.store(ctx, item)
	var failure *Failure
	if errors.As(err, &failure) {
		s.Fate, s.Reason = failure.Fate, failure.Reason
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("store image of call %d: %w", item.Call, err)
	}
	return s, nil
}

// conclude decides when an image is tried again, if ever.
func (s *Outcome) conclude(item Item) {
	wait := firstWait
	for range item.Tries {
		wait = min(4*wait, longWait)
	}
	s.Retry = s.At.Add(wait)
	if item.Tries+1 >= maxTries {
		s.Fate = Refused
	}
}

// store gets an image and writes its file.
func (r *collection) store(ctx context.Context, item Item) (File, error) {
	if item.Link == "" {
		data, err := r.Queue.Data(ctx, item.ID)
		if err != nil {
			return File{}, err
		}
		return r.write(item, data)
	}
	if r.limiter.Wait(ctx) != nil {
		return File{}, &Failure{Again, "stopped"}
	}
	picture, err := r.Client.Open(ctx, item.Link, item.Kind)
	if err != nil {
		return File{}, err
	}
	defer picture.Close()
	return r.Archive.Write(item.Ref, picture.Format, picture)
}

// write stores an image that the queue had.
func (r *collection) write(item Item, data []byte) (File, error) {
	format, ok := sniff(data[:min(len(data), magicBytes)], item.Kind)
	if !ok {
		return File{}, refused("not_an_image")
	}
	if int64(len(data)) > r.Client.options.MaxBytes {
		return File{}, refused("too_large")
	}
	return r.Archive.Write(item.Ref, format, bytes.NewReader(data))
}
