package oracle

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// write makes the statements: the month's, and sometimes those of the neighbours.
func (g *generator) write() {
	month := g.c.Month
	before, after := g.c.Settings.neighbour(month, -1), g.c.Settings.neighbour(month, 1)
	files := map[string]*Statement{month: {Name: "own", Invoice: month}}
	if g.chance(0.35) {
		files[before] = &Statement{Name: "before", Invoice: before}
	}
	if g.chance(0.35) {
		files[after] = &Statement{Name: "after", Invoice: after}
	}
	on := map[string][]*charging{}
	for _, b := range g.billed {
		name := b.month
		if b.fault == "next invoice" || b.fault == "billed again" {
			name = after
		}
		on[name] = append(on[name], b)
	}
	for _, name := range []string{before, month, after} {
		if f := files[name]; f != nil {
			g.file(f, name, on[name])
			g.c.Statements = append(g.c.Statements, *f)
		}
	}
}

// file writes the lines of a statement.
func (g *generator) file(f *Statement, month string, billed []*charging) {
	slices.SortStableFunc(billed, func(x, y *charging) int { return x.at.Compare(y.at) })
	if g.style == dayCells || g.style == monthCells {
		g.writeCells(f, billed)
	} else {
		g.writeItems(f, billed)
	}
	g.writeTopUps(f, month, billed)
	g.writeRest(f)
	if g.chance(0.2) {
		g.Shuffle(len(f.Lines), func(i, j int) { f.Lines[i], f.Lines[j] = f.Lines[j], f.Lines[i] })
	}
	for i := range f.Lines {
		f.Lines[i].Number = i + 1
	}
}

// gross adds the tax that is included and rounds.
func (g *generator) gross(a decimal.Decimal, by Rounding) decimal.Decimal {
	if rate := g.c.Settings.TaxIncluded; rate != nil {
		a = a.Mul(decimal.New(1, 0).Add(*rate))
	}
	return by.round(a)
}

func (g *generator) writeItems(f *Statement, billed []*charging) {
	one := 1
	for _, b := range billed {
		l := Line{Kind: Usage, Amount: g.gross(b.amount, g.lines), Currency: g.c.Prices[b.row].Currency, Tag: b.tag}
		if g.named {
			l.Endpoint, l.Region = b.endpoint, b.region
		}
		if g.style != onlyTimes {
			l.Transaction = b.x
		}
		if g.style != byID {
			l.Time, l.Resolution = b.at, time.Millisecond
			if !g.right && g.chance(0.1) {
				l.Time, l.Resolution = b.at.Truncate(time.Second), time.Second
			}
		}
		if g.chance(0.3) {
			u := l.Amount
			l.Quantity, l.Unit = &one, &u
		}
		f.Lines = append(f.Lines, l)
		if b.fault == "reversed" && l.Transaction != "" {
			l.Kind, l.Amount, l.Quantity = Credit, l.Amount.Neg(), nil
			f.Lines = append(f.Lines, l)
		}
	}
	if g.chance(0.2) {
		for _, c := range g.c.Calls {
			if c.Tag == "FREE" && c.Outcome == Answered && g.c.Settings.monthOf(c.Sent) == f.Invoice {
				f.Lines = append(f.Lines, Line{Kind: Usage, Transaction: c.Transaction, Time: c.Sent, Tag: "FREE",
					Endpoint: c.Endpoint, Currency: g.c.Prices[rowOf(g.c.Prices, c.Endpoint, c.Region, c.Sent)].Currency})
			}
		}
	}
}

// writeCells sums what is billed by day or month, and by endpoint and region or without.
func (g *generator) writeCells(f *Statement, billed []*charging) {
	endpoints, regions := g.named, g.chance(0.3)
	cells := map[cellKey]*Line{}
	for _, b := range billed {
		k := cellKey{curr: g.c.Prices[b.row].Currency, month: g.c.Settings.monthOf(b.at)}
		if g.style == dayCells {
			k.day = b.at.In(g.c.Settings.Zone).Format(dayForm)
		}
		if endpoints {
			k.endpoint = b.endpoint
		}
		if regions {
			k.region = b.region
		}
		l := cells[k]
		if l == nil {
			l = &Line{Kind: Usage, Day: k.day, Month: k.month, Endpoint: k.endpoint, Region: k.region, Currency: k.curr,
				Quantity: new(int)}
			cells[k] = l
		}
		*l.Quantity++
		l.Amount = l.Amount.Add(b.amount)
	}
	keys := make([]cellKey, 0, len(cells))
	for k := range cells {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y cellKey) int { return x.compare(y) })
	for _, k := range keys {
		l := *cells[k]
		l.Amount = g.gross(l.Amount, g.cells)
		f.Lines = append(f.Lines, l)
	}
}

// writeTopUps bills what the minimums lack by the vendor's own count.
func (g *generator) writeTopUps(f *Statement, month string, billed []*charging) {
	at := g.c.Settings.month(month)
	for i, r := range g.c.Prices {
		n := 0
		for _, b := range billed {
			if b.fault == "" && b.row == i {
				n++
			}
		}
		named := slices.ContainsFunc(f.Lines, func(l Line) bool { return l.Endpoint == "" || l.Endpoint == r.Endpoint })
		topUp := r.Minimum.Sub(r.cost(n))
		if !r.inForce(at.from, at.to) || !topUp.IsPositive() || !named {
			continue
		}
		if !g.right && g.chance(0.1) {
			g.note("minimum not billed")
			continue
		}
		l := Line{Kind: Usage, Endpoint: r.Endpoint, Region: r.Region, Currency: r.Currency,
			Quantity: new(int), Amount: g.gross(topUp, Rounding{Decimals: 12}), Month: month}
		if r.Region == "*" {
			l.Region = ""
		}
		if !g.right && g.chance(0.1) {
			g.note("wrong top-up")
			l.Amount = l.Amount.Mul(oneOf(g, decimal.New(5, -1), decimal.New(15, -1)))
		}
		f.Lines = append(f.Lines, l)
	}
}

// writeRest adds credits, taxes, other products and totals.
func (g *generator) writeRest(f *Statement) {
	currencies := map[string]decimal.Decimal{}
	for _, l := range f.Lines {
		currencies[l.Currency] = currencies[l.Currency].Add(l.Amount)
	}
	for _, c := range sortedKeys(currencies) {
		usage := currencies[c]
		all := usage
		add := func(l Line) {
			l.Currency = c
			all = all.Add(l.Amount)
			f.Lines = append(f.Lines, l)
		}
		if g.chance(0.1) {
			add(Line{Kind: Credit, Amount: usage.Div(decimal.NewFromInt(20)).Round(minorUnit(c)).Neg()})
		}
		if g.c.Settings.TaxIncluded == nil && g.chance(0.2) {
			add(Line{Kind: Tax, Amount: usage.Div(decimal.NewFromInt(11)).Round(minorUnit(c))})
		}
		if g.chance(0.05) {
			add(Line{Kind: Usage, OtherProduct: true, Amount: decimal.New(1250, -2), Endpoint: "sms"})
		}
		if g.chance(0.4) {
			t := Line{Kind: Total, Amount: all, Currency: c}
			if g.chance(0.5) {
				t.Amount = all.Round(minorUnit(c))
			}
			if !g.right && g.chance(0.1) {
				g.note("wrong total")
				t.Amount = all.Add(decimal.New(1, 0))
			}
			f.Lines = append(f.Lines, t)
		}
	}
}
