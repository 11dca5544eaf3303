package liveness_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"os"
	"testing"
	"time"

	"liverecon/batch/liveness"
)

// TestUnsent holds the failures before a connection is had: provably free.
func TestUnsent(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	plain := serveWire(t, func(_ *wireServer, conn *net.TCPConn, in *bufio.Reader) {
		if _, err := in.ReadByte(); err == nil {
			writeAll(t, conn, []byte("I do not speak TLS\r\n"))
		}
	})
	mute := serveWire(t, func(s *wireServer, _ *net.TCPConn, _ *bufio.Reader) { <-s.closing })
	untrusted := serveTLS(t)
	dials := func(dial func(context.Context, string, string) (net.Conn, error)) *liveness.Transport {
		return closeIdle(liveness.NewTransport(liveness.TransportOptions{Dial: dial}), t)
	}
	tests := []struct {
		name, url string
		transport *liveness.Transport
		timeout   time.Duration
		cause     string
	}{
		{"DNS", "http://localhost", dials(func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "localhost", IsNotFound: true}}
		}), 0, "dns"},
		{"refused", "http://" + nobody, nil, 0, "refused"},
		{"other dial error", "http://127.0.0.1:1", dials(func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: net.ErrClosed}
		}), 0, "dial"},
		{"dial timeout", "http://127.0.0.1:1", dials(func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
		}), 0, "timeout"},
		{"no TLS", "https://" + plain.Addr().String(), nil, 0, "tls"},
		{"certificate", "https://" + untrusted, nil, 0, "tls"},
		{"TLS never answers", "https://" + mute.Addr().String(), nil, 100 * time.Millisecond, "timeout"},
		{"dial never ends", "http://127.0.0.1:1", dials(func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}), 100 * time.Millisecond, "timeout"},
	}
	for _, tt := range tests {
		o := liveness.Options{Timeout: tt.timeout, AllowedHosts: []string{"127.0.0.1"}}
		if tt.transport != nil {
			o.Transport = tt.transport
		}
		c, token := clientOf(t, tt.url, o)
		r := c.Detect(t.Context(), token, liveness.Query{LivenessID: "a"}, liveness.Watch{})
		if r.Delivery != liveness.Unsent || r.Cause != tt.cause {
			t.Errorf("%s: %s, %s (%v); want unsent, %s", tt.name, r.Delivery, r.Cause, r.Err, tt.cause)
		}
		checkReply(t, r)
	}
	if n := plain.requests.Load() + mute.requests.Load(); n != 0 {
		t.Errorf("%d requests on the wire", n)
	}
}

// TestCanceledInTheQueue: a call that waits for one of the transport's
// connections has not left.
func TestCanceledInTheQueue(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := serveWire(t, func(s *wireServer, _ *net.TCPConn, in *bufio.Reader) {
		if s.next(in) {
			<-s.closing
		}
	})
	c, token := s.client(t, liveness.Options{Transport: closeIdle(liveness.NewTransport(liveness.TransportOptions{MaxConns: 1}), t)})
	replies := make(chan liveness.Reply, 2)
	for range 2 {
		go func() { replies <- c.Detect(ctx, token, liveness.Query{LivenessID: "a"}, liveness.Watch{}) }()
	}
	for s.requests.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	deliveries := map[liveness.Delivery]int{}
	for range 2 {
		r := <-replies
		deliveries[r.Delivery]++
		if r.Cause != liveness.CauseCanceled {
			t.Errorf("%s, %s: %v", r.Delivery, r.Cause, r.Err)
		}
	}
	if deliveries[liveness.Unsent] != 1 || deliveries[liveness.Unanswered] != 1 || s.requests.Load() != 1 {
		t.Errorf("%v, %d requests; want one on the wire and one unsent", deliveries, s.requests.Load())
	}
}

// serveTLS completes no handshake: nobody trusts its certificate.
func serveTLS(t *testing.T) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			_ = conn.(*tls.Conn).Handshake() // fails: that is the test
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}
