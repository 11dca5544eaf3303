package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/reports"
	"liverecon/store"
	"liverecon/store/calendar"
)

// TestOneAmountForAMonth: what status prints of a month is what its finance workbook makes of it, whatever the contract's
// reading, and what a cap counts beyond that is said.
func TestOneAmountForAMonth(t *testing.T) {
	for reading, more := range map[billing.Basis]string{billing.PayTag: "0", billing.EveryCall: "0", billing.Success: "0.07"} {
		t.Run(string(reading), func(t *testing.T) {
			c := openCase(t, "02-late-lines-replace-month")
			c.replace("liverecon.toml", "[billing]\n", "[limits]\nspend_per_month = \"9 USD\"\n[billing]\nreading = \""+string(reading)+"\"\n")
			text := "call,check,attempt,reason,sent_at,outcome,cause,http_status,code,pricing,tag,transaction_id,latency_ms,endpoint,region\n"
			now := time.Now().UTC()
			for i, end := range []string{"answered,,200,SUCCESS,PAY,pay", "answered,,200,SUCCESS,PAY,pay", "answered,,200,NO_FACE,PAY,pay",
				"answered,,200,NO_FACE,PAY,pay", "unanswered,timeout,,,,unknown"} {
				text += fmt.Sprintf("%d,%d,1,first,%s,%s,f%015d,1,sg,SG\n", 9000+i, 9000+i, now.Format("2006-01-02T15:04:05.000Z"), end, i)
			}
			c.write("now.csv", strings.Replace(text, "unknown,f000000000000004", "unknown,", 1))
			c.lay("now.csv")

			conf, err := config.Load(filepath.Join(c.dir, "liverecon.toml"))
			if err != nil {
				t.Fatal(err)
			}
			s, err := store.Open(context.Background(), filepath.Join(c.dir, "l.db"))
			if err != nil {
				t.Fatal(err)
			}
			month, err := calendar.ParseMonth(conf.Prices.PeriodOf(now).String(), conf.BillingZone)
			if err != nil {
				t.Fatal(err)
			}
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
