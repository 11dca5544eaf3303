package personal

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/report/publish"
	"liverecon/store"
)

// Retain purges as [retention] says.
func Retain(ctx context.Context, p *publish.Publisher, before time.Time, log *slog.Logger) error {
	taken, err := p.Purge(ctx, before, time.Now())
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	if taken.Lists > 0 {
		log.Info("personal data purged", "before", before.Format(time.DateOnly), "ids", taken.Checks, "answers",
			taken.Answers, "rejected rows", taken.Rejects)
	}
	return nil
}

// RetainImages removes images as [retention] says.
func RetainImages(ctx context.Context, c *config.Config, s *store.Store, before time.Time, log *slog.Logger) error {
	removed, err := purgeImages(ctx, c, s, before)
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	if removed > 0 {
		log.Info("images removed", "before", before.Format(time.DateOnly), "images", removed)
	}
	return nil
}
