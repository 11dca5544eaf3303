package territories

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/parquet"
)

// Options describes a workbook of head office.
type Options struct {
	Exports []string // directories, a territory each
	Month   string   // such as 2026-11, each territory's own; "": the newest that all of them have
	Version string   // of this program
}

// Build makes the workbook of a kind, risk or finance, and returns the month that it is of.
func Build(ctx context.Context, kind string, o Options) (book *xlsx.Workbook, month string, err error) {
	all, err := openAll(ctx, o.Exports, o.Month)
	if err != nil {
		return nil, "", err
	}
	month = all[0].label
	book = &xlsx.Workbook{
		Title:     "Territories " + kind + " · " + month,
		Subject:   "Liveness checks of several territories, by their exports",
		Generator: strings.TrimSpace(xlsx.GeneratorName + " " + o.Version),
		Created:   newest(all),
	}
	title := map[string]string{"risk": "Risk by territory", "finance": "Cost by territory"}[kind]
	first := page.New(book, "Territories", title,
		fmt.Sprintf("%s of %s · each month, zone and threshold is the territory's own", month,
			page.Plural(int64(len(all)), "territory", "territories")), widths[kind]...)
	first.Tab = xlsx.Navy
	first.Headline(headline(all, month))
	if kind == "risk" {
		err = writeRisk(book, first, all)
	} else {
		err = writeFinance(book, first, all)
	}
	if err != nil {
		return nil, "", err
	}
	writeTerms(first, all)
	first.PrintAll()
	return book, month, nil
}

var widths = map[string][]float64{
	"risk":    {24, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12},
	"finance": {24, 11, 11, 11, 11, 11, 11, 11, 10, 15, 15, 15},
}

func newest(all []*territory) (at time.Time) {
	for _, t := range all {
		if t.month.ExportedAt.After(at) {
			at = t.month.ExportedAt
		}
	}
	return at
}

// headline words how far the month is final.
func headline(all []*territory, month string) string {
	var open []string
	for _, t := range all {
		if t.month.State != parquet.MonthClosed {
			open = append(open, t.name)
		}
	}
	switch {
	case len(open) == 0:
		return month + " is closed in all territories."
	case len(open) == len(all):
		return month + " is still open in all territories: figures may change."
	default:
		return fmt.Sprintf("%s is still open in %s: figures may change.", month, strings.Join(open, ", "))
	}
}

// writeTerms writes what the figures of each territory depend on, and what proves them.
func writeTerms(p *page.Page, all []*territory) {
	p.Skip(1)
	p.Section("What the figures rest on", "Every file below these directories was compared with its manifest "+
		"by SHA-256, what was read by rows and sums.")
	t := p.Table(page.Col("Territory", xlsx.General), page.Wide("Month", 2, xlsx.General),
		page.Wide("From – to (own zone)", 3, xlsx.General), page.Wide("Zones: days, billing", 2, xlsx.General),
		page.Wide("Rule, reading", 2, xlsx.General), page.Col("Exported", xlsx.General))
	for _, is := range all {
		state := is.month.State
		if is.month.Digest != "" {
			state += " " + is.month.Digest[:min(12, len(is.month.Digest))]
		}
		const moment = "2006-01-02 15:04"
		t.Add(xlsx.Untrusted(is.name), xlsx.T(state),
			xlsx.T(is.month.From.In(is.billing).Format(moment)+" – "+is.month.To.In(is.billing).Format(moment)),
			xlsx.T(is.zone.String()+", "+is.billing.String()), xlsx.T(is.rule.Words()+", "+string(is.basis)),
			xlsx.T(is.month.ExportedAt.In(is.zone).Format("2006-01-02")))
	}
}

// sheetName makes a name that a sheet may have: at most 31 characters, none of a few, and unlike the first sheet's.
func sheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return '-'
		}
		return r
	}, page.Shortened(name, 28))
	if strings.EqualFold(name, "Territories") {
		return "Export " + name
	}
	return name
}

func riskColumns() []page.Column {
	all := append(page.Cols(xlsx.Count, "Answered", "Scored", "Suspicious"), page.Col("Rate", xlsx.Rate))
	return append(all, page.Cols(xlsx.Count, "Presentation", "Injection", "Unsure", "Unclassified", "Other")...)
}

// riskCells returns the counts of a tally; formula gives that of the i-th of the cells, "" for none.
func riskCells(t *survey.Tally, formula func(i int) string) []xlsx.Cell {
	rate := page.None()
	if t.Scored() > 0 {
		rate = xlsx.F(float64(t.Suspicious())/float64(t.Scored()), xlsx.Rate)
	}
	cells := []xlsx.Cell{xlsx.N(t.Answered), xlsx.N(t.Scored()), xlsx.N(t.Suspicious()), rate}
	for a := survey.Presentation; a <= survey.Other; a++ {
		cells = append(cells, xlsx.N(t.Kind(a)))
	}
	for i := range cells {
		if f := formula(i); f != "" && cells[i].Kind == xlsx.Number {
			cells[i] = cells[i].WithFormula(f)
		}
	}
	return cells
}

func rateOf(t *page.Table) string {
	return fmt.Sprintf("IF(%[1]s=0,\"\",%[2]s/%[1]s)", t.Ref(2), t.Ref(3))
}

// writeRisk writes a sheet of regions a territory, and the first page over them.
func writeRisk(book *xlsx.Workbook, first *page.Page, all []*territory) error {
	first.Section("Answers by territory", "Live sums over the territories' sheets. A rate over territories with "+
		"different thresholds would mean nothing, and is left out.")
	sum := first.Table(append([]page.Column{page.Col("Territory", xlsx.General)}, riskColumns()...)...)
	total, alike := survey.NewTally(""), true
	for _, is := range all {
		v, period, err := is.scores()
		if err != nil {
			return err
		}
		alike = alike && is.rule == all[0].rule
		p := page.New(book, sheetName(is.name), is.name+" · answers by region",
			"Answers of "+period.Describe()+" · suspicious: "+is.rule.Words(), widths["risk"]...)
		p.Section("By region", "")
		t := p.Table(append([]page.Column{page.Col("Region", xlsx.General)}, riskColumns()...)...)
		for _, g := range v.Regions {
			t.Add(append([]xlsx.Cell{xlsx.T(page.RegionName(g.Region))}, riskCells(g, func(i int) string {
				if i == 3 {
					return rateOf(t)
				}
				return ""
			})...)...)
		}
		t.Total(append([]xlsx.Cell{xlsx.T("All regions")}, riskCells(v.All, sums(t, 1))...)...)
		p.PrintAll()
		sum.Add(append([]xlsx.Cell{xlsx.Untrusted(is.name)}, riskCells(v.All, func(i int) string {
			if i == 3 {
				return rateOf(sum)
			}
			return page.TableSum(t, i+1)
		})...)...)
		add(total, v.All)
	}
	cells := append([]xlsx.Cell{xlsx.T("All territories")}, riskCells(total, sums(sum, 1))...)
	if !alike {
		cells[4] = page.None()
	}
	sum.Total(cells...)
	return nil
}

// sums gives the formulas of a total's row, whose counts begin with a column of the table.
func sums(t *page.Table, from int) func(int) string {
	return func(i int) string {
		switch {
		case i == 3:
			return rateOf(t)
		case t.Rows == 0:
			return ""
		}
		return xlsx.Sum(page.Local(t.Area(from + i)))
	}
}

func add(to, from *survey.Tally) {
	to.Answered += from.Answered
	for s := range from.Counts {
		for a := range from.Counts[s] {
			to.Counts[s][a] += from.Counts[s][a]
		}
	}
}

var callHeads = []string{"Calls", "PAY", "FREE", "Cost unknown", "No answer", "Not sent", "Billable"}

func callCells(a *account) []xlsx.Cell {
	return []xlsx.Cell{xlsx.N(a.Calls()), xlsx.N(a.Pay), xlsx.N(a.Free), xlsx.N(a.Unknown), xlsx.N(a.Unanswered),
		xlsx.N(a.Unsent), xlsx.N(a.Billable)}
}

func money(d decimal.Decimal) xlsx.Cell { return xlsx.D(d.String(), xlsx.Amount2) }

// writeFinance writes a sheet a territory, and the first page with a row a territory and currency.
func writeFinance(book *xlsx.Workbook, first *page.Page, all []*territory) error {
	first.Section("Calls and amounts by territory and currency", "Live sums over the territories' sheets. Ours: "+
		"billable calls at the territory's prices. Billed: lines of statements that stand, taxes and credits included. "+
		"Amounts of different currencies are not added.")
	heads := append([]page.Column{page.Col("Territory", xlsx.General)}, page.Cols(xlsx.Count, callHeads...)...)
	sum := first.Table(append(heads, page.Col("Currency", xlsx.Literal), page.Col("Ours", xlsx.Amount2),
		page.Col("Billed", xlsx.Amount2), page.Col("Prior periods", xlsx.Amount2))...)
	total := &account{}
	for _, is := range all {
		b, err := is.finance()
		if err != nil {
			return err
		}
		book.Places = max(book.Places, b.places())
		month := calendar.Period{From: is.month.From, To: is.month.To, Label: is.label, Zone: is.billing}
		p := page.New(book, sheetName(is.name), is.name+" · calls and amounts",
			"Calls sent "+month.Describe()+" · "+string(is.basis), widths["finance"]...)
		s := financeSheet{p, b}
		calls := s.accounts()
		lines := s.billed()
		s.list("Reconciled", "What the standing reconciliation has, by class.", b.reconciled)
		borne := s.list("Prior periods", "What came to light about closed months, which this month bears.",
			b.corrections)
		p.PrintAll()
		for _, currency := range b.currencies {
			of := &account{currency: currency}
			for _, a := range b.accounts {
				if a.currency == currency {
					of.Merge(a.Account)
				}
			}
			total.Merge(of.Account)
			cells := append([]xlsx.Cell{xlsx.Untrusted(is.name)}, callCells(of)...)
			for i := range callHeads {
				cells[i+1] = cells[i+1].WithFormula(sumIf(calls, i+2, 9, sum.Ref(8)))
			}
			prior := decimal.Zero
			for _, c := range b.corrections {
				if c.currency == currency {
					prior = prior.Add(c.ourAmount)
				}
			}
			sum.Add(append(cells, xlsx.Untrusted(currency), money(of.Amount).WithFormula(sumIf(calls, 10, 9,
				sum.Ref(8))), money(b.billed[currency]).WithFormula(sumIf(lines, 1, 0, sum.Ref(8))),
				money(prior).WithFormula(sumIf(borne, 4, 3, sum.Ref(8))))...)
		}
	}
	cells := append([]xlsx.Cell{xlsx.T("All territories")}, callCells(total)...)
	sum.SumUp(cells, 1, 2, 3, 4, 5, 6, 7)
	sum.Total(append(cells, xlsx.T(""), page.None(), page.None(), page.None())...)
	return nil
}

// sumIf adds up a column of a table where another one has what a cell has; "" for a table without rows.
func sumIf(t *page.Table, col, where int, is string) string {
	if t == nil || t.Rows == 0 {
		return ""
	}
	return fmt.Sprintf("SUMIFS(%s,%s,%s)", t.Area(col), t.Area(where), is)
}

type financeSheet struct {
	*page.Page
	*bill
}

func (s financeSheet) accounts() *page.Table {
	s.Section("Calls and amounts", "By endpoint and region; region of the list's row. Amount: billable calls "+
		"at their prices.")
	t := s.Table(append(append([]page.Column{page.Col("Endpoint", xlsx.Literal), page.Col("Region", xlsx.General)},
		page.Cols(xlsx.Count, callHeads...)...),
		page.Col("Currency", xlsx.Literal), page.Col("Amount", xlsx.Amount2))...)
	for _, a := range s.bill.accounts {
		t.Add(append(append([]xlsx.Cell{xlsx.Untrusted(a.endpoint), xlsx.T(page.RegionName(a.region))},
			callCells(a)...), xlsx.Untrusted(a.currency), money(a.Amount))...)
	}
	s.Skip(1)
	return t
}

func (s financeSheet) billed() *page.Table {
	s.Section("Billed", "Lines of statements that this month has: its own, and late ones that it bears.")
	t := s.Table(page.Col("Currency", xlsx.Literal), page.Wide("Amount", 2, xlsx.Amount2))
	for _, currency := range s.currencies {
		if amount, has := s.bill.billed[currency]; has {
			t.Add(xlsx.Untrusted(currency), money(amount))
		}
	}
	s.Skip(1)
	return t
}

func (s financeSheet) list(title, caption string, all []*theirs) *page.Table {
	s.Section(title, caption)
	t := s.Table(page.Col("Class", xlsx.General), page.Col("Rows", xlsx.Count), page.Col("Our calls", xlsx.Count),
		page.Col("Currency", xlsx.Literal), page.Wide("Ours", 2, xlsx.Amount2), page.Col("Their calls", xlsx.Count),
		page.Wide("Theirs", 2, xlsx.Amount2))
	for _, is := range all {
		t.Add(xlsx.Untrusted(is.class), xlsx.N(is.rows), xlsx.N(is.ourN), xlsx.Untrusted(is.currency),
			money(is.ourAmount), xlsx.N(is.theirN), money(is.theirAmount))
	}
	s.Skip(1)
	return t
}
