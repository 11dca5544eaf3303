package accrual

import "cmp"

// Chart holds which accounts the amounts of a place are posted to.
type Chart struct {
	Accounts
	Rules []Rule
}

// Rule represents the accounts of an endpoint, a region, or both; what it leaves out is the chart's.
type Rule struct {
	Endpoint, Region string // "": any
	Accounts
}

// Complete reports whether every place has its three accounts.
func (c Chart) Complete() bool { return c.Expense != "" && c.Accrual != "" && c.Claims != "" }

// At returns the accounts of a place. A rule for endpoint and region beats one for the endpoint alone, and that one for
// the region alone; of two alike the first counts.
func (c Chart) At(p Key) Accounts {
	best, rank := Accounts{}, 0
	for _, r := range c.Rules {
		n := 0
		switch {
		case r.Endpoint != "" && r.Endpoint != p.Endpoint, r.Region != "" && r.Region != p.Region:
			continue
		case r.Endpoint != "" && r.Region != "":
			n = 3
		case r.Endpoint != "":
			n = 2
		case r.Region != "":
			n = 1
		}
		if n > rank {
			best, rank = r.Accounts, n
		}
	}
	return Accounts{cmp.Or(best.Expense, c.Expense), cmp.Or(best.Accrual, c.Accrual), cmp.Or(best.Claims, c.Claims),
		cmp.Or(best.Center, c.Center), cmp.Or(best.Tax, c.Tax)}
}
