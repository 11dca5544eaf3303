package finance

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// longList is a list that goes on in another sheet when one is full, and how other sheets add it up.
type longList struct {
	sheets []*xlsx.Sheet
}

// longList writes the sheets of a list of total rows; rows gives at most limit of them after skip.
func (f *finance) longList(name, title, note, tab string, columns []xlsx.ListColumn, total int64, roles []xlsx.Role, rows func(s *xlsx.Sheet, skip, limit int, yield func([]xlsx.Cell) error) error) *longList {
	l := &longList{}
	for part := 0; part == 0 || int64(part)*int64(f.sheetRows) < total; part++ {
		s := f.book.NewSheet(name)
		if part > 0 {
			s.Name = fmt.Sprintf("%s (%d)", name, part+1)
		}
		s.Tab, s.Frozen, s.Repeat = tab, page.ListFirst-1, page.ListFirst-1
		s.Heights[page.ListFirst-1] = 28
		page.ListTitle(s, title, note)
		skip := part * f.sheetRows
		s.List = &xlsx.List{First: page.ListFirst - 1, Count: int(min(int64(f.sheetRows), total-int64(skip))), Columns: columns, Roles: roles,
			Rows: func(yield func([]xlsx.Cell) error) error { return rows(s, skip, f.sheetRows, yield) }}
		l.sheets = append(l.sheets, s)
	}
	return l
}

// each writes a formula for every sheet of the list and adds them up; "" when the list has no row. at gives the area of a
// column, from 0.
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

// condition is one condition on a column of a list, from 0.
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

func (f *finance) rowColumns() []xlsx.ListColumn {
	zone := " (" + zoneName(f.Period.Zone) + ")"
	return []xlsx.ListColumn{{Head: "Class", Format: xlsx.General, Width: 20}, {Head: "Transaction", Format: xlsx.Literal, Width: 19}, {Head: "Stmt", Format: xlsx.Literal, Width: 5}, {Head: "Line", Format: xlsx.Count, Width: 9}, {Head: "Sent at" + zone, Format: xlsx.Moment, Width: 18}, {Head: "Charged at" + zone, Format: xlsx.Moment, Width: 18}, {Head: "Endpoint", Format: xlsx.Literal, Width: 9},
		{Head: "Region", Format: xlsx.Literal, Width: 7}, {Head: "Code", Format: xlsx.Literal, Width: 25}, {Head: "Our pricing", Format: xlsx.Literal, Width: 8}, {Head: "Their pricing", Format: xlsx.Literal, Width: 8}, {Head: "Our calls", Format: xlsx.Count, Width: 8}, {Head: "Their calls", Format: xlsx.Count, Width: 8}, {Head: "Currency", Format: xlsx.Literal, Width: 9},
		{Head: "Ours", Format: xlsx.Amount4, Width: 12}, {Head: "Theirs", Format: xlsx.Amount4, Width: 12}, {Head: "Difference", Format: xlsx.SignedAmount4, Width: 12}}
}

// statuses are what somebody may make of an exception.
func statuses() []string {
	return []string{StatusOpen, statusDisputed, "accepted", "credited", statusExplained}
}

const (
	// StatusOpen is the status of a difference that nobody has looked at.
	StatusOpen      = "open"
	statusDisputed  = "disputed"
	statusExplained = "explained"
)

// exceptionSheets lists every row that is not matched, with cells to work it.
func (f *finance) exceptionSheets(ctx context.Context) {
	total := int64(0)
	for _, e := range f.settled.exceptions {
		total += e.rows
	}
	columns := append(f.rowColumns(), xlsx.ListColumn{Head: "At issue", Format: xlsx.SignedAmount4, Width: 12}, xlsx.ListColumn{Head: "Age, days", Format: xlsx.Count, Width: 6}, xlsx.ListColumn{Head: "Suggested action", Format: xlsx.General, Width: 32}, xlsx.ListColumn{Head: "Status", Format: xlsx.General, Width: 10}, xlsx.ListColumn{Head: "Owner", Format: xlsx.General, Width: 12}, xlsx.ListColumn{Head: "Comment", Format: xlsx.General, Width: 22},
		xlsx.ListColumn{Head: "Call", Format: xlsx.Literal, Width: 9}, xlsx.ListColumn{Head: "Note", Format: xlsx.Literal, Width: 34})
	note := fmt.Sprintf("%s that did not match · set status, owner and comment in the yellow cells: Reconciliation and Sign-off count what is still open · Stmt: the statement's number, see Definitions", page.Plural(total, "row", "rows"))
	f.places.exceptions = f.longList("Exceptions", "Exceptions", note, xlsx.Orange, columns, total, []xlsx.Role{xlsx.Input, xlsx.Strong, xlsx.Quiet}, func(s *xlsx.Sheet, skip, limit int, yield func([]xlsx.Cell) error) error {
		row := page.ListFirst - 1
		return f.snap.EachReconciled(ctx, f.settled.ID, true, skip, limit, func(r *store.ReconciledRow) error {
			row++
			cells, err := f.rowCells(r, row)
			if err != nil {
				return err
			}
			class, status := billing.Class(r.Class), statusExplained
			if isOpen(class) {
				status = StatusOpen
			}
			issue, err := atIssue(r, cells[rowDifference], row)
			if err != nil {
				return err
			}
			blank := xlsx.Cell{}.As(xlsx.Input)
			return yield(append(cells, issue, xlsx.N(ageDays(rowTime(r), f.Generated)), xlsx.T(action(class, issue)), xlsx.T(status).As(xlsx.Input), blank, blank, numberText(r.CallID), xlsx.Outside(r.Note)))
		})
	})
	for _, s := range f.places.exceptions.sheets {
		if s.List.Count > 0 {
			status := s.List.Column(exceptionStatus)
			s.Choices = append(s.Choices, xlsx.Choice{At: status, Items: statuses()})
			s.Marks = append(s.Marks, xlsx.Marking{At: status, Begins: StatusOpen})
		}
	}
}

// atIssue is what of a row's difference there is to talk about: all but what is explained.
func atIssue(r *store.ReconciledRow, d xlsx.Cell, row int) (xlsx.Cell, error) {
	explained, err := decimal.NewFromString(r.Explained)
	if err != nil {
		return d, fmt.Errorf("%s, transaction %q: explained amount: %w", r.Class, r.TransactionID, err)
	}
	formula := xlsx.Ref{Col: rowDifference + 1, Row: row}.String()
	if !explained.IsZero() {
		formula += "-(" + explained.String() + ")"
	}
	return difference(d.Amount().Sub(explained), xlsx.SignedAmount4, formula), nil
}

// action is what to do about a row: what they bill below our records needs no dispute.
func action(class billing.Class, issue xlsx.Cell) string {
	if (class == billing.PriceDiffers || class == billing.QuantityDiffers) && issue.Amount().IsNegative() {
		return "Accept: below our records"
	}
	return textOf(class).action
}

// rowsInside says whether the reconciled lines stand in the workbook.
func (f *finance) rowsInside() bool {
	most := f.LinesInside
	if most == 0 {
		most = 100_000
	}
	return f.settled.rows <= most
}

func (f *finance) lineColumns() []xlsx.ListColumn {
	return append(f.rowColumns(), xlsx.ListColumn{Head: "Call", Format: xlsx.Literal, Width: 9}, xlsx.ListColumn{Head: "Check", Format: xlsx.Literal, Width: 9}, xlsx.ListColumn{Head: "Attempt", Format: xlsx.Count, Width: 8}, xlsx.ListColumn{Head: "Note", Format: xlsx.Literal, Width: 34})
}

// lineSheets lists every reconciled row.
func (f *finance) lineSheets(ctx context.Context) {
	note := fmt.Sprintf("%s of either side, matched or not · each stands in exactly one class", page.Plural(f.settled.rows, "row", "rows"))
	f.places.lines = f.longList("Lines", "Reconciled lines", note, xlsx.Grey, f.lineColumns(), f.settled.rows, []xlsx.Role{xlsx.Strong, xlsx.Quiet}, func(s *xlsx.Sheet, skip, limit int, yield func([]xlsx.Cell) error) error {
		row := page.ListFirst - 1
		return f.snap.EachReconciled(ctx, f.settled.ID, false, skip, limit, func(r *store.ReconciledRow) error {
			row++
			cells, err := f.rowCells(r, row)
			if err != nil {
				return err
			}
			attempt := xlsx.Cell{}.As(xlsx.Quiet)
			if r.Attempt > 0 {
				attempt = xlsx.N(int64(r.Attempt))
			}
			return yield(append(cells, numberText(r.CallID), numberText(r.CheckID), attempt, xlsx.Outside(r.Note)))
		})
	})
}

// rowCells are the columns that exceptions and lines share.
func (f *finance) rowCells(r *store.ReconciledRow, row int) ([]xlsx.Cell, error) {
	ours, theirs, err := amounts(r.OurAmount, r.TheirAmount)
	if err != nil {
		return nil, fmt.Errorf("%s, transaction %q: %w", r.Class, r.TransactionID, err)
	}
	d := difference(theirs.Sub(ours), xlsx.SignedAmount4, fmt.Sprintf("%s-%s", xlsx.Ref{Col: rowTheirs + 1, Row: row}, xlsx.Ref{Col: rowOurs + 1, Row: row}))
	if !theirs.Equal(ours) {
		d = d.As(xlsx.Strong)
	}
	line, charged, sent := xlsx.Cell{}.As(xlsx.Quiet), xlsx.Cell{}.As(xlsx.Quiet), xlsx.Cell{}.As(xlsx.Quiet)
	if r.Line > 0 {
		line = xlsx.N(r.Line)
	}
	if !r.ChargedAt.IsZero() {
		charged = xlsx.At(r.ChargedAt, f.Period.Zone)
	}
	if !r.SentAt.IsZero() {
		sent = xlsx.At(r.SentAt, f.Period.Zone)
	}
	return []xlsx.Cell{xlsx.T(r.Class), xlsx.Outside(r.TransactionID), numberText(r.StatementID), line, sent, charged, xlsx.Outside(ledgerText(r.Endpoint)), xlsx.Outside(ledgerText(r.Region)), xlsx.Outside(r.Code),
		xlsx.Outside(r.OurPricing), xlsx.Outside(r.TheirPricing), xlsx.N(r.OurQuantity), xlsx.N(r.TheirQuantity), xlsx.Outside(ledgerText(r.Currency)), xlsx.D(ours.String(), xlsx.Amount4), xlsx.D(theirs.String(), xlsx.Amount4), d}, nil
}

// numberText is a number that names something, "" for none.
func numberText(n int64) xlsx.Cell {
	if n == 0 {
		return xlsx.Outside("")
	}
	return xlsx.T(fmt.Sprint(n)).In(xlsx.Literal)
}

// statementName is a statement's file.
func statementName(c store.StatementScope) string { return xlsx.Visible(filepath.Base(c.Path)) }
