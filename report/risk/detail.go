package risk

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// writeDetailSheets lists every answered check, oldest first.
func writeDetailSheets(ctx context.Context, book *xlsx.Workbook, d *Data) listRefs {
	columns, total := detailColumns(&d.Options), int(d.now.All.Answered)
	list := longList{name: "Detail", title: "Detail", tab: xlsx.Grey, columns: columns, total: total}
	list.note = fmt.Sprintf("%s %s %s · one row a check, its standing answer",
		page.Plural(int64(total), "check", "checks"), d.dated(), d.Period.Describe())
	list.rows = func(skip, limit int, yield func([]xlsx.Cell) error) error {
		row := make([]xlsx.Cell, 0, len(columns))
		return xlsx.Ahead(func(each func(*snapshot.Detail) error) error {
			return d.snap.Answers().Each(ctx, d.Period.From, d.Period.To, skip, limit, each)
		}, func(check *snapshot.Detail) error { return yield(detailRow(row, &d.Options, check)) })
	}
	return list.write(book)
}

func detailColumns(o *Options) []xlsx.ListColumn {
	columns := []xlsx.ListColumn{{Head: "Check", Format: xlsx.Literal, Width: 11},
		{Head: "Kind", Format: xlsx.General, Width: 12}, {Head: "ID", Format: xlsx.Literal, Width: 38},
		{Head: "Region", Format: xlsx.Literal, Width: 8}, {Head: "Endpoint", Format: xlsx.Literal, Width: 9}}
	columns = append(columns, o.timeColumns()...)
	return append(columns, []xlsx.ListColumn{{Head: "Score", Format: xlsx.Score, Width: 8},
		{Head: "Side", Format: xlsx.General, Width: 12}, {Head: "Attack type", Format: xlsx.General, Width: 14},
		{Head: "Type received", Format: xlsx.Literal, Width: 13}, {Head: "Code", Format: xlsx.Literal, Width: 24},
		{Head: "Pricing", Format: xlsx.Literal, Width: 9}, {Head: "Transaction", Format: xlsx.Literal, Width: 20},
		{Head: "Oddities", Format: xlsx.Literal, Width: 20}, {Head: "List", Format: xlsx.Literal, Width: 26},
		{Head: "Line", Format: xlsx.Count, Width: 9}}...)
}

// detailRow makes the cells of a check in the memory of the row before.
func detailRow(row []xlsx.Cell, o *Options, d *snapshot.Detail) []xlsx.Cell {
	s, score := survey.Scoreless, xlsx.Cell{}
	if d.Score != nil {
		s, score = o.rule().Side(*d.Score), xlsx.F(*d.Score, xlsx.Score)
	}
	row = append(row[:0], xlsx.T(strconv.FormatInt(d.CheckID, 10)).WithFormat(xlsx.Literal), xlsx.T(d.Kind),
		xlsx.Untrusted(d.ID), xlsx.Untrusted(d.Region), xlsx.Untrusted(d.Endpoint))
	row = append(o.appendTimes(row, d.AnsweredAt, d.CapturedAt), score, xlsx.T(s.String()),
		xlsx.T(survey.AttackOf(d.AttackType, s).String()))
	for _, text := range []string{d.AttackType, d.Code, d.Pricing, d.TransactionID, d.Repairs, filepath.Base(d.List)} {
		row = append(row, xlsx.Untrusted(text))
	}
	return append(row, xlsx.N(int64(d.Line)))
}

// WriteDetail writes every check of a risk workbook as CSV to path, whole or not at all, readable by its owner alone:
// the columns of the sheet Detail, of the same moment of the database as the rest of the workbook. Text that a
// spreadsheet program might carry out (it begins with = + - @, a tab or a carriage return) has an apostrophe before it,
// control characters stand as their pictures, numbers as they are. It ends before w is closed.
func WriteDetail(ctx context.Context, w *Workbook, path string) error {
	d := w.data
	return xlsx.WriteCSV(path, xlsx.Heads(detailColumns(&d.Options)), func(yield func([]string) error) error {
		total, written := int(d.now.All.Answered), 0
		err := d.snap.Answers().Each(ctx, d.Period.From, d.Period.To, 0, total+1, func(check *snapshot.Detail) error {
			written++
			return yield(detailLine(&d.Options, check))
		})
		if err == nil && written != total {
			err = fmt.Errorf("detail has %d rows, %d were counted", written, total)
		}
		return err
	})
}

// detailLine makes a row of the sheet Detail as text.
func detailLine(o *Options, d *snapshot.Detail) []string {
	s, score := survey.Scoreless, ""
	if d.Score != nil {
		s, score = o.rule().Side(*d.Score), strconv.FormatFloat(*d.Score, 'f', -1, 64)
	}
	moment := func(at time.Time) string { return at.In(o.Period.Zone).Format(time.DateTime) }
	line := []string{strconv.FormatInt(d.CheckID, 10), d.Kind, xlsx.EscapeFormula(d.ID), xlsx.EscapeFormula(d.Region),
		xlsx.EscapeFormula(d.Endpoint), moment(d.AnsweredAt)}
	switch {
	case o.Clock != calendar.ByCapture:
	case d.CapturedAt.IsZero():
		line = append(line, "")
	default:
		line = append(line, moment(d.CapturedAt))
	}
	line = append(line, score, s.String(), survey.AttackOf(d.AttackType, s).String())
	for _, text := range []string{d.AttackType, d.Code, d.Pricing, d.TransactionID, d.Repairs, filepath.Base(d.List)} {
		line = append(line, xlsx.EscapeFormula(text))
	}
	return append(line, strconv.Itoa(d.Line))
}
