package liveness_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness"
)

func TestTokenErrors(t *testing.T) {
	stamp := `{"code":"PARAMETER_ERROR","message":"Timestamp error","data":null}`
	tests := []struct {
		name   string
		date   time.Duration // of the vendor's clock against this one; 0 sends no Date
		status int
		body   string
		header []string
		class  liveness.Class
		skew   time.Duration
		text   string
	}{
		{"clock ahead", -10 * time.Minute, 200, stamp, nil, liveness.Configuration, 10 * time.Minute, `token for id: "PARAMETER_ERROR" "Timestamp error": this clock is 10m0s ahead of id's`},
		{"clock behind", 6 * time.Minute, 200, stamp, nil, liveness.Configuration, -6 * time.Minute, `token for id: "PARAMETER_ERROR" "Timestamp error": this clock is 6m0s behind id's`},
		{"clock off, said otherwise", time.Hour, 200, `{"code":"PARAMETER_ERROR","message":"Parameter error"}`, nil, liveness.Configuration, -time.Hour, "this clock is 1h0m0s behind id's"},
		{"clock off, not said when", 0, 200, stamp, nil, liveness.Configuration, 0, `"Timestamp error"`},
		{"clock nearly right", time.Minute, 200, `{"code":"PARAMETER_ERROR","message":"Signature error"}`, nil, liveness.Configuration, 0, `"Signature error"`},
		{"wrong country", 0, 200, `{"code":"IAM_FAILED"}`, nil, liveness.Configuration, 0, "IAM_FAILED"},
		{"no such account", 0, 200, `{"code":"ACCOUNT_NOT_EXIST"}`, nil, liveness.Configuration, 0, "ACCOUNT_NOT_EXIST"},
		{"client error", 0, 403, `{"code":"CLIENT_ERROR"}`, nil, liveness.Configuration, 0, "CLIENT_ERROR"},
		{"disabled", 0, 200, `{"code":"ACCOUNT_DISABLED"}`, nil, liveness.Account, 0, "ACCOUNT_DISABLED"},
		{"server error", 0, 500, `{"code":"ERROR"}`, nil, liveness.Retry, 0, "ERROR"},
		{"busy", 0, 200, `{"code":"SERVICE_BUSY"}`, []string{"Retry-After", "7"}, liveness.Busy, 0, "SERVICE_BUSY"},
		{"new code", 0, 200, `{"code":"NEW_CODE"}`, nil, liveness.Unknown, 0, "NEW_CODE"},
		{"bare 429", 0, 429, "slow down", []string{"Retry-After", "7"}, liveness.Busy, 0, "throttled"},
		{"bad gateway", 0, 502, "<html>", nil, liveness.Retry, 0, "HTTP 502"},
		{"wrong URL", 0, 404, "<html>", nil, liveness.Configuration, 0, "HTTP 404"},
		{"redirect", 0, 302, "", []string{"Location", "https://evil.example/?token=1"}, liveness.Configuration, 0, `"evil.example"`},
		{"no data", 0, 200, `{"code":"SUCCESS","data":null}`, nil, liveness.Retry, 0, "no usable token"},
		{"empty token", 0, 200, `{"code":"SUCCESS","data":{"token":""}}`, nil, liveness.Retry, 0, "no usable token"},
		{"token with a newline", 0, 200, `{"code":"SUCCESS","data":{"token":"a\r\nX-Evil: 1"}}`, nil, liveness.Retry, 0, "no usable token"},
		{"token too long", 0, 200, `{"code":"SUCCESS","data":{"token":"` + strings.Repeat("a", 8193) + `"}}`, nil, liveness.Retry, 0, "no usable token"},
		{"two tokens", 0, 200, `{"code":"SUCCESS","message":"take hidden-token-value","data":{"token":"hidden-token-value","token":"other"}}`, nil, liveness.Retry, 0, `"take [redacted]": two tokens in the answer`},
		{"two tokens, escaped", 0, 200, `{"code":"SUCCESS","data":{"token":"hidden-token-value","t\u006fken":"other"}}`, nil, liveness.Retry, 0, "two tokens in the answer"},
		{"a token and null", 0, 200, `{"code":"SUCCESS","data":{"token":"hidden-token-value","token":null}}`, nil, liveness.Retry, 0, "two tokens in the answer"},
		{"two data, two tokens", 0, 200, `{"code":"SUCCESS","data":{"token":"other"},"data":{"token":"hidden-token-value"}}`, nil, liveness.Retry, 0, "two tokens in the answer"},
		{"two data, one token", 0, 200, `{"code":"SUCCESS","data":{"token":"hidden-token-value"},"data":null}`, nil, liveness.Retry, 0, "two tokens in the answer"},
		{"token without code", 0, 200, `{"data":{"token":"hidden-token-value"}}`, nil, liveness.Retry, 0, `no "code"`},
		{"refused, its token told again", 0, 200, `{"code":"ACCOUNT_DISABLED","message":"not for hidden-token-value","extra":{"session":[{"accessToken":"hidden-token-value"}]}}`, nil, liveness.Account, 0, "not for [redacted]"},
		{"oversize", 0, 200, strings.Repeat(" ", 65<<10), nil, liveness.Retry, 0, "oversize"},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(t, "id", liveness.Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				header := tt.header
				if tt.date != 0 {
					header = append(header, "Date", time.Now().Add(tt.date).UTC().Format(http.TimeFormat))
				}
				return answer(tt.status, tt.body, header...), nil
			})})
			_, err := c.Token(t.Context())
			var te *liveness.TokenError
			if !errors.As(err, &te) {
				t.Fatalf("%s: error %v", tt.name, err)
			}
			if te.Class != tt.class || te.ClockSkew != tt.skew || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%s: %s, skew %v, %q; want %s, %v, %q", tt.name, te.Class, te.ClockSkew, err, tt.class, tt.skew, tt.text)
			}
			if len(tt.header) > 0 && tt.header[0] == "Retry-After" && te.RetryAfter != 7*time.Second {
				t.Errorf("%s: RetryAfter %v", tt.name, te.RetryAfter)
			}
			if strings.Contains(err.Error(), "hidden-token-value") || strings.Contains(err.Error(), "?token") {
				t.Errorf("%s: error %q tells too much", tt.name, err)
			}
		})
	}
}

func TestTokenUnsent(t *testing.T) {
	c := newClient(t, "id", liveness.Options{Transport: deaf{}})
	_, err := c.Token(t.Context())
	var te *liveness.TokenError
	if !errors.As(err, &te) || te.Class != liveness.Retry || err.Error() != "token for id: unsent, refused: dial: connection refused" {
		t.Errorf("error %v", err)
	}
}

// deaf never gets a connection.
type deaf struct{}

func (deaf) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("dial: %w", syscall.ECONNREFUSED)
}
