// Package mention finds an ID in the columns of the database that hold what others wrote: names of files, the other
// columns of a list, sentences. Columns of rows that are never changed can only be named.
package mention

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"liverecon/store/internal/sqlrow"
)

// free lists the columns, by table, in which a text is replaced.
var free = []struct{ table, column string }{
	{"answers", "attack_sub_type"}, {"answers", "attack_type"}, {"answers", "body"}, {"answers", "message"},
	{"answers", "oddities"}, {"answers", "platform"}, {"answers", "score_text"}, {"answers", "sdk_version"},
	{"checks", "reference"}, {"credit_texts", "text"}, {"decision_files", "name"}, {"deliveries", "error"},
	{"dispute_notes", "comment"}, {"dispute_notes", "reference"}, {"endpoint_memory", "parked_reason"},
	{"exception_work", "comment"}, {"exception_work", "owner"}, {"labels", "species"}, {"list_notes", "note"},
	{"lists", "path"}, {"novelties", "value"}, {"rejects", "column"}, {"releases", "what"}, {"restorations", "record"},
	{"runs", "error"}, {"runs", "verdict"}, {"signatures", "comment"}, {"statement_notes", "note"},
	{"statements", "invoice"}, {"statements", "path"},
}

// ofChecks lists the columns that hold an ID itself, or what was said of it, and are emptied, or counted anew.
var ofChecks = []struct{ table, column string }{{"checks", "id"}, {"checks", "other_id"}, {"decisions", "comment"},
	{"rejects", "detail"}, {"rejects", "value"}, {"score_counts", "attack_type"}}

// notItsOwn leaves out the answers to the check of an ID, which are kept as received: they are not mentions.
const notItsOwn = " AND NOT EXISTS (SELECT 1 FROM checks c WHERE c.check_id = answers.check_id " +
	"AND ?1 IN (c.id, c.other_id))"

// Count counts the rows in which a text stands that can be replaced.
func Count(ctx context.Context, db sqlrow.Queryer, text string) (n int64, err error) {
	for _, c := range free {
		where := fmt.Sprintf("instr(%q, ?1)", c.column)
		if c.column == "body" {
			where += notItsOwn
		}
		var rows int64
		if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", c.table, where),
			text).Scan(&rows); err != nil {
			return n, fmt.Errorf("look for a text: %w", err)
		}
		n += rows
	}
	return n, nil
}

// Replace puts another text in the place of some. Counts by a type of attack that held one are made anew by the next
// run.
func Replace(ctx context.Context, tx *sql.Tx, texts []string, by string) error {
	for _, text := range texts {
		if err := forgetCounts(ctx, tx, text); err != nil {
			return fmt.Errorf("replace a text: %w", err)
		}
		if err := forgetOrigins(ctx, tx, "instr(attack_type, ?1) OR instr(sdk_version, ?1) OR instr(platform, ?1)",
			text); err != nil {
			return fmt.Errorf("replace a text: %w", err)
		}
		for _, c := range free {
			// what the vendor changed is remembered once: two rows that came to say the same are one
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("UPDATE OR REPLACE %[1]s SET %[2]q = replace(%[2]q, ?1, ?2) "+
				"WHERE instr(%[2]q, ?1)", c.table, c.column), text, by); err != nil {
				return fmt.Errorf("replace a text: %w", err)
			}
		}
	}
	return nil
}

// forgetCounts takes away the counts by type of attack, should one of the types hold a text.
func forgetCounts(ctx context.Context, tx *sql.Tx, text string) error {
	var counted bool
	err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM answers WHERE instr(attack_type, ?1)) OR EXISTS "+
		"(SELECT 1 FROM score_counts WHERE instr(attack_type, ?1))", text).Scan(&counted)
	if err != nil || !counted {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM score_counts; DELETE FROM rollups WHERE name = 'scores'")
	return err
}

// forgetOrigins takes away what is kept of the days of the answers that a condition selects.
func forgetOrigins(ctx context.Context, tx *sql.Tx, answers string, args ...any) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM origin_days WHERE day IN (SELECT (SELECT max(day) FROM origin_days "+
		"WHERE day <= answered_at) FROM answers WHERE "+answers+")", args...)
	return err
}

// Select returns the query of all texts in which one could be replaced.
func Select() string {
	var all []string
	for _, c := range free {
		all = append(all, fmt.Sprintf("SELECT %[2]q FROM %[1]s WHERE %[2]q <> ''", c.table, c.column))
	}
	return strings.Join(all, " UNION ALL ")
}

// Kept counts the rows of a column in which a text stands still. Fixed ones may not be changed.
type Kept struct {
	Table, Column string
	Rows          int64
	Fixed         bool
}

// Find looks for texts in every column of text, in all their spellings but those that are own: checks by themselves. It
// reads all rows once for every hundred texts.
func Find(ctx context.Context, db sqlrow.Queryer, texts []string, own func(text string) (bool, error)) ([]Kept, error) {
	tables, err := textColumns(ctx, db)
	if err != nil {
		return nil, err
	}
	look := newLook(texts)
	var all []Kept
	for _, t := range tables {
		found, err := t.find(ctx, db, look, own)
		if err != nil {
			return nil, fmt.Errorf("look for a text in %s: %w", t.name, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// look finds texts in cells, in any spelling.
type look struct {
	wanted []string            // as fold has them
	texts  map[string][]string // by that
	set    *Set
}

func newLook(texts []string) *look {
	l := &look{texts: map[string][]string{}}
	for _, text := range texts {
		plain := fold(text)
		if l.texts[plain] == nil {
			l.wanted = append(l.wanted, plain)
		}
		l.texts[plain] = append(l.texts[plain], text)
	}
	l.set = NewSet(l.wanted)
	return l
}

// names reports whether one of the texts stands in a cell, other than as a part of what is its own.
func (l *look) names(cell string, own func(string) (bool, error)) (bool, error) {
	var found []string
	l.set.Each([]byte(fold(cell)), func(plain string) bool {
		found = append(found, l.texts[plain]...)
		return true
	})
	if found == nil {
		return false, nil
	}
	spelled, err := spellingsOf(found)
	if err != nil {
		return false, err
	}
	return namesOne(cell, found, spelled, own)
}

// filter returns what leaves out, in the database, the rows of a table in which none of a few texts stands: many are
// found faster in what all rows hold.
func (l *look) filter(columns string) (where string, args []any, err error) {
	const few = 8
	if len(l.wanted) > few {
		return "", nil, nil
	}
	list, err := json.Marshal(l.wanted)
	return ` t WHERE EXISTS (SELECT 1 FROM json_each(?) j
		WHERE instr(replace(lower(concat_ws(char(31), ` + columns + `)), '-', ''), j.value))`, []any{string(list)}, err
}

// table represents a table and its columns of text.
type table struct {
	name    string
	columns []string
}

func textColumns(ctx context.Context, db sqlrow.Queryer) (all []table, err error) {
	rows, err := db.QueryContext(ctx, `SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.type = 'TEXT' ORDER BY 1, c.cid`)
	_, err = sqlrow.Collect(rows, err, "read columns", func(*struct{}) error {
		var name, column string
		err := rows.Scan(&name, &column)
		if last := len(all) - 1; last >= 0 && all[last].name == name {
			all[last].columns = append(all[last].columns, column)
		} else {
			all = append(all, table{name, []string{column}})
		}
		return err
	})
	return all, err
}

// find counts the rows of each column in which one of the texts stands.
func (t table) find(
	ctx context.Context, db sqlrow.Queryer, look *look, own func(string) (bool, error),
) ([]Kept, error) {
	columns := `"` + strings.Join(t.columns, `", "`) + `"`
	where, args, err := look.filter(columns)
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "SELECT "+columns+" FROM "+t.name+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	found := make([]Kept, len(t.columns))
	cells, into := make([]sql.NullString, len(t.columns)), make([]any, len(t.columns))
	for i, column := range t.columns {
		found[i] = Kept{Table: t.name, Column: column, Fixed: t.stays(column)}
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, cell := range cells {
			names, err := look.names(cell.String, own)
			if err != nil {
				return nil, err
			}
			if names {
				found[i].Rows++
			}
		}
	}
	return slices.DeleteFunc(found, func(k Kept) bool { return k.Rows == 0 }), rows.Err()
}

// stays reports whether a column may not be changed: those of rows of money, of what the vendor said about it, and of
// what says who is answerable for what.
func (t table) stays(column string) bool {
	return !slices.Contains(slices.Concat(free, ofChecks), struct{ table, column string }{t.name, column})
}

// namesOne reports whether a text holds one of some IDs, or a spelling that is no check by itself.
func namesOne(text string, ids []string, spelled *regexp.Regexp, own func(string) (bool, error)) (bool, error) {
	for _, s := range spelled.FindAllString(text, -1) {
		if slices.Contains(ids, s) {
			return true, nil
		}
		if other, err := own(s); err != nil || !other {
			return err == nil, err
		}
	}
	return false, nil
}

// spellingsOf returns an expression that matches all spellings of texts.
func spellingsOf(texts []string) (*regexp.Regexp, error) {
	var forms []string
	for _, text := range texts {
		forms = append(forms, regexp.QuoteMeta(text))
		if plain := fold(text); len(plain) >= minFolded {
			letters := make([]string, 0, len(plain))
			for _, r := range plain {
				letters = append(letters, regexp.QuoteMeta(string(r)))
			}
			forms = append(forms, "(?i:"+strings.Join(letters, "-?")+")")
		}
	}
	spelled, err := regexp.Compile(strings.Join(forms, "|"))
	if err != nil {
		return nil, fmt.Errorf("look for a text: %w", err)
	}
	return spelled, nil
}

// minFolded holds the length from which a text is looked for as others write it: a shorter one would be found in words.
const minFolded = 8

// Spellings returns the ways in which a text stands in what others wrote, besides as it is: in other case, with dashes
// or without.
func Spellings(ctx context.Context, db sqlrow.Queryer, text string) ([]string, error) {
	plain := fold(text)
	if len(plain) < minFolded {
		return nil, nil
	}
	spelled, err := spellingsOf([]string{text})
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "WITH texts (written) AS ("+texts+") SELECT written FROM texts "+
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
