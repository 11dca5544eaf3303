package finance

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// regionDifferences sets both sides beside each other by region, with a Pareto of the exceptions on the right.
func (f reconciliationSheet) regionDifferences(p *page.Page) {
	p.Section("3  By region", "Rows without a region are credits, tax, totals and lines that name none.")
	top := p.Row
	t := p.Table(page.Col("Region", xlsx.General), page.Col("Currency", xlsx.Literal), page.Col("Rows", xlsx.Count),
		page.Col("Ours", xlsx.Amount2), page.Col("Theirs", xlsx.Amount2), page.Col("Difference", xlsx.Amount2),
		page.Col("Difference %", xlsx.SignedShare))
	for _, l := range f.regionSums() {
		same := []condition{{rowRegion, literal(figures.LedgerText(l.Region))}, {rowCurrency, literal(l.Currency)}}
		rows, ours, theirs := xlsx.N(l.Rows), cents(l.Ours), cents(l.Theirs)
		if list := f.lines; list != nil {
			rows, ours, theirs = rows.WithFormula(list.count(same...)), ours.WithFormula(list.sum(rowOurs, same...)),
				theirs.WithFormula(list.sum(rowTheirs, same...))
		}
		d := difference(l.Difference(), xlsx.Amount2, t.Ref(4)+"-"+t.Ref(3))
		if !l.Difference().IsZero() {
			d = d.WithRole(xlsx.Strong)
		}
		t.Add(xlsx.T(regionName(l.Region)), xlsx.Untrusted(l.Currency), rows, ours, theirs, d,
			shareCell(l.Difference(), l.Ours, t.Ref(5), t.Ref(3)))
	}
	for _, currency := range f.Reconciled.Billed {
		s := f.Reconciled.In(currency)
		t.Total(xlsx.T("Amount in "+currency), xlsx.Untrusted(currency),
			xlsx.N(s.Rows).WithFormula(columnTotal(t, 2, 1, currency)), cents(s.Ours).WithFormula(columnTotal(t, 3, 1,
				currency)), cents(s.Theirs).WithFormula(columnTotal(t, 4, 1, currency)),
			difference(s.Difference(), xlsx.Amount2, t.Ref(4)+"-"+t.Ref(3)),
			shareCell(s.Difference(), s.Ours, t.Ref(5), t.Ref(3)))
	}
	end := p.Row
	p.Row = top
	f.pareto(p, 9)
	p.Row = max(end, p.Row)
}

// maxPaidTwice bounds how many of the IDs that were paid for twice a sheet lists.
const maxPaidTwice = 200

// paidTwice lists the IDs of which a lost call is billed, and the one that asked again, too.
func (f reconciliationSheet) paidTwice(p *page.Page) {
	p.Skip(1)
	all := f.Reconciled.PaidTwice
	text := page.Plural(int64(len(all)), "ID was", "IDs were") + " paid for twice: a call whose answer was lost is " +
		"billed, and so is the one that asked again, for the reason given. Nothing of it is in dispute."
	if len(all) > maxPaidTwice {
		text += fmt.Sprintf(" The first %d are listed.", maxPaidTwice)
	}
	p.Section("4  Paid twice", text)
	t := p.Table(page.Col("Lost call", xlsx.Literal), page.Wide("Sent at", 2, xlsx.Moment),
		page.Col("Asked again", xlsx.Literal), page.Wide("Sent at ", 2, xlsx.Moment), page.Col("Reason", xlsx.Literal),
		page.Col("Endpoint", xlsx.Literal))
	zone := f.Period.Zone
	for _, pair := range all[:min(len(all), maxPaidTwice)] {
		t.Add(xlsx.Untrusted(strconv.FormatInt(pair.Lost, 10)), xlsx.At(pair.LostAt, zone),
			xlsx.Untrusted(strconv.FormatInt(pair.Again, 10)), xlsx.At(pair.AgainAt, zone), xlsx.Untrusted(pair.Reason),
			xlsx.Untrusted(pair.Endpoint))
	}
}

// shareCell returns a difference as a share of our amount.
func shareCell(d, ours decimal.Decimal, difference, of string) xlsx.Cell {
	if ours.IsZero() {
		return page.None().WithFormula(fmt.Sprintf(`IF(%[2]s=0,"",%[1]s/%[2]s)`, difference, of))
	}
	return xlsx.D(d.DivRound(ours, 16).String(),
		xlsx.SignedShare).WithFormula(fmt.Sprintf(`IF(%[2]s=0,"",%[1]s/%[2]s)`, difference, of))
}

// regionSums adds the classes up by currency and region, the largest difference first.
func (f reconciliationSheet) regionSums() []figures.ClassSum {
	var lines []figures.ClassSum
	for _, c := range f.Reconciled.Classes {
		i := slices.IndexFunc(lines,
			func(l figures.ClassSum) bool { return l.Region == c.Region && l.Currency == c.Currency })
		if i < 0 {
			i = len(lines)
			lines = append(lines, figures.ClassSum{Region: c.Region, Currency: c.Currency})
		}
		lines[i].Rows += c.Rows
		lines[i].Ours, lines[i].Theirs = lines[i].Ours.Add(c.Ours), lines[i].Theirs.Add(c.Theirs)
	}
	slices.SortFunc(lines, func(a, b figures.ClassSum) int {
		return cmp.Or(f.Currencies.Rank(a.Currency)-f.Currencies.Rank(b.Currency),
			b.Difference().Abs().Cmp(a.Difference().Abs()), strings.Compare(a.Region, b.Region))
	})
	return lines
}

// pareto draws the open classes by how many rows they have, and how much of all they make up together.
func (f reconciliationSheet) pareto(p *page.Page, col int) {
	counts := map[billing.Class]int64{}
	var total int64
	for key, e := range f.Reconciled.Exceptions {
		if figures.IsOpen(key.Class) {
			counts[key.Class] += e.Rows
			total += e.Rows
		}
	}
	if total == 0 {
		p.Note(col, "No exception is for somebody to settle")
		return
	}
	names := page.SortedKeys(counts)
	slices.SortStableFunc(names, func(a, b billing.Class) int { return cmp.Compare(counts[b], counts[a]) })
	first, chartData := p.Row+2, p.Across+12 // beside the waterfalls' columns
	var sum int64
	for i, name := range names {
		sum += counts[name]
		p.Set(xlsx.Ref{Col: chartData, Row: first + i}, xlsx.T(string(name)).WithRole(xlsx.ChartData))
		p.Set(xlsx.Ref{Col: chartData + 1, Row: first + i},
			xlsx.N(counts[name]).WithRole(xlsx.ChartData).WithFormula(f.exceptions.count(condition{rowClass,
				literal(string(name))})))
		so := fmt.Sprintf("SUM(%s:%s)", xlsx.Ref{Col: chartData + 1, Row: first}.Fixed(),
			xlsx.Ref{Col: chartData + 1, Row: first + i})
		all := fmt.Sprintf("SUM(%s:%s)", xlsx.Ref{Col: chartData + 1, Row: first}.Fixed(),
			xlsx.Ref{Col: chartData + 1, Row: first + len(names) - 1}.Fixed())
		p.Set(xlsx.Ref{Col: chartData + 2, Row: first + i},
			xlsx.F(float64(sum)/float64(total), xlsx.Share).WithRole(xlsx.ChartData).WithFormula(so+"/"+all))
	}
	area := func(i int) xlsx.Area {
		return p.Area(xlsx.Ref{Col: chartData + i, Row: first},
			xlsx.Ref{Col: chartData + i, Row: first + len(names) - 1})
	}
	share := 100 * float64(counts[names[0]]) / float64(total)
	p.Figures(11, page.Figure{Finding: fmt.Sprintf("%.0f%% of open exceptions are of the class “%s”", share,
		names[0]),
		Caption: "Rows by class (bars) and their share of all together (line, right axis)", Col: col,
		Span: p.Across - col + 1,
		Chart: xlsx.Chart{Level: true, Format: xlsx.Count, Second: xlsx.Share, SecondMax: 1, Categories: area(0),
			Alt: "Open exceptions by class, and their cumulative share",
			Series: []xlsx.Series{{Name: "Rows", Color: xlsx.Slate, Values: area(1), End: true},
				{Name: "Share of all so far", Color: xlsx.Orange, Mark: xlsx.Line, Values: area(2), Second: true}}}})
}
