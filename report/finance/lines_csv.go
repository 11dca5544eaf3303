package finance

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"liverecon/report/finance/figures"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

// WriteLines writes every reconciled line of a finance workbook as CSV to path, whole or not at all, readable by its
// owner alone: of the same moment of the database as the rest of the workbook. Times
// are the period's zone's; amounts have all their digits. Text that a spreadsheet program might carry out has an
// apostrophe before it. It ends before w is closed.
func WriteLines(ctx context.Context, w *Workbook, path string) error {
	if w.data.Reconciled == nil {
		return errors.New("write lines: not a workbook with reconciled lines")
	}
	var heads []xlsx.ListColumn
	for _, col := range lineFile() {
		heads = append(heads, rowColumn(col, w.data))
	}
	return xlsx.WriteCSV(path, xlsx.Heads(heads),
		func(yield func([]string) error) error { return eachLine(ctx, w.data, yield) })
}

// lineFile lists the columns of the file.
func lineFile() []int {
	return []int{rowClass, rowTransaction, rowStatement, rowLine, rowSent, rowCharged, rowEndpoint, rowRegion, rowCode,
		rowOurPricing, rowTheirPricing, rowOurCalls, rowTheirCalls, rowCurrency, rowOurs, rowTheirs, rowDifference,
		rowCall, rowCheck, rowAttempt, rowNote}
}

func eachLine(ctx context.Context, d *figures.Data, yield func([]string) error) error {
	var written int64
	err := d.Snap.Reconciliations().Each(ctx, d.Reconciled.ID, false, 0, math.MaxInt,
		func(r *accounts.ReconciledRow) error {
			written++
			line, err := lineTexts(r, d.Period.Zone)
			if err != nil {
				return err
			}
			return yield(line)
		})
	if err == nil && written != d.Reconciled.Rows {
		err = fmt.Errorf("%d lines were written, %d were counted", written, d.Reconciled.Rows)
	}
	return err
}

// lineTexts returns a row of the file.
func lineTexts(r *accounts.ReconciledRow, zone *time.Location) ([]string, error) {
	ours, theirs, err := figures.Amounts(r.OurAmount, r.TheirAmount)
	if err != nil {
		return nil, fmt.Errorf("%s, transaction %q: %w", r.Class, r.TransactionID, err)
	}
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format(time.DateTime)
	}
	return []string{r.Class, xlsx.EscapeFormula(r.TransactionID), number(r.StatementID), number(r.Line), at(r.SentAt),
		at(r.ChargedAt), xlsx.EscapeFormula(r.Endpoint), xlsx.EscapeFormula(r.Region), xlsx.EscapeFormula(r.Code),
		xlsx.EscapeFormula(r.OurPricing), xlsx.EscapeFormula(r.TheirPricing),
		strconv.FormatInt(r.OurQuantity, 10), strconv.FormatInt(r.TheirQuantity, 10), xlsx.EscapeFormula(r.Currency),
		ours.String(), theirs.String(), theirs.Sub(ours).String(),
		number(r.CallID), number(r.CheckID), number(int64(r.Attempt)), xlsx.EscapeFormula(r.Note)}, nil
}
