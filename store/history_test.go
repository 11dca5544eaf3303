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
	state
	lists int // that were read in any history
	kept  []kept
}

// state holds what the database knows, or knows to be lost.
type state struct {
	known   map[int64]bool // calls
	read    map[int]bool   // lists
	guesses int            // restorations of which somebody else said how much was lost
}

func (s state) clone() state { return state{maps.Clone(s.known), maps.Clone(s.read), s.guesses} }

// kept is an image of the database, and what it knows.
type kept struct {
	path string
	state
}

func newWorld(t *testing.T, seed uint64) *world {
	dir := t.TempDir()
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 1)), state: state{map[int64]bool{}, map[int]bool{}, 0},
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

// run reads a list and makes calls, after some of which the database is copied, and may be cut off, or killed: then
// neither it nor the records are brought up to date any more.
func (w *world) run(calls int) {
	var killed func()
	w.open(func(s *store.Store) {
		rows := make([]store.ListedRow, calls)
		for i := range rows {
			rows[i] = rowOf(i+2, fmt.Sprintf("%016x", w.rng.Uint64()))
		}
		run, _ := take(w.t, s, fmt.Sprint(w.lists), rows...)
		w.read[w.lists] = true
		w.lists++
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
			if w.rng.IntN(12) == 0 {
				killed = w.still()
				break
			}
		}
		check(w.t, j.Close())
		if w.rng.IntN(3) > 0 {
			check(w.t, s.Runs().Close(context.Background(), run, 0, "DONE", nil))
		}
	})
	if killed != nil {
		killed()
	}
	w.keep()
}

// still takes database and records as they are now, and returns what puts them back.
func (w *world) still() func() {
	found := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(w.at.Reports, ".liverecon-*"))
	check(w.t, err)
	for _, path := range append(paths, w.at.Database+".record") {
		found[path] = filepath.Join(w.t.TempDir(), filepath.Base(path))
		copyFile(w.t, path, found[path])
	}
	database := image(w.t, w.at.Database)
	return func() {
		for path, copied := range found {
			check(w.t, os.RemoveAll(path))
			copyFile(w.t, copied, path)
		}
		w.place(database)
	}
}

func (w *world) keep() {
	w.kept = append(w.kept, kept{image(w.t, w.at.Database), w.clone()})
}

func (w *world) place(path string) {
	for _, suffix := range []string{"", "-wal", "-shm", ".spill"} {
		check(w.t, os.RemoveAll(w.at.Database+suffix))
		copyFile(w.t, path+suffix, w.at.Database+suffix)
	}
}

// putBack puts one of the images in the database's place, the records left where they are. It returns how many calls
// the image does not know of.
func (w *world) putBack(old kept) (lacks int64) {
	w.place(old.path)
	w.state = old.clone()
	return w.calls - int64(len(w.known))
}

// TestEveryLossIsKnown: whichever copy is put in the database's place, with whatever was restored and done before, the
// records know how many calls it lacks, neither more nor fewer, and refuse it; that these are all they do not say where
// somebody else said how much was lost before. A list that any history has read, and this one has not, is held by its
// name.
func TestEveryLossIsKnown(t *testing.T) {
	ctx := context.Background()
	exact, other, missing := 0, 0, 0
	for seed := range uint64(6) {
		w, guesses := newWorld(t, seed), 0
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
			if refused != behind || lacks > 0 && !behind || loss.Calls != lacks || behind && loss.Counted != (w.guesses == guesses) {
				t.Fatalf("seed %d: it lacks %d calls and %d guesses; refused %v, %+v", seed, lacks, guesses-w.guesses, refused, loss)
			}
			if behind {
				r := store.Restoration{At: time.Now(), By: "ann", LostFrom: time.UnixMilli(1), LostUntil: time.Now(), Calls: loss.Calls, Runs: loss.Runs}
				if loss.Counted {
					exact++
				} else {
					other++
				}
				if w.guesses = guesses; !loss.Counted || w.rng.IntN(4) == 0 {
					guesses++
					w.guesses, r.Runs = guesses, -1
				}
				r.RunID, _, err = s.Runs().Open(ctx, "test", true)
				check(t, err)
				if w.rng.IntN(4) == 0 { // cut short, and done again
					again, behind, err := s.Restorations().Loss(ctx, w.at)
					check(t, err)
					if !behind || again.Counted != loss.Counted || again.Calls != lacks {
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
			rule, err := s.Lists().Rule(ctx)
			check(t, err)
			for n := range w.lists {
				if !w.read[n] {
					missing++
				}
				if held := rule.Names.Named(listOf(fmt.Sprint(n)).Path); held == w.read[n] {
					t.Fatalf("seed %d: list %d of %d was read here %v, and is held %v", seed, n, w.lists, w.read[n], held)
				}
			}
			check(t, s.Close())
			w.keep()
		}
	}
	if exact == 0 || other == 0 || missing == 0 {
		t.Errorf("%d losses counted and %d not, %d lists missing: nothing was tried", exact, other, missing)
	}
}
