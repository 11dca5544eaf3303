package liveness_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"liverecon/batch/liveness"
)

// Wherever a connection ends, Why says in words that it did.
func TestWhyOfEveryEnd(t *testing.T) {
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	defer certified.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	read := func(c net.Conn) {
		req, err := http.ReadRequest(bufio.NewReader(c))
		if err == nil {
			buf := make([]byte, req.ContentLength)
			_, _ = req.Body.Read(buf)
		}
	}
	answer := func(text string) func(net.Conn) {
		return func(c net.Conn) { read(c); _, _ = fmt.Fprint(c, text) }
	}
	for _, c := range []struct {
		name      string
		handshake bool
		then      func(net.Conn)
		want      []string
	}{
		{"at once", false, func(net.Conn) {}, []string{"it hangs up before TLS is agreed on", "connection reset"}},
		{"behind the handshake", true, func(net.Conn) {},
			[]string{"it hangs up before it is asked", "it hangs up without an answer", "connection reset"}},
		{"behind the request", true, read, []string{"it hangs up without an answer"}},
		{"within the head", true, answer("HTTP/1.1 200 OK\r\nContent-Le"), []string{"it hangs up in the middle of its answer"}},
		{"within the body", true, answer("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"code\""), []string{"it hangs up in the middle of its answer"}},
		{"behind a page", true, answer("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"), []string{"HTTP 503 and no answer of the API"}},
		{"behind a redirect", true, answer("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"), []string{"it redirects, by HTTP 302"}},
		{"behind what is no HTTP", true, answer("SSH-2.0-OpenSSH_9.2\r\n"), []string{"what it answers is no HTTP"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close() //nolint:errcheck // nothing is kept
			go func() {
				for {
					opened, err := l.Accept()
					if err != nil {
						return
					}
					if c.handshake {
						secure := tls.Server(opened, certified.TLS)
						if secure.Handshake() == nil {
							c.then(secure)
						}
						_ = secure.Close()
					}
					_ = opened.Close()
				}
			}()
			url := "https://" + l.Addr().String()
			client, err := liveness.NewClient(liveness.Endpoint{Name: "id", ResultURL: url + "/result", TokenURL: url + "/token"}, sampleKeys,
				liveness.Options{AllowedHosts: []string{l.Addr().String()}, Transport: liveness.NewTransport(liveness.TransportOptions{MaxConns: 1, RootCAs: roots})})
			if err != nil {
				t.Fatal(err)
			}
			r := client.Detect(t.Context(), liveness.IssueToken(client, "token-value"), liveness.Query{LivenessID: "a", Region: "ID"}, liveness.Watch{})
			for _, want := range c.want {
				if liveness.Why(r.Err) == want {
					return
				}
			}
			t.Errorf("%s, %v: it says %q, want one of %q", r.Cause, r.Err, liveness.Why(r.Err), c.want)
		})
	}
}
