package liveness_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"liverecon/batch/liveness"
)

const okBody = `{"code":"SUCCESS","message":"OK","data":{"livenessScore":99.5},"extra":null,"transactionId":"196eb0c777789e58","pricingStrategy":"PAY"}`

var sampleKeys = liveness.Credentials{AccessKey: "sampleaccesskey", SecretKey: "samplesecretkey"}

// roundTrip is a transport in process. It fires GotConn, as a transport must.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	return f(req)
}

// answer is a response in process, with its length known.
func answer(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func newClient(t testing.TB, endpoint string, o liveness.Options) *liveness.Client {
	t.Helper()
	e, ok := liveness.Lookup(endpoint)
	if !ok {
		t.Fatalf("no endpoint %q", endpoint)
	}
	c, err := liveness.NewClient(e, sampleKeys, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDetectRequest(t *testing.T) {
	tests := []struct {
		name, endpoint, resultType string
		query                      liveness.Query
		want                       string
	}{
		{"signatureId", "id", "", liveness.Query{SignatureID: "f302f5d2454a85c2"}, `{"signatureId":"f302f5d2454a85c2","resultType":"IMAGE_URL"}`},
		{"livenessId", "id", "", liveness.Query{LivenessID: "ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1b1"}, `{"livenessId":"ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1b1","resultType":"IMAGE_URL"}`},
		{"region", "sg", "", liveness.Query{SignatureID: "a", Region: "VN"}, `{"signatureId":"a","resultType":"IMAGE_URL","region":"VN"}`},
		{"alpha-3 region", "sg", "", liveness.Query{SignatureID: "a", Region: "VNM"}, `{"signatureId":"a","resultType":"IMAGE_URL","region":"VNM"}`},
		{"base64 by query", "id", "", liveness.Query{LivenessID: "a", ResultType: "IMAGE_BASE64"}, `{"livenessId":"a","resultType":"IMAGE_BASE64"}`},
		{"base64 by client", "id", "IMAGE_BASE64", liveness.Query{LivenessID: "a"}, `{"livenessId":"a","resultType":"IMAGE_BASE64"}`},
		{"quotes", "id", "", liveness.Query{LivenessID: `a"b\`}, `{"livenessId":"a\"b\\","resultType":"IMAGE_URL"}`},
	}
	for _, tt := range tests {
		var body string
		var got *http.Request
		c := newClient(t, tt.endpoint, liveness.Options{ResultType: tt.resultType, UserAgent: "liverecon/1", Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			raw, err := io.ReadAll(req.Body)
			body, got = string(raw), req
			return answer(200, okBody), err
		})})
		r := c.Detect(t.Context(), liveness.IssueToken(c, "token-value"), tt.query, liveness.Watch{})
		if r.Delivery != liveness.Answered {
			t.Errorf("%s: %s: %v", tt.name, r.Delivery, r.Err)
			continue
		}
		if body != tt.want || got.ContentLength != int64(len(tt.want)) {
			t.Errorf("%s: body %s, announced %d, want %s", tt.name, body, got.ContentLength, tt.want)
		}
		checkRequest(t, got, c.Endpoint().ResultURL)
	}
}

// checkRequest checks what every result request has in common.
func checkRequest(t *testing.T, req *http.Request, url string) {
	t.Helper()
	want := http.Header{
		"X-Access-Token":  {"token-value"},
		"Content-Type":    {"application/json"},
		"Accept":          {"application/json"},
		"Accept-Encoding": {"identity"},
		"User-Agent":      {"liverecon/1"},
	}
	if !reflect.DeepEqual(req.Header, want) {
		t.Errorf("header %v, want %v", req.Header, want)
	}
	if req.Method != http.MethodPost || req.URL.String() != url || req.Host != req.URL.Host {
		t.Errorf("%s %s (host %s), want POST %s", req.Method, req.URL, req.Host, url)
	}
	if req.GetBody != nil {
		t.Error("the body can be rewound")
	}
}

func TestDetectReply(t *testing.T) {
	date := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return answer(200, `{"code":"SERVICE_BUSY"}`, "Retry-After", " :10s", "Date", date.Format(http.TimeFormat)), nil
	})})
	before := time.Now()
	r := c.Detect(t.Context(), liveness.IssueToken(c, "token-value"), liveness.Query{LivenessID: "a"}, liveness.Watch{})
	if r.Delivery != liveness.Answered || r.Cause != "" || r.Err != nil || r.HTTPStatus != 200 {
		t.Errorf("reply %+v", r)
	}
	if r.Envelope == nil || r.Envelope.Code != "SERVICE_BUSY" || string(r.Body) != `{"code":"SERVICE_BUSY"}` {
		t.Errorf("envelope %+v, body %s", r.Envelope, r.Body)
	}
	if r.RetryAfter != 10*time.Second || !r.ServerDate.Equal(date) {
		t.Errorf("RetryAfter %v, ServerDate %v", r.RetryAfter, r.ServerDate)
	}
	if r.SentAt.Before(before) || r.EndedAt.Before(r.SentAt) {
		t.Errorf("began %v, sent %v, ended %v", before, r.SentAt, r.EndedAt)
	}
	if r.BodySHA256 == [32]byte{} {
		t.Error("no hash of the body")
	}
}

// TestDetectWithoutTrace uses a transport that answers but never fires GotConn:
// an answer proves that the request was sent.
func TestDetectWithoutTrace(t *testing.T) {
	c := newClient(t, "id", liveness.Options{Transport: silent{}})
	r := c.Detect(t.Context(), liveness.IssueToken(c, "token-value"), liveness.Query{LivenessID: "a"}, liveness.Watch{})
	if r.Delivery != liveness.Unanswered || r.Cause != liveness.CauseNoEnvelope || r.SentAt.IsZero() {
		t.Errorf("%s, %s, sent %v", r.Delivery, r.Cause, r.SentAt)
	}
}

// TestDetectWithoutAnything uses a transport that breaks its contract: nothing
// is proven, so the call is in doubt.
func TestDetectWithoutAnything(t *testing.T) {
	c := newClient(t, "id", liveness.Options{Transport: silent{nothing: true}})
	r := c.Detect(t.Context(), liveness.IssueToken(c, "token-value"), liveness.Query{LivenessID: "a"}, liveness.Watch{})
	if r.Delivery != liveness.Unanswered || r.Err == nil || r.SentAt.IsZero() {
		t.Errorf("%s, %v, sent %v", r.Delivery, r.Err, r.SentAt)
	}
}

type silent struct{ nothing bool }

func (s silent) RoundTrip(*http.Request) (*http.Response, error) {
	if s.nothing {
		return nil, nil
	}
	return answer(200, "hello"), nil
}

// TestDetectRefusals holds the calls that must not reach the transport.
func TestDetectRefusals(t *testing.T) {
	calls := 0
	o := liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		calls++
		return answer(200, okBody), nil
	})}
	id, sg := newClient(t, "id", o), newClient(t, "sg", o)
	own, foreign := liveness.IssueToken(id, "token-value"), liveness.IssueToken(sg, "token-value")
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()
	one := liveness.Query{SignatureID: "a"}
	tests := []struct {
		name   string
		client *liveness.Client
		ctx    context.Context
		token  liveness.Token
		query  liveness.Query
		cause  string
	}{
		{"no ID", id, t.Context(), own, liveness.Query{}, "invalid"},
		{"both IDs", id, t.Context(), own, liveness.Query{SignatureID: "a", LivenessID: "b"}, "invalid"},
		{"ID too long", id, t.Context(), own, liveness.Query{SignatureID: strings.Repeat("a", 257)}, "invalid"},
		{"ID not UTF-8", id, t.Context(), own, liveness.Query{SignatureID: "a\xff"}, "invalid"},
		{"result type", id, t.Context(), own, liveness.Query{SignatureID: "a", ResultType: "IMAGE"}, "invalid"},
		{"region missing", sg, t.Context(), foreign, one, "invalid"},
		{"region malformed", sg, t.Context(), foreign, liveness.Query{SignatureID: "a", Region: "vn"}, "invalid"},
		{"region too long", sg, t.Context(), foreign, liveness.Query{SignatureID: "a", Region: "VIET"}, "invalid"},
		{"no token", id, t.Context(), liveness.Token{}, one, "token"},
		{"another host's token", id, t.Context(), foreign, one, "token"},
		{"canceled", id, canceled, own, one, "canceled"},
		{"deadline passed", id, late, own, one, "timeout"},
	}
	for _, tt := range tests {
		r := tt.client.Detect(tt.ctx, tt.token, tt.query, liveness.Watch{})
		if r.Delivery != liveness.Unsent || r.Cause != tt.cause || r.Err == nil || !r.SentAt.IsZero() || r.EndedAt.IsZero() {
			t.Errorf("%s: %s, %s, %v; want unsent, %s", tt.name, r.Delivery, r.Cause, r.Err, tt.cause)
		}
	}
	if calls != 0 {
		t.Errorf("%d requests reached the transport, want none", calls)
	}
}

func TestNewClientRefuses(t *testing.T) {
	id, _ := liveness.Lookup("id")
	elsewhere := id
	elsewhere.TokenURL = "https://evil.example/token"
	key := sampleKeys.AccessKey
	tests := []struct {
		name     string
		endpoint liveness.Endpoint
		keys     liveness.Credentials
		options  liveness.Options
		want     string
	}{
		{"token URL", elsewhere, sampleKeys, liveness.Options{}, "token URL"},
		{"no access key", id, liveness.Credentials{SecretKey: key}, liveness.Options{}, "no access key"},
		{"no secret key", id, liveness.Credentials{AccessKey: key}, liveness.Options{}, "no secret key"},
		{"newline in the access key", id, liveness.Credentials{AccessKey: key + "\n", SecretKey: key}, liveness.Options{}, "access key holds"},
		{"space in the secret key", id, liveness.Credentials{AccessKey: key, SecretKey: key + " "}, liveness.Options{}, "secret key holds"},
		{"timeout", id, sampleKeys, liveness.Options{Timeout: -1}, "timeout"},
		{"token life short", id, sampleKeys, liveness.Options{TokenLife: 59 * time.Second}, "token life"},
		{"token life long", id, sampleKeys, liveness.Options{TokenLife: 24*time.Hour + 1}, "token life"},
		{"body limit", id, sampleKeys, liveness.Options{MaxBody: -1}, "body limit"},
		{"user agent", id, sampleKeys, liveness.Options{UserAgent: "a\r\nb: c"}, "user agent"},
		{"result type", id, sampleKeys, liveness.Options{ResultType: "image_url"}, "result type"},
	}
	for _, tt := range tests {
		_, err := liveness.NewClient(tt.endpoint, tt.keys, tt.options)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "endpoint id: ") {
			t.Errorf("%s: error %v, want endpoint id: %s", tt.name, err, tt.want)
		} else if strings.Contains(err.Error(), key) {
			t.Errorf("%s: error %q shows a key", tt.name, err)
		}
	}
}

// TestGzipBombIsNotUnpacked: 64 MiB behind 64 KiB are refused without ever being
// in memory.
func TestGzipBombIsNotUnpacked(t *testing.T) {
	bomb := zipped(t, okBody+strings.Repeat(" ", 64<<20))
	c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return answer(200, bomb, "Content-Encoding", "gzip"), nil
	})})
	token := liveness.IssueToken(c, "token-value")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := c.Detect(t.Context(), token, liveness.Query{LivenessID: "a"}, liveness.Watch{})
	runtime.ReadMemStats(&after)
	if r.Delivery != liveness.Unanswered || r.Cause != liveness.CauseOversize || len(r.Body) != 1<<20 {
		t.Errorf("%s, %s, body of %d bytes", r.Delivery, r.Cause, len(r.Body))
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("%d bytes allocated for a body limited to %d", used, 1<<20)
	}
}
