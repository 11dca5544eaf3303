package mention_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/mention"
	"liverecon/store/storetest"
)

// TestContainsSpelled: a text is found in any case, with dashes or without, and in UTF-16; a short one as it is alone.
func TestContainsSpelled(t *testing.T) {
	const id = "f302f5d2-454a85c2"
	wide := strings.Join(strings.Split(id, ""), "\x00") + "\x00"
	for text, want := range map[string]bool{
		id: true, "of F302F5D2454A85C2.": true, "f-302f5d2454a85c-2": true, wide: true, strings.Repeat("y", 1<<20-5) + id: true,
		"f302f5d2454a85c3": false, "ABC": false, "an abc": true, "": false,
	} {
		if got, err := mention.ContainsSpelled(strings.NewReader(text), []string{id, "abc"}); err != nil || got != want {
			t.Errorf("%.40q: %v, %v, want %v", text, got, err, want)
		}
		if got := mention.Stands(text, []string{id, "abc"}); got != want && text != wide && text != "ABC" {
			t.Errorf("%.40q: stands %v, want %v", text, got, want)
		}
	}
}

// TestVendorRepeatsID: wherever in an answer the vendor repeats an ID, in whatever spelling, no column holds it after the ID
// was erased or purged, but for those of money, which are named.
func TestVendorRepeatsID(t *testing.T) {
	for _, purged := range []bool{false, true} {
		for _, spelled := range []func(string) string{strings.ToLower, strings.ToUpper, func(id string) string { return id[:4] + "-" + id[4:] }} {
			s, _ := storetest.WithChecks(t, 2)
			db := storetest.Raw(t, s.Path())
			id := storetest.Lines(t, db, "SELECT id FROM checks WHERE check_id = 1")[0]
			echo := spelled(id)
			storetest.Exec(t, db, "INSERT INTO calls (call_id, check_id, attempt, run_id, reason, endpoint, region, intended_at) VALUES (1, 1, 1, 1, 'first', 'ph', 'PH', 1)")
			storetest.Exec(t, db, `INSERT INTO outcomes (call_id, outcome, ended_at, tag, transaction_id, pricing) VALUES (1, 'answered', 2, 'pay', ?, ?)`, echo, "PAY "+echo)
			storetest.Exec(t, db, `INSERT INTO answers (call_id, check_id, answered_at, region, endpoint, standing, score_text, attack_type, attack_sub_type,
				oddities, message, body, sdk_version, platform) VALUES (1, 1, 2, 'PH', 'ph', 1, ?1, ?1, ?1, ?1, ?1, ?1, ?1, ?1)`, "x "+echo)
			storetest.Exec(t, db, "INSERT INTO score_counts VALUES (0, 9, 'PH', 'ph', ?, 1, x'')", "x "+echo)
			storetest.Exec(t, db, "UPDATE checks SET state = 'done' WHERE check_id = 1")
			var err error
			if purged {
				_, err = s.Personal().Purge(t.Context(), time.Now().Add(time.Hour), time.Now())
			} else {
				_, err = s.Personal().Erase(t.Context(), id, time.Now())
			}
			storetest.Check(t, err)
			left, err := s.Personal().Kept(t.Context(), []string{id})
			storetest.Check(t, err)
			want := []mention.Kept{{Table: "outcomes", Column: "pricing", Rows: 1, Fixed: true}, {Table: "outcomes", Column: "transaction_id", Rows: 1, Fixed: true}}
			if !slices.Equal(left, want) {
				t.Errorf("purged %v, %s: left %+v", purged, echo, left)
			}
			if n := storetest.Count(t, db, "SELECT count(*) FROM answers WHERE attack_type = ?", "x "+store.Erased); n != 1 {
				t.Errorf("purged %v, %s: type of attack %v", purged, echo, storetest.Lines(t, db, "SELECT attack_type FROM answers"))
			}
		}
	}
}
