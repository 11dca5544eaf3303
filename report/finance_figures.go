package report

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// figures are the two charts of the first page.
func (f *finance) figures() []figure {
	if f.settled != nil {
		for _, currency := range f.billed() {
			if d := f.places.feeds[currency]; d.rows > 0 {
				return []figure{waterfallFigure(f.book.Sheet("Reconciliation"), d, currency, 1, 8), f.regionFigure(9, 4)}
			}
		}
	}
	return []figure{f.callFigure(1, 7), f.regionFigure(8, 5)}
}

// regionLabels are the short names of the first regions, beside their table.
func (f *finance) regionLabels(shown int) Area {
	t := f.places.regions
	col := t.page.across + 3
	return t.page.Area(Ref{col, t.first}, Ref{col, t.first + shown - 1})
}

// regionFigure shows our amount by region in the first of our currencies, or without a price the billable calls.
func (f *finance) regionFigure(col, width int) figure {
	d := f.places.compared
	if f.settled == nil || len(d.lines) == 0 || d.lines[0].currency == noValue {
		d = f.ledgerFeed()
	}
	if len(d.lines) == 0 {
		return figure{finding: "No call was sent in this period", caption: "Billable calls by region", col: col, span: width}
	}
	format, caption := Amount2, "Our amount by region, "+d.lines[0].currency
	if d.lines[0].amount.GreaterThanOrEqual(decimal.NewFromInt(1000)) {
		format = Count
	}
	value := func(g regionLine) decimal.Decimal { return g.amount }
	if d.lines[0].currency == noValue {
		format, caption = Count, "Billable calls by region"
		value = func(g regionLine) decimal.Decimal { return decimal.NewFromInt(g.billable) }
	}
	if d.lines[0].currency != noValue {
		caption = f.amountNote(caption, f.unpriced)
	}
	if len(d.all) > len(d.lines) {
		caption += fmt.Sprintf(" · the largest %d of %d regions", len(d.lines), len(d.all))
	}
	return figure{finding: concentration(d.all, value), caption: caption, col: col, span: width,
		chart: Chart{Sideways: true, Format: format, Categories: d.names, Alt: caption, Series: []Series{{Name: "Amount", Color: navy, Values: d.values, End: true}}}}
}

// ledgerFeed draws from the table of regions itself: all that the ledger has, monthly minimums too.
func (f *finance) ledgerFeed() regionFeed {
	var d regionFeed
	for _, g := range f.regions {
		if f.rank(g.currency) == f.rank(f.regions[0].currency) {
			d.all = append(d.all, g)
		}
	}
	d.lines = d.all[:min(len(d.all), chartRegions)]
	if shown := len(d.lines); shown > 0 {
		d.names, d.values = f.regionLabels(shown), top(f.places.regions, 10, shown)
		if d.lines[0].currency == noValue {
			d.values = top(f.places.regions, 1+accountBillable, shown)
		}
	}
	return d
}

// concentration names the largest regions and their share; they come largest first.
func concentration(of []regionLine, value func(regionLine) decimal.Decimal) string {
	var all decimal.Decimal
	for _, g := range of {
		all = all.Add(value(g))
	}
	share := func(n int) string {
		var sum decimal.Decimal
		for _, g := range of[:n] {
			sum = sum.Add(value(g))
		}
		return sum.Mul(decimal.NewFromInt(100)).DivRound(all, 0).String() + "%"
	}
	switch {
	case !all.IsPositive():
		return "Nothing is billable in any region"
	case len(of) == 1:
		return placeName(of[0].region) + " is the only region"
	case len(of) == 2:
		return fmt.Sprintf("%s makes up %s", placeName(of[0].region), share(1))
	}
	return fmt.Sprintf("%s and %s make up %s", placeName(of[0].region), placeName(of[1].region), share(2))
}

// callFigure shows the calls to pay for by region.
func (f *finance) callFigure(col, width int) figure {
	shown, t := min(len(f.regions), chartRegions), f.places.regions
	if shown == 0 {
		return figure{finding: "No call was sent in this period", caption: "Calls to pay for", col: col, span: width}
	}
	most := f.regions[0]
	for _, g := range f.regions {
		if g.ceiling() > most.ceiling() {
			most = g
		}
	}
	caption := "Calls to pay for, and calls in doubt"
	if len(f.regions) > shown {
		caption += fmt.Sprintf(" · the first %d of %d regions", shown, len(f.regions))
	}
	return figure{finding: fmt.Sprintf("%s has the most calls to pay for: %s", placeName(most.region), span(most.bill)), caption: caption, col: col, span: width,
		chart: Chart{Bars: Stacked, Format: Count, Categories: f.regionLabels(shown), Alt: "Calls tagged PAY, and calls in doubt, by region",
			Series: []Series{{Name: "PAY", Color: navy, Values: top(t, 1, shown)}, {Name: "Cost unknown", Color: amber, Values: top(t, 3, shown)}, {Name: "No answer", Color: orange, Values: top(t, 4, shown)}}}}
}

// span is a bill's least and most.
func span(b bill) string {
	if b.doubt() == 0 {
		return thousands(b.pay)
	}
	return thousands(b.pay) + " to " + thousands(b.ceiling())
}
