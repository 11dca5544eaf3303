package liveness

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// dial opens the way to a URL's host: a connection of its own or, where a proxy
// is to be used, a tunnel through one. What passes the proxy is the endpoint's
// name and TLS, so plain http, which leads to this machine, never does.
func (t *Transport) dial(ctx context.Context, to *url.URL) (net.Conn, error) {
	if t.options.Proxy == nil || to.Scheme != "https" {
		return t.options.Dial(ctx, "tcp", address(to))
	}
	proxy, err := t.options.Proxy(to)
	if err != nil {
		return nil, &ProxyError{Err: err}
	}
	if proxy == nil {
		return t.options.Dial(ctx, "tcp", address(to))
	}
	opened, err := t.options.Dial(ctx, "tcp", address(proxy))
	if err != nil {
		return nil, &ProxyError{Proxy: proxy.Redacted(), Err: err}
	}
	tunnel, err := t.tunnel(ctx, opened, proxy, address(to))
	if err != nil {
		_ = opened.Close() // no call was on it
		return nil, &ProxyError{Proxy: proxy.Redacted(), Err: err}
	}
	return tunnel, nil
}

// tunnel asks a proxy for a connection to an address. What the proxy says before
// the tunnel stands is read to the last byte and no further.
func (t *Transport) tunnel(ctx context.Context, opened net.Conn, proxy *url.URL, to string) (net.Conn, error) {
	deadline, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if proxy.Scheme == "https" {
		config := t.tls.Clone()
		config.ServerName = proxy.Hostname()
		secure := tls.Client(opened, config)
		if err := secure.HandshakeContext(deadline); err != nil {
			return nil, handshakeError{fmt.Errorf("TLS: %w", err)}
		}
		opened = secure
	}
	stop := context.AfterFunc(deadline, func() { _ = opened.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	request := "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n"
	if proxy.User != nil {
		secret, _ := proxy.User.Password()
		request += "Proxy-Authorization: Basic " +
			base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+secret)) + "\r\n"
	}
	if _, err := opened.Write([]byte(request + "\r\n")); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(bufio.NewReaderSize(oneByte{opened}, 16), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, cmp.Or(deadline.Err(), err)
	}
	defer answer.Body.Close() //nolint:errcheck // an answer to CONNECT has no body; the connection stays open
	if answer.StatusCode != http.StatusOK {
		return nil, connectError{answer.StatusCode, answer.Status}
	}
	if !stop() {
		return nil, deadline.Err()
	}
	return opened, opened.SetDeadline(time.Time{})
}

// connectError represents a proxy's refusal.
type connectError struct {
	status int
	line   string // status and the proxy's word for it
}

func (e connectError) Error() string { return "CONNECT was refused with HTTP " + e.line }

// oneByte gives a reader one byte at a time, so that it never reads ahead.
type oneByte struct{ net.Conn }

func (o oneByte) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return o.Conn.Read(p[:1])
}

// ProxyError reports that there is no way through the proxy. No call has left then.
type ProxyError struct {
	Proxy string // its URL without a password; "" where the setting itself is wrong
	Err   error
}

// Error names the proxy.
func (e *ProxyError) Error() string {
	if e.Proxy == "" {
		return fmt.Sprintf("proxy: %v", e.Err)
	}
	return fmt.Sprintf("proxy %s: %v", e.Proxy, e.Err)
}

// Unwrap returns what went wrong.
func (e *ProxyError) Unwrap() error { return e.Err }

// FixedProxy returns a Proxy for TransportOptions that is the same for every
// endpoint. The URL is http or https, with a host and nothing behind it.
func FixedProxy(text string) (func(*url.URL) (*url.URL, error), error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, errors.New("want a URL such as http://proxy.example:3128")
	case u.User != nil:
		return nil, errors.New("a password does not belong here: set HTTPS_PROXY and say environment")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "":
		return nil, errors.New("want nothing behind the host and port of a proxy")
	}
	return func(*url.URL) (*url.URL, error) { return u, nil }, nil
}
