package batch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// edited is a month under caps whose configuration somebody edits between the nights: the endpoint's name, and prices
// in every way. What was charged is kept by the price row under which it was.
type edited struct {
	*history
	name   string // of the endpoint
	zone   *time.Location
	rows   []billing.Price
	caps   billing.Caps
	listed int

	terms   map[string]*billing.Price
	charged map[string]int64 // by the terms of the row that was in force when the call was made
	read    map[string]int64 // the same, counted by the reading of then
	readAll int64            // and all of them
	all     []simulator.Entry
	names   []string // of the endpoint, when each of them was served
}

// zones are some in which the month of the tests, which begins in UTC, is under way.
var zones = []*time.Location{time.UTC, mustLoad("Asia/Singapore"), mustLoad("Asia/Kolkata"), mustLoad("Pacific/Kiritimati")}

func mustLoad(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

var firstOfMonth = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func newEdited(t *testing.T, seed uint64, dir string) *edited {
	h := quietHistory(
		t,
		dir,
		simulator.Config{Seed: seed, Latency: 50 * time.Millisecond, Billing: simulator.PerCall, Balance: -1},
	)
	h.rng = rand.New(rand.NewPCG(seed, 7))
	h.vendor.SetFaults(
		simulator.Faults{Probability: map[simulator.Fault]float64{simulator.ResetAfter: 0.05, simulator.NotExist: 0.3}},
	)
	e := &edited{history: h, name: "sg", zone: time.UTC, terms: map[string]*billing.Price{}, charged: map[string]int64{},
		read: map[string]int64{}}
	e.rows = []billing.Price{e.price("*")}
	e.caps.Basis = billing.Bases()[e.rng.IntN(5)]
	amount := func(cents int64) decimal.Decimal { return decimal.New(cents, -2) }
	e.caps.Month = billing.Cap{
		Name:  "spend_per_month",
		Limit: billing.Amounts{"USD": amount(200 + h.rng.Int64N(600)), "EUR": amount(200 + h.rng.Int64N(600))},
	}
	if h.rng.IntN(2) == 0 {
		e.caps.Day = billing.Cap{
			Name:  "spend_per_day",
			Limit: billing.Amounts{"USD": amount(100 + h.rng.Int64N(300)), "EUR": amount(100 + h.rng.Int64N(300))},
		}
	}
	if h.rng.IntN(3) == 0 {
		e.caps.Month.Calls = 20 + h.rng.Int64N(60)
	}
	return e
}

// price draws a price for a region.
func (e *edited) price(region string) billing.Price {
	p := billing.Price{
		Endpoint: e.name,
		Region:   region,
		From:     firstOfMonth.AddDate(-1, 0, 0),
		Currency: []string{"USD", "USD", "USD", "EUR"}[e.rng.IntN(4)],
		Kind:     billing.Flat,
	}
	unit := func() decimal.Decimal { return decimal.New(1+e.rng.Int64N(12), -2) }
	if e.rng.IntN(3) == 0 {
		p.Kind = []billing.TierKind{billing.Graduated, billing.Volume}[e.rng.IntN(2)]
		p.Tiers = []billing.Tier{{UpTo: 1 + e.rng.Int64N(20), Unit: unit()}}
	}
	p.Tiers = append(p.Tiers, billing.Tier{Unit: unit()})
	if e.rng.IntN(4) == 0 {
		p.FreeQuota = e.rng.Int64N(15)
	}
	return p
}

// edit changes something.
func (e *edited) edit(now time.Time) string {
	i := e.rng.IntN(len(e.rows))
	switch e.rng.IntN(10) {
	case 7, 8, 9:
		e.caps.Basis = billing.Bases()[e.rng.IntN(5)]
		return "the reading is " + string(e.caps.Basis)
	case 0:
		e.name = map[string]string{"sg": "singapore", "singapore": "sg"}[e.name]
		keep := e.rng.IntN(2) == 0
		var rows []billing.Price
		for _, p := range e.rows {
			if keep {
				rows = append(rows, p)
			}
			if p.Endpoint != e.name &&
				!slices.ContainsFunc(e.rows, func(q billing.Price) bool { return q.Endpoint == e.name && q.Region == p.Region }) {
				p.Endpoint = e.name
				rows = append(rows, p)
			}
		}
		if rows == nil {
			rows = []billing.Price{e.price("*")}
		}
		e.rows = rows
		return fmt.Sprintf("renamed to %s, old prices kept: %v", e.name, keep)
	case 1:
		if endpoint := e.rows[i].Endpoint; true {
			name := e.name
			e.name = endpoint
			p := e.price(e.rows[i].Region)
			e.name, e.rows[i] = name, p
		}
		return "a price in place"
	case 2:
		year, month, day := now.In(e.zone).Date()
		e.rows[i].From, e.rows[i].To = time.Date(year, month, day, 0, 0, 0, 0, time.UTC), time.Time{}
		return "a price begins today"
	case 3:
		e.rows[i].Currency = map[string]string{"USD": "EUR", "EUR": "USD"}[e.rows[i].Currency]
		return "another currency"
	case 4:
		if !slices.ContainsFunc(e.rows, func(p billing.Price) bool { return p.Endpoint == e.name && p.Region == "VN" }) {
			e.rows = append(e.rows, e.price("VN"))
			return "a region's price"
		}
		fallthrough
	case 5:
		e.rows = slices.DeleteFunc(e.rows, func(p billing.Price) bool { return p.Region == "VN" })
		if len(e.rows) == 0 {
			e.rows = []billing.Price{e.price("*")}
		}
		return "a region's price taken out"
	}
	if e.rng.IntN(2) == 0 {
		e.zone = zones[e.rng.IntN(len(zones))]
		return "the zone is " + e.zone.String()
	}
	return "nothing"
}

// night lists more IDs and runs. What the job refuses for want of a price is given the price that it asks for.
func (e *edited) night() batch.Summary {
	t := e.t
	var text strings.Builder
	text.WriteString("signatureId,region\n")
	for range 10 + e.rng.IntN(20) {
		region := []string{"SG", "VN"}[e.rng.IntN(2)]
		fmt.Fprintf(&text, "%s%015x,%s\n", map[string]string{"SG": "a", "VN": "b"}[region], e.listed, region)
		e.listed++
	}
	name := filepath.Join(e.dir, fmt.Sprintf("ids_%d.csv", e.listed))
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	e.lists = append(e.lists, name)
	for range 4 {
		s := e.database()
		before := len(e.vendor.Entries())
		sum, err := batch.Run(t.Context(), e.job(s))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		e.count(before)
		if err == nil {
			return sum
		}
		if !errors.Is(err, batch.ErrInput) || len(e.vendor.Entries()) > before {
			t.Fatalf("run: %v", err)
		}
		e.obey(err)
	}
	t.Fatal("the prices that were asked for did not do")
	return batch.Summary{}
}

// obey adds the prices that a refusal asks for.
func (e *edited) obey(err error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		e.t.Fatal(err)
	}
	for _, one := range joined.Unwrap() {
		var missing *batch.UnpricedError
		if !errors.As(one, &missing) {
			e.t.Fatal(err)
		}
		row := missing.Row
		e.t.Logf("asked for %s: %s %s from %s", missing, row.Endpoint, row.Region, row.From.Format(time.DateOnly))
		switch {
		case row.Endpoint == "":
			continue // as the one before
		case missing.Begins != nil:
			for i, p := range e.rows {
				if p.Endpoint == row.Endpoint && p.Region == row.Region && p.From.Format(time.DateOnly) == missing.Begins.From.Format(time.DateOnly) {
					e.rows[i].From = firstOfMonth
				}
			}
			continue
		case len(row.Tiers) == 0:
			if missing.Made > 0 {
				e.t.Errorf("nobody knows what calls cost that were made under a price: %v", missing)
			}
			name := e.name
			e.name = row.Endpoint
			p := e.price(row.Region)
			e.name = name
			row.Currency, row.Kind, row.Tiers, row.FreeQuota = p.Currency, billing.Flat, p.Tiers[len(p.Tiers)-1:], 0
		}
		e.rows = append(e.rows, row)
	}
	if _, err := billing.NewBook(e.rows, e.zone); err != nil {
		e.t.Fatal(err)
	}
}

func (e *edited) database() *store.Store {
	s, err := store.Open(context.Background(), filepath.Join(e.dir, "liverecon.db"))
	if err != nil {
		e.t.Fatal(err)
	}
	return s
}

func (e *edited) book() *billing.Book {
	book, err := billing.NewBook(e.rows, e.zone)
	if err != nil {
		e.t.Fatalf("%v: %+v", err, e.rows)
	}
	return book
}

func (e *edited) job(s *store.Store) *batch.Job {
	at, _ := liveness.Lookup("sg")
	at.Name = e.name
	client, err := liveness.NewClient(
		at,
		liveness.Credentials{
			AccessKey: simulator.DefaultCredential.AccessKey,
			SecretKey: simulator.DefaultCredential.SecretKey,
		},
		liveness.Options{Transport: e.vendor.Transport(), Timeout: 10 * time.Second},
	)
	if err != nil {
		e.t.Fatal(err)
	}
	name := e.name
	return &batch.Job{
		Store:            s,
		Version:          "test",
		Simulated:        true,
		Lists:            e.lists,
		Routes:           map[string]string{"*": name},
		Threshold:        50,
		Inclusive:        true,
		Prices:           e.book(),
		Caps:             e.caps,
		BillingZone:      e.zone,
		DoubtBudgetMin:   3,
		DoubtBudgetShare: 0.005,
		Log:              slog.New(slog.DiscardHandler),
		ListOptions:      list.Options{Route: func(string) (string, bool) { return name, true }},
		Endpoints:        []batch.Endpoint{{Client: client, Rate: e.rate, Concurrency: 4}},
	}
}

// regionOf is the region that an ID was listed for.
func regionOf(id string) string { return map[byte]string{'a': "SG", 'b': "VN"}[id[0]] }

// count adds what the vendor charged since to the rows that priced it.
func (e *edited) count(before int) {
	book := e.book()
	for _, one := range e.vendor.Entries()[before:] {
		if one.Token {
			continue
		}
		p, ok := book.Lookup(e.name, regionOf(one.ID), one.At)
		if !ok {
			e.t.Errorf("a call to %s for %s was made at %s under a cap and has no price", e.name, regionOf(one.ID), one.At)
			continue
		}
		terms := fmt.Sprint(p.Endpoint, p.Region, p.Currency, p.Kind, p.Tiers, p.FreeQuota)
		e.terms[terms] = p
		if one.Charged {
			e.charged[terms]++
		}
		if charges(e.caps.Basis, one) {
			e.read[terms]++
			e.readAll++
		}
		e.all, e.names = append(e.all, one), append(e.names, e.name)
	}
}

// charges reports that a call is a charge by a reading.
func charges(basis billing.Basis, one simulator.Entry) bool {
	return basis == billing.EveryCall || basis == billing.Success && one.Code == billing.CodeSuccess || one.Charged
}

// spent returns what calls of this month cost, each at the price that it was made under.
func (e *edited) spent(calls map[string]int64) billing.Amounts {
	sum := billing.NewAmounts()
	for terms, n := range calls {
		sum = sum.Add(billing.NewAmounts(billing.Money{Amount: e.terms[terms].Cost(n), Currency: e.terms[terms].Currency}))
	}
	return sum
}

// repriced returns what this month costs at the prices and by the reading of now.
func (e *edited) repriced() (sum billing.Amounts, calls int64) {
	book, counts := e.book(), map[*billing.Price]int64{}
	for i, one := range e.all {
		if !charges(e.caps.Basis, one) {
			continue
		}
		calls++
		p, ok := book.Lookup(e.names[i], regionOf(one.ID), one.At)
		if !ok {
			e.t.Errorf(
				"a night was run under a cap, and a call of the month to %s for %s has no price",
				e.names[i],
				regionOf(one.ID),
			)
			continue
		}
		counts[p]++
	}
	sum = billing.NewAmounts()
	for p, n := range counts {
		sum = sum.Add(billing.NewAmounts(billing.Money{Amount: p.Cost(n), Currency: p.Currency}))
	}
	return sum, calls
}

// TestCapsOutliveEdits plays months in which the configuration is edited between the nights. After every night that
// made a call the month is under its cap, in calls and in money, each call at the price and by the reading it was made
// under and at those of now.
func TestCapsOutliveEdits(t *testing.T) {
	var reached, lowered atomic.Int64
	t.Run("months", func(t *testing.T) { playEdited(t, &reached, &lowered) })
	if reached.Load() < 15 || lowered.Load() < 7 {
		t.Errorf(
			"caps were reached in %d nights, and counted more than the prices of now in %d: little was tried",
			reached.Load(),
			lowered.Load(),
		)
	}
}

func playEdited(t *testing.T, reached, lowered *atomic.Int64) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				e := newEdited(t, seed, dir)
				for range 7 {
					before := len(e.all)
					sum := e.night()
					t.Logf("%s: %s", time.Now().Format(time.DateOnly), sum.Verdict)
					if strings.Contains(sum.Verdict, "reached") {
						reached.Add(1)
					}
					if len(sum.Counted) > 0 {
						lowered.Add(1)
					}
					now, calls := e.repriced()
					for what, amounts := range map[string]billing.Amounts{
						"the prices of then": e.spent(e.charged), "the prices of now": now,
						"the prices, and by the readings, of then": e.spent(e.read),
					} {
						if currency, over := amounts.Over(e.caps.Month.Limit); over && len(e.all) > before {
							t.Errorf("at %s %s was spent, the cap is %s: over in %s", what, amounts, e.caps.Month.Limit, currency)
						}
					}
					if limit := e.caps.Month.Calls; limit > 0 && max(calls, e.readAll) > limit && len(e.all) > before {
						t.Errorf("%d calls are charged, %d by the readings of then, the cap is %d", calls, e.readAll, limit)
					}
					if t.Failed() {
						return
					}
					time.Sleep(24*time.Hour - time.Duration(e.rng.Int64N(int64(time.Hour))))
					rows, name, zone := slices.Clone(e.rows), e.name, e.zone
					what := e.edit(time.Now())
					if _, err := billing.NewBook(e.rows, e.zone); err != nil { // no such edit is accepted
						e.rows, e.name, e.zone = rows, name, zone
						continue
					}
					t.Log("edited:", what)
				}
			})
		})
	}
}

// A night that runs into a day without a price stops there, and asks for one the next time.
func TestNightRunsIntoADayWithoutAPrice(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		e := newEdited(t, 1, dir)
		e.caps = billing.Caps{
			Run: billing.Cap{
				Name:  "spend_per_run",
				Limit: billing.Amounts{"USD": decimal.NewFromInt(100), "EUR": decimal.NewFromInt(100)},
			},
		}
		e.rows = []billing.Price{
			{
				Endpoint: "sg",
				Region:   "*",
				From:     firstOfMonth,
				To:       firstOfMonth.AddDate(0, 0, 1),
				Currency: "USD",
				Kind:     billing.Flat,
				Tiers:    []billing.Tier{{Unit: unitCost}},
			},
		}
		e.vendor.SetFaults(simulator.Faults{})
		e.rate = 1
		time.Sleep(24*time.Hour - 5*time.Second)
		var text strings.Builder
		text.WriteString("signatureId,region\n")
		for i := range 20 {
			fmt.Fprintf(&text, "a%015x,SG\n", i)
		}
		e.lists = []string{filepath.Join(dir, "ids.csv")}
		if err := os.WriteFile(e.lists[0], []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		s := e.database()
		defer s.Close() //nolint:errcheck // its directory goes with it
		sum, err := batch.Run(context.Background(), e.job(s))
		if err != nil || sum.ExitCode != batch.ExitStopped || sum.Spent.Unpriced != 0 ||
			!strings.Contains(
				sum.Verdict,
				"sg has no price for region SG on 2000-01-02, which spend_per_run needs; resumes next run",
			) {
			t.Errorf("exit %d, %v, %d unpriced: %s", sum.ExitCode, err, sum.Spent.Unpriced, sum.Verdict)
		}
		for _, one := range e.vendor.Entries() {
			if one.Charged &&
				one.At.After(firstOfMonth.AddDate(0, 0, 1).Add(time.Second)) { // what was on its way at midnight had a price
				t.Errorf("a call was made at %s, when it had no price", one.At)
			}
		}
		var missing *batch.UnpricedError
		if _, err = batch.Run(context.Background(), e.job(s)); !errors.As(err, &missing) || missing.IDs == 0 ||
			!missing.Row.From.Equal(firstOfMonth.AddDate(0, 0, 1)) {
			t.Errorf("the next run: %v, %d IDs, from %v", err, missing.IDs, missing.Row.From)
		}
	})
}

// Where the contract bills every call, a cap counts those that are tagged FREE as well.
func TestCapsCountWhatTheContractBills(t *testing.T) {
	for _, c := range []struct {
		basis    billing.Basis
		answered int
	}{{billing.PayTag, 25}, {billing.Success, 25}, {billing.EveryCall, 10}} {
		t.Run(string(c.basis), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				e := newEdited(t, 1, dir)
				e.rows = []billing.Price{
					{
						Endpoint: "sg",
						Region:   "*",
						From:     firstOfMonth,
						Currency: "USD",
						Kind:     billing.Flat,
						Tiers:    []billing.Tier{{Unit: unitCost}},
					},
				}
				e.caps = billing.Caps{
					Month: billing.Cap{Name: "spend_per_month", Limit: billing.Amounts{"USD": unitCost.Mul(decimal.NewFromInt(10))}},
					Basis: c.basis,
				}
				e.vendor.SetFaults(
					simulator.Faults{Probability: map[simulator.Fault]float64{simulator.NotExist: 0.8}},
				) // tagged FREE
				var text strings.Builder
				text.WriteString("signatureId,region\n")
				for i := range 25 {
					fmt.Fprintf(&text, "a%015x,SG\n", i)
				}
				e.lists = []string{filepath.Join(dir, "ids.csv")}
				if err := os.WriteFile(e.lists[0], []byte(text.String()), 0o600); err != nil {
					t.Fatal(err)
				}
				for range 2 {
					s := e.database()
					sum, err := batch.Run(context.Background(), e.job(s))
					if err := errors.Join(err, s.Close()); err != nil {
						t.Fatal(err)
					}
					t.Log(sum.Verdict)
				}
				served := slices.DeleteFunc(e.vendor.Entries(), func(one simulator.Entry) bool { return one.Token })
				if len(served) != c.answered {
					t.Errorf("%d calls were made, want %d", len(served), c.answered)
				}
			})
		})
	}
}
