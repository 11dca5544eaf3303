package config

import (
	"liverecon/batch/billing/accrual"
	"liverecon/batch/list"
)

// readAccounts reads where journals post to.
func readAccounts(c *Config, t *table) {
	c.Accounts.Accounts = readAccountsOf(t)
	for _, r := range t.tables("rule") {
		rule := accrual.Rule{Endpoint: r.text("endpoint", ""), Region: r.text("region", ""), Accounts: readAccountsOf(r)}
		if region, ok := list.ParseRegion(rule.Region); ok {
			rule.Region = region
		} else if rule.Region != "" {
			r.wrong("region", "%.40q is no region", rule.Region)
		}
		if rule.Endpoint == "" && rule.Region == "" {
			r.wrong("endpoint", "is missing: a rule is for an endpoint, a region, or both")
		}
		r.refuseUnknown()
		c.Accounts.Rules = append(c.Accounts.Rules, rule)
	}
	t.refuseUnknown()
}

func readAccountsOf(t *table) accrual.Accounts {
	return accrual.Accounts{Expense: t.text("expense", ""), Accrual: t.text("accrual", ""), Claims: t.text("disputed", ""),
		Center: t.text("cost_centre", ""), Tax: t.text("tax_code", "")}
}
