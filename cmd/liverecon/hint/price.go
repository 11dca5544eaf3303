package hint

import (
	"fmt"
	"strings"
	"time"

	"liverecon/batch"
)

// priceHint returns the price row that is missing, to be put into the configuration. Unknown values are left open.
func priceHint(e *batch.UnpricedError) string {
	row := e.Row
	if row.Endpoint == "" {
		return "the price above is for these, too"
	}
	if e.Begins != nil {
		first := e.Since.In(e.Zone).Format("2006-01") + "-01"
		return fmt.Sprintf("let the price on line %d begin on %s or before: with the price of before it would "+
			"share a month, "+
			"and tiers, a free quota and a minimum are a whole month's", e.Begins.Line, first)
	}
	var b strings.Builder
	b.WriteString("give them a price, also where the endpoint is not configured any more:\n    [[price]]")
	set := func(name, value string) { fmt.Fprintf(&b, "\n    %-9s = %s", name, value) }
	text := func(name, value string) { set(name, `"`+value+`"`) }
	text("endpoint", row.Endpoint)
	if row.Region != "*" {
		text("region", row.Region)
	}
	text("from", row.From.Format(time.DateOnly)) // as the zone of its book has it
	if !row.To.IsZero() {
		text("to", row.To.Format(time.DateOnly))
	}
	if len(row.Tiers) == 0 { // no run has used one
		text("currency", "...")
		text("unit", "...")
		return b.String()
	}
	text("currency", row.Currency)
	if len(row.Tiers) == 1 {
		text("unit", row.Tiers[0].Unit.String())
	} else {
		text("tier_kind", string(row.Kind))
		var tiers []string
		for _, t := range row.Tiers {
			limit := ""
			if t.UpTo > 0 {
				limit = fmt.Sprintf("up_to = %d, ", t.UpTo)
			}
			tiers = append(tiers, fmt.Sprintf(`{ %sunit = "%s" }`, limit, t.Unit))
		}
		set("tiers", "["+strings.Join(tiers, ", ")+"]")
	}
	if row.FreeQuota > 0 {
		set("free_quota", fmt.Sprint(row.FreeQuota))
	}
	if row.Minimum.IsPositive() {
		text("minimum", row.Minimum.String())
	}
	return b.String()
}
