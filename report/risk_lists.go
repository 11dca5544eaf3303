package report

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strconv"

	"liverecon/store"
)

// listRows is how many rows a list has before it goes on in another sheet.
const listRows = 1_000_000

// queueSheets lists the suspicious checks for the people who look at them, the most pressing first.
func (r *risk) queueSheets(ctx context.Context) {
	total := int(r.now.all.suspicious())
	note := fmt.Sprintf("%s, answered %s · priority 1: injection or score below 10; 2: presentation or below 30; 3: other · age at %s · yellow cells are the reviewer's",
		plural(int64(total), "check with "+r.rule.words(), "checks with "+r.rule.words()), r.Period.describe(), r.Generated.In(r.Period.Zone).Format("2006-01-02 15:04"))
	columns := []ListColumn{{"Priority", Count, 9}, {"Transaction", Literal, 20}, {"ID", Literal, 38}, {"Region", Literal, 18}, {"Answered at (" + r.Period.Zone.String() + ")", Moment, 28}, {"Score", Score, 8},
		{"Attack type", General, 15}, {"Age, hours", Score, 11}, {"Decision", General, 14}, {"Reviewer", General, 18}, {"Decided at", General, 18}, {"Comment", General, 40}}
	r.addList("Manual queue", "Manual-check queue", note, orange, columns, total, func(skip, limit int, yield func([]Cell) error) error {
		return r.facts.EachSuspicious(ctx, r.Period.From, r.Period.To, r.Threshold, r.Inclusive, skip, limit, func(d *store.Detail) error { return yield(r.queueRow(d)) })
	})
}

// decisions are what a reviewer may decide.
func decisions() []string { return []string{"genuine", "attack", "unclear", "escalated"} }

func (r *risk) queueRow(d *store.Detail) []Cell {
	blank := Cell{}.As(Input)
	return []Cell{N(int64(priority(d))), Outside(d.TransactionID), Outside(d.ID), T(regionName(d.Region)).In(Literal), At(d.AnsweredAt, r.Period.Zone), F(*d.Score, Score),
		T(attackOf(d.AttackType, suspicious).String()), F(math.Round(r.Generated.Sub(d.AnsweredAt).Hours()*10)/10, Score), blank, blank, blank, blank}
}

// priority is 1 for what presses most, 3 for what can wait; the database sorts by the same rule.
func priority(d *store.Detail) int {
	switch {
	case d.AttackType == "2" || *d.Score < 10:
		return 1
	case d.AttackType == "1" || *d.Score < 30:
		return 2
	}
	return 3
}

// detailSheets lists every answered check, oldest first.
func (r *risk) detailSheets(ctx context.Context) {
	total := int(r.now.all.answered)
	note := fmt.Sprintf("%s answered %s · one row a check, its standing answer", plural(int64(total), "check", "checks"), r.Period.describe())
	r.addList("Detail", "Detail", note, grey, r.detailColumns(), total, func(skip, limit int, yield func([]Cell) error) error {
		row := make([]Cell, 0, len(r.detailColumns()))
		return ahead(func(each func(*store.Detail) error) error {
			return r.facts.EachDetail(ctx, r.Period.From, r.Period.To, skip, limit, each)
		}, func(d *store.Detail) error { return yield(r.detailRow(row, d)) })
	})
}

func (r *risk) detailColumns() []ListColumn {
	return []ListColumn{{"Check", Literal, 11}, {"Kind", General, 12}, {"ID", Literal, 38}, {"Region", Literal, 8}, {"Endpoint", Literal, 9}, {"Answered at (" + r.Period.Zone.String() + ")", Moment, 28},
		{"Score", Score, 8}, {"Side", General, 12}, {"Attack type", General, 14}, {"Type received", Literal, 13}, {"Code", Literal, 24}, {"Pricing", Literal, 9}, {"Transaction", Literal, 20},
		{"Oddities", Literal, 20}, {"List", Literal, 26}, {"Line", Count, 9}}
}

// detailRow makes a row in the place of the one before.
func (r *risk) detailRow(row []Cell, d *store.Detail) []Cell {
	s, score := scoreless, Cell{}
	if d.Score != nil {
		s, score = sideOf(*d.Score, r.rule), F(*d.Score, Score)
	}
	return append(row[:0], T(strconv.FormatInt(d.CheckID, 10)).In(Literal), T(d.Kind), Outside(d.ID), Outside(d.Region), Outside(d.Endpoint), At(d.AnsweredAt, r.Period.Zone), score, T(s.String()),
		T(attackOf(d.AttackType, s).String()), Outside(d.AttackType), Outside(d.Code), Outside(d.Pricing), Outside(d.TransactionID), Outside(d.Oddities), Outside(filepath.Base(d.List)), N(int64(d.Line)))
}

// addList adds the sheets of one list, a new one after every listRows rows. rows gives at most limit rows after skip.
func (r *risk) addList(name, title, note, tab string, columns []ListColumn, total int, rows func(skip, limit int, yield func([]Cell) error) error) {
	for part := 0; part == 0 || part*listRows < total; part++ {
		s := r.book.NewSheet(name)
		if part > 0 {
			s.Name = fmt.Sprintf("%s (%d)", name, part+1)
		}
		s.Tab = tab
		s.Set(Ref{1, 2}, T(title).As(Title))
		s.Set(Ref{1, 3}, T(note).As(Subtitle))
		s.Heights[2], s.Heights[3] = 26, 17
		skip, count := part*listRows, min(listRows, total-part*listRows)
		s.List = &List{First: 5, Count: count, Columns: columns, Roles: []Role{Input}, Rows: func(yield func([]Cell) error) error { return rows(skip, listRows, yield) }}
		s.Frozen, s.Repeat = 5, 5
		for i, c := range columns {
			if c.Head == "Decision" && count > 0 {
				s.Choices = append(s.Choices, Choice{At: Area{From: Ref{i + 1, 6}, To: Ref{i + 1, 5 + count}}, Items: decisions()})
			}
		}
	}
}
