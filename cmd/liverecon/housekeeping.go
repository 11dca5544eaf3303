package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/personal"
	"liverecon/report/publish"
)

// keepHouse does what follows a run, under its lock and after its row was closed: what names persons is taken out when
// it is old enough, and the database is copied. A run that was refused its input leaves things as they were.
func keepHouse(ctx context.Context, c *config.Config, p *publish.Publisher, sum batch.Summary, log *slog.Logger) error {
	if sum.ExitCode == batch.ExitInput || sum.RunID == 0 {
		return nil
	}
	var imagesErr, purgeErr, backupErr error
	if days := c.Retention.ImageDays(); days > 0 {
		imagesErr = personal.RetainImages(ctx, c, p.Store, config.DaysBefore(p.Started, days, c.Zone), log)
	}
	if days := c.Retention.PersonalDays; days > 0 {
		purgeErr = personal.Retain(ctx, p, config.DaysBefore(p.Started, days, c.Zone), log)
	}
	if c.Backup.Directory != "" {
		file, err := database.KeepBackup(ctx, c, p.Store, time.Now())
		if backupErr = err; err == nil {
			log.Info("database copied", "file", file)
		}
	}
	return errors.Join(imagesErr, purgeErr, backupErr)
}
