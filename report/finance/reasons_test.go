package finance

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/storetest"
)

// again makes a further call for a check.
func (f *fixture) again(j *store.JournalWriter, run, check int64, attempt int, reason store.Reason, c reporttest.Check) {
	f.T.Helper()
	in := store.Intent{CheckID: check, Attempt: attempt, RunID: run, Reason: reason, Endpoint: c.Endpoint, Region: c.Region, At: time.Now(), From: store.Done}
	id, err := j.Begin(in)
	f.Must(err)
	time.Sleep(20 * time.Millisecond)
	f.Must(j.Finish(id, in, store.Result{Outcome: c.Outcome, Cause: c.Cause, SentAt: in.At, EndedAt: time.Now(), HTTPStatus: 200, Code: c.Code, Pricing: c.Pricing, Tag: c.Tag,
		State: c.State, TransactionID: fmt.Sprintf("%016x", id), Answer: &store.Answer{Current: c.State == store.Done, Score: c.Score}})())
}

// askedAgain is a night of four paid IDs, one lost and one absent one, of which some are asked again.
func (f *fixture) askedAgain() {
	f.T.Helper()
	ctx := context.Background()
	run, _, err := f.Store.Runs().Open(ctx, "test", true)
	f.Must(err)
	good := reporttest.Scored("PH", 88, "")
	lost := reporttest.Check{Region: "PH", Endpoint: "sg", Outcome: store.Unanswered, State: store.InDoubt, Tag: store.TagUnknown, Cause: "timeout"}
	absent := reporttest.Check{Region: "PH", Endpoint: "sg", Outcome: store.Answered, State: store.Absent, Code: "LIVENESS_ID_NOT_EXISTED", Pricing: "FREE", Tag: store.TagFree}
	first := []reporttest.Check{good, good, good, good, lost, absent}
	numbers := f.List(run, "lists/again.csv", first)
	j, err := f.Store.Journal().Open(ctx, storetest.AdmitAll{}, 1)
	f.Must(err)
	of := func(i int) int64 { return numbers[fmt.Sprintf("%d-%d", f.Lists, i)] }
	for i, c := range first {
		f.Call(j, run, of(i), c)
	}
	f.again(j, run, of(0), 2, store.ReasonRefresh, good)
	f.again(j, run, of(1), 2, store.ReasonRefresh, good)
	f.again(j, run, of(4), 2, store.ReasonDoubt, good)
	f.again(j, run, of(5), 2, store.ReasonUnfound, absent)
	f.Must(j.Close())
	f.Must(f.Store.Runs().Close(ctx, run, 0, "DONE", nil))
}

// TestReasons: what was asked for again has a line of its own, with what was paid twice and what it costs; the lines are the
// total. Where nothing was there is no table.
func TestReasons(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		f.askedAgain()
		day := calendar.Days(2026, 11, 3, 1, reporttest.Singapore())
		prices, err := billing.NewBook([]billing.Price{{Endpoint: "sg", Region: "*", From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			Currency: "USD", Kind: billing.Flat, Tiers: []billing.Tier{{Unit: decimal.RequireFromString("0.035")}}}}, reporttest.Singapore())
		f.Must(err)
		o := figures.Options{Period: day, Version: "0.1.0", BillingZone: reporttest.Singapore(),
			Prices: prices}
		rows := func(basis billing.Basis) []string {
			o.Basis = basis
			w, err := Build(context.Background(), f.Store, o)
			f.Must(err)
			file := f.Write(w.Workbook)
			if len(w.FailedChecks) > 0 {
				t.Errorf("%s: untied %q", basis, w.FailedChecks)
			}
			var all []string
			x := reporttest.Reopen(t, file)
			sheet, err := x.GetRows("By region and code")
			f.Must(err)
			within := false
			for _, r := range sheet {
				text := strings.Join(r, "|")
				if within = within || strings.Contains(text, "3  By reason"); within {
					all = append(all, strings.TrimRight(text, "|"))
				}
			}
			return all
		}
		want := map[billing.Basis][]string{
			"pay-tag": {
				"|first|First requests, and free tries|0|4|1|0|1|0|6|5|4|USD|0.140",
				"|doubt|The answer before was lost|0|1|0|0|0|0|1|1|1|USD|0.035",
				"|unfound|Nobody was found in that night|0|0|1|0|0|0|1|0|0|USD|0.000",
				"|refresh|By hand: had its result|2|2|0|0|0|0|2|2|2|USD|0.070",
				"|All calls|||7|2|0|1|0|10|8|7|USD|0.245",
			},
			"distinct-id": {
				"|first|First requests, and free tries|0|4|1|0|1|0|6|5||USD",
				"|refresh|By hand: had its result|2|2|0|0|0|0|2|2||USD",
			},
		}
		for basis, lines := range want {
			got := rows(basis)
			for _, line := range lines {
				if !strings.Contains(strings.Join(got, "\n")+"\n", line+"\n") {
					t.Errorf("%s: no line %s in\n%s", basis, line, strings.Join(got, "\n"))
				}
			}
		}
		o.Period = reporttest.SecondNight()
		if got := rows("pay-tag"); got != nil {
			t.Errorf("of a night in which nothing was asked again: %q", got)
		}
	})
}
