package monthend

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/outlook"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// The columns of a table of changes, from 0.
const (
	changeEndpoint = iota
	changeRegion
	changeCallsBefore
	changeCalls
	changeBefore
	changeAmount
	changeDifference
	changeAlike
	changeAtPrice
	changeVolume
	changeMix
	changePrice
)

// Change writes why the month costs another amount than the one before, and where it is likely to end.
func (f Sheets) Change() {
	o := f.Outlook
	if o == nil || len(o.Changes) == 0 && len(o.Forecast) == 0 && len(f.commitments()) == 0 {
		return
	}
	p := page.New(f.Book, "Change", "Change: "+f.Period.Label+" beside "+o.Before,
		f.Sent()+" · by our records, at the contract's reading", 14, 20, 13, 13, 14, 14, 14, 14, 14, 14, 14, 14)
	p.Tab = xlsx.Navy
	if len(o.Changes) > 0 {
		p.Headline(f.changed())
	}
	n := 0
	for _, currency := range f.Currencies {
		if all := o.Changes[currency]; len(all) > 0 {
			p.Skip(1)
			n++
			f.changeTable(p, fmt.Sprintf("%d  Volume, mix and price, %s", n, xlsx.Visible(currency)), currency, all)
		}
	}
	if len(o.Forecast) > 0 {
		p.Skip(1)
		n++
		f.forecastTable(p, fmt.Sprintf("%d  Where the month is likely to end", n))
	}
	if len(f.commitments()) > 0 {
		p.Skip(1)
		f.commitmentTable(p, fmt.Sprintf("%d  Committed calls", n+1))
	}
	p.PrintAll()
}

// changed returns each currency's difference in its parts.
func (f Sheets) changed() string {
	var parts []string
	for _, currency := range f.Currencies {
		all := f.Outlook.Changes[currency]
		if len(all) == 0 {
			continue
		}
		sum := sumOf(all)
		parts = append(parts, fmt.Sprintf("%s %s, %s against %s: volume %s, mix %s, price %s", xlsx.Visible(currency),
			page.Money(sum.After.Amount), figures.SignedMoney(sum.Difference()), f.Outlook.Before,
			figures.SignedMoney(sum.Volume), figures.SignedMoney(sum.Mix), figures.SignedMoney(sum.Price)))
	}
	return strings.Join(parts, "; ")
}

func sumOf(all []outlook.Variance) (sum outlook.Variance) {
	for _, v := range all {
		sum.Before.Calls, sum.After.Calls = sum.Before.Calls+v.Before.Calls, sum.After.Calls+v.After.Calls
		sum.Before.Amount, sum.After.Amount = sum.Before.Amount.Add(v.Before.Amount),
			sum.After.Amount.Add(v.After.Amount)
		sum.Alike, sum.AtPrice = sum.Alike.Add(v.Alike), sum.AtPrice.Add(v.AtPrice)
		sum.Volume, sum.Mix, sum.Price = sum.Volume.Add(v.Volume), sum.Mix.Add(v.Mix), sum.Price.Add(v.Price)
	}
	return sum
}

// changeTable writes a currency's places; parts add up to the difference in every row.
func (f Sheets) changeTable(p *page.Page, title, currency string, all []outlook.Variance) {
	p.Section(title, "Volume: as if the calls of every place had grown like all together. Mix: a place has another "+
		"share of the calls, or is new. Price: its calls cost another price on average; minimums and tiers too. The "+
		"three add up to the difference.")
	t := p.Table(page.Col("Endpoint", xlsx.Literal), page.Col("Region", xlsx.General),
		page.Col("Billable before", xlsx.Count), page.Col("Billable", xlsx.Count), page.Col("Before", xlsx.Amount2),
		page.Col("Amount", xlsx.Amount2), page.Col("Difference", xlsx.SignedAmount),
		page.Col("Grown like all", xlsx.Amount2), page.Col("At price before", xlsx.Amount2),
		page.Col("Volume", xlsx.SignedAmount), page.Col("Mix", xlsx.SignedAmount), page.Col("Price", xlsx.SignedAmount))
	total := func(col int) string { return t.Cell(col, len(all)).Fixed() }
	for _, v := range all {
		before, amount, alike, kept := t.Ref(changeBefore), t.Ref(changeAmount), t.Ref(changeAlike),
			t.Ref(changeAtPrice)
		evenly, atPrice := before, amount
		switch {
		case v.Before.Calls > 0:
			evenly = fmt.Sprintf("%s*%s/%s", before, total(changeCalls), total(changeCallsBefore))
			atPrice = fmt.Sprintf("%s*%s/%s", before, t.Ref(changeCalls), t.Ref(changeCallsBefore))
		case v.After.Calls == 0:
			atPrice = alike
		}
		t.Add(xlsx.Untrusted(v.Endpoint), xlsx.T(figures.RegionName(v.Region)), xlsx.N(v.Before.Calls),
			xlsx.N(v.After.Calls), page.Cents(v.Before.Amount),
			page.Cents(v.After.Amount).WithFormula(f.Sum(v.Endpoint, figures.LedgerText(v.Region), currency)),
			page.Difference(v.Difference(), xlsx.SignedAmount, amount+"-"+before),
			page.Cents(v.Alike).WithFormula(fmt.Sprintf("ROUND(%s,%d)", evenly, billing.MaxDecimals)),
			page.Cents(v.AtPrice).WithFormula(fmt.Sprintf("ROUND(%s,%d)", atPrice, billing.MaxDecimals)),
			page.Difference(v.Volume, xlsx.SignedAmount, alike+"-"+before),
			page.Difference(v.Mix, xlsx.SignedAmount, kept+"-"+alike),
			page.Difference(v.Price, xlsx.SignedAmount, amount+"-"+kept))
	}
	sum := sumOf(all)
	money := func(d decimal.Decimal) xlsx.Cell { return xlsx.D(d.String(), xlsx.SignedAmount) }
	cells := []xlsx.Cell{xlsx.T("All"), {}, xlsx.N(sum.Before.Calls), xlsx.N(sum.After.Calls),
		page.Cents(sum.Before.Amount), page.Cents(sum.After.Amount), money(sum.Difference()), page.Cents(sum.Alike),
		page.Cents(sum.AtPrice), money(sum.Volume), money(sum.Mix), money(sum.Price)}
	t.SumUp(cells, changeCallsBefore, changeCalls, changeBefore, changeAmount, changeDifference, changeAlike,
		changeAtPrice, changeVolume, changeMix, changePrice)
	t.Total(cells...)
}

// forecastTable writes where the month is likely to end, and what that says of its cap.
func (f Sheets) forecastTable(p *page.Page, title string) {
	p.Section(title, "At the prices that calls had lately, weekdays and weekends apart, without monthly minimums. "+
		"Low, high: "+
		"95 % prediction interval, Student's t over the days that it goes by.")
	t := p.Table(page.Col("Currency", xlsx.Literal), page.Col("Facts up to", xlsx.Literal), page.Col("Days ahead",
		xlsx.Count),
		page.Col("From days", xlsx.Count), page.Col("So far", xlsx.Amount2), page.Col("Expected", xlsx.Amount2),
		page.Col("Low", xlsx.Amount2), page.Col("High", xlsx.Amount2), page.Wide("Cap of the month", 2, xlsx.General))
	for _, m := range f.Outlook.Forecast {
		t.Add(xlsx.Untrusted(m.Currency), xlsx.T(m.Through.Label).WithFormat(xlsx.Literal), xlsx.N(int64(m.Ahead)),
			xlsx.N(int64(m.Learned)),
			page.Cents(m.SoFar), page.Cents(m.Expected), page.Cents(m.Low), page.Cents(m.High), capCell(m))
	}
}

// capCell words whether a month is likely to pass its cap.
func capCell(m figures.MonthForecast) xlsx.Cell {
	limit := page.Money(m.Cap)
	switch {
	case m.Cap.IsZero():
		return xlsx.T("none")
	case m.Low.GreaterThan(m.Cap):
		return xlsx.T("▲ " + limit + " is likely to stop calls").WithRole(xlsx.Alert)
	case m.High.GreaterThan(m.Cap):
		return xlsx.T("▲ " + limit + " may stop calls").WithRole(xlsx.Alert)
	}
	return xlsx.T("✓ below " + limit)
}

// commitments returns those of the contracts in force, none for what is no month.
func (f Sheets) commitments() []figures.Commitment {
	if f.Rolled == nil {
		return nil
	}
	return f.Rolled.Commitments
}

// commitmentTable writes how far each contract's committed calls are used up, and what remains or lies beyond.
func (f Sheets) commitmentTable(p *page.Page, title string) {
	p.Section(title,
		"Billable calls, by our records and at the contract's reading, from the contract's first day on. At "+
			"this pace: if calls go on as they came since then. What lies beyond is what the price of further calls is "+
			"for.")
	t := p.Table(page.Col("Contract", xlsx.Literal), page.Col("Endpoints", xlsx.Literal), page.Col("From",
		xlsx.Literal),
		page.Col("Last day", xlsx.Literal), page.Col("Committed", xlsx.Count), page.Col("Used", xlsx.Count),
		page.Col("Used, share", xlsx.Share), page.Col("Remaining", xlsx.Count), page.Col("Overrun", xlsx.Count),
		page.Col("At this pace", xlsx.Count), page.Wide("Reading", 2, xlsx.General))
	for _, c := range f.commitments() {
		endpoints := strings.Join(c.Endpoints, ", ")
		if endpoints == "" {
			endpoints = "all others"
		}
		committed, used := t.Ref(4), t.Ref(5)
		t.Add(xlsx.Untrusted(cmp.Or(c.Number, c.Account)), xlsx.Untrusted(endpoints),
			xlsx.T(c.From.Format(time.DateOnly)),
			xlsx.T(c.To.Add(-time.Hour).Format(time.DateOnly)), xlsx.N(c.Committed), xlsx.N(c.Calls),
			xlsx.F(float64(c.Calls)/float64(c.Committed), xlsx.Share).WithFormula(used+"/"+committed),
			xlsx.N(c.Remaining).WithFormula("MAX(0,"+committed+"-"+used+")"),
			xlsx.N(c.Overrun).WithFormula("MAX(0,"+used+"-"+committed+")"),
			xlsx.N(c.Pace()), committedCell(c))
	}
}

// committedCell words whether a commitment is used up, or is likely to be passed or missed.
func committedCell(c figures.Commitment) xlsx.Cell {
	switch {
	case c.Overrun > 0:
		return xlsx.T("▲ used up").WithRole(xlsx.Alert)
	case c.Pace() > c.Committed:
		return xlsx.T("▲ used up before its end at this pace").WithRole(xlsx.Watch)
	case c.Pace() < c.Committed:
		return xlsx.T("▼ " + page.Plural(c.Committed-c.Pace(), "call", "calls") + " left over at this pace")
	}
	return xlsx.T("✓ used up at its end at this pace")
}
