package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"liverecon/report/claims"
	"liverecon/report/digest"
	"liverecon/report/risk"
	"liverecon/store/calendar"
)

// RiskFile represents a risk workbook that is to be written.
type RiskFile struct {
	Period  calendar.Period
	Compare calendar.Period // the zero Period stands for the one before, of equal length
	Detail  string          // where the list of every check goes: DetailNone, DetailCSV or DetailXLSX
}

// The places for the list of every check. In a month's workbook it would be a file that grows every night.
const (
	DetailNone = "none"
	DetailCSV  = "csv"
	DetailXLSX = "xlsx"
)

// name returns the file's name without its ending. A workbook that compares with another period than the usual one does
// not take the usual one's place.
func (f RiskFile) name() string {
	if f.Compare != (calendar.Period{}) {
		return "risk_" + f.Period.Label + "_against_" + f.Compare.Label
	}
	return "risk_" + f.Period.Label
}

// Risk writes a risk workbook, and its detail beside it when that goes there: both of one moment of the database.
func (p *Publisher) Risk(ctx context.Context, f RiskFile) error {
	if kept, err := p.keptRisk(ctx, f); err != nil || kept {
		return err
	}
	w, err := risk.Build(ctx, p.Store, p.riskOptions(f))
	if err != nil {
		return fmt.Errorf("risk %s: %w", f.Period.Label, err)
	}
	if f.Detail == DetailCSV {
		if err := p.writeDetail(ctx, w, f); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	if err := p.writeRiskDigest(f, w); err != nil {
		return errors.Join(err, w.Close())
	}
	if err := p.folder.write(ctx, w.Workbook, f.name()+".xlsx"); err != nil || f.Detail == DetailCSV || p.folder.renewing {
		return err // where reports are renewed, the list is renewed as one of them
	}
	return p.warnOfDetail(f)
}

func (p *Publisher) riskOptions(f RiskFile) risk.Options {
	return risk.Options{
		Period: f.Period, Compare: f.Compare, Baseline: p.Baseline, Clock: p.Clock, Threshold: p.Threshold,
		Inclusive: p.Inclusive,
		Version:   p.Version, Verdict: p.verdict,
		NoDetail: f.Detail != DetailXLSX, Images: p.Images, Keep: p.Keep, Key: p.Key, Review: p.Review,
	}
}

// Claims returns what a risk workbook claims, of a closed month too, as the database has it now.
func (p *Publisher) Claims(ctx context.Context, f RiskFile) (claims.Report, error) {
	return risk.ReadClaims(ctx, p.Store, p.riskOptions(f))
}

// warnOfDetail tells of a list of every check beside a workbook that was just written without it: the list is of an
// earlier moment, and its totals may be others. It stays, since somebody asked for it.
func (p *Publisher) warnOfDetail(f RiskFile) error {
	file := filepath.Join(p.Reports, f.name()+"_detail.csv")
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	p.Warn(file+" is older than its workbook", "`liverecon report risk` with --detail csv writes both anew")
	return nil
}

// keptRisk writes the risk workbook that is kept for a closed month. With its list of checks inside it would be another
// workbook of the same name, which is refused; a comparison with another period has a name of its own.
func (p *Publisher) keptRisk(ctx context.Context, f RiskFile) (bool, error) {
	if f.Compare != (calendar.Period{}) {
		return false, nil
	}
	kept, err := p.folder.writeKept(ctx, "risk", f.Period)
	if !kept || err != nil || f.Detail == DetailNone {
		return kept, err
	}
	if f.Detail == DetailXLSX {
		return true, &FrozenError{f.Period.Label}
	}
	w, err := risk.Build(ctx, p.Store, risk.Options{Period: f.Period, Baseline: p.Baseline, Clock: p.Clock,
		Threshold: p.Threshold, Inclusive: p.Inclusive, Version: p.Version, NoDetail: true})
	if err != nil {
		return true, fmt.Errorf("risk %s: %w", f.Period.Label, err)
	}
	return true, errors.Join(p.writeDetail(ctx, w, f), w.Close())
}

// writeDetail writes the list of every check as CSV.
func (p *Publisher) writeDetail(ctx context.Context, w *risk.Workbook, f RiskFile) error {
	return p.folder.add(f.name()+"_detail.csv", func(file string) error { return risk.WriteDetail(ctx, w, file) })
}

// DigestOf returns the first page of a workbook as a page for mail: of a finance workbook, or else of a risk workbook.
func (p *Publisher) DigestOf(ctx context.Context, kind string, f RiskFile) (digest.Page, error) {
	if kind == "finance" {
		return p.FinanceDigest(ctx, f.Period)
	}
	return p.RiskDigest(ctx, f)
}

// RiskDigest returns the first page of a risk workbook as a page for mail; of a closed month, too, as the database has
// it now.
func (p *Publisher) RiskDigest(ctx context.Context, f RiskFile) (digest.Page, error) {
	f.Detail = DetailNone
	w, err := risk.Build(ctx, p.Store, p.riskOptions(f))
	if err != nil {
		return digest.Page{}, err
	}
	return w.Digest(), w.Close()
}

// writeRiskDigest writes the page for mail beside a risk workbook, where that is set.
func (p *Publisher) writeRiskDigest(f RiskFile, w *risk.Workbook) error {
	if !p.Digest {
		return nil
	}
	return p.folder.digest(f.name(), w.Digest())
}
