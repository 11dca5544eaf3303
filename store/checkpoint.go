package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"liverecon/store/dbfile"
	"liverecon/store/internal/sqlrow"
)

// SQLite copies its log into the database file by itself, after a commit that has made the log long and when the last
// connection is closed; that this failed it tells nobody. While calls are made, when the database is opened and before
// it is closed it is therefore asked to. What it says is believed once: where a sync has failed, the system may have
// given up what was to be written and report success the next time, so nothing is tried again but the copying as a
// whole, from a log that was synced.

const (
	checkpointPages = 4000                  // in the log that are not yet in the file
	checkpointEvery = 50 * time.Millisecond // is how often the journal looks
)

// setAutoCheckpoint sets with how many pages in the log a connection copies it into the file by itself; 0: never.
func setAutoCheckpoint(ctx context.Context, conn *sql.Conn, pages int) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", pages))
	return err
}

// checkpoint copies the log into the database file as far as readers permit, if there are at least so many pages. A
// disk without room is no error: the log holds what the file cannot take.
func checkpoint(ctx context.Context, db sqlrow.Queryer, pages int) error {
	log, moved, err := walCheckpoint(ctx, db, "NOOP")
	if err != nil || log-moved < pages {
		return err
	}
	_, _, err = walCheckpoint(ctx, db, "PASSIVE")
	if dbfile.IsFull(err) {
		return nil
	}
	return err
}

// errBusy reports that readers, or another writer, did not let the log be emptied.
var errBusy = errors.New("others use the log")

func walCheckpoint(ctx context.Context, db sqlrow.Queryer, mode string) (log, moved int, err error) {
	var busy int
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &log, &moved); err != nil {
		return 0, 0, fmt.Errorf("copy log into database: %w", err)
	}
	if busy != 0 {
		return log, moved, errBusy
	}
	return log, moved, nil
}
