package figures

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/internal/reporttest"
	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// callsOf are calls of one quarter of an hour, one endpoint, and one source.
type callsOf struct {
	quarter        int
	endpoint, list string
	campaign       string
	kind           string // of the ledger
	calls          int64
}

var november = calendar.Month(2026, 11, reporttest.Singapore())

func (c callsOf) usage() store.Usage {
	u := store.Usage{Quarter: november.From.Add(time.Duration(c.quarter) * 15 * time.Minute).UTC(), Endpoint: c.endpoint,
		Region: "SG", Outcome: store.Answered, Code: page.Success, Pricing: "PAY", Tag: store.TagPay, Calls: c.calls}
	switch c.kind {
	case KindFree:
		u.Code, u.Pricing, u.Tag = "PARAMETER_ERROR", "FREE", store.TagFree
	case KindUnanswered:
		u.Outcome, u.Code, u.Pricing, u.Tag = store.Unanswered, "", "", store.TagUnknown
	}
	return u
}

// costsOf prices calls in the order of their quarters and parts them by their sources, which are given in the order of
// their first calls.
func costsOf(t *testing.T, rows []billing.Price, calls []callsOf, basis billing.Basis, change func([]store.Usage)) *Data {
	t.Helper()
	book, err := billing.NewBook(rows, reporttest.Singapore())
	if err != nil {
		t.Fatal(err)
	}
	var found []*snapshot.SourceUsage
	sums, paths, lists := map[store.Usage]int64{}, map[int64]string{}, map[string]int64{}
	for _, c := range calls {
		if lists[c.list] == 0 {
			lists[c.list] = int64(len(lists) + 1)
			paths[lists[c.list]] = "lists/" + c.list
		}
		found = append(found, &snapshot.SourceUsage{Usage: c.usage(), ListID: lists[c.list], Kept: c.campaign})
		sums[withoutCalls(c.usage())] += c.calls
	}
	var usage []store.Usage
	for u, n := range sums {
		u.Calls = n
		usage = append(usage, u)
	}
	slices.SortFunc(usage, func(a, b store.Usage) int {
		return strings.Compare(fmt.Sprintf("%020d%+v", a.Quarter.Unix(), a), fmt.Sprintf("%020d%+v", b.Quarter.Unix(), b))
	})
	if change != nil {
		change(usage)
	}
	o := Options{Period: november, Keep: []string{"campaign"}, Prices: book, Basis: basis}.withDefaults()
	p := pricing{book: book, months: o.BillingMonths(), period: november}
	charges, terms := p.charges(usage, func(u store.Usage) int64 {
		if chargeOf(basis, u) == billing.Pay {
			return u.Calls
		}
		return 0
	})
	d := &Data{Options: o, Ledger: newLedger(charges, terms, november)}
	d.Currencies = rankCurrencies(d.Ledger, nil)
	kept := newKeptValues(o.Keep)
	partLedger(d.Ledger, charges, found, kept.sources(found, paths), o)
	return d
}

// lines writes a table as text.
func linesOf(d *Data, column, most int) string {
	var all []string
	for _, l := range CostsBy(d, column, most) {
		name := map[CostName]string{CostNamed: l.Name, CostOthers: fmt.Sprint(l.Folded, " others"), CostUnnamed: "no value",
			CostOfNone: "not of calls"}[l.What]
		all = append(all, fmt.Sprintf("%s %s %d/%d/%d %s", name, l.Currency, l.Calls(), l.Pay, l.Billable, l.Amount))
	}
	return strings.Join(all, "; ")
}

func price(endpoint, currency string, kind billing.TierKind, quota int64, minimum string, tiers ...string) billing.Price {
	p := billing.Price{Endpoint: endpoint, Region: "*", From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Currency: currency,
		Kind: kind, FreeQuota: quota, Minimum: decimal.RequireFromString(minimum)}
	for _, text := range tiers {
		upTo, unit, tiered := strings.Cut(text, "@")
		tier := billing.Tier{}
		if !tiered {
			unit = text
		} else if _, err := fmt.Sscan(upTo, &tier.UpTo); err != nil {
			panic(err)
		}
		tier.Unit = decimal.RequireFromString(unit)
		p.Tiers = append(p.Tiers, tier)
	}
	return p
}

// TestCosts prices small months by hand. In most of them list a has 3 calls, then b 2 and a 1 in one quarter of an hour.
func TestCosts(t *testing.T) {
	months := []callsOf{{0, "sg", "a.csv", "x", KindPay, 3}, {1, "sg", "b.csv", "", KindPay, 2}, {1, "sg", "a.csv", "x", KindPay, 1}}
	for name, test := range map[string]struct {
		rows             []billing.Price
		calls            []callsOf
		lists, campaigns string
	}{
		"flat": {[]billing.Price{price("sg", "USD", billing.Flat, 0, "0", "0.05")}, months,
			"a.csv USD 4/4/4 0.2; b.csv USD 2/2/2 0.1", "x USD 4/4/4 0.2; no value USD 2/2/2 0.1"},
		"quota ends among them: the first of b is free, too": {[]billing.Price{price("sg", "USD", billing.Flat, 4, "0", "0.1")}, months,
			"a.csv USD 4/4/4 0.1; b.csv USD 2/2/2 0.1", "x USD 4/4/4 0.1; no value USD 2/2/2 0.1"},
		"graduated: b has the last at 0.03": {[]billing.Price{price("sg", "USD", billing.Graduated, 0, "0", "4@0.03", "0.02")}, months,
			"a.csv USD 4/4/4 0.11; b.csv USD 2/2/2 0.05", "x USD 4/4/4 0.11; no value USD 2/2/2 0.05"},
		"volume: all at the price reached": {[]billing.Price{price("sg", "USD", billing.Volume, 0, "0", "4@0.03", "0.02")}, months,
			"a.csv USD 4/4/4 0.08; b.csv USD 2/2/2 0.04", "x USD 4/4/4 0.08; no value USD 2/2/2 0.04"},
		"minimum": {[]billing.Price{price("sg", "USD", billing.Flat, 0, "1", "0.05")}, months,
			"a.csv USD 4/4/4 0.2; b.csv USD 2/2/2 0.1; not of calls USD 0/0/0 0.7",
			"x USD 4/4/4 0.2; no value USD 2/2/2 0.1; not of calls USD 0/0/0 0.7"},
		"two currencies": {[]billing.Price{price("sg", "SGD", billing.Flat, 0, "0", "0.07"), price("ph", "USD", billing.Flat, 0, "0", "0.045")},
			append(slices.Clone(months), callsOf{2, "ph", "a.csv", "y", KindPay, 1}),
			"a.csv SGD 4/4/4 0.28; b.csv SGD 2/2/2 0.14; a.csv USD 1/1/1 0.045",
			"x SGD 4/4/4 0.28; no value SGD 2/2/2 0.14; y USD 1/1/1 0.045"},
		"a doubt asked again, and a failure that is free": {[]billing.Price{price("sg", "USD", billing.Flat, 0, "0", "0.05")},
			[]callsOf{{0, "sg", "a.csv", "x", KindUnanswered, 1}, {9, "sg", "a.csv", "x", KindPay, 1}, {9, "sg", "b.csv", "x", KindFree, 2}},
			"a.csv USD 2/1/1 0.05; b.csv USD 2/0/0 0", "x USD 4/1/1 0.05"},
		"no price": {nil, months, "a.csv – 4/4/4 0; b.csv – 2/2/2 0", "x – 4/4/4 0; no value – 2/2/2 0"},
	} {
		d := costsOf(t, test.rows, test.calls, billing.PayTag, nil)
		if got := linesOf(d, ByList, 25); got != test.lists {
			t.Errorf("%s, by list: %s\nwant %s", name, got, test.lists)
		}
		if got := linesOf(d, 0, 25); got != test.campaigns {
			t.Errorf("%s, by campaign: %s\nwant %s", name, got, test.campaigns)
		}
	}
}

// TestCostsFold: what has no line of its own has one with the others, behind those of its currency.
func TestCostsFold(t *testing.T) {
	var calls []callsOf
	for i := range int64(5) {
		calls = append(calls, callsOf{0, "sg", fmt.Sprint("l", i), "", KindPay, 5 - i})
	}
	d := costsOf(t, []billing.Price{price("sg", "USD", billing.Flat, 0, "2", "0.1")}, calls, billing.PayTag, nil)
	want := "l0 USD 5/5/5 0.5; l1 USD 4/4/4 0.4; 3 others USD 6/6/6 0.6; not of calls USD 0/0/0 0.5"
	if got := linesOf(d, ByList, 2); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestListNames tells lists of one name apart by their directories, and no others.
func TestListNames(t *testing.T) {
	paths := map[int64]string{1: "/in/a/ids.csv", 2: "/in/b/ids.csv", 3: "/in/b/more.csv", 4: "/in/b/more.csv", 5: "ids.csv", 6: "/x/b/ids.csv"}
	var found []*snapshot.SourceUsage
	for id := range int64(6) {
		found = append(found, &snapshot.SourceUsage{ListID: id + 1})
	}
	want := map[int64]string{1: "a/ids.csv", 2: "in/b/ids.csv", 3: "more.csv", 4: "more.csv", 5: "ids.csv", 6: "x/b/ids.csv"}
	for id, name := range listNames(found, paths) {
		if name != want[id] {
			t.Errorf("list %d is %q, want %q", id, name, want[id])
		}
	}
}

// TestKeptValuesAreBounded: a column with too many values tells nothing, of calls read before either.
func TestKeptValuesAreBounded(t *testing.T) {
	k := newKeptValues([]string{"Customer No.", "campaign"})
	var found []*snapshot.SourceUsage
	for i := range page.MostValues + 5 {
		text := k.of(fmt.Appendf(nil, `{"customer no":"c%d","Campaign":" x "}`, i))
		found = append(found, &snapshot.SourceUsage{ListID: 1, Kept: text})
	}
	for _, s := range k.sources(found, map[int64]string{1: "a"}) {
		if !k.full[0] || k.full[1] || s.Values[0] != "" || s.Values[1] != "x" {
			t.Fatalf("%v, full %v", s, k.full)
		}
	}
}

// TestCostsAddUp makes random months: every table comes to the ledger in each currency, every line is the sum of its
// parts, also where the calls read are more or fewer than those counted.
func TestCostsAddUp(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 17))
		pick := func(all ...string) string { return all[random.IntN(len(all))] }
		var rows []billing.Price
		for _, endpoint := range []string{"sg", "ph", "id"} {
			kind := []billing.TierKind{billing.Flat, billing.Graduated, billing.Volume}[random.IntN(3)]
			tiers := []string{fmt.Sprintf("%d@0.0%d", 1+random.IntN(40), 3+random.IntN(5)), "0.021"}
			if kind == billing.Flat {
				tiers = tiers[1:]
			}
			if random.IntN(5) > 0 {
				rows = append(rows, price(endpoint, pick("USD", "SGD"), kind, int64(random.IntN(30)), pick("0", "3"), tiers...))
			}
		}
		var calls []callsOf
		for range random.IntN(60) {
			calls = append(calls, callsOf{random.IntN(200), pick("sg", "ph", "id"), pick("a", "b", "c"), pick("", "x", "y"),
				pick(KindPay, KindPay, KindFree, KindUnanswered), int64(1 + random.IntN(9))})
		}
		basis := []billing.Basis{billing.PayTag, billing.EveryCall, billing.Success}[random.IntN(3)]
		d := costsOf(t, rows, calls, basis, func(usage []store.Usage) {
			for i := range usage {
				if seed%3 == 0 && random.IntN(4) == 0 { // counted otherwise than read
					usage[i].Calls = max(1, usage[i].Calls+int64(random.IntN(5))-2)
				}
			}
		})
		for column := range 2 {
			sums := map[string]decimal.Decimal{}
			var all Account
			for _, l := range CostsBy(d, column-1, 1) {
				sums[l.Currency] = sums[l.Currency].Add(l.Amount)
				all.Merge(l.Account)
			}
			for _, currency := range d.Currencies {
				if !sums[currency].Equal(d.Ledger.Total(currency)) {
					t.Errorf("seed %d: column %d comes to %s %s, the ledger to %s", seed, column-1, currency, sums[currency],
						d.Ledger.Total(currency))
				}
			}
			if all.Bill != d.Ledger.All.Bill || all.Billable != d.Ledger.All.Billable {
				t.Errorf("seed %d: column %d counts %+v, the ledger %+v", seed, column-1, all, d.Ledger.All)
			}
		}
		for _, l := range d.Ledger.Lines {
			var sum LedgerLine
			parts, _ := PartsOf(d.Ledger, l)
			for _, p := range parts {
				sum.Calls, sum.Billable, sum.Amount = sum.Calls+p.Calls, sum.Billable+p.Billable, sum.Amount.Add(p.Amount)
			}
			if sum.Calls != l.Calls || sum.Billable != l.Billable || !sum.Amount.Equal(l.Amount) {
				t.Errorf("seed %d: the parts of %+v come to %+v", seed, l, sum)
			}
		}
	}
}

// TestTags writes what is asked for, and nothing of what a row does not say.
func TestTags(t *testing.T) {
	d := &Data{Options: Options{Keep: []string{"campaign", "partner"}, FocusTags: []string{ListTag, "partner"}}}
	for want, s := range map[string]*Source{
		"":                                   nil,
		`{"list":"a.csv"}`:                   {"a.csv", []string{"x", ""}},
		`{"list":"a.csv","partner":"P&\"<"}`: {"a.csv", []string{"x", `P&"<`}},
	} {
		if got, err := Tags(d, s); got != want || err != nil {
			t.Errorf("%v: %s %v, want %s", s, got, err, want)
		}
	}
}
