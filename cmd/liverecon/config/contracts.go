package config

import (
	"time"

	"liverecon/batch/billing/contract"
	"liverecon/store/calendar"
)

// mostDays bounds how long a bill can be disputed, and an answer may take.
const mostDays = 3650

// readContracts reads what contracts say beside prices.
func readContracts(c *Config, all []*table) {
	midnight := func(day time.Time) time.Time {
		if day.IsZero() {
			return day
		}
		return calendar.Midnight(day.Year(), day.Month(), day.Day(), c.BillingZone)
	}
	for _, t := range all {
		k := contract.Contract{Number: t.text("number", ""), Account: t.text("account", ""),
			Endpoints: t.texts("endpoints"),
			From:      midnight(t.date("from")), To: midnight(t.date("to")),
			Committed: t.count("committed_calls", 0, 0, 1<<50), DisputeDays: int(t.count("dispute_days", 0, 0,
				mostDays)),
			AnswerDays: int(t.count("answer_days", 0, 0, mostDays))}
		switch {
		case k.Number == "" && k.Account == "":
			t.wrong("number", "is missing: give the contract's number, or our account with the vendor")
		case k.Committed > 0 && (k.From.IsZero() || k.To.IsZero()):
			t.wrong("committed_calls", "are for a time: give from and to")
		case !k.From.IsZero() && !k.To.IsZero() && !k.From.Before(k.To):
			t.wrong("to", "is not after from: it is the day after the last")
		}
		t.refuseUnknown()
		c.Contracts = append(c.Contracts, k)
	}
}
