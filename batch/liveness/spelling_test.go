package liveness_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"liverecon/batch/liveness"
)

// spellings are ways in which a vendor may give back what it was sent.
var spellings = map[string]func(string) string{
	"plain":             func(s string) string { return s },
	"upper case":        strings.ToUpper,
	"JSON, first":       func(s string) string { return fmt.Sprintf(`\u%04x`, s[0]) + s[1:] },
	"JSON, last":        func(s string) string { n := len(s) - 1; return s[:n] + fmt.Sprintf(`\u%04X`, s[n]) },
	"JSON, all":         func(s string) string { return each(s, `\u%04x`) },
	"JSON in JSON":      func(s string) string { return each(s, `\\u%04x`) },
	"Go":                func(s string) string { return each(s, `\x%02x`) },
	"octal":             func(s string) string { return each(s, `\%03o`) },
	"percent, all":      func(s string) string { return each(s, "%%%02X") },
	"percent, twice":    func(s string) string { return each(s, "%%25%02x") },
	"query":             url.QueryEscape,
	"HTML":              html.EscapeString,
	"HTML, all":         func(s string) string { return each(s, "&#%d;") },
	"HTML, hexadecimal": func(s string) string { return each(s, "&#x%x;") },
	"hex":               func(s string) string { return hex.EncodeToString([]byte(s)) },
	"base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64, in more":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte(`{"t":"` + s + `"}`)) },
	"base64, shifted":   func(s string) string { return base64.URLEncoding.EncodeToString([]byte("user:" + s + "?>")) },
	"base64 in JSON": func(s string) string {
		return strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(s)), "/", `\/`)
	},
}

func each(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// decoded undoes all that somebody who reads a text might undo.
func decoded(text string) string {
	all := text
	for range 3 {
		var unescaped string
		if json.Unmarshal([]byte(`"`+strings.ReplaceAll(text, `"`, `\"`)+`"`), &unescaped) == nil {
			text = unescaped
		}
		if unescaped, err := url.PathUnescape(text); err == nil {
			text = unescaped
		}
		text = html.UnescapeString(text)
		all += "\n" + text
	}
	return strings.ToLower(all)
}

// TestSecretsInEverySpelling lets the other side spell the token as it likes, in
// everything that a client keeps or tells.
func TestSecretsInEverySpelling(t *testing.T) {
	const token = "Canary+Token/Value&9<x>=="
	answers := map[string]func(echo string) *http.Response{
		"message": func(echo string) *http.Response { return answer(200, `{"code":"ERROR","message":"`+echo+`"}`) },
		"code":    func(echo string) *http.Response { return answer(200, `{"code":"`+echo+`"}`) },
		"transaction": func(echo string) *http.Response {
			return answer(200, `{"code":"ERROR","transactionId":"`+echo+`"}`)
		},
		"unknown": func(echo string) *http.Response { return answer(200, `{"code":"ERROR","`+echo+`":1}`) },
		"score": func(echo string) *http.Response {
			return answer(200, `{"code":"SUCCESS","data":{"livenessScore":"`+echo+`"}}`)
		},
		"HTML":      func(echo string) *http.Response { return answer(502, "<p>"+echo+"</p>") },
		"header":    func(echo string) *http.Response { return answer(200, "no", "Content-Type", echo) },
		"redirect":  func(echo string) *http.Response { return answer(302, "", "Location", "https://"+echo+".example/") },
		"subdomain": func(echo string) *http.Response { return answer(302, "", "Location", "https://x."+echo) },
	}
	for spelling, spell := range spellings {
		for place, reply := range answers {
			c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				return reply(spell(token)), nil
			})})
			r := c.Detect(t.Context(), liveness.IssueToken(c, token), liveness.Query{SignatureID: "f302f5d2454a85c2"}, liveness.Watch{})
			told := fmt.Sprintf("%s\n%v\n%+v\n", r.Body, r.Err, r)
			if r.Envelope != nil {
				told += fmt.Sprintf("%+v", *r.Envelope)
				if r.Envelope.Detection != nil {
					told += fmt.Sprintf("%+v", *r.Envelope.Detection)
				}
			}
			for _, canary := range []string{token, base64.RawStdEncoding.EncodeToString([]byte(token)), hex.EncodeToString([]byte(token))} {
				if strings.Contains(decoded(told), strings.ToLower(canary)) {
					t.Errorf("%s in %s: told\n%s", spelling, place, told)
				}
			}
			if place == "message" && !strings.Contains(string(r.Body), "[redacted]") {
				t.Errorf("%s: the fault was not there: %s", spelling, r.Body)
			}
		}
	}
}

// TestSecretInTransactions: calls whose transaction IDs hold the token keep one each, the same for the same, and none of
// them is told apart by the token.
func TestSecretInTransactions(t *testing.T) {
	const token = "Canary+Token/Value&9<x>=="
	id := ""
	c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		body, err := json.Marshal(map[string]string{"code": "ERROR", "message": "for " + token, "transactionId": id})
		return answer(200, string(body)), err
	})})
	seen := map[string]string{}
	for _, id = range []string{token, token + "-1", token + "-2", "x" + token, strings.Repeat("y", 2000) + token + "-1", "f302f5d2454a85c2"} {
		for range 2 {
			r := c.Detect(t.Context(), liveness.IssueToken(c, token), liveness.Query{SignatureID: "f302f5d2454a85c2"}, liveness.Watch{})
			if r.Envelope == nil {
				t.Fatalf("%s: %v", id, r.Err)
			}
			got, odd := r.Envelope.TransactionID, strings.Contains(strings.Join(r.Envelope.Repairs, "; "), "transactionId holds a secret")
			if first, known := seen[got]; known && first != id {
				t.Errorf("%q and %q are both %q", first, id, got)
			}
			seen[got] = id
			if held := id != "f302f5d2454a85c2"; held != strings.HasPrefix(got, "secret-") || held != odd || !held && got != id || len(got) > 64 {
				t.Errorf("%q became %q, %q", id, got, r.Envelope.Repairs)
			}
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d transactions: %v", len(seen), seen)
	}
}

// TestSecretsLeaveOthersAlone: what only resembles a secret stays as it came.
func TestSecretsLeaveOthersAlone(t *testing.T) {
	const token = "canary-token-value"
	for _, text := range []string{
		`canary-token-valu`, `canary-token-value`[1:], `\u0063anary-token`, `100 % of canary\`, `&#99;&canary;&#;&#x;`, `%`, `%2`, `%25`, `\`, `\\`, `\u00`, "",
		`https://images.example/a%2Fb?Expires=1&Signature=abc%3D&Key-Pair-Id=K`,
	} {
		body, err := json.Marshal(map[string]string{"code": "ERROR", "message": text})
		if err != nil {
			t.Fatal(err)
		}
		for _, given := range []string{string(body), text} {
			c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return answer(200, given), nil })})
			r := c.Detect(t.Context(), liveness.IssueToken(c, token), liveness.Query{SignatureID: "f302f5d2454a85c2"}, liveness.Watch{})
			if string(r.Body) != given {
				t.Errorf("%q was kept as %q", given, r.Body)
			}
		}
	}
}

// TestExcerpt: what is told of a body that is no envelope are a gateway's words. A result and its links are not: the
// error may be logged.
func TestExcerpt(t *testing.T) {
	for body, want := range map[string]string{
		"<html>Bad Gateway</html>": `"<html>Bad Gateway</html>"`,
		`{"status":"UP","data":{"livenessScore":12.5,"detectionResult":"https://images.example/canary.jpg"}}`: `"{status, data}"`,
		`{"data":{"livenessScore":12.5,"detectionResult":"https://images.example/canary.jpg"}`:                "not JSON",
		`[{"livenessScore":12.5}]`:             "not a JSON object",
		`upstream said: {"livenessScore":12.5`: `"upstream said: "`,
	} {
		c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return answer(200, body), nil })})
		r := c.Detect(t.Context(), liveness.IssueToken(c, "canary-token-value"), liveness.Query{SignatureID: "f302f5d2454a85c2"}, liveness.Watch{})
		if r.Err == nil || !strings.HasSuffix(r.Err.Error(), want) || strings.Contains(r.Err.Error(), "12.5") || strings.Contains(r.Err.Error(), "canary") {
			t.Errorf("%s: %v, want %s", body, r.Err, want)
		}
	}
}

func FuzzSecrets(f *testing.F) {
	for _, spell := range spellings {
		f.Add("before "+spell("canary-token-value")+" behind", uint8(3))
	}
	f.Fuzz(func(t *testing.T, text string, at uint8) {
		c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			i := min(int(at), len(text))
			return answer(502, text[:i]+"canary-token-value"+text[i:]), nil
		})})
		r := c.Detect(t.Context(), liveness.IssueToken(c, "canary-token-value"), liveness.Query{SignatureID: "f302f5d2454a85c2"}, liveness.Watch{})
		if strings.Contains(string(r.Body), "canary-token-value") {
			t.Errorf("kept %q", r.Body)
		}
	})
}

func BenchmarkScrub(b *testing.B) {
	body := string(wireFile(b, "success_score_100.json"))
	c := newClient(b, "id", liveness.Options{})
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		liveness.Scrub(c, []byte(body), "canary-token-value-of-some-length")
	}
}
