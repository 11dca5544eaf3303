package evidence_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"liverecon/batch/evidence"
)

const jpeg = "\xff\xd8\xff\xe0\x00\x10JFIF\x00 and what follows"

// client is one that may ask the given server, and nothing else on this machine.
func client(t *testing.T, change func(*evidence.Options), servers ...*httptest.Server) *evidence.Client {
	t.Helper()
	o := evidence.Options{MaxBytes: 1 << 20, Timeout: 5 * time.Second, UserAgent: "liverecon/test"}
	for _, s := range servers {
		o.AllowedHosts = append(o.AllowedHosts, s.Listener.Addr().String())
	}
	if change != nil {
		change(&o)
	}
	c, err := evidence.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fetch returns the whole image, or why there is none.
func fetch(t *testing.T, c *evidence.Client, link string, kind evidence.Kind) (body string, fate evidence.Fate, reason string) {
	t.Helper()
	picture, err := c.Open(context.Background(), link, kind)
	var text []byte
	if err == nil {
		text, err = io.ReadAll(picture)
		picture.Close()
	}
	var failure *evidence.Failure
	switch {
	case err == nil:
		return string(text), evidence.Stored, ""
	case !errors.As(err, &failure):
		t.Fatalf("an error that is no failure: %v", err)
	case failure.Error() != failure.Reason || strings.Contains(failure.Reason, ":") || len(failure.Reason) > 24:
		t.Errorf("reason %q: want a word", failure.Reason)
	}
	return "", failure.Fate, failure.Reason
}

func refuses(t *testing.T, c *evidence.Client, link, want string) {
	t.Helper()
	if body, fate, reason := fetch(t, c, link, evidence.Result); fate != evidence.Refused || reason != want {
		t.Errorf("%s: fate %d, reason %q, %d bytes, want a refusal: %s", link, fate, reason, len(body), want)
	}
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

// TestNothingButAnImageIsAskedFor: the request has four headers, whatever the process knows, and no proxy carries it.
func TestNothingButAnImageIsAskedFor(t *testing.T) {
	proxied := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a proxy was asked") })
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, proxied.URL)
	}
	var server *httptest.Server
	seen := 0
	server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen++
		want := http.Header{"Accept": {"image/*, application/zip"}, "Accept-Encoding": {"identity"}, "User-Agent": {"liverecon/test"}}
		if r.Method != http.MethodGet || !maps.EqualFunc(r.Header, want, slices.Equal) {
			t.Errorf("%s with %v, want GET with %v", r.Method, r.Header, want)
		}
		if r.URL.Path == "/first" { // neither cookie nor referrer goes along
			w.Header().Set("Set-Cookie", "a=b")
			http.Redirect(w, r, "/second?secret=2", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, jpeg)
	})
	if body, _, reason := fetch(t, client(t, nil, server), server.URL+"/first?secret=1", evidence.Result); body != jpeg || seen != 2 {
		t.Errorf("%d requests, %q, %s", seen, body, reason)
	}
}

func TestLinksThatAreNotTried(t *testing.T) {
	asked := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("was asked") })
	port := asked.Listener.Addr().(*net.TCPAddr).Port
	everyone := client(t, nil)
	some := client(t, func(o *evidence.Options) {
		o.AllowedHosts = []string{"images.example.com", "*.cdn.example.com", "odd.example.com:8443"}
	})
	for link, want := range map[string]string{
		"": "not_a_link", "images": "not_a_link", "https:///x": "not_a_link", "https:opaque": "not_a_link", "https://user:word@example.com/x": "not_a_link", "https:/XXXX/x": "not_a_link", "\x7f": "not_a_link",
		"http://images.example.com/x": "not_https", "ftp://images.example.com/x": "not_https", "file:///etc/passwd": "not_a_link", "gopher://127.0.0.1:70/x": "not_https",
		fmt.Sprintf("http://127.0.0.1:%d/x", port):    "not_https",
		"https://127.0.0.1/x":                         "private_address",
		"https://[::1]/x":                             "private_address",
		"https://[::ffff:127.0.0.1]/x":                "private_address",
		"https://[fe80::1%25eth0]/x":                  "private_address",
		"https://169.254.169.254/latest/meta-data/":   "private_address",
		"https://100.64.0.1/x":                        "private_address",
		"https://[64:ff9b::a9fe:a9fe]/x":              "private_address",
		"https://[2002:7f00:1::]/x":                   "private_address",
		fmt.Sprintf("https://127.0.0.1:%d/x", port):   "host_not_allowed",
		fmt.Sprintf("https://localhost:%d/x", port):   "host_not_allowed",
		"https://images.example.com:22/x":             "host_not_allowed",
		"https://images.example.com:8443/x":           "host_not_allowed",
		"https://images.example.com.evil.invalid:1/x": "host_not_allowed",
	} {
		refuses(t, everyone, link, want)
	}
	for _, host := range []string{"example.com", "cdn.example.com", "xcdn.example.com", "images.example.com.evil.invalid", "images.example.com:444", "odd.example.com", "odd.example.com:443", "8.8.8.8"} {
		refuses(t, some, "https://"+host+"/x", "host_not_allowed")
	}
}

func TestAllowedHostsAreChecked(t *testing.T) {
	for _, bad := range []string{"", "*", "*.", "a*.example.com", "https://example.com", "example.com/x", "10.0.0.1", "10.0.0.1:443", "127.0.0.1", "169.254.169.254:80", "[::1]", "user@example.com"} {
		if evidence.CheckHost(bad) == nil {
			t.Errorf("host %q was taken", bad)
		}
	}
	for _, good := range []string{"example.com", "*.example.com", "example.com:8443", "8.8.8.8", "127.0.0.1:9000", "[::1]:9000"} {
		if err := evidence.CheckHost(good); err != nil {
			t.Errorf("host %q: %v", good, err)
		}
	}
}

// TestAddressesOfNames: a name may come to any address, at any time to another one. The socket decides.
func TestAddressesOfNames(t *testing.T) {
	var heard atomic.Int64
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			heard.Add(1)
			_ = conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, sequence := range [][]string{
		{"127.0.0.1"}, {"::1"}, {"::ffff:127.0.0.1"}, {"10.0.0.1", "127.0.0.1"}, {"169.254.169.254", "127.0.0.1"}, {"0.0.0.0"}, {"100.64.0.1"}, {"64:ff9b::7f00:1"},
	} {
		names := &fakeDNS{answers: sequence}
		c := client(t, func(o *evidence.Options) {
			o.AllowedHosts = []string{"rebinding.example.com:" + port}
			o.Resolver = names.resolver()
		})
		for range 2 * len(sequence) {
			refuses(t, c, "https://rebinding.example.com:"+port+"/x", "private_address")
		}
		if names.asked.Load() == 0 {
			t.Error("the resolver was not asked")
		}
	}
	if n := heard.Load(); n != 0 {
		t.Errorf("%d connections to this machine", n)
	}
}

// fakeDNS answers each lookup of a name with the next of its addresses.
type fakeDNS struct {
	answers []string
	asked   atomic.Int64
}

func (f *fakeDNS) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go f.serve(ours)
		return theirs, nil
	}}
}

// serve answers one question in DNS's form for streams: two bytes of length, header, question, answer (RFC 1035).
func (f *fakeDNS) serve(conn net.Conn) {
	defer conn.Close()
	var size uint16
	if binary.Read(conn, binary.BigEndian, &size) != nil {
		return
	}
	query := make([]byte, size)
	if _, err := io.ReadFull(conn, query); err != nil {
		return
	}
	end := 12 + bytes.IndexByte(query[12:], 0) + 1
	kind := binary.BigEndian.Uint16(query[end:])
	address := netip.MustParseAddr(f.answers[int(f.asked.Add(1)-1)/2%len(f.answers)]) // asked for both kinds at once
	var data []byte
	switch {
	case kind == 1 && address.Is4(), kind == 28 && address.Is6():
		data = address.AsSlice()
	}
	reply := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[12:end+4]...)
	if data != nil {
		reply[7] = 1
		reply = append(reply, 0xc0, 12, byte(kind>>8), byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(len(data)))
		reply = append(reply, data...)
	}
	_ = binary.Write(conn, binary.BigEndian, uint16(len(reply))) // a client that has gone does not matter here
	_, _ = conn.Write(reply)
}

func TestRedirects(t *testing.T) {
	private := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("was asked") })
	hops := 0
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		target := r.URL.Query().Get("to")
		if target == "again" {
			hops++
			target = r.URL.String()
		}
		if target == "" {
			_, _ = io.WriteString(w, jpeg)
			return
		}
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	c := client(t, nil, server)
	to := func(target string) string { return server.URL + "/x?to=" + url.QueryEscape(target) }
	if body, _, reason := fetch(t, c, to("/x"), evidence.Result); body != jpeg {
		t.Errorf("a redirect within the host: %s", reason)
	}
	for target, want := range map[string]string{
		private.URL: "not_https", "https://127.0.0.1/x": "host_not_allowed", "http://example.com/x": "not_https",
		"https://169.254.169.254/": "host_not_allowed", "//user@example.com/x": "not_a_link", "%zz": "not_a_link", "again": "redirects",
	} {
		refuses(t, c, to(target), want)
	}
	if hops != 4 {
		t.Errorf("%d requests in a circle, want the first and 3 more", hops)
	}
	refuses(t, client(t, func(o *evidence.Options) { o.AllowedHosts = append(o.AllowedHosts, "[::1]:1") }, server), to("http://[::1]:2/"), "not_https")
}

func TestWhatIsNoImage(t *testing.T) {
	bomb := func() []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(append([]byte(jpeg), make([]byte, 64<<20)...))
		_ = z.Close()
		return b.Bytes()
	}()
	answers := map[string]http.HandlerFunc{
		"html": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(w, "<html><script>alert(1)</script></html>")
		},
		"empty": func(http.ResponseWriter, *http.Request) {},
		"short": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "\xff\xd8") },
		"svg": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg"/>`)
		},
		"zip": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "PK\x03\x04 and more") },
		"announced": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(2<<20))
			_, _ = io.WriteString(w, jpeg)
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			_, err := io.WriteString(w, jpeg)
			for block := make([]byte, 1<<16); err == nil; {
				_, err = w.Write(block)
			}
		},
		"bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		},
		"headers": func(w http.ResponseWriter, _ *http.Request) {
			for i := range 100 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 1<<10))
			}
			_, _ = io.WriteString(w, jpeg)
		},
		"forbidden": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"expired": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Code>AccessDenied</Code><Message>Request has expired</Message>")
		},
		"gone":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) },
		"missing": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"busy":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"part":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) },
		"broken": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, jpeg)
			panic(http.ErrAbortHandler)
		},
	}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answers[strings.Trim(r.URL.Path, "/")](w, r) })
	c := client(t, nil, server)
	type result struct {
		fate   evidence.Fate
		reason string
	}
	want := map[string]result{
		"html": {evidence.Refused, "not_an_image"}, "empty": {evidence.Refused, "not_an_image"}, "short": {evidence.Refused, "not_an_image"},
		"svg": {evidence.Refused, "not_an_image"}, "zip": {evidence.Refused, "not_an_image"}, "announced": {evidence.Refused, "too_large"},
		"endless": {evidence.Refused, "too_large"}, "bomb": {evidence.Refused, "compressed"}, "headers": {evidence.Again, "connection"},
		"forbidden": {evidence.Refused, "http_403"}, "expired": {evidence.Expired, "http_403"}, "gone": {evidence.Expired, "http_410"},
		"missing": {evidence.Again, "http_404"}, "busy": {evidence.Again, "http_503"}, "part": {evidence.Refused, "http_206"}, "broken": {evidence.Again, "connection"},
	}
	for name := range answers {
		if _, fate, reason := fetch(t, c, server.URL+"/"+name, evidence.Result); want[name] != (result{fate, reason}) {
			t.Errorf("%s: fate %d, %q, want %v", name, fate, reason, want[name])
		}
	}
	if body, _, reason := fetch(t, c, server.URL+"/zip", evidence.Audit); body != "PK\x03\x04 and more" {
		t.Errorf("an audit image is an archive: %s", reason)
	}
}

// TestLimitIsExact: an image of exactly the limit is taken, one byte more is not.
func TestLimitIsExact(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush() //nolint:errcheck // chunked, so that no length is announced
		_, _ = io.WriteString(w, jpeg)
	})
	for spare, want := range map[int]string{0: "", 1: "", -1: "too_large"} {
		c := client(t, func(o *evidence.Options) { o.MaxBytes = int64(len(jpeg) + spare) }, server)
		body, _, reason := fetch(t, c, server.URL, evidence.Result)
		if reason != want || want == "" && body != jpeg {
			t.Errorf("limit %+d: %q, %d bytes, want %q", spare, reason, len(body), want)
		}
	}
}

// TestSlowServers: one that does not answer, and one whose image never ends, take no longer than the limit of time.
func TestSlowServers(t *testing.T) {
	end := make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/drip" {
			_, _ = io.WriteString(w, jpeg)
			for {
				select {
				case <-end:
					return
				case <-r.Context().Done():
					return
				case <-time.After(time.Millisecond):
				}
				if _, err := w.Write([]byte{0}); err != nil || http.NewResponseController(w).Flush() != nil {
					return
				}
			}
		}
		<-end
	})
	defer close(end)
	c := client(t, func(o *evidence.Options) { o.Timeout = 100 * time.Millisecond }, server)
	for _, path := range []string{"/silent", "/drip"} {
		if _, fate, reason := fetch(t, c, server.URL+path, evidence.Result); fate != evidence.Again || reason != "timeout" {
			t.Errorf("%s: fate %d, %q", path, fate, reason)
		}
	}
}

// TestCertificates: a server that cannot prove its name gives nothing.
func TestCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, jpeg) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	if _, fate, reason := fetch(t, client(t, nil, server), server.URL, evidence.Result); fate != evidence.Again || reason != "tls" {
		t.Errorf("an unknown authority: fate %d, %q", fate, reason)
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	c := client(t, func(o *evidence.Options) { o.RootCAs = roots }, server)
	if body, _, reason := fetch(t, c, server.URL, evidence.Result); body != jpeg {
		t.Errorf("a known authority: %q", reason)
	}
}
