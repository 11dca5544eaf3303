// Package schema makes the tables of a new database, and brings those of an older program up to date.
package schema

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"liverecon/store/dbfile"
	"liverecon/store/internal/sqlrow"
)

// ApplicationID marks a file as ours (PRAGMA application_id): "LIVR" in ASCII.
const ApplicationID = 0x4C495652

// Whole names the file of statements that make what all migrations together make, in one transaction: each migration
// would have SQLite read the schema anew, which is nearly all that making a database takes.
const Whole = "schema.sql"

// Files holds the migrations of a program, migrations/NUMBER_name.sql, and perhaps [Whole].
type Files struct{ fs.FS }

// Versions returns the schema version of the file and the one this program writes; [dbfile.ErrLost] for a file without
// any schema, [dbfile.ErrForeign] for another program's.
func (f Files) Versions(ctx context.Context, db *sql.DB) (have, want int64, err error) {
	if want, err = f.newest(); err != nil {
		return 0, 0, err
	}
	var id, tables int64
	// The migrations' own table alone is no schema, either.
	if err := db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_schema WHERE tbl_name NOT IN ('goose_db_version', 'sqlite_sequence'))`).Scan(&id,
		&tables); err != nil {
		return 0, 0, fmt.Errorf("read schema: %w", err)
	}
	if id == 0 && tables == 0 {
		return 0, want, fmt.Errorf("there is nothing in it: %w", dbfile.ErrLost)
	}
	if id != ApplicationID {
		return 0, 0, fmt.Errorf("application_id %d: %w", id, dbfile.ErrForeign)
	}
	err = db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&have)
	if err != nil {
		return 0, 0, fmt.Errorf("read schema version: %w", err)
	}
	return have, want, nil
}

// newest returns the highest number that a migration's file name begins with.
func (f Files) newest() (newest int64, err error) {
	files, err := fs.Glob(f, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return 0, fmt.Errorf("read migrations: %w", err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}

// Create makes the tables of a database that has none: by [Whole], else by all migrations.
func (f Files) Create(ctx context.Context, db *sql.DB) error {
	text, err := fs.ReadFile(f, Whole)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createVersions(ctx, db); err != nil {
			return fmt.Errorf("make table of versions: %w", err)
		}
		return f.Upgrade(ctx, db, 0)
	}
	if err != nil {
		return err
	}
	return sqlrow.Writing(ctx, db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("make tables: %w", err)
		}
		return nil
	})
}

// createVersions makes goose's own table, at which goose would try four times: what a disk has failed to keep is not
// tried again.
func createVersions(ctx context.Context, db *sql.DB) error {
	versions, err := database.NewStore(database.DialectSQLite3, goose.DefaultTablename)
	if err != nil {
		return err
	}
	return sqlrow.Writing(ctx, db, func(tx *sql.Tx) error {
		if err := versions.CreateVersionTable(ctx, tx); err != nil {
			return err
		}
		return versions.Insert(ctx, tx, database.InsertRequest{Version: 0})
	})
}

// Upgrade brings the tables of a database from a version to the newest, a transaction a migration.
func (f Files) Upgrade(ctx context.Context, db *sql.DB, from int64) error {
	sub, err := fs.Sub(f, "migrations")
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, sqlrow.LargeCache); err != nil { // of the one connection there is by now
		return fmt.Errorf("take memory to migrate: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, sub, goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate from %d: %w", from, err)
	}
	return nil
}
