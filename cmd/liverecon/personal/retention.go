package personal

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/publish"
	"liverecon/store"
)

// Retain purges as [retention] says, after so many days, unless a person must say so first: left then says why.
func Retain(
	ctx context.Context, c *config.Config, p *publish.Publisher, days int64, log *slog.Logger,
) (left string, err error) {
	before := config.DaysBefore(p.Started, days, c.Zone)
	if left, err = withheld(ctx, p.Store, days, before); err != nil || left != "" {
		return left, wrap(err)
	}
	taken, err := publish.Purge(ctx, p, before, time.Now())
	if err != nil {
		return "", wrap(err)
	}
	if taken.Lists > 0 {
		log.Info("personal data purged", "before", before.Format(time.DateOnly), "ids", taken.Checks, "answers",
			taken.Answers, "rejected rows", taken.Rejects)
	}
	return "", nil
}

// RetainImages removes images as [retention] says, after so many days, unless a person must say so first: left then
// says why.
func RetainImages(
	ctx context.Context, c *config.Config, p *publish.Publisher, days int64, log *slog.Logger,
) (left string, err error) {
	before := config.DaysBefore(p.Started, days, c.Zone)
	old, err := p.Store.Images().CountBefore(ctx, before)
	if err != nil {
		return "", wrap(err)
	}
	all, err := p.Store.Images().Kept(ctx)
	if err != nil {
		return "", wrap(err)
	}
	if tooMany(old, all, days) {
		return fmt.Sprintf("%s of %s images are too old: `liverecon purge --images --older-than %dd --yes` removes so many",
			words.Comma(old), words.Comma(all), days), nil
	}
	removed, err := purgeImages(ctx, c, p.Store, before)
	if err != nil {
		return "", wrap(err)
	}
	if removed > 0 {
		log.Info("images removed", "before", before.Format(time.DateOnly), "images", removed)
	}
	return "", nil
}

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	return nil
}

// farBeyond sets how many days a purge by itself may go beyond the last one: more, and the clock may be wrong.
const farBeyond = 90

// withheld returns why a nightly purge of what is older than a time waits for somebody to ask for it; "" when it does
// not.
func withheld(ctx context.Context, s *store.Store, days int64, before time.Time) (string, error) {
	last, err := s.Personal().LastCutoff(ctx)
	if err != nil {
		return "", err
	}
	found, err := s.Personal().Purgeable(ctx, before)
	if err != nil || found.Lists == 0 {
		return "", err
	}
	all, err := s.Personal().Listed(ctx)
	if err != nil {
		return "", err
	}
	typed := fmt.Sprintf("`liverecon purge --older-than %dd --yes`", days)
	switch {
	case tooMany(found.Checks, all, days):
		return fmt.Sprintf("%s of %s IDs are too old: %s takes out so many", words.Comma(found.Checks), words.Comma(all),
			typed), nil
	case !last.IsZero() && before.After(last.AddDate(0, 0, farBeyond)):
		return fmt.Sprintf("data older than %s is too old, %d days beyond the last purge: %s takes it out",
			before.Format(time.DateOnly), int64(before.Sub(last)/(24*time.Hour)), typed), nil
	}
	return "", nil
}

// tooMany reports that one night would take out more than a tenth of all there ever were, or, where they are kept for a
// short time, more than two days' worth: it would be so if the clock were wrong.
func tooMany(old, all, days int64) bool {
	return float64(old) > float64(all)*max(0.1, 2/float64(days))
}
