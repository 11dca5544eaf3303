package simulator_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"liverecon/batch/liveness/simulator"
)

// paths of the result calls below the first segment that names the endpoint.
var paths = map[string]string{
	"id": "/openapi/liveness/v3/detection-result",
	"sg": "/intl/openapi/face-identity/v1/liveness-detection",
	"my": "/my/openapi/face-identity/v1/liveness-detection",
	"th": "/th/openapi/face-identity/v1/liveness-detection",
	"ph": "/ph/openapi/face-identity/v1/liveness-detection",
	"mx": "/mex/openapi/face-identity/v1/liveness-detection",
	"co": "/col/openapi/face-identity/v1/liveness-detection",
	"ng": "/nga/openapi/face-identity/v1/liveness-detection",
}

// caller is a plain client of the vendor: one try a call, nothing clever.
type caller struct {
	t      testing.TB
	rt     http.RoundTripper
	base   string
	tokens map[string]string
	wait   time.Duration
	clock  time.Duration // offset of the caller's clock
}

func inProcess(t testing.TB, cfg simulator.Config) (*simulator.Vendor, *caller) {
	t.Helper()
	v, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v, &caller{t: t, rt: v.Transport(), base: "https://vendor.test", tokens: map[string]string{}, wait: 30 * time.Second}
}

// answer represents what a caller got out of one try.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	m       map[string]any // nil if the body is no envelope
	err     error
	bodyErr error
}

func (a answer) code() string { s, _ := a.m["code"].(string); return s }
func (a answer) data() map[string]any {
	d, _ := a.m["data"].(map[string]any)
	return d
}

func (c *caller) do(method, url, token string, body []byte) answer {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), c.wait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.GetBody = nil
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-ACCESS-TOKEN", token)
	res, err := c.rt.RoundTrip(req)
	if err != nil {
		return answer{err: err}
	}
	a := answer{status: res.StatusCode, header: res.Header}
	a.body, a.bodyErr = io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err := res.Body.Close(); err != nil {
		c.t.Errorf("close body: %v", err)
	}
	if json.Unmarshal(a.body, &a.m) != nil {
		a.m = nil
	}
	return a
}

func (c *caller) tokenBody(access, secret string, seconds any) []byte {
	stamp := strconv.FormatInt(time.Now().Add(c.clock).UnixMilli(), 10)
	sum := sha256.Sum256([]byte(access + secret + stamp))
	return encode(map[string]any{"accessKey": access, "timestamp": stamp, "signature": hex.EncodeToString(sum[:]), "periodSecond": seconds})
}

func (c *caller) askToken(ep string, body []byte) answer {
	c.t.Helper()
	return c.do(http.MethodPost, c.base+"/"+ep+"/openapi/auth/ticket/v1/generate-token", "", body)
}

// token gets a token for an endpoint once and keeps it.
func (c *caller) token(ep string) string {
	c.t.Helper()
	if c.tokens[ep] == "" {
		d := simulator.DefaultCredential
		a := c.askToken(ep, c.tokenBody(d.AccessKey, d.SecretKey, 3600))
		c.tokens[ep], _ = a.data()["token"].(string)
		if c.tokens[ep] == "" {
			c.t.Fatalf("token of %s: %d %s %v", ep, a.status, a.body, a.err)
		}
	}
	return c.tokens[ep]
}

// ask asks for one signatureId, with a region where one must be named.
func (c *caller) ask(ep, id string) answer {
	c.t.Helper()
	m := map[string]any{"signatureId": id, "resultType": "IMAGE_URL"}
	if ep == "sg" {
		m["region"] = "VN"
	}
	return c.askFor(ep, m)
}

func (c *caller) askFor(ep string, m map[string]any) answer {
	c.t.Helper()
	return c.do(http.MethodPost, c.base+"/"+ep+paths[ep], c.token(ep), encode(m))
}

func encode(m map[string]any) []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

// idOf finds the n-th ID whose clean answer at th is the one wanted.
func idOf(t testing.TB, seed uint64, want func(answer) bool) string {
	t.Helper()
	_, c := inProcess(t, simulator.Config{Seed: seed})
	for i := range 5000 {
		id := fmt.Sprintf("%016x", i)
		if want(c.ask("th", id)) {
			return id
		}
	}
	t.Fatal("no such ID among 5000")
	return ""
}

func succeeds(a answer) bool { return a.code() == "SUCCESS" }

// calls leaves the token requests out of a ledger.
func calls(v *simulator.Vendor) []simulator.Entry {
	var out []simulator.Entry
	for _, e := range v.Entries() {
		if !e.Token {
			out = append(out, e)
		}
	}
	return out
}

var errDisk = errors.New("no space left")
