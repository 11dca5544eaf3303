package store_test

import (
	"context"
	"testing"
	"time"

	"liverecon/store"
)

// TestPaces: the newest calls show how fast an endpoint was asked, however they lie to the clock's seconds, and how many were
// in flight; what was never sent shows nothing, and what was remembered counts where it is more.
func TestPaces(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 8)
	db := s.WriteDB()
	for i, c := range []struct {
		endpoint, outcome string
		sent, ended       int
	}{
		{"ph", "answered", 700, 1200}, {"ph", "answered", 1100, 1699}, {"ph", "answered", 1699, 1750}, {"ph", "answered", 1700, 2500},
		{"ph", "unsent", 1700, 1701}, {"th", "unanswered", 1000, 5000}, {"th", "answered", 2001, 2100},
	} {
		tag := map[string]string{"answered": "pay", "unsent": "none", "unanswered": "unknown"}[c.outcome]
		execSQL(t, db, "INSERT INTO calls VALUES (?1, ?1, 1, ?2, 'first', ?3, 'PH', ?4)", i+1, run, c.endpoint, c.sent)
		execSQL(t, db, "INSERT INTO outcomes (call_id, outcome, sent_at, ended_at, tag) VALUES (?, ?, ?, ?, ?)", i+1, c.outcome, c.sent, c.ended, tag)
	}
	for endpoint, rate := range map[string]float64{"th": .5, "sg": 40} {
		check(t, s.Endpoints().Remember(ctx, store.EndpointMemory{Endpoint: endpoint, Rate: rate, UpdatedAt: time.Now()}))
	}
	paces, err := s.Endpoints().Paces(ctx)
	check(t, err)
	for endpoint, want := range map[string]store.Pace{"ph": {Rate: 3, InFlight: 2}, "th": {Rate: 1, InFlight: 2}, "sg": {Rate: 40}, "id": {}} {
		if paces[endpoint] != want {
			t.Errorf("%s is shown at %+v, want %+v", endpoint, paces[endpoint], want)
		}
	}
}
