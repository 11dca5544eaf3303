package parts_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/store/parts"
)

func part(invoice string, identities int64, detail parts.Detail, quantity int64, amount string, regions ...string) parts.Part {
	return parts.Part{
		Key:     parts.Key{Month: "2026-09", Endpoint: "sg", Currency: "USD"},
		Invoice: invoice, Detail: detail, Regions: regions, Identities: identities,
		Quantity: quantity, Amount: decimal.RequireFromString(amount),
	}
}

func items(invoice string, n int64) parts.Part { return part(invoice, n, parts.Items, n, "1", "SG") }

// TestDecide is the table of what a new part is beside one that stands, at the bounds of each rule.
func TestDecide(t *testing.T) {
	september, october := "2026-09", "2026-10"
	for name, c := range map[string]struct {
		new, standing parts.Part
		shared        int64
		word          parts.Word
		want          parts.Outcome
	}{
		"nothing shared, same invoice":         {items(september, 3), items(september, 48), 0, "", parts.Adds},
		"nothing shared, a later invoice":      {items(october, 3), items(september, 48), 0, "", parts.Adds},
		"less than half, same invoice":         {items(september, 48), items(september, 48), 23, "", parts.Adds},
		"less than half, a later invoice":      {items(october, 48), items(september, 48), 23, "", parts.Adds},
		"half, same invoice":                   {items(september, 48), items(september, 48), 24, "", parts.Takes},
		"half, a later invoice":                {items(october, 48), items(september, 48), 24, "", parts.Asks},
		"all of an odd number":                 {items(september, 47), items(september, 47), 47, "", parts.Takes},
		"23 of 47 are less than half":          {items(september, 47), items(september, 47), 23, "", parts.Adds},
		"24 of 47 are more":                    {items(september, 47), items(september, 47), 24, "", parts.Takes},
		"a cumulative file":                    {items(october, 96), items(september, 48), 48, parts.Replace, parts.Takes},
		"billed again":                         {items(october, 96), items(september, 48), 48, parts.BilledAgain, parts.Adds},
		"billed again on the same invoice":     {items(september, 48), items(september, 48), 48, parts.BilledAgain, parts.Adds},
		"additional":                           {items(september, 48), items(september, 48), 48, parts.Additional, parts.Adds},
		"replaced though nothing is shared":    {items(september, 48), items(september, 48), 0, parts.Replace, parts.Takes},
		"late lines of a cumulative file":      {items(october, 3), items(september, 48), 0, parts.Replace, parts.Adds},
		"totals that tie with their items":     {part(september, 1, parts.Months, 2, "0.07", "SG"), part(september, 2, parts.Items, 2, "0.07", "SG"), 0, "", parts.Yields},
		"items that tie with their totals":     {part(september, 2, parts.Items, 2, "0.07", "SG"), part(september, 1, parts.Months, 2, "0.07", ""), 0, "", parts.Takes},
		"totals rounded to cents":              {part(september, 1, parts.Months, 2, "0.06", "SG"), part(september, 2, parts.Items, 2, "0.0648", "SG"), 0, "", parts.Yields},
		"half a cent is a rounding, too":       {part(september, 1, parts.Months, 2, "0.07", "SG"), part(september, 2, parts.Items, 2, "0.065", "SG"), 0, "", parts.Yields},
		"more than half a cent is none":        {part(september, 1, parts.Months, 2, "0.07", "SG"), part(september, 2, parts.Items, 2, "0.0649", "SG"), 0, "", parts.Asks},
		"a cent is none":                       {part(september, 1, parts.Months, 2, "0.07", "SG"), part(september, 2, parts.Items, 2, "0.06", "SG"), 0, "", parts.Asks},
		"another number of calls":              {part(september, 1, parts.Months, 3, "0.07", "SG"), part(september, 2, parts.Items, 2, "0.07", "SG"), 0, "", parts.Asks},
		"totals of another region":             {part(september, 1, parts.Months, 3, "0.09", "VN"), part(september, 2, parts.Items, 2, "0.07", "SG"), 0, "", parts.Adds},
		"totals instead, by somebody's word":   {part(september, 1, parts.Months, 3, "0.09", "SG"), part(september, 2, parts.Items, 2, "0.07", "SG"), 0, parts.Replace, parts.Takes},
		"totals beside, by somebody's word":    {part(september, 1, parts.Months, 3, "0.09", "SG"), part(september, 2, parts.Items, 2, "0.07", "SG"), 0, parts.Additional, parts.Adds},
		"a month's total and those of days":    {part(september, 1, parts.Months, 2, "0.07", "SG"), part(september, 2, parts.Days, 2, "0.07", "SG"), 0, "", parts.Yields},
		"a fee stands beside items":            {part(september, 1, parts.Fees, 0, "5", "SG"), part(september, 2, parts.Items, 2, "0.07", "SG"), 0, "", parts.Adds},
		"totals of the same region, corrected": {part(september, 1, parts.Months, 2, "0.08", "SG"), part(september, 1, parts.Months, 2, "0.07", "SG"), 1, "", parts.Takes},
		"totals of two regions":                {part(september, 1, parts.Months, 2, "0.08", "VN"), part(september, 1, parts.Months, 2, "0.07", "SG"), 0, "", parts.Adds},
	} {
		if got := parts.Decide(c.new, c.standing, c.shared, c.word); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
