package simulator

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strconv"
	"syscall"
	"time"
)

// elsewhere holds the host redirects lead to in process. The vendor serves it too, so a client that follows shows up in
// the ledger.
const elsewhere = "gateway.example.invalid"

// transport carries requests to the vendor in process.
type transport struct{ v *Vendor }

// RoundTrip behaves as net/http's Transport does with keep-alive off: the request's body is read once and closed,
// GetBody is never called, the trace hooks GetConn, GotConn (with a nil Conn), WroteRequest and GotFirstResponseByte
// fire, and gzip is passed on undone. A context that ends while the answer is on its way ends the call; what the vendor
// served by then stays served.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	r := request{method: req.Method, host: req.URL.Host, url: req.URL, header: req.Header, body: body,
		images: "https://" + imageHost}
	x := t.v.open(r)
	trace := httptrace.ContextClientTrace(ctx)
	if trace == nil {
		trace = &httptrace.ClientTrace{}
	}
	if trace.GetConn != nil {
		trace.GetConn(hostPort(req))
	}
	if err := dialError(x.fault, req); err != nil {
		return nil, err
	}
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	if want := req.ContentLength; want > 0 && want != int64(len(body)) {
		return nil, fmt.Errorf("http: ContentLength=%d with Body length %d", want, len(body))
	}
	if x.route == routeResult && req.GetBody != nil {
		t.v.complaints.add("replayable")
	}
	if x.lostOnTheWay() {
		return nil, brokenConn(false)
	}
	if x.route == routeResult || x.route == routeToken {
		x.moved = "https://" + elsewhere + "/" + x.ep.name + x.path() + "?" + followed
	}
	return t.receive(req, trace, t.v.answer(x))
}

// receive waits for an answer and hands it over as a client gets to see it.
func (t transport) receive(req *http.Request, trace *httptrace.ClientTrace, rep reply) (*http.Response, error) {
	ctx := req.Context()
	if trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	if err := pause(ctx, rep.wait); err != nil {
		return nil, err
	}
	switch rep.mangled {
	case Timeout:
		<-ctx.Done()
		return nil, context.Cause(ctx)
	case ResetAfter:
		return nil, brokenConn(rep.closed)
	}
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return &http.Response{
		Status:     strconv.Itoa(rep.status) + " " + http.StatusText(rep.status),
		StatusCode: rep.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        rep.header,
		Body:          rep.open(ctx),
		ContentLength: rep.length(),
		Request:       req,
	}, nil
}

// readBody reads and closes a request's body, a little more than the vendor accepts at most.
func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	var b bytes.Buffer
	if req.ContentLength > 0 {
		b.Grow(int(min(req.ContentLength, maxRequest)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(req.Body, maxRequest+1))
	if closeErr := req.Body.Close(); err == nil {
		err = closeErr
	}
	return b.Bytes(), err
}

// dialError returns the error of a connection that was never made.
func dialError(f Fault, req *http.Request) error {
	addr := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443} // RFC 5737: documentation only
	switch f {
	case DNS:
		return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{
			Err: "no such host", Name: req.URL.Hostname(), IsNotFound: true}}
	case Refused:
		return &net.OpError{Op: "dial", Net: "tcp", Addr: addr,
			Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case TLS:
		return tls.RecordHeaderError{
			Msg: "first record does not look like a TLS handshake", RecordHeader: [5]byte{'S', 'S', 'H', '-', '2'}}
	}
	return nil
}

// brokenConn returns the error of a connection the far end closed or reset.
func brokenConn(closed bool) error {
	if closed {
		return io.EOF
	}
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

func hostPort(req *http.Request) string {
	port := req.URL.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[req.URL.Scheme]
	}
	return net.JoinHostPort(req.URL.Hostname(), port)
}

// pause lets d pass unless the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
