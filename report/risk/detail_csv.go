package risk

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"liverecon/report/xlsx"
	"liverecon/store"
)

// WriteDetail writes every check of a risk workbook as CSV to path, whole or not at all, readable by its owner alone: the
// columns of the sheet Detail, of the same moment of the database as the rest of the workbook. Text that a spreadsheet
// program might carry out (it begins with = + - @, a tab or a carriage return) has an apostrophe before it, control
// characters stand as their pictures, numbers as they are. It ends before w is closed.
func WriteDetail(ctx context.Context, w *Workbook, path string) error {
	return xlsx.WriteCSV(path, xlsx.Heads(w.risk.detailColumns()), func(yield func([]string) error) error { return w.risk.detailLines(ctx, yield) })
}

func (r *risk) detailLines(ctx context.Context, yield func([]string) error) error {
	total, written := int(r.now.all.answered), 0
	err := r.snap.EachDetail(ctx, r.Period.From, r.Period.To, 0, total+1, func(d *store.Detail) error {
		written++
		return yield(r.detailLine(d))
	})
	if err == nil && written != total {
		err = fmt.Errorf("detail has %d rows, %d were counted", written, total)
	}
	return err
}

// detailLine is a row of the sheet Detail as text.
func (r *risk) detailLine(d *store.Detail) []string {
	s, score := scoreless, ""
	if d.Score != nil {
		s, score = sideOf(*d.Score, r.rule), strconv.FormatFloat(*d.Score, 'f', -1, 64)
	}
	moment := func(at time.Time) string { return at.In(r.Period.Zone).Format(time.DateTime) }
	line := []string{strconv.FormatInt(d.CheckID, 10), d.Kind, xlsx.Harmless(d.ID), xlsx.Harmless(d.Region), xlsx.Harmless(d.Endpoint), moment(d.AnsweredAt)}
	switch {
	case r.Clock != store.ByCapture:
	case d.CapturedAt.IsZero():
		line = append(line, "")
	default:
		line = append(line, moment(d.CapturedAt))
	}
	return append(line, score, s.String(),
		attackOf(d.AttackType, s).String(), xlsx.Harmless(d.AttackType), xlsx.Harmless(d.Code), xlsx.Harmless(d.Pricing), xlsx.Harmless(d.TransactionID), xlsx.Harmless(d.Oddities), xlsx.Harmless(filepath.Base(d.List)), strconv.Itoa(d.Line))
}
