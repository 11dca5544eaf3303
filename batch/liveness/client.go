package liveness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The values of resultType: how the vendor delivers images.
const (
	ImageURL    = "IMAGE_URL"    // links that live 24 hours
	ImageBase64 = "IMAGE_BASE64" // the image inside the answer
)

const (
	defaultTimeout   = 30 * time.Second
	defaultTokenLife = time.Hour
	minTokenLife     = time.Minute
	maxTokenLife     = 24 * time.Hour
	defaultUserAgent = "liverecon"
	defaultConns     = 64

	maxBodyURL    = 1 << 20
	maxBodyBase64 = 16 << 20
	maxBodyToken  = 64 << 10
)

// Options tunes a Client. The zero value is usable.
type Options struct {
	// Transport carries the requests; nil means a NewTransport of 64 connections.
	// What this package's docs say about connections holds for a *Transport
	// alone. Any other must fire httptrace.GotConn before it sends, as net/http's
	// does: an error without GotConn is taken as proof that nothing left. It must
	// speak HTTP/1.1, and it must not repeat or redirect a request by itself.
	Transport http.RoundTripper
	// Timeout bounds getting a connection, and then a call from its first byte to
	// its answer's last; 0 means 30 seconds. Watch.Turn has its own time.
	Timeout time.Duration
	// TokenLife is the life asked for a token, 60 s to 24 h; 0 means one hour.
	TokenLife time.Duration
	// MaxBody bounds an answer in bytes after decompression; 0 means 1 MiB, or
	// 16 MiB for a query of IMAGE_BASE64.
	MaxBody int64
	// UserAgent is the header of that name; "" means "liverecon".
	UserAgent string
	// AllowedHosts may receive credentials besides the catalogue's hosts; see
	// Endpoint.Check.
	AllowedHosts []string
	// ResultType is used for a query that names none; "" means IMAGE_URL.
	ResultType string
}

// Client calls one endpoint with one key pair. Its methods may be called from
// many goroutines.
type Client struct {
	endpoint  Endpoint
	options   Options
	result    *url.URL
	exchanger *exchanger // these two are pointers, so that printing the Client shows addresses
	tokens    *tokenSource
}

// NewClient returns a client for the endpoint. It refuses an endpoint that
// fails Endpoint.Check, missing or malformed keys and options out of range. It
// sends nothing.
func NewClient(e Endpoint, c Credentials, o Options) (*Client, error) {
	if err := e.Check(o.AllowedHosts); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("endpoint %s: %w", e.Name, err)
	}
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("endpoint %s: %w", e.Name, err)
	}
	result, err := url.Parse(e.ResultURL)
	if err != nil {
		return nil, fmt.Errorf("endpoint %s: result URL: not a URL", e.Name)
	}
	token, err := url.Parse(e.TokenURL)
	if err != nil {
		return nil, fmt.Errorf("endpoint %s: token URL: not a URL", e.Name)
	}
	exchanger := &exchanger{
		transport: o.Transport, timeout: o.Timeout, secrets: newRedactor(c, result, token),
		contentType: []string{"application/json"}, userAgent: []string{o.UserAgent},
	}
	return &Client{
		endpoint: e, options: o, result: result, exchanger: exchanger,
		tokens: &tokenSource{
			exchanger: exchanger, endpoint: e.Name, keys: &c, url: token, origin: originOf(result), asked: o.TokenLife,
		},
	}, nil
}

// Endpoint returns the endpoint the client was made for.
func (c *Client) Endpoint() Endpoint { return c.endpoint }

// Clock returns how far this machine's clock is ahead of the vendor's, by the
// newest answer of either URL; known is false where none bore a date.
func (c *Client) Clock() (ahead time.Duration, known bool) {
	if ahead := c.exchanger.clock.Load(); ahead != nil {
		return *ahead, true
	}
	return 0, false
}

// Close ends the connections that carry no call; see Transport.Close. The client
// can be used again.
func (c *Client) Close(ctx context.Context) {
	if t, ok := c.options.Transport.(*Transport); ok {
		t.Close(ctx)
	}
}

// Format implements [fmt.Formatter] for every verb and flag with the endpoint's
// name alone: the client's other fields are secret or in use.
func (c *Client) Format(f fmt.State, _ rune) {
	// A fmt.State cannot report a failed write to anyone; fmt itself ignores it.
	_, _ = io.WriteString(f, "liveness client "+c.endpoint.Name)
}

// complete fills in defaults and refuses what is out of range.
func (o *Options) complete() error {
	if o.Transport == nil {
		o.Transport = NewTransport(TransportOptions{MaxConns: defaultConns})
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.TokenLife == 0 {
		o.TokenLife = defaultTokenLife
	}
	if o.UserAgent == "" {
		o.UserAgent = defaultUserAgent
	}
	if o.ResultType == "" {
		o.ResultType = ImageURL
	}
	switch {
	case o.Timeout < 0:
		return fmt.Errorf("timeout %v is negative", o.Timeout)
	case o.TokenLife < minTokenLife || o.TokenLife > maxTokenLife:
		return fmt.Errorf("token life %v is not within %v..%v", o.TokenLife, minTokenLife, maxTokenLife)
	case o.MaxBody < 0:
		return fmt.Errorf("body limit %d is negative", o.MaxBody)
	case strings.ContainsFunc(o.UserAgent, func(r rune) bool { return r < ' ' || r > '~' }):
		return errors.New("user agent holds an unprintable character")
	case !isResultType(o.ResultType):
		return fmt.Errorf("result type %q: want %s or %s", o.ResultType, ImageURL, ImageBase64)
	}
	return nil
}

func isResultType(s string) bool { return s == ImageURL || s == ImageBase64 }

// bodyLimit returns the bound on an answer to a query of the result type.
func (o *Options) bodyLimit(resultType string) int64 {
	switch {
	case o.MaxBody > 0:
		return o.MaxBody
	case resultType == ImageBase64:
		return maxBodyBase64
	}
	return maxBodyURL
}

// originOf names where a token for a URL may go: scheme, host and port.
func originOf(u *url.URL) string { return u.Scheme + "://" + strings.ToLower(u.Host) }
