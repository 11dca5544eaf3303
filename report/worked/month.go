package worked

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/payable"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// Month holds a reconciled month's exceptions, in the order of its rows, with what was worked out of them.
type Month struct {
	Name       string // YYYY-MM
	Figures    [sha256.Size]byte
	Exceptions []Exception
	Lapsed     []accounts.Work // of rows that are no exceptions any more
	Signatures []accounts.Signature
	Sums       []Sum // by currency, in order
	Last       AsOf  // the newest decision and signature in it
	Late       int64 // calls of the month that came after it was reconciled, and are in none of the figures

	bridge []accounts.BridgeLine
	kept   billing.Kept
	paid   []accounts.Payable         // invoices that are paid each for itself
	over   map[string]decimal.Decimal // to dispute, by currency, as reconciled
	shut   bool                       // nothing follows from the statement
}

// Sum adds up a currency's exceptions. Amounts are without a sign.
type Sum struct {
	Currency  string
	ToDispute decimal.Decimal // as reconciled
	Left      decimal.Decimal // of it, what nobody has accepted, found credited or explained
	Claimed   decimal.Decimal // of it, what is marked as disputed
	Accepted  decimal.Decimal // rows accepted, and amounts accepted of others
	Settled   decimal.Decimal // all that is to dispute no longer: accepted, credited, explained, within the tolerance
	GivenUp   decimal.Decimal // of Settled, what no credit is waited for
	Pay       decimal.Decimal // proposed for payment: that of its invoices
	Invoices  []Invoice       // of those of a month that pays each for itself; else one of all statements
}

// Invoice represents what is proposed for payment of one invoice.
type Invoice struct {
	payable.Invoice
	Settled decimal.Decimal // of what is to dispute, accepted, credited or explained
	Pay     decimal.Decimal
}

// AsOf names a state of what was worked and signed: what came after these is left out.
type AsOf struct{ Work, Signature, Dispute int64 }

// Load reads what was worked out of a month's standing reconciliation, nil where there is none.
func Load(ctx context.Context, snap *snapshot.Snapshot, month string) (*Month, error) {
	return LoadAsOf(ctx, snap, month, nil)
}

// LoadAsOf reads what Load does, as it was in a state; nil stands for now.
func LoadAsOf(ctx context.Context, snap *snapshot.Snapshot, month string, at *AsOf) (*Month, error) {
	r, err := snap.Reconciliations().Current(ctx, month)
	if err != nil || r == nil {
		return nil, err
	}
	m, err := load(ctx, snap, r, at, true)
	if err != nil {
		return nil, fmt.Errorf("worked exceptions of %s: %w", month, err)
	}
	return m, nil
}

// LoadRows reads what was worked out of a month's exceptions as Load does, without the digests of figures and
// signatures: it costs what the exceptions do.
func LoadRows(ctx context.Context, snap *snapshot.Snapshot, month string) (*Month, error) {
	r, err := snap.Reconciliations().Current(ctx, month)
	if err != nil || r == nil {
		return nil, err
	}
	m, err := load(ctx, snap, r, nil, false)
	if err != nil {
		return nil, fmt.Errorf("worked exceptions of %s: %w", month, err)
	}
	return m, nil
}

func load(
	ctx context.Context, snap *snapshot.Snapshot, r *accounts.Reconciliation, at *AsOf, signed bool,
) (m *Month, err error) {
	m = &Month{Name: r.Month, kept: billing.ParseKept(r.Settings), over: map[string]decimal.Decimal{}}
	if signed {
		figures, err := readFigures(ctx, snap, r)
		if err != nil {
			return nil, err
		}
		m.Figures, m.Late = figures.Digest(), figures.Late
	}
	if m.bridge, err = snap.Reconciliations().Bridge(ctx, r.ID); err != nil {
		return nil, err
	}
	if m.paid, err = snap.Reconciliations().Payables(ctx, r.ID); err != nil {
		return nil, err
	}
	gate, err := snap.Reconciliations().Gate(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	m.shut = gate.State == accounts.GateShut
	within, err := m.judged(ctx, snap, r)
	if err != nil {
		return nil, err
	}
	if err := m.loadExceptions(ctx, snap, r.ID, within); err != nil {
		return nil, err
	}
	work, err := snap.Months().Work(ctx, r.Month)
	if err != nil {
		return nil, err
	}
	if at != nil {
		work = slices.DeleteFunc(work, func(w accounts.Work) bool { return w.WorkID > at.Work })
	}
	for i := range work {
		m.Last.Work = max(m.Last.Work, work[i].WorkID)
	}
	m.Take(work)
	if !signed {
		return m, nil
	}
	if m.Signatures, err = snap.Months().Signatures(ctx, r.Month); err != nil {
		return nil, err
	}
	if at != nil {
		m.Signatures = slices.DeleteFunc(m.Signatures,
			func(s accounts.Signature) bool { return s.SignatureID > at.Signature })
	}
	if n := len(m.Signatures); n > 0 {
		m.Last.Signature = m.Signatures[n-1].SignatureID
	}
	return m, nil
}

// Begins returns the month's first instant, zero where its settings do not tell.
func (m *Month) Begins() time.Time {
	from, _, err := m.kept.Bounds(m.Name)
	if err != nil {
		return time.Time{}
	}
	return from
}

// Withheld reports whether nothing follows from the statement, since most of its transaction IDs are not ours.
func (m *Month) Withheld() bool { return m.shut }

// Kept returns the settings that the month was reconciled with.
func (m *Month) Kept() billing.Kept { return m.kept }

// judged reads what is to dispute, and returns the currencies whose open rows the tolerance closes.
func (m *Month) judged(
	ctx context.Context, snap *snapshot.Snapshot, r *accounts.Reconciliation,
) (map[string]bool, error) {
	verdicts, err := snap.Reconciliations().Verdicts(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	earlier := !slices.ContainsFunc(m.bridge, func(b accounts.BridgeLine) bool { return b.Step == billing.StepOwed })
	limited := r.ToleranceAbs != "" || r.ToleranceRel != ""
	within := map[string]bool{}
	for _, v := range verdicts {
		over, err := decimal.NewFromString(v.Over)
		if err != nil {
			return nil, fmt.Errorf("to dispute in %s: %w", v.Currency, err)
		}
		m.over[v.Currency], within[v.Currency] = over, v.Within && limited && !earlier
	}
	return within, nil
}

func (m *Month) loadExceptions(
	ctx context.Context, snap *snapshot.Snapshot, reconciliation int64, within map[string]bool,
) error {
	scopes, err := snap.Statements().Scopes(ctx, "")
	if err != nil {
		return err
	}
	files := map[int64]string{}
	for _, s := range scopes {
		files[s.StatementID] = hex.EncodeToString(s.SHA256)
	}
	var all keys
	err = snap.Reconciliations().Each(ctx, reconciliation, true, 0, math.MaxInt, func(r *accounts.ReconciledRow) error {
		issue, err := Issue(r)
		if err != nil {
			return err
		}
		status := Explained
		switch open := IsOpen(billing.Class(r.Class)); {
		case open && within[r.Currency]:
			status = Within
		case open:
			status = Open
		}
		all.add(len(m.Exceptions), files[r.StatementID], r)
		at := r.SentAt
		if at.IsZero() {
			at = r.ChargedAt
		}
		m.Exceptions = append(m.Exceptions, Exception{Class: r.Class, Currency: r.Currency, Issue: issue, At: at,
			Endpoint: r.Endpoint, Region: r.Region, Unpriced: r.OurAmount == "", Default: status, Position: Position{r.StatementID, r.Line, r.CallID, r.TransactionID}})
		return nil
	})
	all.set(func(index int, key string) { m.Exceptions[index].Key = key })
	return err
}

// Issue returns what is at issue of a row: theirs less ours and less what is explained.
func Issue(r *accounts.ReconciledRow) (issue decimal.Decimal, err error) {
	for i, text := range []string{r.TheirAmount, r.OurAmount, r.Explained} {
		if text == "" { // no price is set
			continue
		}
		d, err := decimal.NewFromString(text)
		if err != nil {
			return issue, fmt.Errorf("%s, transaction %q: %w", r.Class, r.TransactionID, err)
		}
		if i > 0 {
			d = d.Neg()
		}
		issue = issue.Add(d)
	}
	return issue, nil
}

// Take lays decisions beside the exceptions, in the order in which they were made: the last about a row stands, where
// the row is what it was worked at.
func (m *Month) Take(work []accounts.Work) {
	last, byID := map[string]*accounts.Work{}, map[int64]*accounts.Work{}
	for i := range work {
		last[work[i].Exception] = &work[i]
		byID[work[i].WorkID] = &work[i]
	}
	m.Lapsed = nil
	for i := range m.Exceptions {
		e := &m.Exceptions[i]
		e.Work, e.Was, e.Other = nil, nil, nil
		w := last[e.Key]
		if w == nil {
			continue
		}
		delete(last, e.Key)
		if issue := amount(w.Issue); w.Class != e.Class || !issue.Decimal.Equal(e.Issue) {
			e.Was = w
			continue
		}
		e.Work = w
		e.Other = contradicted(w, work, byID)
	}
	for _, key := range slices.Sorted(maps.Keys(last)) {
		m.Lapsed = append(m.Lapsed, *last[key])
	}
	m.Add()
}

// contradicted returns the decision of somebody else that the standing one takes the place of, or that it outlasts.
func contradicted(w *accounts.Work, all []accounts.Work, byID map[int64]*accounts.Work) *accounts.Work {
	if other := byID[w.Contradicts]; other != nil {
		return other
	}
	for i := range all {
		if all[i].Contradicts == w.WorkID && all[i].Exception == w.Exception {
			return &all[i]
		}
	}
	return nil
}

// Add adds up the exceptions of every currency.
func (m *Month) Add() {
	sums := map[string]*Sum{}
	of := func(currency string) *Sum {
		if sums[currency] == nil {
			s := &Sum{Currency: currency, ToDispute: m.over[currency]}
			s.Invoices, sums[currency] = m.invoices(s), s
		}
		return sums[currency]
	}
	for _, b := range m.bridge {
		of(b.Currency)
	}
	for i := range m.Exceptions {
		e := &m.Exceptions[i]
		s, state := of(e.Currency), e.State()
		if !e.InDispute() {
			continue
		}
		settled := state.Settled(e.Issue)
		s.Settled, s.Claimed = s.Settled.Add(settled), s.Claimed.Add(state.Claimed(e.Issue))
		s.invoice(e.Position.StatementID).settle(settled)
		if state.Status != Credited {
			s.GivenUp = s.GivenUp.Add(settled)
		}
		if state.Status != Credited && state.Status != Explained && state.Status != Within {
			s.Accepted = s.Accepted.Add(settled)
		}
	}
	m.Sums = nil
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		s := sums[currency]
		s.Left = decimal.Max(decimal.Decimal{}, s.ToDispute.Sub(s.Settled))
		s.pay(m.kept.MinorUnit(s.Currency))
		m.Sums = append(m.Sums, *s)
	}
}

func (m *Month) step(currency, name string) (sum decimal.Decimal) {
	for _, b := range m.bridge {
		if b.Currency == currency && b.Step == name {
			sum = amount(b.Amount).Decimal
		}
	}
	return sum
}

// invoices returns those of a currency that are paid each for itself; where there are none, all statements as one, by
// the bridge.
func (m *Month) invoices(s *Sum) (all []Invoice) {
	for _, p := range m.paid {
		if p.Currency == s.Currency {
			all = append(all, Invoice{Invoice: payable.Invoice(p)})
		}
	}
	if all == nil {
		step := func(name string) decimal.Decimal { return m.step(s.Currency, name) }
		all = []Invoice{{Invoice: payable.Invoice{Currency: s.Currency, Theirs: step(billing.StepTheirs),
			ToDispute: s.ToDispute, TaxDisputed: step(billing.StepTaxDisputed),
			Unexplained: step(billing.StepUnexplained)}}}
	}
	return all
}

// invoice returns that of a statement, or else the first, which all the others are of.
func (s *Sum) invoice(statement int64) *Invoice {
	i := slices.IndexFunc(s.Invoices, func(i Invoice) bool { return i.StatementID == statement })
	return &s.Invoices[max(0, i)]
}

func (i *Invoice) settle(amount decimal.Decimal) { i.Settled = i.Settled.Add(amount) }

// pay adds up what is proposed for payment of each invoice.
func (s *Sum) pay(minor int32) {
	for n := range s.Invoices {
		i := &s.Invoices[n]
		i.Pay = i.Invoice.Pay(i.Settled, minor)
		s.Pay = s.Pay.Add(i.Pay)
	}
}

// ByInvoice reports whether several invoices are paid each for itself.
func (s *Sum) ByInvoice() bool { return len(s.Invoices) > 0 && s.Invoices[0].StatementID != 0 }

// In returns the sums of a currency, zero where it has none.
func (m *Month) In(currency string) Sum {
	for _, s := range m.Sums {
		if s.Currency == currency {
			return s
		}
	}
	return Sum{Currency: currency}
}

// Count counts the exceptions in a state.
func (m *Month) Count(status string) (n int64) {
	for i := range m.Exceptions {
		if m.Exceptions[i].State().Status == status {
			n++
		}
	}
	return n
}

// Unsettled counts the exceptions that were worked and leave a part of their amount to nobody.
func (m *Month) Unsettled() (n int64) {
	for i := range m.Exceptions {
		if !m.Exceptions[i].Unsettled().IsZero() {
			n++
		}
	}
	return n
}

// Worked counts the exceptions about which a decision stands.
func (m *Month) Worked() (n int64) {
	for i := range m.Exceptions {
		if m.Exceptions[i].Work != nil {
			n++
		}
	}
	return n
}

// ToDispute returns what is left to dispute, in words: every currency in which something is, "nothing" where none is.
func (m *Month) ToDispute() string {
	var parts []string
	for _, s := range m.Sums {
		if !s.Left.IsZero() {
			parts = append(parts, billing.Money{Amount: s.Left, Currency: s.Currency}.String())
		}
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, " and ")
}

// Digest returns the digest of the figures, of what was worked out of every row, and of what is to pay.
func (m *Month) Digest() [sha256.Size]byte {
	var rows []string
	for i := range m.Exceptions {
		e := &m.Exceptions[i]
		state := e.State()
		rows = append(rows, fmt.Sprintf("%s %s %s %s", e.Key, state.Status, state.Claimed(e.Issue),
			state.Settled(e.Issue)))
	}
	slices.Sort(rows)
	var text bytes.Buffer
	fmt.Fprintf(&text, "figures %x\nrows %d\n%s\n", m.Figures, len(rows), strings.Join(rows, "\n"))
	for _, s := range m.Sums {
		pay := s.Pay.String()
		if m.shut {
			pay = "withheld"
		}
		fmt.Fprintf(&text, "pay %q %s\n", s.Currency, pay)
	}
	return sha256.Sum256(text.Bytes())
}
