package liveness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	keepAlive   = 15 * time.Second

	// maxAnswers bounds the calls of one connection. Its end proves what no look
	// in between can (see conn), so this is also the most IDs that one connection
	// makes suspect. A handshake for every hundred calls costs little.
	maxAnswers = 100

	// sessions sets how many TLS sessions are remembered, to be resumed.
	sessions = 64

	maxHeaderBytes = 64 << 10
)

// TransportOptions describes a Transport. The zero value is usable.
type TransportOptions struct {
	MaxConns int  // at most so many connections carry paid calls to a host at once; less than 1 means 1
	OneCall  bool // every call has a connection of its own, and is believed when that has ended behind one answer
	// Dial opens a connection; nil means TCP. TLS, where the URL asks for it, is
	// spoken over what it returns.
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	RootCAs *x509.CertPool // who vouches for servers; nil means the system's
	// Proxy names the proxy on the way to an https URL, nil for none; nil means
	// never one. Nothing but CONNECT is asked of it.
	Proxy func(*url.URL) (*url.URL, error)
}

// Transport carries paid calls. It is not net/http's because of one question,
// who may use a connection again: net/http gives a connection back at the end of
// a body, before anybody has looked at what the body says, reads on at once, and
// prints what it finds there with a logger of its own. Here a call has its
// connection to itself until it is over (see Client.exchangeOn), and whether a
// byte of it left is known, not inferred.
//
//   - HTTP/1.1 only: one request, then one answer, on a connection.
//   - Paid calls to a host share its kept connections, one after another. A
//     token call always gets a connection of its own that nothing else uses.
//   - No proxy unless one is set, not even from the environment, and then by
//     CONNECT alone: what passes through it is TLS, neither token nor signature.
//   - No transparent compression: the client asks for plain bodies and, should a
//     gateway compress all the same, decompresses under its own bound.
type Transport struct {
	options  TransportOptions
	tls      *tls.Config
	partings sync.WaitGroup // connections that are read to their end
	unnamed  unnamed

	mu      sync.Mutex
	hosts   map[string]*host // by scheme and address
	hurry   context.Context  // ends when the partings are not to take long any more
	hurryUp context.CancelFunc
}

// host describes where connections lead. Its room has a place for each that carries a
// call.
type host struct {
	room     chan struct{}
	patience patience
	mu       sync.Mutex
	idle     []*conn // the one used last stands last
}

// NewTransport returns a transport fit for paid calls.
func NewTransport(o TransportOptions) *Transport {
	o.MaxConns = max(o.MaxConns, 1)
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}).DialContext
	}
	t := &Transport{options: o, hosts: map[string]*host{}, tls: &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs, NextProtos: []string{"http/1.1"},
		ClientSessionCache: tls.NewLRUClientSessionCache(sessions),
	}}
	t.slowPartings()
	return t
}

// take returns a connection for one paid call: the kept one that was used last,
// if it is quiet, or a new one.
func (t *Transport) take(ctx context.Context, to *url.URL) (*conn, error) {
	h := t.host(to)
	select {
	case h.room <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, err := t.acquire(ctx, h, to)
	if err != nil {
		<-h.room
	}
	return c, err
}

// acquire returns a connection to a host in whose room the call has its place.
func (t *Transport) acquire(ctx context.Context, h *host, to *url.URL) (*conn, error) {
	for c := h.pop(); c != nil; c = h.pop() {
		if !c.stale() {
			switch c.look() {
			case quiet:
				return c, nil
			case over:
				c.noteEnd()
			case unasked: // told at once: the call in hand may be about an ID that it answered
				if c.surplus() == foreign {
					c.tell(c.last.ahead)
					c.close()
					continue
				}
			}
		}
		t.part(c)
	}
	c, err := t.connect(ctx, to)
	if err == nil {
		c.host, c.idleSince = h, time.Now()
	}
	return c, err
}

// renew changes a connection that is not to be used for another one, whose place
// in the room it takes. With an error the place is free again.
func (t *Transport) renew(ctx context.Context, old *conn, to *url.URL) (*conn, error) {
	t.part(old)
	c, err := t.acquire(ctx, old.host, to)
	if err != nil {
		<-old.host.room
	}
	return c, err
}

// leave ends a call's use of a connection: it is kept for the next paid call, or
// read to its end if its last answer came whole, or closed.
func (t *Transport) leave(c *conn, fate fate) {
	switch {
	case fate == broken, c.host == nil:
		c.drop()
	case fate == kept && len(c.answers) < maxAnswers:
		c.host.push(c)
	default:
		t.part(c)
	}
	if c.host != nil {
		<-c.host.room
	}
}

// part reads a connection to its end in the background.
func (t *Transport) part(c *conn) {
	t.mu.Lock()
	hurry := t.hurry
	t.mu.Unlock()
	t.partings.Go(func() { c.part(hurry) })
}

// Close ends the connections that carry no call, and returns when each of them
// has been read to its end. Where that does not come, it is waited for until the
// last call would have timed out, and for no more than two seconds once ctx has
// ended. Watch.Ahead and Watch.Unproven may be called until Close returns. The
// transport can be used again.
func (t *Transport) Close(ctx context.Context) {
	t.mu.Lock()
	var idle []*conn
	for _, h := range t.hosts {
		for c := h.pop(); c != nil; c = h.pop() {
			idle = append(idle, c)
		}
	}
	hurryUp := t.hurryUp
	t.mu.Unlock()
	for _, c := range idle {
		t.part(c)
	}
	calm := context.AfterFunc(ctx, hurryUp)
	t.partings.Wait()
	if !calm() {
		t.slowPartings()
	}
}

// slowPartings makes the partings from now on take their time.
func (t *Transport) slowPartings() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hurry, t.hurryUp = context.WithCancel(context.Background())
}

// host returns what is known of a URL's host.
func (t *Transport) host(to *url.URL) *host {
	key := to.Scheme + "://" + address(to)
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.hosts[key]
	if h == nil {
		h = &host{room: make(chan struct{}, t.options.MaxConns)}
		t.hosts[key] = h
	}
	return h
}

func (h *host) pop() *conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.idle) == 0 {
		return nil
	}
	last := len(h.idle) - 1
	c := h.idle[last]
	h.idle[last] = nil
	h.idle = h.idle[:last]
	return c
}

func (h *host) push(c *conn) {
	c.idleSince = time.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.idle = append(h.idle, c)
}

// address returns where a URL's host listens.
func address(to *url.URL) string {
	port := to.Port()
	if port == "" {
		port = "443"
		if to.Scheme == "http" {
			port = "80"
		}
	}
	return net.JoinHostPort(strings.ToLower(to.Hostname()), port)
}

// handshakeError represents a connection without TLS.
type handshakeError struct{ error }

func (e handshakeError) Unwrap() error { return e.error }

// connect opens a connection. Nothing of a call has left when it fails.
func (t *Transport) connect(ctx context.Context, to *url.URL) (*conn, error) {
	opened, err := t.dial(ctx, to)
	if err != nil {
		return nil, err
	}
	s := newSocket(opened)
	if to.Scheme != "https" {
		return newConn(s, s), nil
	}
	config := t.tls.Clone()
	config.ServerName = to.Hostname()
	secure := tls.Client(s, config)
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = opened.Close() // it carried nothing
		return nil, handshakeError{fmt.Errorf("TLS: %w", err)}
	}
	return newConn(s, secure), nil
}

// RoundTrip implements [http.RoundTripper] for requests that are no paid calls:
// each has a connection of its own, which the body's Close ends.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }() // it was read; there is nothing to lose
	}
	ctx := req.Context()
	c, err := t.connect(ctx, req.URL)
	if err != nil {
		return nil, err
	}
	release := c.obey(ctx)
	last := *req
	last.Close = true
	var resp *http.Response
	if c.look() == unasked {
		err = errors.New("bytes came before the request")
	} else if _, err = c.send(&last); err == nil {
		resp, err = c.head()
	}
	if err != nil {
		release()
		c.close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	resp.Request = req
	resp.Body = &lastBody{resp.Body, c, release}
	return resp, nil
}

// lastBody represents the body of an answer whose connection ends with it.
type lastBody struct {
	io.Reader
	conn    *conn
	release func() bool
}

// Close implements [io.Closer].
func (b *lastBody) Close() error {
	b.release()
	b.conn.close()
	return nil
}
