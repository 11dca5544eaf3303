package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/dbfile"
)

func TestCheckedAt(t *testing.T) {
	ctx := t.Context()
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "t.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if at, err := s.Soundness().LastCheck(ctx); err != nil || !at.IsZero() {
		t.Fatalf("never checked: %v, %v", at, err)
	}
	for _, want := range []time.Time{time.UnixMilli(1_760_000_000_000), time.UnixMilli(1_770_000_000_000)} {
		if err := s.Soundness().Remember(ctx, want); err != nil {
			t.Fatal(err)
		}
		if at, err := s.Soundness().LastCheck(ctx); err != nil || !at.Equal(want) {
			t.Fatalf("checked at %v, %v, want %v", at, err, want)
		}
	}
}

func TestIsCorrupt(t *testing.T) {
	if !dbfile.IsCorrupt(fmt.Errorf("x: %w", dbfile.ErrCorrupt)) || dbfile.IsCorrupt(errors.New("x")) || dbfile.IsCorrupt(nil) {
		t.Error("ErrCorrupt is damage, any other error is not")
	}
}
