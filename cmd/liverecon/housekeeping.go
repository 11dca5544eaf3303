package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/report/publish"
	"liverecon/store"
)

// keepHouse does what follows a run, under its lock and after its row was closed: what names persons is taken out when it
// is old enough, and the database is copied. A run that was refused its input leaves things as they were.
func keepHouse(ctx context.Context, c *config.Config, p *publish.Publisher, sum batch.Summary, log *slog.Logger) error {
	if sum.ExitCode == batch.ExitInput || sum.RunID == 0 {
		return nil
	}
	var imagesErr, purgeErr, backupErr error
	if days := c.Retention.ImageDays(); days > 0 {
		imagesErr = retainImages(ctx, c, p.Store, config.DaysBefore(p.Started, days, c.Zone), log)
	}
	if days := c.Retention.PersonalDays; days > 0 {
		purgeErr = retain(ctx, p, config.DaysBefore(p.Started, days, c.Zone), log)
	}
	if c.Backup.Directory != "" {
		file, err := database.KeepBackup(ctx, c, p.Store, time.Now())
		if backupErr = err; err == nil {
			log.Info("database copied", "file", file)
		}
	}
	return errors.Join(imagesErr, purgeErr, backupErr)
}

// retain purges as [retention] says.
func retain(ctx context.Context, p *publish.Publisher, before time.Time, log *slog.Logger) error {
	taken, err := p.Purge(ctx, before, time.Now())
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	if taken.Lists > 0 {
		log.Info("personal data purged", "before", before.Format(time.DateOnly), "ids", taken.Checks, "answers", taken.Answers, "rejected rows", taken.Rejects)
	}
	return nil
}

// retainImages removes images as [retention] says.
func retainImages(ctx context.Context, c *config.Config, s *store.Store, before time.Time, log *slog.Logger) error {
	removed, err := purgeImages(ctx, c, s, before)
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	if removed > 0 {
		log.Info("images removed", "before", before.Format(time.DateOnly), "images", removed)
	}
	return nil
}
