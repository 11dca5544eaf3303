package finance

import (
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/digest"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// digestCurrencies sets how many currencies' bridges a page for mail has; the workbook has all.
const digestCurrencies = 2

// mailPage represents a workbook's first page as a page for mail.
type mailPage struct{ summarySheet }

// Digest returns the workbook's first page as a page for mail: its sentences, its figures, no name of a file.
func (w *Workbook) Digest() digest.Page {
	d := w.data
	m := mailPage{summarySheet{d, w.refs}}
	p := digest.Page{Audience: "finance", Title: page.FinanceTitle + d.Period.Label,
		Subtitle: summarySubtitle(d, d.Reconciled.AgainstUnnamed()), Headline: m.headline() + ".",
		Foot: "No transaction and no name of a file is in this message. The finance workbook has every figure, with " +
			"the formula behind it."}
	for _, t := range m.tiles() {
		p.Tiles = append(p.Tiles, digest.Tile{Label: t.Label, Value: page.Said(t.Value), Note: t.Note})
	}
	if d.Reconciled != nil {
		p.Findings = d.Reconciled.Open()
		for _, currency := range d.Reconciled.Billed[:min(len(d.Reconciled.Billed), digestCurrencies)] {
			p.Sections = append(p.Sections, m.bridge(currency))
		}
		if len(d.Reconciled.Billed) > 0 {
			p.Sections = append(p.Sections, m.payments())
		}
	}
	if len(d.Regions) > 0 {
		p.Sections = append(p.Sections, m.regions())
	}
	next := digest.Section{Title: page.NextTitle}
	for _, line := range m.next() {
		next.Lines = append(next.Lines, digest.Line{Mark: "•", Tone: digest.Plain, Text: line.Text,
			More: "Sheet " + line.Sheet})
	}
	next.Lines = append(next.Lines, w.summary.checks.Line())
	p.Sections = append(p.Sections, next)
	return p
}

// bridge returns a currency's bridge without the steps that add nothing.
func (m mailPage) bridge(currency string) digest.Section {
	f := reconciliationSheet{m.Data, m.refs.rowRefs}
	s := digest.Section{Title: bridgeTitle(currency), Caption: f.bridgeNote(),
		Table: &digest.Table{Heads: []string{"Step", "Calls", "Amount"}}}
	var nothing int64
	for _, step := range f.Reconciled.Steps(currency) {
		_, total := f.summed(step.Step)
		if strong := total || step.Step == billing.StepOurs; strong || !step.Amount.IsZero() || step.Calls != 0 {
			s.Table.Rows = append(s.Table.Rows, digest.Row{Strong: strong, Cells: []string{f.stepName(step.Step),
				page.Said(xlsx.N(step.Calls)), page.Said(xlsx.D(step.Amount.String(), xlsx.Amount4))}})
			continue
		}
		nothing++
	}
	if nothing > 0 {
		s.Note = page.Plural(nothing, "step adds", "steps add") + " nothing."
	}
	return s
}

// payments returns the amounts that the sheet Sign-off proposes for payment.
func (m mailPage) payments() digest.Section {
	s := digest.Section{Title: "Amount proposed for payment", Table: &digest.Table{
		Heads: []string{"Currency", "Statement's amount", "Held back", "Proposed"}}}
	for _, currency := range m.Reconciled.Billed {
		theirs, proposed := m.Reconciled.Gross(currency).Theirs, m.Reconciled.Payable(currency)
		held, amount := page.Said(xlsx.D(theirs.Sub(proposed).String(), xlsx.Amount2)), page.Said(cents(proposed))
		if m.Reconciled.Withheld {
			held, amount = page.NoValue, "none: most transaction IDs are not ours"
		}
		s.Table.Rows = append(s.Table.Rows,
			digest.Row{Cells: []string{currency, page.Said(cents(theirs)), held, amount}})
		for n, i := range paidApart(m.Reconciled, currency) {
			s.Table.Rows = append(s.Table.Rows, digest.Row{Cells: []string{fmt.Sprintf("· invoice %d", n+1),
				page.Said(cents(i.Theirs)), page.Said(xlsx.D(i.Theirs.Sub(i.Pay).String(), xlsx.Amount2)),
				page.Said(cents(i.Pay))}})
		}
	}
	return s
}

// regions shows what the first page's chart of regions does.
func (m mailPage) regions() digest.Section {
	figure := m.regionFigure(1, 1)
	s := digest.Section{Title: figure.Finding, Caption: figure.Caption}
	for _, g := range m.regionsShown().lines {
		b := digest.Bar{Name: regionName(g.Region), Tone: digest.Plain}
		amount := g.Amount
		if b.Text = page.Said(cents(g.Amount)); g.Currency == page.NoValue {
			amount, b.Text = decimal.NewFromInt(g.Billable), humanize.Comma(g.Billable)
		}
		b.Value = amount.InexactFloat64()
		if n := g.InDoubt(); n > 0 {
			b.Note = "+ " + humanize.Comma(n) + " in doubt"
		}
		s.Bars = append(s.Bars, b)
	}
	return s
}
