package batch_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness/simulator"
)

// TestGivenRegionIsAsked: an ID that two lists of a night name, one by default, is asked where the other says, whichever is
// read first.
func TestGivenRegionIsAsked(t *testing.T) {
	for _, defaulted := range []string{"a.csv", "z.csv"} {
		t.Run(defaulted, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				h.endpoints, h.fallback = []string{"id", "ph"}, "ID"
				lists := []string{h.put(defaulted, "signatureId\nf302f5d2454a85c2\n"), h.put("ids_PH.csv", "signatureId\nf302f5d2454a85c2\n")}
				if defaulted == "z.csv" {
					lists[0], lists[1] = lists[1], lists[0]
				}
				h.lists = lists
				sum := h.night(night{})
				if calls := h.calls(); len(calls) != 1 || calls[0].Endpoint != "ph" {
					t.Errorf("calls %+v", calls)
				}
				if strings.Contains(sum.Verdict, "region") {
					t.Errorf("verdict %q", sum.Verdict)
				}
				time.Sleep(24 * time.Hour)
				h.night(night{})
				if n := h.readTimes(); n != 2 {
					t.Errorf("lists were read %d times, want each once", n)
				}
			})
		})
	}
}

// TestContradictingListIsLookedAtAgain: a list with another region than that of an ID that is still to be asked is said
// to contradict, and looked at again each night: the ID turns out to be absent where it was asked, and is asked where
// that list says. Then the list has said its word.
func TestContradictingListIsLookedAtAgain(t *testing.T) {
	const id, word = "f302f5d2454a85c2", "1 row gives another region than one before (ids_PH.csv, line 2: PH, before ID)"
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.endpoints, h.misplaced = []string{"id", "ph"}, 5
		before := 0
		asked := func(fault simulator.Fault, contradicts bool, where ...string) {
			t.Helper()
			h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: fault}})
			sum := h.night(night{})
			if strings.Contains(sum.Verdict, word) != contradicts {
				t.Errorf("verdict %q, want a contradiction: %v", sum.Verdict, contradicts)
			}
			all := h.calls()
			calls := all[before:]
			before = len(all)
			for i, c := range calls {
				if c.Endpoint != where[min(i, len(where)-1)] {
					t.Errorf("asked at %s, want %s", c.Endpoint, where)
				}
			}
			if (len(calls) > 0) != (len(where) > 0) {
				t.Errorf("%d calls, want some at %s", len(calls), where)
			}
			time.Sleep(24 * time.Hour)
		}
		first := h.put("first.csv", "signatureId,region\n"+id+",ID\n")
		asked(simulator.ErrorFree, false, "id")
		h.lists = append(h.lists, h.put("ids_PH.csv", "signatureId\n"+id+"\n"))
		h.lists = []string{first, h.lists[0]}
		asked(simulator.ErrorFree, true, "id")
		asked(simulator.NotExist, true, "id")
		asked("", false, "ph")
		asked("", false)
		if n := h.readTimes(); n != 4 {
			t.Errorf("lists were read %d times, want the first once, and the second until it said its word", n)
		}
	})
}
