package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestPast: an earlier day's call is in the ledger with its time and its charge, and a vendor that goes on from there
// finds in the same photo what was found then, with the same time of capture, whatever the story says of today.
func TestPast(t *testing.T) {
	then := time.Date(2026, 10, 20, 18, 0, 0, 0, time.UTC)
	story := []Chapter{{Region: "ID", From: then.Add(-time.Hour), To: then.Add(time.Hour), IDs: "ca",
		Market: Market{Injection: 1}, Minutes: [2]int{360, 480}},
		{Region: "PH", From: then.Add(time.Hour), To: then.AddDate(1, 0, 0), Market: Market{Presentation: 1}}}
	v, err := New(Config{Seed: 7, Story: story})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(v *Vendor, endpoint, id string, at time.Time) Entry {
		t.Helper()
		body, err := v.Past(Entry{At: at, Endpoint: endpoint, Kind: "signatureId", ID: id})
		if err != nil || !strings.Contains(string(body), `"code":"`) {
			t.Fatalf("%s: %v", body, err)
		}
		all := v.Entries()
		return all[len(all)-1]
	}
	injected := func(e Entry) bool { return e.Said != nil && e.Said.Attack == "2" }
	for _, test := range []struct {
		endpoint, id string
		at           time.Time
		attack       string
	}{
		{"id", "ca-%d", then, "2"},
		{"id", "cb-%d", then, ""},
		{"id", "ca1%d", then.Add(2 * time.Hour), ""},
		{"ph", "ca2%d", then, ""},
		{"ph", "p%d", then.Add(time.Hour), "1"},
	} {
		all := 0
		for i := range 40 {
			e := ask(v, test.endpoint, fmt.Sprintf(test.id, i), test.at)
			if e.Said != nil && test.attack != "" && e.Said.Attack == test.attack {
				all++
			}
			if !e.At.Equal(test.at) || e.Charged != (e.Code == codeSuccess) {
				t.Errorf("%+v: not of then, or not charged as it should be", e)
			}
			if test.attack == "2" && e.Said.Far != 0 {
				taken := time.UnixMilli(e.Said.Far).UTC()
				if h := taken.Hour(); h < 6 || h >= 8 || taken.Day() != 19 {
					t.Errorf("taken at %s", taken)
				}
			}
		}
		if (all == 40) != (test.attack != "") {
			t.Errorf("%s %s: %d of 40 are of the chapter", test.endpoint, test.id, all)
		}
	}

	first := v.Entries()[0]
	later, err := New(Config{Seed: 7})
	if err == nil {
		err = later.Continue(v.Entries(), story)
	}
	if err != nil {
		t.Fatal(err)
	}
	again := ask(later, "id", first.ID, then.AddDate(0, 1, 0))
	if !injected(first) || *again.Said != (Said{again.Said.Score, "2", first.Said.Far, first.Said.Near}) ||
		*again.Said.Score != *first.Said.Score || again.Attempt != 2 {
		t.Errorf("asked again: %+v, first %+v", again.Said, first.Said)
	}

	if body, err := v.Past(Entry{At: then, Endpoint: "id", ID: "x", Fault: ResetAfter}); body != nil || err != nil {
		t.Errorf("a lost answer: %s, %v", body, err)
	}
}
