package liveness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	keepAlive   = 15 * time.Second

	// idleTimeout is far under the 60 s and more after which servers and load
	// balancers drop idle connections: a request sent on a connection that the
	// other side is just closing is lost, and lost means in doubt.
	idleTimeout = 10 * time.Second

	maxHeaderBytes = 64 << 10
)

// TransportOptions describes a Transport. The zero value is usable.
type TransportOptions struct {
	MaxConns int  // at most so many connections carry paid calls to a host at once; less than 1 means 1
	OneCall  bool // every call has a connection of its own
	// Dial opens a connection; nil means TCP. TLS, where the URL asks for it, is
	// spoken over what it returns.
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	RootCAs *x509.CertPool // who vouches for servers; nil means the system's
}

// Transport carries paid calls.
//
//   - HTTP/1.1 only: net/http repeats HTTP/2 requests by itself on some errors.
//   - No proxy, not even from the environment: what passes through it is a
//     token and, on the token call, a signature; an operator who wants one
//     configures the endpoint's URL.
//   - No transparent compression: the client asks for plain bodies and, should a
//     gateway compress all the same, decompresses under its own bound.
type Transport struct {
	inner *http.Transport
}

// NewTransport returns a transport fit for paid calls.
func NewTransport(o TransportOptions) *Transport {
	maxConns := max(o.MaxConns, 1)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}).DialContext
	}
	return &Transport{&http.Transport{
		Proxy:     nil,
		Protocols: protocols,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return numbered{conn, connNumber.Add(1)}, nil
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    dialTimeout,
		MaxConnsPerHost:        maxConns,
		MaxIdleConnsPerHost:    maxConns,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		DisableCompression:     true,
		DisableKeepAlives:      o.OneCall,
	}}
}

// connNumber numbers the connections of the process: callers tell connections of
// different transports apart by it, so no transport can hold it.
var connNumber atomic.Uint64

// numbered is a connection that can be told from others.
type numbered struct {
	net.Conn
	number uint64
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.inner.RoundTrip(req)
}

// CloseIdleConnections closes the connections that carry no call.
func (t *Transport) CloseIdleConnections() { t.inner.CloseIdleConnections() }
