package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/match"
	"liverecon/batch/statement"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// month reconciles one billing month, at its own prices or at the present ones, and keeps what was found.
func (r *Task) month(ctx context.Context, month billing.Period, reprice bool) (done Month, err error) {
	snap, err := snapshot.Open(ctx, r.Store)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	if closure, err := snap.Months().Closure(ctx, month.String()); err != nil {
		return done, err
	} else if closure != nil {
		return done, fmt.Errorf("%w: %w", batch.ErrInput, &accounts.ClosedError{Closure: *closure})
	}
	r, done.OtherPrices, err = atItsPrices(ctx, r, snap, month, reprice)
	if err != nil {
		return done, err
	}
	keeper := newGatekeeper(r.Force)
	borne, err := snap.Months().Borne(ctx, month.String())
	if err != nil {
		return done, err
	}
	matcher, last, err := r.fill(ctx, snap, month, keeper)
	if err == nil {
		err = addPrior(ctx, snap, matcher, borne)
	}
	if err == nil {
		err = keeper.judge(ctx, snap, matcher)
	}
	if err != nil {
		return done, err
	}

	w, err := r.Store.Statements().Reconcile(ctx)
	if err != nil {
		return done, err
	}
	done.Month, done.Basis, done.prior = month, r.Basis, borne
	done.Result, err = matcher.Match(func(row *billing.Row) error {
		keeper.row(row)
		return w.Row(ctx, storedRow(row))
	})
	if err != nil {
		return done, errors.Join(err, w.Abort())
	}
	done.Gate = keeper.withhold(done.Result)
	done.IDs = keeper.found
	done.Verdict = keeper.verdict(month, done.Result)
	if done.Gate.State != accounts.GateShut {
		bearResolutions(&done)
	}
	kept, err := payables(ctx, r, snap, month, done.Result.Invoices)
	if err == nil {
		err = w.Payables(ctx, kept)
	}
	if err := errors.Join(err, w.Gate(ctx, done.Gate)); err != nil {
		return done, errors.Join(err, w.Abort())
	}
	done.ID, done.Changed, err = w.Commit(ctx, r.record(month, last, &done), findings(&done))
	return done, err
}

// bearResolutions adds what became of doubts of closed months that this one bears.
func bearResolutions(done *Month) {
	own := map[int64]bool{}
	for _, s := range done.Result.Resolutions {
		own[s.CallID] = true
	}
	for _, c := range done.prior {
		if settled := c.Kind == accounts.DoubtBilled || c.Kind == accounts.DoubtNotBilled; settled && !c.Own &&
			c.CallID != 0 && !own[c.CallID] {
			borne := match.Resolution{CallID: c.CallID, Billed: c.Kind == accounts.DoubtBilled}
			if !borne.Billed {
				borne.Short = billing.ShortClosed
			}
			done.Borne = append(done.Borne, borne)
		}
	}
}

// fill gives a matcher the month's lines, what stands in the neighbouring months, and the calls; last is the newest
// one's number.
func (r *Task) fill(
	ctx context.Context, snap *snapshot.Snapshot, month billing.Period, keeper *gatekeeper,
) (m *match.Matcher, last int64, err error) {
	from, to := r.Prices.Months().Bounds(month)
	options := match.Options{Month: month, Basis: r.Basis, Edge: r.Edge, Window: r.Window, Tolerance: r.Tolerance,
		Rounding: r.Rounding, TaxGross: r.TaxGross, TaxRate: r.TaxRate,
		MinorUnit: billing.ParseKept(r.Settings(r.Prices)).MinorUnit,
		Invoices:  map[int64]match.Invoice{}}
	all, err := snap.Statements().Scopes(ctx, "")
	if err != nil {
		return nil, 0, err
	}
	for _, c := range all {
		options.Invoices[c.StatementID] = match.Invoice{File: filepath.Base(c.Path), Additional: c.Additional,
			Read: c.ImportedAt}
		if c.Month == month.String() && c.SupersededBy == 0 {
			options.Lines += c.Lines
		}
	}
	options.Successors = successors(all)
	if options.Lost, err = lostTimes(ctx, snap, r, month); err != nil {
		return nil, 0, err
	}
	for _, other := range []billing.Period{shift(month, -1), shift(month, 1)} {
		scopes, err := snap.Statements().Scopes(ctx, other.String())
		if err != nil {
			return nil, 0, err
		}
		for _, c := range scopes {
			if c.SupersededBy == 0 && c.UsageLines > 0 {
				options.Imported = append(options.Imported, match.Scope{Month: other, Endpoint: c.Endpoint})
			}
		}
	}
	m = match.NewMatcher(r.Prices, options)
	if err := r.fillLines(ctx, snap, m, month, keeper); err != nil {
		return nil, 0, err
	}
	call := func(c *snapshot.JournalCall) error {
		keeper.call(c)
		m.Call(matchedCall(c))
		return nil
	}
	err = snap.Calls().EachOfMonth(ctx, month.String(), from.Add(-r.Edge), to.Add(r.Edge),
		func(c *snapshot.JournalCall) error {
			last = max(last, c.CallID)
			return call(c)
		})
	for _, transaction := range keeper.Unknown() { // a line may be about a call of a month far away
		if err == nil {
			err = snap.Calls().ByTransaction(ctx, month.String(), transaction, call)
		}
	}
	if err == nil { // and a call on a line of one
		err = snap.Statements().EachLineOf(ctx, month.String(), m.Unshown(), neighbour(m))
	}
	return m, last, err
}

// successors returns which statements have taken the place of others, of which nothing stands.
func successors(scopes []accounts.StatementScope) map[int64]int64 {
	all, standing := map[int64]int64{}, map[int64]bool{}
	for _, c := range scopes {
		standing[c.StatementID] = standing[c.StatementID] || c.SupersededBy == 0
		all[c.StatementID] = max(all[c.StatementID], c.SupersededBy)
	}
	maps.DeleteFunc(all, func(id, _ int64) bool { return standing[id] })
	return all
}

// beyond bounds how far outside its edge band a neighbouring month's lines are looked at: a line that gives a day, in a
// zone of its own, stands for all of it.
const beyond = 48 * time.Hour

func (r *Task) fillLines(
	ctx context.Context, snap *snapshot.Snapshot, m *match.Matcher, month billing.Period, keeper *gatekeeper,
) error {
	lines := 0
	var taxed []int64 // statements
	err := snap.Statements().EachLine(ctx, month.String(), func(id int64, l *accounts.StatementLine) error {
		line, err := readLine(l)
		if line.Endpoint != "" && r.SendsRegion != nil && !r.SendsRegion(line.Endpoint) {
			line.Region = ""
		}
		lines++
		if line.Kind == statement.Tax && !slices.Contains(taxed, id) {
			taxed = append(taxed, id)
		}
		keeper.line(id, &line)
		return errors.Join(err, m.Line(id, &line))
	})
	if err != nil {
		return err
	}
	if lines == 0 {
		return fmt.Errorf("%w: %w", batch.ErrInput, fmt.Errorf("%w of %s", ErrNoStatement, month))
	}
	for _, id := range taxed { // what they tax may stand in other months
		disputed, err := disputedElsewhere(ctx, snap, month, id)
		if err != nil {
			return err
		}
		elsewhere := func(id int64, l *accounts.StatementLine) error {
			line, err := readLine(l)
			m.Elsewhere(id, &line, disputed[l.Line])
			return err
		}
		if err := snap.Statements().EachLineElsewhere(ctx, month.String(), id, elsewhere); err != nil {
			return err
		}
	}
	from, to := r.Prices.Months().Bounds(month)
	for _, other := range []billing.Period{shift(month, -1), shift(month, 1)} {
		err := snap.Statements().EachNeighbourLine(ctx, other.String(), from.Add(-r.Edge-beyond), to.Add(r.Edge+beyond),
			neighbour(m))
		if err != nil {
			return err
		}
	}
	return snap.Statements().EachLineAgain(ctx, month.String(), neighbour(m))
}

// disputedElsewhere returns what other months dispute of a statement's lines, by line. What they net is none of it.
func disputedElsewhere(
	ctx context.Context, snap *snapshot.Snapshot, month billing.Period, id int64,
) (map[int64]decimal.Decimal, error) {
	disputed := map[int64]decimal.Decimal{}
	scopes, err := snap.Statements().Scopes(ctx, "")
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{month.String(): true}
	for _, scope := range scopes {
		if scope.StatementID != id || seen[scope.Month] {
			continue
		}
		seen[scope.Month] = true
		found, err := snap.Reconciliations().Current(ctx, scope.Month)
		if err != nil || found == nil {
			return disputed, err
		}
		over := map[string]decimal.Decimal{} // of all rows, by currency
		lines := map[string][]int64{}
		err = snap.Reconciliations().Each(ctx, found.ID, true, 0, math.MaxInt, func(r *accounts.ReconciledRow) error {
			issue, err := issueOf(r)
			if err != nil || !billing.Class(r.Class).Open() || !issue.IsPositive() {
				return err
			}
			over[r.Currency] = over[r.Currency].Add(issue)
			if r.StatementID == id && r.Line > 0 {
				disputed[r.Line], lines[r.Currency] = issue, append(lines[r.Currency], r.Line)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		verdicts, err := snap.Reconciliations().Verdicts(ctx, found.ID)
		if err != nil {
			return nil, err
		}
		for _, v := range verdicts {
			all, err := decimalOf(v.Over)
			if err != nil {
				return nil, err
			}
			left := over[v.Currency].Sub(all) // netted
			for _, line := range slices.Sorted(slices.Values(lines[v.Currency])) {
				n := decimal.Max(decimal.Zero, decimal.Min(left, disputed[line]))
				disputed[line], left = disputed[line].Sub(n), left.Sub(n)
			}
		}
	}
	return disputed, nil
}

// issueOf returns what is at issue of a row as it is kept.
func issueOf(r *accounts.ReconciledRow) (issue decimal.Decimal, err error) {
	for i, text := range []string{r.TheirAmount, r.OurAmount, r.Explained} {
		amount, err := decimalOf(text)
		if err != nil {
			return issue, fmt.Errorf("%s, transaction %q: %w", r.Class, r.TransactionID, err)
		}
		if i > 0 {
			amount = amount.Neg()
		}
		issue = issue.Add(amount)
	}
	return issue, nil
}

// neighbour gives a matcher lines of other months.
func neighbour(m *match.Matcher) func(int64, *accounts.StatementLine) error {
	return func(statement int64, l *accounts.StatementLine) error {
		line, err := readLine(l)
		m.Neighbour(statement, &line)
		return err
	}
}

// readLine translates a line back from its record.
func readLine(l *accounts.StatementLine) (statement.Line, error) {
	line := statement.Line{Number: int(l.Line), Kind: statement.LineKind(l.Kind), TransactionID: l.TransactionID,
		ChargedAt: l.ChargedAt, DateOnly: l.DateOnly,
		Endpoint: l.Endpoint, Region: l.Region, Pricing: l.Pricing, Quantity: l.Quantity, Currency: l.Currency,
		Product: l.Product, Other: l.Product != ""}
	var err error
	if line.Amount, err = decimal.NewFromString(l.Amount); err != nil {
		return line, fmt.Errorf("amount of line %d: %w", l.Line, err)
	}
	if l.UnitPrice != "" {
		if line.Unit.Decimal, err = decimal.NewFromString(l.UnitPrice); err != nil {
			return line, fmt.Errorf("unit price of line %d: %w", l.Line, err)
		}
		line.Unit.Valid = true
	}
	line.Month, err = billing.ParsePeriod(l.Month)
	return line, err
}

// matchedCall translates a call of the journal.
func matchedCall(c *snapshot.JournalCall) *match.Call {
	call := &match.Call{ID: c.CallID, CheckID: c.CheckID, SentAt: c.SentAt, Endpoint: c.Endpoint, Region: c.Region,
		Outcome: match.Answered,
		Tag:     billing.Unknown, Pricing: c.Pricing, TransactionID: c.TransactionID, Success: c.Code == "SUCCESS",
		Billed: c.BilledIn}
	if c.Outcome == store.Unanswered {
		call.Outcome = match.Unanswered
	}
	switch c.Tag {
	case store.TagPay:
		call.Tag = billing.Pay
	case store.TagFree:
		call.Tag = billing.Free
	}
	return call
}

// storedRow translates a row to the record it is kept as.
func storedRow(row *billing.Row) *accounts.ReconciledRow {
	s := &accounts.ReconciledRow{Class: string(row.Class), CallID: row.CallID, StatementID: row.StatementID,
		Line: int64(row.Line), SentAt: row.At,
		Endpoint: row.Endpoint, Region: row.Region, Currency: row.Currency, TransactionID: row.TransactionID,
		OurQuantity: row.OurQuantity, TheirQuantity: row.TheirQuantity, TheirAmount: row.TheirAmount.String(),
		Explained: row.Explained().String(), Doubt: row.Doubt.String(), Other: row.Other.String(),
		Shift: row.Shift.String(), Minimum: row.Minimum.String(), Rounding: row.Rounding.String(), Prior: row.Prior.String(),
		Tax: row.Tax.String(), Note: row.Note}
	if row.Priced {
		s.OurAmount = row.OurAmount.String()
	}
	return s
}

func (r *Task) record(month billing.Period, last int64, done *Month) accounts.Reconciliation {
	result := done.Result
	var fitting []string
	for _, basis := range result.Reproduces {
		fitting = append(fitting, string(basis))
	}
	kept := accounts.Reconciliation{Month: month.String(), MadeAt: time.Now(), Version: r.Version,
		Basis: string(r.Basis), Settings: r.Settings(r.Prices), LastCall: last,
		Itemised: result.Itemised, Within: result.Within, Verdict: done.Verdict,
		Reproduces: strings.Join(fitting, ", "), Nearest: string(result.Nearest),
		Calls: result.Calls, Charges: result.Charges, Doubts: result.Doubts, Free: result.Free,
		Elsewhere: result.Elsewhere}
	if r.Tolerance.Abs.Valid {
		kept.ToleranceAbs = r.Tolerance.Abs.Decimal.String()
	}
	if r.Tolerance.Rel.Valid {
		kept.ToleranceRel = r.Tolerance.Rel.Decimal.String()
	}
	return kept
}

// findings translates what was found besides the rows.
func findings(done *Month) accounts.Findings {
	var f accounts.Findings
	result := done.Result
	for _, b := range result.Bridge {
		f.Bridge = append(f.Bridge, accounts.BridgeLine{Currency: b.Currency, Step: b.Step, Quantity: b.Quantity,
			Amount: b.Amount.String(), Priced: b.Priced})
	}
	for _, v := range result.Verdicts {
		f.Verdicts = append(f.Verdicts, accounts.Verdict{Currency: v.Currency, Ours: v.Ours.String(),
			Over: v.Over.String(), Under: v.Under.String(),
			OverQuantity: v.OverQuantity, UnderQuantity: v.UnderQuantity, Priced: v.Priced, Within: v.Within})
	}
	for _, c := range result.Bases {
		f.Bases = append(f.Bases, accounts.BasisCount{Basis: string(c.Basis), Endpoint: c.Endpoint,
			Region: c.Region, Currency: c.Currency,
			Quantity: c.Quantity, Amount: priced(c.Amount, c.Priced)})
	}
	for _, g := range result.Gaps {
		f.Gaps = append(f.Gaps, accounts.BasisGap{Basis: string(g.Basis), Endpoint: g.Endpoint, Currency: g.Currency,
			OurQuantity: g.OurQuantity, Doubts: g.InDoubt,
			OurAmount: priced(g.OurAmount, g.Priced), Minimum: g.Minimum.String(),
			LeastAmount: g.LeastWithDoubt.String(), MostAmount: g.MostWithDoubt.String(),
			TheirQuantity: g.TheirQuantity, TheirAmount: g.TheirAmount.String(), Fits: g.Fits,
			Lines: g.Lines, Calls: g.Calls})
	}
	for _, s := range slices.Concat(result.Resolutions, done.Borne) {
		f.Resolutions = append(f.Resolutions, accounts.Resolution{CallID: s.CallID, Billed: s.Billed,
			Short: string(s.Short)})
	}
	return f
}

// priced returns an amount's text, "" where there is no price.
func priced(d decimal.Decimal, ok bool) string {
	if !ok {
		return ""
	}
	return d.String()
}

// CountMonth counts and prices a month's calls under every reading, as reconciling does, and says what monthly minimums
// add under one of them. It reads every call of the month.
func CountMonth(
	ctx context.Context, snap *snapshot.Snapshot, prices *billing.Book, zone *time.Location, month billing.Period,
	basis billing.Basis,
) (*match.Result, error) {
	m := match.NewMatcher(prices, match.Options{Month: month, Basis: basis})
	from, to := prices.Months().Bounds(month)
	err := snap.Calls().EachOfMonth(ctx, month.String(), from, to, func(c *snapshot.JournalCall) error {
		m.Call(matchedCall(c))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m.Match(func(*billing.Row) error { return nil })
}
