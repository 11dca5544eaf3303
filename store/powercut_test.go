package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// acknowledged holds what the journal has promised to be durable: calls by number, and whether their outcome is in.
type acknowledged struct {
	mu    sync.Mutex
	calls map[int64]bool
}

func (a *acknowledged) set(callID int64, finished bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls[callID] = finished
}

func (a *acknowledged) snapshot() map[int64]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	copied := make(map[int64]bool, len(a.calls))
	for id, finished := range a.calls {
		copied[id] = finished
	}
	return copied
}

// cut is one image of the disk with what had been promised before it was taken, and what the record said then.
type cut struct {
	dir     string
	promise map[int64]bool
	record  string // path, "" where it is not held against the image
}

// cutWorkers is how many calls are in flight at most when the power is cut.
const cutWorkers = 8

// cutPower drives calls through the journal of a new database, with pragma in force on its connection, and takes images
// of the disk as a power cut would leave it.
func cutPower(t *testing.T, pragma string, seed uint64) (cuts []cut) {
	t.Helper()
	const workers, perWorker = cutWorkers, 40
	dir := t.TempDir()
	d := newDisk(t, dir)
	s := openAt(t, filepath.Join(dir, "liverecon.db"))
	at := placesOf(t, s)
	check(t, s.Records().Keep(context.Background(), at, func(err error) { t.Error(err) }))
	runID := fill(t, s, workers*perWorker)
	j := journal(t, s, admitAll{})
	j.Checkpoint(40)
	check(t, j.Exec(pragma))
	rng := rand.New(rand.NewPCG(seed, 1))
	promised := &acknowledged{calls: map[int64]bool{}}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			handedOver := int64(0)
			for n := range perWorker {
				if w == 0 && n%2 == 1 {
					promise := promised.snapshot() // before the cut: the image must hold at least this
					record := filepath.Join(t.TempDir(), "liverecon.db.record")
					copyFile(t, at.Database+".record", record) // the system may have written it down, or not
					cuts = append(cuts, cut{d.cut(t, rng, []float64{0, 0.5, 1}[n/2%3]), promise, record})
				}
				in := intentFor(runID, int64(w*perWorker+n+1), 1)
				id, err := j.Begin(in)
				if err != nil {
					t.Error(err)
					return
				}
				if handedOver != 0 {
					promised.set(handedOver, true) // before this intent, so it is durable with it
					handedOver = 0
				}
				promised.set(id, false)
				durable := j.Finish(id, in, paid(in, 80))
				if n%3 == 0 {
					handedOver = id
					continue
				}
				if err := durable(); err != nil {
					t.Error(err)
					return
				}
				promised.set(id, true)
			}
		})
	}
	wg.Wait()
	return cuts
}

// missing opens what a power cut left, recovers it, audits it, and counts the promised events that are not there.
func missing(t *testing.T, c cut) (events int, err error) {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(c.dir, "liverecon.db")
	before := map[int64]bool{}
	raw := rawDB(t, path)
	rows, err := raw.Query("SELECT k.call_id, o.call_id IS NOT NULL FROM calls k LEFT JOIN outcomes o USING (call_id)")
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		var id int64
		var finished bool
		check(t, rows.Scan(&id, &finished))
		before[id] = finished
	}
	check(t, rows.Err())
	for id, finished := range c.promise {
		have, ok := before[id]
		if !ok || finished && !have {
			events++
		}
	}
	s := openAt(t, path)
	if err := s.Soundness().Check(ctx); err != nil {
		return events, err
	}
	copyFile(t, c.record, path+".record")
	if err := s.Records().Check(ctx, placesOf(t, s)); c.record != "" && err != nil {
		t.Errorf("a power cut left the record ahead: %v", err)
	}
	found, err := s.Journal().Recover(ctx)
	if err != nil {
		return events, err
	}
	if found.Orphaned > cutWorkers {
		t.Errorf("%d calls in doubt, %d were in flight", found.Orphaned, cutWorkers)
	}
	if err := s.Books().Audit(ctx); err != nil {
		return events, err
	}
	return events, s.Books().AuditRun(ctx, 1)
}

// TestPowerCut keeps the journal's word across a power cut: what Begin or Finish returned for is in the file.
func TestPowerCut(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			promised := 0
			for _, c := range cutPower(t, "PRAGMA synchronous", seed) { // which only asks
				lost, err := missing(t, c)
				if err != nil || lost > 0 {
					t.Errorf("%d of %d promised calls lost, %v", lost, len(c.promise), err)
				}
				promised += len(c.promise)
			}
			if promised == 0 {
				t.Error("no image was taken after a promise")
			}
		})
	}
}

// TestPowerCutNeedsFullSync shows that the images tell the difference: without a sync a commit, promises are lost.
func TestPowerCutNeedsFullSync(t *testing.T) {
	events := 0
	for _, c := range cutPower(t, "PRAGMA synchronous = NORMAL", 1) {
		c.record = ""
		lost, err := missing(t, c)
		if err != nil {
			t.Error(err) // NORMAL loses commits, it does not damage the file
		}
		events += lost
	}
	if events == 0 {
		t.Error("synchronous=NORMAL lost nothing: the power cut is not simulated")
	}
}

// TestFailedSyncIsNotTriedAgain lets one sync fail as Linux lets it: what it was to write is never written, though
// every process goes on to see it, and the next sync succeeds. The journal stops for that; the program is killed; and
// what the next one promises survives a power cut all the same.
func TestFailedSyncIsNotTriedAgain(t *testing.T) {
	for _, name := range []string{"liverecon.db-wal", "liverecon.db"} {
		t.Run(name, func(t *testing.T) {
			const checks = 400
			written, path := stoppedBySync(t, name, checks)
			again := newDisk(t, filepath.Dir(path))
			again.files = written
			s := openAt(t, path)
			_, err := s.Journal().Recover(context.Background())
			check(t, err)
			j := journal(t, s, admitAll{})
			promised := &acknowledged{calls: map[int64]bool{}}
			for c := int64(checks/2 + 1); c <= checks/2+20; c++ {
				in := intentFor(1, c, 1)
				id := begin(t, j, in)
				check(t, j.Finish(id, in, paid(in, 80))())
				promised.set(id, true)
			}
			lost, err := missing(t, cut{dir: again.cut(t, rand.New(rand.NewPCG(1, 1)), 0), promise: promised.snapshot()})
			if err != nil || lost > 0 {
				t.Errorf("%d of %d promised calls lost, %v", lost, len(promised.calls), err)
			}
		})
	}
}

// stoppedBySync makes calls until a sync of a file has failed once, and returns what is on the disk when the process is
// killed, and the database as the next one sees it.
func stoppedBySync(t *testing.T, file string, checks int) (written map[string]*diskFile, left string) {
	t.Helper()
	dir := t.TempDir()
	d := newDisk(t, dir)
	d.givesUp = true
	s, err := store.Open(context.Background(), filepath.Join(dir, "liverecon.db"))
	check(t, err)
	runID := fill(t, s, checks)
	j, err := s.Journal().Open(context.Background(), admitAll{}, 1)
	check(t, err)
	j.Checkpoint(20)
	failed := false
	for c := int64(1); c <= int64(checks)/2 && err == nil; c++ {
		if c == 30 {
			d.fail(func(op, name string) int32 {
				if op != "sync" || name != file || failed {
					return sqlite3.SQLITE_OK
				}
				failed = true
				return sqlite3.SQLITE_IOERR_FSYNC
			})
		}
		in := intentFor(runID, c, 1)
		var id int64
		if id, err = j.Begin(in); err == nil {
			err = j.Finish(id, in, paid(in, 80))()
		}
	}
	if !errors.Is(err, store.ErrJournalFailed) || !dbfile.IsIO(err) || !dbfile.IsIO(j.Err()) {
		t.Errorf("the journal did not stop for a failed sync: %v", err)
	}
	left, written = image(t, filepath.Join(dir, "liverecon.db")), map[string]*diskFile{}
	for name, f := range d.files {
		written[name] = &diskFile{durable: slices.Clone(f.durable)}
	}
	check(t, j.Close())
	check(t, s.Close())
	return written, left
}
