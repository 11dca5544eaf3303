package accounts

import (
	"context"

	"liverecon/store/internal/sqlrow"
)

// DisputeNote holds what somebody wrote down about one dispute. Days are YYYY-MM-DD, "" where nobody said.
type DisputeNote struct {
	NoteID     int64 // 0 before it is stored
	Number     string
	Month      string // what it is about: the month, YYYY-MM
	Invoice    string // "" where nobody gave its number
	Reason     string // class of its rows
	Endpoint   string
	Currency   string
	Claimed    string // decimal: what it came to then
	SentOn     string
	AnsweredOn string
	Answer     string // one of Answers; "" for none
	Credited   string // decimal: paid back otherwise than by a line of a statement; "" where nobody said
	Reference  string // the vendor's
	Comment    string
	File       string
	Sheet      string // where in its file
	Row        int
}

// Answers returns what a vendor can say to a dispute.
func Answers() []string { return []string{"agreed", "agreed in part", "rejected"} }

// CreditLine represents a line of a statement that gives money back.
type CreditLine struct {
	StatementID, Line int64
	Month             string // of the line
	InvoiceMonth      string // of its statement
	Endpoint          string
	Currency          string
	Amount            string // decimal, below zero
	TransactionID     string
	Text              string // what it says in words; "" where it says nothing
}

// Credits returns the credits of our product on all statements that stand, in the order of the statements.
func (s StatementReader) Credits(ctx context.Context) ([]CreditLine, error) {
	rows, err := s.tx.QueryContext(ctx, `SELECT l.statement_id, l.line, l.month, s.month, l.endpoint, l.currency,
		l.amount,
		l.transaction_id, coalesce(t.text, '')
		FROM statement_amounts a JOIN statement_parts c ON c.statement_id = a.statement_id AND c.month = a.month
			AND c.endpoint = a.endpoint AND c.currency = a.currency AND c.usage = 0 AND c.superseded_by IS NULL
		JOIN statements s ON s.statement_id = a.statement_id
		CROSS JOIN statement_lines l ON l.statement_id = a.statement_id AND l.month = a.month AND l.endpoint = a.endpoint
			AND l.currency = a.currency AND l.kind = 'credit' AND l.product = ''
		LEFT JOIN credit_texts t ON t.statement_id = l.statement_id AND t.line = l.line
		WHERE a.kind = 'credit' ORDER BY l.statement_id, l.line`)
	return sqlrow.Collect(rows, err, "read credits", func(c *CreditLine) error {
		return rows.Scan(&c.StatementID, &c.Line, &c.Month, &c.InvoiceMonth, &c.Endpoint, &c.Currency, &c.Amount,
			&c.TransactionID, &c.Text)
	})
}
