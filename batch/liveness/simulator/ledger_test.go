package simulator_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness/simulator"
)

// checkLedger asserts what holds of every ledger.
func checkLedger(t *testing.T, rows []simulator.Entry, billing simulator.Basis) {
	t.Helper()
	attempts, charged, transactions := map[string]int{}, map[string]int{}, map[string]bool{}
	for i, e := range rows {
		if e.Seq != i+1 || i > 0 && e.At.Before(rows[i-1].At) {
			t.Errorf("entry %d out of order: %+v", i, e)
		}
		if transactions[e.TransactionID] {
			t.Errorf("transaction %s twice", e.TransactionID)
		}
		transactions[e.TransactionID] = true
		if e.Token {
			if e.Charged || e.Billable {
				t.Errorf("token charged: %+v", e)
			}
			continue
		}
		attempts[e.ID]++
		if e.Attempt != attempts[e.ID] || e.Try < 1 {
			t.Errorf("%d-th entry of its ID: %+v", attempts[e.ID], e)
		}
		if e.Charged {
			charged[e.ID]++
		}
		if e.Charged && !e.Billable || e.Pricing == "FREE" && e.Charged || e.Pricing == "PAY" && !e.Billable {
			t.Errorf("tag and charge disagree: %+v", e)
		}
		if billing == simulator.PerCall && e.Charged != e.Billable || billing == simulator.PerID && charged[e.ID] > 1 {
			t.Errorf("charged against the %s reading: %+v", billing, e)
		}
	}
}

var everything = simulator.Faults{
	Probability: map[simulator.Fault]float64{
		simulator.DNS: .03, simulator.ResetBefore: .03, simulator.ResetAfter: .05, simulator.Timeout: .03, simulator.HTML502: .05,
		simulator.Redirect: .03, simulator.Truncated: .05, simulator.ErrorFree: .05, simulator.ErrorPaid: .03, simulator.UnknownPricing: .05,
		simulator.MissingPricing: .03, simulator.UnknownCodePaid: .02, simulator.Busy: .05, simulator.IAMOnce: .02, simulator.Score50: .02,
	},
	TokenProbability: map[simulator.Fault]float64{simulator.ErrorFree: .2},
}

// night lets workers ask for n IDs each twice, all at once.
func night(t *testing.T, v *simulator.Vendor, c *caller, n int) {
	t.Helper()
	for _, ep := range []string{"th", "sg", "ng"} {
		c.token(ep)
	}
	v.SetFaults(everything)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range n {
				ep := []string{"th", "sg", "ng"}[i%3]
				c.ask(ep, fmt.Sprintf("w%d-%d", w, i))
				c.ask(ep, fmt.Sprintf("w%d-%d", w/2, i))
			}
		})
	}
	wg.Wait()
}

func TestLedgerInvariants(t *testing.T) {
	for _, billing := range []simulator.Basis{simulator.PerCall, simulator.PerID} {
		synctest.Test(t, func(t *testing.T) {
			v, c := inProcess(t, simulator.Config{Seed: 6, Billing: billing, Latency: 20 * time.Millisecond, LatencyJitter: 30 * time.Millisecond, Rate: map[string]int{"th": 50}})
			night(t, v, c, 60)
			rows := v.Entries()
			checkLedger(t, rows, billing)
			repeatsTold, repeatsCharged := 0, 0
			for _, e := range rows {
				if e.Attempt > 1 && e.Pricing == "PAY" {
					repeatsTold++
					if e.Charged {
						repeatsCharged++
					}
				}
			}
			if repeatsTold == 0 || repeatsCharged == 0 {
				t.Errorf("%s: %d repeats tagged PAY, %d charged: the night shows nothing", billing, repeatsTold, repeatsCharged)
			}
			checkRate(t, rows, "th", 50)
		})
	}
}

// checkRate counts the admitted calls in each second that ends with one.
func checkRate(t *testing.T, rows []simulator.Entry, ep string, limit int) {
	t.Helper()
	var at []time.Time
	for _, e := range rows {
		if e.Endpoint == ep && !e.Token && e.Code != "SERVICE_BUSY" && e.Code != "IAM_FAILED" {
			at = append(at, e.At)
		}
	}
	for i := limit; i < len(at); i++ {
		if at[i].Sub(at[i-limit]) < time.Second {
			t.Errorf("%d calls admitted in the second before %v", limit+1, at[i])
		}
	}
}

func TestMeterAndStatementAreTheLedger(t *testing.T) {
	for _, billing := range []simulator.Basis{simulator.PerCall, simulator.PerID} {
		synctest.Test(t, func(t *testing.T) {
			cfg := simulator.Config{Seed: 6, Billing: billing, UnitPrice: map[string]string{"th": "0.0125"}, Currency: "SGD"}
			v, c := inProcess(t, cfg)
			// Half before the turn of the month in the vendor's zone, half after.
			time.Sleep(31*24*time.Hour - 8*time.Hour - time.Minute)
			night(t, v, c, 30)
			time.Sleep(time.Hour)
			v.SetFaults(simulator.Faults{})
			c.tokens = map[string]string{}
			night(t, v, c, 40)

			checkMeter(t, v, c)
			for _, reading := range []simulator.Basis{"", simulator.PerCall, simulator.PerID} {
				january, february := chargedByMonth(v, reading)
				if len(january) == 0 || len(february) == 0 {
					t.Fatal("a month without a charge shows nothing")
				}
				compareStatement(t, statement(t, c, "2000-01", reading), january)
				compareStatement(t, statement(t, c, "2000-02", reading), february)
			}
			for _, query := range []string{"", "?month=2026", "?month=2026-13", "?month=2026-11&reading=none"} {
				if a := c.do(http.MethodGet, c.base+"/statement"+query, "", nil); a.status != http.StatusBadRequest {
					t.Errorf("statement%s: %d %s", query, a.status, a.body)
				}
			}
		})
	}
}

// chargedByMonth parts the charges of a reading at the first of February in the vendor's zone.
func chargedByMonth(v *simulator.Vendor, reading simulator.Basis) (january, february []simulator.Entry) {
	turn := time.Date(2000, 2, 1, 0, 0, 0, 0, time.FixedZone("", 8*60*60))
	seen := map[string]bool{}
	for _, e := range v.Entries() {
		charged := e.Charged
		switch reading {
		case simulator.PerCall:
			charged = e.Billable
		case simulator.PerID:
			charged = e.Billable && !seen[e.ID]
		}
		seen[e.ID] = seen[e.ID] || e.Billable
		switch {
		case charged && e.At.Before(turn):
			january = append(january, e)
		case charged:
			february = append(february, e)
		}
	}
	return january, february
}

func checkMeter(t *testing.T, v *simulator.Vendor, c *caller) {
	t.Helper()
	a := c.do(http.MethodGet, c.base+"/meter", "", nil)
	served, charged, tokens, codes := 0.0, 0.0, 0.0, map[string]any{}
	for _, e := range v.Entries() {
		switch {
		case e.Token:
			tokens++
			continue
		case e.Charged:
			charged++
		}
		served++
		n, _ := codes[e.Code].(float64)
		codes[e.Code] = n + 1
	}
	want := map[string]any{"served": served, "charged": charged, "tokens": tokens, "by_code": codes}
	if !reflect.DeepEqual(a.m["total"], want) {
		t.Errorf("meter %v, ledger %v", a.m["total"], want)
	}
	sum := 0.0
	for _, ep := range a.m["endpoints"].(map[string]any) {
		sum += ep.(map[string]any)["charged"].(float64)
	}
	if sum != charged {
		t.Errorf("endpoints charged %v, all %v", sum, charged)
	}
}

func statement(t *testing.T, c *caller, month string, reading simulator.Basis) [][]string {
	t.Helper()
	a := c.do(http.MethodGet, c.base+"/statement?month="+month+"&reading="+string(reading), "", nil)
	rows, err := csv.NewReader(bytes.NewReader(a.body)).ReadAll()
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("statement: %d %v", a.status, err)
	}
	if got := strings.Join(rows[0], ","); got != "line,transactionId,time,endpoint,region,code,pricing,quantity,unit price,amount,currency" {
		t.Fatalf("header %s", got)
	}
	return rows[1:]
}

func compareStatement(t *testing.T, rows [][]string, want []simulator.Entry) {
	t.Helper()
	if len(rows) != len(want) {
		t.Fatalf("statement has %d lines, ledger %d charges", len(rows), len(want))
	}
	prices := map[string]string{"th": "0.0125", "sg": "0.035", "ng": "0.045"}
	for i, e := range want {
		at, err := time.Parse(time.RFC3339, rows[i][2])
		if err != nil || !at.Equal(e.At.Truncate(time.Millisecond)) || !strings.HasSuffix(rows[i][2], "+08:00") {
			t.Errorf("line %d: time %s, served %v", i+1, rows[i][2], e.At)
		}
		p := prices[e.Endpoint]
		line := []string{fmt.Sprint(i + 1), e.TransactionID, rows[i][2], e.Endpoint, e.Region, e.Code, e.Pricing, "1", p, p, "SGD"}
		if !reflect.DeepEqual(rows[i], line) {
			t.Errorf("line %v, want %v", rows[i], line)
		}
	}
}

func TestLedgerRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file bytes.Buffer
		cfg := simulator.Config{Seed: 6, Billing: simulator.PerID, Ledger: &file, DailyQuota: map[string]int{"my": 4}}
		v, c := inProcess(t, cfg)
		c.codes("my", "m", 3)
		night(t, v, c, 20)
		entries, err := simulator.LoadLedger(bytes.NewReader(file.Bytes()))
		if err != nil || !reflect.DeepEqual(entries, v.Entries()) {
			t.Fatalf("loaded %d entries of %d: %v", len(entries), len(v.Entries()), err)
		}

		cfg.Resume = entries
		w, d := inProcess(t, cfg)
		w.SetFaults(simulator.Faults{})
		if busiest := w.BusiestSecond("my"); busiest != 3 {
			t.Errorf("busiest second %d, want the three resumed", busiest)
		}
		if got := d.codes("my", "n", 4); got["SERVICE_BUSY"] != 3 {
			t.Errorf("3 of a quota of 4 are used: %v", got)
		}
		night(t, w, d, 30)
		loaded, err := simulator.LoadLedger(&file)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(loaded, w.Entries()) || len(loaded) <= len(entries) {
			t.Errorf("file has %d entries, the resumed vendor %d", len(loaded), len(w.Entries()))
		}
		checkLedger(t, loaded, simulator.PerID)
	})
}

func TestResumedChargesCountAgainstTheBalance(t *testing.T) {
	v, c := inProcess(t, simulator.Config{Seed: 1, Balance: 20})
	if got := c.codes("ph", "a", 10)["SUCCESS"]; got == 0 || got == 20 {
		t.Fatalf("%d of 10 succeed", got)
	}
	w, d := inProcess(t, simulator.Config{Seed: 1, Balance: 20, Resume: v.Entries()})
	d.codes("ph", "b", 60)
	charged := 0
	for _, e := range w.Entries() {
		if e.Charged {
			charged++
		}
	}
	if charged != 20 {
		t.Errorf("%d charged on a balance of 20", charged)
	}
}

func TestDamagedLedgers(t *testing.T) {
	for name, s := range map[string]string{
		"torn":    `{"seq":1,"endpoint":"th","code":"SUCCESS"}` + "\n" + `{"seq":2,"endp`,
		"gap":     `{"seq":1,"endpoint":"th"}` + "\n" + `{"seq":3,"endpoint":"th"}` + "\n",
		"twice":   `{"seq":1,"endpoint":"th"}` + "\n" + `{"seq":1,"endpoint":"th"}` + "\n",
		"no JSON": "seq,endpoint\n",
	} {
		if _, err := simulator.LoadLedger(strings.NewReader(s)); err == nil || !strings.Contains(err.Error(), "ledger line ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries, err := simulator.LoadLedger(strings.NewReader("")); err != nil || len(entries) != 0 {
		t.Errorf("empty ledger: %v, %v", entries, err)
	}
	for name, rows := range map[string][]simulator.Entry{
		"gap":      {{Seq: 2, Endpoint: "th"}},
		"endpoint": {{Seq: 1, Endpoint: "xx"}},
	} {
		if _, err := simulator.New(simulator.Config{Resume: rows}); err == nil {
			t.Errorf("%s resumed", name)
		}
	}
}

type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left--; d.left < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

func TestAVendorThatCannotWriteServesNothing(t *testing.T) {
	v, c := inProcess(t, simulator.Config{Seed: 4, Ledger: &fullDisk{left: 2}})
	for i := range 5 {
		a := c.ask("th", fmt.Sprint(i))
		if (a.m == nil) != (i > 0) || a.m == nil && a.status != http.StatusInternalServerError {
			t.Errorf("call %d: %d %s", i, a.status, a.body)
		}
	}
	if rows := v.Entries(); len(rows) != 2 {
		t.Errorf("%d entries, want the token and one call", len(rows))
	}
}

func TestConfigurationsRefused(t *testing.T) {
	for name, cfg := range map[string]simulator.Config{
		"billing": {Billing: "per-night"},
		"price":   {UnitPrice: map[string]string{"th": "1,5"}},
		"latency": {Latency: -1},
	} {
		if _, err := simulator.New(cfg); err == nil {
			t.Errorf("%s accepted", name)
		}
	}
}
