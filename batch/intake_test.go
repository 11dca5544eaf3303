package batch_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
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
		rejected int
		again    bool
	}{
		{"all rows were taken", "ids_PH.csv", "PH", 0, false},
		{"rows were rejected", "ids_PH.csv", "PH", 1, true},
		{"the region of its name is another", "ids_to_check_PH.csv", "", 0, true},
		{"its word is no country", "PH_to_check_MAR.csv", "", 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				path := h.put(test.list, "signatureId,region\nf302f5d2454a85c2,ID\na1b2c3d4e5f60718,NULL\n")
				h.night(night{})
				calls := len(h.calls())
				s := h.open()
				fingerprint, err := h.job(s).EarlierFingerprint(path, test.region)
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
				for range 2 {
					time.Sleep(24 * time.Hour)
					h.night(night{})
					if n := h.readTimes(); n != want || len(h.calls()) != calls {
						t.Errorf("lists read %d times, want %d; %d calls, want %d", n, want, len(h.calls()), calls)
					}
				}
			})
		})
	}
}

// TestCutOffRowWaits: the last row of a list that is still being written is asked when a later run finds it unchanged, or
// whole.
func TestCutOffRowWaits(t *testing.T) {
	for _, whole := range []bool{false, true} {
		t.Run(fmt.Sprint("grows ", whole), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				text := "signatureId,region\nf302f5d2454a85c2,ID\na1b2c3d4e5f60718"
				h.put("ids_ID.csv", text)
				if sum := h.night(night{}); sum.Answered != 1 || sum.Rejected != 0 {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
				if whole {
					h.put("ids_ID.csv", text+",ID\n")
				}
				time.Sleep(24 * time.Hour)
				sum := h.night(night{})
				if want := map[bool]int64{true: 1}[whole]; sum.Answered != want || sum.Rejected != 1-want {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
				time.Sleep(24 * time.Hour)
				if sum := h.night(night{}); sum.Answered != 0 || sum.Rejected != 0 || sum.ExitCode != batch.ExitDone {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
			})
		})
	}
}
