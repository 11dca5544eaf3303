package accounts

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"
)

// Payable holds what an invoice bills of a month in a currency, and what of that is held back.
type Payable struct {
	StatementID   int64
	Currency      string
	Theirs        decimal.Decimal
	ToDispute     decimal.Decimal
	TaxDisputed   decimal.Decimal
	Unexplained   decimal.Decimal // the vendor's total less its lines
	TheirsBeside  decimal.Decimal // of Theirs, what is not in rows of the statement itself
	DisputeBeside decimal.Decimal // of ToDispute, the same
	Elsewhere     decimal.Decimal // what other months propose of the invoice
	PaidElsewhere decimal.Decimal // the same, rounded
}

// Payables keeps what is proposed for payment of each of several invoices, with the reconciliation that is being
// written. What one invoice of one month comes to is in the bridge.
func (w *ReconciliationWriter) Payables(ctx context.Context, all []Payable) error {
	for _, p := range all {
		_, err := w.conn.ExecContext(ctx, `INSERT INTO payables (reconciliation_id, statement_id, currency, theirs,
			to_dispute, tax_disputed, unexplained, theirs_beside, dispute_beside, elsewhere, paid_elsewhere)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, w.id, p.StatementID, p.Currency, p.Theirs, p.ToDispute,
			p.TaxDisputed, p.Unexplained, p.TheirsBeside, p.DisputeBeside, p.Elsewhere, p.PaidElsewhere)
		if err == nil {
			_, err = fmt.Fprintf(w.digest, "payable %+v\n", p)
		}
		if err != nil {
			return fmt.Errorf("keep what is to pay of statement %d: %w", p.StatementID, err)
		}
	}
	return nil
}
