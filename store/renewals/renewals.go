// Package renewals keeps which reports are to be written again, since what they show is taken out of the database: what
// is cut short between the two is finished later.
package renewals

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"liverecon/store/internal/sqlrow"
)

// Log represents the renewals that a database owes.
type Log struct{ read, write *sql.DB }

// New returns the renewals of a database by its connections.
func New(read, write *sql.DB) Log { return Log{read, write} }

// known gives the names that are kept: a list in one setting.
const known = "SELECT value FROM json_each(coalesce((SELECT value FROM settings WHERE key = 'renewals'), '[]'))"

// Owe keeps reports, by their names in the directory of reports, until they are Done.
func (l Log) Owe(ctx context.Context, reports []string) error {
	return l.keep(ctx, known+" UNION SELECT value FROM json_each(?)", reports)
}

// Done notes that reports were written again, or are there no more.
func (l Log) Done(ctx context.Context, reports ...string) error {
	return l.keep(ctx, known+" EXCEPT SELECT value FROM json_each(?)", reports)
}

// keep keeps the names that a query gives, which is given some.
func (l Log) keep(ctx context.Context, query string, reports []string) error {
	if len(reports) == 0 {
		return nil
	}
	list, err := json.Marshal(reports)
	if err == nil {
		_, err = l.write.ExecContext(ctx, "INSERT INTO settings (key, value) SELECT 'renewals', "+
			"json_group_array(value) FROM ("+query+") WHERE true "+
			"ON CONFLICT (key) DO UPDATE SET value = excluded.value", string(list))
	}
	if err != nil {
		return fmt.Errorf("note reports to be written again: %w", err)
	}
	return nil
}

// Owed returns the reports that are still to be written again, in the order of their names.
func (l Log) Owed(ctx context.Context) ([]string, error) {
	rows, err := l.read.QueryContext(ctx, known+" ORDER BY value")
	return sqlrow.Collect(rows, err, "read reports to be written again", func(name *string) error {
		return rows.Scan(name)
	})
}
