package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"liverecon/store/dbfile"
	"liverecon/store/internal/query"
)

// WriteDB and ReadDB are the two pools, for tests of what is in force on their connections.
func (s *Store) WriteDB() *sql.DB { return s.write }

// ReadDB is the pool for reading.
func (s *Store) ReadDB() *sql.DB { return s.read }

// OpenRegular opens a file that stands beside a database, for reading.
func OpenRegular(path string) (io.Closer, error) { return dbfile.OpenRegular(path, os.O_RDONLY, 0) }

// Exec runs a statement on the journal's own connection, between two commits.
func (j *JournalWriter) Exec(text string) error {
	_, err := j.conn.ExecContext(context.Background(), text)
	return err
}

// Checkpoint makes the journal copy the log into the file after every commit that finds so many pages in it.
func (j *JournalWriter) Checkpoint(pages int) { j.every, j.pages = 0, pages }

// FailSpillSync lets the next sync of the spill file fail, and counts those after it.
func (j *JournalWriter) FailSpillSync(err error) (later *int) {
	broken := &brokenSpill{spillFile: j.spill.file, err: err}
	j.spill.file = broken
	return &broken.later
}

type brokenSpill struct {
	spillFile
	err   error
	later int
}

func (b *brokenSpill) Sync() error {
	if err := b.err; err != nil {
		b.err = nil
		return err
	}
	b.later++
	return b.spillFile.Sync()
}

// OpenWith opens with other migrations than the program's.
func OpenWith(ctx context.Context, path string, files fs.FS) (*Store, error) {
	return open(ctx, path, files)
}

// OwnLocks does what opening a database does before anything else has used SQLite.
func OwnLocks() { ownLocks() }

// OpenUnlocked opens for writing what somebody else may have locked, under the name it is given: its spill file is
// beside that. It stands for a lock that does not work.
func OpenUnlocked(ctx context.Context, path string) (*Store, error) {
	s, err := openWriter(ctx, path, migrations, nil, busyTimeout)
	if err != nil {
		return nil, err
	}
	s.read, err = openReader(path, "ro")
	return s, err
}

// Migrations are the program's own.
func Migrations() fs.FS { return migrations }

// SpillRoom is the size in bytes of a new spill file.
func SpillRoom(records int) int64 { return int64(records+1) * spillRecordRoom }

// Queued is how many events wait for the writing goroutine.
func (j *JournalWriter) Queued() int { return len(j.events) }

// InsertCalls stores a call with its result for each intent, through the journal's statements, perCommit a transaction.
func (s *Store) InsertCalls(ctx context.Context, intents []Intent, result func(Intent) Result, perCommit int) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	calls, err := prepareCalls(ctx, conn)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	for chunk := range slices.Chunk(intents, perCommit) {
		if err = insertChunk(ctx, conn, calls, chunk, result); err != nil {
			break
		}
	}
	return errors.Join(err, calls.close(), conn.Close())
}

func insertChunk(ctx context.Context, conn *sql.Conn, calls *callWriter, intents []Intent, result func(Intent) Result) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	counts := map[usageKey]int64{}
	for _, in := range intents {
		r := result(in)
		id, err := calls.insertIntent(in)
		if err == nil {
			err = calls.insertResult(id, in, &r)
		}
		if err != nil {
			return err
		}
		counts[usageOf(in, r)]++
	}
	if err := calls.addUsage(counts); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, "COMMIT")
	return err
}

// MoveAt makes a journal move transaction IDs to their table when so many are in memory.
func (j *JournalWriter) MoveAt(n int) { j.known.most = n }

// InMemory is how many transaction IDs a journal has in memory.
func (j *JournalWriter) InMemory() int {
	j.known.mu.Lock()
	defer j.known.mu.Unlock()
	return len(j.known.recent)
}

// TransactionKey returns the key of a transaction ID.
func TransactionKey(id string) int64 { return query.TransactionKey(id) }

// BreakRecords makes every later writing of the records fail.
func (s *Store) BreakRecords() {
	for _, f := range s.records.files {
		_ = f.file.Close()
	}
}
