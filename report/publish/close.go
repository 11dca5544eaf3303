package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"liverecon/report/risk"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/disk"
)

// Close writes a month's two workbooks and returns them as they are kept.
func (p *Publisher) Close(ctx context.Context, label string) ([]accounts.ClosedFile, error) {
	risk, err := calendar.ParseMonth(label, p.Zone)
	if err != nil {
		return nil, err
	}
	finance, err := calendar.ParseMonth(label, p.BillingZone)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.Finance(ctx, finance),
		p.Risk(ctx, RiskFile{Period: risk, Detail: DetailNone})); err != nil {
		return nil, err
	}
	var kept []accounts.ClosedFile
	for _, file := range p.Files {
		kind, _, _ := strings.Cut(filepath.Base(file), "_")
		if filepath.Ext(file) != ".xlsx" { // lines beside a workbook can be written again: they never change
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		kept = append(kept, accounts.ClosedFile{Kind: kind, Name: filepath.Base(file), Content: content})
	}
	return kept, nil
}

// WriteKept writes the workbook that is kept for a closed month, and reports whether there is one. A month in which
// somebody was erased since has none any more: it is made anew.
func (p *Publisher) WriteKept(ctx context.Context, kind string, period calendar.Period) (bool, error) {
	if !period.IsMonth() {
		return false, nil
	}
	kept, closed, err := p.Store.Months().File(ctx, period.Label, kind)
	if err != nil || !closed || kept.Content == nil {
		return false, err
	}
	if err := MakeReportDirectory(p.Reports); err != nil {
		return false, err
	}
	file := filepath.Join(p.Reports, kept.Name)
	err = disk.Replace(file, func(w io.Writer) error {
		_, err := w.Write(kept.Content)
		return err
	})
	if err == nil {
		err = p.done(file)
	}
	return true, err
}

// keptRisk writes the risk workbook that is kept for a closed month. With its list of checks inside it would be another
// workbook of the same name, which is refused; a comparison with another period has a name of its own.
func (p *Publisher) keptRisk(ctx context.Context, f RiskFile) (bool, error) {
	if f.Compare != (calendar.Period{}) {
		return false, nil
	}
	kept, err := p.WriteKept(ctx, "risk", f.Period)
	if !kept || err != nil || f.Detail == DetailNone {
		return kept, err
	}
	if f.Detail == DetailXLSX {
		return true, &FrozenError{f.Period.Label}
	}
	w, err := risk.Build(ctx, p.Store, risk.Options{Period: f.Period, Clock: p.Clock, Threshold: p.Threshold,
		Inclusive: p.Inclusive, Version: p.Version, NoDetail: true})
	if err != nil {
		return true, fmt.Errorf("risk %s: %w", f.Period.Label, err)
	}
	return true, errors.Join(p.detail(ctx, w, f.name()+"_detail.csv"), w.Close())
}

// FrozenError is the error of a workbook of a closed month with another content than the one that is kept.
type FrozenError struct{ month string }

func (e *FrozenError) Error() string { return e.month + " is closed: its workbook stays as it is" }
