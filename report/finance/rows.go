package finance

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/review"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

// longList represents a list that goes on in another sheet when one is full, and how other sheets add it up.
type longList struct {
	sheets []*xlsx.Sheet
	at     [rowColumns]int // where a column of reconciled rows stands in it, from 0; unused by other lists
	rows   bool            // it is one of reconciled rows
	parts  []rowPart       // the last of its columns
}

// rowList represents a list of reconciled rows before it is written. more fills in what only this list has.
type rowList struct {
	name, title, note, tab string
	printed, beside        []int // its columns: those that are printed, then those that are not
	roles                  []xlsx.Role
	total                  int64
	exceptions             bool // without matched rows
	more                   func(cells *[rowColumns]xlsx.Cell, r *accounts.ReconciledRow, at rowAt) error
}

// rowAt represents a row's position: in which row of its sheet, and as which of its list, from 0.
type rowAt struct {
	list          *longList
	sheet, number int
}

// ref returns the place of a column in the row.
func (a rowAt) ref(col int) string { return xlsx.Ref{Col: a.list.at[col] + 1, Row: a.sheet}.String() }

// write writes as many sheets as the rows need.
func (l rowList) write(ctx context.Context, book *xlsx.Workbook, d *figures.Data) *longList {
	list, all := &longList{rows: true, parts: rowParts(d)}, append(slices.Clip(l.printed), l.beside...)
	columns := make([]xlsx.ListColumn, len(all))
	for i, col := range all {
		list.at[col], columns[i] = i, rowColumn(col, d)
	}
	for part := 0; part == 0 || int64(part)*int64(d.SheetRows) < l.total; part++ {
		s := book.NewSheet(l.name)
		if part > 0 {
			s.Name = fmt.Sprintf("%s (%d)", l.name, part+1)
		}
		s.Tab, s.Frozen, s.Repeat = l.tab, page.ListFirst-1, page.ListFirst-1
		s.Heights[page.ListFirst-1] = 28
		page.ListTitle(s, l.title, l.note)
		skip := part * d.SheetRows
		s.List = &xlsx.List{First: page.ListFirst - 1, Count: int(min(int64(d.SheetRows), l.total-int64(skip))),
			Columns: columns, Roles: l.roles,
			Rows: func(yield func([]xlsx.Cell) error) error { return l.rows(ctx, d, list, all, skip, yield) }}
		s.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1},
			To: xlsx.Ref{Col: len(l.printed), Row: s.List.First + s.List.Count}}
		list.sheets = append(list.sheets, s)
	}
	return list
}

// rows gives the rows of one sheet, after skip.
func (l rowList) rows(ctx context.Context, d *figures.Data, list *longList, columns []int, skip int,
	yield func([]xlsx.Cell) error) error {
	row, line := page.ListFirst-1, make([]xlsx.Cell, len(columns))
	return d.Snap.Reconciliations().Each(ctx, d.Reconciled.ID, l.exceptions, skip, d.SheetRows,
		func(r *accounts.ReconciledRow) error {
			row++
			cells, err := list.cells(r, d, row)
			if err == nil {
				err = l.more(&cells, r, rowAt{list, row, skip + row - page.ListFirst})
			}
			if err != nil {
				return fmt.Errorf("%s, transaction %q: %w", r.Class, r.TransactionID, err)
			}
			for i, col := range columns {
				line[i] = cells[col]
			}
			return yield(line)
		})
}

// each writes a formula for every sheet of the list and adds them up; "" when the list has no row. at gives the area of
// a column, as conditions name it.
func (l *longList) each(formula func(at func(col int) string) string) string {
	var parts []string
	for _, s := range l.sheets {
		if s.List.Count == 0 {
			continue
		}
		parts = append(parts, formula(func(col int) string {
			if l.rows {
				col = l.at[col]
			}
			a := s.List.Column(col)
			a.Sheet = s.Name
			return a.String()
		}))
	}
	return strings.Join(parts, "+")
}

// condition describes one condition on a column of a list: of reconciled rows one of those below, of others from 0.
type condition struct {
	col    int
	equals string
}

// count counts the rows under conditions.
func (l *longList) count(all ...condition) string {
	return l.each(func(at func(int) string) string { return "COUNTIFS(" + conditions(at, all) + ")" })
}

// sum adds up a column under conditions.
func (l *longList) sum(col int, all ...condition) string {
	return l.each(func(at func(int) string) string { return "SUMIFS(" + at(col) + "," + conditions(at, all) + ")" })
}

func conditions(at func(int) string, all []condition) string {
	var parts []string
	for _, c := range all {
		parts = append(parts, at(c.col)+","+c.equals)
	}
	return strings.Join(parts, ",")
}

// The columns of reconciled rows, in no order: each list has its own.
const (
	rowClass = iota
	rowTransaction
	rowStatement
	rowLine
	rowSent
	rowCharged
	rowEndpoint
	rowRegion
	rowCode
	rowOurPricing
	rowTheirPricing
	rowOurCalls
	rowTheirCalls
	rowCurrency
	rowOurs
	rowTheirs
	rowDifference
	rowIssue
	rowCall
	rowCheck
	rowAttempt
	rowNote
	rowAge
	rowAction
	rowStatus
	rowDisputed
	rowAccepted
	rowOwner
	rowComment
	rowDecided
	rowSettled
	rowKey
	rowFirstPart                    // of those that a month has
	rowColumns   = rowFirstPart + 7 // how many there are
)

// rowPart represents a part of a row's difference that nobody has to settle. Its column stands among the last of both
// lists.
type rowPart struct {
	head string
	step string // of the bridge, that its sum is; "" for none
	of   func(*accounts.ReconciledRow) string
}

// rowParts returns the parts of a month's rows, in the order of their columns. Where an earlier version has reconciled
// it, there are none.
func rowParts(d *figures.Data) []rowPart {
	if d.Reconciled.Earlier() {
		return nil
	}
	all := []rowPart{
		{"Doubt", billing.StepExplainedByDoubt, func(r *accounts.ReconciledRow) string { return r.Doubt }},
		{"Other period", billing.StepOtherPeriod, func(r *accounts.ReconciledRow) string { return r.Other }},
		{"Tier shift", billing.StepTierShift, func(r *accounts.ReconciledRow) string { return r.Shift }},
		{"Minimum", billing.StepMinimumOwed, func(r *accounts.ReconciledRow) string { return r.Minimum }},
		{"Rounding", billing.StepRounding, func(r *accounts.ReconciledRow) string { return r.Rounding }},
	}
	if d.Reconciled.Prior {
		all = append(all, rowPart{"Prior periods", billing.StepPriorPeriods,
			func(r *accounts.ReconciledRow) string { return r.Prior }})
	}
	if !d.Reconciled.Kept.TaxIncluded.IsZero() {
		all = append(all, rowPart{"Tax", "", func(r *accounts.ReconciledRow) string { return r.Tax }})
	}
	return all
}

// partColumns returns the columns of the parts; they are not printed.
func partColumns(d *figures.Data) []int {
	var columns []int
	for i := range rowParts(d) {
		columns = append(columns, rowFirstPart+i)
	}
	return columns
}

// rowColumn returns a column of the lists as they show it.
func rowColumn(col int, d *figures.Data) xlsx.ListColumn {
	if col >= rowFirstPart {
		return page.ListCol(rowParts(d)[col-rowFirstPart].head, xlsx.SignedAmount4, 12)
	}
	zone := " (" + zoneName(d.Period.Zone) + ")"
	c := map[int]xlsx.ListColumn{
		rowClass:        page.ListCol(review.HeadClass, xlsx.General, 16),
		rowTransaction:  page.ListCol(review.HeadTransact, xlsx.Literal, 18),
		rowStatement:    page.ListCol("Stmt", xlsx.Literal, 5),
		rowLine:         page.ListCol("Line", xlsx.Count, 7),
		rowSent:         page.ListCol("Sent at"+zone, xlsx.Moment, 17.5),
		rowCharged:      page.ListCol("Charged at"+zone, xlsx.Moment, 17.5),
		rowEndpoint:     page.ListCol("Endpoint", xlsx.Literal, 9),
		rowRegion:       page.ListCol("Region", xlsx.Literal, 7.5),
		rowCode:         page.ListCol("Code", xlsx.Literal, 24),
		rowOurPricing:   page.ListCol("Our pricing", xlsx.Literal, 7.5),
		rowTheirPricing: page.ListCol("Their pricing", xlsx.Literal, 7.5),
		rowOurCalls:     page.ListCol("Our calls", xlsx.Count, 7),
		rowTheirCalls:   page.ListCol("Their calls", xlsx.Count, 7),
		rowCurrency:     page.ListCol("Currency", xlsx.Literal, 8.5),
		rowOurs:         page.ListCol("Ours", xlsx.Amount4, 9),
		rowTheirs:       page.ListCol("Theirs", xlsx.Amount4, 9),
		rowDifference:   page.ListCol("Difference", xlsx.SignedAmount4, 9.5),
		rowIssue:        page.ListCol(review.HeadIssue, xlsx.SignedAmount4, 9.5),
		rowCall:         page.ListCol("Call", xlsx.Literal, 9),
		rowCheck:        page.ListCol("Check", xlsx.Literal, 9),
		rowAttempt:      page.ListCol("Attempt", xlsx.Count, 8),
		rowNote:         page.ListCol("Note", xlsx.Literal, 21),
		rowAge:          page.ListCol("Age, days", xlsx.Count, 6),
		rowAction:       page.ListCol("Suggested action", xlsx.General, 20),
		rowStatus:       page.ListCol(review.HeadStatus, xlsx.General, 9.5),
		rowDisputed:     page.ListCol(review.HeadDisputed, xlsx.Amount4, 9),
		rowAccepted:     page.ListCol(review.HeadAccepted, xlsx.Amount4, 9),
		rowOwner:        page.ListCol(review.HeadOwner, xlsx.General, 9),
		rowComment:      page.ListCol(review.HeadComment, xlsx.General, 14),
		rowDecided:      page.ListCol(review.HeadDecidedAt+" ("+d.Period.Zone.String()+")", xlsx.Moment, 17.5),
		rowSettled:      page.ListCol("Settled", xlsx.Amount4, 9),
		rowKey:          page.ListCol(review.HeadKey, xlsx.Literal, 12),
	}[col]
	if c.Format == xlsx.Amount4 || c.Format == xlsx.SignedAmount4 {
		widest := xlsx.D(d.Reconciled.Largest.Neg().String(), c.Format)
		c.Width = max(c.Width, widest.Room())
	}
	c.Wrap = col == rowClass || col == rowNote || col == rowAction || col == rowComment
	return c
}

// statuses returns the choices for an exception.
func statuses() []string {
	all := worked.Statuses()
	return all[:len(all)-1] // but for what the tolerance closes
}

// StatusOpen holds the status of a difference that nobody has looked at.
const StatusOpen = worked.Open

// rowRefs holds the lists of reconciled rows; nil where there is none.
type rowRefs struct{ exceptions, lines *longList }

// writeRows lists the exceptions, and all lines where they have room. Without a statement there are neither.
func writeRows(ctx context.Context, book *xlsx.Workbook, d *figures.Data) (refs rowRefs) {
	if d.Reconciled == nil {
		return refs
	}
	refs.exceptions = writeExceptions(ctx, book, d)
	if d.Reconciled.Inside {
		refs.lines = writeLines(ctx, book, d)
	} else {
		book.Beside = "finance_" + d.Period.Label + "_lines.csv"
	}
	return refs
}

// writeExceptions lists every row that is not matched, with cells to work it.
func writeExceptions(ctx context.Context, book *xlsx.Workbook, d *figures.Data) *longList {
	total := int64(0)
	for _, e := range d.Reconciled.Exceptions {
		total += e.Rows
	}
	list := rowList{
		name: "Exceptions", title: "Exceptions", tab: xlsx.Orange, total: total, exceptions: true,
		note: fmt.Sprintf("%s that did not match · fill in the yellow cells: Reconciliation and Sign-off count what "+
			"is still open, `liverecon decisions` reads the file back · Disputed, Accepted: empty for the whole "+
			"amount · Stmt: the statement's number, see Definitions", page.Plural(total, "row", "rows")),
		printed: []int{rowClass, rowTransaction, rowStatement, rowLine, rowSent, rowRegion, rowCode, rowCurrency,
			rowOurs, rowTheirs, rowIssue, rowNote, rowAction, rowStatus, rowDisputed, rowAccepted, rowOwner,
			rowComment},
		beside: append([]int{rowDecided, rowSettled, rowAge, rowDifference, rowCharged, rowEndpoint, rowOurPricing,
			rowTheirPricing,
			rowOurCalls, rowTheirCalls, rowCall, rowKey}, partColumns(d)...),
		roles: []xlsx.Role{xlsx.Input, xlsx.Strong, xlsx.Quiet},
		more: func(cells *[rowColumns]xlsx.Cell, r *accounts.ReconciledRow, at rowAt) error {
			cells[rowAge] = xlsx.N(figures.AgeDays(figures.RowTime(r), d.Generated))
			cells[rowAction] = xlsx.T(action(billing.Class(r.Class), cells[rowIssue], r.Note))
			workedCells(cells, r, d, at)
			return nil
		},
	}.write(ctx, book, d)
	for _, s := range list.sheets {
		if s.List.Count > 0 {
			status := s.List.Column(list.at[rowStatus])
			choices := statuses()
			if d.Reconciled.Tolerated() > 0 {
				choices = append(choices, worked.Within)
			}
			s.Choices = append(s.Choices, xlsx.Choice{At: status, Items: choices})
			s.Marks = append(s.Marks, xlsx.Marking{At: status, Begins: StatusOpen})
		}
	}
	return list
}

// action suggests what to do about a row: what they bill below our records needs no dispute.
func action(class billing.Class, issue xlsx.Cell, note string) string {
	if class == billing.ExplainedByDoubt && billing.LostCalls(note, 1) > 0 {
		return "Accept, or ask for the request log: our records of that time are lost"
	}
	less := class == billing.PriceDiffers || class == billing.WrongTier || class == billing.QuantityDiffers
	if less && issue.Amount().IsNegative() {
		return "Accept: below our records"
	}
	return textOf(class).action
}

// writeLines lists every reconciled row.
func writeLines(ctx context.Context, book *xlsx.Workbook, d *figures.Data) *longList {
	beside := []int{rowOurCalls, rowTheirCalls, rowCall, rowCheck, rowAttempt}
	if parts := partColumns(d); parts != nil {
		beside = append(append(beside, rowIssue), parts...)
	}
	return rowList{
		name: "Lines", title: "Reconciled lines", tab: xlsx.Grey, total: d.Reconciled.Rows,
		note: fmt.Sprintf("%s of either side, matched or not · each stands in exactly one class",
			page.Plural(d.Reconciled.Rows, "row", "rows")),
		printed: []int{rowClass, rowTransaction, rowStatement, rowLine, rowSent, rowCharged, rowEndpoint, rowRegion,
			rowCode, rowOurPricing, rowTheirPricing, rowCurrency, rowOurs, rowTheirs, rowDifference, rowNote},
		beside: beside, roles: []xlsx.Role{xlsx.Strong, xlsx.Quiet},
		more: func(*[rowColumns]xlsx.Cell, *accounts.ReconciledRow, rowAt) error { return nil },
	}.write(ctx, book, d)
}

// cells returns a row's cells, by their columns; formulas refer to where those stand in the list.
func (l *longList) cells(r *accounts.ReconciledRow, d *figures.Data, row int) (c [rowColumns]xlsx.Cell, err error) {
	ours, theirs, err := figures.Amounts(r.OurAmount, r.TheirAmount)
	if err != nil {
		return c, err
	}
	explained, err := decimal.NewFromString(r.Explained)
	if err != nil {
		return c, fmt.Errorf("explained amount: %w", err)
	}
	ref := func(col int) string { return xlsx.Ref{Col: l.at[col] + 1, Row: row}.String() }
	none := xlsx.Cell{}.WithRole(xlsx.Quiet)
	c = [rowColumns]xlsx.Cell{rowClass: xlsx.T(r.Class), rowTransaction: xlsx.Untrusted(r.TransactionID),
		rowStatement: numberText(r.StatementID), rowLine: none, rowSent: none, rowCharged: none,
		rowEndpoint: xlsx.Untrusted(figures.LedgerText(r.Endpoint)),
		rowRegion:   xlsx.Untrusted(figures.LedgerText(r.Region)), rowCode: xlsx.Untrusted(r.Code),
		rowOurPricing: xlsx.Untrusted(r.OurPricing), rowTheirPricing: xlsx.Untrusted(r.TheirPricing),
		rowOurCalls: xlsx.N(r.OurQuantity), rowTheirCalls: xlsx.N(r.TheirQuantity),
		rowCurrency: xlsx.Untrusted(figures.LedgerText(r.Currency)), rowOurs: xlsx.D(ours.String(), xlsx.Amount4),
		rowTheirs: xlsx.D(theirs.String(), xlsx.Amount4),
		rowDifference: difference(theirs.Sub(ours), xlsx.SignedAmount4,
			fmt.Sprintf("%s-%s", ref(rowTheirs), ref(rowOurs))),
		rowCall: numberText(r.CallID), rowCheck: numberText(r.CheckID), rowAttempt: none,
		rowNote: xlsx.Untrusted(r.Note)}
	if !theirs.Equal(ours) {
		c[rowDifference] = c[rowDifference].WithRole(xlsx.Strong)
	}
	if r.Line > 0 {
		c[rowLine] = xlsx.N(r.Line)
	}
	if r.Attempt > 0 {
		c[rowAttempt] = xlsx.N(int64(r.Attempt))
	}
	if !r.ChargedAt.IsZero() {
		c[rowCharged] = xlsx.At(r.ChargedAt, d.Period.Zone)
	}
	if !r.SentAt.IsZero() {
		c[rowSent] = xlsx.At(r.SentAt, d.Period.Zone)
	}
	issue := ref(rowDifference)
	switch {
	case l.parts != nil:
		issue += fmt.Sprintf("-SUM(%s:%s)", ref(rowFirstPart), ref(rowFirstPart+len(l.parts)-1))
	case !explained.IsZero():
		issue += "-(" + explained.String() + ")"
	}
	c[rowIssue] = difference(theirs.Sub(ours).Sub(explained), xlsx.SignedAmount4, issue)
	return c, l.fillParts(&c, r)
}

// fillParts fills in what nobody has to settle of a row's difference.
func (l *longList) fillParts(c *[rowColumns]xlsx.Cell, r *accounts.ReconciledRow) error {
	for i, part := range l.parts {
		amount, err := decimal.NewFromString(part.of(r))
		if err != nil {
			return fmt.Errorf("%s: %w", part.head, err)
		}
		c[rowFirstPart+i] = xlsx.D(amount.String(), xlsx.SignedAmount4)
	}
	return nil
}

// numberText returns a number that names something, "" for none.
func numberText(n int64) xlsx.Cell {
	if n == 0 {
		return xlsx.Untrusted("")
	}
	return xlsx.T(fmt.Sprint(n)).WithFormat(xlsx.Literal)
}

// statementName returns a statement's file.
func statementName(c accounts.StatementScope) string { return xlsx.Visible(filepath.Base(c.Path)) }
