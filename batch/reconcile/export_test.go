package reconcile

import (
	"liverecon/batch/billing"
	"liverecon/batch/match"
)

// ReconciledVerdict is the sentence of a reconciliation.
func ReconciledVerdict(month billing.Period, result *match.Result) string {
	return verdict(month, result)
}
