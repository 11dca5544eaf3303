package finance

import (
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// charts returns the two charts of the first page.
func (f summarySheet) charts() []page.Figure {
	if f.Reconciled != nil {
		for _, currency := range f.Reconciled.Billed {
			if d := f.refs.reconciliation.waterfalls[currency]; d.rows > 0 {
				return []page.Figure{d.figure(f.refs.reconciliation.classes.Page.Sheet, currency, 1, 8),
					f.regionFigure(9, 4)}
			}
		}
	}
	return []page.Figure{f.callFigure(1, 7), f.regionFigure(8, 5)}
}

// regionFigure shows our amount by region in the first of our currencies, or without a price the billable calls.
func (f summarySheet) regionFigure(col, width int) page.Figure {
	d := f.regionsShown()
	if len(d.lines) == 0 {
		return page.Figure{Finding: "No call was sent in this period", Caption: "Billable calls by region", Col: col,
			Span: width}
	}
	format, caption := xlsx.Amount2, "Our amount by region, "+d.lines[0].Currency
	if d.lines[0].Amount.GreaterThanOrEqual(decimal.NewFromInt(1000)) {
		format = xlsx.Count
	}
	value := func(g figures.RegionLine) decimal.Decimal { return g.Amount }
	if d.lines[0].Currency == page.NoValue {
		format, caption = xlsx.Count, "Billable calls by region"
		value = func(g figures.RegionLine) decimal.Decimal { return decimal.NewFromInt(g.Billable) }
	}
	if d.lines[0].Currency != page.NoValue {
		caption = f.Currencies.AmountNote(caption, f.Unpriced.Least)
	}
	if len(d.all) > len(d.lines) {
		caption += fmt.Sprintf(" · the largest %d of %d regions", len(d.lines), len(d.all))
	}
	return page.Figure{Finding: concentration(d.all, value), Caption: caption, Col: col, Span: width,
		Chart: xlsx.Chart{Sideways: true, Format: format, Categories: d.names, Alt: caption,
			Series: []xlsx.Series{{Name: "Amount", Color: xlsx.Navy, Values: d.values, End: true}}}}
}

// regionsShown returns the regions of that chart.
func (f summarySheet) regionsShown() regionChart {
	d := f.refs.regions.compared
	if f.Reconciled == nil || len(d.lines) == 0 || d.lines[0].Currency == page.NoValue {
		return f.ledgerChart()
	}
	return d
}

// ledgerChart draws from the table of regions itself: all that the ledger has, monthly minimums too.
func (f summarySheet) ledgerChart() regionChart {
	var d regionChart
	for _, g := range f.Regions {
		if f.Currencies.Rank(g.Currency) == f.Currencies.Rank(f.Regions[0].Currency) {
			d.all = append(d.all, g)
		}
	}
	d.lines = d.all[:min(len(d.all), page.ChartRegions)]
	if shown := len(d.lines); shown > 0 {
		d.names, d.values = f.refs.regions.regions.Beside(0, shown), page.Top(f.refs.regions.regions, 10, shown)
		if d.lines[0].Currency == page.NoValue {
			d.values = page.Top(f.refs.regions.regions, 1+accountBillable, shown)
		}
	}
	return d
}

// concentration names the largest regions and their share; they come largest first.
func concentration(of []figures.RegionLine, value func(figures.RegionLine) decimal.Decimal) string {
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
		return regionName(of[0].Region) + " is the only region"
	case len(of) == 2:
		return fmt.Sprintf("%s makes up %s", regionName(of[0].Region), share(1))
	}
	return fmt.Sprintf("%s and %s make up %s", regionName(of[0].Region), regionName(of[1].Region), share(2))
}

// callFigure shows the calls to pay for by region.
func (f summarySheet) callFigure(col, width int) page.Figure {
	shown, t := min(len(f.Regions), page.ChartRegions), f.refs.regions.regions
	if shown == 0 {
		return page.Figure{Finding: "No call was sent in this period", Caption: "Calls to pay for", Col: col,
			Span: width}
	}
	most := f.Regions[0]
	for _, g := range f.Regions {
		if g.Ceiling() > most.Ceiling() {
			most = g
		}
	}
	caption := "Calls to pay for, and calls in doubt"
	if len(f.Regions) > shown {
		caption += fmt.Sprintf(" · the first %d of %d regions", shown, len(f.Regions))
	}
	return page.Figure{Finding: fmt.Sprintf("%s has the most calls to pay for: %s", regionName(most.Region),
		span(most.Bill)), Caption: caption, Col: col, Span: width,
		Chart: xlsx.Chart{Bars: xlsx.Stacked, Format: xlsx.Count, Categories: f.refs.regions.regions.Beside(0, shown),
			Alt: "Calls tagged PAY, and calls in doubt, by region",
			Series: []xlsx.Series{{Name: "PAY", Color: xlsx.Navy, Values: page.Top(t, 1, shown)},
				{Name: "Cost unknown", Color: xlsx.Amber, Values: page.Top(t, 3, shown)},
				{Name: "No answer", Color: xlsx.Orange, Values: page.Top(t, 4, shown)}}}}
}

// span returns a bill's least and most.
func span(b figures.Bill) string {
	if b.InDoubt() == 0 {
		return humanize.Comma(b.Pay)
	}
	return humanize.Comma(b.Pay) + " to " + humanize.Comma(b.Ceiling())
}
