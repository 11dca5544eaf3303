package liveness

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxRetryAfter caps what a server may ask for with Retry-After. A longer wait
// is the caller's decision: it knows how long the night is.
const MaxRetryAfter = 10 * time.Minute

// ParseRetryAfter reads a Retry-After header: whole seconds, with or without a
// unit ("10", "10s"), with the colon some gateways leave in front (" :10s"), or
// an HTTP date, counted from now. The duration is within 0..MaxRetryAfter; a
// date in the past gives 0. It reports false for an empty or unreadable value.
func ParseRetryAfter(h string, now time.Time) (time.Duration, bool) {
	h = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(h), ":"))
	if digits := strings.TrimRight(h, "sS"); len(h)-len(digits) <= 1 {
		digits = strings.TrimSpace(digits)
		if digits != "" && strings.Trim(digits, "0123456789") == "" {
			return secondsCapped(digits), true
		}
	}
	at, err := http.ParseTime(h)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), MaxRetryAfter), true
}

// secondsCapped reads a run of digits; one too long for an int64 is capped as
// any other long wait.
func secondsCapped(digits string) time.Duration {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > int64(MaxRetryAfter/time.Second) {
		return MaxRetryAfter
	}
	return time.Duration(n) * time.Second
}
