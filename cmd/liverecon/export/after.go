package export

import (
	"context"
	"log/slog"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/store"
	"liverecon/store/panics"
	"liverecon/store/parquet"
)

// patience holds the longest that a run exports, after all else.
const patience = 10 * time.Minute

// AfterRun exports what a run has changed. Whatever becomes of that, the run ended as it did.
func AfterRun(ctx context.Context, c *config.Config, s *store.Store, runID int64, log *slog.Logger) {
	if !c.Export.Has() || runID == 0 || s.Stopped() != nil || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var all []Done
	err := func() (err error) {
		defer panics.Into(&err)
		all = Run(ctx, c, s, Request{Which: parquet.Which{UnderWay: true}})
		return nil
	}()
	if err != nil {
		log.Error("not exported", "error", err)
	}
	for _, done := range all {
		for _, w := range done.Months {
			log.Info("exported", "to", done.To, "month", w.Month, "state", w.State, "rows", w.Rows, "bytes", w.Bytes)
			for _, name := range w.Restored {
				log.Warn("a file of a closed month was damaged, and is written again as it was", "to", done.To, "file", name)
			}
		}
		if done.Err != nil {
			log.Warn("not exported; the next run tries again", "to", done.To, "error", done.Err)
		}
	}
}
