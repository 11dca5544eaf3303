package risk

import (
	"context"
	"fmt"

	"liverecon/report/claims"
	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/snapshot"
)

// ReadClaims returns what the workbook of a period claims, from the database alone.
func ReadClaims(ctx context.Context, s *store.Store, o Options) (c claims.Report, err error) {
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return c, fmt.Errorf("findings of %s: %w", o.Period.Label, err)
	}
	d, err := Load(ctx, snap, o)
	if err = page.JoinClose(err, snap); err != nil {
		return c, fmt.Errorf("findings of %s: %w", o.Period.Label, err)
	}
	c = claims.Report{Headline: headline(d), Findings: []claims.Claim{}}
	if d.claims.Compared() && d.now.All.Scored() >= d.MinimumN {
		c.Against, c.Questions, c.Findings = d.claims.Against(), len(d.claims.All), d.claims.List()
	}
	return c, nil
}
