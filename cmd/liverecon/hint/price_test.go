package hint

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/config"
)

// What a hint says to type is a price row that the configuration takes, and the one that was meant.
func TestPriceHintIsARow(t *testing.T) {
	zone := config.MustZone("Asia/Singapore")
	day := func(text string) time.Time {
		at, err := time.ParseInLocation(time.DateOnly, text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	unit := decimal.RequireFromString
	for name, row := range map[string]billing.Price{
		"flat":      {Endpoint: "old", Region: "*", From: day("2026-01-01"), Currency: "USD", Kind: billing.Flat, Tiers: []billing.Tier{{Unit: unit("0.035")}}},
		"bounded":   {Endpoint: "old", Region: "VN", From: day("2026-01-01"), To: day("2026-11-10"), Currency: "VND", Kind: billing.Flat, Tiers: []billing.Tier{{Unit: unit("900")}}, FreeQuota: 5},
		"graduated": {Endpoint: "old", Region: "*", From: day("2026-01-01"), Currency: "USD", Kind: billing.Graduated, Tiers: []billing.Tier{{UpTo: 9, Unit: unit("0.03")}, {Unit: unit("0.02")}}, Minimum: unit("12.5")},
	} {
		hint := priceHint(&batch.UnpricedError{Row: row, Zone: zone})
		_, text, _ := strings.Cut(hint, "\n")
		c, err := config.Parse("t", ".", []byte("[endpoint.id]\n"+text))
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, hint)
			continue
		}
		want, err := billing.NewBook([]billing.Price{row}, zone)
		if err != nil {
			t.Fatal(err)
		}
		if c.Prices.String() != want.String() {
			t.Errorf("%s: %s\nis read as %s\nwant %s", name, hint, c.Prices, want)
		}
	}
	unknown := &batch.UnpricedError{Row: billing.Price{Endpoint: "old", Region: "ID", From: day("2026-11-01")}, Zone: zone}
	if hint := priceHint(unknown); !strings.HasSuffix(
		hint,
		"\n    region    = \"ID\"\n    from      = \"2026-11-01\"\n    currency  = \"...\"\n    unit      = \"...\"",
	) {
		t.Errorf("of a price that no run has used: %s", hint)
	}
	begins := &batch.UnpricedError{
		Row:    unknown.Row,
		Begins: &billing.Price{Line: 12},
		Since:  day("2026-11-03"),
		Zone:   zone,
	}
	if hint := priceHint(begins); !strings.HasPrefix(hint, "let the price on line 12 begin on 2026-11-01 or before: ") {
		t.Errorf("where two prices would share a month: %s", hint)
	}
	if hint := priceHint(&batch.UnpricedError{Zone: zone}); hint != "the price above is for these, too" {
		t.Errorf("of a row that was named before: %s", hint)
	}
}
