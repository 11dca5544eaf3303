package main

import (
	"context"
	"fmt"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/accounts"
)

// shownPrices sets how far back status shows what changes of prices came to.
const shownPrices = 35 * 24 * time.Hour

// statusPrices holds by how much a month changed with the prices, or with the reading of the contract.
type statusPrices struct {
	At         time.Time `json:"at"`
	Run        int64     `json:"run"` // the first with the new ones
	What       string    `json:"what"`
	Month      string    `json:"month"`
	Was        string    `json:"was"`
	Became     string    `json:"became"`
	Difference string    `json:"difference"`
}

// statusPriceChanges returns what changed with the prices since the last run, and what runs of the last weeks found
// changed.
func statusPriceChanges(
	ctx context.Context, c *config.Config, s *store.Store, now time.Time,
) (since string, earlier []statusPrices, err error) {
	changed, _, err := usage.ComparePrices(ctx, s, c.Prices, c.Caps.Basis)
	if err != nil {
		return "", nil, err
	}
	uses, err := s.Prices().Changed(ctx, now.Add(-shownPrices))
	earlier = []statusPrices{}
	for _, u := range uses {
		for _, m := range u.Changes {
			earlier = append(earlier, statusPrices{u.Since, u.RunID, u.What, m.Month, m.Was, m.Became, m.Difference})
		}
	}
	return changed.String(), earlier, err
}

func printPrices(out stream, r statusResult, zone *time.Location) {
	for _, c := range r.Changes {
		change := accounts.PriceChange{Month: c.Month, Was: c.Was, Became: c.Became, Difference: c.Difference}
		out.wrap("", fmt.Sprintf("%s changed before run %d, %s, for %s", c.What, c.Run, words.Moment(c.At, zone),
			change))
	}
	month := r.Spend[len(r.Spend)-1]
	refused := int64(0)
	for _, s := range r.Spend {
		if s.Cap != "" {
			refused = max(refused, s.Unpriced)
		}
	}
	if refused > 0 { // nothing is counted against caps before they have one
		printCounted(out, r.Changed, "", "")
		out.wrap("", fmt.Sprintf("no run makes a call under this cap: %s %s in its period; `liverecon plan` says "+
			"what to type",
			billing.WithoutPrice(refused), map[bool]string{true: "is", false: "are"}[refused == 1]))
	} else {
		printCounted(out, r.Changed, month.Counted, month.tagged)
	}
	if len(r.Changes) > 0 || r.Changed != "" || month.Counted != "" || month.tagged != "" || refused > 0 {
		out.printf("\n")
	}
}
