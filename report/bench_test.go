package report

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"liverecon/store"
)

var benchRows = flag.Int("rows", 100_000, "answers in the benchmark's database")

// BenchmarkRisk makes the risk workbook of a day, from the database to a closed file.
func BenchmarkRisk(b *testing.B) {
	s := filled(b, *benchRows)
	day := Days(2026, 11, 2, 1, singapore())
	for _, detail := range []bool{false, true} {
		b.Run(fmt.Sprintf("detail=%v", detail), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "risk.xlsx")
			b.ReportAllocs()
			for b.Loop() {
				w, err := Risk(context.Background(), s, RiskOptions{Period: day, Threshold: 50, Inclusive: true, NoDetail: !detail})
				if err == nil {
					err = Write(w, path)
				}
				if err == nil {
					err = w.Close()
				}
				if err != nil {
					b.Fatal(err)
				}
				if len(w.Untied) > 0 {
					b.Fatal(w.Untied)
				}
			}
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(*benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(info.Size())/(1<<20), "MiB-file")
		})
	}
}

// filled is a database with n answers of one day, stored as a run stores them: many calls at a time, in eight regions.
func filled(b *testing.B, n int) *store.Store {
	b.Helper()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(b.TempDir(), "liverecon.db"))
	must(err)
	b.Cleanup(func() { must(s.Close()) })
	run, _, err := s.OpenRun(ctx, "bench", true)
	must(err)
	in, err := s.BeginIntake(ctx)
	must(err)
	regions := []string{"CO", "ID", "MX", "MY", "NG", "PH", "SG", "TH"}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		must(in.Row(store.ListedRow{Line: i + 2, Kind: "signatureId", ID: fmt.Sprintf("%016x%016x", random.Uint64(), i), Region: regions[i%len(regions)], Endpoint: "sg"}))
	}
	start := time.Date(2026, 11, 1, 17, 0, 0, 0, time.UTC)
	_, err = in.Commit(ctx, run, store.List{Path: "ids_2026-11-02.csv", Fingerprint: "bench", ReadAt: start})
	must(err)
	var open []store.Check
	for _, region := range regions {
		some, err := s.OpenChecks(ctx, "sg", region, store.Pending, 0, math.MaxInt32)
		must(err)
		open = append(open, some...)
	}
	slices.SortFunc(open, func(a, b store.Check) int { return cmp.Compare(a.ID, b.ID) })
	const slots = 256
	j, err := s.OpenJournal(ctx, admitAll{}, slots)
	must(err)
	var calls errgroup.Group
	calls.SetLimit(slots)
	for i, c := range open {
		score, attack := sample(random, 0.05, 0.3)
		calls.Go(func() error {
			at := start.Add(time.Duration(i) * 20 * time.Hour / time.Duration(n)).Truncate(time.Millisecond)
			intent := store.Intent{CheckID: c.ID, Attempt: 1, RunID: run, Reason: store.ReasonFirst, Endpoint: "sg", Region: regions[i%len(regions)], At: at, From: store.Pending}
			id, err := j.Begin(intent)
			if err != nil {
				return err
			}
			return j.Finish(id, intent, store.Result{Outcome: store.Answered, SentAt: at, EndedAt: at.Add(time.Duration(i%997) * time.Millisecond), HTTPStatus: 200, Code: "SUCCESS", Pricing: "PAY", Tag: store.TagPay,
				State: store.Done, TransactionID: fmt.Sprintf("%016x", id), Answer: &store.Answer{Standing: true, Score: &score, AttackType: attack}})()
		})
	}
	must(calls.Wait())
	must(j.Close())
	must(s.CloseRun(ctx, run, 0, "DONE", nil))
	return s
}
