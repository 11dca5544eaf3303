package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
)

// keepHouse does what follows a run, under its lock and after its row was closed: what names persons is taken out when it
// is old enough, and the database is copied. A run that was refused its input leaves things as they were.
func (p *publisher) keepHouse(ctx context.Context, sum batch.Summary, log *slog.Logger) error {
	if sum.ExitCode == batch.ExitInput || sum.RunID == 0 {
		return nil
	}
	var imagesErr, purgeErr, backupErr error
	if days := p.config.Retention.ImageDays(); days > 0 {
		imagesErr = p.retainImages(ctx, config.DaysBefore(p.started, days, p.config.Zone), log)
	}
	if days := p.config.Retention.PersonalDays; days > 0 {
		purgeErr = p.retain(ctx, config.DaysBefore(p.started, days, p.config.Zone), log)
	}
	if p.config.Backup.Directory != "" {
		file, err := keepBackup(ctx, p.config, p.store, time.Now())
		if backupErr = err; err == nil {
			log.Info("database copied", "file", file)
		}
	}
	return errors.Join(imagesErr, purgeErr, backupErr)
}

// retain purges as [retention] says.
func (p *publisher) retain(ctx context.Context, before time.Time, log *slog.Logger) error {
	taken, err := p.purge(ctx, before, time.Now())
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	if taken.Lists > 0 {
		log.Info("personal data purged", "before", before.Format(time.DateOnly), "ids", taken.Checks, "answers", taken.Answers, "rejected rows", taken.Rejects)
	}
	return nil
}

// retainImages removes images as [retention] says.
func (p *publisher) retainImages(ctx context.Context, before time.Time, log *slog.Logger) error {
	removed, err := purgeImages(ctx, p.config, p.store, before)
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	if removed > 0 {
		log.Info("images removed", "before", before.Format(time.DateOnly), "images", removed)
	}
	return nil
}
