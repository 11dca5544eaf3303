package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/record"
)

// world is one place of a database, and how many calls were made from it.
type world struct {
	t     *testing.T
	rng   *rand.Rand
	at    record.Paths
	calls int64
	known map[int64]bool // the calls that the database knows, or knows to be lost
	kept  []kept
}

// kept is an image of the database, and what it knows.
type kept struct {
	path  string
	known map[int64]bool
}

func newWorld(t *testing.T, seed uint64) *world {
	dir := t.TempDir()
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 1)), known: map[int64]bool{},
		at: record.Paths{Database: filepath.Join(dir, "liverecon.db"), Reports: filepath.Join(dir, "reports")}}
	check(t, os.Mkdir(w.at.Reports, 0o700))
	w.open(func(*store.Store) {})
	return w
}

// open works on the database as a verb of the program does that writes.
func (w *world) open(do func(*store.Store)) {
	w.t.Helper()
	s, err := store.Open(context.Background(), w.at.Database)
	check(w.t, err)
	check(w.t, s.Records().Keep(context.Background(), w.at, func(err error) { w.t.Log(err) }))
	do(s)
	check(w.t, s.Close())
}

// run makes calls, after some of which the database is copied, and may be cut off.
func (w *world) run(calls int) {
	w.open(func(s *store.Store) {
		rows := make([]store.ListedRow, calls)
		for i := range rows {
			rows[i] = rowOf(i+2, fmt.Sprintf("%016x", w.rng.Uint64()))
		}
		run, _ := take(w.t, s, rows[0].ID, rows...)
		j, err := s.Journal().Open(context.Background(), admitAll{}, 8)
		check(w.t, err)
		first := count(w.t, s.WriteDB(), "SELECT min(check_id) FROM checks WHERE list_id = (SELECT max(list_id) FROM lists)")
		for i := range rows {
			in := intentFor(run, first+int64(i), 1)
			id := begin(w.t, j, in)
			w.known[w.calls] = true
			w.calls++
			check(w.t, j.Finish(id, in, paid(in, 80))())
			if w.rng.IntN(3) == 0 {
				w.keep()
			}
		}
		check(w.t, j.Close())
		if w.rng.IntN(3) > 0 {
			check(w.t, s.Runs().Close(context.Background(), run, 0, "DONE", nil))
		}
	})
	w.keep()
}

func (w *world) keep() {
	w.kept = append(w.kept, kept{image(w.t, w.at.Database), maps.Clone(w.known)})
}

// putBack puts one of the images in the database's place, the records left where they are. It returns how many calls the
// image does not know of.
func (w *world) putBack(old kept) (lacks int64) {
	for _, suffix := range []string{"", "-wal", "-shm", ".spill"} {
		check(w.t, os.RemoveAll(w.at.Database+suffix))
		copyFile(w.t, old.path+suffix, w.at.Database+suffix)
	}
	w.known = maps.Clone(old.known)
	return w.calls - int64(len(w.known))
}

// TestEveryLossIsKnown: whichever copy is put in the database's place, with whatever was restored and done before, the records
// refuse it when it lacks a call, and none is said to be all that it lacks but the right number.
func TestEveryLossIsKnown(t *testing.T) {
	ctx := context.Background()
	exact, other := 0, 0
	for seed := range uint64(6) {
		w := newWorld(t, seed)
		w.run(3)
		for range 10 {
			if w.rng.IntN(2) == 0 {
				w.run(1 + w.rng.IntN(4))
				continue
			}
			lacks := w.putBack(w.kept[w.rng.IntN(len(w.kept))])
			s, err := store.Open(ctx, w.at.Database)
			check(t, err)
			loss, behind, err := s.Restorations().Loss(ctx, w.at)
			check(t, err)
			refused := errors.Is(s.Records().Check(ctx, w.at), store.ErrBehind)
			if refused != behind || lacks > 0 && !behind || loss.Counted && loss.Calls != lacks || loss.Calls > lacks {
				t.Fatalf("seed %d: it lacks %d calls; refused %v, %+v", seed, lacks, refused, loss)
			}
			if behind {
				if loss.Counted {
					exact++
				} else {
					other++
				}
				r := store.Restoration{At: time.Now(), By: "ann", LostFrom: time.UnixMilli(1), LostUntil: time.Now(), Calls: loss.Calls, Runs: -1}
				if loss.Counted {
					r.Runs = loss.Runs
				}
				r.RunID, _, err = s.Runs().Open(ctx, "test", true)
				check(t, err)
				if w.rng.IntN(4) == 0 { // cut short, and done again
					again, behind, err := s.Restorations().Loss(ctx, w.at)
					check(t, err)
					if !behind || again.Counted && again.Calls != loss.Calls || again.Calls > lacks {
						t.Fatalf("seed %d: cut short, %+v after %+v", seed, again, loss)
					}
				}
				_, _, _, err = s.Restorations().Restore(ctx, r, nil, store.Lacking{}, w.at)
				check(t, err)
				check(t, s.Runs().CloseRestoring(ctx, r.RunID, "RESTORED"))
				for c := range w.calls {
					w.known[c] = true
				}
			}
			check(t, s.Records().Keep(ctx, w.at, func(err error) { t.Log(err) }))
			check(t, s.Close())
			w.keep()
		}
	}
	if exact == 0 || other == 0 {
		t.Errorf("%d losses counted and %d not: nothing was tried", exact, other)
	}
}
