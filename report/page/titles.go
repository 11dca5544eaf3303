package page

// Titles of the workbooks, before the period.
const (
	RiskTitle    = "Liveness risk report — "
	FinanceTitle = "Liveness billing — "
	DisputeTitle = "Billing dispute — "
)

// NextTitle heads what is left to do.
const NextTitle = "What to look at next"
