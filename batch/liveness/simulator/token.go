package simulator

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"liverecon/batch/liveness/simulator/internal/dice"
)

// The vendor's limits for a token request.
const (
	clockTolerance    = 300 * time.Second
	defaultTokenLife  = 3600 // seconds
	shortestTokenLife = 60
	longestTokenLife  = 86400
)

// grant represents an issued token's right.
type grant struct {
	endpoint string
	until    time.Time
}

// tokens holds those that the vendor has issued. Its methods are called under the vendor's lock.
type tokens struct {
	cfg        *Config
	complaints *complaints
	granted    map[string]grant
}

// judge decides a token request.
func (t *tokens) judge(x *exchange, now time.Time) verdict {
	if code := effects[x.fault].code; code != "" {
		return forcedVerdict(t.cfg, x, code, now)
	}
	var m map[string]any
	if json.Unmarshal(x.body, &m) != nil {
		return refuse(codeParameter, "Parameter error, please check you input.")
	}
	access, signature := text(m["accessKey"]), text(m["signature"])
	stamp, seconds := number(m["timestamp"]), number(m["periodSecond"])
	if access == "" || signature == "" || stamp == "" {
		return refuse(codeParameter, "Parameter should not be empty")
	}
	// The 13 digits need no count: seconds, or more digits, are far from the clock anyway, and a synctest clock starts
	// when there were only 12.
	millis, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.UnixMilli(millis)).Abs() > clockTolerance {
		return refuse(codeParameter, "Timestamp error")
	}
	secret, ok := t.secretOf(x.ep.name, access)
	if !ok {
		return refuse(codeIAM, "Account does not exist or is not valid for this service")
	}
	if !signed(signature, access, secret, stamp) {
		return refuse(codeParameter, "Signature error")
	}
	life, ok := tokenLife(seconds)
	if !ok {
		return refuse(codeParameter, "periodSecond should be between 60 and 86400")
	}
	if t.cfg.TokenLife > 0 {
		life = t.cfg.TokenLife
	}
	return verdict{code: codeSuccess, message: "OK", pricing: "FREE", expires: now.Add(life)}
}

// secretOf finds the secret that goes with an access key at an endpoint.
func (t *tokens) secretOf(ep, access string) (string, bool) {
	if t.cfg.Credentials == nil {
		return DefaultCredential.SecretKey, true
	}
	c := setting(t.cfg.Credentials, ep)
	return c.SecretKey, c.AccessKey != "" && c.AccessKey == access
}

// signed checks a signature: the lower-case hexadecimal SHA-256 of access key, secret key and timestamp, put together
// as they are.
func signed(signature, access, secret, stamp string) bool {
	sum := sha256.Sum256([]byte(access + secret + stamp))
	return subtle.ConstantTimeCompare([]byte(signature), []byte(hex.EncodeToString(sum[:]))) == 1
}

// tokenLife reads periodSecond, which may be missing.
func tokenLife(seconds string) (time.Duration, bool) {
	if seconds == "" {
		return defaultTokenLife * time.Second, true
	}
	n, err := strconv.Atoi(seconds)
	return time.Duration(n) * time.Second, err == nil && n >= shortestTokenLife && n <= longestTokenLife
}

// issue makes the token of a granted request, opaque to whoever gets it.
func (t *tokens) issue(x *exchange, until time.Time) string {
	d := dice.Throw(t.cfg.Seed, "token", x.ep.name, x.try)
	token := "sim." + d.Hex16() + d.Hex16() + "." + d.Hex16()
	t.granted[token] = grant{endpoint: x.ep.name, until: until}
	return token
}

// good checks the token of a result call.
func (t *tokens) good(x *exchange, now time.Time) bool {
	g, ok := t.granted[x.token]
	if ok && g.endpoint != x.ep.name {
		t.complaints.add("foreign_token")
		return false
	}
	return ok && now.Before(g.until)
}

// text returns a JSON string's value, "" for anything else.
func text(x any) string {
	s, _ := x.(string)
	return s
}

// number returns the digits of an integer that came as a JSON number or a string.
func number(x any) string {
	if f, ok := x.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return text(x)
}
