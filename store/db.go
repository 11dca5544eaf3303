package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"liverecon/store/dbfile"
	"liverecon/store/guard"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/schema"
)

// db represents the open file: what Store and everything it hands out work with.
type db struct {
	path       string   // links followed
	file       *os.File // the database, opened before SQLite did and closed after it has
	migrations schema.Files
	write      *sql.DB
	guard      *guard.Guard // of write
	read       *sql.DB
	displaced  atomic.Bool   // and that was said
	records    *keptRecords  // nil: none are kept
	anew       bool          // its schema or identity was made just now: there can be no record of it
	told       Announce      // nil: nobody is
	patience   time.Duration // for another program's write lock
	immutable  bool          // opened for reading where nothing can be written, not even a lock
	isCopy     bool          // made to be read and thrown away
	updated    string        // path of the copy that is read in the place of a database of an older schema
}

// busyTimeout sets how long another program's write lock is waited for where nobody says otherwise.
const busyTimeout = 10 * time.Second

// announce tells of work that begins; done is to be called when it has ended.
func (d *db) announce(what string, rows int64) (done func()) {
	if d.told == nil {
		return func() {}
	}
	return d.told(what, rows)
}

// foldLeft empties the log that an earlier process left. After a sync that failed the system may show what it has not
// written, and what were stored behind it would be lost with it; a log that is begun anew is written as a whole.
func (d *db) foldLeft(ctx context.Context) error {
	_, _, err := walCheckpoint(ctx, d.write, "TRUNCATE")
	switch {
	case errors.Is(err, errBusy), dbfile.IsFull(err): // it stays as it is, which is right but for that case
		return nil
	case err != nil:
		return err
	}
	return dbfile.SyncPath(d.path + "-wal")
}

func (d *db) writing(ctx context.Context, do func(*sql.Tx) error) error {
	return sqlrow.Writing(ctx, d.write, do)
}

func (d *db) emptyLog(ctx context.Context) error {
	_, _, err := walCheckpoint(ctx, d.write, "TRUNCATE")
	if errors.Is(err, errBusy) {
		return fmt.Errorf("empty the log: %w", ErrInUse)
	}
	return err
}

// ErrStopped wraps the failure of every write after one that the disk did not keep.
var ErrStopped = guard.ErrStopped

// Stopped returns what the disk did not keep: nothing was written since, and nothing will be. nil while all is well.
func (d *db) Stopped() error { return d.guard.Cause() }

// closeWrite ends the connections that write. Once they have stopped, one that reads stays until the process ends: the
// last one to be closed would copy the log into the file.
func (d *db) closeWrite() error {
	if d.Stopped() != nil {
		if err := d.pin(); err != nil {
			return err // and they stay, too
		}
	}
	return d.write.Close()
}

// pin opens a connection that reads, and leaves it open.
func (d *db) pin() error {
	reader, err := openReader(d.path, "ro")
	if err != nil {
		return err
	}
	var tables int
	return reader.QueryRowContext(context.Background(), "SELECT count(*) FROM sqlite_schema").Scan(&tables)
}

func (d *db) spillPath() string { return d.path + dbfile.SpillSuffix }

// fold copies the log into the file, as closing it does, which does not tell when it cannot. What a reader still needs,
// or a full disk has no room for, stays in the log.
func (d *db) fold() error {
	err := checkpoint(context.Background(), d.write, 1)
	if errors.Is(err, errBusy) {
		return nil
	}
	return err
}

// inPlace makes sure that what is written goes into the file that the next start will open.
func (d *db) inPlace() error {
	if d.file == nil { // in the making
		return nil
	}
	err := dbfile.Still(d.path, d.file)
	if errors.Is(err, dbfile.ErrDisplaced) {
		d.displaced.Store(true)
	}
	return err
}
