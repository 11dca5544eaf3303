package stats

import (
	"slices"
	"testing"
)

// benchScores are n liveness scores, as a histogram and expanded.
func benchScores(b *testing.B, seed uint64, n int) (Histogram, []float64) {
	b.Helper()
	h := liveness(0.04).draw(b, random(seed), n)
	return h, expand(h)
}

func BenchmarkWilson(b *testing.B) {
	p := Proportion{1413, 21337}
	for b.Loop() {
		p.Wilson()
	}
}

func BenchmarkCompare(b *testing.B) {
	current, previous := Proportion{1413, 21337}, Proportion{890, 20285}
	for b.Loop() {
		Compare(current, previous, 50)
	}
}

func BenchmarkNewHistogram(b *testing.B) {
	r := random(1)
	bins := make([]Bin, 10001) // scores to two decimals
	for i := range bins {
		bins[i] = Bin{float64(r.IntN(10001)) / 100, r.Int64N(1000)}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewHistogram(bins); err != nil {
			b.Fatal(err)
		}
	}
}

// The two benchmarks of percentiles do the same work on the same million
// scores: the histogram pays for the distinct values, the list for all.

func BenchmarkPercentileOfHistogram(b *testing.B) {
	h, _ := benchScores(b, 1, 1_000_000)
	for b.Loop() {
		h.Percentile(0.05)
	}
}

func BenchmarkPercentileOfSortedValues(b *testing.B) {
	_, all := benchScores(b, 1, 1_000_000)
	for b.Loop() {
		Percentile(all, 0.05)
	}
}

func BenchmarkMean(b *testing.B) {
	h, _ := benchScores(b, 1, 100_000)
	for b.Loop() {
		h.Mean()
	}
}

func BenchmarkPSI(b *testing.B) {
	current, _ := benchScores(b, 1, 100_000)
	previous, _ := benchScores(b, 2, 100_000)
	edges := ScoreEdges()
	b.ReportAllocs()
	for b.Loop() {
		PSI(current, previous, edges)
	}
}

func BenchmarkKolmogorovSmirnov(b *testing.B) {
	current, _ := benchScores(b, 1, 100_000)
	previous, _ := benchScores(b, 2, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		KolmogorovSmirnov(current, previous)
	}
}

func BenchmarkChiSquare(b *testing.B) {
	r := random(3)
	table := make([][]int64, 40)
	for i := range table {
		table[i] = []int64{r.Int64N(500), r.Int64N(400), r.Int64N(100), r.Int64N(4), r.Int64N(3)}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ChiSquare(table); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHolm(b *testing.B) {
	r := random(4)
	p := make([]float64, 80)
	for i := range p {
		p[i] = r.Float64()
	}
	slices.Sort(p)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Holm(p); err != nil {
			b.Fatal(err)
		}
	}
}
