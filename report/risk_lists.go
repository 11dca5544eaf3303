package report

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"liverecon/store"
)

// listRows is how many rows a list has before it goes on in another sheet.
const listRows = 1_000_000

// detailSheets lists every answered check, oldest first.
func (r *risk) detailSheets(ctx context.Context) {
	total := int(r.now.all.answered)
	note := fmt.Sprintf("%s %s %s · one row a check, its standing answer", plural(int64(total), "check", "checks"), r.dated(), r.Period.describe())
	r.addList("Detail", "Detail", note, grey, r.detailColumns(), total, func(skip, limit int, yield func([]Cell) error) error {
		row := make([]Cell, 0, len(r.detailColumns()))
		return ahead(func(each func(*store.Detail) error) error {
			return r.facts.EachDetail(ctx, r.Period.From, r.Period.To, skip, limit, each)
		}, func(d *store.Detail) error { return yield(r.detailRow(row, d)) })
	})
}

func (r *risk) detailColumns() []ListColumn {
	columns := []ListColumn{{"Check", Literal, 11}, {"Kind", General, 12}, {"ID", Literal, 38}, {"Region", Literal, 8}, {"Endpoint", Literal, 9}}
	return append(append(columns, r.timeColumns()...), ListColumn{"Score", Score, 8}, ListColumn{"Side", General, 12}, ListColumn{"Attack type", General, 14}, ListColumn{"Type received", Literal, 13},
		ListColumn{"Code", Literal, 24}, ListColumn{"Pricing", Literal, 9}, ListColumn{"Transaction", Literal, 20}, ListColumn{"Oddities", Literal, 20}, ListColumn{"List", Literal, 26}, ListColumn{"Line", Count, 9})
}

// timeColumns are the columns of a check's times: by the clock of capture also that of its picture, which ties it to its day.
func (r *risk) timeColumns() []ListColumn {
	zone := " (" + r.Period.Zone.String() + ")"
	columns := []ListColumn{{"Answered at" + zone, Moment, 19}}
	if r.Clock == store.ByCapture {
		columns = append(columns, ListColumn{"Captured at" + zone, Moment, 19})
	}
	return columns
}

// times appends the cells of these columns; where the vendor does not say when a picture was taken, there is none.
func (r *risk) times(row []Cell, answered, captured time.Time) []Cell {
	row = append(row, At(answered, r.Period.Zone))
	if r.Clock != store.ByCapture {
		return row
	}
	if captured.IsZero() {
		return append(row, Cell{})
	}
	return append(row, At(captured, r.Period.Zone))
}

// detailRow makes a row in the place of the one before.
func (r *risk) detailRow(row []Cell, d *store.Detail) []Cell {
	s, score := scoreless, Cell{}
	if d.Score != nil {
		s, score = sideOf(*d.Score, r.rule), F(*d.Score, Score)
	}
	row = append(row[:0], T(strconv.FormatInt(d.CheckID, 10)).In(Literal), T(d.Kind), Outside(d.ID), Outside(d.Region), Outside(d.Endpoint))
	return append(r.times(row, d.AnsweredAt, d.CapturedAt), score, T(s.String()),
		T(attackOf(d.AttackType, s).String()), Outside(d.AttackType), Outside(d.Code), Outside(d.Pricing), Outside(d.TransactionID), Outside(d.Oddities), Outside(filepath.Base(d.List)), N(int64(d.Line)))
}

// addList adds the sheets of one list, a new one after every listRows rows, and returns them. rows gives at most limit rows
// after skip.
func (r *risk) addList(name, title, note, tab string, columns []ListColumn, total int, rows func(skip, limit int, yield func([]Cell) error) error) (parts []*Sheet) {
	for part := 0; part == 0 || part*listRows < total; part++ {
		s := r.book.NewSheet(name)
		if part > 0 {
			s.Name = fmt.Sprintf("%s (%d)", name, part+1)
		}
		s.Tab = tab
		s.Set(Ref{1, 2}, T(title).As(Title))
		s.Set(Ref{1, 3}, T(note).As(Subtitle))
		s.Heights[2], s.Heights[3], s.Heights[5] = 26, 17, listHeadHeight(columns)
		skip, count := part*listRows, min(listRows, total-part*listRows)
		s.List = &List{First: 5, Count: count, Columns: columns, Roles: []Role{Input, Quiet, ListLink}, Rows: func(yield func([]Cell) error) error { return rows(skip, listRows, yield) }}
		s.Frozen, s.Repeat = 5, 5
		parts = append(parts, s)
	}
	return parts
}

// listHeadHeight is the height of a list's header in points.
func listHeadHeight(columns []ListColumn) float64 {
	tallest := 1
	for _, c := range columns {
		tallest = max(tallest, headLines(c.Head, int(c.Width)))
	}
	return float64(5 + 13*tallest)
}
