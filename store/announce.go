package store

import (
	"context"
	"database/sql"
)

// Announce hears of work on the whole database, which may take minutes: what it is, and about how many rows it goes
// through. done is called when it has ended well.
type Announce func(what string, rows int64) (done func())

// announceFrom sets how many calls make it worth saying that they are indexed: most of a second.
const announceFrom = 50_000

// rowsOf estimates how many checks and calls there are, in a schema of any version.
func rowsOf(ctx context.Context, db *sql.DB) (n int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT (SELECT coalesce(max(check_id), 0) FROM checks) + (SELECT `+
		`coalesce(max(call_id), 0) FROM calls)`).Scan(&n)
	return n, err
}
