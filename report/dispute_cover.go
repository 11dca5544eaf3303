package report

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/shopspring/decimal"
)

// cover is the sheet that goes with the rows: what is disputed, on which statement, and how both sides can check it.
func (d *dispute) cover(file string) *Workbook {
	w := &Workbook{Title: "Billing dispute · " + d.Period.Label, Subject: "Lines of the statement that the records do not support, " + d.Period.describe(),
		Generator: strings.TrimSpace("liverecon " + d.Version), Created: d.found.MadeAt,
		Origin: Origin{Kind: "dispute", Label: d.Period.Label, From: d.Period.From, To: d.Period.To, Version: d.Version, Generated: d.found.MadeAt}}
	p := newPage(w, "Dispute", disputeTitle+d.Period.Label, fmt.Sprintf("%s · reconciled %s UTC · reading of the contract: %s",
		plural(d.rows, "line of the statement bills more than the records support", "lines of the statement bill more than the records support"),
		d.found.MadeAt.UTC().Format("2006-01-02 15:04"), d.found.Reading))
	p.Tab, p.OnePage = orange, true
	p.headline(d.headline())
	p.skip(1)
	checks := d.amounts(p)
	d.sources(p, file)
	p.section("3  Checks", "")
	checks.write(p, 6, 2)
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
	w.Untied = checks.untied()
	return w
}

func (d *dispute) headline() string {
	var parts []string
	for _, v := range d.byCurrency() {
		parts = append(parts, visible(v.currency)+" "+toTheLastDigit(v.disputed))
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%s billed beyond our records, without a price to value them", plural(d.rows, "line is", "lines are"))
	}
	return withUnpriced(strings.Join(parts, " and "), d.unpriced()) + " billed beyond what our records support"
}

// toTheLastDigit writes an amount with two decimals and as many more as it has: what is disputed is not rounded.
func toTheLastDigit(d decimal.Decimal) string {
	if d.Equal(d.Round(2)) {
		return money(d)
	}
	return d.String()
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
	for _, name := range sortedKeys(sums) {
		if !sums[name].IsZero() {
			all = append(all, disputeSum{name, sums[name]})
		}
	}
	return all
}

// unpriced is how many calls are disputed that no price values.
func (d *dispute) unpriced() int64 {
	var n int64
	for _, g := range d.groups {
		n += g.unpriced
	}
	return n
}

// amounts writes what is disputed by reason, each currency for itself, and returns its checks.
func (d *dispute) amounts(p *page) *checkList {
	p.section("1  What is disputed", "Billed less recorded is disputed. Every line is in the file that goes with this sheet.")
	checks := &checkList{}
	for _, currency := range d.currencies() {
		t := p.table(column{"Reason", 6, General}, column{"Lines", 1, Count}, column{"Calls", 1, Count}, column{"Currency", 1, Literal}, column{"Billed", 1, Amount4}, column{"Recorded", 1, Amount4}, column{"Disputed", 1, Amount4})
		var all disputeGroup
		for _, class := range sortedKeys(disputed) {
			g := d.groups[disputeKey{currency, class}]
			if g == nil {
				continue
			}
			billed, ours := t.ref(4), t.ref(5)
			t.add(T(disputed[class]), N(g.rows), N(g.quantity), Outside(currency), D(g.billed.String(), Amount4), D(g.ours.String(), Amount4), D(g.disputed.String(), Amount4).By(billed+"-"+ours))
			all.rows, all.quantity, all.unpriced = all.rows+g.rows, all.quantity+g.quantity, all.unpriced+g.unpriced
			all.billed, all.ours, all.disputed = all.billed.Add(g.billed), all.ours.Add(g.ours), all.disputed.Add(g.disputed)
		}
		t.total(T("All of "+visible(currency)), N(all.rows).By(sum(local(t.area(1)))), N(all.quantity).By(sum(local(t.area(2)))), Cell{}, D(all.billed.String(), Amount4).By(sum(local(t.area(4)))),
			D(all.ours.String(), Amount4).By(sum(local(t.area(5)))), D(all.disputed.String(), Amount4).By(sum(local(t.area(6)))))
		if all.unpriced > 0 {
			p.prose(T(notInAmounts(all.unpriced) + "."))
		}
		checks.add("Disputed "+visible(currency)+": by line = as reconciled", D(all.disputed.String(), Amount4).By(sum(t.area(6))), D(d.over(currency), Amount4))
		p.skip(1)
	}
	return checks
}

// currencies are those in which something is disputed, in order.
func (d *dispute) currencies() []string {
	names := map[string]bool{}
	for key := range d.groups {
		names[key.currency] = true
	}
	return sortedKeys(names)
}

// over is what the reconciliation itself found billed beyond the records: the second route to what is disputed.
func (d *dispute) over(currency string) string {
	for _, v := range d.verdicts {
		if v.Currency == currency {
			return v.Over
		}
	}
	return "0"
}

// sources names the files a reader needs to check the dispute.
func (d *dispute) sources(p *page, file string) {
	p.section("2  Files", "The SHA-256 of a file tells whether both sides look at the same one. answer_sha256 in the lines is that of the API's answer as it was received.")
	t := p.table(column{"What", 2, General}, column{"File", 3, Literal}, column{"Lines", 1, Count}, column{"SHA-256", 6, Literal})
	t.add(T("Lines in dispute"), Outside(file), N(d.rows), T(hex.EncodeToString(d.sum)).In(Literal))
	lines := map[int64]int64{}
	for _, s := range d.scopes {
		lines[s.StatementID] += s.Lines
	}
	for _, id := range d.found.Statements {
		s := d.statements[id]
		t.add(T("Statement"), Outside(filepath.Base(s.Path)), N(lines[id]), T(hex.EncodeToString(s.SHA256)).In(Literal))
	}
	p.skip(1)
}
