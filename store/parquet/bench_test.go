package parquet

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/storetest"
)

var (
	exportedRows = flag.Int("exported", 60_000, "rows of BenchmarkExport, of calls and of checks half each")
	exportedKeep = flag.String("keep", "", "directory where the database of BenchmarkExport stays")
)

// BenchmarkExport writes a month of thirty nights; its days' scores come on top of the rows that are asked for. The bar
// of a host that does nothing else is 12 s of CPU and 128 MiB for 2,000,000.
func BenchmarkExport(b *testing.B) {
	const nights = 30
	dir := *exportedKeep
	if dir == "" {
		dir = b.TempDir()
	}
	path := filepath.Join(dir, fmt.Sprintf("month-of-%d.db", *exportedRows))
	o := usual(b)
	end := time.Date(2026, 12, 1, 0, 0, 0, 0, o.Zone)
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = storetest.Scaled(context.Background(), path, end, nights, *exportedRows/2/nights)
	}
	storetest.Check(b, err)
	s, err := store.Open(context.Background(), path)
	storetest.Check(b, err)
	defer s.Close() //nolint:errcheck // nothing was written
	for b.Loop() {
		written := exported(b, s, b.TempDir(), Which{First: "2026-11", Last: "2026-11"}, o)
		b.ReportMetric(float64(written[0].Rows), "rows/op")
	}
}
