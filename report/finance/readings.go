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

// takeReadings settles which lines are shown: where a statement was reconciled, those that it was compared with.
func (f *finance) takeReadings(ctx context.Context) error {
	for k, n := range f.doubts.may {
		f.countedAt(k).doubts += n
	}
	f.readings = slices.Clone(f.counted)
	if s := f.settled; s != nil {
		gaps, err := f.snap.ReadingGaps(ctx, s.ID)
		if err != nil {
			return err
		}
		f.readings = nil
		for _, g := range gaps {
			l := readingLine{reading: billing.Reading(g.Reading), endpoint: g.Endpoint, currency: ledgerText(g.Currency), calls: g.OurQuantity, doubts: g.Doubts, priced: g.OurAmount != "", theirCalls: g.TheirQuantity, fits: g.Fits}
			if l.amount, l.theirs, err = amounts(g.OurAmount, g.TheirAmount); err != nil {
				return fmt.Errorf("reading %s: %w", g.Reading, err)
			}
			if l.minimum, err = decimal.NewFromString(g.Minimum); err != nil {
				return fmt.Errorf("minimum under %s: %w", g.Reading, err)
			}
			f.readings = append(f.readings, l)
		}
	}
	slices.SortFunc(f.readings, func(a, b readingLine) int {
		return cmp.Or(slices.Index(billing.Readings(), a.reading)-slices.Index(billing.Readings(), b.reading), f.rank(a.currency)-f.rank(b.currency), strings.Compare(a.endpoint, b.endpoint))
	})
	return nil
}

// readingSums adds the lines up by reading and currency; a sum fits when all its lines do.
func (f *finance) readingSums() []readingLine {
	var sums []readingLine
	for _, l := range f.readings {
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
func (f *finance) away(reading billing.Reading) int64 {
	var n int64
	for _, l := range f.readings {
		if l.reading == reading {
			calls, _ := l.gap()
			n += max(0, -calls, calls-l.doubts)
		}
	}
	return n
}

// reproducing are the readings that give the statement.
func (s *settled) reproducing() []string {
	if s.Reproduces == "" {
		return nil
	}
	return strings.Split(s.Reproduces, ", ")
}

// readingHeadline names the reading that explains the statement.
func (f *finance) readingHeadline() string {
	if f.settled == nil {
		return fmt.Sprintf("The contract's reading is %s: %s; no statement to compare with", f.Reading, page.Plural(f.billable, "billable call", "billable calls"))
	}
	fitting := f.settled.reproducing()
	others := slices.DeleteFunc(slices.Clone(fitting), func(r string) bool { return r == string(f.Reading) })
	switch {
	case len(fitting) == 0:
		n := f.settled.Nearest
		return fmt.Sprintf("No single reading reproduces the statement; the nearest is %s, %s apart with its doubts allowed for", n, page.Plural(f.away(billing.Reading(n)), "call", "calls"))
	case len(others) == 0:
		return "The statement follows the contract's reading, " + string(f.Reading)
	case len(others) < len(fitting):
		return fmt.Sprintf("The statement follows the contract's reading, %s; %s would give the same", f.Reading, page.List(others))
	}
	return fmt.Sprintf("The statement does not follow the contract's reading, %s: it is what %s gives", f.Reading, page.List(fitting))
}
