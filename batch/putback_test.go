package batch_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/batch/usage"
	"liverecon/store"
	"liverecon/store/record"
)

// playPutBacks is a history in which copies of the database, made after a night or in the midst of one, are put in its place
// in any order, while some of the lists are away. What a copy lacks is what its records say; the judge knows what all the
// others had.
func (h *history) playPutBacks() {
	h.records, h.budget, h.byHand, h.images, h.misplaced = true, 0, 0, "", 0
	h.caps = nil // an ID is asked again in each of the histories
	h.vendor.SetFaults(simulator.Faults{Probability: map[simulator.Fault]float64{simulator.ErrorFree: .05, simulator.Processing: .02,
		simulator.ResetAfter: .01, simulator.Truncated: .01, simulator.HTML502: .01, simulator.NotExist: .2}})
	h.growAt(time.Now())
	h.night(night{stopAfter: h.some(10 * time.Second)})
	h.keepCopy()
	for range 6 {
		time.Sleep(h.some(20 * time.Hour))
		switch h.rng.IntN(4) {
		case 0:
			h.growAt(time.Now())
			h.night(night{stopAfter: h.some(20 * time.Second)})
			h.keepCopy()
		case 1: // a copy of its midst
			h.growAt(time.Now())
			copied := make(chan struct{})
			go func() {
				time.Sleep(h.some(4 * time.Second))
				h.keepCopy()
				close(copied)
			}()
			h.night(night{stopAfter: 4*time.Second + h.some(6*time.Second)})
			<-copied
		default:
			h.putBackAny()
			h.night(night{stopAfter: h.some(20 * time.Second)})
		}
	}
	var sum batch.Summary
	for n := 0; n < 3 || n < 8 && h.pending(); n++ {
		sum = h.night(night{})
		time.Sleep(24 * time.Hour)
	}
	if h.pending() {
		h.t.Errorf("clean nights left work: %s", sum.Verdict)
	}
}

func (h *history) places() record.Paths {
	return record.Paths{Database: filepath.Join(h.dir, "liverecon.db"), Reports: h.dir}
}

func (h *history) keepRecords(s *store.Store) {
	if err := s.Records().Keep(context.Background(), h.places(), func(err error) { h.t.Log(err) }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) keepCopy() {
	h.copyDatabase(fmt.Sprint(".", h.copies))
	h.copies++
}

// putBackAny puts a copy in the place of the database, and takes it into use by what the records know.
func (h *history) putBackAny() {
	ctx := context.Background()
	h.others = append(h.others, h.readBooks())
	n := h.rng.IntN(h.copies)
	h.putBack(fmt.Sprint(".", n))
	s, err := store.Open(ctx, filepath.Join(h.dir, "liverecon.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			h.t.Error(err)
		}
	}()
	loss, behind, err := s.Restorations().Loss(ctx, h.places())
	if err != nil {
		h.t.Fatal(err)
	}
	if said := s.Records().Check(ctx, h.places()); (said != nil) != behind {
		h.t.Errorf("copy %d is behind: %v, and a run is told: %v", n, behind, said)
	}
	if !behind {
		h.t.Logf("copy %d lacks nothing", n)
		return
	}
	if !loss.Counted || !loss.Exact {
		h.t.Errorf("nobody knows what copy %d lacks: %+v", n, loss)
	}
	r := &batch.Restoring{By: "ann", Calls: loss.Calls, Known: loss.Calls, Runs: loss.Runs, Again: loss.Again, Ahead: loss.Ahead,
		Lag: max(loss.Until.Sub(loss.From), time.Second), From: loss.From, Until: loss.Until, ListsBefore: time.Now(), Records: h.places()}
	job := h.job(s)
	job.Lists = slices.DeleteFunc(slices.Clone(h.lists), func(string) bool { return h.rng.IntN(4) == 0 }) // these are back for the next night
	done, err := batch.Restore(ctx, job, r)
	if err == nil {
		_, err = s.Records().RemoveOthers(ctx, h.places())
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.keepRecords(s)
	h.t.Logf("copy %d lacks %d calls: %s", n, loss.Calls, done.Verdict)
}

// saidLost is how many calls the database says are lost.
func (h *history) saidLost(s *store.Store) (n int64) {
	all, err := s.Restorations().All(context.Background())
	if err != nil {
		h.t.Error(err)
	}
	for _, r := range all {
		n += r.Calls
	}
	return n
}

// lostBeside is how many calls count as paid at most for which no ID is held.
func (h *history) lostBeside(s *store.Store) int64 {
	spent, err := usage.Read(context.Background(), s, h.job(s).Prices, time.UTC, time.Now())
	if err != nil {
		h.t.Error(err)
		return 0
	}
	return spent.Lost().Calls
}
