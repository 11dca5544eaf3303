package liveness_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"liverecon/batch/liveness"
)

const testLimit = 1 << 10

func zipped(t *testing.T, body string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	writeAll(t, z, []byte(body))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestOneRequestOnTheWire is the fault table of the result call: what the vendor
// or the network does, what is made of it, and how many requests were read off
// the wire. None may ever be more than one.
func TestOneRequestOnTheWire(t *testing.T) {
	gz := "Content-Encoding: gzip\r\n"
	whole := zipped(t, okBody)
	exact := `{"code":"SUCCESS","message":"` + strings.Repeat("a", testLimit-31) + `"}`
	tests := []struct {
		name     string
		handle   behaviour
		delivery liveness.Delivery
		cause    string
		status   int
		requests int64
	}{
		{"answer", says(response("200 OK", "", okBody), false), "answered", "", 200, 1},
		{"answer without length", says("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"+okBody, true), "answered", "", 200, 1},
		{"answer in chunks", says(fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(okBody), okBody), false), "answered", "", 200, 1},
		{"envelope on HTTP 500", says(response("500 Internal Server Error", "", okBody), false), "answered", "", 500, 1},
		{"envelope on HTTP 429", says(response("429 Too Many Requests", "", `{"code":"SERVICE_BUSY"}`), false), "answered", "", 429, 1},
		{"answer at the limit", says(response("200 OK", "", exact), false), "answered", "", 200, 1},
		{"gzip unasked", says(response("200 OK", gz, whole), false), "answered", "", 200, 1},

		{"reset after the request", func(s *wireServer, conn *net.TCPConn, in *bufio.Reader) {
			s.next(in)
			reset(conn)
		}, "unanswered", "reset", 0, 1},
		{"reset before the request", func(_ *wireServer, conn *net.TCPConn, in *bufio.Reader) {
			// One byte is read, so that the connection is known to have been used.
			if _, err := in.ReadByte(); err == nil {
				reset(conn)
			}
		}, "unanswered", "reset", 0, 0},
		{"closed after the request", says("", true), "unanswered", "reset", 0, 1},
		{"header cut", says("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", true), "unanswered", "truncated", 0, 1},
		{"not HTTP", says("SSH-2.0-OpenSSH_9.2\r\n\r\n", true), "unanswered", "malformed", 0, 1},
		{"body cut, whole JSON", says("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"+okBody, true), "unanswered", "truncated", 200, 1},
		{"chunks cut, whole JSON", says(fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(okBody), okBody), true), "unanswered", "truncated", 200, 1},
		{"chunks garbled", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", true), "unanswered", "malformed", 200, 1},
		{"reset in the body", func(s *wireServer, conn *net.TCPConn, in *bufio.Reader) {
			stall := "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + okBody
			if s.next(in) {
				_, _ = conn.Write([]byte(stall)) // the client's side is what is tested
				reset(conn)
			}
		}, "unanswered", "", 0, 1}, // the kernel may drop what was not read yet: see below
		{"no answer", stalls(""), "unanswered", "timeout", 0, 1},
		{"slow body", stalls("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + okBody), "unanswered", "timeout", 200, 1},

		{"oversize", says(response("200 OK", "", exact+" "), false), "unanswered", "oversize", 200, 1},
		{"gzip bomb", says(response("200 OK", gz, zipped(t, okBody+strings.Repeat(" ", 50<<20))), false), "unanswered", "oversize", 200, 1},
		{"gzip cut", says(response("200 OK", gz, whole[:len(whole)-9]), false), "unanswered", "truncated", 200, 1},
		{"gzip checksum", says(response("200 OK", gz, whole[:len(whole)-8]+"12345678"), false), "unanswered", "bad_encoding", 200, 1},
		{"no gzip", says(response("200 OK", gz, okBody), false), "unanswered", "bad_encoding", 200, 1},
		{"unknown encoding", says(response("200 OK", "Content-Encoding: br\r\n", okBody), false), "unanswered", "bad_encoding", 200, 1},

		{"HTML 502", says(response("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>Bad Gateway</html>"), false), "unanswered", "no_envelope", 502, 1},
		{"HTML 200", says(response("200 OK", "Content-Type: text/html\r\n", "<html>Welcome</html>"), false), "unanswered", "no_envelope", 200, 1},
		{"JSON without code", says(response("200 OK", "", `{"status":"UP"}`), false), "unanswered", "no_envelope", 200, 1},
		{"empty 200", says(response("200 OK", "", ""), false), "unanswered", "no_envelope", 200, 1},
		{"empty gzip", says(response("200 OK", gz, ""), false), "unanswered", "no_envelope", 200, 1},
		{"204", says("HTTP/1.1 204 No Content\r\n\r\n", false), "unanswered", "no_envelope", 204, 1},
		{"101", stalls("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n" + okBody), "unanswered", "no_envelope", 101, 1},
		{"bare 429", says(response("429 Too Many Requests", "Retry-After: 7\r\n", "slow down"), false), "unanswered", "throttled", 429, 1},
		{"304 with an envelope", says("HTTP/1.1 304 Not Modified\r\n\r\n", false), "unanswered", "redirect", 304, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serveWire(t, tt.handle)
			o := liveness.Options{MaxBody: testLimit, Timeout: 10 * time.Second}
			if tt.cause == liveness.CauseTimeout {
				o.Timeout = 100 * time.Millisecond
			}
			c, token := s.client(t, o)
			r := c.Detect(t.Context(), token, liveness.Query{SignatureID: "f302f5d2454a85c2"}, liveness.Watch{})
			if r.Delivery != tt.delivery || tt.cause != "" && r.Cause != tt.cause || tt.status != 0 && r.HTTPStatus != tt.status {
				t.Errorf("%s, %s, HTTP %d (%v); want %s, %s, HTTP %d", r.Delivery, r.Cause, r.HTTPStatus, r.Err, tt.delivery, tt.cause, tt.status)
			}
			if n := s.requests.Load(); n != tt.requests {
				t.Errorf("%d requests on the wire, want %d", n, tt.requests)
			}
			checkReply(t, r)
		})
	}
}

// checkReply checks what holds for every reply.
func checkReply(t *testing.T, r liveness.Reply) {
	t.Helper()
	answered, sent := r.Delivery == liveness.Answered, r.Delivery != liveness.Unsent
	if (r.Envelope != nil) != answered || (r.Err == nil) != answered || (r.Cause == "") != answered {
		t.Errorf("%s with envelope %v, cause %q, error %v", r.Delivery, r.Envelope, r.Cause, r.Err)
	}
	if r.SentAt.IsZero() == sent || r.EndedAt.IsZero() {
		t.Errorf("%s, sent %v, ended %v", r.Delivery, r.SentAt, r.EndedAt)
	}
	if (len(r.Body) > 0) != (r.BodySHA256 != [32]byte{}) {
		t.Errorf("body of %d bytes, hash %x", len(r.Body), r.BodySHA256)
	}
	if int64(len(r.Body)) > testLimit {
		t.Errorf("body of %d bytes kept, limit %d", len(r.Body), testLimit)
	}
	if r.Err != nil && (len(r.Err.Error()) > 600 || strings.Contains(r.Err.Error(), "f302f5d2454a85c2")) {
		t.Errorf("error of %d bytes, or with the ID: %v", len(r.Err.Error()), r.Err)
	}
}

func TestBare429(t *testing.T) {
	s := serveWire(t, says(response("429 Too Many Requests", "Retry-After:  :7s\r\n", "slow down, f302f5d2454a85c2"), false))
	c, token := s.client(t, liveness.Options{})
	r := c.Detect(t.Context(), token, liveness.Query{SignatureID: "f302f5d2454a85c2"}, liveness.Watch{})
	if r.RetryAfter != 7*time.Second || string(r.Body) != "slow down, f302f5d2454a85c2" {
		t.Errorf("RetryAfter %v, body %q", r.RetryAfter, r.Body)
	}
	want := `id: unanswered, throttled: HTTP 429, "", 27 bytes: not JSON: "slow down, [redacted]"`
	if r.Err == nil || r.Err.Error() != want {
		t.Errorf("error %v, want %s", r.Err, want)
	}
}

// TestMalformedAnswer: net/http quotes what it could not read, ID and all.
func TestMalformedAnswer(t *testing.T) {
	s := serveWire(t, says("f302f5d2454a85c2 token-value\r\n\r\n", true))
	c, token := s.client(t, liveness.Options{})
	r := c.Detect(t.Context(), token, liveness.Query{SignatureID: "f302f5d2454a85c2"}, liveness.Watch{})
	want := `id: unanswered, malformed: net/http: HTTP/1.x transport connection broken: malformed HTTP version "[redacted]"`
	if r.Err == nil || !strings.HasPrefix(r.Err.Error(), "id: unanswered, malformed: ") || !strings.Contains(r.Err.Error(), "[redacted]") {
		t.Errorf("error %v, want something like %s", r.Err, want)
	}
	checkReply(t, r)
}

// TestRedirects: neither the same host nor another one gets a second request.
func TestRedirects(t *testing.T) {
	other := serveWire(t, says(response("200 OK", "", okBody), false))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, target := range []string{"/result?again", "http://" + other.Addr().String() + "/result"} {
			s := serveWire(t, says(response(fmt.Sprint(status, " ", http.StatusText(status)), "Location: "+target+"\r\n", okBody), false))
			c, token := s.client(t, liveness.Options{MaxBody: testLimit})
			r := c.Detect(t.Context(), token, liveness.Query{LivenessID: "a"}, liveness.Watch{})
			if r.Delivery != liveness.Unanswered || r.Cause != liveness.CauseRedirect || r.HTTPStatus != status || r.Envelope != nil {
				t.Errorf("%d to %s: %s, %s, HTTP %d", status, target, r.Delivery, r.Cause, r.HTTPStatus)
			}
			if n := s.requests.Load(); n != 1 {
				t.Errorf("%d to %s: %d requests, want 1", status, target, n)
			}
			checkReply(t, r)
		}
	}
	if n := other.requests.Load(); n != 0 {
		t.Errorf("%d requests reached the other host", n)
	}
}

// TestStaleKeepAlive sends on connections the server closes while they are idle.
// Whether the client notices in time is a race; a call that lost it is in doubt
// and is not sent again.
func TestStaleKeepAlive(t *testing.T) {
	for _, end := range []struct {
		name string
		how  func(*net.TCPConn)
	}{{"closed", func(conn *net.TCPConn) { _ = conn.Close() }}, {"reset", reset}} {
		s := serveWire(t, func(s *wireServer, conn *net.TCPConn, in *bufio.Reader) {
			if s.next(in) {
				_, _ = conn.Write([]byte(response("200 OK", "", okBody)))
			}
			end.how(conn)
		})
		c, token := s.client(t, liveness.Options{})
		for i := range 200 {
			before := s.requests.Load()
			r := c.Detect(t.Context(), token, liveness.Query{LivenessID: "a"}, liveness.Watch{})
			if n := s.requests.Load() - before; n > 1 || r.Delivery == liveness.Answered && n != 1 {
				t.Fatalf("%s, call %d: %d requests on the wire, %s", end.name, i, n, r.Delivery)
			}
			if n := s.requests.Load() - before; n != 0 && r.Delivery == liveness.Unsent {
				t.Fatalf("%s, call %d: unsent, with %d requests on the wire: %v", end.name, i, n, r.Err)
			}
			checkReply(t, r)
		}
	}
}

// TestLostKeepAlive is the certain half of that race: the second request of a
// connection is met by its end.
func TestLostKeepAlive(t *testing.T) {
	s := serveWire(t, func(s *wireServer, conn *net.TCPConn, in *bufio.Reader) {
		if s.next(in) {
			_, _ = conn.Write([]byte(response("200 OK", "", okBody)))
			_, _ = in.ReadByte() // the second request has begun to arrive
			reset(conn)
		}
	})
	c, token := s.client(t, liveness.Options{})
	query := liveness.Query{LivenessID: "a"}
	if r := c.Detect(t.Context(), token, query, liveness.Watch{}); r.Delivery != liveness.Answered {
		t.Fatalf("first call: %s, %v", r.Delivery, r.Err)
	}
	r := c.Detect(t.Context(), token, query, liveness.Watch{})
	if r.Delivery != liveness.Unanswered || r.Cause != liveness.CauseReset {
		t.Errorf("second call: %s, %s, %v; want unanswered, reset", r.Delivery, r.Cause, r.Err)
	}
	if n := s.requests.Load(); n != 1 {
		t.Errorf("%d whole requests on the wire, want the first alone", n)
	}
}

func TestKeepAliveIsUsed(t *testing.T) {
	conns := make(chan struct{}, 10)
	s := serveWire(t, func(s *wireServer, conn *net.TCPConn, in *bufio.Reader) {
		conns <- struct{}{}
		for n := 0; s.next(in); n++ { // a transaction twice would be a copy
			writeAll(t, conn, []byte(response("200 OK", "", strings.Replace(okBody, "196eb0c7", fmt.Sprintf("%08d", n), 1))))
		}
	})
	c, token := s.client(t, liveness.Options{})
	for range 5 {
		if r := c.Detect(t.Context(), token, liveness.Query{LivenessID: "a"}, liveness.Watch{}); r.Delivery != liveness.Answered {
			t.Fatal(r.Err)
		}
	}
	if n := len(conns); n != 1 {
		t.Errorf("%d connections for 5 calls one after another, want 1", n)
	}
}

func TestCanceledOnTheWire(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := serveWire(t, func(s *wireServer, _ *net.TCPConn, in *bufio.Reader) {
		if s.next(in) {
			cancel()
			<-s.closing
		}
	})
	c, token := s.client(t, liveness.Options{})
	r := c.Detect(ctx, token, liveness.Query{LivenessID: "a"}, liveness.Watch{})
	if r.Delivery != liveness.Unanswered || r.Cause != liveness.CauseCanceled || s.requests.Load() != 1 {
		t.Errorf("%s, %s, %d requests", r.Delivery, r.Cause, s.requests.Load())
	}
	checkReply(t, r)
}
