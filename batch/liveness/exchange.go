package liveness

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// maxDetail bounds a text of others in an error, in bytes.
const maxDetail = 200

// message describes one POST: where it goes and what it carries.
type message struct {
	to      *url.URL
	token   string // "" on the token call itself: that gets a connection of its own
	signed  string // the token call's signature, with which anybody gets a token for as long as it is good
	payload []byte
	limit   int64 // bound on the answer's body
}

// secret returns what no text of others may show of the message.
func (m message) secret() string { return m.token + m.signed }

// exchanger sends messages to one endpoint, each once, and reads what comes.
type exchanger struct {
	transport   http.RoundTripper
	timeout     time.Duration
	secrets     *redactor
	contentType []string // shared by all requests' headers, never modified
	userAgent   []string
	clock       atomic.Pointer[time.Duration] // see Client.Clock
}

// exchange sends the message once and reads the answer.
func (x *exchanger) exchange(ctx context.Context, m message, w Watch) Reply {
	if err := ctx.Err(); err != nil {
		return unsent(contextCause(ctx), err)
	}
	if t, ok := x.transport.(*Transport); ok {
		return x.exchangeOn(ctx, t, m, w)
	}
	return x.exchangeBy(ctx, x.transport, m, w)
}

// exchangeBy exchanges by somebody else's RoundTrip. It calls that itself
// instead of going through an http.Client: a client follows redirects, keeps
// cookies and adds headers, and none of that may happen to a paid call.
func (x *exchanger) exchangeBy(ctx context.Context, t http.RoundTripper, m message, w Watch) Reply {
	if err := w.turn(ctx); err != nil {
		return unsent(contextCause(ctx), err)
	}
	ctx, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()
	conn := connTrace{sent: w.Sent}
	began := time.Now()
	resp, err := t.RoundTrip(x.request(httptrace.WithClientTrace(ctx, conn.hooks()), m))
	gotConn, tlsFailed := conn.result()
	if err == nil && gotConn.IsZero() { // a transport without traces, but it did send
		gotConn = began
	}
	switch {
	case err == nil && resp == nil:
		err = errors.New("transport returned no response")
	case err == nil && resp.Body != nil:
		// Nothing is left to tell: a failed close cannot take the answer back.
		defer func() { _ = resp.Body.Close() }()
	}
	if err != nil && gotConn.IsZero() {
		return unsent(unsentCause(ctx, err, tlsFailed), x.told(err, m))
	}
	conn.wrote()
	r := Reply{Delivery: Unanswered, SentAt: gotConn}
	if err != nil {
		r.Cause, r.Err = sentCause(ctx, err), x.told(err, m)
	} else {
		x.receive(ctx, &r, resp, m)
	}
	switch {
	case r.Delivery == Answered && r.seen(w) != Unseen:
		r.disbelieve(CauseRepeated, "an earlier call had this answer already")
	case r.Delivery == Answered && m.token != "" && r.Envelope.ofToken():
		r.disbelieve(CauseToken, "the answer is one to a token call")
	}
	r.EndedAt = time.Now()
	return r
}

// ofToken reports whether an answer is one to a token call: it carries a token
// and nothing of a result.
func (e *Envelope) ofToken() bool {
	return e.Detection != nil && e.Detection.Token && !e.Detection.Documented
}

// seen asks whether the caller knows the answer from an earlier call.
func (r *Reply) seen(w Watch) Sighting {
	if r.Envelope.TransactionID == "" || w.Seen == nil {
		return Unseen
	}
	return w.Seen(r.Envelope.TransactionID, r.BodySHA256)
}

// disbelieve makes an answer none.
func (r *Reply) disbelieve(cause, why string) {
	r.Delivery, r.Envelope, r.Cause, r.Err = Unanswered, nil, cause, errors.New(why)
}

// turn waits for the caller's leave to send.
func (w Watch) turn(ctx context.Context) error {
	if w.Turn == nil {
		return nil
	}
	return w.Turn(ctx)
}

// unsent returns the reply for a request that never left.
func unsent(cause string, err error) Reply {
	return Reply{Delivery: Unsent, Cause: cause, Err: err, EndedAt: time.Now()}
}

// request builds the POST. GetBody stays nil and no Idempotency-Key is set: with
// either of them net/http would send the request again on a broken connection.
func (x *exchanger) request(ctx context.Context, m message) *http.Request {
	header := http.Header{
		"Content-Type": x.contentType,
		"Accept":       x.contentType,
		// Named so that nobody decompresses behind the client's back.
		"Accept-Encoding": {"identity"},
		"User-Agent":      x.userAgent,
	}
	if m.token != "" {
		header["X-Access-Token"] = []string{m.token} // X-ACCESS-TOKEN in Go's canonical form
	}
	req := &http.Request{
		Method: http.MethodPost, URL: m.to, Host: m.to.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(m.payload)), ContentLength: int64(len(m.payload)),
	}
	return req.WithContext(ctx)
}

// receive fills the reply from a response whose header has come. It reports
// whether the response came whole.
func (x *exchanger) receive(ctx context.Context, r *Reply, resp *http.Response, m message) (whole bool) {
	r.HTTPStatus = resp.StatusCode
	r.RetryAfter, _ = ParseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		r.ServerDate = date
		ahead := time.Until(date)
		ahead = -ahead.Truncate(time.Second)
		x.clock.Store(&ahead)
	}
	body, cause, err := readBody(ctx, resp, m.limit)
	if len(body) > 0 {
		r.Body = x.secrets.scrubBody(body, m.secret())
		r.BodySHA256 = sha256.Sum256(r.Body)
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		r.Cause, r.Err = CauseRedirect, toldError{x.secrets.detail(redirectText(resp), m.secret()),
			fmt.Sprintf("it redirects, by HTTP %d", resp.StatusCode)}
		return err == nil
	}
	if err != nil {
		r.Cause, r.Err = cause, toldError{fmt.Sprintf("HTTP %d: %s", resp.StatusCode,
			x.secrets.detail(err.Error(), m.secret())), whyCut(cause, err)}
		return false
	}
	envelope, err := DecodeEnvelope(r.Body)
	if err == nil {
		x.secrets.keepApart(envelope, body, m.secret())
		r.Delivery, r.Envelope = Answered, envelope
		return true
	}
	r.Cause = CauseNoEnvelope
	if resp.StatusCode == http.StatusTooManyRequests {
		r.Cause = CauseThrottled
	}
	kind := x.secrets.detail(resp.Header.Get("Content-Type"), m.secret())
	r.Err = toldError{fmt.Sprintf("HTTP %d, %q, %d bytes: %v", resp.StatusCode, kind, len(r.Body), err),
		fmt.Sprintf("HTTP %d and no answer of the API", resp.StatusCode)}
	return resp.StatusCode >= 200 // behind a 101 comes no HTTP
}

// readBody reads the response's body to its end, so that the connection can be used
// again, but no further than the limit, before and after decompression. With an
// error it returns what came so far.
func readBody(ctx context.Context, resp *http.Response, limit int64) (body []byte, cause string, err error) {
	if resp.Body == nil || resp.StatusCode < 200 { // what follows a 101 is no body and may never end
		return nil, "", nil
	}
	received := &io.LimitedReader{R: resp.Body, N: limit + 1}
	plain, err := decoded(received, resp.Header.Get("Content-Encoding"))
	if err != nil {
		return nil, CauseBadEncoding, err
	}
	var buf bytes.Buffer
	// The announced length is a hint, not a promise to allocate by.
	buf.Grow(int(min(max(resp.ContentLength, 0), limit, 64<<10)) + bytes.MinRead)
	_, err = buf.ReadFrom(&io.LimitedReader{R: plain, N: limit + 1})
	body = buf.Bytes()
	switch {
	case int64(len(body)) > limit || received.N == 0:
		return body[:min(int64(len(body)), limit)], CauseOversize, fmt.Errorf("body over %d bytes", limit)
	case err != nil:
		return body, sentCause(ctx, err), fmt.Errorf("read body: %w", err)
	case resp.ContentLength > 0 && limit+1-received.N != resp.ContentLength:
		return body, CauseTruncated, fmt.Errorf("body of %d bytes, announced %d", limit+1-received.N,
			resp.ContentLength)
	}
	return body, "", nil
}

// decoded undoes the content encoding. Plain bodies are asked for, but a gateway
// may compress unasked.
func decoded(r io.Reader, encoding string) (io.Reader, error) {
	switch encoding {
	case "", "identity":
		return r, nil
	case "gzip", "x-gzip":
		return &lazyGzip{source: r}, nil
	}
	return nil, fmt.Errorf("content encoding %q", cut(encoding, maxDetail))
}

// lazyGzip reads the gzip header with the first Read, so that an error there is
// met where errors of a body are handled. An empty source is an empty body.
type lazyGzip struct {
	source io.Reader
	zr     *gzip.Reader
}

func (g *lazyGzip) Read(p []byte) (int, error) {
	if g.zr == nil {
		zr, err := gzip.NewReader(g.source)
		if err != nil {
			return 0, err
		}
		g.zr = zr
	}
	return g.zr.Read(p)
}

// redirectText names the target's host alone: a Location may repeat anything.
func redirectText(resp *http.Response) string {
	target, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || target.Host == "" {
		return fmt.Sprintf("HTTP %d: redirect not followed", resp.StatusCode)
	}
	return fmt.Sprintf("HTTP %d: redirect to host %q not followed", resp.StatusCode, cut(target.Host, maxDetail/2))
}

// connTrace notes when the request got a connection. From then on it may have
// left. The hooks of a failed dial can come from another goroutine.
type connTrace struct {
	mu        sync.Mutex
	gotConn   time.Time
	tlsFailed bool
	sent      func(at time.Time) // Watch.Sent, until it has been told
}

func (t *connTrace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: t.onConn, TLSHandshakeDone: t.onHandshake,
		WroteRequest: func(httptrace.WroteRequestInfo) { t.wrote() },
	}
}

func (t *connTrace) onConn(httptrace.GotConnInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gotConn.IsZero() {
		t.gotConn = time.Now()
	}
}

func (t *connTrace) onHandshake(_ tls.ConnectionState, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tlsFailed = t.tlsFailed || err != nil
}

// wrote tells the caller, once, that the request has been written.
func (t *connTrace) wrote() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sent != nil {
		t.sent(time.Now())
		t.sent = nil
	}
}

func (t *connTrace) result() (gotConn time.Time, tlsFailed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.gotConn, t.tlsFailed
}

// told returns an error of a call in words that may be printed.
func (x *exchanger) told(err error, m message) error {
	return toldError{x.secrets.detail(err.Error(), m.secret()), Why(err)}
}
