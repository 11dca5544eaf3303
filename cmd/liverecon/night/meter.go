package night

import (
	"context"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
)

// Meter counts this billing month and day as the next run would.
func Meter(ctx context.Context, c *config.Config, s *store.Store, now time.Time) (*billing.Meter, error) {
	spent, err := usage.Read(ctx, s, c.Prices, c.BillingZone, now)
	if err != nil {
		return nil, err
	}
	return spent.Meter(c.Caps, now), nil
}
