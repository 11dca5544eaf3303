// Package remarks keeps what was said of a list, or of a statement, when it was read: a sentence each, in order. They
// are not made again, since a later version may read the same file otherwise.
package remarks

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

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

// Said holds what was said of a list, and why rows of it were rejected.
type Said struct {
	Path  string
	Notes []string
}

// OfLists returns what was said of the lists that were read in [from, to), of the newest ones, and of how many more
// something was said.
func OfLists(ctx context.Context, tx *sql.Tx, from, to time.Time, most int) (said []Said, more int, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT list_id, path, rejected, count(*) OVER () FROM lists l
		WHERE read_at >= ? AND read_at < ?
			AND (rejected > 0 OR EXISTS (SELECT 1 FROM list_notes n WHERE n.list_id = l.list_id))
		ORDER BY list_id DESC LIMIT ?`, sqlrow.Millis(from), sqlrow.Millis(to), most)
	type one struct {
		Said
		id, rejected int64
		all          int
	}
	lists, err := sqlrow.Collect(rows, err, "read which lists something was said of", func(l *one) error {
		return rows.Scan(&l.id, &l.Path, &l.rejected, &l.all)
	})
	for i := 0; i < len(lists) && err == nil; i++ {
		l := &lists[i]
		if l.Notes, err = Read(ctx, tx, List, l.id); err != nil {
			break
		}
		if l.rejected > 0 {
			var reasons []string
			if reasons, err = rejected(ctx, tx, l.id); len(reasons) > 0 {
				l.Notes = append(l.Notes, "rejected: "+strings.Join(reasons, ", "))
			}
		}
		said, more = append(said, l.Said), l.all-len(lists)
	}
	return said, more, err
}

// rejected counts the rejected rows of a list by reason, most first.
func rejected(ctx context.Context, tx *sql.Tx, list int64) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT count(*) || ' ' || replace(reason, '_', ' ') FROM rejects
		WHERE list_id = ? GROUP BY reason ORDER BY count(*) DESC, reason`, list)
	return sqlrow.Collect(rows, err, "count why rows were rejected", func(text *string) error {
		return rows.Scan(text)
	})
}
