package finance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store"
)

// readingLine is what one reading makes of the calls of one endpoint, in one currency, beside what the statement bills.
type readingLine struct {
	reading            billing.Reading
	endpoint, currency string // endpoint "": all that the statement is about
	calls, doubts      int64  // billed, and in doubt: the reading may bill them as well
	priced             bool
	amount, minimum    decimal.Decimal // of the calls, and what monthly minimums add
	theirCalls         int64
	theirs             decimal.Decimal // of usage alone: no credit, no tax
	fits               bool
}

func (l readingLine) gap() (int64, decimal.Decimal) {
	return l.theirCalls - l.calls, l.theirs.Sub(l.amount)
}

// loadReadings returns the lines to show: where a statement was reconciled, those that it was compared with, else the
// journal's counts with the calls in doubt that each may bill.
func loadReadings(ctx context.Context, snap *store.Snapshot, s *reconciled, counted readingCounts,
	may map[readingKey]int64, ranked currencies,
) ([]readingLine, error) {
	lines := slices.Clone(counted)
	for k, n := range may {
		lines.at(k).doubts += n
	}
	if s != nil {
		gaps, err := snap.ReadingGaps(ctx, s.ID)
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
	slices.SortFunc(lines, func(a, b readingLine) int {
		return cmp.Or(slices.Index(billing.Readings(), a.reading)-slices.Index(billing.Readings(), b.reading),
			ranked.rank(a.currency)-ranked.rank(b.currency), strings.Compare(a.endpoint, b.endpoint))
	})
	return lines, nil
}

// readGap reads the amounts of a comparison.
func readGap(g store.ReadingGap) (l readingLine, err error) {
	l = readingLine{
		reading: billing.Reading(g.Reading), endpoint: g.Endpoint, currency: ledgerText(g.Currency), calls: g.OurQuantity,
		doubts: g.Doubts, priced: g.OurAmount != "", theirCalls: g.TheirQuantity, fits: g.Fits,
	}
	if l.amount, l.theirs, err = amounts(g.OurAmount, g.TheirAmount); err != nil {
		return l, fmt.Errorf("reading %s: %w", g.Reading, err)
	}
	if l.minimum, err = decimal.NewFromString(g.Minimum); err != nil {
		return l, fmt.Errorf("minimum under %s: %w", g.Reading, err)
	}
	return l, nil
}

// readingSums adds the lines up by reading and currency; a sum fits when all its lines do.
func readingSums(lines []readingLine) []readingLine {
	var sums []readingLine
	for _, l := range lines {
		i := len(sums) - 1
		if i < 0 || sums[i].reading != l.reading || sums[i].currency != l.currency {
			i++
			sums = append(sums, readingLine{reading: l.reading, currency: l.currency, priced: true, fits: true})
		}
		s := &sums[i]
		s.calls, s.doubts, s.theirCalls = s.calls+l.calls, s.doubts+l.doubts, s.theirCalls+l.theirCalls
		s.amount, s.minimum, s.theirs = s.amount.Add(l.amount), s.minimum.Add(l.minimum), s.theirs.Add(l.theirs)
		s.priced, s.fits = s.priced && l.priced, s.fits && l.fits
	}
	return sums
}

// away is how many calls the statement has less than a reading bills, or more than it bills and may bill with all doubts,
// added up over the endpoints: their gaps do not make up for each other.
func away(lines []readingLine, reading billing.Reading) int64 {
	var n int64
	for _, l := range lines {
		if l.reading == reading {
			calls, _ := l.gap()
			n += max(0, -calls, calls-l.doubts)
		}
	}
	return n
}

// readingHeadline names the reading that explains the statement.
func readingHeadline(d *Data) string {
	if d.reconciled == nil {
		return fmt.Sprintf("The contract's reading is %s: %s; no statement to compare with", d.Reading, page.Plural(d.ledger.all.billable, "billable call", "billable calls"))
	}
	fitting := d.reconciled.reproducing()
	others := slices.DeleteFunc(slices.Clone(fitting), func(r string) bool { return r == string(d.Reading) })
	switch {
	case len(fitting) == 0:
		n := d.reconciled.Nearest
		return fmt.Sprintf("No single reading reproduces the statement; the nearest is %s, %s apart with its doubts allowed for", n, page.Plural(away(d.readings, billing.Reading(n)), "call", "calls"))
	case len(others) == 0:
		return "The statement follows the contract's reading, " + string(d.Reading)
	case len(others) < len(fitting):
		return fmt.Sprintf("The statement follows the contract's reading, %s; %s would give the same", d.Reading, page.List(others))
	}
	return fmt.Sprintf("The statement does not follow the contract's reading, %s: it is what %s gives", d.Reading, page.List(fitting))
}
