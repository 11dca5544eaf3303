package simulator

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"liverecon/batch/liveness/simulator/internal/pipe"
)

// connections holds those that are open, and the answers that they have carried.
type connections struct {
	mu       sync.Mutex
	accepted uint64
	live     []*connection
	answered map[string][]delivered // last whole answers of each endpoint
	had      map[string]delivered   // the last one of each ID, where a fault may ask for it
}

// add takes a connection into the vendor's care.
func (k *connections) add(v *Vendor, conn net.Conn) *connection {
	c := &connection{v: v, raw: conn, conn: conn, ask: make(chan arrival), eof: make(chan struct{})}
	c.ctx, c.end = context.WithCancel(context.Background())
	k.mu.Lock()
	defer k.mu.Unlock()
	k.accepted++
	c.number = k.accepted
	k.live = append(k.live, c)
	return c
}

func (k *connections) remove(c *connection) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.live = slices.DeleteFunc(k.live, func(o *connection) bool { return o == c })
}

// list returns those that a condition holds for, under their locks.
func (k *connections) list(holds func(*connection) bool) []*connection {
	k.mu.Lock()
	all := slices.Clone(k.live)
	k.mu.Unlock()
	return slices.DeleteFunc(all, func(c *connection) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return !holds(c)
	})
}

// forget drops the answers they carried.
func (k *connections) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.answered)
}

// keep remembers an answer for copies on other connections.
func (k *connections) keep(ep string, d delivered) {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := k.answered[ep]
	if len(all) >= keptAnswers {
		all = append(all[:0], all[keptAnswers/2:]...)
	}
	k.answered[ep] = append(all, d)
}

// other finds the last answer that another connection had, nil if there is none.
func (k *connections) other(ep string, conn uint64, token bool, now time.Time) *delivered {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := k.answered[ep]
	for i := len(all) - 1; i >= 0; i-- {
		if d := &all[i]; d.conn != conn && d.token == token && now.Sub(d.at) >= copyable {
			found := *d
			return &found
		}
	}
	return nil
}

// remember keeps an answer for its ID's next call, also when its connection is forgotten.
func (k *connections) remember(d delivered) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.had == nil {
		k.had = map[string]delivered{}
	}
	k.had[d.id] = d
}

// earlier finds the last answer to an ID, nil if there is none.
func (k *connections) earlier(id string) *delivered {
	k.mu.Lock()
	defer k.mu.Unlock()
	if d, ok := k.had[id]; ok {
		return &d
	}
	return nil
}

// connection describes one connection as the vendor sees it. One goroutine reads requests, another answers them in
// turn.
type connection struct {
	v      *Vendor
	raw    net.Conn // below TLS
	conn   net.Conn
	number uint64
	images string // where links to images begin; "" for the client's own way here

	ctx context.Context
	end context.CancelFunc
	ask chan arrival
	eof chan struct{} // closed when the client has ended its sending

	carried struct{ token, result bool }

	mu      sync.Mutex
	busy    bool // a request is being answered
	waiting []*surplus
	strays  []int // places of what was sent unasked
	hungUp  bool  // by the vendor itself
}

// arrival represents a request as it came in; last says that the client wants no other.
type arrival struct {
	request
	last bool
}

// serve answers until the client or a fault ends the connection.
func (c *connection) serve() {
	go c.read()
	for c.once() {
	}
	c.end()
	_ = c.conn.Close() // the client may have done so before
	c.v.connections.remove(c)
}

// read hands requests over one by one. Behind the end of what the client sends the answer under way is still given; a
// connection that breaks ends at once.
func (c *connection) read() {
	in := bufio.NewReader(c.conn)
	for {
		req, err := http.ReadRequest(in)
		if errors.Is(err, io.EOF) {
			close(c.eof)
			return
		}
		if err != nil {
			c.end()
			return
		}
		if req.Header.Get("Expect") == "100-continue" {
			_, _ = io.WriteString(c.conn, "HTTP/1.1 100 Continue\r\n\r\n") // the body tells whether it arrived
		}
		body, err := io.ReadAll(io.LimitReader(req.Body, maxRequest+1))
		if err == nil {
			_, err = io.Copy(io.Discard, req.Body)
		}
		if err != nil {
			c.end()
			return
		}
		r := request{method: req.Method, host: req.Host, url: req.URL, header: req.Header, body: body, conn: c.number,
			at: c.v.now()}
		if r.images = c.images; r.images == "" {
			r.images = "http://" + req.Host + imageRoot
		}
		select {
		case c.ask <- arrival{r, req.Close}:
		case <-c.ctx.Done():
			return
		}
	}
}

// once waits for a request and answers it. It reports that the connection lives.
func (c *connection) once() bool {
	a, alive := c.wait(nil)
	if !alive {
		return false
	}
	c.setBusy(true)
	defer c.setBusy(false)
	c.show(false)
	if !c.flush(next) || !c.flush(asked) {
		return false
	}
	x := c.v.open(a.request)
	c.carries(x)
	if x.lostOnTheWay() {
		c.hangUp(true)
		return false
	}
	if x.ep != nil {
		x.moved = "http://" + otherName(a.host) + "/" + x.ep.name + x.path() + "?" + followed
	}
	rep := c.v.answer(x)
	if rep.wait > 0 {
		timer := time.NewTimer(rep.wait)
		defer timer.Stop()
		if _, alive = c.wait(timer.C); !alive {
			return false
		}
	}
	switch rep.mangled {
	case Timeout:
		select {
		case <-c.eof:
		case <-c.ctx.Done():
		}
		return false
	case ResetAfter:
		c.hangUp(!rep.closed)
		return false
	}
	return c.send(x, rep, a.last) && !a.last
}

func (c *connection) setBusy(b bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = b
}

// carries notes what kind of calls the connection has carried: a client that sends both over one would take the answer
// of the one for that of the other.
func (c *connection) carries(x *exchange) {
	before := c.carried
	switch x.route {
	case routeToken:
		c.carried.token = true
	case routeResult:
		c.carried.result = true
	}
	if c.carried != before && c.carried.token && c.carried.result {
		c.v.complaints.add("shared_connection")
	}
}

// wait returns the next request, or when a time has come if it is given one. Meanwhile it sends what is due. It reports
// that the connection lives.
func (c *connection) wait(until <-chan time.Time) (arrival, bool) {
	requests, eof := c.ask, c.eof
	if until != nil {
		requests, eof = nil, nil
	}
	for {
		first, stop := c.firstDue()
		select {
		case <-c.ctx.Done():
			stop()
			return arrival{}, false
		case a := <-requests:
			stop()
			return a, true
		case <-eof:
			stop()
			c.showEven()
			return arrival{}, false
		case <-until:
			stop()
			return arrival{}, true
		case <-first:
			if !c.flush("") {
				return arrival{}, false
			}
		}
	}
}

// firstDue returns when the first surplus is due that waits for a time; nil: never.
func (c *connection) firstDue() (<-chan time.Time, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var first time.Time
	for _, s := range c.waiting {
		if s.moment == "" && (first.IsZero() || s.at.Before(first)) {
			first = s.at
		}
	}
	if first.IsZero() {
		return nil, func() {}
	}
	timer := time.NewTimer(time.Until(first))
	return timer.C, func() { timer.Stop() }
}

// flush sends what waits for a moment, "" for what is due by now. It reports that the connection lives.
func (c *connection) flush(moment string) bool {
	c.mu.Lock()
	var now []*surplus
	c.waiting = slices.DeleteFunc(c.waiting, func(s *surplus) bool {
		due := s.moment == moment && (moment != "" || !time.Now().Before(s.at))
		if due {
			now = append(now, s)
		}
		return due
	})
	c.mu.Unlock()
	for _, s := range now {
		if s.what == HangUp {
			c.hangUp(s.reset)
			return false
		}
		if !s.owed && !c.note(s) {
			return false
		}
		if _, err := c.conn.Write(s.bytes); err != nil {
			return false
		}
		if s.owed {
			c.showEven()
		}
	}
	return true
}

// note writes down what is about to be sent unasked. It reports that it may be.
func (c *connection) note(s *surplus) bool {
	c.v.mu.Lock()
	s.sent.At = c.v.now().Round(0)
	place, err := c.v.ledger.noteUnasked(s.sent)
	c.v.mu.Unlock()
	if err != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strays = append(c.strays, place)
	return true
}

// show notes whether every answer that is owed has been given. Behind an end that the vendor made by itself nobody can
// tell.
func (c *connection) show(all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	showUnasked(c.v, c.strays, all && !c.hungUp)
}

// showEven notes that every answer has been given, if it has.
func (c *connection) showEven() {
	c.mu.Lock()
	even := !c.busy && !slices.ContainsFunc(c.waiting, func(s *surplus) bool { return s.owed })
	c.mu.Unlock()
	c.show(even)
}

// send writes an answer, and what goes with it unasked. It reports that the connection lives.
func (c *connection) send(x *exchange, rep reply, last bool) bool {
	if rep.mangled == Truncated || rep.mangled == Oversize || rep.drip > 0 {
		return c.stream(rep, last)
	}
	var b bytes.Buffer
	b.Grow(512 + len(rep.body))
	rep.head(&b, last)
	b.Write(rep.body)
	owed := false
	if x.route == routeResult || x.route == routeToken {
		own := delivered{
			at: c.v.now(), conn: c.number, bytes: rep.wire(), transaction: rep.transaction,
			token: x.route == routeToken, id: x.ask.id,
		}
		s := surplusOf(c.v, x, own)
		switch {
		case s == nil:
		case s.front:
			if !c.note(s) {
				return false
			}
			answer := bytes.Clone(b.Bytes())
			b.Reset()
			b.Write(s.bytes)
			if last || s.moment == "" && s.wait == 0 {
				b.Write(answer)
				break
			}
			s.bytes, s.owed, s.at = answer, true, time.Now().Add(s.wait)
			owed = true
			c.mu.Lock()
			c.waiting = append(c.waiting, s)
			c.mu.Unlock()
		case s.moment == "" && s.wait == 0 && s.what != HangUp:
			if !c.note(s) {
				return false
			}
			b.Write(s.bytes)
		default:
			s.at = time.Now().Add(s.wait)
			c.mu.Lock()
			c.waiting = append(c.waiting, s)
			c.mu.Unlock()
		}
		if rep.mangled == "" {
			c.v.connections.keep(x.ep.name, own)
			if x.route == routeResult && c.v.faults.Load().mayDraw(CopyEarlier) {
				c.v.connections.remember(own)
			}
		}
	}
	if _, err := c.conn.Write(b.Bytes()); err != nil {
		return false
	}
	c.show(!owed)
	return true
}

// stream writes an answer whose body does not leave at once, or not whole.
func (c *connection) stream(rep reply, last bool) bool {
	var head bytes.Buffer
	rep.head(&head, last)
	if _, err := c.conn.Write(head.Bytes()); err != nil {
		return false
	}
	body := rep.open(c.ctx)
	defer func() { _ = body.Close() }() // bodies in memory: nothing to lose
	_, err := io.CopyBuffer(struct{ io.Writer }{c.conn}, struct{ io.Reader }{body}, make([]byte, 4096))
	if err != nil {
		return false // a body that is cut ends in an error, and its connection with it
	}
	c.show(true)
	return true
}

// hangUp ends the connection, in order or by a reset. A reset destroys what is under way, and either may cross a
// request, which gets no answer then: what was sent unasked is not shown any more.
func (c *connection) hangUp(reset bool) {
	c.mu.Lock()
	c.hungUp = true
	c.mu.Unlock()
	c.show(false)
	c.end()
	if reset {
		switch raw := c.raw.(type) {
		case *pipe.Conn:
			raw.Reset()
			return
		case *net.TCPConn:
			_ = raw.SetLinger(0) // without it the client sees an orderly end, which is as fatal
		}
	}
	_ = c.raw.Close() // that it breaks is the purpose
}
