package liveness_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness"
)

func TestSignature(t *testing.T) {
	const want = "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5" // the vendor's
	if got := liveness.Signature("sampleaccesskey", "samplesecretkey", 1665993522952); got != want {
		t.Errorf("Signature = %s, want %s", got, want)
	}
}

// desk issues numbered tokens in process, after a delay of the bubble's clock.
type desk struct {
	issued atomic.Int64
	down   atomic.Bool
	life   time.Duration
	result func(token string) *http.Response
}

func (d *desk) RoundTrip(req *http.Request) (*http.Response, error) {
	return roundTrip(d.serve).RoundTrip(req)
}

func (d *desk) serve(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.URL.Path, "/generate-token") {
		return d.result(req.Header.Get("X-ACCESS-TOKEN")), nil
	}
	time.Sleep(200 * time.Millisecond)
	n := d.issued.Add(1)
	if d.down.Load() {
		return answer(503, "down"), nil
	}
	body := fmt.Sprintf(`{"code":"SUCCESS","data":{"token":"token-%d","expiredTime":%d}}`, n, time.Now().Add(d.life).UnixMilli())
	return answer(200, body, "Date", time.Now().UTC().Format(http.TimeFormat)), nil
}

func TestTokenRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got map[string]any
		endpoint, _ := liveness.Lookup("sg")
		c := newClient(t, "sg", liveness.Options{TokenLife: 2 * time.Hour, Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			if want := endpoint.TokenURL; req.Method != http.MethodPost || req.URL.String() != want {
				t.Errorf("%s %s, want POST %s", req.Method, req.URL, want)
			}
			if _, has := req.Header["X-Access-Token"]; has || req.Header.Get("Content-Type") != "application/json" {
				t.Errorf("header %v", req.Header)
			}
			return answer(200, `{"code":"SUCCESS","data":{"token":"t"}}`), json.NewDecoder(req.Body).Decode(&got)
		})})
		if _, err := c.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		millis := time.Now().UnixMilli() // the bubble's clock did not move
		want := map[string]any{
			"accessKey": "sampleaccesskey", "timestamp": fmt.Sprint(millis), "periodSecond": 7200.0,
			"signature": liveness.Signature("sampleaccesskey", "samplesecretkey", millis),
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("body %v, want %v", got, want)
		}
	})
}

// TestSignatureIsNotTold: a vendor that repeats the token call's signature, plainly or escaped, has it in no error.
func TestSignatureIsNotTold(t *testing.T) {
	for _, code := range []string{"PARAMETER_ERROR", "ERROR", "SUCCESS"} {
		for _, escape := range []string{"", "u"} {
			synctest.Test(t, func(t *testing.T) {
				signature := ""
				c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
					var asked struct{ Signature string }
					err := json.NewDecoder(req.Body).Decode(&asked)
					signature = asked.Signature
					told := signature
					if escape != "" {
						told = fmt.Sprintf("%s%x%s", `\u00`, signature[0], signature[1:])
					}
					return answer(200, fmt.Sprintf(`{"code":%q,"message":"bad signature %s","data":null}`, code, told)), err
				})})
				_, err := c.Token(t.Context())
				if err == nil || strings.Contains(err.Error(), signature) || strings.Contains(err.Error(), signature[1:]) {
					t.Errorf("%s: %v", code, err)
				}
			})
		}
	}
}

// TestTokenRefresh: a token of an hour serves 48 minutes, then the next one is
// asked for, once.
func TestTokenRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{life: time.Hour}
		c := newClient(t, "id", liveness.Options{Transport: d})
		start := time.Now()
		first := mustToken(t, c)
		for _, step := range []struct {
			at   time.Duration
			want int64
		}{{time.Minute, 1}, {47*time.Minute + 59*time.Second, 1}, {48 * time.Minute, 2}, {49 * time.Minute, 2}, {97 * time.Minute, 3}} {
			time.Sleep(step.at - time.Since(start))
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() { mustToken(t, c) })
			}
			wg.Wait()
			if n := d.issued.Load(); n != step.want {
				t.Errorf("after %v: %d tokens issued, want %d", step.at, n, step.want)
			}
		}
		if mustToken(t, c) == first {
			t.Error("the first token is still handed out")
		}
	})
}

func mustToken(t *testing.T, c *liveness.Client) liveness.Token {
	t.Helper()
	token, err := c.Token(t.Context())
	if err != nil {
		t.Error(err)
	}
	return token
}

// TestTokenExpiredTime: the life follows the vendor's expiredTime as far as it
// makes sense, on the vendor's clock, which is 10 minutes behind here.
func TestTokenExpiredTime(t *testing.T) {
	const behind = 10 * time.Minute
	tests := []struct {
		name   string
		member func(vendorNow time.Time) string
		life   time.Duration
	}{
		{"missing", func(time.Time) string { return "" }, time.Hour},
		{"null", func(time.Time) string { return `,"expiredTime":null` }, time.Hour},
		{"as asked", func(n time.Time) string { return fmt.Sprintf(`,"expiredTime":%d`, n.Add(time.Hour).UnixMilli()) }, time.Hour},
		{"shorter", func(n time.Time) string { return fmt.Sprintf(`,"expiredTime":%d`, n.Add(10*time.Minute).UnixMilli()) }, 10 * time.Minute},
		{"as string", func(n time.Time) string {
			return fmt.Sprintf(`,"expiredTime":"%d"`, n.Add(10*time.Minute).UnixMilli())
		}, 10 * time.Minute},
		{"longer", func(n time.Time) string { return fmt.Sprintf(`,"expiredTime":%d`, n.Add(72*time.Hour).UnixMilli()) }, time.Hour},
		{"in seconds", func(n time.Time) string { return fmt.Sprintf(`,"expiredTime":%d`, n.Add(time.Hour).Unix()) }, time.Hour},
		{"past", func(n time.Time) string { return fmt.Sprintf(`,"expiredTime":%d`, n.Add(-time.Hour).UnixMilli()) }, time.Hour},
		{"text", func(time.Time) string { return `,"expiredTime":"never"` }, time.Hour},
		{"the same twice", func(n time.Time) string {
			end := n.Add(10 * time.Minute).UnixMilli()
			return fmt.Sprintf(`,"token":"t","expiredTime":%d,"expiredTime":"%d"`, end, end)
		}, 10 * time.Minute},
		{"two of them", func(n time.Time) string {
			return fmt.Sprintf(`,"expiredTime":%d,"expiredTime":%d`, n.Add(10*time.Minute).UnixMilli(),
				n.Add(20*time.Minute).UnixMilli())
		}, time.Hour},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				calls++
				vendorNow := time.Now().Add(-behind)
				return answer(200, `{"code":"SUCCESS","data":{"token":"t"`+tt.member(vendorNow)+`}}`, "Date", vendorNow.UTC().Format(http.TimeFormat)), nil
			})})
			if skew := mustToken(t, c).ClockSkew(); skew != behind {
				t.Errorf("%s: clock skew %v, want %v", tt.name, skew, behind)
			}
			time.Sleep(tt.life*8/10 - time.Second)
			mustToken(t, c)
			if calls != 1 {
				t.Errorf("%s: refreshed before 80 %% of %v", tt.name, tt.life)
			}
			time.Sleep(time.Second)
			mustToken(t, c)
			if calls != 2 {
				t.Errorf("%s: not refreshed at 80 %% of %v", tt.name, tt.life)
			}
		})
	}
}

// TestDeadTokenIsRefreshedOnce: 50 workers meet IAM_FAILED at once.
func TestDeadTokenIsRefreshedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{life: time.Hour, result: func(token string) *http.Response {
			time.Sleep(50 * time.Millisecond)
			if token == "token-1" {
				return answer(200, `{"code":"IAM_FAILED"}`)
			}
			return answer(200, okBody)
		}}
		c := newClient(t, "id", liveness.Options{Transport: d})
		shared := mustToken(t, c)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				query := liveness.Query{LivenessID: fmt.Sprint("id-", i)}
				if r := c.Detect(t.Context(), shared, query, liveness.Watch{}); r.Envelope == nil || r.Envelope.Code != "IAM_FAILED" {
					t.Errorf("first answer: %+v", r)
				}
				time.Sleep(time.Duration(i) * 20 * time.Millisecond) // some notice after the refresh
				c.Invalidate(shared)
				if r := c.Detect(t.Context(), mustToken(t, c), query, liveness.Watch{}); r.Envelope == nil || r.Envelope.Code != "SUCCESS" {
					t.Errorf("second answer: %+v", r)
				}
			})
		}
		wg.Wait()
		c.Invalidate(liveness.Token{}) // no token: nothing to forget
		mustToken(t, c)
		if n := d.issued.Load(); n != 2 {
			t.Errorf("%d tokens issued, want 2", n)
		}
	})
}

// TestTokenWaiter: a waiter whose context ends leaves at once, and the request
// goes on for the others.
func TestTokenWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{life: time.Hour}
		c := newClient(t, "id", liveness.Options{Transport: d})
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { // the first one in starts the request, and leaves
			_, err := c.Token(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 50*time.Millisecond {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
			var te *liveness.TokenError
			if !errors.As(err, &te) || te.Class != liveness.Retry || te.Endpoint != "id" {
				t.Errorf("error %#v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			mustToken(t, c)
			if took := time.Since(start); took != 200*time.Millisecond {
				t.Errorf("second waiter had it after %v, want 200ms", took)
			}
		})
		wg.Wait()
		if _, err := c.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended context: %v", err)
		}
		if n := d.issued.Load(); n != 1 {
			t.Errorf("%d tokens issued, want 1", n)
		}
	})
}

// TestTokenOutage: while the token desk is down the old token serves to its end.
func TestTokenOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{life: time.Hour}
		c := newClient(t, "id", liveness.Options{Transport: d})
		first := mustToken(t, c)
		d.down.Store(true)
		time.Sleep(48 * time.Minute)
		for range 10 {
			if mustToken(t, c) != first {
				t.Error("another token during the outage")
			}
		}
		if n := d.issued.Load(); n != 2 {
			t.Errorf("%d token calls, want 2: one failed refresh holds the next off", n)
		}
		time.Sleep(3 * time.Minute)
		mustToken(t, c)
		if n := d.issued.Load(); n != 3 {
			t.Errorf("%d token calls after 3 minutes, want 3", n)
		}
		time.Sleep(9 * time.Minute)
		var te *liveness.TokenError
		if _, err := c.Token(t.Context()); !errors.As(err, &te) || te.Class != liveness.Retry {
			t.Errorf("expired token, desk down: %v", err)
		}
		d.down.Store(false)
		if mustToken(t, c) == first {
			t.Error("the expired token came back")
		}
	})
}
