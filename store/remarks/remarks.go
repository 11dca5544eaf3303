// Package remarks keeps what was said of a list, or of a statement, when it was read: a sentence each, in order. They
// are not made again, since a later version may read the same file otherwise.
package remarks

import (
	"context"
	"database/sql"
	"fmt"

	"liverecon/store/internal/sqlrow"
	"liverecon/store/mention"
)

// Of names what remarks are about.
type Of string

// What remarks are about.
const (
	List      Of = "list"
	Statement Of = "statement"
)

// Keep stores the remarks on a list or statement that has none yet, without the IDs that were erased.
func Keep(ctx context.Context, db sqlrow.Execer, of Of, id int64, remarks []string, erased mention.Erased) error {
	for i, text := range remarks {
		query := fmt.Sprintf("INSERT INTO main.%[1]s_notes (%[1]s_id, number, note) VALUES (?, ?, ?)", of)
		_, err := db.ExecContext(ctx, query, id, i+1, erased.Clean(text, mention.Gone))
		if err != nil {
			return fmt.Errorf("keep what was said of a %s: %w", of, err)
		}
	}
	return nil
}

// Read returns the remarks on a list or statement, none where nothing was said.
func Read(ctx context.Context, tx *sql.Tx, of Of, id int64) ([]string, error) {
	query := fmt.Sprintf("SELECT note FROM %[1]s_notes WHERE %[1]s_id = ? ORDER BY number", of)
	rows, err := tx.QueryContext(ctx, query, id)
	return sqlrow.Collect(rows, err, "read what was said of a "+string(of), func(text *string) error {
		return rows.Scan(text)
	})
}
