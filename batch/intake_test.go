package batch_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/judge"
	"liverecon/batch/liveness/simulator"
	"liverecon/batch/rejects"
	"liverecon/store"
)

// put writes the one list of a history.
func (h *history) put(name, text string) string {
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.lists = []string{path}
	return path
}

// planSays reports whether a note of a plan about a list has some words.
func (h *history) planSays(words string) bool {
	s, err := store.OpenReader(h.t.Context(), filepath.Join(h.dir, "liverecon.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	plan, err := batch.Preview(h.t.Context(), h.job(s))
	if err := errors.Join(err, s.Close()); err != nil {
		h.t.Fatal(err)
	}
	return slices.ContainsFunc(plan.Words, func(w rejects.Word) bool { return strings.Contains(strings.Join(w.Notes, "\n"), words) })
}

// readTimes is how often lists were read.
func (h *history) readTimes() (n int) {
	h.raw(func(db *sql.DB) error { return db.QueryRow("SELECT count(*) FROM lists").Scan(&n) })
	return n
}

// TestListsOfEarlierRules: a list that an earlier rule read is read again where rows of it were rejected or its region is
// another now, once, and none of its IDs is asked again.
func TestListsOfEarlierRules(t *testing.T) {
	for _, test := range []struct {
		name     string
		list     string // its name
		region   string // that the earlier rule took from it
		rule     int
		rejected int
		again    bool
	}{
		{"all rows were taken", "ids_PH.csv", "PH", 1, 0, false},
		{"rows were rejected", "ids_PH.csv", "PH", 1, 1, true},
		{"the region of its name is another", "ids_to_check_PH.csv", "", 1, 0, true},
		{"its word is no country", "PH_to_check_MAR.csv", "", 1, 0, true},
		{"its code is a word of the trade", "PT_BANK_XYZ.csv", "PT", 2, 0, true},
		{"a later rule took it", "PT_BANK_XYZ.csv", "", 2, 0, false},
		{"its code became a word since", "BD_2026.csv", "BD", 2, 0, true},
		{"by a word it had two countries", "NIC_ids_PH.csv", "", 2, 0, true},
		{"a point was no separator", "ids_2026.11.PH.csv", "", 2, 0, true},
		{"today's rule knew fewer words", "NPL_PH.csv", "NP", 3, 0, true},
		{"rows were rejected by the last rule", "ids_PH.csv", "PH", 2, 1, true},
		{"the last rule took it", "ids_PH.csv", "PH", 2, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				h.fallback = "ID"
				path := h.put(test.list, "signatureId,region\nf302f5d2454a85c2,ID\na1b2c3d4e5f60718,NULL\n")
				h.night(night{})
				calls := len(h.calls())
				s := h.open()
				fingerprint, err := h.job(s).EarlierFingerprint(path, test.region, test.rule)
				if err != nil || s.Close() != nil {
					t.Fatal(err)
				}
				h.raw(func(db *sql.DB) error {
					_, err := db.Exec("UPDATE lists SET fingerprint = ?, rejected = ?, rows = rows + ?", fingerprint, test.rejected, test.rejected)
					return err
				})
				want := 1
				if test.again {
					want = 2
				}
				if said := h.planSays("by an earlier rule its name gave "); said != (test.again && test.rejected == 0) {
					t.Errorf("the plan says that the region is another: %v", said)
				}
				for range 2 {
					time.Sleep(24 * time.Hour)
					h.night(night{})
					if n := h.readTimes(); n != want || len(h.calls()) != calls {
						t.Errorf("lists read %d times, want %d; %d calls, want %d", n, want, len(h.calls()), calls)
					}
					if h.planSays("by an earlier rule") {
						t.Error("it is said again")
					}
				}
			})
		})
	}
}

// TestCutOffRowWaits: the last row of a list that is still being written waits, and is no rejected row, until a later run
// finds it whole, and asks it, or unchanged, and rejects it: then every run says so while the list is there.
func TestCutOffRowWaits(t *testing.T) {
	for _, whole := range []bool{false, true} {
		t.Run(fmt.Sprint("grows ", whole), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				text := "signatureId,region\nf302f5d2454a85c2,ID\na1b2c3d4e5f60718"
				h.put("ids_ID.csv", text)
				if sum := h.night(night{}); sum.Answered != 1 || sum.Rejected != 0 || sum.ExitCode != batch.ExitDone {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
				if whole {
					h.put("ids_ID.csv", text+",ID\n")
				}
				time.Sleep(24 * time.Hour)
				sum := h.night(night{})
				code := map[bool]int{true: batch.ExitDone, false: batch.ExitRejected}[whole]
				if want := map[bool]int64{true: 1}[whole]; sum.Answered != want || sum.Rejected != 1-want || sum.ExitCode != code {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
				time.Sleep(24 * time.Hour)
				if sum := h.night(night{}); sum.Answered != 0 || sum.Rejected != 0 || sum.ExitCode != code {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
			})
		})
	}
}

// TestRedirect: an ID that was asked in the wrong place and is absent there is asked where it belongs, once; the call that
// was made stays.
func TestRedirect(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		const id, kept = "f302f5d2454a85c2", "a1b2c3d4e5f60718"
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.endpoints = []string{"id", "ph"}
		h.caps = map[store.Reason]judge.Cap{store.ReasonMisplaced: {PerRun: 1}}
		h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: simulator.NotExist}})
		h.put("ids.csv", "signatureId,region\n"+id+",ID\n"+kept+",ID\n")
		h.night(night{})
		h.vendor.SetFaults(simulator.Faults{})
		moves := []store.Move{{Hash: store.HashID("signatureId", kept), Region: "PH", Endpoint: "ph"}, {Hash: store.HashID("signatureId", id), Region: "PH", Endpoint: "ph"}}
		moves = append(moves, moves...)
		redirect := func(limit, want int64) {
			s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
			if err != nil {
				t.Fatal(err)
			}
			found, err := s.Checks().Misplaced(t.Context(), moves, limit)
			n, err2 := s.Checks().Redirect(t.Context(), moves, limit, time.Now())
			if err := errors.Join(err, err2, s.Close()); err != nil || n != want || len(found) != int(want) {
				t.Errorf("moved %d, %v, %v; want %d", n, found, err, want)
			}
		}
		redirect(0, 0)
		redirect(5, 1)
		time.Sleep(24 * time.Hour)
		if sum := h.night(night{}); sum.Answered != 1 || sum.ExitCode != batch.ExitDone {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		calls := h.callsFor(id)
		if len(calls) != 2 || calls[0].Endpoint != "id" || calls[0].Region != "ID" || calls[1].Endpoint != "ph" || calls[1].Region != "PH" ||
			calls[1].Reason != store.ReasonMisplaced {
			t.Errorf("calls %+v", calls)
		}
		h.raw(func(db *sql.DB) error {
			_, err := db.Exec("UPDATE checks SET state = 'absent' WHERE endpoint = 'ph'")
			return err
		})
		moves[1].Region, moves[1].Endpoint = "ID", "id"
		redirect(5, 0) // id was asked already
	})
}

// TestListMoves: IDs that are absent where they were asked are asked where a later list says, as many as a run may move,
// and nowhere twice; a list whose region is a guess moves none. A plan says so before.
func TestListMoves(t *testing.T) {
	const one, two, kept = "f302f5d2454a85c2", "f302f5d2454a85c3", "a1b2c3d4e5f60718"
	body := func(region string) string {
		return kept + "," + region + "\n" + one + "," + region + "\n" + two + "," + region + "\n"
	}
	rows := func(region string) string { return "signatureId,region\n" + body(region) }
	for _, test := range []struct {
		name    string
		first   string // region of the list before
		list    string
		text    string
		limit   int64
		moved   int64
		verdict string
	}{
		{"by the column", "ID", "later.csv", rows("PH"), 500, 2, "2 IDs absent elsewhere, asked where listed"},
		{"by its name", "ID", "ids_PH_later.csv", "signatureId\n" + two + "\n" + one + "\n" + one + "\n", 500, 2, "2 IDs absent elsewhere, asked where listed"},
		{"no more than the limit", "ID", "later.csv", rows("PH"), 1, 1, "1 ID absent elsewhere, asked where listed"},
		{"none", "ID", "later.csv", rows("PH"), 0, 0, "nothing to do, no call was made"},
		{"by a firm code beside words", "ID", "to_ID_my_PH_mar.csv", "signatureId\n" + two + "\n", 500, 1, "1 ID absent elsewhere, asked where listed"},
		{"not by a word", "PH", "check_ID.csv", "signatureId\n" + two + "\n", 500, 0, "nothing to do, no call was made"},
		{"not by the default", "ID", "monthly_check.csv", "signatureId\n" + two + "\n" + one + "\n", 500, 0, "nothing to do, no call was made"},
		{"not by the default beside a column", "ID", "monthly.csv", "signatureId,region\n" + two + ",\n" + one + ",PH\n", 500, 1,
			"1 ID absent elsewhere, asked where listed"},
		{"not in the same place", "ID", "later.csv", rows("ID") + body("ID"), 500, 0, "nothing to do, no call was made"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				h.endpoints, h.misplaced = []string{"id", "ph"}, test.limit
				if !strings.Contains(test.list, "check_ID") { // whose word counts where there is no default
					h.fallback = "PH"
				}
				h.caps = map[store.Reason]judge.Cap{store.ReasonMisplaced: {PerRun: int(max(test.limit, 1)), PerID: 1}}
				h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{one: simulator.NotExist, two: simulator.NotExist}})
				h.put("ids.csv", rows(test.first))
				h.night(night{})
				h.put(test.list, test.text)
				s, err := store.OpenReader(t.Context(), filepath.Join(dir, "liverecon.db"))
				if err != nil {
					t.Fatal(err)
				}
				plan, err := batch.Preview(t.Context(), h.job(s))
				if err := errors.Join(err, s.Close()); err != nil {
					t.Fatal(err)
				}
				if plan.Open() != test.moved || plan.Read[0].Moved != test.moved {
					t.Errorf("planned %d, moved %+v; want %d", plan.Open(), plan.Read[0], test.moved)
				}
				time.Sleep(24 * time.Hour)
				sum := h.night(night{})
				if sum.Misplaced != test.moved || !strings.Contains(sum.Verdict, test.verdict) ||
					sum.Lists[0].Moved != plan.Read[0].Moved || sum.Lists[0].Unmoved != plan.Read[0].Unmoved {
					t.Errorf("moved %d (%+v, planned %+v), %s", sum.Misplaced, sum.Lists[0], plan.Read[0], sum.Verdict)
				}
				h.put("back.csv", rows("ID")+body("PH"))
				time.Sleep(24 * time.Hour)
				if sum := h.night(night{}); sum.Calls > 2-test.moved && test.limit > 0 {
					t.Errorf("asked again where it was asked: %s", sum.Verdict)
				}
				for _, k := range h.calls() {
					if want := map[bool]store.Reason{false: store.ReasonFirst, true: store.ReasonMisplaced}[!strings.EqualFold(k.Endpoint, test.first)]; k.Reason != want {
						t.Errorf("call %+v", k)
					}
				}
			})
		})
	}
}
