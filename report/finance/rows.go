package finance

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

// longList represents a list that goes on in another sheet when one is full, and how other sheets add it up.
type longList struct {
	sheets []*xlsx.Sheet
	parts  int // the column that the parts of differences begin at, 0 where there are none
	issue  int // the column of what is at issue
}

// rowList represents a list of reconciled rows before it is written. more appends a row's cells after the columns that
// all such lists begin with.
type rowList struct {
	name, title, note, tab string
	columns                []xlsx.ListColumn // after the shared ones
	roles                  []xlsx.Role
	total                  int64
	exceptions             bool // without matched rows
	more                   func(shared []xlsx.Cell, r *accounts.ReconciledRow, row int) ([]xlsx.Cell, error)
}

// write writes as many sheets as the rows need.
func (l rowList) write(ctx context.Context, book *xlsx.Workbook, d *figures.Data) *longList {
	list := &longList{}
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
			Columns: append(rowColumns(d.Period.Zone), l.columns...), Roles: l.roles,
			Rows: func(yield func([]xlsx.Cell) error) error { return l.rows(ctx, d, skip, yield) }}
		list.sheets = append(list.sheets, s)
	}
	return list
}

// rows gives the rows of one sheet, after skip.
func (l rowList) rows(ctx context.Context, d *figures.Data, skip int, yield func([]xlsx.Cell) error) error {
	row := page.ListFirst - 1
	each := func(r *accounts.ReconciledRow) error {
		row++
		cells, err := rowCells(r, d.Period.Zone, row)
		if err != nil {
			return err
		}
		if cells, err = l.more(cells, r, row); err != nil {
			return err
		}
		return yield(cells)
	}
	return d.Snap.Reconciliations().Each(ctx, d.Reconciled.ID, l.exceptions, skip, d.SheetRows, each)
}

// each writes a formula for every sheet of the list and adds them up; "" when the list has no row. at gives the area of
// a column, from 0.
func (l *longList) each(formula func(at func(col int) string) string) string {
	var parts []string
	for _, s := range l.sheets {
		if s.List.Count == 0 {
			continue
		}
		parts = append(parts, formula(func(col int) string {
			a := s.List.Column(col)
			a.Sheet = s.Name
			return a.String()
		}))
	}
	return strings.Join(parts, "+")
}

// condition describes one condition on a column of a list, from 0.
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

// The columns that exceptions and lines begin with, from 0.
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
	rowShared // how many they are
)

// The columns that only exceptions have.
const (
	exceptionIssue = rowShared + iota
	exceptionAge
	exceptionAction
	exceptionStatus
	exceptionOwner
	exceptionComment
)

// rowPart represents a part of a row's difference that nobody has to settle. Its column stands among the last of both
// lists.
type rowPart struct {
	head string
	step string // of the bridge, that its sum is; "" for none
	of   func(*accounts.ReconciledRow) string
}

// rowParts returns the parts of a month's rows, in the order of their columns.
func rowParts(d *figures.Data) []rowPart {
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
func partColumns(d *figures.Data) []xlsx.ListColumn {
	var list []xlsx.ListColumn
	for _, part := range rowParts(d) {
		list = append(list, page.ListCol(part.head, xlsx.SignedAmount4, 12))
	}
	return list
}

// partCells returns the parts of a row.
func partCells(r *accounts.ReconciledRow, d *figures.Data) ([]xlsx.Cell, error) {
	var cells []xlsx.Cell
	for _, part := range rowParts(d) {
		amount, err := decimal.NewFromString(part.of(r))
		if err != nil {
			return nil, fmt.Errorf("%s, transaction %q: %s: %w", r.Class, r.TransactionID, part.head, err)
		}
		cells = append(cells, xlsx.D(amount.String(), xlsx.SignedAmount4))
	}
	return cells, nil
}

// rowColumns returns those that exceptions and lines begin with.
func rowColumns(in *time.Location) []xlsx.ListColumn {
	zone := " (" + zoneName(in) + ")"
	return []xlsx.ListColumn{page.ListCol("Class", xlsx.General, 20), page.ListCol("Transaction", xlsx.Literal, 19),
		page.ListCol("Stmt", xlsx.Literal, 5), page.ListCol("Line", xlsx.Count, 9),
		page.ListCol("Sent at"+zone, xlsx.Moment, 18), page.ListCol("Charged at"+zone, xlsx.Moment, 18),
		page.ListCol("Endpoint", xlsx.Literal, 9),
		page.ListCol("Region", xlsx.Literal, 7), page.ListCol("Code", xlsx.Literal, 25),
		page.ListCol("Our pricing", xlsx.Literal, 8), page.ListCol("Their pricing", xlsx.Literal, 8),
		page.ListCol("Our calls", xlsx.Count, 8), page.ListCol("Their calls", xlsx.Count, 8),
		page.ListCol("Currency", xlsx.Literal, 9),
		page.ListCol("Ours", xlsx.Amount4, 12), page.ListCol("Theirs", xlsx.Amount4, 12),
		page.ListCol("Difference", xlsx.SignedAmount4, 12)}
}

// statuses returns the choices for an exception.
func statuses() []string {
	return []string{StatusOpen, statusDisputed, statusAccepted, statusCredited, statusExplained}
}

const (
	// StatusOpen holds the status of a difference that nobody has looked at.
	StatusOpen      = "open"
	statusDisputed  = "disputed"
	statusAccepted  = "accepted"
	statusCredited  = "credited"
	statusExplained = "explained"
	statusWithin    = "within tolerance"
)

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
		note: fmt.Sprintf("%s that did not match · set status, owner and comment in the yellow cells: Reconciliation "+
			"and Sign-off count what is still open · Stmt: the statement's number, see Definitions",
			page.Plural(total, "row", "rows")),
		columns: exceptionColumns(d),
		roles:   []xlsx.Role{xlsx.Input, xlsx.Strong, xlsx.Quiet},
		more: func(shared []xlsx.Cell, r *accounts.ReconciledRow, row int) ([]xlsx.Cell, error) {
			class, status := billing.Class(r.Class), statusExplained
			if figures.IsOpen(class) {
				status = StatusOpen
			}
			if status == StatusOpen && d.Reconciled.Tolerates(figures.LedgerText(r.Currency)) {
				status = statusWithin
			}
			issue, err := atIssue(r, shared[rowDifference], row, exceptionParts, d)
			if err != nil {
				return nil, err
			}
			blank := xlsx.Cell{}.As(xlsx.Input)
			cells := append(slices.Clip(shared), issue, xlsx.N(figures.AgeDays(figures.RowTime(r), d.Generated)),
				xlsx.T(action(class, issue, r.Note)), xlsx.T(status).As(xlsx.Input), blank, blank, numberText(r.CallID),
				xlsx.Outside(r.Note))
			if d.Reconciled.Earlier() {
				return cells, nil
			}
			parts, err := partCells(r, d)
			return append(cells, parts...), err
		},
	}.write(ctx, book, d)
	if list.issue = exceptionIssue; !d.Reconciled.Earlier() {
		list.parts = exceptionParts
	}
	for _, s := range list.sheets {
		if s.List.Count > 0 {
			status := s.List.Column(exceptionStatus)
			choices := statuses()
			if d.Reconciled.Tolerated() > 0 {
				choices = append(choices, statusWithin)
			}
			s.Choices = append(s.Choices, xlsx.Choice{At: status, Items: choices})
			s.Marks = append(s.Marks, xlsx.Marking{At: status, Begins: StatusOpen})
		}
	}
	return list
}

// exceptionColumns returns those of exceptions after the shared ones.
func exceptionColumns(d *figures.Data) []xlsx.ListColumn {
	list := []xlsx.ListColumn{page.ListCol("At issue", xlsx.SignedAmount4, 12),
		page.ListCol("Age, days", xlsx.Count, 6), page.ListCol("Suggested action", xlsx.General, 32),
		page.ListCol("Status", xlsx.General, 10), page.ListCol("Owner", xlsx.General, 12),
		page.ListCol("Comment", xlsx.General, 22),
		page.ListCol("Call", xlsx.Literal, 9), page.ListCol("Note", xlsx.Literal, 34)}
	if d.Reconciled.Earlier() {
		return list
	}
	return append(list, partColumns(d)...)
}

// exceptionParts and lineParts are where the parts begin.
const (
	exceptionParts = exceptionComment + 3
	lineParts      = rowShared + 4
)

// atIssue returns a row's difference without what is explained of it; parts is the column that says by what.
func atIssue(r *accounts.ReconciledRow, d xlsx.Cell, row, parts int, of *figures.Data) (xlsx.Cell, error) {
	explained, err := decimal.NewFromString(r.Explained)
	if err != nil {
		return d, fmt.Errorf("%s, transaction %q: explained amount: %w", r.Class, r.TransactionID, err)
	}
	formula := xlsx.Ref{Col: rowDifference + 1, Row: row}.String()
	switch {
	case !of.Reconciled.Earlier():
		formula += fmt.Sprintf("-SUM(%s:%s)", xlsx.Ref{Col: parts + 1, Row: row},
			xlsx.Ref{Col: parts + len(rowParts(of)), Row: row})
	case !explained.IsZero():
		formula += "-(" + explained.String() + ")"
	}
	return difference(d.Amount().Sub(explained), xlsx.SignedAmount4, formula), nil
}

// action suggests what to do about a row: what they bill below our records needs no dispute.
func action(class billing.Class, issue xlsx.Cell, note string) string {
	if class == billing.ExplainedByDoubt && billing.LostCalls(note, 1) > 0 {
		return "Accept, or ask for the request log: our records of that time are lost"
	}
	if (class == billing.PriceDiffers || class == billing.WrongTier || class == billing.QuantityDiffers) && issue.Amount().IsNegative() {
		return "Accept: below our records"
	}
	return textOf(class).action
}

// lineColumns returns those of all reconciled lines after the shared ones.
func lineColumns() []xlsx.ListColumn {
	return []xlsx.ListColumn{page.ListCol("Call", xlsx.Literal, 9), page.ListCol("Check", xlsx.Literal, 9),
		page.ListCol("Attempt", xlsx.Count, 8), page.ListCol("Note", xlsx.Literal, 34)}
}

// linesInside returns the columns of the lines in the workbook, after the shared ones.
func linesInside(d *figures.Data) []xlsx.ListColumn {
	list := lineColumns()
	if d.Reconciled.Earlier() {
		return list
	}
	return append(append(list, partColumns(d)...), page.ListCol("At issue", xlsx.SignedAmount4, 12))
}

// writeLines lists every reconciled row.
func writeLines(ctx context.Context, book *xlsx.Workbook, d *figures.Data) *longList {
	list := rowList{
		name: "Lines", title: "Reconciled lines", tab: xlsx.Grey, total: d.Reconciled.Rows,
		note: fmt.Sprintf("%s of either side, matched or not · each stands in exactly one class",
			page.Plural(d.Reconciled.Rows, "row", "rows")),
		columns: linesInside(d), roles: []xlsx.Role{xlsx.Strong, xlsx.Quiet},
		more: func(shared []xlsx.Cell, r *accounts.ReconciledRow, row int) ([]xlsx.Cell, error) {
			attempt := xlsx.Cell{}.As(xlsx.Quiet)
			if r.Attempt > 0 {
				attempt = xlsx.N(int64(r.Attempt))
			}
			cells := append(slices.Clip(shared), numberText(r.CallID), numberText(r.CheckID), attempt, xlsx.Outside(r.Note))
			if d.Reconciled.Earlier() {
				return cells, nil
			}
			parts, err := partCells(r, d)
			if err != nil {
				return nil, err
			}
			issue, err := atIssue(r, shared[rowDifference], row, lineParts, d)
			return append(append(cells, parts...), issue), err
		},
	}.write(ctx, book, d)
	if !d.Reconciled.Earlier() {
		list.parts, list.issue = lineParts, lineParts+len(rowParts(d))
	}
	return list
}

// rowCells returns the columns that exceptions and lines share.
func rowCells(r *accounts.ReconciledRow, zone *time.Location, row int) ([]xlsx.Cell, error) {
	ours, theirs, err := figures.Amounts(r.OurAmount, r.TheirAmount)
	if err != nil {
		return nil, fmt.Errorf("%s, transaction %q: %w", r.Class, r.TransactionID, err)
	}
	d := difference(theirs.Sub(ours), xlsx.SignedAmount4,
		fmt.Sprintf("%s-%s", xlsx.Ref{Col: rowTheirs + 1, Row: row}, xlsx.Ref{Col: rowOurs + 1, Row: row}))
	if !theirs.Equal(ours) {
		d = d.As(xlsx.Strong)
	}
	line, charged, sent := xlsx.Cell{}.As(xlsx.Quiet), xlsx.Cell{}.As(xlsx.Quiet), xlsx.Cell{}.As(xlsx.Quiet)
	if r.Line > 0 {
		line = xlsx.N(r.Line)
	}
	if !r.ChargedAt.IsZero() {
		charged = xlsx.At(r.ChargedAt, zone)
	}
	if !r.SentAt.IsZero() {
		sent = xlsx.At(r.SentAt, zone)
	}
	return []xlsx.Cell{xlsx.T(r.Class), xlsx.Outside(r.TransactionID), numberText(r.StatementID), line, sent, charged,
		xlsx.Outside(figures.LedgerText(r.Endpoint)), xlsx.Outside(figures.LedgerText(r.Region)), xlsx.Outside(r.Code),
		xlsx.Outside(r.OurPricing), xlsx.Outside(r.TheirPricing), xlsx.N(r.OurQuantity), xlsx.N(r.TheirQuantity),
		xlsx.Outside(figures.LedgerText(r.Currency)), xlsx.D(ours.String(), xlsx.Amount4),
		xlsx.D(theirs.String(), xlsx.Amount4), d}, nil
}

// numberText returns a number that names something, "" for none.
func numberText(n int64) xlsx.Cell {
	if n == 0 {
		return xlsx.Outside("")
	}
	return xlsx.T(fmt.Sprint(n)).In(xlsx.Literal)
}

// statementName returns a statement's file.
func statementName(c accounts.StatementScope) string { return xlsx.Visible(filepath.Base(c.Path)) }
