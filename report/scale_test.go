package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/storetest"
)

// scaledEnd is the day after the last night of a scaled database.
func scaledEnd() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, reporttest.Singapore()) }

// scaled is a database with equal nights, one a day, the last on the day before scaledEnd.
func scaled(b *testing.B, nights, each int) *store.Store {
	b.Helper()
	ctx := context.Background()
	dir := *benchKeep
	if dir == "" {
		dir = b.TempDir()
	}
	path := filepath.Join(dir, fmt.Sprintf("%d-nights-of-%d.db", nights, each))
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = storetest.Scaled(ctx, path, scaledEnd(), nights, each)
	}
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(ctx, path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	if err := s.Books().RollUp(ctx, calendar.Calendar{Zone: reporttest.Singapore()}); err != nil {
		b.Fatal(err)
	}
	return s
}
