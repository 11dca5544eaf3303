package held_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/held"
	"liverecon/store/storetest"
)

// TestHeldIDs counts what is held by endpoint, region and restoration; what was released or erased counts apart, where it was held.
func TestHeldIDs(t *testing.T) {
	ctx := context.Background()
	s, runID := storetest.WithChecks(t, 6)
	db := storetest.Raw(t, s.Path())
	for n := range 2 {
		storetest.Exec(t, db, "INSERT INTO restorations VALUES (?1, ?2, 5000, 'ann', ?1, '', '', ?1 * 1000, ?1 * 2000, 1000, 5000, 0, NULL, 0, NULL)", n+1, runID)
	}
	storetest.Exec(t, db, "UPDATE checks SET region = 'TH' WHERE check_id = 5")
	for check := 1; check <= 6; check++ {
		storetest.Exec(t, db, "INSERT INTO holds VALUES (?1, 1 + ?1 / 6, 'pending', NULL)", check)
		storetest.Exec(t, db, "UPDATE checks SET state = 'held' WHERE check_id = ?", check)
	}
	n, err := s.Restorations().Release(ctx, store.Releasing{ID: storetest.Lines(t, db, "SELECT id FROM checks WHERE check_id = 1")[0], By: "ann", At: time.Now()})
	if err != nil || n != 1 {
		t.Errorf("released %d, %v", n, err)
	}
	_, err = s.Personal().Erase(ctx, storetest.Lines(t, db, "SELECT id FROM checks WHERE check_id = 2")[0], time.Now())
	storetest.Check(t, err)
	still, err := s.Checks().Held(ctx)
	storetest.Check(t, err)
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	want := []held.IDs{
		{Restoration: 1, Endpoint: "ph", Region: "PH", LostFrom: at(1000), LostUntil: at(2000), Checks: 2},
		{Restoration: 2, Endpoint: "ph", Region: "PH", LostFrom: at(2000), LostUntil: at(4000), Checks: 1},
		{Restoration: 1, Endpoint: "ph", Region: "TH", LostFrom: at(1000), LostUntil: at(2000), Checks: 1},
	}
	if !slices.Equal(still, want) {
		t.Errorf("held %+v, want %+v", still, want)
	}
	_, err = s.Restorations().Release(ctx, store.Releasing{ID: storetest.Lines(t, db, "SELECT id FROM checks WHERE check_id = 6")[0], By: "ann", At: time.Now()})
	storetest.Check(t, err)
	released, err := s.Checks().Released(ctx)
	storetest.Check(t, err)
	want = []held.IDs{
		{Restoration: 1, Endpoint: "ph", Region: "PH", LostFrom: at(1000), LostUntil: at(2000), Checks: 2, Erased: 1},
		{Restoration: 2, Endpoint: "ph", Region: "PH", LostFrom: at(2000), LostUntil: at(4000), Checks: 1},
	}
	if !slices.Equal(released, want) {
		t.Errorf("released %+v, want %+v", released, want)
	}
	if n := storetest.Count(t, db, "SELECT count(*) FROM checks WHERE check_id = 2 AND state = 'given_up'"); n != 1 {
		t.Error("an erased ID is held still: nobody could ask for it")
	}
	purged, err := s.Personal().Purge(ctx, time.Now().Add(time.Hour), time.Now())
	storetest.Check(t, err)
	if n := storetest.Count(t, db, "SELECT count(*) FROM checks WHERE state = 'held' AND id IS NULL"); n != 0 {
		t.Errorf("%d IDs that are held were purged: %+v", n, purged)
	}
}

// TestLostCalls: of the calls that a record knew of, those count that no held or released ID stands for. What a later
// restoration holds of the same lost time, which lost nothing more, stands for the earlier one's calls.
func TestLostCalls(t *testing.T) {
	type restoration struct{ from, until, calls, held int }
	for name, c := range map[string]struct {
		made []restoration
		want []held.Lost
	}{
		"none known":                 {[]restoration{{1, 2, 0, 2}}, nil},
		"more IDs than calls":        {[]restoration{{1, 2, 1, 2}}, nil},
		"more calls than IDs":        {[]restoration{{1, 2, 5, 2}}, []held.Lost{{Calls: 3}}},
		"no ID":                      {[]restoration{{1, 2, 5, 0}}, []held.Lost{{Calls: 5}}},
		"lists came later":           {[]restoration{{1, 2, 5, 1}, {1, 2, 0, 3}}, []held.Lost{{Calls: 1}}},
		"all of them":                {[]restoration{{1, 2, 5, 1}, {1, 2, 0, 1}, {2, 2, 0, 3}}, nil},
		"another loss without calls": {[]restoration{{1, 2, 5, 1}, {3, 4, 0, 3}}, []held.Lost{{Calls: 4}}},
		"two losses":                 {[]restoration{{1, 2, 5, 6}, {3, 4, 7, 1}}, []held.Lost{{Calls: 6}}},
	} {
		s, runID := storetest.WithChecks(t, 9)
		db, id := storetest.Raw(t, s.Path()), 0
		for i, r := range c.made {
			storetest.Exec(t, db, "INSERT INTO restorations VALUES (?1, ?2, 5000, 'ann', ?1, '', '', ?3, ?4, 1000, 5000, 0, NULL, ?5, NULL)", i+1, runID, r.from, r.until, r.calls)
			for range r.held {
				id++
				storetest.Exec(t, db, "INSERT INTO holds VALUES (?, ?, 'pending', NULL)", id, i+1)
				storetest.Exec(t, db, "UPDATE checks SET state = 'held' WHERE check_id = ?", id)
			}
		}
		for range 2 { // held, then released
			got, err := s.Checks().LostCalls(t.Context())
			storetest.Check(t, err)
			for i := range got {
				if at := got[i].LostFrom.UnixMilli(); at != 1 && at != 3 || got[i].LostUntil.UnixMilli() != at+1 {
					t.Errorf("%s: lost from %v to %v", name, got[i].LostFrom, got[i].LostUntil)
				}
				got[i] = held.Lost{Calls: got[i].Calls}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: lost %+v, want %+v", name, got, c.want)
			}
			_, err = s.Restorations().Release(t.Context(), store.Releasing{By: "ann", At: time.Now()})
			storetest.Check(t, err)
		}
	}
}
