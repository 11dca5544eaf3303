package page

const (
	RiskTitle    = "Liveness risk report — "
	FinanceTitle = "Liveness billing — "
	DisputeTitle = "Billing dispute — "
)
