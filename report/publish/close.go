package publish

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"liverecon/store/accounts"
	"liverecon/store/calendar"
)

// Close writes a month's two workbooks and returns them as they are kept.
func Close(ctx context.Context, p *Publisher, label string) ([]accounts.ClosedFile, error) {
	risk, err := calendar.ParseMonth(label, p.Zone)
	if err != nil {
		return nil, err
	}
	finance, err := p.billing().Parse(label)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(p.Finance(ctx, finance),
		p.Risk(ctx, RiskFile{Period: risk, Detail: DetailNone})); err != nil {
		return nil, err
	}
	var kept []accounts.ClosedFile
	for _, file := range p.folder.files {
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

// FrozenError represents the error of a workbook of a closed month with another content than the one that is kept.
type FrozenError struct{ month string }

func (e *FrozenError) Error() string { return e.month + " is closed: its workbook stays as it is" }
