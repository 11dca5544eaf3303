package liveness

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// longestIdle sets how long a connection may be idle and still carry a paid call:
	// less than the 5 s after which servers that close early do (Node), the 60 s of
	// most are far. A request that crosses the other side's end is lost, and lost
	// means in doubt.
	longestIdle = 4 * time.Second
	// shortestIdle holds the least that an observed end makes of it: sooner than that
	// a server ends connections for other reasons than that they are idle.
	shortestIdle = 250 * time.Millisecond
)

// patience describes how long a host is known to bear idle connections. It is learned
// from what the host says and from the ends that it makes, and only ever shrinks.
// The zero patience has learned nothing.
type patience struct {
	mu    sync.Mutex
	limit time.Duration // 0: longestIdle
}

// allows reports whether a connection may be used again that has been idle since
// then.
func (p *patience) allows(since time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit := longestIdle
	if p.limit > 0 {
		limit = p.limit
	}
	return time.Since(since) < limit
}

// ended learns from a connection, idle since then, that the other side had ended
// by now: when exactly is not known, so half the time is the next guess.
func (p *patience) ended(since time.Time) {
	if idle := time.Since(since); idle >= shortestIdle {
		p.shrink(max(shortestIdle, idle/2))
	}
}

// heed takes in the header Keep-Alive of an answer: of the seconds that its
// timeout names three quarters are used.
func (p *patience) heed(header http.Header) {
	for _, field := range strings.Split(header.Get("Keep-Alive"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		seconds, err := strconv.ParseInt(strings.Trim(value, `" `), 10, 32)
		if err == nil && seconds > 0 && strings.EqualFold(strings.TrimSpace(name), "timeout") {
			p.shrink(time.Duration(seconds) * time.Second * 3 / 4)
		}
	}
}

func (p *patience) shrink(limit time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limit == 0 || limit < p.limit {
		p.limit = limit
	}
}

// stale reports whether a connection has been idle for longer than its host is
// known to bear. That goes for a new one that waits for its first call, too.
func (c *conn) stale() bool {
	return !c.idleSince.IsZero() && !c.host.patience.allows(c.idleSince)
}

// noteEnd tells the host's patience of a connection that was found over, or that
// ended before anything came of an answer.
func (c *conn) noteEnd() {
	if !c.idleSince.IsZero() {
		c.host.patience.ended(c.idleSince)
	}
}

// heed takes in what the head of an answer says of connections that are idle.
func (c *conn) heed(header http.Header) {
	if c.host != nil {
		c.host.patience.heed(header)
	}
}

// isEnd reports whether an error is the other side's end of a connection.
func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
