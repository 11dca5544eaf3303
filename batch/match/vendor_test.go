package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

var billedMonth = billing.Period{Year: 2026, Month: time.November}

// served is a call as the vendor's books have it: it knows what it served even where the answer never arrived. It is
// written without a look at the matcher.
type served struct {
	call  Call
	tag   billing.Tag // what the vendor meant, where the answer was lost too
	price *billing.Price
	unit  decimal.Decimal // what it costs by the contract's reading, if it is charged
	ours  decimal.Decimal // the same as far as we can know, with no call in doubt before it
}

// vendor is a little model of the other side: a month of calls of known kinds.
type vendor struct {
	rand   *rand.Rand
	book   *billing.Book
	basis  billing.Basis
	served []*served
	checks int64
}

func singapore(t testing.TB, year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, zone(t, "Asia/Singapore"))
}

// vendorBook has two currencies, a pool of regions, a region of its own, and all kinds of tiers.
func vendorBook(t testing.TB, r *rand.Rand) *billing.Book {
	price := func(endpoint, region, currency string, kind billing.TierKind) billing.Price {
		p := flat(endpoint, region, "2026-01-01", "0.035")
		p.Currency, p.Kind = currency, kind
		switch kind {
		case billing.Graduated:
			p.FreeQuota, p.Tiers = r.Int64N(20), tiers(upTo(30+r.Int64N(30), "0.05"), upTo(100, "0.04"), beyond("0.0275"))
		case billing.Volume:
			p.FreeQuota, p.Tiers = r.Int64N(20), tiers(upTo(50, "0.061"), beyond("0.0333"))
		}
		return p
	}
	return mustBook(t, zone(t, "Asia/Singapore"),
		price("sg", "*", "USD", kinds[r.IntN(3)]), price("sg", "VN", "USD", kinds[r.IntN(3)]), price("th", "*", "THB", kinds[r.IntN(3)]))
}

func newVendor(t testing.TB, seed uint64, basis billing.Basis) *vendor {
	r := rand.New(rand.NewPCG(seed, 77))
	return &vendor{rand: r, book: vendorBook(t, r), basis: basis}
}

func (v *vendor) place() billing.Route {
	return []billing.Route{{Endpoint: "sg", Region: "SG"}, {Endpoint: "sg", Region: "VN"}, {Endpoint: "sg", Region: "PH"}, {Endpoint: "th", Region: "TH"}}[v.rand.IntN(4)]
}

func (v *vendor) transaction() string { return fmt.Sprintf("%016x", v.rand.Uint64()) }

// serve books an answered call to a new ID. The call's number follows its time only by chance.
func (v *vendor) serve(at time.Time, tag billing.Tag, success bool) *served {
	v.checks++
	to := v.place()
	s := &served{tag: tag, call: Call{
		ID: int64(len(v.served)) + 1, CheckID: v.checks, SentAt: at, Endpoint: to.Endpoint, Region: to.Region,
		Outcome: Answered, Tag: tag, Pricing: string(tag), TransactionID: v.transaction(), Success: success,
	}}
	s.price, _ = v.book.Lookup(to.Endpoint, to.Region, at)
	v.served = append(v.served, s)
	return s
}

// repeat books one more call to an ID.
func (v *vendor) repeat(first *served, after time.Duration) *served {
	s := v.serve(first.call.SentAt.Add(after), first.tag, first.call.Success)
	v.checks--
	s.call.CheckID, s.call.Endpoint, s.call.Region, s.price = first.call.CheckID, first.call.Endpoint, first.call.Region, first.price
	return s
}

// lose makes a call one that never came back.
func (s *served) lose() *served {
	s.call.Outcome, s.call.Tag, s.call.Pricing, s.call.TransactionID, s.call.Success = Unanswered, billing.Unknown, "", "", false
	return s
}

// daytime is a moment of the month away from its edges.
func (v *vendor) daytime(t testing.TB, firstDay, lastDay int) time.Time {
	from := singapore(t, 2026, time.November, firstDay, 0, 0)
	return from.Add(time.Duration(v.rand.Int64N(int64(lastDay-firstDay+1)*24*3600*1000)) * time.Millisecond)
}

// ordinary fills the month with answers of all kinds that readings tell apart.
func (v *vendor) ordinary(t testing.TB, n int) {
	for range n {
		at := v.daytime(t, 3, 27)
		switch k := v.rand.IntN(20); {
		case k < 11:
			v.serve(at, billing.Pay, true)
		case k < 13:
			v.serve(at, billing.Pay, false)
		case k < 15:
			v.serve(at, billing.Free, true)
		case k < 17:
			v.serve(at, billing.Free, false)
		case k == 17: // asked again, a new transaction
			v.repeat(v.serve(at, billing.Pay, true), time.Hour)
		case k == 18: // asked again, the same transaction
			first := v.serve(at, billing.Pay, true)
			v.repeat(first, 2*time.Hour).call.TransactionID = first.call.TransactionID
		default: // free at first
			first := v.serve(at, billing.Free, false)
			v.repeat(first, time.Minute).tag = billing.Pay
			last := v.served[len(v.served)-1]
			last.call.Tag, last.call.Pricing, last.call.Success = billing.Pay, string(billing.Pay), true
		}
	}
}

// charged are the calls of the answered ones that a reading charges, by time.
func (v *vendor) charged(basis billing.Basis) []*served {
	slices.SortStableFunc(v.served, func(a, b *served) int { return a.call.SentAt.Compare(b.call.SentAt) })
	var list []*served
	ids, transactions := map[int64]bool{}, map[string]bool{}
	for _, s := range v.served {
		c := &s.call
		charge := false
		switch basis {
		case billing.PayTag:
			charge = c.Tag == billing.Pay
		case billing.Success:
			charge = c.Success
		case billing.DistinctID:
			charge = c.Tag == billing.Pay && !ids[c.CheckID]
			ids[c.CheckID] = ids[c.CheckID] || charge
		case billing.Transaction:
			charge = c.Tag == billing.Pay && !transactions[c.TransactionID]
			transactions[c.TransactionID] = transactions[c.TransactionID] || charge
		case billing.EveryCall:
			charge = true
		}
		if charge {
			list = append(list, s)
		}
	}
	return list
}

// price gives charges their units, counting on its own.
func (v *vendor) price(charges []*served) {
	totals, counts := map[*billing.Price]int64{}, map[*billing.Price]int64{}
	for _, s := range charges {
		totals[s.price]++
	}
	for _, s := range charges {
		counts[s.price]++
		n := counts[s.price] - s.price.FreeQuota
		if n <= 0 {
			s.unit = decimal.Decimal{}
			continue
		}
		if s.price.Kind == billing.Volume {
			n = totals[s.price] - s.price.FreeQuota
		}
		for i := len(s.price.Tiers) - 1; i >= 0; i-- {
			if tier := s.price.Tiers[i]; tier.UpTo == 0 || n <= tier.UpTo {
				s.unit = tier.Unit
			}
		}
	}
}

// bill is the line that bills a call.
func (v *vendor) bill(s *served) statement.Line {
	return statement.Line{
		Kind: statement.Usage, TransactionID: s.call.TransactionID, ChargedAt: s.call.SentAt.Add(time.Duration(50+v.rand.IntN(300)) * time.Millisecond).UTC(),
		Month: billedMonth, Endpoint: s.call.Endpoint, Region: s.call.Region, Pricing: "PAY", Quantity: 1, Amount: s.unit, Currency: s.price.Currency,
	}
}

// inNovember leaves out the charges of the months around.
func inNovember(t testing.TB, charges []*served) []*served {
	from, to := billedMonth.Bounds(zone(t, "Asia/Singapore"))
	return slices.DeleteFunc(slices.Clone(charges), func(s *served) bool { return s.call.SentAt.Before(from) || !s.call.SentAt.Before(to) })
}
