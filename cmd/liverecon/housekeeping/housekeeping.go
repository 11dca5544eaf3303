// Package housekeeping does what belongs to a night and comes after its calls and workbooks.
package housekeeping

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/personal"
	"liverecon/report/publish"
)

// Keep does what follows a run, under its lock and after its row was closed: what names persons is taken out when
// it is old enough, and the database is copied. A run that was refused its input, or whose disk has failed to keep
// something, leaves things as they are. Against a clock that something contradicts nothing is removed, neither data nor
// copies; remarks say what was left, and why.
func Keep(
	ctx context.Context, c *config.Config, job *batch.Job, p *publish.Publisher, sum *batch.Summary, log *slog.Logger,
) (remarks []string, err error) {
	if sum.ExitCode == batch.ExitInput || sum.RunID == 0 || p.Store.Stopped() != nil {
		return nil, nil
	}
	doubt, err := batch.ClockDoubt(ctx, job, sum, time.Now())
	if err != nil {
		return nil, err
	}
	unread, err := writeOwed(ctx, p)
	if unread != "" {
		remarks = append(remarks, unread)
	}
	errs := []error{err}
	if doubt == "" {
		kept, err := retain(ctx, c, p, log)
		remarks, errs = append(remarks, kept...), append(errs, err)
	} else if c.Retention.ImageDays() > 0 || c.Backup.Directory != "" {
		remarks = append(remarks, "nothing old is removed: "+doubt)
	}
	if c.Backup.Directory != "" {
		file, err := database.KeepBackup(ctx, c, p.Store, time.Now(), doubt == "")
		if errs = append(errs, err); err == nil {
			log.Info("database copied", "file", file)
		}
	}
	return remarks, errors.Join(errs...)
}

// retain takes out what [retention] says is too old.
func retain(
	ctx context.Context, c *config.Config, p *publish.Publisher, log *slog.Logger,
) (remarks []string, err error) {
	left := func(remark string) {
		if remark != "" {
			remarks = append(remarks, remark)
		}
	}
	var imagesErr, purgeErr error
	if days := c.Retention.ImageDays(); days > 0 {
		var remark string
		remark, imagesErr = personal.RetainImages(ctx, c, p, days, log)
		left(remark)
	}
	if days := c.Retention.PersonalDays; days > 0 {
		var remark string
		remark, purgeErr = personal.Retain(ctx, c, p, days, log)
		left(remark)
		purgeErr = errors.Join(purgeErr, database.DropMigrationCopies(c, math.MaxInt,
			time.Now().Add(-time.Duration(days)*24*time.Hour))) // they hold what is taken out
	}
	return remarks, errors.Join(imagesErr, purgeErr)
}

// writeOwed writes the reports again that a removal of personal data, cut short, has left. One that people have filled
// in waits until it is read: unread says so.
func writeOwed(ctx context.Context, p *publish.Publisher) (unread string, err error) {
	err = publish.WriteOwed(ctx, p, time.Now())
	var filled *publish.UnreadError
	if errors.As(err, &filled) {
		return filled.Error() + ": it shows what is taken out, until `liverecon decisions` has read it or it is " +
			"deleted", nil
	}
	return "", err
}
