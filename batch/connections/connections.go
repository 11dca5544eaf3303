// Package connections remembers which calls each connection to the vendor answered, and counts those that were not seen
// to end.
package connections

import (
	"container/list"
	"context"
	"log/slog"
	"sync"
)

// Max bounds how many connections are remembered with the calls they answered; a connection answers a
// hundred calls at most, so they are kept in 16 MiB. The ones used last stay: whether a connection was ahead is known
// seconds after its last answer.
const Max = 1 << 14

// Answers remembers which calls each connection answered, for the case that it turns out to have been one response
// ahead. Its methods may be called from any goroutine.
type Answers struct {
	mu    sync.Mutex
	known map[uint64]*list.Element
	used  list.List // of *answeredOn, the one used last in front
}

// answeredOn holds what one connection answered.
type answeredOn struct {
	conn  uint64
	calls []int64
	ahead bool // found one response ahead
}

// Note notes that a connection answered a call; 0 is none. It reports whether the connection is known to be ahead.
func (c *Answers) Note(conn uint64, call int64) (ahead bool) {
	if conn == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	on := c.of(conn)
	if on.ahead {
		return true
	}
	on.calls = append(on.calls, call)
	return false
}

// Ahead notes that a connection was found one response ahead, and returns the calls it answered.
func (c *Answers) Ahead(conn uint64) []int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	on := c.of(conn)
	calls := on.calls
	on.calls, on.ahead = nil, true
	return calls
}

// Count counts the calls that a connection answered.
func (c *Answers) Count(conn uint64) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.of(conn).calls)
}

// of returns a connection's entry, and makes it the one used last. The caller holds the lock.
func (c *Answers) of(conn uint64) *answeredOn {
	if at, ok := c.known[conn]; ok {
		c.used.MoveToFront(at)
		return at.Value.(*answeredOn)
	}
	if c.known == nil {
		c.known = map[uint64]*list.Element{}
	}
	if len(c.known) >= Max {
		delete(c.known, c.used.Remove(c.used.Back()).(*answeredOn).conn)
	}
	on := &answeredOn{conn: conn}
	c.known[conn] = c.used.PushFront(on)
	return on
}

// Unproven remembers the connections of an endpoint that were not seen to end. Its methods may be called from any
// goroutine.
type Unproven struct {
	mu      sync.Mutex
	answers map[uint64]int // of each connection, as was known when it was added
}

// Add adds a connection of which nobody can tell whether it was ever one response ahead, and what it has answered so
// far. Nothing speaks for that: behind some load balancers no connection is seen to end.
func (u *Unproven) Add(conn uint64, answers *Answers) {
	n := answers.Count(conn)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.answers == nil {
		u.answers = map[uint64]int{}
	}
	u.answers[conn] = n
}

// Tell logs a line where connections were not seen to end. ctx is the run's; answers knows what they answered last.
func (u *Unproven) Tell(ctx context.Context, log *slog.Logger, endpoint string, answers *Answers) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.answers) == 0 {
		return
	}
	sum := 0
	for conn, n := range u.answers {
		sum += max(n, answers.Count(conn)) // the last answer may have come with its end
	}
	why := "the other side reset them, or did not end them within the timeout"
	if ctx.Err() != nil {
		why = "the run was told to stop, or " + why
	}
	log.Warn("connections could not be proven empty", "endpoint", endpoint, "connections", len(u.answers),
		"answers", sum, "why", why)
}
