package reconcile

import (
	"context"
	"fmt"

	"liverecon/batch/billing"
	"liverecon/batch/match"
	"liverecon/batch/statement"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// addPrior gives a matcher what its month bears of closed ones. What is on a line of its own reconciliation is in a row
// there already.
func addPrior(ctx context.Context, snap *snapshot.Snapshot, m *match.Matcher, borne []accounts.CorrectionRow) error {
	for i := range borne {
		if borne[i].Own {
			continue
		}
		p, err := priorOf(ctx, snap, &borne[i])
		if err != nil {
			return fmt.Errorf("correction of %s: %w", borne[i].Month, err)
		}
		m.Prior(p)
	}
	return nil
}

// priorOf translates a correction from its record.
func priorOf(ctx context.Context, snap *snapshot.Snapshot, c *accounts.CorrectionRow) (p match.Prior, err error) {
	p = match.Prior{Kind: c.Kind, CallID: c.CallID, StatementID: c.StatementID, Line: int(c.Line), Endpoint: c.Endpoint,
		Region: c.Region, Currency: c.Currency, Quantity: c.TheirQuantity, Class: billing.Class(c.Class), Note: c.Note,
		Unpriced: c.Amount == ""}
	if p.Month, err = billing.ParsePeriod(c.Month); err != nil {
		return p, err
	}
	if p.Right, err = decimalOf(c.Right); err != nil {
		return p, err
	}
	if p.Amount, err = decimalOf(c.Theirs); err != nil || c.Line == 0 {
		return p, err
	}
	l, _, err := snap.Statements().Line(ctx, c.StatementID, c.Line)
	p.At, p.TransactionID, p.Pricing = l.ChargedAt, l.TransactionID, l.Pricing
	p.Beside = l.Kind != string(statement.Usage) || l.Product != ""
	if p.Unpriced && p.Class == billing.PriceDiffers { // nobody can say that
		p.Class = ""
	}
	return p, err
}
