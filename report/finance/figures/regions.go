package figures

import (
	"cmp"
	"slices"
	"strings"
)

// RegionLine counts and prices the calls of one region in one currency, split by code.
type RegionLine struct {
	Region, Currency string
	Account
	Codes []codeLine
}

// codeLine counts and prices the calls of a region that came back with one code.
type codeLine struct {
	Code string
	Account
}

// RegionLines adds lines of the ledger up by currency and region: the first currency's regions first, the dearest of
// them first.
func RegionLines(b *Ledger, ranked Currencies, of []LedgerLine) []RegionLine {
	type key struct{ currency, region string }
	lines, codes := map[key]*RegionLine{}, map[key]map[string]*codeLine{}
	for _, l := range of {
		k := key{b.Currency(l), l.Region}
		if lines[k] == nil {
			lines[k], codes[k] = &RegionLine{Region: l.Region, Currency: k.currency}, map[string]*codeLine{}
		}
		lines[k].Post(l)
		if codes[k][l.Code] == nil {
			codes[k][l.Code] = &codeLine{Code: l.Code}
		}
		codes[k][l.Code].Post(l)
	}
	var all []RegionLine
	for k, line := range lines {
		for _, c := range codes[k] {
			line.Codes = append(line.Codes, *c)
		}
		slices.SortFunc(line.Codes, func(a, b codeLine) int { return compareCodes(a.Code, b.Code) })
		all = append(all, *line)
	}
	slices.SortFunc(all, func(a, b RegionLine) int {
		return cmp.Or(ranked.Rank(a.Currency)-ranked.Rank(b.Currency), b.Amount.Cmp(a.Amount),
			cmp.Compare(b.Billable, a.Billable), cmp.Compare(b.Ceiling(), a.Ceiling()),
			strings.Compare(a.Region, b.Region))
	})
	return all
}
