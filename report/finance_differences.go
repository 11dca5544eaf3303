package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// regionDifferences sets both sides beside each other by region, with a Pareto of the exceptions on the right.
func (f *finance) regionDifferences(p *page) {
	p.section("3  By region", "Rows without a region are credits, tax, totals and lines that name none.")
	top := p.row
	t := p.table(column{"Region", 1, General}, column{"Currency", 1, Literal}, column{"Rows", 1, Count}, column{"Ours", 1, Amount2}, column{"Theirs", 1, Amount2}, column{"Difference", 1, Amount2}, column{"Difference %", 1, SignedShare})
	for _, l := range f.regionSums() {
		same := []condition{{rowRegion, literal(ledgerText(l.region))}, {rowCurrency, literal(l.currency)}}
		rows, ours, theirs := N(l.rows), D(l.ours.String(), Amount2), D(l.theirs.String(), Amount2)
		if list := f.places.lines; list != nil {
			rows, ours, theirs = rows.By(list.count(same...)), ours.By(list.sum(rowOurs, same...)), theirs.By(list.sum(rowTheirs, same...))
		}
		d := difference(l.difference(), Amount2, t.ref(4)+"-"+t.ref(3))
		if !l.difference().IsZero() {
			d = d.As(Strong)
		}
		t.add(T(placeName(l.region)), Outside(l.currency), rows, ours, theirs, d, shareCell(l.difference(), l.ours, t.ref(5), t.ref(3)))
	}
	for _, currency := range f.billed() {
		s := f.settled.in(currency)
		t.total(T("Amount in "+currency), Outside(currency), N(s.rows).By(columnTotal(t, 2, 1, currency)), D(s.ours.String(), Amount2).By(columnTotal(t, 3, 1, currency)), D(s.theirs.String(), Amount2).By(columnTotal(t, 4, 1, currency)),
			difference(s.difference(), Amount2, t.ref(4)+"-"+t.ref(3)), shareCell(s.difference(), s.ours, t.ref(5), t.ref(3)))
	}
	end := p.row
	p.row = top
	f.pareto(p, 9)
	p.row = max(end, p.row)
}

// shareCell is a difference as a share of our amount.
func shareCell(d, ours decimal.Decimal, difference, of string) Cell {
	if ours.IsZero() {
		return none().By(fmt.Sprintf(`IF(%[2]s=0,"–",%[1]s/%[2]s)`, difference, of))
	}
	return D(d.DivRound(ours, 16).String(), SignedShare).By(fmt.Sprintf(`IF(%[2]s=0,"–",%[1]s/%[2]s)`, difference, of))
}

// regionSums adds the classes up by currency and region, the largest difference first.
func (f *finance) regionSums() []classSum {
	var lines []classSum
	for _, c := range f.settled.classes {
		i := slices.IndexFunc(lines, func(l classSum) bool { return l.region == c.region && l.currency == c.currency })
		if i < 0 {
			i = len(lines)
			lines = append(lines, classSum{region: c.region, currency: c.currency})
		}
		lines[i].rows += c.rows
		lines[i].ours, lines[i].theirs = lines[i].ours.Add(c.ours), lines[i].theirs.Add(c.theirs)
	}
	slices.SortFunc(lines, func(a, b classSum) int {
		return cmp.Or(f.rank(a.currency)-f.rank(b.currency), b.difference().Abs().Cmp(a.difference().Abs()), strings.Compare(a.region, b.region))
	})
	return lines
}

// pareto draws the open classes by how many rows they have, and how much of all they make up together.
func (f *finance) pareto(p *page, col int) {
	counts := map[string]int64{}
	var total int64
	for key, e := range f.settled.exceptions {
		if classOf(key.class).open {
			counts[key.class] += e.rows
			total += e.rows
		}
	}
	if total == 0 {
		p.note(col, "No exception is for somebody to settle")
		return
	}
	names := sortedKeys(counts)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	first, feeder := p.row+2, p.across+12 // beside the waterfalls' columns
	var sum int64
	for i, name := range names {
		sum += counts[name]
		p.Set(Ref{feeder, first + i}, T(name).As(Feeder))
		p.Set(Ref{feeder + 1, first + i}, N(counts[name]).As(Feeder).By(f.places.exceptions.count(condition{rowClass, literal(name)})))
		so := fmt.Sprintf("SUM(%s:%s)", Ref{feeder + 1, first}.Fixed(), Ref{feeder + 1, first + i})
		all := fmt.Sprintf("SUM(%s:%s)", Ref{feeder + 1, first}.Fixed(), Ref{feeder + 1, first + len(names) - 1}.Fixed())
		p.Set(Ref{feeder + 2, first + i}, F(float64(sum)/float64(total), Share).As(Feeder).By(so+"/"+all))
	}
	area := func(i int) Area {
		return p.Area(Ref{feeder + i, first}, Ref{feeder + i, first + len(names) - 1})
	}
	share := 100 * float64(counts[names[0]]) / float64(total)
	p.figures(11, figure{finding: fmt.Sprintf("%.0f%% of open exceptions are of the class “%s”", share, names[0]), caption: "Rows by class (bars) and their share of all together (line, right axis)", col: col, span: p.across - col + 1,
		chart: Chart{Level: true, Format: Count, Second: Share, SecondMax: 1, Categories: area(0), Alt: "Open exceptions by class, and their cumulative share",
			Series: []Series{{Name: "Rows", Color: slate, Values: area(1), End: true}, {Name: "Share of all so far", Color: orange, Mark: Line, Values: area(2), Second: true}}}})
}
