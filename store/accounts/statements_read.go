package accounts

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"liverecon/store/internal/sqlrow"
	"liverecon/store/remarks"
)

const selectLine = `SELECT l.statement_id, l.line, l.kind, l.transaction_id, l.charged_at, l.date_only, l.month,
	l.endpoint, l.region, l.pricing, l.quantity,
	coalesce(l.unit_price, ''), l.amount, l.currency, l.product
	FROM (SELECT DISTINCT statement_id FROM statement_parts WHERE month = ?1 AND superseded_by IS NULL) s CROSS
		JOIN statement_lines l USING (statement_id)
	CROSS JOIN statement_parts c ON c.statement_id = l.statement_id AND c.month = l.month AND c.endpoint = l.endpoint
		AND c.currency = l.currency AND c.usage = (l.kind = 'usage' AND l.product = '')
	WHERE l.month = ?1 AND c.superseded_by IS NULL AND (l.kind <> 'total' OR NOT EXISTS (SELECT 1
		FROM statement_parts u WHERE u.statement_id = l.statement_id AND u.month = l.month AND u.currency = l.currency
		AND u.usage = 1 AND u.superseded_by IS NOT NULL)) ` // a total of lines that were replaced says nothing any more

// StatementReader reads the vendor's statements.
type StatementReader struct{ tx *sql.Tx }

// ReadStatements reads them in a transaction.
func ReadStatements(tx *sql.Tx) StatementReader { return StatementReader{tx} }

// EachLine gives the lines of the statements that stand in a month, statement by statement in the order of their
// files. The line is valid during the call only.
func (s StatementReader) EachLine(
	ctx context.Context, month string, each func(statement int64, l *StatementLine) error,
) error {
	return s.lines(ctx, selectLine+"ORDER BY l.statement_id, l.line", each, month)
}

// EachNeighbourLine gives the lines of usage that stand in a month and were charged in [from, to), or at a time
// unknown.
func (s StatementReader) EachNeighbourLine(
	ctx context.Context, month string, from, to time.Time, each func(statement int64, l *StatementLine) error,
) error {
	return s.lines(ctx, selectLine+`AND l.kind = 'usage' AND l.product = ''
		AND (l.charged_at IS NULL OR (l.charged_at >= ?2
		AND l.charged_at < ?3))
		ORDER BY l.statement_id, l.line`, each, month, sqlrow.Millis(from), sqlrow.Millis(to))
}

// EachLineElsewhere gives a statement's lines that stand in other months than one.
func (s StatementReader) EachLineElsewhere(
	ctx context.Context, month string, statement int64, each func(statement int64, l *StatementLine) error,
) error {
	return s.lines(ctx, `SELECT l.statement_id, l.line, l.kind, l.transaction_id, l.charged_at, l.date_only, l.month,
		l.endpoint, l.region, l.pricing, l.quantity, coalesce(l.unit_price, ''), l.amount, l.currency, l.product
		FROM statement_lines l
		CROSS JOIN statement_parts c ON c.statement_id = l.statement_id AND c.month = l.month AND c.endpoint = l.endpoint
			AND c.currency = l.currency AND c.usage = (l.kind = 'usage' AND l.product = '')
		WHERE l.statement_id = ?2 AND l.month <> ?1 AND c.superseded_by IS NULL
		ORDER BY l.line`, each, month, statement)
}

// EachLineAgain gives the lines of usage that stand in other months than one, and have the transaction of a line that
// stands in it.
func (s StatementReader) EachLineAgain(
	ctx context.Context, month string, each func(statement int64, l *StatementLine) error,
) error {
	var others bool
	err := s.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM statement_parts WHERE month <> ?
		AND superseded_by IS NULL
		AND usage = 1)`, month).Scan(&others)
	if err != nil || !others {
		return err
	}
	return s.lines(ctx, `SELECT l.statement_id, l.line, l.kind, l.transaction_id, l.charged_at, l.date_only, l.month,
		l.endpoint,
		l.region, l.pricing, l.quantity, coalesce(l.unit_price, ''), l.amount, l.currency, l.product FROM statement_parts p
		CROSS JOIN statement_lines m ON m.statement_id = p.statement_id AND m.month = p.month
		AND m.endpoint = p.endpoint
			AND m.currency = p.currency AND m.kind = 'usage' AND m.product = '' AND m.transaction_id <> ''
		CROSS JOIN statement_lines l INDEXED BY statement_lines_by_transaction ON l.transaction_id = m.transaction_id
			AND l.transaction_id <> '' AND l.month <> m.month AND l.kind = 'usage' AND l.product = ''
		CROSS JOIN statement_parts o ON o.statement_id = l.statement_id AND o.month = l.month
		AND o.endpoint = l.endpoint
			AND o.currency = l.currency AND o.usage = 1
		WHERE p.month = ?1 AND p.usage = 1 AND p.superseded_by IS NULL AND o.superseded_by IS NULL
		ORDER BY l.statement_id, l.line`, each, month)
}

// EachLineOf gives the lines of usage that stand in other months than one and have one of these transactions.
func (s StatementReader) EachLineOf(
	ctx context.Context, month string, transactions []string, each func(statement int64, l *StatementLine) error,
) error {
	var others bool
	err := s.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM statement_parts WHERE month <> ?
		AND superseded_by IS NULL AND usage = 1)`, month).Scan(&others)
	if err != nil || !others {
		return err
	}
	const most = 1000
	for some := range slices.Chunk(transactions, most) {
		list, err := json.Marshal(some)
		if err != nil {
			return err
		}
		err = s.lines(ctx, `SELECT l.statement_id, l.line, l.kind, l.transaction_id, l.charged_at, l.date_only, l.month,
			l.endpoint, l.region, l.pricing, l.quantity, coalesce(l.unit_price, ''), l.amount, l.currency, l.product
			FROM json_each(?2) t
			CROSS JOIN statement_lines l INDEXED BY statement_lines_by_transaction ON l.transaction_id = t.value
				AND l.transaction_id <> '' AND l.month <> ?1 AND l.kind = 'usage' AND l.product = ''
			CROSS JOIN statement_parts o ON o.statement_id = l.statement_id AND o.month = l.month
				AND o.endpoint = l.endpoint AND o.currency = l.currency AND o.usage = 1
			WHERE o.superseded_by IS NULL ORDER BY l.statement_id, l.line`, each, month, string(list))
		if err != nil {
			return err
		}
	}
	return nil
}

// Line returns one line of a statement, and whether it stands.
func (s StatementReader) Line(ctx context.Context, statement, number int64) (l StatementLine, stands bool, err error) {
	const query = `SELECT l.statement_id, l.line, l.kind, l.transaction_id, l.charged_at, l.date_only, l.month,
		l.endpoint, l.region, l.pricing, l.quantity,
		coalesce(l.unit_price, ''), l.amount, l.currency, l.product FROM statement_lines l
		WHERE l.statement_id = ? AND l.line = ?`
	err = s.lines(ctx, query, func(_ int64, found *StatementLine) error {
		l = *found
		return nil
	}, statement, number)
	if err == nil {
		err = s.tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM statement_parts WHERE statement_id = ?
			AND month = ? AND endpoint = ?
			AND currency = ? AND usage = ? AND superseded_by IS NULL)`, statement, l.Month, l.Endpoint, l.Currency,
			sqlrow.Bool(l.isUsage())).Scan(&stands)
	}
	return l, stands, err
}

func (s StatementReader) lines(
	ctx context.Context, query string, each func(int64, *StatementLine) error, args ...any,
) error {
	rows, err := s.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read statement lines: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var l StatementLine
	var statement int64
	var charged sql.NullInt64
	for rows.Next() {
		err := rows.Scan(&statement, &l.Line, &l.Kind, &l.TransactionID, &charged, &l.DateOnly, &l.Month, &l.Endpoint,
			&l.Region, &l.Pricing, &l.Quantity,
			&l.UnitPrice, &l.Amount, &l.Currency, &l.Product)
		if err != nil {
			return fmt.Errorf("read statement lines: %w", err)
		}
		l.ChargedAt = sqlrow.FromNullMillis(charged)
		if err := each(statement, &l); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Notes returns what was concluded about a statement when it was read.
func (s StatementReader) Notes(ctx context.Context, statement int64) ([]string, error) {
	return remarks.Read(ctx, s.tx, remarks.Statement, statement)
}

// Scopes returns what statements say about a billing month, in the order they were imported, superseded ones too.
// Month "" returns all.
func (s StatementReader) Scopes(ctx context.Context, month string) ([]StatementScope, error) {
	return statementScopes(ctx, s.tx, inMonth, month)
}
