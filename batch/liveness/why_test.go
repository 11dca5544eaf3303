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
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What a person reads of an endpoint that does not answer is what the system said, and what to do about it.
func TestWhy(t *testing.T) {
	opened := func(err error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", err)}
	}
	day := func(n int) time.Time { return time.Now().AddDate(0, 0, n) }
	expired := x509.CertificateInvalidError{Cert: &x509.Certificate{NotBefore: day(-90), NotAfter: day(-1)}, Reason: x509.Expired}
	early := x509.CertificateInvalidError{Cert: &x509.Certificate{NotBefore: day(2), NotAfter: day(90)}, Reason: x509.Expired}
	verified := func(err error) error {
		return handshakeError{fmt.Errorf("TLS: %w", &tls.CertificateVerificationError{Err: err})}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("something else"), ""},
		{opened(syscall.EMFILE), "too many open files: raise ulimit -n"},
		{opened(syscall.ECONNREFUSED), "connection refused"},
		{opened(syscall.EHOSTUNREACH), "no route to it"},
		{opened(syscall.EADDRNOTAVAIL), "no free port on this machine"},
		{&net.DNSError{Name: "api.example", IsNotFound: true}, "no such host: api.example"},
		{&net.DNSError{Name: "api.example", IsTimeout: true}, "no answer about the name api.example"},
		{context.DeadlineExceeded, "no answer in time"},
		{verified(expired), "its certificate expired on " + day(-1).UTC().Format(time.DateOnly)},
		{verified(early), "its certificate is valid from " + day(2).UTC().Format(time.DateOnly) + " on: is this clock right?"},
		{verified(x509.UnknownAuthorityError{}), "its certificate is of an unknown authority: SSL_CERT_FILE names a file with others"},
		{verified(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "api.example"}), "its certificate is another host's"},
		{handshakeError{errors.New("TLS: no")}, "no TLS with it"},
		{handshakeError{fmt.Errorf("TLS: %w", io.EOF)}, "it hangs up before TLS is agreed on"},
		{opened(syscall.ECONNRESET), "connection reset"},
		{fmt.Errorf("read: %w", io.EOF), "it hangs up without an answer"},
		{io.ErrUnexpectedEOF, "it hangs up in the middle of its answer"},
		{malformedError{errors.New("no")}, "what it answers is no HTTP"},
		{&ProxyError{"http://proxy:3128", opened(syscall.ECONNREFUSED)}, "proxy http://proxy:3128: connection refused"},
		{&ProxyError{"http://proxy:3128", connectError{407, "407 Proxy Authentication Required"}},
			"proxy http://proxy:3128: CONNECT is refused with HTTP 407"},
		{&ProxyError{"http://proxy:3128", errors.New("something else")}, "proxy http://proxy:3128 gives no way"},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("call: %w", err)
		}
		if got := Why(err); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

// A proxy is asked for CONNECT and nothing else: the call goes through the tunnel. What it refuses was never sent.
func TestProxy(t *testing.T) {
	vendor := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "answer") }))
	defer vendor.Close()
	roots := x509.NewCertPool()
	roots.AddCert(vendor.Certificate())
	for _, c := range []struct {
		name, user, status string
		reaches            bool
	}{
		{"through", "", "HTTP/1.1 200 OK", true},
		{"with a password", "me:secret@", "HTTP/1.1 200 OK", true},
		{"refused", "", "HTTP/1.1 407 Proxy Authentication Required", false},
		{"no answer", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxy, heard := connectProxy(t, c.status)
			to, err := url.Parse("http://" + c.user + proxy)
			if err != nil {
				t.Fatal(err)
			}
			transport := NewTransport(TransportOptions{RootCAs: roots, Proxy: func(*url.URL) (*url.URL, error) { return to, nil }})
			defer transport.Close(t.Context())
			at, err := url.Parse(vendor.URL)
			if err != nil {
				t.Fatal(err)
			}
			opened, err := transport.connect(t.Context(), at)
			if request := <-heard; !strings.HasPrefix(request, "CONNECT "+at.Host+" HTTP/1.1\r\n") ||
				strings.Contains(request, "Proxy-Authorization: Basic bWU6c2VjcmV0") != (c.user != "") {
				t.Errorf("the proxy heard %q", request)
			}
			var refused *ProxyError
			switch {
			case c.reaches && err != nil:
				t.Error(err)
			case c.reaches:
				opened.close()
			case !errors.As(err, &refused) || strings.Contains(err.Error(), "secret"):
				t.Errorf("error %v", err)
			}
		})
	}
}

// connectProxy answers one request with a status and, where that is 200, lets bytes through.
func connectProxy(t *testing.T, status string) (address string, heard chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	heard = make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		var request []byte
		for one := make([]byte, 1); !strings.HasSuffix(string(request), "\r\n\r\n"); request = append(request, one[0]) {
			if _, err := c.Read(one); err != nil {
				break
			}
		}
		heard <- string(request)
		if status == "" {
			return
		}
		_, _ = fmt.Fprintf(c, "%s\r\n\r\n", status)
		if !strings.Contains(status, "200") {
			return
		}
		on, err := net.Dial("tcp", strings.Fields(string(request))[1])
		if err != nil {
			return
		}
		defer on.Close()
		go func() { _, _ = io.Copy(on, c) }()
		_, _ = io.Copy(c, on)
	}()
	return l.Addr().String(), heard
}
