package liveness_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"liverecon/batch/liveness"
)

// wireServer is a bare TCP listener that counts the requests it can read off
// the wire, whatever connection they come on.
type wireServer struct {
	net.Listener
	requests atomic.Int64
	conns    sync.WaitGroup
	closing  chan struct{} // closed when the test ends: behaviours that wait give up
}

// behaviour handles one connection. It reads requests with next.
type behaviour func(s *wireServer, conn *net.TCPConn, in *bufio.Reader)

func serveWire(t *testing.T, handle behaviour) *wireServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &wireServer{Listener: l, closing: make(chan struct{})}
	s.conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the listener was closed
			}
			s.conns.Go(func() {
				handle(s, conn.(*net.TCPConn), bufio.NewReader(conn))
				_ = conn.Close() // often closed by the behaviour already
			})
		}
	})
	t.Cleanup(func() {
		close(s.closing)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		s.conns.Wait()
	})
	return s
}

// next reads and counts one request, body included.
func (s *wireServer) next(in *bufio.Reader) bool {
	req, err := http.ReadRequest(in)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, req.Body)
	s.requests.Add(1)
	return err == nil && req.Body.Close() == nil
}

// client calls the server, keep-alive connections and all.
func (s *wireServer) client(t *testing.T, o liveness.Options) (*liveness.Client, liveness.Token) {
	t.Helper()
	url := "http://" + s.Addr().String()
	return clientOf(t, url, o)
}

func clientOf(t testing.TB, url string, o liveness.Options) (*liveness.Client, liveness.Token) {
	t.Helper()
	if o.Transport == nil {
		tr := liveness.NewTransport(liveness.TransportOptions{MaxConns: 8})
		t.Cleanup(func() { tr.Close(t.Context()) })
		o.Transport = tr
	}
	c, err := liveness.NewClient(liveness.Endpoint{Name: "id", ResultURL: url + "/result", TokenURL: url + "/token"}, sampleKeys, o)
	if err != nil {
		t.Fatal(err)
	}
	return c, liveness.IssueToken(c, "token-value")
}

// says answers every request of a connection with the same bytes, then, if
// hangUp, closes the connection.
func says(raw string, hangUp bool) behaviour {
	return func(s *wireServer, conn *net.TCPConn, in *bufio.Reader) {
		for s.next(in) {
			if _, err := io.WriteString(conn, raw); err != nil || hangUp {
				return
			}
		}
	}
}

// stalls answers with the beginning of a response and keeps the line open.
func stalls(raw string) behaviour {
	return func(s *wireServer, conn *net.TCPConn, in *bufio.Reader) {
		if !s.next(in) {
			return
		}
		if _, err := io.WriteString(conn, raw); err == nil {
			<-s.closing
		}
	}
}

// reset closes a connection with RST instead of FIN.
func reset(conn *net.TCPConn) {
	// Both fail only on a connection that is gone, which is what is wanted.
	_ = conn.SetLinger(0)
	_ = conn.Close()
}

func response(status, header, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, header, len(body), body)
}

func closeIdle(tr *liveness.Transport, t *testing.T) *liveness.Transport {
	t.Helper()
	t.Cleanup(func() { tr.Close(t.Context()) })
	return tr
}

func writeAll(t *testing.T, w io.Writer, data []byte) {
	t.Helper()
	if _, err := io.Copy(w, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

// selfSigned makes a certificate for 127.0.0.1 that no root vouches for.
func selfSigned(t testing.TB) tls.Certificate {
	t.Helper()
	cert, err := newCertificate()
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
