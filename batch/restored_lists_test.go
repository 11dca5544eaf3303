package batch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

var listLosses = flag.Int("list-losses", 30, "how many sequences TestListsOfALoss plays")

// TestListsOfALoss: lists are written, appended to, replaced, renamed, copied, touched, recompressed, taken away and brought
// back, before and after a copy of the database was made, and before and after it was taken into use. Nobody is asked for, and
// paid for, again who was asked in what the copy lacks; a list of new IDs that truly came afterwards is asked; and a preview
// foretells what is held. With records that holds whatever the times of files are; without, as long as a list that was away
// comes back with its own.
func TestListsOfALoss(t *testing.T) {
	for seed := range uint64(*listLosses) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { newListFiles(t, seed, dir).lose() })
		})
	}
}

// listFile is a list as it lies somewhere.
type listFile struct {
	name   string
	ids    []string
	packed bool
	at     time.Time
	fresh  bool // it came after the copy was taken into use, and nothing was done to it since
	honest bool // it was away then, and no record knows it: it keeps its time and its IDs
}

// listFiles is a directory of lists, and one where they are away.
type listFiles struct {
	*history
	records  bool
	restored bool
	ids      int // used so far
	names    int
	here     []*listFile
	away     []*listFile
	mustAsk  map[string]bool
}

func newListFiles(t *testing.T, seed uint64, dir string) *listFiles {
	h := quietHistory(t, dir, simulator.Config{Seed: seed, Latency: 5 * time.Millisecond, Balance: -1})
	h.rng = rand.New(rand.NewPCG(seed, 3))
	f := &listFiles{history: h, records: seed%3 > 0, mustAsk: map[string]bool{}}
	h.records = f.records
	return f
}

func (f *listFiles) path(l *listFile) string {
	return filepath.Join(f.dir, l.name+".csv"+map[bool]string{true: ".gz"}[l.packed])
}

// lay writes a list, and gives it its time.
func (f *listFiles) lay(l *listFile) {
	var text bytes.Buffer
	text.WriteString("signatureId,region\n" + strings.Join(l.ids, ",ID\n") + ",ID\n")
	if l.packed {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := w.Write(text.Bytes())
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			f.t.Fatal(err)
		}
		text = packed
	}
	err := os.WriteFile(f.path(l), text.Bytes(), 0o600)
	if err == nil {
		err = os.Chtimes(f.path(l), l.at, l.at)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *listFiles) remove(l *listFile) {
	if err := os.Remove(f.path(l)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *listFiles) more(n int) (ids []string) {
	for range n {
		f.ids++
		ids = append(ids, fmt.Sprintf("e%07x%08x", f.rng.Uint32()>>4, f.ids))
	}
	return ids
}

func (f *listFiles) newName() string {
	f.names++
	return fmt.Sprintf("n%03d", f.names)
}

// fresh writes a list of new IDs.
func (f *listFiles) fresh() {
	time.Sleep(f.some(time.Second))
	l := &listFile{name: f.newName(), ids: f.more(2 + f.rng.IntN(6)), packed: f.rng.IntN(4) == 0, at: time.Now(), fresh: f.restored}
	f.lay(l)
	f.here = append(f.here, l)
	f.t.Logf("%s is new: %v", l.name, l.ids)
}

// anyTime is now, the time before, one of the past, or one to come.
func (f *listFiles) anyTime(was time.Time) time.Time {
	switch f.rng.IntN(6) {
	case 0, 1:
		return was
	case 2:
		return time.Now().Add(-f.some(72 * time.Hour))
	case 3:
		return time.Now().Add(f.some(30 * time.Hour))
	}
	return time.Now()
}

// change does something to the lists that are here, or away.
func (f *listFiles) change() {
	time.Sleep(f.some(time.Minute))
	what := f.rng.IntN(9)
	if what == 0 || len(f.here) == 0 && len(f.away) == 0 {
		f.fresh()
		return
	}
	if len(f.here) == 0 || what == 1 && len(f.away) > 0 {
		f.back()
		return
	}
	i := f.rng.IntN(len(f.here))
	l := f.here[i]
	at := f.anyTime(l.at)
	if l.honest {
		at, what = l.at, []int{2, 4, 5, 7}[f.rng.IntN(4)]
	}
	l.fresh = false
	switch what {
	case 1, 2:
		f.remove(l)
		f.here, f.away = slices.Delete(f.here, i, i+1), append(f.away, l)
		f.t.Logf("%s goes away", l.name)
		return
	case 3:
		l.ids, l.at = append(slices.Clone(l.ids), f.more(1+f.rng.IntN(3))...), at
	case 4: // a copy
		other := &listFile{f.newName(), l.ids, l.packed, at, false, l.honest}
		f.lay(other)
		f.here = append(f.here, other)
		f.t.Logf("%s is a copy of %s, of %v", other.name, l.name, at)
		return
	case 5:
		f.remove(l)
		l.name = f.newName()
	case 6:
		l.ids, l.at = f.more(1+f.rng.IntN(5)), at
	case 7:
		f.remove(l)
		l.packed, l.at = !l.packed, at
	default:
		l.at = at
	}
	f.lay(l)
	f.t.Logf("%d: %s, packed %v, of %v: %v", what, l.name, l.packed, l.at, l.ids)
}

// back brings a list back, with its own time or another, perhaps under another name.
func (f *listFiles) back() {
	i := f.rng.IntN(len(f.away))
	l := f.away[i]
	f.away = slices.Delete(f.away, i, i+1)
	if !l.honest {
		l.at = f.anyTime(l.at)
	}
	if f.rng.IntN(3) == 0 || slices.ContainsFunc(f.here, func(o *listFile) bool { return f.path(o) == f.path(l) }) {
		l.name = f.newName()
	}
	if !l.honest && f.rng.IntN(3) == 0 {
		l.ids = append(f.more(2), l.ids...)
	}
	f.lay(l)
	f.here = append(f.here, l)
	f.t.Logf("%s is back, of %v: %v", l.name, l.at, l.ids)
}

// run is a night in which everything is asked that is open. A list that came after the copy was taken into use is to be
// asked in it.
func (f *listFiles) run() {
	time.Sleep(f.some(time.Hour))
	f.with(func(s *store.Store) {
		if f.records {
			f.keepRecords(s)
		}
		plan, err := batch.Preview(f.t.Context(), f.job(s))
		if err != nil {
			f.t.Fatal(err)
		}
		sum, err := batch.Run(f.t.Context(), f.job(s))
		if err != nil {
			f.t.Fatal(err)
		}
		f.t.Logf("night: %s", sum.Verdict)
		if want := plan.Held.IDs; sum.Held.IDs != want {
			f.t.Errorf("the plan foretold %d held IDs, and %d are: %s", want, sum.Held.IDs, sum.Verdict)
		}
	})
	asked, charged := map[string]bool{}, map[string]int{}
	for _, e := range f.vendor.Entries() {
		asked[e.ID] = true
		if !e.Token && e.Charged {
			charged[e.ID]++
		}
	}
	for _, l := range f.here {
		if l.fresh {
			for _, id := range l.ids {
				f.mustAsk[id] = true
			}
		}
		l.fresh = false
	}
	for id, n := range charged {
		if n > 1 {
			f.t.Fatalf("%s was paid for %d times", id, n)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.mustAsk)) {
		if !asked[id] {
			f.t.Fatalf("%s came after the copy was taken into use, and is not asked", id)
		}
	}
}

func (f *listFiles) with(do func(*store.Store)) {
	f.lists = nil
	for _, l := range f.here {
		f.lists = append(f.lists, f.path(l))
	}
	slices.Sort(f.lists)
	s, err := store.Open(context.Background(), filepath.Join(f.dir, "liverecon.db"))
	if err != nil {
		f.t.Fatal(err)
	}
	do(s)
	if err := s.Close(); err != nil {
		f.t.Fatal(err)
	}
}

func (f *listFiles) changes(most int) {
	for range f.rng.IntN(most + 1) {
		f.change()
	}
}

// lose copies the database, loses what is done then, goes on with the copy, and brings all lists back.
func (f *listFiles) lose() {
	f.t.Logf("records: %v", f.records)
	f.fresh()
	for range 2 {
		f.changes(4)
		f.run()
	}
	f.copyDatabase(".copy")
	copied := time.Now()
	for range 1 + f.rng.IntN(3) {
		f.fresh()
		f.changes(5)
		f.run()
	}
	f.changes(4)
	f.putBack(".copy")
	f.takeIntoUse(copied)
	for range 4 {
		f.changes(6)
		if f.rng.IntN(2) == 0 {
			f.fresh()
		}
		f.run()
	}
	for len(f.away) > 0 {
		f.back()
	}
	f.run()
}

// takeIntoUse does what the records say, or goes by a lag.
func (f *listFiles) takeIntoUse(copied time.Time) {
	f.restored = true
	now := time.Now()
	r := &batch.Restoring{By: "ann", Lag: time.Hour, Calls: -1, From: copied, Until: now, ListsBefore: now, Records: f.places()}
	f.with(func(s *store.Store) {
		loss, behind, err := s.Restorations().Loss(context.Background(), f.places())
		if err != nil {
			f.t.Fatal(err)
		}
		if behind != f.records {
			f.t.Fatalf("the copy is behind: %v", behind)
		}
		if behind {
			r.Calls, r.Known, r.Runs, r.Again, r.Ahead = loss.Calls, loss.Calls, loss.Runs, loss.Again, loss.Ahead
			r.Lag, r.From, r.Until = max(loss.Until.Sub(loss.From), time.Second), loss.From, loss.Until
		} else {
			for _, l := range f.away {
				l.honest = true
			}
		}
		foretold, err := batch.PreviewRestore(context.Background(), f.job(s), r)
		if err != nil {
			f.t.Fatal(err)
		}
		done, err := batch.Restore(context.Background(), f.job(s), r)
		if err != nil {
			f.t.Fatal(err)
		}
		if foretold.Total.IDs != done.Total.IDs {
			f.t.Errorf("foretold are %d, held %d", foretold.Total.IDs, done.Total.IDs)
		}
		f.t.Logf("%s", done.Verdict)
		if f.records {
			f.keepRecords(s)
		}
	})
}

// TestWaitingRowOfALoss: the last row of a list has no line end, and was asked in what the copy lacks, since the list stayed as
// it was. Once the list has grown after the copy was taken into use that row is held with what came with it.
func TestWaitingRowOfALoss(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := newListFiles(t, 0, dir) // no records
		f.fresh()
		f.run()
		f.copyDatabase(".copy")
		copied := time.Now()
		time.Sleep(time.Minute)
		put := func(text string) {
			l := &listFile{name: "waits", at: time.Now()}
			err := os.WriteFile(f.path(l), []byte(text), 0o600)
			if err == nil {
				err = os.Chtimes(f.path(l), l.at, l.at)
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(f.here) == 1 {
				f.here = append(f.here, l)
			}
		}
		const whole = "signatureId,region\ne00000010000000a,ID\ne00000010000000b,ID"
		put(whole)
		f.run()
		f.run()
		if n := len(f.vendor.Entries()); n < 3 {
			t.Fatalf("%d calls: the last row still waits", n)
		}
		f.putBack(".copy")
		f.takeIntoUse(copied)
		time.Sleep(time.Minute)
		put(whole + "\ne00000010000000c,ID\n")
		f.run()
	})
}
