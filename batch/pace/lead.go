package pace

import (
	"context"
	"sync"
	"time"
)

// leadFades holds the share of its estimate that a lead forgets with each call that was ready sooner.
const leadFades = 0.05

// Lead bounds the calls that are committed to and wait for their turn. Each of them would be in doubt after a crash,
// though it was never sent, and each was counted on the day of its commitment. So there are as many as the rate lets
// out while one gets ready, and always one: then there is one at the gate whenever it opens.
type Lead struct {
	places chan struct{} // those that are free

	mu    sync.Mutex
	most  int
	all   int           // places there are, taken or free
	ready time.Duration // that a call takes from its place to the gate, lately at most
}

// NewLead returns a lead of one call, which grows to at most so many.
func NewLead(most int) *Lead {
	l := &Lead{places: make(chan struct{}, most), most: most}
	l.grow(1)
	return l
}

// Take waits for a place, or returns ctx's error.
func (l *Lead) Take(ctx context.Context) error {
	select {
	case <-l.places:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ready learns how long a call took from its place to the gate, and the present rate in calls a second. A longer time
// counts at once, a shorter one little by little: one slow commit in many is the rule.
func (l *Lead) Ready(took time.Duration, perSecond float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ready = max(took, l.ready-time.Duration(leadFades*float64(l.ready-took))); l.all < l.want(perSecond) {
		l.grow(l.want(perSecond))
	}
}

// GiveBack frees a place, or takes it away where there are too many for the rate.
func (l *Lead) GiveBack(perSecond float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all > l.want(perSecond) {
		l.all--
		return
	}
	l.places <- struct{}{}
}

// want returns how many places a rate needs. The mutex is held.
func (l *Lead) want(perSecond float64) int {
	return max(1, min(l.most, 1+int(perSecond*l.ready.Seconds())))
}

// grow adds places up to a number of them. The mutex is held, or nobody else has the lead yet.
func (l *Lead) grow(to int) {
	for ; l.all < to; l.all++ {
		l.places <- struct{}{}
	}
}
