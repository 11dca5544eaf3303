// Package headoffice writes workbooks over the exports of several territories.
package headoffice

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/report/territories"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/parquet/load"
)

// Request describes one workbook.
type Request struct {
	Kind    string   // risk or finance
	Exports []string // directories
	Month   string   // such as 2026-11, "" for the newest that all of them have
	Config  string   // file that was named, "" for none
	Given   bool     // exports were asked for
	Other   bool     // flags were given that are of one territory's reports
}

// Write writes the workbook beside the reports of a configuration, where there is one, and returns its path.
func Write(ctx context.Context, r Request, settings func() (*config.Config, error)) (string, error) {
	const how = "such as liverecon report finance --month 2026-11 --from-exports DIR DIR"
	switch {
	case !r.Given:
		return "", config.Usage(how, "%.40q: directories of exports go with --from-exports", r.Exports[0])
	case len(r.Exports) == 0:
		return "", config.Usage(how, "--from-exports: which directories?")
	case r.Kind != "risk" && r.Kind != "finance":
		return "", config.Usage(how, "--from-exports makes the reports risk and finance, not %.40q", r.Kind)
	case r.Other:
		return "", config.Usage(how, "--from-exports is of a month, and goes with --month alone")
	}
	if _, err := calendar.ParseMonth(r.Month, time.UTC); r.Month != "" && err != nil {
		return "", config.Usage("such as --month 2026-11", "--month: %w", err)
	}
	dir := "reports" // head office may have no configuration
	if _, err := os.Stat(config.Default()); r.Config != "" || !errors.Is(err, fs.ErrNotExist) {
		c, err := settings()
		if err != nil {
			return "", err
		}
		dir = c.Reports
	}
	book, month, err := territories.Build(ctx, r.Kind, territories.Options{Exports: r.Exports, Month: r.Month,
		Version: config.Version()})
	if errors.Is(err, load.ErrUnproven) {
		return "", config.Usage("get the export again: nothing of it is counted", "%w", err)
	}
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	name := filepath.Join(dir, fmt.Sprintf("territories_%s_%s.xlsx", r.Kind, month))
	return name, xlsx.Write(book, name)
}
