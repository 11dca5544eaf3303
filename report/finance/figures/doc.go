// Package figures reads a period once and makes of it what the finance workbook shows: the ledger of priced calls,
// calls in doubt, readings, and what reconciling found. It writes nothing.
package figures
