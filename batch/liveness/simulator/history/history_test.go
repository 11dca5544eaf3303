package history

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"liverecon/batch/liveness/simulator"
	"liverecon/store"
	"liverecon/store/snapshot"
)

// zone is that of the reports.
func zone() *time.Location { return time.FixedZone("Asia/Singapore", 8*3600) }

// made makes the nights of a plan in a database of its own.
func made(t *testing.T, plan *Plan) (*store.Store, []simulator.Entry) {
	t.Helper()
	t.Setenv("TMPDIR", os.TempDir())
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "liverecon.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	endpoints := map[string]string{"ID": "id", "PH": "ph", "TH": "th", "NG": "ng", "CO": "co", "MX": "mx", "SG": "sg",
		"MY": "my", "VN": "sg"}
	entries, err := Make(ctx, Past{Plan: plan, Store: s, Seed: 7, Version: "test", Zone: zone(),
		Suspicious: func(score float64) bool { return score < 50 },
		Routes:     func(region string) string { return endpoints[region] }})
	if err != nil {
		t.Fatal(err)
	}
	return s, entries
}

// october is the last month of a plan, up to the night after the burst.
func october() *Plan {
	plan := NewPlan(7, time.Date(2026, 11, 30, 0, 0, 0, 0, zone()))
	plan.First, plan.Tonight = plan.Month.AddDate(0, 0, 10), plan.Month.AddDate(0, 0, 22)
	return plan
}

// TestMake: the books hold what the vendor's ledger does, the nights are of their days, and the outage and the lost
// answers were asked for again.
func TestMake(t *testing.T) {
	ctx := context.Background()
	plan := october()
	s, entries := made(t, plan)
	charged, errors := int64(0), 0
	for _, e := range entries {
		if e.Charged {
			charged++
		}
		if e.Code == "ERROR" {
			errors++
			if night := e.At.In(zone()); e.Endpoint != "mx" || night.Day() != 13 {
				t.Errorf("error at %s on %s", e.Endpoint, night)
			}
		}
	}
	if errors == 0 {
		t.Error("no outage")
	}
	usage, err := s.Calls().Usage(ctx, plan.First, plan.Tonight)
	if err != nil {
		t.Fatal(err)
	}
	pay, lost := int64(0), int64(0)
	for _, u := range usage {
		switch {
		case u.Outcome == store.Unanswered:
			lost += u.Calls
		case u.Tag == store.TagPay:
			pay += u.Calls
		}
	}
	if lost == 0 || pay > charged || charged > pay+lost {
		t.Errorf("%d calls tagged PAY and %d lost, %d charged", pay, lost, charged)
	}
	runs, err := s.Runs().Latest(ctx, 100)
	if err != nil || len(runs) != 12 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	for i, r := range runs { // the newest first
		night := plan.Tonight.AddDate(0, 0, -1-i)
		if at := r.StartedAt.In(zone()); at.Before(night) || !r.EndedAt.Before(night.AddDate(0, 0, 1)) || r.Verdict == "" {
			t.Errorf("run %d: %s to %s, %q", r.ID, at, r.EndedAt, r.Verdict)
		}
	}
	if err := s.Books().AuditRun(ctx, runs[0].ID); err != nil {
		t.Error(err)
	}
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close() //nolint:errcheck // read only
	decided, err := snap.Decisions().Current(ctx, plan.First, plan.Tonight)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]int{}
	for _, d := range decided {
		words[d.Decision.Decision]++
		if !d.DecidedAt.Before(plan.Tonight) {
			t.Errorf("decided after tonight: %s", d.DecidedAt)
		}
	}
	if words["attack"] == 0 || words["genuine"] == 0 || words["attack"] < words["genuine"] {
		t.Errorf("decisions: %v", words)
	}
}

// TestSame: the same nights are made each time, however the writer of the journal is scheduled.
func TestSame(t *testing.T) {
	short := func() *Plan {
		plan := october()
		plan.Tonight = plan.First.AddDate(0, 0, 2)
		return plan
	}
	_, one := made(t, short())
	_, two := made(t, short())
	if len(one) < 500 || !reflect.DeepEqual(one, two) {
		t.Errorf("%d entries, then %d others", len(one), len(two))
	}
}

// TestPlan: whatever the day, the last whole month has 84 nights before it, and a story; what goes on goes on tonight.
func TestPlan(t *testing.T) {
	for _, tonight := range []time.Time{
		time.Date(2026, 11, 1, 0, 0, 0, 0, zone()), time.Date(2026, 12, 31, 0, 0, 0, 0, zone()),
		time.Date(2027, 1, 2, 0, 0, 0, 0, zone()), time.Date(2028, 3, 1, 0, 0, 0, 0, zone()),
	} {
		plan := NewPlan(7, tonight)
		end := plan.Month.AddDate(0, 1, 0)
		if n := plan.Month.Sub(plan.First).Hours() / 24; n != before || end.After(tonight) || end.AddDate(0, 1, 0).Before(tonight) {
			t.Errorf("%s: month %s, %v nights before", tonight, plan.Month, n)
		}
		within, goesOn := 0, 0
		for _, c := range plan.Story {
			if !c.From.Before(plan.Month) && c.From.Before(end) {
				within++
			}
			if c.To.After(tonight) {
				goesOn++
			}
		}
		if within < 3 || goesOn < 2 {
			t.Errorf("%s: %d chapters within the month, %d go on", tonight, within, goesOn)
		}
	}
}
