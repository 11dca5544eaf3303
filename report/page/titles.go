package page

// Titles of the workbooks, before the period.
const (
	RiskTitle    = "Liveness risk report — "
	FinanceTitle = "Liveness billing — "
	DisputeTitle = "Billing dispute — "
)
