package liveness_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness"
)

// TestStaleAnswers: a gateway's refusal, or an answer without a transaction, that an earlier call had, byte for byte, a
// while before the request was sent, is no answer to it. Without a date, in the same moment, or with other bytes it is one.
func TestStaleAnswers(t *testing.T) {
	dated := func(at time.Time) string {
		return response("429 Too Many Requests", "Date: "+at.UTC().Format(http.TimeFormat)+"\r\n", "slow down")
	}
	envelope := func(at time.Time) string {
		return response("200 OK", "Date: "+at.UTC().Format(http.TimeFormat)+"\r\n",
			`{"code":"SERVICE_BUSY","message":"OK","pricingStrategy":"FREE","data":null}`)
	}
	for _, tt := range []struct {
		name  string
		say   func(first, now time.Time) string
		pause time.Duration
		want  string
	}{
		{"its own", func(_, now time.Time) string { return dated(now) }, 3 * time.Second, liveness.CauseThrottled},
		{"a copy", func(first, _ time.Time) string { return dated(first) }, 2 * time.Second, liveness.CauseStale},
		{"its own envelope", func(_, now time.Time) string { return envelope(now) }, 3 * time.Second, ""},
		{"a copy of one", func(first, _ time.Time) string { return envelope(first) }, 2 * time.Second, liveness.CauseStale},
		{"of the same moment", func(first, _ time.Time) string { return dated(first) }, time.Second, liveness.CauseThrottled},
		{"without a date", func(_, _ time.Time) string { return response("429 Too Many Requests", "", "slow down") }, time.Hour, liveness.CauseThrottled},
		{"for another time", func(first, now time.Time) string {
			if now.Sub(first) > time.Second {
				return response("429 Too Many Requests", "Retry-After: 1\r\nDate: "+first.UTC().Format(http.TimeFormat)+"\r\n", "slow down")
			}
			return dated(first)
		}, 3 * time.Second, liveness.CauseThrottled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := time.Now()
				l := pipes(t, func(s *side) {
					if _, ok := s.next(); ok {
						s.say(tt.say(first, time.Now()))
						_, _ = s.in.ReadByte() // until the client has ended its side
					}
				})
				c, token := l.client(t, liveness.TransportOptions{})
				var got []string
				for _, id := range []string{"a", "b"} {
					r := c.Detect(t.Context(), token, liveness.Query{SignatureID: id}, liveness.Watch{})
					got = append(got, r.Cause)
					time.Sleep(tt.pause)
				}
				c.Close(t.Context())
				if got[0] == liveness.CauseStale || got[1] != tt.want {
					t.Errorf("%v, want %s", got, tt.want)
				}
			})
		})
	}
}
