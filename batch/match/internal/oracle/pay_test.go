package oracle

import (
	"math/big"

	"github.com/shopspring/decimal"
)

// accounts holds the judgements of all months that the files of one month have lines of.
type accounts struct {
	b     *book
	sides map[string]*side
}

// theirs sums the lines of a month's side and adds the differences of its invoices' totals.
func (a *accounts) theirs(v *solution) decimal.Decimal {
	total := decimal.Zero
	for _, l := range a.b.lines {
		if l.side == v.s.month && l.Currency == v.currency && l.Kind != Total {
			total = total.Add(l.Amount)
		}
	}
	rounding, untied := a.totals(v)
	return total.Add(rounding).Add(untied)
}

// totals returns the differences of the month's invoices from their totals: roundings, and others.
func (a *accounts) totals(v *solution) (rounding, untied decimal.Decimal) {
	for _, f := range a.b.files {
		if f.invoice == v.s.month {
			r, u := f.total(v.currency)
			rounding, untied = rounding.Add(r), untied.Add(u)
		}
	}
	return rounding, untied
}

// total compares the totals of a file with its lines: the last that names no endpoint, else those of endpoints.
func (f *file) total(currency string) (rounding, untied decimal.Decimal) {
	grand := (*line)(nil)
	parts := map[string]*line{}
	for _, l := range f.lines {
		switch {
		case l.Kind != Total || l.Currency != currency:
		case l.Endpoint == "":
			grand = l
		default:
			parts[l.Endpoint] = l
		}
	}
	if grand != nil {
		parts = map[string]*line{"": grand}
	}
	for endpoint, t := range parts {
		lines := decimal.Zero
		for _, l := range f.lines {
			if l.Kind != Total && l.Currency == currency && (endpoint == "" || l.Endpoint == endpoint) {
				lines = lines.Add(l.Amount)
			}
		}
		if off := t.Amount.Sub(lines); f.ties[currency].toSum(t.Amount, lines) {
			rounding = rounding.Add(off)
		} else {
			untied = untied.Add(off)
		}
	}
	return rounding, untied
}

// aside returns the credits and the other products of a month's side.
func (a *accounts) aside(v *solution) (credits, products []decimal.Decimal) {
	for _, l := range a.b.lines {
		switch {
		case l.side != v.s.month || l.Currency != v.currency || l.Kind == Total || l.class == Reversed:
		case l.OtherProduct:
			products = append(products, l.Amount)
		case l.Kind == Credit:
			credits = append(credits, l.Amount)
		}
	}
	return credits, products
}

// taxes returns all taxes of a month's side, and what of them is on what is disputed, half up to 12 decimals.
func (a *accounts) taxes(v *solution) (tax, disputed decimal.Decimal) {
	for _, r := range v.rows {
		tax = tax.Add(r.Tax)
	}
	for _, l := range a.b.on(v.s.month, notUsage) {
		if l.Kind == Tax && l.Currency == v.currency {
			tax = tax.Add(l.Amount)
		}
	}
	on := new(big.Rat)
	for _, f := range a.b.files {
		if f.invoice == v.s.month {
			on.Add(on, a.taxOnDisputed(f, v.currency, v.s.month))
		}
	}
	if rate := a.b.set.TaxIncluded; rate != nil {
		_, over := v.of(func(r *row) decimal.Decimal { return r.disputed() })
		on.Add(on, over.Mul(*rate).Rat())
	}
	return tax, fraction(on)
}

func fraction(r *big.Rat) decimal.Decimal { return decimal.NewFromBigRat(r, 40).Round(12) }

// taxOnDisputed returns the part of the tax lines of a file that is on what is disputed of it (3.7) in some months:
// judgement is per month, payment per file.
func (a *accounts) taxOnDisputed(f *file, currency string, months ...string) *big.Rat {
	total := new(big.Rat)
	for _, t := range f.lines {
		if t.Kind != Tax || t.Currency != currency || t.OtherProduct {
			continue
		}
		named := func(l *line) bool {
			switch {
			case t.Transaction != "":
				return l.Transaction == t.Transaction
			case t.Endpoint != "":
				return a.endpoint(l) == t.Endpoint
			}
			return true
		}
		base := decimal.Zero
		for _, l := range f.lines {
			if l.Currency == currency && !l.OtherProduct && l.class != Reversed && named(l) &&
				(l.Kind == Usage || l.Kind == Credit && !a.b.set.GrossTaxBase) {
				base = base.Add(l.Amount)
			}
		}
		total.Add(total, ratio(t.Amount, a.disputed(f, currency, named, months), base))
	}
	return total
}

// endpoint returns the one that a line names or its call has.
func (a *accounts) endpoint(l *line) string {
	if l.Endpoint == "" && l.about >= 0 {
		return a.b.calls[l.about].Endpoint
	}
	return l.Endpoint
}

// disputed sums what is to dispute of some lines of a file in some months.
func (a *accounts) disputed(f *file, currency string, which func(*line) bool, months []string) decimal.Decimal {
	total := decimal.Zero
	for _, month := range months {
		if v := a.sides[month].money[currency]; v != nil {
			for _, r := range v.rows {
				if r.line != nil && r.line.file == f && which(r.line) {
					total = total.Add(r.disputed())
				}
			}
		}
	}
	return total
}

// payments proposes what to pay of the files that have lines of a month's side (3.7).
func (a *accounts) payments(month string) []Payment {
	var all []Payment
	for _, f := range a.b.files {
		currencies, here, shut := map[string]bool{}, false, false
		for _, l := range f.lines {
			currencies[l.Currency] = true
			here = here || l.side == month
			shut = shut || a.sides[l.side] != nil && a.sides[l.side].gate.Shut
		}
		if !here {
			continue
		}
		for _, c := range sortedKeys(currencies) {
			all = append(all, a.payment(f, c, shut))
		}
	}
	return all
}

func (a *accounts) payment(f *file, currency string, shut bool) Payment {
	rounding, untied := f.total(currency)
	p := Payment{File: f.Name, Currency: currency, Theirs: rounding.Add(untied), Unexplained: untied}
	for _, l := range f.lines {
		if l.Currency != currency || l.Kind == Total {
			continue
		}
		p.Theirs = p.Theirs.Add(l.Amount)
		if l.class == Withheld {
			p.Unexplained = p.Unexplained.Add(l.Amount)
		}
	}
	months := sortedKeys(a.sides)
	p.ToDispute = a.disputed(f, currency, func(*line) bool { return true }, months)
	tax := a.taxOnDisputed(f, currency, months...)
	if rate := a.b.set.TaxIncluded; rate != nil {
		tax.Add(tax, p.ToDispute.Mul(*rate).Rat())
	}
	p.TaxOnDisputed = fraction(tax)
	if !shut {
		exact := new(big.Rat).Sub(p.Theirs.Sub(p.ToDispute).Sub(decimal.Max(p.Unexplained, decimal.Zero)).Rat(), tax)
		amount := halfUp(exact, minorUnit(currency))
		p.Amount = &amount
	}
	return p
}

// halfUp rounds an exact fraction half up, away from zero.
func halfUp(r *big.Rat, k int32) decimal.Decimal {
	scaled := new(big.Rat).Mul(new(big.Rat).Abs(r), decimal.New(1, k).Rat())
	scaled.Add(scaled, big.NewRat(1, 2))
	whole := new(big.Int).Quo(scaled.Num(), scaled.Denom())
	if r.Sign() < 0 {
		whole.Neg(whole)
	}
	return decimal.NewFromBigInt(whole, -k)
}
