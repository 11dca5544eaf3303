package personal

import (
	"context"
	"time"

	"liverecon/batch/clock"
	"liverecon/cmd/liverecon/config"
	"liverecon/report/publish"
	"liverecon/store"
)

// Purge counts the rows and files that a purge found, or took out.
type Purge struct {
	Done    bool      `json:"done"`
	Before  time.Time `json:"before"`
	Lists   int64     `json:"lists"`
	Checks  int64     `json:"checks"`
	Answers int64     `json:"answers"`
	Rejects int64     `json:"rejected_rows"`
	Images  int64     `json:"images"`
	Reports []string  `json:"reports"` // written again
	// what speaks against this machine's clock, by which it is told what is old; "" is nothing
	Clock string `json:"clock_doubt,omitempty"`
}

func newPurge(before time.Time, found store.Purged, images int64) Purge {
	return Purge{Before: before, Lists: found.Lists, Checks: found.Checks, Answers: found.Answers,
		Rejects: found.Rejects, Images: images, Reports: []string{}}
}

// PreviewPurge counts what PurgeLists would take out.
func PreviewPurge(ctx context.Context, c *config.Config, s *store.Store, days int64) (Purge, error) {
	before := config.DaysBefore(time.Now(), days, c.Zone)
	found, err := s.Personal().Purgeable(ctx, before)
	if err != nil {
		return Purge{}, err
	}
	return preview(ctx, s, before, found)
}

// preview adds the images that are older than a time, and what speaks against this clock.
func preview(ctx context.Context, s *store.Store, before time.Time, found store.Purged) (Purge, error) {
	images, err := s.Images().CountBefore(ctx, before)
	if err != nil {
		return Purge{}, err
	}
	p := newPurge(before, found, images)
	p.Clock, err = clock.Doubt(ctx, s, time.Now())
	return p, err
}

// PreviewImages counts what PurgeImages would remove.
func PreviewImages(ctx context.Context, c *config.Config, s *store.Store, days int64) (Purge, error) {
	return preview(ctx, s, config.DaysBefore(time.Now(), days, c.Zone), store.Purged{})
}

// PurgeImages removes the images stored more than so many days ago, and nothing else.
func PurgeImages(ctx context.Context, c *config.Config, s *store.Store, days int64) (Purge, error) {
	before := config.DaysBefore(time.Now(), days, c.Zone)
	images, err := purgeImages(ctx, c, s, before)
	done := newPurge(before, store.Purged{}, images)
	done.Done = true
	return done, err
}

// PurgeLists takes out what names persons of lists read more than so many days ago; out writes the reports again.
func PurgeLists(
	ctx context.Context, c *config.Config, s *store.Store, out *publish.Publisher, days int64,
) (Purge, error) {
	now := time.Now()
	before := config.DaysBefore(now, days, c.Zone)
	images, err := purgeImages(ctx, c, s, before)
	if err != nil {
		return Purge{}, err
	}
	taken, err := publish.Purge(ctx, out, before, now)
	done := newPurge(before, taken, images)
	done.Done, done.Reports = true, append(done.Reports, out.Files()...)
	if err != nil {
		return done, err
	}
	return done, s.Personal().Scrub(ctx)
}
