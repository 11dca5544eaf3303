package record

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Hashes are kept once each, in the order they came, whatever entries are written beside them; a torn line costs itself
// alone and is written over.
func TestErasedAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "l.db.record")
	rng := rand.New(rand.NewPCG(1, 2))
	var want []Erased
	for round := range 40 {
		f, err := Open(path, Entry{Identity: "x", Marks: Marks{Erasure: int64(len(want))}})
		if err != nil {
			t.Fatal(err)
		}
		adding := slices.Clone(want[:rng.IntN(len(want)+1)])
		for range rng.IntN(3) {
			var e Erased
			for i := range e {
				e[i] = byte(rng.Uint32())
			}
			adding, want = append(adding, e, e), append(want, e)
		}
		if err := f.AddErased(adding); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadErased(path); err != nil || !slices.Equal(got, want) {
			t.Fatalf("round %d: %x, %v, want %x", round, got, err, want)
		}
		if e, err := Read(path); err != nil || e.Identity != "x" {
			t.Fatalf("round %d: the entry is %+v, %v", round, e, err)
		}
		if info, err := os.Stat(path); err != nil || len(want) == 0 || round%3 > 0 {
			continue
		} else if err := os.Truncate(path, info.Size()-1-int64(rng.IntN(erasedSize))); err != nil {
			t.Fatal(err)
		}
		want = want[:len(want)-1]
	}
}

// A purge is told from the hashes of IDs, and kept to the millisecond.
func TestPurgedBefore(t *testing.T) {
	cutoff := time.Date(2026, 11, 30, 1, 2, 3, 456_000_000, time.UTC)
	if got, ok := PurgedBefore(cutoff).Cutoff(); !ok || !got.Equal(cutoff) {
		t.Errorf("got %v, %v", got, ok)
	}
	if _, ok := (Erased{'p', 'u', 'r', 'g', 'e'}).Cutoff(); ok {
		t.Error("a hash is taken for a purge")
	}
}
