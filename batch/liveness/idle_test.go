package liveness_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness"
)

// closingServer ends each connection that has been idle for so long, and counts what became of it.
type closingServer struct {
	idle   time.Duration
	header string        // of every answer
	delay  time.Duration // of an answer
	conns  int
	asked  int
}

func (s *closingServer) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	s.conns++
	go s.serve(server)
	return client, nil
}

func (s *closingServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }() // by then there is nobody who would listen
	in := bufio.NewReader(conn)
	for {
		if err := conn.SetReadDeadline(time.Now().Add(s.idle)); err != nil {
			return
		}
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return
		}
		s.asked++
		time.Sleep(s.delay)
		body := strings.Replace(okBody, "196eb0c7", fmt.Sprintf("%08d", s.asked), 1)
		if _, err := io.WriteString(conn, response("200 OK", s.header, body)); err != nil {
			return
		}
	}
}

// Three hundred calls at one a second, to servers that end idle connections sooner than that or a little later: at most one
// is in doubt, and at most one could not be sent at first.
func TestIdleConnections(t *testing.T) {
	for _, c := range []struct {
		name   string
		server closingServer
		kept   bool // a call a second is soon enough
	}{
		{"after 1.03 s", closingServer{idle: 1030 * time.Millisecond}, true},
		{"after a second", closingServer{idle: time.Second}, true},
		{"at the very moment", closingServer{idle: 970 * time.Millisecond}, false},
		{"after 0.9 s", closingServer{idle: 900 * time.Millisecond}, false},
		{"after 0.3 s", closingServer{idle: 300 * time.Millisecond}, false},
		{"after 2 s", closingServer{idle: 2 * time.Second}, true},
		{"after 5 s, as Node does", closingServer{idle: 5 * time.Second}, true},
		{"after a second, and it says so", closingServer{idle: time.Second, header: "Keep-Alive: timeout=1, max=1000\r\n"}, false},
		{"it says 5", closingServer{idle: 5 * time.Second, header: "Keep-Alive: timeout=5\r\n"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := c.server
				s.delay = 30 * time.Millisecond
				client, token := clientOf(t, "http://127.0.0.1", liveness.Options{
					Transport: liveness.NewTransport(liveness.TransportOptions{MaxConns: 4, Dial: s.dial}), AllowedHosts: []string{"127.0.0.1"},
				})
				doubts, unsent := 0, 0
				begun := time.Now()
				for n := range 300 {
					w := liveness.Watch{Turn: func(context.Context) error {
						time.Sleep(time.Until(begun.Add(time.Duration(n) * time.Second)))
						return nil
					}}
					switch r := client.Detect(t.Context(), token, liveness.Query{LivenessID: "a"}, w); r.Delivery {
					case liveness.Unanswered:
						doubts++
					case liveness.Unsent:
						unsent++
					}
				}
				client.Close(t.Context())
				if doubts > 1 || unsent > 1 {
					t.Errorf("%d in doubt, %d unsent", doubts, unsent)
				}
				if kept := s.conns < 10; kept != c.kept {
					t.Errorf("%d connections for %d calls", s.conns, s.asked)
				}
				if s.asked+unsent < 299 {
					t.Errorf("%d of 300 calls arrived", s.asked)
				}
			})
		})
	}
}
