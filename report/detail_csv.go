package report

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"liverecon/store"
)

// WriteDetail writes every check of a risk workbook as CSV to path, whole or not at all, readable by its owner alone: the
// columns of the sheet Detail, of the same moment of the database as the rest of the workbook. Text that a spreadsheet
// program might carry out (it begins with = + - @, a tab or a carriage return) has an apostrophe before it; numbers stand
// as they are. It ends before w is closed.
func WriteDetail(ctx context.Context, w *Workbook, path string) error {
	if w.risk == nil {
		return errors.New("write detail: not a risk workbook")
	}
	return replaceFile(path, func(out io.Writer) error { return w.risk.detailCSV(ctx, out) })
}

func (r *risk) detailCSV(ctx context.Context, out io.Writer) error {
	buffer := bufio.NewWriterSize(out, 1<<16)
	lines := csv.NewWriter(buffer)
	if err := lines.Write(heads(r.detailColumns())); err != nil {
		return err
	}
	total, written := int(r.now.all.answered), 0
	err := r.facts.EachDetail(ctx, r.Period.From, r.Period.To, 0, total+1, func(d *store.Detail) error {
		written++
		return lines.Write(r.detailLine(d))
	})
	if err != nil {
		return err
	}
	if written != total {
		return fmt.Errorf("detail has %d rows, %d were counted", written, total)
	}
	lines.Flush()
	return errors.Join(lines.Error(), buffer.Flush())
}

func heads(columns []ListColumn) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Head
	}
	return all
}

// detailLine is a row of the sheet Detail as text.
func (r *risk) detailLine(d *store.Detail) []string {
	s, score := scoreless, ""
	if d.Score != nil {
		s, score = sideOf(*d.Score, r.rule), strconv.FormatFloat(*d.Score, 'f', -1, 64)
	}
	return []string{strconv.FormatInt(d.CheckID, 10), d.Kind, Harmless(d.ID), Harmless(d.Region), Harmless(d.Endpoint), d.AnsweredAt.In(r.Period.Zone).Format(time.DateTime), score, s.String(),
		attackOf(d.AttackType, s).String(), Harmless(d.AttackType), Harmless(d.Code), Harmless(d.Pricing), Harmless(d.TransactionID), Harmless(d.Oddities), Harmless(filepath.Base(d.List)), strconv.Itoa(d.Line)}
}

// Harmless makes a text from outside safe to open as CSV: a spreadsheet program would take one that begins with = + - @, a
// tab or a carriage return for a formula and might carry it out. Such a text gets an apostrophe before it.
func Harmless(text string) string {
	if text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		return "'" + text
	}
	return text
}
