// Package mention finds an ID in the columns of the database that hold what others wrote: names of files, the other
// columns of a list, sentences. Columns of rows that are never changed can only be named.
package mention

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"liverecon/store/internal/sqlrow"
)

// free lists the columns, by table, in which a text is replaced.
var free = []struct{ table, column string }{
	{"answers", "message"}, {"checks", "reference"}, {"credit_texts", "text"}, {"decision_files", "name"},
	{"deliveries", "error"}, {"dispute_notes", "comment"}, {"dispute_notes", "reference"},
	{"endpoint_memory", "parked_reason"}, {"exception_work", "comment"}, {"exception_work", "owner"},
	{"labels", "species"}, {"lists", "path"}, {"restorations", "record"}, {"runs", "error"},
	{"runs", "verdict"}, {"signatures", "comment"}, {"statements", "invoice"}, {"statements", "path"},
}

// fixed lists the tables whose rows are never changed.
var fixed = []string{"calls", "outcomes", "transactions", "repeated_answers", "statement_lines", "reconciled"}

// Count counts the rows in which a text stands that can be replaced.
func Count(ctx context.Context, db sqlrow.Queryer, text string) (n int64, err error) {
	for _, c := range free {
		var rows int64
		if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE instr(%s, ?)", c.table, c.column),
			text).Scan(&rows); err != nil {
			return n, fmt.Errorf("look for a text: %w", err)
		}
		n += rows
	}
	return n, nil
}

// Replace puts another text in the place of some.
func Replace(ctx context.Context, tx *sql.Tx, texts []string, by string) error {
	for _, text := range texts {
		for _, c := range free {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("UPDATE %[1]s SET %[2]s = replace(%[2]s, ?1, ?2) "+
				"WHERE instr(%[2]s, ?1)", c.table, c.column), text, by); err != nil {
				return fmt.Errorf("replace a text: %w", err)
			}
		}
	}
	return nil
}

// Select returns the query of all texts in which one could be replaced.
func Select() string {
	var all []string
	for _, c := range free {
		all = append(all, fmt.Sprintf("SELECT %[2]s FROM %[1]s WHERE %[2]s <> ''", c.table, c.column))
	}
	return strings.Join(all, " UNION ALL ")
}

// Kept counts the rows of a column in which a text stands that may not be changed: they are money, or the vendor's
// words.
type Kept struct {
	Table, Column string
	Rows          int64
}

// Find looks for texts in the columns that are never changed, such as the transaction ID of a statement's line. It
// reads them all.
func Find(ctx context.Context, db sqlrow.Queryer, texts []string) ([]Kept, error) {
	rows, err := db.QueryContext(ctx, `SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.type = 'TEXT' ORDER BY 1, 2`)
	columns, err := sqlrow.Collect(rows, err, "read columns", func(k *Kept) error {
		return rows.Scan(&k.Table, &k.Column)
	})
	var kept []Kept
	for _, k := range columns {
		if !slices.Contains(fixed, k.Table) {
			continue
		}
		for _, text := range texts {
			var n int64
			if err == nil {
				err = db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE instr(lower(%q), lower(?))",
					k.Table, k.Column), text).Scan(&n)
			}
			k.Rows += n
		}
		if k.Rows > 0 {
			kept = append(kept, k)
		}
	}
	return kept, err
}

// minFolded holds the length from which a text is looked for as others write it: a shorter one would be found in words.
const minFolded = 8

// Spellings returns the ways in which a text stands in what others wrote, besides as it is: in other case, with dashes
// or without.
func Spellings(ctx context.Context, db sqlrow.Queryer, text string) ([]string, error) {
	plain := strings.ToLower(strings.ReplaceAll(text, "-", ""))
	if len(plain) < minFolded {
		return nil, nil
	}
	letters := make([]string, 0, len(plain))
	for _, r := range plain {
		letters = append(letters, regexp.QuoteMeta(string(r)))
	}
	spelled, err := regexp.Compile("(?i)" + strings.Join(letters, "-?"))
	if err != nil {
		return nil, fmt.Errorf("look for a text: %w", err)
	}
	query := Select() + " UNION ALL SELECT value FROM rejects UNION ALL SELECT detail FROM rejects" +
		" UNION ALL SELECT comment FROM decisions WHERE comment IS NOT NULL"
	rows, err := db.QueryContext(ctx, "WITH texts (written) AS ("+query+") SELECT written FROM texts "+
		"WHERE instr(replace(lower(written), '-', ''), ?)", plain)
	found, err := sqlrow.Collect(rows, err, "look for a text", func(s *string) error { return rows.Scan(s) })
	var all []string
	for _, written := range found {
		for _, s := range spelled.FindAllString(written, -1) {
			if s != text && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all, err
}
