package store_test

import (
	"database/sql"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"liverecon/store"
	"liverecon/store/schema"
)

var updateSchema = flag.Bool("update-schema", false, "write schema.sql anew from the migrations")

// migrationsAlone hides from a store the file that makes a whole database at once.
type migrationsAlone struct{ fs.FS }

func (m migrationsAlone) Open(name string) (fs.File, error) {
	if name == schema.Whole {
		return nil, fs.ErrNotExist
	}
	return m.FS.Open(name)
}

// TestSchemaIsWhole: schema.sql makes what all migrations make, to the last row and setting of the file, but for its
// identity and the time of its making; after a new migration, -update-schema writes it anew.
func TestSchemaIsWhole(t *testing.T) {
	migrated, err := store.OpenWith(t.Context(), filepath.Join(t.TempDir(), "migrated.db"), migrationsAlone{store.Migrations()})
	check(t, err)
	t.Cleanup(func() { check(t, migrated.Close()) })
	if *updateSchema {
		check(t, os.WriteFile(schema.Whole, []byte(schemaText(t, migrated.ReadDB())), 0o644))
		return
	}
	whole := open(t)
	want, got := schemaText(t, migrated.ReadDB()), schemaText(t, whole.ReadDB())
	if diff := firstDifference(want, got); diff != "" {
		t.Errorf("schema.sql does not make what the migrations make (go test ./store -run TestSchemaIsWhole -args -update-schema): %s", diff)
	}
	if text, err := os.ReadFile(schema.Whole); err != nil || string(text) != want {
		t.Errorf("schema.sql is not what -update-schema writes: %v", err)
	}
	for _, pragma := range []string{"application_id", "user_version", "auto_vacuum", "page_size", "encoding", "journal_mode"} {
		if want, got := lines(t, migrated.ReadDB(), "PRAGMA "+pragma), lines(t, whole.ReadDB(), "PRAGMA "+pragma); !slices.Equal(want, got) {
			t.Errorf("%s is %s, after all migrations %s", pragma, got, want)
		}
	}
	const identity = "SELECT value FROM settings WHERE key = 'identity'"
	if a, b := lines(t, whole.ReadDB(), identity), lines(t, open(t).ReadDB(), identity); len(a[0]) != 32 || slices.Equal(a, b) {
		t.Errorf("two new databases have the identities %s and %s", a, b)
	}
}

// schemaText writes the statements that make what a new database holds: its tables in the order of their making, then
// their rows.
func schemaText(t *testing.T, db *sql.DB) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("-- What all migrations together make, made at once for a new database. Written by\n" +
		"-- go test ./store -run TestSchemaIsWhole -args -update-schema, and compared with them by the same test.\n\n" +
		fmt.Sprintf("PRAGMA application_id = %d;\n", schema.ApplicationID))
	for _, statement := range texts(t, db, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid") {
		text.WriteString("\n" + strings.TrimSpace(statement) + ";\n")
	}
	for _, table := range texts(t, db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence' ORDER BY rowid") {
		columns := texts(t, db, "SELECT name FROM pragma_table_info(?) ORDER BY cid", table)
		values := make([]string, len(columns))
		for i, c := range columns {
			values[i] = fmt.Sprintf("quote(%s)", c)
			if table == "goose_db_version" && c == "tstamp" {
				values[i] = "'datetime(''now'')'"
			}
			if table == "settings" && c == "value" {
				values[i] = "CASE key WHEN 'identity' THEN 'lower(hex(randomblob(16)))' ELSE quote(value) END"
			}
		}
		rows := texts(t, db, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", strings.Join(values, " || ', ' || "), table, columns[0]))
		if len(rows) > 0 {
			fmt.Fprintf(&text, "\nINSERT INTO %s (%s) VALUES\n  (%s);\n", table, strings.Join(columns, ", "), strings.Join(rows, "),\n  ("))
		}
	}
	return text.String()
}

// texts reads the only column of a query, with the lines that a value has.
func texts(t *testing.T, db *sql.DB, query string, args ...any) (values []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	check(t, err)
	for rows.Next() {
		var value string
		check(t, rows.Scan(&value))
		values = append(values, value)
	}
	check(t, rows.Err())
	return values
}

// firstDifference shows where two texts part, "" where they do not.
func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		x, y := "(its end)", "(its end)"
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return fmt.Sprintf("line %d is %q, want %q", i+1, y, x)
		}
	}
	return ""
}
