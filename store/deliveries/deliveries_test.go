package deliveries_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"liverecon/store/deliveries"
	"liverecon/store/storetest"
)

// TestDeliveries: what is owed stays owed until it is sent or given up, is owed once however often that is said, and all
// of it, or what some recipients got, can be owed again.
func TestDeliveries(t *testing.T) {
	ctx := t.Context()
	s, run := storetest.WithChecks(t, 1)
	log, now := s.Runs().Deliveries(), time.UnixMilli(1763744400000).UTC()
	var all []deliveries.Delivery
	for _, recipient := range []string{"risk", "finance", "cfo"} {
		all = append(all, deliveries.Delivery{Recipient: recipient, Page: "night"})
	}
	for range 2 {
		storetest.Check(t, log.Owe(ctx, run, now, all))
	}
	owed := func() (text []string) {
		left, err := log.Owed(ctx)
		storetest.Check(t, err)
		for _, d := range left {
			text = append(text, fmt.Sprintf("%s %d %s", d.Recipient, d.Tries, d.Error))
		}
		return text
	}
	want := func(what string, lines ...string) {
		t.Helper()
		if got := owed(); !slices.Equal(got, lines) {
			t.Errorf("%s: owed %q, want %q", what, got, lines)
		}
	}
	want("at first", "risk 0 ", "finance 0 ", "cfo 0 ")
	kept, err := log.OfRun(ctx, run)
	storetest.Check(t, err)
	if len(kept) != 3 || !kept[0].OwedAt.Equal(now) || !kept[0].SentAt.IsZero() {
		t.Fatalf("kept %+v", kept)
	}
	storetest.Check(t, log.Sent(ctx, kept[0].ID, now))
	storetest.Check(t, log.Failed(ctx, kept[1].ID, now, "refused"))
	storetest.Check(t, log.GiveUp(ctx, kept[2].ID, now, "too old"))
	want("after a try", "finance 1 refused")
	if n, err := log.OweAgain(ctx, run, []string{"cfo", "nobody"}); err != nil || n != 1 {
		t.Errorf("owed again: %d, %v", n, err)
	}
	want("one again", "finance 1 refused", "cfo 0 ")
	if n, err := log.OweAgain(ctx, run, nil); err != nil || n != 3 {
		t.Errorf("all owed again: %d, %v", n, err)
	}
	want("all again", "risk 0 ", "finance 0 ", "cfo 0 ")
}
