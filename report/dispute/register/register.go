// Package register follows what is disputed with the vendor over months: what each dispute is about, what people wrote
// down of it, and what credits of later statements have paid back.
package register

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/recovery"
	"liverecon/report/worked"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// Dispute represents one reason for which lines of one invoice are wrong, at one endpoint and in one currency. Amounts
// are without tax and without a sign.
type Dispute struct {
	recovery.Subject
	Number  string
	Billed  string // the invoice, or the names of the statements where nobody gave its number
	Rows    int64  // of the reconciliation that stands; 0: it lapsed, they are no exceptions any more
	AtIssue decimal.Decimal
	GivenUp decimal.Decimal       // of it, accepted or explained
	Marked  decimal.Decimal       // of it, in rows marked as credited
	Stated  decimal.Decimal       // paid back by credits of statements
	Since   time.Time             // when the last of its statements was imported
	Note    *accounts.DisputeNote // what stands of it; nil: nobody wrote anything
	last    int64                 // of its statements
}

// Claimed returns what is asked back: at issue and not given up.
func (d *Dispute) Claimed() decimal.Decimal { return d.AtIssue.Sub(d.GivenUp) }

// Otherwise returns what was paid back by no line of a statement.
func (d *Dispute) Otherwise() decimal.NullDecimal {
	if d.Note == nil || d.Note.Credited == "" {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(worked.Amount(d.Note.Credited))
}

// Recovered returns what was paid back to date: by statements and otherwise, or what rows are marked as credited with
// where that is more.
func (d *Dispute) Recovered() decimal.Decimal {
	return decimal.Max(d.Stated.Add(d.Otherwise().Decimal), d.Marked)
}

// Outstanding returns what is claimed and not paid back.
func (d *Dispute) Outstanding() decimal.Decimal {
	return decimal.Max(decimal.Decimal{}, d.Claimed().Sub(d.Recovered()))
}

// SentOn returns the day on which it was sent, "" for one that nobody has sent.
func (d *Dispute) SentOn() string {
	if d.Note == nil {
		return ""
	}
	return d.Note.SentOn
}

// Days returns for how many days it has been waiting: since it was sent, or else since its statement was imported.
func (d *Dispute) Days(now time.Time) int64 {
	from := d.Since
	if day, err := time.ParseInLocation(time.DateOnly, d.SentOn(), now.Location()); err == nil {
		from = day
	}
	if from.IsZero() || now.Before(from) {
		return 0
	}
	return int64(now.Sub(from).Hours() / 24)
}

// State describes in words how far it has come.
func (d *Dispute) State() string {
	claimed, recovered := d.Claimed(), d.Recovered()
	switch {
	case recovered.GreaterThan(claimed) && d.Rows > 0:
		return "▲ credited beyond the claim"
	case recovered.IsPositive() && recovered.Equal(claimed):
		return "✓ recovered"
	case d.Rows == 0:
		return "lapsed"
	case claimed.IsZero():
		return "given up"
	case recovered.IsPositive():
		return "credited in part"
	case d.Note != nil && d.Note.Answer != "":
		return d.Note.Answer
	case d.Note != nil && d.Note.AnsweredOn != "":
		return "answered"
	case d.SentOn() != "":
		return "sent"
	}
	return "not sent"
}

// Credit represents a credit of a statement, and the dispute that it pays back.
type Credit struct {
	recovery.Credit
	File    string // of the statement, or the number of its invoice
	Dispute string // its number; "" for none
	Why     string // how it was found, or why none was
}

// Book holds the disputes of a month and of those before it, with the credits of their invoices.
type Book struct {
	Disputes []Dispute // by month, then in order of their numbers
	Credits  []Credit
	Last     int64 // the newest note in it

	statements map[int64]accounts.StatementScope
}

// Find returns the dispute that a row of a month is in; nil for a row that is in none.
func (b *Book) Find(month string, e *worked.Exception) *Dispute {
	if !disputed(e) {
		return nil
	}
	s := SubjectOf(month, e.Class, e.Endpoint, e.Currency, b.statements[e.Position.StatementID])
	i := slices.IndexFunc(b.Disputes, func(d Dispute) bool { return d.Subject == s })
	if i < 0 {
		return nil
	}
	return &b.Disputes[i]
}

// disputed reports whether a row is in a dispute: not one that takes back what a closed month disputed, nor one without
// a price.
func disputed(e *worked.Exception) bool { return e.InDispute() && !e.Unpriced }

// Load reads the disputes of months as they were worked, up to the one to report on. Notes that came after asOf are
// left out; nil stands for now. Credits count up to the last month's invoices.
func Load(
	ctx context.Context, snap *snapshot.Snapshot, last string, months []*worked.Month, asOf *worked.AsOf,
) (*Book, error) {
	b := &Book{}
	if len(months) == 0 {
		return b, nil
	}
	scopes, err := snap.Statements().Scopes(ctx, "")
	if err != nil {
		return nil, err
	}
	statements := map[int64]accounts.StatementScope{}
	for _, s := range scopes {
		statements[s.StatementID] = s
	}
	b.statements = statements
	for _, m := range months {
		b.Disputes = append(b.Disputes, Of(m, statements)...)
	}
	notes, err := snap.Months().Disputes(ctx)
	if err != nil {
		return nil, err
	}
	b.note(notes, last, asOf)
	return b, b.match(ctx, snap, statements, months, last)
}

// Of returns the disputes of one month, in the order of their numbers, without what became of them. Rows that take back
// what a closed month disputed, and rows without a price, are in none.
func Of(m *worked.Month, statements map[int64]accounts.StatementScope) []Dispute {
	at := map[recovery.Subject]*Dispute{}
	for i := range m.Exceptions {
		e := &m.Exceptions[i]
		if m.Withheld() || !disputed(e) {
			continue
		}
		s := SubjectOf(m.Name, e.Class, e.Endpoint, e.Currency, statements[e.Position.StatementID])
		if at[s] == nil {
			at[s] = &Dispute{Subject: s, Number: s.Number(), Billed: s.Invoice}
		}
		at[s].add(e, statements[e.Position.StatementID])
	}
	all := make([]Dispute, 0, len(at))
	for _, d := range at {
		all = append(all, *d)
	}
	slices.SortFunc(all, func(a, b Dispute) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

// SubjectOf returns what a row of a month's reconciliation, which stands on a statement, is disputed with.
func SubjectOf(month, class, endpoint, currency string, s accounts.StatementScope) recovery.Subject {
	return recovery.Subject{Month: month, Invoice: s.Invoice.Number, Reason: class, Endpoint: endpoint, Currency: currency}
}

// add adds a row.
func (d *Dispute) add(e *worked.Exception, s accounts.StatementScope) {
	state := e.State()
	d.Rows++
	d.AtIssue = d.AtIssue.Add(e.Issue)
	if state.Status == worked.Credited {
		d.Marked = d.Marked.Add(state.Settled(e.Issue))
	} else {
		d.GivenUp = d.GivenUp.Add(state.Settled(e.Issue))
	}
	d.last = max(d.last, s.StatementID)
	if s.ImportedAt.After(d.Since) {
		d.Since = s.ImportedAt
	}
	if file := filepath.Base(s.Path); d.Invoice == "" && s.Path != "" && !slices.Contains(strings.Split(d.Billed,
		", "), file) {
		d.Billed = strings.TrimPrefix(d.Billed+", "+file, ", ")
	}
}

// note lays notes beside the disputes, the last about each; one whose rows are gone is added, as it was then.
func (b *Book) note(notes []accounts.DisputeNote, last string, asOf *worked.AsOf) {
	for i := range notes {
		n := &notes[i]
		if n.Month > last || asOf != nil && n.NoteID > asOf.Dispute {
			continue
		}
		b.Last = n.NoteID
		k := slices.IndexFunc(b.Disputes, func(d Dispute) bool { return d.Number == n.Number })
		if k < 0 {
			k = len(b.Disputes)
			s := recovery.Subject{Month: n.Month, Invoice: n.Invoice, Reason: n.Reason, Endpoint: n.Endpoint,
				Currency: n.Currency}
			b.Disputes = append(b.Disputes, Dispute{Subject: s, Number: n.Number, Billed: n.Invoice})
		}
		b.Disputes[k].Note = n
	}
	slices.SortStableFunc(b.Disputes, func(x, y Dispute) int {
		return cmp.Or(cmp.Compare(x.Month, y.Month), cmp.Compare(x.Number, y.Number))
	})
}

// match finds out which dispute each credit pays back.
func (b *Book) match(ctx context.Context, snap *snapshot.Snapshot, statements map[int64]accounts.StatementScope,
	months []*worked.Month, last string,
) error {
	lines, err := snap.Statements().Credits(ctx)
	if err != nil {
		return err
	}
	kept := map[string]billing.Kept{}
	for _, m := range months {
		kept[m.Name] = m.Kept()
	}
	var credits []recovery.Credit
	for _, l := range lines {
		if l.Month > last || cmp.Or(l.InvoiceMonth, l.Month) > last {
			continue
		}
		gross, err := decimal.NewFromString(l.Amount)
		if err != nil {
			return fmt.Errorf("credit of line %d: %w", l.Line, err)
		}
		c := recovery.Credit{Statement: l.StatementID, Line: l.Line, Month: l.Month, Billed: cmp.Or(l.InvoiceMonth,
			l.Month),
			Endpoint: l.Endpoint, Currency: l.Currency, Gross: gross.Neg(), Amount: gross.Neg(),
			Text: strings.TrimSpace(l.Text + " " + l.TransactionID)}
		if rate := kept[l.Month].TaxIncluded; !rate.IsZero() {
			c.Amount = c.Gross.DivRound(rate.Add(decimal.NewFromInt(1)), billing.MaxDecimals)
		}
		credits = append(credits, c)
	}
	subjects := make([]recovery.Dispute, len(b.Disputes))
	for i := range b.Disputes {
		d := &b.Disputes[i]
		subjects[i] = recovery.Dispute{Subject: d.Subject, Claimed: d.Claimed(), Statement: d.last}
	}
	minor := months[len(months)-1].Kept()
	for i, m := range recovery.Pair(subjects, credits, minor.MinorUnit) {
		c := Credit{Credit: credits[i], Why: m.Why}
		c.File = cmp.Or(statements[c.Statement].Invoice.Number, filepath.Base(statements[c.Statement].Path))
		if m.Dispute >= 0 {
			d := &b.Disputes[m.Dispute]
			c.Dispute, d.Stated = d.Number, d.Stated.Add(c.Amount)
		}
		b.Credits = append(b.Credits, c)
	}
	return nil
}
