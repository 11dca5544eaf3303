package figures

import (
	"fmt"

	"liverecon/batch/billing"
	"liverecon/store"
	"liverecon/store/calendar"
)

// LedgerOfMonth prices the calls of a whole billing month, in the order of time. A reading that counts by ID or
// transaction is an error: counts alone do not tell these.
func LedgerOfMonth(
	usage []store.Usage, book *billing.Book, month calendar.Period, basis billing.Basis,
) (*Ledger, error) {
	if basis == billing.DistinctID || basis == billing.Transaction {
		return nil, fmt.Errorf("its contract bills by %s, which counts of calls do not tell", basis)
	}
	p := pricing{book: book, months: calendar.Months{Zone: book.Location, Starts: book.Starts}, period: month}
	charges, terms := p.charges(usage, func(u store.Usage) int64 {
		if chargeOf(basis, u) == billing.Pay {
			return u.Calls
		}
		return 0
	})
	return newLedger(charges, terms, month), nil
}
