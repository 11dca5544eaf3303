package figures

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// BasisLine counts the calls of one endpoint, in one currency, under one reading, beside the statement's.
type BasisLine struct {
	Basis              billing.Basis
	Endpoint, Currency string // endpoint "": all that the statement is about
	Calls, InDoubt     int64  // billed, and in doubt: the reading may bill them as well
	Priced             bool
	Amount, Minimum    decimal.Decimal // of the calls, and what monthly minimums add
	TheirCalls         int64
	Theirs             decimal.Decimal // of usage alone: no credit, no tax
	Fits               bool
	Lines, OnNoLine    int64 // what contradicts the reading
}

// Gap returns the statement less the reading, in calls and in money.
func (l BasisLine) Gap() (int64, decimal.Decimal) {
	return l.TheirCalls - l.Calls, l.Theirs.Sub(l.Amount)
}

// loadBases returns the lines to show: where a statement was reconciled, those that it was compared with, else the
// journal's counts with the calls in doubt that each may bill.
func loadBases(ctx context.Context, snap *snapshot.Snapshot, s *Reconciled, counted basisCounts,
	may map[basisKey]int64, ranked Currencies,
) ([]BasisLine, error) {
	lines := slices.Clone(counted)
	for k, n := range may {
		lines.at(k).InDoubt += n
	}
	if s != nil {
		gaps, err := snap.Reconciliations().BasisGaps(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		lines = nil
		for _, g := range gaps {
			l, err := readGap(g)
			if err != nil {
				return nil, err
			}
			lines = append(lines, l)
		}
	}
	slices.SortFunc(lines, func(a, b BasisLine) int {
		return cmp.Or(slices.Index(billing.Bases(), a.Basis)-slices.Index(billing.Bases(), b.Basis),
			ranked.Rank(a.Currency)-ranked.Rank(b.Currency), strings.Compare(a.Endpoint, b.Endpoint))
	})
	return lines, nil
}

// readGap reads the amounts of a comparison.
func readGap(g accounts.BasisGap) (l BasisLine, err error) {
	l = BasisLine{
		Basis: billing.Basis(g.Basis), Endpoint: g.Endpoint, Currency: LedgerText(g.Currency),
		Calls:   g.OurQuantity,
		InDoubt: g.Doubts, Priced: g.OurAmount != "", TheirCalls: g.TheirQuantity, Fits: g.Fits,
		Lines: g.Lines, OnNoLine: g.Calls,
	}
	if l.Amount, l.Theirs, err = Amounts(g.OurAmount, g.TheirAmount); err != nil {
		return l, fmt.Errorf("reading %s: %w", g.Basis, err)
	}
	if l.Minimum, err = decimal.NewFromString(g.Minimum); err != nil {
		return l, fmt.Errorf("minimum under %s: %w", g.Basis, err)
	}
	return l, nil
}

// BasisSums adds the lines up by reading and currency; a sum fits when all its lines do.
func BasisSums(lines []BasisLine) []BasisLine {
	var sums []BasisLine
	for _, l := range lines {
		i := len(sums) - 1
		if i < 0 || sums[i].Basis != l.Basis || sums[i].Currency != l.Currency {
			i++
			sums = append(sums, BasisLine{Basis: l.Basis, Currency: l.Currency, Priced: true, Fits: true})
		}
		s := &sums[i]
		s.Calls, s.InDoubt, s.TheirCalls = s.Calls+l.Calls, s.InDoubt+l.InDoubt, s.TheirCalls+l.TheirCalls
		s.Amount, s.Minimum, s.Theirs = s.Amount.Add(l.Amount), s.Minimum.Add(l.Minimum), s.Theirs.Add(l.Theirs)
		s.Priced, s.Fits = s.Priced && l.Priced, s.Fits && l.Fits
	}
	return sums
}

// away counts the calls that the statement has less than a reading bills, or more than it bills and may bill with all
// doubts, added up over the endpoints: their gaps do not make up for each other.
func away(lines []BasisLine, basis billing.Basis) int64 {
	var n int64
	for _, l := range lines {
		if l.Basis == basis {
			calls, _ := l.Gap()
			n += max(0, -calls, calls-l.InDoubt)
		}
	}
	return n
}

// BasisHeadline names the reading that explains the statement.
func BasisHeadline(d *Data) string {
	if d.Reconciled == nil {
		return fmt.Sprintf("The contract's reading is %s: %s; no statement to compare with", d.Basis,
			page.Plural(d.Ledger.All.Billable, "billable call", "billable calls"))
	}
	fitting := d.Reconciled.reproducing()
	if !d.Reconciled.Earlier() && !slices.Contains(fitting, string(d.Basis)) && len(d.Bases) > 0 {
		var fits []billing.Fit
		for _, l := range d.Bases {
			fits = append(fits, billing.Fit{Basis: l.Basis, Endpoint: l.Endpoint, Lines: l.Lines,
				Calls: l.OnNoLine, Refuted: !l.Fits})
		}
		text := billing.NameBases(d.Basis, billing.Basis(d.Reconciled.Nearest), fits)
		return strings.ToUpper(text[:1]) + text[1:]
	}
	others := slices.DeleteFunc(slices.Clone(fitting), func(r string) bool { return r == string(d.Basis) })
	switch {
	case len(fitting) == 0:
		n := d.Reconciled.Nearest
		return fmt.Sprintf("No single reading reproduces the statement; the nearest is %s, %s apart with its doubts "+
			"allowed for", n, page.Plural(away(d.Bases, billing.Basis(n)), "call", "calls"))
	case len(others) == 0:
		return "The statement follows the contract's reading, " + string(d.Basis)
	case len(others) < len(fitting):
		return fmt.Sprintf("The statement follows the contract's reading, %s; %s would give the same", d.Basis,
			page.List(others))
	}
	return fmt.Sprintf("The statement does not follow the contract's reading, %s: it is what %s gives", d.Basis,
		page.List(fitting))
}
