package liveness

import (
	"crypto/tls"
	"net"
	"net/http"
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

// NewTransport returns a transport fit for paid calls, with at most maxConns
// (at least 1) connections to a host.
//
//   - HTTP/1.1 only: net/http repeats HTTP/2 requests by itself on some errors.
//   - No proxy, not even from the environment: what passes through it is a
//     token and, on the token call, a signature; an operator who wants one
//     configures the endpoint's URL.
//   - No transparent compression: the client asks for plain bodies and, should a
//     gateway compress all the same, decompresses under its own bound.
func NewTransport(maxConns int) *http.Transport {
	maxConns = max(maxConns, 1)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  nil,
		Protocols:              protocols,
		DialContext:            (&net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTimeout,
		MaxConnsPerHost:        maxConns,
		MaxIdleConnsPerHost:    maxConns,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		DisableCompression:     true,
	}
}
