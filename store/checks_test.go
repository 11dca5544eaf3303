package store_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"liverecon/store"
)

// TestOpenChecksPages reads all open checks of one endpoint and region in pages and meets each once.
func TestOpenChecksPages(t *testing.T) {
	ctx := context.Background()
	s, _ := withChecks(t, 25)
	execSQL(t, s.WriteDB(), "UPDATE checks SET state = 'done' WHERE check_id % 5 = 0")
	execSQL(t, s.WriteDB(), "UPDATE checks SET state = 'in_doubt', doubts = 1, attempts = 2 WHERE check_id = 7")
	execSQL(t, s.WriteDB(), "UPDATE checks SET endpoint = 'sg' WHERE check_id = 8")
	execSQL(t, s.WriteDB(), "UPDATE checks SET id = NULL WHERE check_id = 9")
	execSQL(t, s.WriteDB(), "UPDATE checks SET region = 'VN' WHERE check_id = 12")
	var got []int64
	after := int64(0)
	for {
		page, err := s.Checks().Open(ctx, "ph", "PH", store.Pending, after, 4)
		check(t, err)
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			c.Changed = time.Time{}
			got = append(got, c.ID)
			after = c.ID
			text := lines(t, s.ReadDB(), "SELECT id FROM checks WHERE check_id = ?", c.ID)[0]
			if want := (store.Check{ID: c.ID, Kind: "signatureId", Text: text, Region: "PH", Endpoint: "ph", State: store.Pending}); c != want {
				t.Errorf("check %+v, want %+v", c, want)
			}
		}
	}
	if want := []int64{1, 2, 3, 4, 6, 11, 13, 14, 16, 17, 18, 19, 21, 22, 23, 24}; !slices.Equal(got, want) {
		t.Errorf("open checks %v, want %v", got, want)
	}
	doubtful, err := s.Checks().Open(ctx, "ph", "PH", store.InDoubt, 0, 9)
	if err != nil || len(doubtful) != 1 || doubtful[0].ID != 7 || doubtful[0].Attempts != 2 || doubtful[0].Doubts != 1 {
		t.Errorf("in doubt: %+v, %v", doubtful, err)
	}
	if closed, err := s.Checks().Open(ctx, "ph", "PH", store.Done, 0, 9); err != nil || len(closed) != 0 {
		t.Errorf("done checks are not open: %+v, %v", closed, err)
	}
}

func TestOpenRegions(t *testing.T) {
	ctx := context.Background()
	s, _ := withChecks(t, 9)
	execSQL(t, s.WriteDB(), "UPDATE checks SET region = 'VN' WHERE check_id IN (2, 6)")
	execSQL(t, s.WriteDB(), "UPDATE checks SET region = 'AT', endpoint = 'sg' WHERE check_id = 3")
	execSQL(t, s.WriteDB(), "UPDATE checks SET region = 'KH', state = 'done' WHERE check_id = 4")
	execSQL(t, s.WriteDB(), "UPDATE checks SET region = 'BD', state = 'in_doubt' WHERE check_id = 5")
	for _, c := range []struct {
		endpoint string
		state    store.State
		want     []string
	}{{"ph", store.Pending, []string{"PH", "VN"}}, {"ph", store.InDoubt, []string{"BD"}}, {"sg", store.Pending, []string{"AT"}}, {"sg", store.InDoubt, nil}, {"ph", store.Done, nil}} {
		if got, err := s.Checks().OpenRegions(ctx, c.endpoint, c.state); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: %v, %v, want %v", c.endpoint, c.state, got, err, c.want)
		}
	}
}

func TestBacklogAndReroute(t *testing.T) {
	ctx := context.Background()
	s, _ := withChecks(t, 6)
	execSQL(t, s.WriteDB(), "UPDATE checks SET state = 'in_doubt' WHERE check_id = 2")
	execSQL(t, s.WriteDB(), "UPDATE checks SET state = 'done' WHERE check_id = 3")
	execSQL(t, s.WriteDB(), "UPDATE checks SET region = 'VN' WHERE check_id = 4")
	moved, err := s.Checks().Reroute(ctx, "PH", "ph", "sg")
	if err != nil || moved != 4 {
		t.Errorf("rerouted %d, %v, want the open ones of the region", moved, err)
	}
	want := []store.Backlog{{Endpoint: "ph", Region: "VN", State: store.Pending, Checks: 1},
		{Endpoint: "sg", Region: "PH", State: store.InDoubt, Checks: 1}, {Endpoint: "sg", Region: "PH", State: store.Pending, Checks: 3}}
	if got, err := s.Checks().Backlog(ctx); err != nil || !slices.Equal(got, want) {
		t.Errorf("backlog %+v, %v, want %+v", got, err, want)
	}
	if moved, err = s.Checks().Reroute(ctx, "PH", "ph", "sg"); err != nil || moved != 0 {
		t.Errorf("rerouted %d again, %v", moved, err)
	}
	if got := count(t, s.ReadDB(), "SELECT check_id FROM checks WHERE endpoint = 'ph' AND region = 'PH'"); got != 3 {
		t.Errorf("check %d kept its endpoint, want the one that is done", got)
	}
}

// TestReopenIsBounded asks for what was not found again on as many nights as allowed, and no more.
func TestReopenIsBounded(t *testing.T) {
	ctx := context.Background()
	s, _ := withChecks(t, 4)
	notFound := func() {
		execSQL(t, s.WriteDB(), "UPDATE checks SET state = 'absent', not_found = check_id < 4 WHERE check_id < 5")
	}
	notFound()
	execSQL(t, s.WriteDB(), "UPDATE checks SET id = NULL WHERE check_id = 3")
	if n, err := s.Checks().Reopen(ctx, 0, time.Now()); err != nil || n != 0 {
		t.Errorf("reopened %d with no nights allowed, %v", n, err)
	}
	for night, want := range []int64{2, 2, 0} {
		n, err := s.Checks().Reopen(ctx, 2, time.Now())
		if err != nil || n != want {
			t.Errorf("night %d: reopened %d, %v, want %d", night+1, n, err, want)
		}
		if open := count(t, s.ReadDB(), "SELECT count(*) FROM checks WHERE state = 'pending' AND not_found = 0"); open != want {
			t.Errorf("night %d: %d pending, want %d", night+1, open, want)
		}
		notFound()
	}
}

func TestEndpointMemory(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	at := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	parked := store.EndpointMemory{Endpoint: "th", Rate: 12.5, ParkedUntil: at.Add(24 * time.Hour), ParkedReason: "daily quota", UpdatedAt: at}
	check(t, s.Endpoints().Remember(ctx, parked))
	check(t, s.Endpoints().Remember(ctx, store.EndpointMemory{Endpoint: "ph", Rate: 1, ParkedUntil: at, UpdatedAt: at}))
	freed := store.EndpointMemory{Endpoint: "ph", Rate: 20, UpdatedAt: at.Add(time.Hour)}
	check(t, s.Endpoints().Remember(ctx, freed))
	got, err := s.Endpoints().Memories(ctx)
	if want := map[string]store.EndpointMemory{"th": parked, "ph": freed}; err != nil || !maps.Equal(got, want) {
		t.Errorf("memories %+v, %v, want %+v", got, err, want)
	}
}
