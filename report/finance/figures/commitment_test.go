package figures

import (
	"testing"
	"time"

	"liverecon/batch/billing/contract"
	"liverecon/store/calendar"
)

// TestCommitments: calls count for the contract that they are made under, up to now, and only where it commits some.
func TestCommitments(t *testing.T) {
	day := func(text string) time.Time {
		at, _ := time.Parse(time.DateOnly, text)
		return at
	}
	all := []contract.Contract{
		{Number: "old", From: day("2025-01-01"), To: day("2026-11-11"), Committed: 4},
		{Number: "new", From: day("2026-11-11"), To: day("2026-11-21"), Committed: 100},
		{Number: "th", Endpoints: []string{"th"}}, {Number: "past", From: day("2024-01-01"), To: day("2025-01-01"), Committed: 9}}
	month, err := calendar.ParseMonth("2026-11", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	r := &RollForward{Commitments: commitments(all, month, day("2026-11-16"))}
	r.commit(all, &Ledger{Lines: []LedgerLine{
		{Endpoint: "id", Day: day("2026-11-10"), Billable: 5},
		{Endpoint: "id", Day: day("2026-11-11"), Billable: 30},
		{Endpoint: "th", Day: day("2026-11-11"), Billable: 1000},
		{Endpoint: "id", Day: day("2026-11-15"), Billable: 40}}})
	if len(r.Commitments) != 2 {
		t.Fatalf("%+v", r.Commitments)
	}
	old, now := r.Commitments[0], r.Commitments[1]
	if old.Used != (contract.Used{Calls: 5, Overrun: 1}) || now.Used != (contract.Used{Calls: 70, Remaining: 30}) || now.Pace() != 140 {
		t.Errorf("%+v; %+v, %d at this pace", old.Used, now.Used, now.Pace())
	}
}
