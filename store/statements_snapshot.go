package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// StatementReader reads the vendor's statements.
type StatementReader struct{ *view }

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
	return s.lines(ctx, selectLine+`AND l.kind = 'usage' AND (l.charged_at IS NULL OR (l.charged_at >= ? AND l.charged_at < ?))
		ORDER BY l.statement_id, l.line`, each, month, millis(from), millis(to))
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
			&l.UnitPrice, &l.Amount, &l.Currency)
		if err != nil {
			return fmt.Errorf("read statement lines: %w", err)
		}
		l.ChargedAt = fromNullMillis(charged)
		if err := each(statement, &l); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Scopes returns what statements say about a billing month, in the order they were imported, superseded ones too.
// Month "" returns all.
func (s StatementReader) Scopes(ctx context.Context, month string) ([]StatementScope, error) {
	return statementScopes(ctx, s.tx, inMonth, month)
}
