package finance

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/report/finance/figures"
	"liverecon/report/review"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

// workedCells fills in what was worked out of an exception, and what ties the row to it.
func workedCells(cells *[rowColumns]xlsx.Cell, r *accounts.ReconciledRow, d *figures.Data, at rowAt) {
	e := &d.Reconciled.Worked.Exceptions[at.number]
	state := e.State()
	blank := xlsx.Cell{}.WithRole(xlsx.Input)
	typed := func(amount decimal.NullDecimal) xlsx.Cell {
		if !amount.Valid {
			return blank
		}
		return xlsx.D(amount.Decimal.String(), xlsx.Amount4).WithRole(xlsx.Input)
	}
	cells[rowStatus] = xlsx.T(state.Status).WithRole(xlsx.Input)
	cells[rowDisputed], cells[rowAccepted] = typed(state.Disputed), typed(state.Accepted)
	cells[rowOwner], cells[rowComment], cells[rowDecided] = blank, blank, blank
	if w := e.Work; w != nil {
		cells[rowOwner], cells[rowComment] = inputText(w.Owner), inputText(w.Comment)
		if !w.Undated {
			cells[rowDecided] = xlsx.At(w.DecidedAt, d.Period.Zone).WithRole(xlsx.Input)
		}
	}
	cells[rowSettled] = settledCell(e, state, at)
	cells[rowKey] = xlsx.T(review.ExceptionKey(d.FirstRun, d.Reconciled.Worked.Name, e)).WithFormat(xlsx.Literal)
	for _, text := range []string{e.Changed(), e.Disagreement()} {
		if text != "" && r.Note != "" {
			text = r.Note + "; " + text
		}
		if text != "" {
			cells[rowNote] = xlsx.Untrusted(text)
		}
	}
}

// inputText returns a text that people typed, in a cell to be typed into.
func inputText(text string) xlsx.Cell { return xlsx.T(xlsx.Visible(text)).WithRole(xlsx.Input) }

// settledCell returns what of a row is to dispute no longer; its formula follows what is typed.
func settledCell(e *worked.Exception, state worked.State, at rowAt) xlsx.Cell {
	if !e.InDispute() {
		return xlsx.Cell{}.WithRole(xlsx.Quiet)
	}
	status, accepted, issue, claimed := at.ref(rowStatus), at.ref(rowAccepted), at.ref(rowIssue), at.ref(rowDisputed)
	within := ""
	if e.Default == worked.Within {
		within = fmt.Sprintf(`,%s="%s"`, status, worked.Within)
	}
	return xlsx.D(state.Settled(e.Issue).String(), xlsx.Amount4).WithFormula(fmt.Sprintf(
		`IF(ISNUMBER(%[2]s),MIN(%[2]s,%[3]s),IF(OR(%[1]s="accepted",%[1]s="credited",%[1]s="explained"%[5]s),`+
			`%[3]s-IF(ISNUMBER(%[4]s),MIN(%[4]s,%[3]s),0),0))`, status, accepted, issue, claimed, within))
}
