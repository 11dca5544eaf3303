// Package evidence fetches the images of answers and keeps them in an archive.
//
// Three parts, each of which can be used alone:
//
//	Client     opens a link that somebody else wrote. It knows no token and no key of the vendor's API.
//	Archive    keeps files: private, whole or not at all, on wish readable for the holder of another key only.
//	Collector  works off a queue with the two of them, the link that dies first before all others.
//
// A link is hostile until shown otherwise: it may name this machine, the network around it or the metadata service of a
// cloud, at once, after a redirect, or by a name that changes its address between a check and its use. So addresses are
// checked where they are used: when the socket is about to connect.
package evidence

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Bounds on what a server may make the client do.
const (
	// maxHops redirects are followed. A link into an object store answers itself, but one through a content network may
	// not, and nobody has documented the vendor's. Every hop is checked as the first one is, and the requests carry
	// nothing from one hop to the next: no cookie, no referrer.
	maxHops = 3

	maxHeaderBytes = 64 << 10
	maxErrorBody   = 4 << 10 // bytes of a refusal that are read for the word "expired"
	dialTimeout    = 10 * time.Second
	idleTimeout    = 10 * time.Second
)

// Options describes a Client. MaxBytes and Timeout have to be set.
type Options struct {
	MaxBytes int64         // of an image; more is refused
	Timeout  time.Duration // of one image, from dialing to its last byte
	// AllowedHosts, when not empty, are the only hosts that are asked: "images.example.com", "*.example.com" for all
	// names below it, or either with a port. Without a port only 443 is meant. A loopback address with a port, such as
	// "127.0.0.1:9000", allows plain http to exactly that socket: the simulated vendor.
	AllowedHosts []string
	UserAgent    string
	Resolver     *net.Resolver     // nil: the system's
	RootCAs      *x509.CertPool    // nil: the system's
	Transport    http.RoundTripper // carries the requests instead of sockets: the simulated vendor in process
}

// Client fetches images. It may be used by several goroutines.
type Client struct {
	options   Options
	loopback  []netip.AddrPort // sockets on this machine that may be asked
	transport http.RoundTripper
}

// NewClient returns a client, or says which of its options is wrong.
func NewClient(o Options) (*Client, error) {
	c := &Client{options: o, transport: o.Transport}
	if o.MaxBytes < 1 || o.Timeout <= 0 {
		return nil, errors.New("an image needs a limit of bytes and of time")
	}
	for _, host := range o.AllowedHosts {
		if err := CheckHost(host); err != nil {
			return nil, err
		}
		if socket, ok := loopbackSocket(host); ok {
			c.loopback = append(c.loopback, socket)
		}
	}
	if c.transport == nil {
		c.transport = c.sockets()
	}
	return c, nil
}

// CheckHost describes what is wrong with an entry of AllowedHosts.
func CheckHost(entry string) error {
	if _, ok := loopbackSocket(entry); ok {
		return nil
	}
	name := strings.TrimPrefix(entry, "*.")
	if host, port, err := net.SplitHostPort(name); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err == nil {
			name = host
		}
	}
	if literal, err := netip.ParseAddr(name); err == nil && !public(literal) {
		return fmt.Errorf("%.80q is no public address; one of this machine stands with its port, such as 127.0.0.1:9000", entry)
	}
	if name == "" || strings.ContainsAny(name, "*/:@?#% ") {
		return fmt.Errorf("%.80q is no host: want images.example.com, *.example.com or 127.0.0.1:9000", entry)
	}
	return nil
}

func loopbackSocket(entry string) (netip.AddrPort, bool) {
	socket, err := netip.ParseAddrPort(entry)
	return socket, err == nil && socket.Addr().IsLoopback() && socket.Addr().Zone() == ""
}

// sockets returns a transport of the client's own: no proxy, not even from the environment, since a proxy would dial
// for us where no address is checked; HTTP/1.1; nothing is decompressed.
func (c *Client) sockets() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: dialTimeout, Resolver: c.options.Resolver, Control: c.control}
	return &http.Transport{
		Proxy: nil, Protocols: protocols, DialContext: dialer.DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.options.RootCAs},
		TLSHandshakeTimeout: dialTimeout, IdleConnTimeout: idleTimeout, MaxIdleConnsPerHost: 4,
		MaxResponseHeaderBytes: maxHeaderBytes, DisableCompression: true,
	}
}

// control allows or refuses a connection before its socket connects, with the address that a name came to. There is no
// other look at it that could come to something else.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	socket, err := netip.ParseAddrPort(address)
	if err != nil {
		return errPrivate
	}
	socket = netip.AddrPortFrom(socket.Addr().Unmap(), socket.Port())
	if !public(socket.Addr()) && !slices.Contains(c.loopback, socket) {
		return errPrivate
	}
	return nil
}

// Picture represents an image whose first bytes have been looked at. Close ends its transfer.
type Picture struct {
	Format Format
	body   io.Reader
	close  func()
}

// Read gives the image. An error is a *Failure.
func (p *Picture) Read(b []byte) (int, error) { return p.body.Read(b) }

// Close ends the transfer.
func (p *Picture) Close() { p.close() }

// Open begins to fetch an image of a kind. The error is a *Failure, which never names the link.
func (c *Client) Open(ctx context.Context, link string, kind Kind) (*Picture, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	response, err := c.follow(ctx, link) //nolint:bodyclose // by the Picture's Close
	if err != nil {
		cancel()
		return nil, err
	}
	p := &Picture{close: func() {
		// What is not read is not wanted; a failed close has nothing to tell about an image.
		_ = response.Body.Close()
		cancel()
	}}
	if p.Format, p.body, err = c.receive(response, kind); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// follow makes the request, and those a redirect asks for.
func (c *Client) follow(ctx context.Context, link string) (*http.Response, error) {
	at, err := url.Parse(link)
	for hop := 0; ; hop++ {
		switch {
		case err != nil:
			return nil, refused("not_a_link")
		case hop > maxHops:
			return nil, refused("redirects")
		}
		if err := c.check(at); err != nil {
			return nil, err
		}
		response, roundErr := c.transport.RoundTrip(c.request(ctx, at))
		if roundErr != nil {
			return nil, classify(roundErr)
		}
		target := response.Header.Get("Location")
		if response.StatusCode < 300 || response.StatusCode > 399 || target == "" {
			return response, nil
		}
		_ = response.Body.Close() // a redirect's body says nothing
		at, err = at.Parse(target)
	}
}

// request makes a request of four headers, and none that says who asks for whom.
func (c *Client) request(ctx context.Context, at *url.URL) *http.Request {
	r := &http.Request{Method: http.MethodGet, URL: at, Host: at.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Accept": {"image/*, application/zip"}, "Accept-Encoding": {"identity"},
			"User-Agent": {c.options.UserAgent},
		}}
	return r.WithContext(ctx)
}

// check refuses a link that must not even be tried.
func (c *Client) check(at *url.URL) error {
	port := at.Port()
	if port == "" {
		port = "443"
	}
	socket, err := netip.ParseAddrPort(net.JoinHostPort(at.Hostname(), port))
	here := err == nil && slices.Contains(c.loopback, socket)
	switch {
	case at.Hostname() == "" || at.User != nil || at.Opaque != "":
		return refused("not_a_link")
	case here:
		if at.Scheme == "http" || at.Scheme == "https" {
			return nil
		}
		return refused("not_https")
	case at.Scheme != "https":
		return refused("not_https")
	case !c.allowed(strings.ToLower(strings.TrimSuffix(at.Hostname(), ".")), port):
		return refused("host_not_allowed")
	}
	if literal, err := netip.ParseAddr(at.Hostname()); err == nil && !public(literal) {
		return refused("private_address") // the socket would refuse it as well; this holds without sockets, too
	}
	return nil
}

func (c *Client) allowed(host, port string) bool {
	if len(c.options.AllowedHosts) == 0 {
		return port == "443"
	}
	return slices.ContainsFunc(c.options.AllowedHosts, func(entry string) bool {
		name, only := strings.ToLower(entry), "443"
		if h, p, err := net.SplitHostPort(name); err == nil {
			name, only = h, p
		}
		if below, wild := strings.CutPrefix(name, "*"); wild {
			return port == only && strings.HasSuffix(host, below) && host != below
		}
		return port == only && host == name
	})
}

// receive looks at an answer's head and at the first bytes of its body.
func (c *Client) receive(r *http.Response, kind Kind) (Format, io.Reader, error) {
	if err := c.checkStatus(r); err != nil {
		return Format{}, nil, err
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return Format{}, nil, refused("compressed") // not asked for, and never undone: what expands has no bound
	}
	if r.ContentLength > c.options.MaxBytes {
		return Format{}, nil, refused("too_large")
	}
	body := bufio.NewReaderSize(&bounded{source: r.Body, left: c.options.MaxBytes}, magicBytes)
	head, err := body.Peek(magicBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return Format{}, nil, classify(err)
	}
	format, ok := sniff(head, kind)
	if !ok {
		return Format{}, nil, refused("not_an_image")
	}
	return format, body, nil
}

// checkStatus reads from a status what may be done about it.
func (c *Client) checkStatus(r *http.Response) error {
	status := r.StatusCode
	reason := fmt.Sprintf("http_%d", status)
	switch {
	case status == http.StatusOK:
		return nil
	case status == http.StatusGone || status >= 400 && status < 500 && saysExpired(r.Body):
		return &Failure{Fate: Expired, Reason: reason}
	case status >= 500, status == http.StatusNotFound /* not there yet, perhaps */, status == http.StatusRequestTimeout,
		status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		return &Failure{Fate: Again, Reason: reason}
	}
	return refused(reason)
}

// saysExpired looks for the word with which object stores refuse a link that is too old.
func saysExpired(body io.Reader) bool {
	text, err := io.ReadAll(io.LimitReader(body, maxErrorBody))
	return err == nil && strings.Contains(strings.ToLower(string(text)), "expired")
}

// bounded gives a body up to a limit; what exceeds it is an error, not an end.
type bounded struct {
	source io.Reader
	left   int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.source.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		return 0, refused("too_large")
	case err != nil && !errors.Is(err, io.EOF):
		return n, classify(err)
	}
	return n, err
}
