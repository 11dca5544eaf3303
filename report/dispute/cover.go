package dispute

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance"
	"liverecon/report/page"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
)

// cover returns the sheet that goes with the rows: what is disputed, on which statement, and how both sides can check
// it.
func (d *dispute) cover(file string) *xlsx.Workbook {
	w := &xlsx.Workbook{Title: "Billing dispute · " + d.Period.Label,
		Subject:   "Lines of the statement that the records do not support, " + d.Period.Describe(),
		Generator: strings.TrimSpace("liverecon " + d.Version), Created: d.found.MadeAt,
		Origin: xlsx.Origin{Kind: "dispute", Label: d.Period.Label, From: d.Period.From, To: d.Period.To,
			Version: d.Version, Generated: d.found.MadeAt}}
	p := page.New(w, "Dispute", page.DisputeTitle+d.Period.Label,
		fmt.Sprintf("%s · reconciled %s UTC · reading of the contract: %s",
			page.Plural(d.rows, "line of the statement bills more than the records support",
				"lines of the statement bill more than the records support"),
			d.found.MadeAt.UTC().Format("2006-01-02 15:04"), d.found.Basis))
	p.Tab, p.OnePage = xlsx.Orange, true
	p.Headline(d.headline())
	p.Skip(1)
	checks := d.amounts(p)
	d.sources(p, file)
	d.ours(p)
	d.pages(w, file, checks)
	p.Section("4  Checks", "")
	checks.Write(p, 6, 2)
	p.PrintAll()
	w.FailedChecks = checks.Failed()
	return w
}

func (d *dispute) headline() string {
	var parts []string
	for _, v := range d.byCurrency() {
		text := xlsx.Visible(v.currency) + " " + page.Exact(v.disputed)
		if tax := d.tax(v.currency); !tax.IsZero() {
			text += fmt.Sprintf(" (%s with the tax on it)", page.Exact(v.disputed.Add(tax)))
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%s billed beyond our records, without a price to value them",
			page.Plural(d.rows, "line is", "lines are"))
	}
	return billing.WithUnpriced(strings.Join(parts, " and "), d.unpriced()) + " billed beyond what our records support"
}

// tax returns the tax on what is disputed in a currency, by the bridge, to four decimals.
func (d *dispute) tax(currency string) decimal.Decimal {
	for _, b := range d.bridge {
		if amount, err := decimal.NewFromString(b.Amount); err == nil && b.Currency == currency &&
			b.Step == billing.StepTaxDisputed {
			return d.shareOf(currency, amount).Round(4)
		}
	}
	return decimal.Decimal{}
}

// shareOf returns which part of the tax on all that was found to dispute is on what is left of it.
func (d *dispute) shareOf(currency string, tax decimal.Decimal) decimal.Decimal {
	g := d.settled[currency]
	for _, v := range d.verdicts {
		if over := worked.Amount(v.Over); g != nil && v.Currency == currency && over.IsPositive() {
			left := decimal.Max(decimal.Decimal{}, over.Sub(g.disputed))
			return tax.Mul(left).DivRound(over, 16)
		}
	}
	return tax
}

type disputeSum struct {
	currency string
	disputed decimal.Decimal
}

func (d *dispute) byCurrency() []disputeSum {
	sums := map[string]decimal.Decimal{}
	for key, g := range d.groups {
		sums[key.currency] = sums[key.currency].Add(g.disputed)
	}
	var all []disputeSum
	for _, name := range page.SortedKeys(sums) {
		if !sums[name].IsZero() {
			all = append(all, disputeSum{name, sums[name]})
		}
	}
	return all
}

// unpriced counts the disputed calls without a price.
func (d *dispute) unpriced() int64 {
	var n int64
	for _, g := range d.groups {
		n += g.unpriced
	}
	return n
}

// amounts writes what is disputed by reason, each currency for itself, and returns its checks.
func (d *dispute) amounts(p *page.Page) *page.Checks {
	p.Section("1  What is disputed",
		"Billed less recorded is disputed. Every line is in the file that goes with this sheet.")
	checks := &page.Checks{}
	for _, currency := range d.currencies() {
		reason := 6
		if !d.rate.IsZero() {
			reason = 5
		}
		cols := []page.Column{page.Wide("Reason", reason, xlsx.General), page.Col("Lines", xlsx.Count),
			page.Col("Calls", xlsx.Count), page.Col("Currency", xlsx.Literal), page.Col("Billed", xlsx.Amount4)}
		if !d.rate.IsZero() {
			cols = append(cols, page.Col("Tax in it", xlsx.Amount4))
		}
		t := p.Table(append(cols, page.Col("Recorded", xlsx.Amount4), page.Col("Disputed", xlsx.Amount4))...)
		var all disputeGroup
		for _, class := range page.SortedKeys(disputed) {
			g := d.groups[disputeKey{currency, class}]
			if g == nil {
				continue
			}
			less := make([]string, 0, 3)
			for i := range d.amountCells(g) {
				less = append(less, t.Ref(4+i))
			}
			t.Add(append([]xlsx.Cell{xlsx.T(disputed[class]), xlsx.N(g.rows), xlsx.N(g.quantity),
				xlsx.Untrusted(currency)}, append(d.amountCells(g), xlsx.D(g.disputed.String(),
				xlsx.Amount4).WithFormula(strings.Join(less, "-")))...)...)
			all.rows, all.quantity, all.unpriced = all.rows+g.rows, all.quantity+g.quantity, all.unpriced+g.unpriced
			all.billed, all.ours, all.disputed = all.billed.Add(g.billed), all.ours.Add(g.ours),
				all.disputed.Add(g.disputed)
			all.tax = all.tax.Add(g.tax)
		}
		total := []xlsx.Cell{xlsx.T("All of " + xlsx.Visible(currency)),
			xlsx.N(all.rows).WithFormula(xlsx.Sum(page.Local(t.Area(1)))),
			xlsx.N(all.quantity).WithFormula(xlsx.Sum(page.Local(t.Area(2)))), {}}
		for i, cell := range append(d.amountCells(&all), xlsx.D(all.disputed.String(), xlsx.Amount4)) {
			total = append(total, cell.WithFormula(xlsx.Sum(page.Local(t.Area(4+i)))))
		}
		t.Total(total...)
		if tax := d.tax(currency); !tax.IsZero() {
			p.Prose(xlsx.T(fmt.Sprintf("What is disputed is without tax: %s of tax is on it, so %s %s in all.",
				page.Exact(tax), xlsx.Visible(currency), page.Exact(all.disputed.Add(tax)))))
		}
		if all.unpriced > 0 {
			p.Prose(xlsx.T(finance.NotInAmounts(all.unpriced) + "."))
		}
		checks.Add("Disputed "+xlsx.Visible(currency)+": by line = "+d.foundAs(currency),
			xlsx.D(all.disputed.String(), xlsx.Amount4).WithFormula(xlsx.Sum(t.Area(len(total)-1))),
			xlsx.D(d.over(currency), xlsx.Amount4))
		p.Skip(1)
	}
	for _, currency := range page.SortedKeys(d.settled) {
		g := d.settled[currency]
		p.Prose(xlsx.T(fmt.Sprintf("Not disputed: %s %s of %s, accepted, credited or explained, or within the "+
			"tolerance.", xlsx.Visible(currency), page.Exact(g.disputed), page.Plural(g.rows, "line", "lines"))))
		p.Skip(1)
	}
	for _, currency := range page.SortedKeys(d.lost) {
		g := d.lost[currency]
		p.Prose(xlsx.T(fmt.Sprintf("Not disputed: %s of %s %s, charged in a time of which our records were lost.",
			page.Plural(g.rows, "line", "lines"), xlsx.Visible(currency), page.Exact(g.billed))))
		p.Skip(1)
	}
	for _, text := range d.paidTwice() {
		p.Prose(xlsx.T(text))
	}
	if len(d.twice) > 0 {
		p.Skip(1)
	}
	return checks
}

// amountCells returns what is billed, the tax in it where amounts include one, and what is recorded.
func (d *dispute) amountCells(g *disputeGroup) []xlsx.Cell {
	cells := []xlsx.Cell{xlsx.D(g.billed.String(), xlsx.Amount4)}
	if !d.rate.IsZero() {
		cells = append(cells, xlsx.D(g.tax.String(), xlsx.Amount4))
	}
	return append(cells, xlsx.D(g.ours.String(), xlsx.Amount4))
}

// shownTwice bounds how many of the IDs that were paid for twice a cover names.
const shownTwice = 20

// paidTwice names what is billed twice for one ID, and not disputed.
func (d *dispute) paidTwice() (all []string) {
	if len(d.twice) == 0 {
		return nil
	}
	all = append(all, fmt.Sprintf("Not disputed: %s of which a call whose answer was lost is billed, and the one that "+
		"asked again, too.", page.Plural(int64(len(d.twice)), "ID", "IDs")))
	for _, t := range d.twice[:min(len(d.twice), shownTwice)] {
		all = append(all, fmt.Sprintf("Call %d of %s UTC (lost), and call %d of %s UTC (%s).", t.Lost,
			t.LostAt.UTC().Format("2006-01-02 15:04:05"), t.Again, t.AgainAt.UTC().Format("2006-01-02 15:04:05"),
			t.Reason))
	}
	return all
}

// currencies returns those in which something is disputed, in order.
func (d *dispute) currencies() []string {
	names := map[string]bool{}
	for key := range d.groups {
		names[key.currency] = true
	}
	return page.SortedKeys(names)
}

// foundAs describes what the second route to what is disputed is.
func (d *dispute) foundAs(currency string) string {
	if d.settled[currency] == nil {
		return "as reconciled"
	}
	return "as reconciled and worked"
}

// over returns what the reconciliation itself found billed beyond the records, but for what is not disputed: the second
// route to what is disputed.
func (d *dispute) over(currency string) string {
	for _, v := range d.verdicts {
		if v.Currency != currency {
			continue
		}
		over, err := decimal.NewFromString(v.Over)
		if err != nil {
			return v.Over
		}
		if g := d.lost[currency]; g != nil {
			over = over.Sub(g.disputed)
		}
		if g := d.settled[currency]; g != nil {
			over = decimal.Max(decimal.Decimal{}, over.Sub(g.disputed))
		}
		return over.String()
	}
	return "0"
}

// sources names the files a reader needs to check the dispute.
func (d *dispute) sources(p *page.Page, file string) {
	p.Section("2  Files", "The SHA-256 of a file tells whether both sides look at the same one. answer_sha256 in "+
		"the lines is that of the API's answer as it was received.")
	t := p.Table(page.Wide("What", 2, xlsx.General), page.Wide("File", 3, xlsx.Literal), page.Col("Lines", xlsx.Count),
		page.Wide("SHA-256", 6, xlsx.Literal))
	t.Add(xlsx.T("Lines in dispute"), xlsx.Untrusted(file), xlsx.N(d.rows),
		xlsx.T(hex.EncodeToString(d.sum)).WithFormat(xlsx.Literal))
	lines := map[int64]int64{}
	for _, s := range d.scopes {
		if s.Month == d.Period.Label || slices.Contains(d.beside, s.StatementID) {
			lines[s.StatementID] += s.Lines
		}
	}
	for _, id := range slices.Concat(d.found.Statements, d.beside) {
		s := d.statements[id]
		t.Add(xlsx.T("Statement"), xlsx.Untrusted(filepath.Base(s.Path)), xlsx.N(lines[id]),
			xlsx.T(hex.EncodeToString(s.SHA256)).WithFormat(xlsx.Literal))
	}
	p.Skip(1)
}
