package simulator_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness/simulator"
)

// codes asks for n IDs and counts the codes of the answers.
func (c *caller) codes(ep, prefix string, n int) map[string]int {
	c.t.Helper()
	got := map[string]int{}
	for i := range n {
		a := c.ask(ep, fmt.Sprintf("%s-%d", prefix, i))
		got[a.code()]++
	}
	return got
}

func TestRateLimitSlides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, c := inProcess(t, simulator.Config{Rate: map[string]int{"th": 10, "ph": 0, "": 3}})
		c.token("th")
		busy := func(prefix string, n int) int { return c.codes("th", prefix, n)["SERVICE_BUSY"] }
		if n := busy("a", 6); n != 0 {
			t.Errorf("6 calls of 10: %d busy", n)
		}
		time.Sleep(600 * time.Millisecond)
		if n := busy("b", 6); n != 2 {
			t.Errorf("12 calls of 10 within a second: %d busy", n)
		}
		time.Sleep(400*time.Millisecond - 1)
		if n := busy("c", 1); n != 1 {
			t.Error("the first calls were forgotten before their second was over")
		}
		time.Sleep(time.Nanosecond)
		if n := busy("d", 7); n != 1 {
			t.Errorf("6 places free again, 7 calls: %d busy", n)
		}
		// Refused calls arrived too: 6 at 0.6 s, 1 just before 1 s, 7 at 1 s.
		if n := v.BusiestSecond("th"); n != 14 {
			t.Errorf("busiest second %d, want 14", n)
		}
		if n := c.codes("ph", "p", 50)["SERVICE_BUSY"]; n != 0 {
			t.Errorf("no limit at ph, %d busy", n)
		}
		if n := c.codes("my", "m", 5)["SERVICE_BUSY"]; n != 2 {
			t.Errorf("the limit of all others at my, %d busy", n)
		}
		v.SetRate("my", 0)
		if n := c.codes("my", "n", 50)["SERVICE_BUSY"]; n != 0 {
			t.Errorf("limit lifted at my, %d busy", n)
		}
		for _, e := range calls(v) {
			if e.Code == "SERVICE_BUSY" && (e.Charged || e.Pricing != "FREE") {
				t.Errorf("busy is not free: %+v", e)
			}
		}
	})
}

func TestBusyStyles(t *testing.T) {
	for style, want := range map[simulator.BusyStyle]string{
		simulator.BusyBody200:     "200 SERVICE_BUSY whole",
		simulator.Busy429Envelope: "429 SERVICE_BUSY whole",
		simulator.Busy429Bare:     "429  bare429",
	} {
		synctest.Test(t, func(t *testing.T) {
			v, c := inProcess(t, simulator.Config{Rate: map[string]int{"": 1}, BusyStyle: style})
			c.ask("th", "a")
			a := c.ask("th", "b")
			e := calls(v)[1]
			if got := fmt.Sprint(a.status, " ", a.code(), " ", e.Delivered); got != want || e.Code != "SERVICE_BUSY" || e.HTTPStatus != a.status {
				t.Errorf("style %d: %s, want %s; %+v", style, got, want, e)
			}
		})
	}
}

func TestDailyQuotaEndsAtMidnightUTC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, c := inProcess(t, simulator.Config{DailyQuota: map[string]int{"th": 5}}) // the bubble starts at midnight
		time.Sleep(23*time.Hour + 30*time.Minute)
		got := c.codes("th", "a", 8)
		if got["SERVICE_BUSY"] != 3 {
			t.Errorf("8 calls of 5 a day: %v", got)
		}
		if a := c.ask("th", "x"); !strings.Contains(a.m["message"].(string), "daily") {
			t.Errorf("message %s", a.body)
		}
		time.Sleep(30*time.Minute - 1)
		if a := c.ask("th", "y"); a.code() != "SERVICE_BUSY" {
			t.Errorf("before midnight: %s", a.body)
		}
		time.Sleep(time.Nanosecond)
		if a := c.ask("th", "z"); a.code() == "SERVICE_BUSY" {
			t.Errorf("after midnight: %s", a.body)
		}
		if n := v.BusiestSecond("th"); n != 9 {
			t.Errorf("busiest second %d, want 9", n)
		}
	})
}

func TestBalance(t *testing.T) {
	v, c := inProcess(t, simulator.Config{Seed: 1, Balance: 20})
	got := c.codes("ph", "a", 60)
	if got["SUCCESS"] != 20 || got["INSUFFICIENT_BALANCE"] < 30 {
		t.Errorf("60 calls on a balance of 20: %v", got)
	}
	v.SetBalance(5)
	if got := c.codes("ph", "b", 60); got["SUCCESS"] != 5 {
		t.Errorf("60 calls on a new balance of 5: %v", got)
	}
	v.SetBalance(-1)
	if got := c.codes("ph", "c", 60); got["INSUFFICIENT_BALANCE"] != 0 || got["SUCCESS"] < 50 {
		t.Errorf("60 calls without limit: %v", got)
	}
}

func TestTokenLife(t *testing.T) {
	for name, tc := range map[string]struct {
		cfg  simulator.Config
		life time.Duration
	}{
		"as asked":      {simulator.Config{}, time.Hour},
		"as configured": {simulator.Config{TokenLife: 90 * time.Second}, 90 * time.Second},
		"other clock":   {simulator.Config{ClockSkew: 4 * time.Minute}, time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			v, c := inProcess(t, tc.cfg)
			c.token("th")
			time.Sleep(tc.life - 1)
			if a := c.ask("th", "a"); a.code() == "IAM_FAILED" {
				t.Errorf("%s: refused within its life", name)
			}
			time.Sleep(time.Nanosecond)
			if a := c.ask("th", "b"); a.code() != "IAM_FAILED" {
				t.Errorf("%s: accepted after its life: %s", name, a.body)
			}
			c.tokens["ph"] = c.tokens["th"]
			if a := c.ask("ph", "c"); a.code() != "IAM_FAILED" || v.Complaints()["foreign_token"] != 1 {
				t.Errorf("%s: token of another endpoint: %s %v", name, a.body, v.Complaints())
			}
		})
	}
}

func TestRevokedTokens(t *testing.T) {
	v, c := inProcess(t, simulator.Config{})
	c.token("th")
	v.RevokeTokens()
	if a := c.ask("th", "a"); a.code() != "IAM_FAILED" {
		t.Errorf("revoked: %s", a.body)
	}
	delete(c.tokens, "th")
	if a := c.ask("th", "a"); a.code() == "IAM_FAILED" {
		t.Errorf("new token: %s", a.body)
	}
}

func TestTokenAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, c := inProcess(t, simulator.Config{ClockSkew: time.Minute, TokenLatency: 50 * time.Millisecond})
		start := time.Now()
		a := c.askToken("mx", c.tokenBody("anyone", simulator.DefaultCredential.SecretKey, 600))
		want := float64(start.Add(11 * time.Minute).UnixMilli())
		if a.data()["expiredTime"] != want || a.m["pricingStrategy"] != "FREE" || time.Since(start) != 50*time.Millisecond {
			t.Errorf("after %v: %s", time.Since(start), a.body)
		}
		e := v.Entries()[0]
		if !e.Token || e.Charged || e.Code != "SUCCESS" || e.ID != "" || e.Endpoint != "mx" {
			t.Errorf("entry %+v", e)
		}
	})
}

func TestTokenRefusals(t *testing.T) {
	pair := simulator.Credential{AccessKey: "ak", SecretKey: "sk"}
	cfg := simulator.Config{Credentials: map[string]simulator.Credential{"th": pair}}
	for name, tc := range map[string]struct {
		ep, access, secret string
		seconds            any
		clock              time.Duration
		code, message      string
	}{
		"right":             {"th", "ak", "sk", 60, 0, "SUCCESS", "OK"},
		"default period":    {"th", "ak", "sk", nil, 0, "SUCCESS", "OK"},
		"period as text":    {"th", "ak", "sk", "86400", 0, "SUCCESS", "OK"},
		"period too short":  {"th", "ak", "sk", 59, 0, "PARAMETER_ERROR", "periodSecond"},
		"period too long":   {"th", "ak", "sk", 86401, 0, "PARAMETER_ERROR", "periodSecond"},
		"slow clock":        {"th", "ak", "sk", 60, -301 * time.Second, "PARAMETER_ERROR", "Timestamp error"},
		"fast clock":        {"th", "ak", "sk", 60, 301 * time.Second, "PARAMETER_ERROR", "Timestamp error"},
		"tolerable clock":   {"th", "ak", "sk", 60, -300 * time.Second, "SUCCESS", "OK"},
		"wrong secret":      {"th", "ak", "other", 60, 0, "PARAMETER_ERROR", "Signature error"},
		"unknown key":       {"th", "other", "sk", 60, 0, "IAM_FAILED", ""},
		"no access key":     {"th", "", "sk", 60, 0, "PARAMETER_ERROR", "empty"},
		"other country":     {"ph", "ak", "sk", 60, 0, "IAM_FAILED", ""},
		"seconds as digits": {"th", "ak", "sk", 60, -1e6 * time.Hour, "PARAMETER_ERROR", "Timestamp error"},
	} {
		synctest.Test(t, func(t *testing.T) {
			_, c := inProcess(t, cfg)
			c.clock = tc.clock
			a := c.askToken(tc.ep, c.tokenBody(tc.access, tc.secret, tc.seconds))
			if message, _ := a.m["message"].(string); a.code() != tc.code || !strings.Contains(message, tc.message) {
				t.Errorf("%s: %s", name, a.body)
			}
			if date, err := http.ParseTime(a.header.Get("Date")); err != nil || !date.Equal(time.Now().Truncate(time.Second)) {
				t.Errorf("%s: Date %q", name, a.header.Get("Date"))
			}
		})
	}
}

// A clock that is off shows in the Date header by as much as it is off.
func TestClockSkewShowsInDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, c := inProcess(t, simulator.Config{ClockSkew: -10 * time.Minute})
		a := c.askToken("th", c.tokenBody("ak", simulator.DefaultCredential.SecretKey, 60))
		date, err := http.ParseTime(a.header.Get("Date"))
		if err != nil || time.Since(date) != 10*time.Minute || a.m["message"] != "Timestamp error" {
			t.Errorf("Date %v off (%v): %s", time.Since(date), err, a.body)
		}
		if e := v.Entries()[0]; time.Since(e.At) != 10*time.Minute {
			t.Errorf("the ledger's time is not the vendor's: %v", e.At)
		}
	})
}

// The vendor's own test vector for signatures, recomputed: the simulator must accept what that formula makes when its
// clock stands where the vector's does.
func TestSignatureVector(t *testing.T) {
	const stamp, signature = 1665993522952, "02209bbeaf0d0a3dd587f6a1ba22f84c98d142e3b545e77db7e4906ca56349f5"
	sum := sha256.Sum256([]byte("sampleaccesskey" + "samplesecretkey" + strconv.Itoa(stamp)))
	if hex.EncodeToString(sum[:]) != signature {
		t.Fatal("the vector is not what the formula makes")
	}
	synctest.Test(t, func(t *testing.T) {
		_, c := inProcess(t, simulator.Config{
			ClockSkew:   time.Until(time.UnixMilli(stamp)),
			Credentials: map[string]simulator.Credential{"": {AccessKey: "sampleaccesskey", SecretKey: "samplesecretkey"}},
		})
		for _, stamp := range []any{stamp, strconv.Itoa(stamp)} { // as number and as text
			a := c.askToken("id", encode(map[string]any{
				"accessKey": "sampleaccesskey", "timestamp": stamp, "signature": signature, "periodSecond": 3600}))
			if a.code() != "SUCCESS" {
				t.Errorf("timestamp %T: %s", stamp, a.body)
			}
		}
		a := c.askToken("id", encode(map[string]any{
			"accessKey": "sampleaccesskey", "timestamp": stamp, "signature": strings.ToUpper(signature)}))
		if a.m["message"] != "Signature error" {
			t.Errorf("upper case: %s", a.body)
		}
	})
}
