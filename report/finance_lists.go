package report

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/store"
)

// longList is a list that goes on in another sheet when one is full, and how other sheets add it up.
type longList struct {
	sheets []*Sheet
}

// longList writes the sheets of a list of total rows; rows gives at most limit of them after skip.
func (f *finance) longList(name, title, note, tab string, columns []ListColumn, total int64, roles []Role, rows func(s *Sheet, skip, limit int, yield func([]Cell) error) error) *longList {
	l := &longList{}
	for part := 0; part == 0 || int64(part)*int64(f.sheetRows) < total; part++ {
		s := f.book.NewSheet(name)
		if part > 0 {
			s.Name = fmt.Sprintf("%s (%d)", name, part+1)
		}
		s.Tab, s.Frozen, s.Repeat = tab, listFirst-1, listFirst-1
		s.Heights[listFirst-1] = 28
		listTitle(s, title, note)
		skip := part * f.sheetRows
		s.List = &List{First: listFirst - 1, Count: int(min(int64(f.sheetRows), total-int64(skip))), Columns: columns, Roles: roles,
			Rows: func(yield func([]Cell) error) error { return rows(s, skip, f.sheetRows, yield) }}
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
			a := s.List.column(col)
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

func (f *finance) rowColumns() []ListColumn {
	zone := " (" + zoneName(f.Period.Zone) + ")"
	return []ListColumn{{"Class", General, 20}, {"Transaction", Literal, 19}, {"Stmt", Literal, 5}, {"Line", Count, 9}, {"Sent at" + zone, Moment, 18}, {"Charged at" + zone, Moment, 18}, {"Endpoint", Literal, 9},
		{"Region", Literal, 7}, {"Code", Literal, 25}, {"Our pricing", Literal, 8}, {"Their pricing", Literal, 8}, {"Our calls", Count, 8}, {"Their calls", Count, 8}, {"Currency", Literal, 9},
		{"Ours", Amount4, 12}, {"Theirs", Amount4, 12}, {"Difference", SignedAmount4, 12}}
}

// statuses are what somebody may make of an exception.
func statuses() []string {
	return []string{statusOpen, statusDisputed, "accepted", "credited", statusExplained}
}

const (
	statusOpen      = "open"
	statusDisputed  = "disputed"
	statusExplained = "explained"
)

// exceptionSheets lists every row that is not matched, with cells to work it.
func (f *finance) exceptionSheets(ctx context.Context) {
	total := int64(0)
	for _, e := range f.settled.exceptions {
		total += e.rows
	}
	columns := append(f.rowColumns(), ListColumn{"At issue", SignedAmount4, 12}, ListColumn{"Age, days", Count, 6}, ListColumn{"Suggested action", General, 32}, ListColumn{"Status", General, 10}, ListColumn{"Owner", General, 12}, ListColumn{"Comment", General, 22},
		ListColumn{"Call", Literal, 9}, ListColumn{"Note", Literal, 34})
	note := fmt.Sprintf("%s that did not match · set status, owner and comment in the yellow cells: Reconciliation and Sign-off count what is still open · Stmt: the statement's number, see Definitions", plural(total, "row", "rows"))
	f.places.exceptions = f.longList("Exceptions", "Exceptions", note, orange, columns, total, []Role{Input, Strong, Quiet}, func(s *Sheet, skip, limit int, yield func([]Cell) error) error {
		row := listFirst - 1
		return f.facts.EachReconciled(ctx, f.settled.ID, true, skip, limit, func(r *store.ReconciledRow) error {
			row++
			cells, err := f.rowCells(r, row)
			if err != nil {
				return err
			}
			class, status := classOf(r.Class), statusExplained
			if class.open {
				status = statusOpen
			}
			issue, err := atIssue(r, cells[rowDifference], row)
			if err != nil {
				return err
			}
			blank := Cell{}.As(Input)
			return yield(append(cells, issue, N(ageDays(rowTime(r), f.Generated)), T(action(class, issue)), T(status).As(Input), blank, blank, numberText(r.CallID), Outside(r.Note)))
		})
	})
	for _, s := range f.places.exceptions.sheets {
		if s.List.Count > 0 {
			status := s.List.column(exceptionStatus)
			s.Choices = append(s.Choices, Choice{At: status, Items: statuses()})
			s.Marks = append(s.Marks, Marking{At: status, Begins: statusOpen})
		}
	}
}

// atIssue is what of a row's difference there is to talk about: all but what is explained.
func atIssue(r *store.ReconciledRow, d Cell, row int) (Cell, error) {
	explained, err := decimal.NewFromString(r.Explained)
	if err != nil {
		return d, fmt.Errorf("%s, transaction %q: explained amount: %w", r.Class, r.TransactionID, err)
	}
	formula := Ref{rowDifference + 1, row}.String()
	if !explained.IsZero() {
		formula += "-(" + explained.String() + ")"
	}
	return difference(d.amount().Sub(explained), SignedAmount4, formula), nil
}

// action is what to do about a row: what they bill below our records needs no dispute.
func action(class classText, issue Cell) string {
	if (class.name == classPrice || class.name == classQuantity) && issue.amount().IsNegative() {
		return "Accept: below our records"
	}
	return class.action
}

// rowsInside says whether the reconciled lines stand in the workbook.
func (f *finance) rowsInside() bool {
	most := f.LinesInside
	if most == 0 {
		most = 100_000
	}
	return f.settled.rows <= most
}

func (f *finance) lineColumns() []ListColumn {
	return append(f.rowColumns(), ListColumn{"Call", Literal, 9}, ListColumn{"Check", Literal, 9}, ListColumn{"Attempt", Count, 8}, ListColumn{"Note", Literal, 34})
}

// lineSheets lists every reconciled row.
func (f *finance) lineSheets(ctx context.Context) {
	note := fmt.Sprintf("%s of either side, matched or not · each stands in exactly one class", plural(f.settled.rows, "row", "rows"))
	f.places.lines = f.longList("Lines", "Reconciled lines", note, grey, f.lineColumns(), f.settled.rows, []Role{Strong, Quiet}, func(s *Sheet, skip, limit int, yield func([]Cell) error) error {
		row := listFirst - 1
		return f.facts.EachReconciled(ctx, f.settled.ID, false, skip, limit, func(r *store.ReconciledRow) error {
			row++
			cells, err := f.rowCells(r, row)
			if err != nil {
				return err
			}
			attempt := Cell{}.As(Quiet)
			if r.Attempt > 0 {
				attempt = N(int64(r.Attempt))
			}
			return yield(append(cells, numberText(r.CallID), numberText(r.CheckID), attempt, Outside(r.Note)))
		})
	})
}

// rowCells are the columns that exceptions and lines share.
func (f *finance) rowCells(r *store.ReconciledRow, row int) ([]Cell, error) {
	ours, theirs, err := amounts(r.OurAmount, r.TheirAmount)
	if err != nil {
		return nil, fmt.Errorf("%s, transaction %q: %w", r.Class, r.TransactionID, err)
	}
	d := difference(theirs.Sub(ours), SignedAmount4, fmt.Sprintf("%s-%s", Ref{rowTheirs + 1, row}, Ref{rowOurs + 1, row}))
	if !theirs.Equal(ours) {
		d = d.As(Strong)
	}
	line, charged, sent := Cell{}.As(Quiet), Cell{}.As(Quiet), Cell{}.As(Quiet)
	if r.Line > 0 {
		line = N(r.Line)
	}
	if !r.ChargedAt.IsZero() {
		charged = At(r.ChargedAt, f.Period.Zone)
	}
	if !r.SentAt.IsZero() {
		sent = At(r.SentAt, f.Period.Zone)
	}
	return []Cell{T(r.Class), Outside(r.TransactionID), numberText(r.StatementID), line, sent, charged, Outside(ledgerText(r.Endpoint)), Outside(ledgerText(r.Region)), Outside(r.Code),
		Outside(r.OurPricing), Outside(r.TheirPricing), N(r.OurQuantity), N(r.TheirQuantity), Outside(ledgerText(r.Currency)), D(ours.String(), Amount4), D(theirs.String(), Amount4), d}, nil
}

// numberText is a number that names something, "" for none.
func numberText(n int64) Cell {
	if n == 0 {
		return Outside("")
	}
	return T(fmt.Sprint(n)).In(Literal)
}

// statementName is a statement's file.
func statementName(c store.StatementScope) string { return visible(filepath.Base(c.Path)) }
