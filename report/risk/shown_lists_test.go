package risk

import (
	"testing"

	"liverecon/store"
	"liverecon/store/snapshot"
)

// However many lists a period has, the rows of both tables add up to all of them, and there are no more rows than lists
// that are shown and regions of the others.
func TestShownLists(t *testing.T) {
	for _, n := range []int{0, 1, shownLists, shownLists + 1, 3*shownLists + 7} {
		var all lists
		listed := listing{regions: map[string]*coverage{}, all: newCoverage("")}
		for i := range n {
			id := int64(i + 1)
			for _, region := range [][]string{{"SG"}, {"SG", "VN"}, {""}}[i%3] {
				all = append(all, snapshot.ListRegion{ListID: id, Path: "ids.csv", Region: region, Rows: 12, Rejected: 2, New: id})
				if region != "" {
					listed.lists = append(listed.lists, snapshot.StateCount{ListID: id, Region: region, State: store.Done, Checks: id, Late: id % 2})
				}
			}
		}
		earlier, newest := all.shown()
		if shown := newest.count(); shown != int64(min(n, shownLists)) || len(earlier)+len(newest) != len(all) {
			t.Errorf("%d lists: %d are shown, and %d and %d of %d regions", n, shown, len(earlier), len(newest), len(all))
		}
		var sum, want listRow
		sum.states, want.states = newCoverage(""), newCoverage("")
		parted := all.parted(&listed)
		rows := parted.splitRows(&listed)
		for _, r := range rows {
			sum.New += r.New
			sum.states.plus(r.states)
		}
		for _, l := range all {
			if l.Region != "" {
				want.New += l.New
				want.states.plus(listed.ofList(l))
			}
		}
		if sum.New != want.New || sum.states.listed() != want.New || sum.states.late != want.states.late {
			t.Errorf("%d lists: rows of %d new IDs, %d by state, %d late; want %d, %d", n, sum.New, sum.states.listed(),
				sum.states.late, want.New, want.states.late)
		}
		if len(rows) > 2*shownLists+2 {
			t.Errorf("%d lists: %d rows", n, len(rows))
		}
	}
}

// TestParted: of many lists those are named that do not tie or of which something is missing, and no others.
func TestParted(t *testing.T) {
	var all lists
	listed := listing{regions: map[string]*coverage{}, all: newCoverage("")}
	for i := range int64(40) {
		all = append(all, snapshot.ListRegion{ListID: i, Path: "ids.csv", Region: "SG", Rows: 12, Rejected: 2, New: 10})
		listed.lists = append(listed.lists, snapshot.StateCount{ListID: i, Region: "SG", State: store.Done, Checks: 10})
	}
	all[3].Rows = 13
	listed.lists[7].Checks = 9
	listed.lists[9].State = store.Pending
	parted := all.parted(&listed)
	own := parted.own
	if len(own) != 3 || own[0].ListID != 3 || own[1].ListID != 7 || own[2].ListID != 9 || parted.others != 37 {
		t.Errorf("apart %v, %d together", own, parted.others)
	}
}
