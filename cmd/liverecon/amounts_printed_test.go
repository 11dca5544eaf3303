package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/reports"
	"liverecon/report/finance"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// TestOneAmountForAMonth: what status prints of a month is what its finance workbook makes of it, whatever the contract's
// reading, and what a cap counts beyond that is said.
func TestOneAmountForAMonth(t *testing.T) {
	for basis, more := range map[billing.Basis]string{billing.PayTag: "0", billing.EveryCall: "0", billing.Success: "0.07"} {
		t.Run(string(basis), func(t *testing.T) {
			c := openCase(t, "02-late-lines-replace-month")
			c.replace("liverecon.toml", "[billing]\n", "[limits]\nspend_per_month = \"9 USD\"\n[billing]\nreading = \""+string(basis)+"\"\n")
			text := "call,check,attempt,reason,sent_at,outcome,cause,http_status,code,pricing,tag,transaction_id,latency_ms,endpoint,region\n"
			now := time.Now().UTC()
			for i, end := range []string{"answered,,200,SUCCESS,PAY,pay", "answered,,200,SUCCESS,PAY,pay", "answered,,200,NO_FACE,PAY,pay",
				"answered,,200,NO_FACE,PAY,pay", "unanswered,timeout,,,,unknown"} {
				text += fmt.Sprintf("%d,%d,1,first,%s,%s,f%015d,1,sg,SG\n", 9000+i, 9000+i, now.Format("2006-01-02T15:04:05.000Z"), end, i)
			}
			c.write("now.csv", strings.Replace(text, "unknown,f000000000000004", "unknown,", 1))
			c.lay("now.csv")

			conf, s, month := c.books(now)
			amounts, err := reports.Contract(conf).Amounts(context.Background(), s, month)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			sum := billing.Range{Floor: billing.Amounts{}, Ceiling: billing.Amounts{}}
			for _, a := range amounts {
				sum.Floor.AddAmount(a.Currency, decimal.RequireFromString(a.Floor))
				sum.Ceiling.AddAmount(a.Currency, decimal.RequireFromString(a.Ceiling))
			}
			out := c.run(0, "status")
			c.says(out, sum.String()+" ")
			counted := sum.Ceiling.Add(billing.Amounts{"USD": decimal.RequireFromString(more)})
			if more == "0" && strings.Contains(out, "caps count") {
				t.Errorf("caps count what is printed: %s", out)
			}
			if more != "0" {
				c.says(out, counted.AsTagged())
			}
		})
	}
}

// TestChargedOnce: where the contract charges an ID or a transaction once, the workbook does, at least and at most, and status
// says that it counts calls. Of one ID that was paid for in the month before nothing is charged, of two that were paid for
// twice once; a doubt of an ID with a PAY is no further charge, and two of an ID without one are one.
func TestChargedOnce(t *testing.T) {
	for basis, want := range map[billing.Basis][3]string{
		billing.PayTag:      {"0.245", "0.35", "7 to 10 calls are to pay for (3 in doubt)"},
		billing.DistinctID:  {"0.14", "0.175", "4 to 5 calls are to pay for (1 in doubt)"},
		billing.Transaction: {"0.21", "0.315", "6 to 9 calls are to pay for (3 in doubt)"},
		billing.EveryCall:   {"0.385", "0.385", "11 calls are to pay for"},
	} {
		t.Run(string(basis), func(t *testing.T) {
			c := &casebook{t, t.TempDir()}
			c.write("liverecon.toml", `database = "l.db"
[limits]
spend_per_month = "9 USD"
[endpoint.sg]
[[price]]
endpoint = "sg"
from = "2026-01-01"
currency = "USD"
unit = "0.035"
[billing]
reading = "`+string(basis)+"\"\n")
			text := "call,check,attempt,reason,sent_at,outcome,cause,http_status,code,pricing,tag,transaction_id,latency_ms,endpoint,region\n"
			month := calendar.BusinessDay(time.Now(), time.UTC).From.AddDate(0, 0, 1-time.Now().UTC().Day())
			for i, call := range []string{"1,1,PAY,a1", "2,1,PAY,a2", "1,2,PAY,a3", "3,1,PAY,a4", "3,2,PAY,a5", "4,1,PAY,a6", "4,2,PAY,a6",
				"5,1,FREE,a8", "5,2,PAY,a9", "6,1,,", "6,2,PAY,b1", "7,1,,", "7,2,,"} {
				f := strings.Split(call, ",")
				at, end := month.Add(time.Duration(i)*time.Minute), "answered,,200,SUCCESS,"+f[2]+","+strings.ToLower(f[2])
				if i < 2 {
					at = month.AddDate(0, 0, -3)
				}
				if f[2] == "" {
					end = "unanswered,timeout,,,,unknown"
				}
				text += fmt.Sprintf("%d,%s,%s,first,%s,%s,%s,1,sg,SG\n", i+1, f[0], f[1], at.Format("2006-01-02T15:04:05.000Z"), end, f[3])
			}
			c.write("calls.csv", text)
			c.lay("calls.csv")

			conf, s, period := c.books(month)
			defer s.Close() //nolint:errcheck // only read from
			o, err := reports.FinanceOptions(context.Background(), conf, s, period)
			if err != nil {
				t.Fatal(err)
			}
			snap, err := snapshot.Open(context.Background(), s)
			if err != nil {
				t.Fatal(err)
			}
			amounts, err := o.Price(context.Background(), snap)
			if err = errors.Join(err, snap.Close()); err != nil {
				t.Fatal(err)
			}
			if len(amounts) != 1 || amounts[0].Floor != want[0] || amounts[0].Ceiling != want[1] {
				t.Errorf("amounts %+v, want %s to %s", amounts, want[0], want[1])
			}
			w, err := finance.Build(context.Background(), s, o)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close() //nolint:errcheck // not written
			var said string
			for _, at := range w.Sheet("Summary").Refs() {
				said += w.Sheet("Summary").Cell(at).Text + "\n"
			}
			c.says(said, "By our records alone "+want[2]+": USD ")
			if len(w.FailedChecks) > 0 {
				t.Errorf("untied: %v", w.FailedChecks)
			}
			once := basis == billing.DistinctID || basis == billing.Transaction
			if out := c.run(0, "status"); strings.Contains(out, "amounts and caps count every call") != once {
				t.Errorf("status: %s", out)
			}
		})
	}
}

// books opens the database beside its configuration, for the billing month of an instant.
func (c *casebook) books(at time.Time) (*config.Config, *store.Store, calendar.Period) {
	c.t.Helper()
	conf, err := config.Load(filepath.Join(c.dir, "liverecon.toml"))
	if err != nil {
		c.t.Fatal(err)
	}
	month, err := calendar.ParseMonth(conf.Prices.PeriodOf(at).String(), conf.BillingZone)
	if err != nil {
		c.t.Fatal(err)
	}
	s, err := store.Open(context.Background(), filepath.Join(c.dir, "l.db"))
	if err != nil {
		c.t.Fatal(err)
	}
	return conf, s, month
}
