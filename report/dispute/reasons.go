package dispute

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/contract"
	"liverecon/batch/billing/recovery"
	"liverecon/report/dispute/register"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

// mostShown sets how many lines a page of a reason lists; the file has all.
const mostShown = 400

// reason collects what one page shows: the disputes of one reason, and their first lines.
type reason struct {
	all   map[string]*numbered // by the dispute's number
	shown []shownLine
	lines int64
}

// numbered adds up the lines of one dispute. Their amounts are without tax.
type numbered struct {
	recovery.Subject
	number, invoice string
	since           time.Time // when the last of its statements was read
	lines           int64
	amount          decimal.Decimal
}

type shownLine struct {
	accounts.ReconciledRow
	over decimal.Decimal
}

// number returns the number of the dispute that a row is in; what it takes back, and what has no price, is in none.
func (d *dispute) number(r *accounts.ReconciledRow, over decimal.Decimal) string {
	if r.OurAmount == "" || !over.IsPositive() {
		return ""
	}
	return d.subject(r).Number()
}

func (d *dispute) subject(r *accounts.ReconciledRow) recovery.Subject {
	return register.SubjectOf(d.found.Month, r.Class, r.Endpoint, r.Currency, d.statements[r.StatementID])
}

// show adds a row to its reason.
func (d *dispute) show(r *accounts.ReconciledRow, over decimal.Decimal) {
	class := billing.Class(r.Class)
	if d.reasons[class] == nil {
		d.reasons[class] = &reason{all: map[string]*numbered{}}
	}
	at := d.reasons[class]
	if at.lines++; len(at.shown) < mostShown {
		at.shown = append(at.shown, shownLine{*r, over})
	}
	number := d.number(r, over)
	n := at.all[number]
	if n == nil {
		n = &numbered{Subject: d.subject(r), number: number}
		at.all[number] = n
	}
	s := d.statements[r.StatementID]
	n.invoice = cmp.Or(n.Invoice, n.invoice, filepath.Base(s.Path))
	if s.ImportedAt.After(n.since) {
		n.since = s.ImportedAt
	}
	n.lines++
	if r.OurAmount != "" {
		n.amount = n.amount.Add(over)
	}
}

// contractOf returns the contract of what is disputed, an empty one where the configuration has none.
func (d *dispute) contractOf(n *numbered) contract.Contract {
	if c := contract.At(d.Contracts, n.Endpoint, d.Period.From); c != nil {
		return *c
	}
	return contract.Contract{}
}

// numbers returns the disputes of all reasons, or of one, in order.
func (d *dispute) numbers(only billing.Class) (all []*numbered) {
	for class, r := range d.reasons {
		if only != "" && class != only {
			continue
		}
		for _, n := range r.all {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b *numbered) int { return cmp.Compare(a.number+a.Currency, b.number+b.Currency) })
	return all
}

// day writes a day, "" for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// ours names each dispute, the invoice, account and contract that it is under, and the days that count.
func (d *dispute) ours(p *page.Page) {
	p.Section("3  Disputes", "Please name the dispute's number in the credit's description. Raise by: the last day on "+
		"which the contract lets its lines be disputed. Answer by: that many days, by the contract, after this was "+
		"made.")
	t := p.Table(page.Wide("Dispute", 2, xlsx.Literal), page.Wide("Invoice", 2, xlsx.Literal),
		page.Wide("Account", 2, xlsx.Literal), page.Wide("Contract", 2, xlsx.Literal), page.Col("Endpoint",
			xlsx.Literal),
		page.Col("Lines", xlsx.Count), page.Col("Raise by", xlsx.Literal), page.Col("Answer by", xlsx.Literal))
	for _, n := range d.numbers("") {
		c := d.contractOf(n)
		t.Add(xlsx.T(n.number), xlsx.Untrusted(n.invoice), xlsx.Untrusted(c.Account), xlsx.Untrusted(c.Number),
			xlsx.Untrusted(n.Endpoint), xlsx.N(n.lines),
			xlsx.T(day(contract.Until(n.since.In(d.Period.Zone), c.DisputeDays))),
			xlsx.T(day(contract.Until(d.found.MadeAt.In(d.Period.Zone), c.AnswerDays))))
	}
	p.Skip(1)
}

// pages writes a page for each reason, and checks what its disputes come to.
func (d *dispute) pages(w *xlsx.Workbook, file string, checks *page.Checks) {
	for i, class := range page.SortedKeys(d.reasons) {
		r := d.reasons[class]
		p := page.New(w, fmt.Sprintf("Reason %d", i+1), "Reason "+fmt.Sprint(i+1)+": "+disputed[class],
			page.DisputeTitle+d.Period.Label+" · amounts without tax",
			20, 14, 8, 19, 19, 9, 8, 8, 11, 11, 11, 9)
		p.Tab = xlsx.Orange
		t := p.Table(page.Wide("Dispute", 1, xlsx.Literal), page.Wide("Invoice", 2, xlsx.Literal),
			page.Col("Account", xlsx.Literal), page.Col("Contract", xlsx.Literal), page.Col("Endpoint", xlsx.Literal),
			page.Wide("Lines", 2, xlsx.Count), page.Wide("Disputed", 2, xlsx.Amount4), page.Wide("Currency", 2,
				xlsx.Literal))
		sums := map[string]decimal.Decimal{}
		for _, n := range d.numbers(class) {
			c := d.contractOf(n)
			t.Add(xlsx.T(n.number), xlsx.Untrusted(n.invoice), xlsx.Untrusted(c.Account), xlsx.Untrusted(c.Number),
				xlsx.Untrusted(n.Endpoint), xlsx.N(n.lines), xlsx.D(n.amount.String(), xlsx.Amount4),
				xlsx.Untrusted(n.Currency))
			sums[n.Currency] = sums[n.Currency].Add(n.amount)
		}
		for _, currency := range page.SortedKeys(sums) {
			checks.Add(fmt.Sprintf("%s %s: by dispute = by line", p.Name, xlsx.Visible(currency)),
				xlsx.D(sums[currency].String(), xlsx.Amount4).WithFormula(fmt.Sprintf(`SUMIFS(%s,%s,"%s")`, t.Area(6),
					t.Area(7), xlsx.Visible(currency))), xlsx.D(d.groups[disputeKey{currency, class}].disputed.String(),
					xlsx.Amount4))
		}
		p.Skip(1)
		d.shownLines(p, r, file)
		p.PrintAll()
	}
}

// shownLines lists a reason's lines, as the file has them.
func (d *dispute) shownLines(p *page.Page, r *reason, file string) {
	t := p.Table(page.Col("Transaction", xlsx.Literal), page.Col("Statement", xlsx.Literal), page.Col("Line",
		xlsx.Count),
		page.Col("Charged at (UTC)", xlsx.Literal), page.Col("Sent at (UTC)", xlsx.Literal), page.Col("Endpoint",
			xlsx.Literal),
		page.Col("Region", xlsx.Literal), page.Col("Pricing", xlsx.Literal), page.Col("Billed", xlsx.Amount4),
		page.Col("Recorded", xlsx.Amount4), page.Col("Disputed", xlsx.Amount4), page.Col("Currency", xlsx.Literal))
	for i := range r.shown {
		l := &r.shown[i]
		recorded, disputed := page.None(), page.None()
		billed, err := decimal.NewFromString(l.TheirAmount)
		if l.OurAmount != "" && err == nil {
			recorded = xlsx.D(billed.Sub(amountOf(l.Tax)).Sub(l.over).String(), xlsx.Amount4)
			disputed = xlsx.D(l.over.String(), xlsx.Amount4)
		}
		t.Add(xlsx.Untrusted(l.TransactionID), xlsx.Untrusted(filepath.Base(d.statements[l.StatementID].Path)),
			xlsx.N(l.Line),
			xlsx.T(short(chargedText(&l.ReconciledRow))), xlsx.T(short(momentText(l.SentAt))),
			xlsx.Untrusted(l.Endpoint),
			xlsx.Untrusted(l.Region), xlsx.Untrusted(l.TheirPricing), xlsx.D(billed.String(), xlsx.Amount4), recorded,
			disputed,
			xlsx.Untrusted(l.Currency))
	}
	if more := r.lines - int64(len(r.shown)); more > 0 {
		p.Prose(xlsx.T(fmt.Sprintf("And %s: %s has all.", page.Plural(more, "more line", "more lines"),
			xlsx.Visible(file))))
	}
}

// short leaves the letters and fractions of a moment out.
func short(text string) string {
	if len(text) > len("2006-01-02T15:04:05") {
		return text[:10] + " " + text[11:19]
	}
	return text
}

// amountOf reads a decimal text, zero where there is none.
func amountOf(text string) (d decimal.Decimal) {
	if value, err := decimal.NewFromString(text); err == nil {
		d = value
	}
	return d
}
