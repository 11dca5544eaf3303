package figures

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/accrual"
	"liverecon/report/page"
	"liverecon/report/worked"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// RollForward leads from what was owed and not billed before a month to what is so after it.
type RollForward struct {
	Lines  []accrual.Line
	Most   map[string]decimal.Decimal // by currency: closing accrual with what is in doubt of the month's calls
	Billed bool                       // invoices of the month were reconciled, and are believed
	Open   []string                   // earlier months that are open: what they close with may change
	First  string                     // the month it begins with

	Commitments []Commitment // of the contracts in force in the month
}

// Sums adds the lines of a currency up.
func (r *RollForward) Sums(currency string) (sum accrual.Line) {
	for _, l := range r.Lines {
		if l.Currency == currency {
			sum.Opening, sum.Usage, sum.Late = sum.Opening.Add(l.Opening), sum.Usage.Add(l.Usage), sum.Late.Add(l.Late)
			sum.Adjusted, sum.Billed = sum.Adjusted.Add(l.Adjusted), sum.Billed.Add(l.Billed)
			sum.Closing, sum.Claimed = sum.Closing.Add(l.Closing), sum.Claimed.Add(l.Claimed)
			sum.Disputed, sum.Credited = sum.Disputed.Add(l.Disputed), sum.Credited.Add(l.Credited)
			sum.Claims, sum.Reduced = sum.Claims.Add(l.Claims), sum.Reduced.Add(l.Reduced)
		}
	}
	return sum
}

// Currencies lists those of the lines, in order.
func (r *RollForward) Currencies() []string {
	var all []string
	for _, l := range r.Lines {
		all = append(all, l.Currency)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// mostMonths sets how many months a roll-forward goes back.
const mostMonths = 120

// loadRollForward rolls all months before a month forward, and then the month itself; nil for what is no whole month.
func loadRollForward(ctx context.Context, snap *snapshot.Snapshot, d *Data) (*RollForward, error) {
	if !d.Period.IsMonth() {
		return nil, nil
	}
	months, err := earlierMonths(ctx, snap, d)
	if err != nil {
		return nil, err
	}
	r := &RollForward{Most: map[string]decimal.Decimal{}, First: d.Period.Label,
		Commitments: commitments(d.Contracts, d.Period, d.Generated)}
	var before []accrual.Line
	for _, m := range months {
		moves, ledger, closed, err := earlierMoves(ctx, snap, d.Options, m)
		if err != nil {
			return nil, fmt.Errorf("roll %s forward: %w", m.Label, err)
		}
		if !closed {
			r.Open = append(r.Open, m.Label)
		}
		before = accrual.Roll(before, moves)
		r.commit(d.Contracts, ledger)
	}
	if len(months) > 0 {
		r.First = months[0].Label
	}
	moves, err := movesOf(ctx, snap, d.Reconciled, d.Ledger, d.Closing, false)
	if err != nil {
		return nil, err
	}
	r.Lines, r.Billed = accrual.Roll(before, moves), d.Reconciled.believed()
	r.addMost(d)
	r.commit(d.Contracts, d.Ledger)
	return r, nil
}

// addMost works out what is owed at most.
func (r *RollForward) addMost(d *Data) {
	for _, currency := range r.Currencies() {
		r.Most[currency] = r.Sums(currency).Closing
	}
	if r.Billed && d.InDoubt.All.Open == 0 && d.InDoubt.All.Held == 0 {
		return
	}
	for _, c := range d.Money {
		if sum, known := r.Most[c.Name]; known {
			r.Most[c.Name] = sum.Add(decimal.Max(decimal.Decimal{}, c.Ceiling.Sub(d.Ledger.Total(c.Name))))
		}
	}
}

// earlierMonths lists the months before, from the first that has calls or a statement on.
func earlierMonths(ctx context.Context, snap *snapshot.Snapshot, d *Data) (all []calendar.Period, err error) {
	months := d.BillingMonths()
	first, err := snap.Calls().First(ctx)
	if err != nil {
		return nil, err
	}
	from := d.Period
	if !first.IsZero() && first.Before(from.From) {
		from = months.Of(first)
	}
	label, err := snap.Reconciliations().FirstMonth(ctx)
	if err != nil {
		return nil, err
	}
	if label != "" && label < from.Label {
		if from, err = months.Parse(label); err != nil {
			return nil, err
		}
	}
	for m := from; m.From.Before(d.Period.From); m = months.Of(m.To) {
		all = append(all, m)
	}
	if len(all) > mostMonths {
		return nil, fmt.Errorf("%s has %d months before it; at most %d are rolled forward", d.Period.Label, len(all),
			mostMonths)
	}
	return all, nil
}

// earlierMoves returns what an earlier month has added to what is owed and disputed: as it was closed, or as it stands;
// and the ledger of its calls.
func earlierMoves(ctx context.Context, snap *snapshot.Snapshot, o Options, m calendar.Period) (
	moves []accrual.Movement, ledger *Ledger, closed bool, err error,
) {
	o, closure, err := pricedAs(ctx, snap, o, m)
	if err != nil {
		return nil, nil, false, err
	}
	found, err := loadSumsOf(ctx, snap, o)
	if err != nil {
		return nil, nil, false, err
	}
	ledger, err = ledgerOf(ctx, snap, o, closure)
	if err != nil {
		return nil, nil, false, err
	}
	closing, err := loadClosing(ctx, snap, m)
	if err != nil {
		return nil, nil, false, err
	}
	moves, err = movesOf(ctx, snap, found, ledger, closing, true)
	return moves, ledger, closure != 0, err
}

// loadSumsOf reads of a month's reconciliation what rolling it forward needs.
func loadSumsOf(ctx context.Context, snap *snapshot.Snapshot, o Options) (*Reconciled, error) {
	r, err := snap.Reconciliations().Current(ctx, o.Period.Label)
	if err != nil || r == nil {
		return nil, err
	}
	s := &Reconciled{Reconciliation: r, verdicts: map[string]accounts.Verdict{}}
	if s.Scopes, err = snap.Reconciliations().Scopes(ctx, r.ID); err != nil {
		return nil, err
	}
	gate, err := snap.Reconciliations().Gate(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	s.Withheld = gate.State == accounts.GateShut
	if s.Worked, err = worked.LoadRows(ctx, snap, o.Period.Label); err != nil {
		return nil, err
	}
	return s, s.loadSums(ctx, snap)
}

// ledgerOf prices the calls of a month by the contract's reading.
func ledgerOf(ctx context.Context, snap *snapshot.Snapshot, o Options, closure int64) (*Ledger, error) {
	all, err := usageOf(ctx, snap, o, o.Period.From, closure)
	if err != nil {
		return nil, err
	}
	billable, err := billableUnder(ctx, snap, o.Basis, o.Period.From, o.Period.To)
	if err != nil {
		return nil, err
	}
	p := pricing{book: o.Prices, months: o.BillingMonths(), period: o.Period}
	charges, terms := p.charges(all, billable)
	return newLedger(charges, terms, o.Period), nil
}

// believed reports whether something follows from the month's statements.
func (s *Reconciled) believed() bool { return s != nil && !s.Withheld }

// movesOf returns what a month adds: at the endpoints of its statements what reconciling found, elsewhere what the
// ledger has. With sparse, what is billed as it is owed is left out on both sides.
func movesOf(ctx context.Context, snap *snapshot.Snapshot, s *Reconciled, ledger *Ledger, c Closing, sparse bool) (
	moves []accrual.Movement, err error,
) {
	for _, l := range ledger.Lines {
		if l.Term > 0 && !l.Amount.IsZero() && (!s.believed() || !s.covers(l.Endpoint)) {
			moves = append(moves, accrual.Movement{Key: accrual.Key{Endpoint: l.Endpoint, Region: l.Region,
				Currency: ledger.Currency(l)}, Usage: l.Amount})
		}
	}
	late, err := lateMoves(c, s.believed())
	if err != nil {
		return nil, err
	}
	moves = append(moves, late...)
	if !s.believed() {
		return moves, nil
	}
	if s.Earlier() {
		return append(moves, s.earlierVersionMoves()...), nil
	}
	sums, err := snap.Reconciliations().RowSums(ctx, s.ID, sparse, billing.PriorNote)
	if err != nil {
		return nil, err
	}
	for i := range sums {
		m, err := s.moveOf(&sums[i])
		if err != nil {
			return nil, err
		}
		moves = append(moves, m)
	}
	return append(append(moves, s.netted()...), s.givenUp()...), nil
}

// lateMoves returns what came to light about closed months: what it costs and, where no reconciliation of the month has
// it among its rows, what of it is billed.
func lateMoves(c Closing, reconciled bool) (moves []accrual.Movement, err error) {
	for _, r := range c.Borne {
		m := accrual.Movement{Key: accrual.Key{Endpoint: r.Endpoint, Region: r.Region, Currency: r.Currency}}
		if r.Amount != "" {
			if m.Late, err = decimal.NewFromString(r.Amount); err != nil {
				return nil, fmt.Errorf("correction of %s: %w", r.Month, err)
			}
		}
		if !reconciled {
			right, theirs, err := Amounts(r.Right, r.Theirs)
			if err != nil {
				return nil, fmt.Errorf("correction of %s: %w", r.Month, err)
			}
			switch over := theirs.Sub(right); {
			case r.Class == string(billing.Credits):
				m.Credited = theirs.Neg()
			case r.Class == string(billing.Taxes):
			case over.IsPositive() != theirs.IsNegative(): // also where such a line stands no more
				m.Billed, m.Disputed = right, over
			default:
				m.Billed = theirs
			}
		}
		moves = append(moves, m)
	}
	return moves, nil
}

// moveOf turns rows into what they add.
func (s *Reconciled) moveOf(r *accounts.RowSum) (m accrual.Movement, err error) {
	m.Key = accrual.Key{Endpoint: r.Endpoint, Region: r.Region, Currency: r.Currency}
	ours, theirs, err := Amounts(r.OurAmount, r.TheirAmount)
	if err != nil {
		return m, fmt.Errorf("%s: %w", r.Class, err)
	}
	var parts [7]decimal.Decimal
	for i, text := range []string{r.Doubt, r.Other, r.Shift, r.Minimum, r.Rounding, r.Prior, r.Tax} {
		if parts[i], err = decimal.NewFromString(text); err != nil {
			return m, fmt.Errorf("%s: %w", r.Class, err)
		}
	}
	doubt, other, shift, minimum, rounding, prior, tax := parts[0], parts[1], parts[2], parts[3], parts[4], parts[5],
		parts[6]
	net, rows := theirs.Sub(tax), decimal.NewFromInt(r.Rows)
	switch billing.Class(r.Class) {
	case billing.Credits:
		m.Credited = net.Neg()
	case billing.Taxes, billing.Totals, billing.Unexplained, billing.OtherProduct:
	default:
		m.Usage, m.Adjusted = ours.Add(doubt).Add(shift).Add(minimum), rounding
		issue := net.Sub(m.Usage).Sub(other).Sub(rounding).Sub(prior)
		switch {
		case r.OurAmount == "": // nobody knows what is right: it costs what is billed
			m.Adjusted = net.Sub(m.Usage)
		case s.Tolerates(LedgerText(r.Currency)):
			m.Adjusted = m.Adjusted.Add(issue)
		case isDisputed(r, issue):
			m.Disputed = issue
		}
		m.Billed = net.Sub(m.Disputed)
	}
	for _, d := range []*decimal.Decimal{&m.Usage, &m.Adjusted, &m.Billed, &m.Disputed, &m.Credited} {
		*d = d.Mul(rows)
	}
	return m, nil
}

// isDisputed reports whether what is at issue on a row is to dispute, and not waited for, as the bridge has it.
func isDisputed(r *accounts.RowSum, issue decimal.Decimal) bool {
	switch billing.Class(r.Class) {
	case billing.PricingDiffers, billing.TheirsOnly, billing.Duplicate, billing.BilledAgain, billing.MinimumNotOwed:
		return true
	case billing.OursOnly, billing.MinimumNotBilled:
		return false
	case billing.QuantityDiffers:
		if !r.Noted && r.TheirQuantity < r.OurQuantity {
			return false
		}
	}
	if r.Noted && r.TheirAmount[0] == '-' { // a line of a closed month that stands no more
		return issue.IsNegative()
	}
	return issue.IsPositive()
}

// givenUp returns what of the disputed amounts was accepted or explained: it is paid, and costs what it bills. What is
// said to be credited stays disputed until a statement has the credit, which uses it up.
func (s *Reconciled) givenUp() (moves []accrual.Movement) {
	beyond := map[string]decimal.Decimal{} // what together with what is netted is more than is to dispute
	for i := range s.Worked.Exceptions {
		e := &s.Worked.Exceptions[i]
		state := e.State()
		currency := LedgerText(e.Currency)
		if !e.InDispute() || e.Unpriced || state.Status == worked.Credited || s.Tolerates(currency) {
			continue
		}
		if settled := state.Settled(e.Issue); !settled.IsZero() {
			moves = append(moves, taken(accrual.Key{Endpoint: e.Endpoint, Region: e.Region, Currency: e.Currency},
				settled))
			beyond[currency] = beyond[currency].Add(settled)
		}
	}
	for _, currency := range page.SortedKeys(beyond) {
		if rest := beyond[currency].Sub(decimal.Max(decimal.Decimal{}, s.Gross(currency).Over)); rest.IsPositive() {
			moves = append(moves, taken(accrual.Key{Currency: currency}, rest.Neg()))
		}
	}
	return moves
}

// taken moves an amount from what is disputed to what is paid and taken into cost.
func taken(p accrual.Key, amount decimal.Decimal) accrual.Movement {
	return accrual.Movement{Key: p, Adjusted: amount, Billed: amount, Disputed: amount.Neg()}
}

// netted returns what within one price makes up for each other: it is neither disputed nor waited for.
func (s *Reconciled) netted() (moves []accrual.Movement) {
	for _, b := range s.Bridge {
		if b.Step == billing.StepNettedUnder && !b.Amount.IsZero() && !s.Tolerates(b.Currency) {
			moves = append(moves, accrual.Movement{Key: accrual.Key{Currency: b.Currency}, Billed: b.Amount,
				Disputed: b.Amount.Neg()})
		}
	}
	return moves
}

// earlierVersionMoves returns what a version found that did not keep the parts of rows: by currency alone.
func (s *Reconciled) earlierVersionMoves() (moves []accrual.Movement) {
	for _, currency := range s.currencies() {
		v, found := s.verdicts[currency]
		if !found {
			continue
		}
		over, under, err := Amounts(v.Over, v.Under)
		if err != nil {
			continue
		}
		billed := s.Total(func(c ClassSum) bool {
			return c.Currency == currency && c.Class != billing.Credits && c.Class != billing.Taxes &&
				c.Class != billing.Totals &&
				c.Class != billing.Unexplained
		}).Theirs.Sub(over)
		moves = append(moves, accrual.Movement{Key: accrual.Key{Currency: currency}, Usage: billed.Add(under),
			Billed: billed, Disputed: over})
	}
	return moves
}
