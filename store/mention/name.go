package mention

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"liverecon/store/internal/sqlrow"
)

// Named counts the rows that bear a person's name and may lose it.
type Named struct {
	Decisions int64 // of risk, by the person
	Worked    int64 // exceptions of finance that the person owns
	Comments  int64 // in which the name stands
}

// Empty reports whether there is none.
func (n Named) Empty() bool { return n == Named{} }

// commented lists the tables in which people comment, with the key of a row and what replaces a comment that names
// somebody: a decision's is never written anew, and is left out whole.
var commented = []struct {
	table, key string
	rewritten  bool
}{{"decisions", "decision_id", false}, {"exception_work", "work_id", true}, {"signatures", "signature_id", true}}

// CountName counts what bears a person's name.
func CountName(ctx context.Context, db sqlrow.Queryer, name string) (n Named, err error) {
	err = db.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM decisions WHERE reviewer = ?1), (SELECT count(*) "+
		"FROM exception_work WHERE trim(owner) = ?1)", name).Scan(&n.Decisions, &n.Worked)
	if err != nil {
		return n, fmt.Errorf("look for a name: %w", err)
	}
	for _, c := range commented {
		all, err := commentsNaming(ctx, db, c.table, c.key, name)
		if err != nil {
			return n, err
		}
		n.Comments += int64(len(all))
	}
	return n, nil
}

// EraseName takes a person's name out of what people decided and wrote; that it was decided stays.
func EraseName(ctx context.Context, tx *sql.Tx, name string) error {
	for _, text := range []string{"UPDATE decisions SET reviewer = ?2 WHERE reviewer = ?1",
		"UPDATE exception_work SET owner = ?2 WHERE trim(owner) = ?1"} {
		if _, err := tx.ExecContext(ctx, text, name, Gone); err != nil {
			return fmt.Errorf("take out a name: %w", err)
		}
	}
	for _, c := range commented {
		all, err := commentsNaming(ctx, tx, c.table, c.key, name)
		if err != nil {
			return err
		}
		for _, comment := range all {
			var without any // none
			if c.rewritten {
				without = wordForm(name).ReplaceAllString(comment.text, "${1}"+Gone+"${2}")
			}
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("UPDATE %s SET comment = ? WHERE %s = ?", c.table, c.key),
				without, comment.key); err != nil {
				return fmt.Errorf("take out a name: %w", err)
			}
		}
	}
	return nil
}

type comment struct {
	key  int64
	text string
}

func commentsNaming(ctx context.Context, db sqlrow.Queryer, table, key, name string) (naming []comment, err error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT %s, comment FROM %s WHERE instr(comment, ?)", key, table),
		name)
	all, err := sqlrow.Collect(rows, err, "read comments", func(c *comment) error { return rows.Scan(&c.key, &c.text) })
	form := wordForm(name)
	for _, c := range all {
		if form.MatchString(c.text) {
			naming = append(naming, c)
		}
	}
	return naming, err
}

// wordForm matches a name that stands by itself: Ana is not in Analyst.
func wordForm(names ...string) *regexp.Regexp {
	quoted := make([]string, 0, len(names))
	for _, name := range names {
		quoted = append(quoted, regexp.QuoteMeta(name))
	}
	return regexp.MustCompile(`(^|[^\pL\pN])(?:` + strings.Join(quoted, "|") + `)($|[^\pL\pN])`)
}

// ContainsName reports whether one of some names stands by itself in what r gives.
func ContainsName(r io.Reader, names []string) (bool, error) {
	form, rest := wordForm(names...), &watched{Reader: r}
	found := form.MatchReader(bufio.NewReaderSize(rest, 1<<16))
	return found, rest.err
}

// watched keeps the error that ended reading, but for the end itself.
type watched struct {
	io.Reader
	err error
}

func (w *watched) Read(p []byte) (n int, err error) {
	if n, err = w.Reader.Read(p); err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// answerable lists the columns that say who is answerable, for money or for what was asked twice: they keep names.
var answerable = []struct{ table, column string }{{"closures", "closed_by"}, {"closures", "reopened_by"},
	{"releases", "released_by"}, {"restorations", "restored_by"}, {"signatures", "name"}}

// Answerable counts the rows that keep a person's name.
func Answerable(ctx context.Context, db sqlrow.Queryer, name string) (kept []Kept, err error) {
	for _, c := range answerable {
		k := Kept{Table: c.table, Column: c.column, Fixed: true}
		if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s = ?", c.table, c.column),
			name).Scan(&k.Rows); err != nil {
			return nil, fmt.Errorf("look for a name: %w", err)
		}
		if k.Rows > 0 {
			kept = append(kept, k)
		}
	}
	return kept, nil
}
