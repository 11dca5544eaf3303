package monthend

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/dispute/register"
	"liverecon/report/page"
	"liverecon/report/review"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

// The columns of the disputes, from 0.
const (
	disputeNumber = iota
	disputeMonth
	disputeInvoice
	disputeReason
	disputeEndpoint
	disputeRows
	disputeCurrency
	disputeClaimed
	disputeStated
	disputeOtherwise
	disputeRecovered
	disputeOutstanding
	disputeSent
	disputeAnswered
	disputeAnswer
	disputeReference
	disputeComment
	disputeAge
	disputeState
)

// The columns of the credits that others refer to, from 0.
const (
	creditCurrency = iota + 4
	creditAmount
	creditDispute
)

type disputeSheet struct{ Sheets }

// Followed holds the table of the sheet Disputes, nil where it is not there.
type Followed struct{ all *page.Table }

// Disputes writes every dispute of the month and of those before it, with cells to write down what became of it, the
// credits that pay them back, and what was recovered to date. Where nothing is disputed and credited there is no such
// sheet.
func Disputes(of Sheets) (refs Followed) {
	f := disputeSheet{of}
	b := f.Disputes
	if len(b.Disputes)+len(b.Credits) == 0 {
		return refs
	}
	p := page.New(f.Book, review.DisputeSheet, "Disputes with the vendor, and what was recovered",
		"Of "+f.Period.Label+" and the months before it · amounts without tax · fill in the yellow cells, "+
			"`liverecon decisions` reads the file back",
		13.5, 8.5, 13, 17, 8.5, 6, 9, 10, 10, 10, 10, 11.5, 10.5, 10.5, 11, 12, 16, 6, 14)
	p.Tab = xlsx.Orange
	p.Headline(f.followed())
	p.Skip(1)
	if len(b.Disputes) > 0 {
		refs.all = f.disputeTable(p)
		p.Skip(1)
	}
	credits := f.creditTable(p, len(b.Disputes) > 0)
	if refs.all != nil {
		for i := range b.Disputes {
			cell := money(b.Disputes[i].Stated)
			if credits != nil && credits.Rows > 0 {
				cell = cell.WithFormula(fmt.Sprintf("SUMIFS(%s,%s,%s)", page.Local(credits.Area(creditAmount)),
					page.Local(credits.Area(creditDispute)), refs.all.Cell(disputeNumber, i)))
			}
			p.Set(refs.all.Cell(disputeStated, i), cell)
		}
		p.Skip(1)
		f.recoveredTable(p, refs.all)
	}
	p.PrintAll()
	return refs
}

func money(d decimal.Decimal) xlsx.Cell { return xlsx.D(d.String(), xlsx.Amount4) }

// sums adds up the disputes of a currency, of all months or one.
type sums struct{ claimed, recovered, outstanding decimal.Decimal }

func (f disputeSheet) sumsOf(month, currency string) (s sums) {
	for i := range f.Disputes.Disputes {
		d := &f.Disputes.Disputes[i]
		if d.Currency == currency && (month == "" || d.Month == month) {
			s.claimed, s.recovered = s.claimed.Add(d.Claimed()), s.recovered.Add(d.Recovered())
			s.outstanding = s.outstanding.Add(d.Outstanding())
		}
	}
	return s
}

// followed returns of every currency what was claimed, recovered and is outstanding, and what nobody has sent.
func (f disputeSheet) followed() string {
	var currencies, parts []string
	unsent, unmatched := int64(0), int64(0)
	for i := range f.Disputes.Disputes {
		d := &f.Disputes.Disputes[i]
		currencies = append(currencies, d.Currency)
		if d.SentOn() == "" && d.Outstanding().IsPositive() {
			unsent++
		}
	}
	for _, c := range f.Disputes.Credits {
		if c.Dispute == "" {
			unmatched++
		}
	}
	slices.Sort(currencies)
	for _, currency := range slices.Compact(currencies) {
		s := f.sumsOf("", currency)
		parts = append(parts, fmt.Sprintf("%s %s claimed to date, %s recovered, %s outstanding", xlsx.Visible(currency),
			page.Exact(s.claimed), page.Exact(s.recovered), page.Exact(s.outstanding)))
	}
	if unsent > 0 {
		parts = append(parts, page.Plural(unsent, "dispute was", "disputes were")+" not sent yet")
	}
	if unmatched > 0 {
		parts = append(parts, page.Plural(unmatched, "credit is", "credits are")+" no dispute's")
	}
	return strings.Join(parts, "; ")
}

// disputeTable writes the disputes.
func (f disputeSheet) disputeTable(p *page.Page) *page.Table {
	p.Section("1  Disputes", "A dispute: the lines of one invoice that are wrong for one reason, at one endpoint. Its "+
		"number stays: give it to the vendor, a credit that names it is found. Claimed: at issue, without what was "+
		"accepted or explained in the sheet Exceptions. Recovered: by credits of statements and otherwise, or what "+
		"rows "+
		"are marked as credited with where that is more. Age: days since it was sent, or since the statement was read.")
	t := p.Table(page.Col(review.HeadDispute, xlsx.Literal), page.Col("Month", xlsx.Literal),
		page.Col("Invoice", xlsx.Literal), page.Col("Reason", xlsx.General), page.Col("Endpoint", xlsx.Literal),
		page.Col("Rows", xlsx.Count), page.Col("Currency", xlsx.Literal), page.Col("Claimed", xlsx.Amount4),
		page.Col("Credited by statements", xlsx.Amount4), page.Col(review.HeadOtherwise, xlsx.Amount4),
		page.Col("Recovered", xlsx.Amount4), page.Col("Outstanding", xlsx.Amount4), page.Col(review.HeadSent,
			xlsx.Date),
		page.Col(review.HeadAnswered, xlsx.Date), page.Col(review.HeadAnswer, xlsx.General),
		page.Col(review.HeadReference, xlsx.General), page.Col(review.HeadComment, xlsx.General),
		page.Col("Age, days", xlsx.Count), page.Col("State", xlsx.General))
	p.SetBeside(0, t.First-1, xlsx.T("Marked credited"), xlsx.T(review.HeadKey))
	for i := range f.Disputes.Disputes {
		d := &f.Disputes.Disputes[i]
		p.SetBeside(0, p.Row, money(d.Marked), xlsx.T(review.DisputeKey(f.FirstRun, d)).WithFormat(xlsx.Literal))
		ref := func(col int) string { return t.Ref(col) }
		recovered := fmt.Sprintf("MAX(%s+N(%s),%s)", ref(disputeStated), ref(disputeOtherwise), p.Beside(0, p.Row))
		outstanding := fmt.Sprintf("MAX(0,ROUND(%s-%s,%d))", ref(disputeClaimed), ref(disputeRecovered),
			billing.MaxDecimals)
		cells := []xlsx.Cell{xlsx.T(d.Number), xlsx.T(d.Month), xlsx.Untrusted(d.Billed), xlsx.T(d.Reason),
			xlsx.Untrusted(d.Endpoint), xlsx.N(d.Rows), xlsx.Untrusted(d.Currency), money(d.Claimed()), money(d.Stated)}
		cells = append(cells, f.noted(d)...)
		cells = slices.Insert(cells, disputeRecovered, money(d.Recovered()).WithFormula(recovered),
			money(d.Outstanding()).WithFormula(outstanding))
		t.Add(append(cells, xlsx.N(d.Days(f.Generated)), state(d))...)
	}
	p.Choices = append(p.Choices, xlsx.Choice{At: page.Local(t.Area(disputeAnswer)), Items: accounts.Answers()})
	return t
}

// noted returns the cells to be filled in: paid back otherwise, and from the day of sending to the comment.
func (f disputeSheet) noted(d *register.Dispute) []xlsx.Cell {
	blank := xlsx.Cell{}.WithRole(xlsx.Input)
	day := func(text string) xlsx.Cell {
		at, err := time.ParseInLocation(time.DateOnly, text, f.Period.Zone)
		if err != nil {
			return blank
		}
		return xlsx.At(at, f.Period.Zone).WithFormat(xlsx.Date).WithRole(xlsx.Input)
	}
	text := func(text string) xlsx.Cell { return xlsx.T(xlsx.Visible(text)).WithRole(xlsx.Input) }
	n := d.Note
	if n == nil {
		return []xlsx.Cell{blank, blank, blank, blank, blank, blank}
	}
	otherwise := blank
	if o := d.Otherwise(); o.Valid {
		otherwise = money(o.Decimal).WithRole(xlsx.Input)
	}
	return []xlsx.Cell{otherwise, day(n.SentOn), day(n.AnsweredOn), text(n.Answer), text(n.Reference), text(n.Comment)}
}

// state returns how far a dispute has come, in the colour of what that asks for.
func state(d *register.Dispute) xlsx.Cell {
	c := xlsx.T(d.State())
	switch {
	case strings.HasPrefix(c.Text, "▲"):
		return c.WithRole(xlsx.Alert)
	case strings.HasPrefix(c.Text, "✓"):
		return c.WithRole(xlsx.Good)
	case c.Text == "not sent" && d.Outstanding().IsPositive():
		return c.WithRole(xlsx.Watch)
	}
	return c
}

// creditTable lists the credits, nil where there are none.
func (f disputeSheet) creditTable(p *page.Page, more bool) *page.Table {
	all := f.Disputes.Credits
	if len(all) == 0 {
		return nil
	}
	title := "1  Credits of statements"
	if more {
		title = "2  Credits of statements"
	}
	p.Section(title,
		"A credit is a dispute's whose number it names; else one's that alone has this amount left, in its "+
			"currency, of its month or an earlier invoice, at its endpoint if it names one. The others are nobody's: "+
			"ask the "+
			"vendor what they are for.")
	t := p.Table(page.Wide("Statement", 2, xlsx.Literal), page.Col("Line", xlsx.Count), page.Col("Month", xlsx.Literal),
		page.Col("Endpoint", xlsx.Literal), page.Wide("Currency", 2, xlsx.Literal), page.Wide("Amount", 2,
			xlsx.Amount4),
		page.Wide("Dispute", 2, xlsx.Literal), page.Wide("Found", 4, xlsx.General), page.Wide("Says", 4, xlsx.General))
	for _, c := range all {
		why := xlsx.T(c.Why)
		if c.Dispute == "" {
			why = xlsx.T("▲ " + c.Why).WithRole(xlsx.Watch)
		}
		t.Add(xlsx.Untrusted(c.File), xlsx.N(c.Line), xlsx.T(c.Month), xlsx.Untrusted(c.Endpoint),
			xlsx.Untrusted(c.Currency), money(c.Amount), xlsx.T(c.Dispute), why, xlsx.Untrusted(c.Text))
	}
	return t
}

// The spans of age of what is outstanding: the first day of each.
var outstandingFrom = []int64{0, 31, 61, 91}

// recoveredTable adds up what was claimed and recovered by month, and how old the rest is.
func (f disputeSheet) recoveredTable(p *page.Page, t *page.Table) {
	title := "2  Recovered to date"
	if len(f.Disputes.Credits) > 0 {
		title = "3  Recovered to date"
	}
	p.Section(title, "By the month that bears the lines. Outstanding: by the days since it was sent, or since the "+
		"statement was read.")
	r := p.Table(page.Col("Month", xlsx.Literal), page.Col("Currency", xlsx.Literal), page.Col("Claimed", xlsx.Amount4),
		page.Col("Recovered", xlsx.Amount4), page.Wide("Recovered, share", 2, xlsx.Share),
		page.Wide("Outstanding", 2, xlsx.Amount4), page.Wide("Up to 30 days", 2, xlsx.Amount4),
		page.Wide("31 to 60 days", 2, xlsx.Amount4), page.Wide("61 to 90 days", 2, xlsx.Amount4),
		page.Wide("More than 90 days", 2, xlsx.Amount4))
	type key struct{ month, currency string }
	var keys []key
	for i := range f.Disputes.Disputes {
		d := &f.Disputes.Disputes[i]
		if k := (key{d.Month, d.Currency}); !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.month+a.currency, b.month+b.currency) })
	area := func(col int) string { return page.Local(t.Area(col)).String() }
	row := func(month, currency string, labels []xlsx.Cell) []xlsx.Cell {
		s := f.sumsOf(month, currency)
		only := fmt.Sprintf(",%s,%s", area(disputeCurrency), r.Ref(1))
		if month != "" {
			only += fmt.Sprintf(",%s,%s", area(disputeMonth), r.Ref(0))
		}
		sum := func(d decimal.Decimal, col int, more string) xlsx.Cell {
			return money(d).WithFormula("SUMIFS(" + area(col) + only + more + ")")
		}
		share := page.None()
		if !s.claimed.IsZero() {
			share = xlsx.F(s.recovered.Div(s.claimed).InexactFloat64(), xlsx.Share).WithFormula(r.Ref(3) + "/" +
				r.Ref(2))
		}
		cells := append(slices.Clone(labels), sum(s.claimed, disputeClaimed, ""), sum(s.recovered, disputeRecovered,
			""), share, sum(s.outstanding, disputeOutstanding, ""))
		for i, from := range outstandingFrom {
			more, to := fmt.Sprintf(`,%s,">=%d"`, area(disputeAge), from), int64(1)<<62
			if i+1 < len(outstandingFrom) {
				to = outstandingFrom[i+1]
				more += fmt.Sprintf(`,%s,"<%d"`, area(disputeAge), to)
			}
			cells = append(cells, sum(f.aged(month, currency, from, to), disputeOutstanding, more))
		}
		return cells
	}
	for _, k := range keys {
		r.Add(row(k.month, k.currency, []xlsx.Cell{xlsx.T(k.month), xlsx.Untrusted(k.currency)})...)
	}
	var currencies []string
	for _, k := range keys {
		currencies = append(currencies, k.currency)
	}
	slices.Sort(currencies)
	for _, currency := range slices.Compact(currencies) {
		r.Total(row("", currency, []xlsx.Cell{xlsx.T("All"), xlsx.Untrusted(currency)})...)
	}
}

// aged adds up what is outstanding and has been for a number of days from one up to another, not included.
func (f disputeSheet) aged(month, currency string, from, to int64) (sum decimal.Decimal) {
	for i := range f.Disputes.Disputes {
		d := &f.Disputes.Disputes[i]
		if days := d.Days(f.Generated); d.Currency == currency && (month == "" || d.Month == month) && days >= from &&
			days < to {
			sum = sum.Add(d.Outstanding())
		}
	}
	return sum
}

// Check sets what the month's disputes have at issue beside the bridge, whose cells are given by step: rows that take
// something back, and rows without a price, are in no dispute.
func (r Followed) Check(f Sheets, l *page.Checks, bridge func(currency string) map[string]string) {
	if r.all == nil || f.Reconciled == nil || f.Reconciled.Earlier() || f.Reconciled.Withdrawn ||
		f.Reconciled.Withheld {
		return
	}
	for _, currency := range f.Reconciled.Billed {
		steps := bridge(currency)
		if steps == nil || f.Reconciled.Unpriced[currency] > 0 {
			continue
		}
		var issue, given, netted decimal.Decimal
		for i := range f.Disputes.Disputes {
			if d := &f.Disputes.Disputes[i]; d.Month == f.Period.Label && d.Currency == currency {
				issue, given = issue.Add(d.AtIssue), given.Add(d.GivenUp)
			}
		}
		for _, b := range f.Reconciled.Bridge {
			if b.Currency == currency && b.Step == billing.StepNettedOver {
				netted = b.Amount
			}
		}
		area := func(col int) string { return r.all.Area(col).String() }
		claimed := fmt.Sprintf(`SUMIFS(%s,%s,"%s",%s,"%s")`, area(disputeClaimed), area(disputeMonth), f.Period.Label,
			area(disputeCurrency), currency)
		right := steps[billing.StepToDispute]
		if cell := steps[billing.StepNettedOver]; cell != "" {
			right += "-" + cell
		}
		over := f.Reconciled.Gross(currency).Over
		l.Add("Disputes, "+currency+": claimed and given up = to dispute, before netting",
			money(issue).WithFormula(claimed+"+"+given.String()), money(over.Sub(netted)).WithFormula(right))
	}
}
