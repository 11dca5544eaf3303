package store

import (
	"context"
	"database/sql"
	"io/fs"
)

// WriteDB and ReadDB are the two pools, for tests of what is in force on their connections.
func (s *Store) WriteDB() *sql.DB { return s.write }

// ReadDB is the pool for reading.
func (s *Store) ReadDB() *sql.DB { return s.read }

// Exec runs a statement on the journal's own connection, between two commits.
func (j *Journal) Exec(text string) error {
	_, err := j.conn.ExecContext(context.Background(), text)
	return err
}

// OpenWith opens with other migrations than the program's.
func OpenWith(ctx context.Context, path string, files fs.FS) (*Store, error) {
	return open(ctx, path, files)
}

// Migrations are the program's own.
func Migrations() fs.FS { return migrations }

// SpillRoom is the size in bytes of a new spill file.
func SpillRoom(records int) int64 { return int64(records+1) * spillRecordRoom }

// Queued is how many events wait for the writing goroutine.
func (j *Journal) Queued() int { return len(j.events) }
