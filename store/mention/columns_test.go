package mention_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store/mention"
	"liverecon/store/storetest"
)

// TestEveryColumnIsErasedOrNamed is the law of columns: an ID in whatever column of text a table has is taken out of it, or
// the column is named as one that may not be changed; and what is named so before, is there afterwards.
func TestEveryColumnIsErasedOrNamed(t *testing.T) {
	const id = "f302f5d2454a85c2"
	s, _ := storetest.WithChecks(t, 1)
	db := storetest.Raw(t, s.Path())
	db.SetMaxOpenConns(1) // the pragmas are the connection's
	storetest.Exec(t, db, "PRAGMA foreign_keys = 0")
	storetest.Exec(t, db, "PRAGMA ignore_check_constraints = 1")
	triggers := storetest.Lines(t, db, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
	for _, name := range storetest.Lines(t, db, "SELECT name FROM sqlite_schema WHERE type = 'trigger'") {
		storetest.Exec(t, db, "DROP TRIGGER "+name)
	}
	planted := 0
	for _, table := range storetest.Lines(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
		AND name NOT IN ('goose_db_version', 'settings')`) {
		for _, column := range storetest.Lines(t, db, "SELECT name FROM pragma_table_info(?) WHERE type = 'TEXT'", table) {
			if table == "checks" && strings.HasSuffix(column, "id") || table == "score_counts" && column != "attack_type" {
				continue // whole IDs alone are there, and found by their hashes; counts are dropped together
			}
			planted++
			plant(t, db, table, column, planted, "x "+id)
		}
	}
	for _, text := range triggers {
		storetest.Exec(t, db, text)
	}
	before, err := s.Personal().Kept(t.Context(), []string{id})
	storetest.Check(t, err)
	if _, err := s.Personal().Erase(t.Context(), id, time.Now()); err != nil {
		t.Fatal(err)
	}
	after, err := s.Personal().Kept(t.Context(), []string{id})
	storetest.Check(t, err)
	for _, k := range after {
		if !k.Fixed {
			t.Errorf("%s.%s holds the ID still, and nobody is told that it stays", k.Table, k.Column)
		}
	}
	for _, k := range before {
		if k.Fixed && !slices.ContainsFunc(after, func(a mention.Kept) bool { return a.Table == k.Table && a.Column == k.Column }) {
			t.Errorf("%s.%s is said to stay, and is erased", k.Table, k.Column)
		}
	}
	if len(before) < 50 || planted < 100 {
		t.Errorf("the ID stood in %d of %d columns", len(before), planted)
	}
}

// plant puts a text into one column of a new row, and something into the others that have to have a value.
func plant(t *testing.T, db *sql.DB, table, column string, n int, text string) {
	t.Helper()
	var names, values []string
	for _, c := range storetest.Lines(t, db, "SELECT name || '|' || type || '|' || (\"notnull\" OR pk > 0) FROM pragma_table_info(?)", table) {
		name, rest, _ := strings.Cut(c, "|")
		kind, needed, _ := strings.Cut(rest, "|")
		if name != column && needed == "0" {
			continue
		}
		value := fmt.Sprint(1000 + n)
		switch {
		case name == column:
			value = "'" + text + "'"
		case name == "label": // a species is only of an attack
			value = "'attack'"
		case kind == "TEXT":
			value = fmt.Sprintf("'t%d'", n)
		case kind == "BLOB":
			value = fmt.Sprintf("x'%08x'", n)
		}
		names, values = append(names, `"`+name+`"`), append(values, value)
	}
	storetest.Exec(t, db, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(names, ", "), strings.Join(values, ", ")))
}
