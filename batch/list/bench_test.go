package list

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkReadList reads 1,000,000 synthetic rows. Bytes allocated per
// operation are the garbage of all rows; what is held at once is one window of
// 256 KiB, which TestReadListMemory shows.
func BenchmarkReadList(b *testing.B) {
	const rows = 1_000_000
	ctx := context.Background()
	for _, bench := range []struct {
		name, header string
		row          func(r *rand.Rand, i int) string
	}{
		{"signatureId", "signatureId", func(r *rand.Rand, _ int) string {
			return fmt.Sprintf("%016x", r.Uint64())
		}},
		{"region", "livenessId,region", func(r *rand.Rand, _ int) string {
			return benchLivenessID(r) + ",PH"
		}},
		{"reference", "livenessId,region,customer,channel", func(r *rand.Rand, i int) string {
			return fmt.Sprintf("%s,Viet Nam,C-%07d,app", benchLivenessID(r), i)
		}},
		{"quoted", `"livenessId","region"`, func(r *rand.Rand, _ int) string {
			return `"` + benchLivenessID(r) + `","PH"`
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "list.csv")
			writeBenchList(b, path, bench.header, rows, bench.row)
			accepted := 0
			for b.Loop() {
				accepted = 0
				_, err := Read(ctx, path, Options{DefaultRegion: "ID"},
					func(Row) error { accepted++; return nil },
					func(Reject) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(accepted)/rows, "accepted")
		})
	}
}

func benchLivenessID(r *rand.Rand) string {
	n := r.Uint64()
	return fmt.Sprintf("dd%c%c-%03x-%04x-%04x-%04x-%012x", 'a'+n%26, 'a'+n>>8%26, n>>12&0xfff, n>>24&0xffff, n>>32&0xffff, n>>40&0xffff, r.Uint64()&0xffffffffffff)
}

func writeBenchList(b *testing.B, path, header string, rows int, row func(*rand.Rand, int) string) {
	b.Helper()
	var text bytes.Buffer
	random := rand.New(rand.NewPCG(1, 2))
	text.WriteString(header + "\n")
	for i := range rows {
		text.WriteString(row(random, i) + "\n")
	}
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
}
