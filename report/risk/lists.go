package risk

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// detailSheets lists every answered check, oldest first.
func (r *risk) detailSheets(ctx context.Context) {
	total := int(r.now.all.answered)
	note := fmt.Sprintf("%s %s %s · one row a check, its standing answer", page.Plural(int64(total), "check", "checks"), r.dated(), r.Period.Describe())
	r.addList("Detail", "Detail", note, xlsx.Grey, r.detailColumns(), total, func(skip, limit int, yield func([]xlsx.Cell) error) error {
		row := make([]xlsx.Cell, 0, len(r.detailColumns()))
		return xlsx.Ahead(func(each func(*store.Detail) error) error {
			return r.snap.EachDetail(ctx, r.Period.From, r.Period.To, skip, limit, each)
		}, func(d *store.Detail) error { return yield(r.detailRow(row, d)) })
	})
}

func (r *risk) detailColumns() []xlsx.ListColumn {
	columns := []xlsx.ListColumn{{Head: "Check", Format: xlsx.Literal, Width: 11}, {Head: "Kind", Format: xlsx.General, Width: 12}, {Head: "ID", Format: xlsx.Literal, Width: 38}, {Head: "Region", Format: xlsx.Literal, Width: 8}, {Head: "Endpoint", Format: xlsx.Literal, Width: 9}}
	return append(append(columns, r.timeColumns()...), xlsx.ListColumn{Head: "Score", Format: xlsx.Score, Width: 8}, xlsx.ListColumn{Head: "Side", Format: xlsx.General, Width: 12}, xlsx.ListColumn{Head: "Attack type", Format: xlsx.General, Width: 14}, xlsx.ListColumn{Head: "Type received", Format: xlsx.Literal, Width: 13},
		xlsx.ListColumn{Head: "Code", Format: xlsx.Literal, Width: 24}, xlsx.ListColumn{Head: "Pricing", Format: xlsx.Literal, Width: 9}, xlsx.ListColumn{Head: "Transaction", Format: xlsx.Literal, Width: 20}, xlsx.ListColumn{Head: "Oddities", Format: xlsx.Literal, Width: 20}, xlsx.ListColumn{Head: "List", Format: xlsx.Literal, Width: 26}, xlsx.ListColumn{Head: "Line", Format: xlsx.Count, Width: 9})
}

// timeColumns are the columns of a check's times: by the clock of capture also that of its picture, which ties it to its day.
func (r *risk) timeColumns() []xlsx.ListColumn {
	zone := " (" + r.Period.Zone.String() + ")"
	columns := []xlsx.ListColumn{{Head: "Answered at" + zone, Format: xlsx.Moment, Width: 19}}
	if r.Clock == store.ByCapture {
		columns = append(columns, xlsx.ListColumn{Head: "Captured at" + zone, Format: xlsx.Moment, Width: 19})
	}
	return columns
}

// times appends the cells of these columns; where the vendor does not say when a picture was taken, there is none.
func (r *risk) times(row []xlsx.Cell, answered, captured time.Time) []xlsx.Cell {
	row = append(row, xlsx.At(answered, r.Period.Zone))
	if r.Clock != store.ByCapture {
		return row
	}
	if captured.IsZero() {
		return append(row, xlsx.Cell{})
	}
	return append(row, xlsx.At(captured, r.Period.Zone))
}

// detailRow makes a row in the place of the one before.
func (r *risk) detailRow(row []xlsx.Cell, d *store.Detail) []xlsx.Cell {
	s, score := scoreless, xlsx.Cell{}
	if d.Score != nil {
		s, score = sideOf(*d.Score, r.rule), xlsx.F(*d.Score, xlsx.Score)
	}
	row = append(row[:0], xlsx.T(strconv.FormatInt(d.CheckID, 10)).In(xlsx.Literal), xlsx.T(d.Kind), xlsx.Outside(d.ID), xlsx.Outside(d.Region), xlsx.Outside(d.Endpoint))
	return append(r.times(row, d.AnsweredAt, d.CapturedAt), score, xlsx.T(s.String()),
		xlsx.T(attackOf(d.AttackType, s).String()), xlsx.Outside(d.AttackType), xlsx.Outside(d.Code), xlsx.Outside(d.Pricing), xlsx.Outside(d.TransactionID), xlsx.Outside(d.Oddities), xlsx.Outside(filepath.Base(d.List)), xlsx.N(int64(d.Line)))
}

// addList adds the sheets of one list, a new one after every page.ListRows rows, and returns them. rows gives at most limit rows
// after skip.
func (r *risk) addList(name, title, note, tab string, columns []xlsx.ListColumn, total int, rows func(skip, limit int, yield func([]xlsx.Cell) error) error) (parts []*xlsx.Sheet) {
	for part := 0; part == 0 || part*page.ListRows < total; part++ {
		s := r.book.NewSheet(name)
		if part > 0 {
			s.Name = fmt.Sprintf("%s (%d)", name, part+1)
		}
		s.Tab = tab
		s.Set(xlsx.Ref{Col: 1, Row: 2}, xlsx.T(title).As(xlsx.Title))
		s.Set(xlsx.Ref{Col: 1, Row: 3}, xlsx.T(note).As(xlsx.Subtitle))
		s.Heights[2], s.Heights[3], s.Heights[5] = 26, 17, listHeadHeight(columns)
		skip, count := part*page.ListRows, min(page.ListRows, total-part*page.ListRows)
		s.List = &xlsx.List{First: 5, Count: count, Columns: columns, Roles: []xlsx.Role{xlsx.Input, xlsx.Quiet, xlsx.ListLink}, Rows: func(yield func([]xlsx.Cell) error) error { return rows(skip, page.ListRows, yield) }}
		s.Frozen, s.Repeat = 5, 5
		parts = append(parts, s)
	}
	return parts
}

// listHeadHeight is the height of a list's header in points.
func listHeadHeight(columns []xlsx.ListColumn) float64 {
	tallest := 1
	for _, c := range columns {
		tallest = max(tallest, page.HeadLines(c.Head, int(c.Width)))
	}
	return float64(5 + 13*tallest)
}
