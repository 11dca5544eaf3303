package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// TestPragmasOnEveryConnection holds all connections of a pool at once, so that none is asked twice.
func TestPragmasOnEveryConnection(t *testing.T) {
	s := open(t)
	const both = "SELECT (SELECT journal_mode FROM pragma_journal_mode) || ' ' || (SELECT timeout FROM pragma_busy_timeout) || ' ' || (SELECT trusted_schema FROM pragma_trusted_schema)"
	pools := []struct {
		name, query, want string
		db                *sql.DB
	}{
		{"write", both + " || ' ' || (SELECT synchronous FROM pragma_synchronous) || ' ' || (SELECT foreign_keys FROM pragma_foreign_keys)", "wal 10000 0 2 1", s.WriteDB()},
		{"read", both, "wal 10000 0", s.ReadDB()},
	}
	for _, pool := range pools {
		for n := range pool.db.Stats().MaxOpenConnections {
			conn, err := pool.db.Conn(context.Background())
			check(t, err)
			t.Cleanup(func() { check(t, conn.Close()) })
			var got string
			check(t, conn.QueryRowContext(context.Background(), pool.query).Scan(&got))
			if got != pool.want {
				t.Errorf("%s connection %d: %s, want %s", pool.name, n, got, pool.want)
			}
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	if _, err := open(t).ReadDB().Exec("DELETE FROM settings"); err == nil {
		t.Error("a reading connection wrote")
	}
}

func TestFilesAreForTheOwnerAlone(t *testing.T) {
	old := unix.Umask(0)
	t.Cleanup(func() { unix.Umask(old) })
	dir := t.TempDir()
	path := filepath.Join(dir, "liverecon.db")
	made, err := store.Open(context.Background(), path)
	check(t, err)
	check(t, made.Close())
	check(t, os.Chmod(path, 0o644)) // tightened, for an administrator may have put back a copy
	s := openAt(t, path)
	fill(t, s, 1)
	journal(t, s, admitAll{})
	check(t, s.Backup(context.Background(), filepath.Join(dir, "backup.db")))
	files, err := os.ReadDir(dir)
	check(t, err)
	if len(files) != 6 {
		t.Errorf("%v, want the database, its log and index, the lock, the spill file and the backup", files)
	}
	for _, f := range files {
		if m := mode(t, filepath.Join(dir, f.Name())); m != 0o600 {
			t.Errorf("%s has mode %o", f.Name(), m)
		}
	}
}

func TestReaderBesideWriter(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 10)
	reader, err := store.OpenReader(ctx, s.Path())
	check(t, err)
	t.Cleanup(func() { check(t, reader.Close()) })
	in, err := s.Lists().Begin(ctx)
	check(t, err)
	check(t, in.Row(rowOf(2, "ffffffffffffffff")))
	tx, err := s.WriteDB().Begin() // immediate: the one writer
	check(t, err)
	_, err = tx.Exec("UPDATE checks SET state = 'refused'")
	check(t, err)
	backlog, err := reader.Checks().Backlog(ctx)
	check(t, err)
	if len(backlog) != 1 || backlog[0].Checks != 10 {
		t.Errorf("beside an open transaction the reader sees %+v, want what was committed", backlog)
	}
	check(t, tx.Commit())
	if backlog, err = reader.Checks().Backlog(ctx); err != nil || len(backlog) != 0 {
		t.Errorf("after the commit the reader sees %+v, %v", backlog, err)
	}
	_, err = in.Commit(ctx, runID, listOf("second.csv"))
	check(t, err)
	if backlog, err = reader.Checks().Backlog(ctx); err != nil || len(backlog) != 1 || backlog[0].Checks != 1 {
		t.Errorf("after the list the reader sees %+v, %v", backlog, err)
	}
}

func TestOpenReaderRefusesWhatCannotBeUpdated(t *testing.T) {
	s, _ := withChecks(t, 1)
	execSQL(t, rawDB(t, s.Path()), "DELETE FROM goose_db_version WHERE version_id > 0")
	if _, err := store.OpenReader(context.Background(), s.Path()); !errors.Is(err, dbfile.ErrOlder) {
		t.Errorf("%v, want ErrOlder", err)
	}
}

// TestLogSurvivesOtherProcesses lets a program for SQL open and close the database beside a process that has closed a
// descriptor of the same file, which costs a process its POSIX locks on it. The visitor must not fold and remove the
// write-ahead log under the first one.
func TestLogSurvivesOtherProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	writer := startHelper(t, "write", path)
	visitor := rawDB(t, path)
	execSQL(t, visitor, "INSERT INTO settings (key, value) VALUES ('visited', 'yes')")
	check(t, visitor.Close())
	_, err := writer.stdin.Write([]byte("after the visit\n"))
	check(t, err)
	writer.hear(t, "stored")
	writer.kill()
	runs, err := openAt(t, path).Runs().Latest(context.Background(), 9)
	check(t, err)
	if len(runs) != 1 || runs[0].Version != "after the visit" {
		t.Errorf("runs %+v, want the one stored after the visit", runs)
	}
}

func TestSizeCountsTheLog(t *testing.T) {
	s, _ := withChecks(t, 100)
	var want int64
	for _, name := range []string{s.Path(), s.Path() + "-wal"} {
		info, err := os.Stat(name)
		check(t, err)
		want += info.Size()
	}
	if s.Size() != want || want < 8192 {
		t.Errorf("size %d, want %d", s.Size(), want)
	}
}
