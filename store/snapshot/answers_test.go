package snapshot_test

import (
	"context"
	"testing"
	"time"

	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// TestDetailTexts: every text of a row comes as it was stored, also one that holds what parts the texts, or no valid UTF-8.
func TestDetailTexts(t *testing.T) {
	ctx := context.Background()
	s, run := storetest.WithChecks(t, 5)
	j := storetest.Journal(t, s, storetest.AdmitAll{})
	hostile := []string{"", "\x1f", "A\x1fB", "\x1f\x1f\x1f", "\xff\x00\xfe"}
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for i, text := range hostile {
		in := storetest.Intent(run, int64(i+1), 1)
		in.At, in.Region, in.Endpoint = start.Add(time.Duration(i)*time.Minute), "r"+text, "e"+text
		r := storetest.Paid(in, 50)
		r.Code, r.Pricing, r.Answer.AttackType, r.Answer.Repairs = "c"+text, "p"+text, "a"+text, "o"+text
		storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, r)())
	}
	snap, err := snapshot.Open(ctx, s)
	storetest.Check(t, err)
	defer snap.Close() //nolint:errcheck // only read from
	var rows []snapshot.Detail
	storetest.Check(t, snap.Answers().Each(ctx, start, start.AddDate(0, 0, 1), 0, 100, func(d *snapshot.Detail) error { rows = append(rows, *d); return nil }))
	for i, text := range hostile {
		d := rows[i]
		for what, got := range map[string]string{"r": d.Region, "e": d.Endpoint, "c": d.Code, "p": d.Pricing, "a": d.AttackType, "o": d.Repairs} {
			if got != what+text {
				t.Errorf("%q came as %q", what+text, got)
			}
		}
		if d.Kind != "signatureId" || d.List != "lists/list.csv" || *d.Score != 50 || d.CheckID != int64(i+1) {
			t.Errorf("row %d: %+v", i, d)
		}
	}
}
