// Package store keeps everything liverecon knows in one SQLite file, and holds every SQL statement of the project.
//
// The data model, from the outside in:
//
//	runs ──< lists ──< rejects                 what was read, and what could not be; list_regions counts it by region
//	 │         │
//	 │         └──< checks                     one row an ID: where it stands now (state)
//	 │                │  ├──< list_repeats     where the same ID stood again
//	 │                │  ├──< other_ids        by which IDs it is known besides its own; folds: in mixed case
//	 │                │  ├──< unconfirmed      called absent while its endpoint knew nobody, too few to tell why
//	 │                │  └──< holds            why it is held: restorations; who ended that: releases
//	 │                │                        and what it may have cost all the same: lost_doubts;
//	 │                │                        runs of other histories that are counted as lost: lost_histories
//	 │                └──< calls               the intent of one request, durable before it is sent
//	 │                       ├── outcomes      what became of it: at most one a call
//	 │                       ├── transactions  under which call a transaction ID stands
//	 │                       ├── repeated_answers  its answer was not believed: it was another call's
//	 │                       ├── suspects      its answer may be another ID's
//	 │                       └── answers       what the answer said; standing = 1 is the check's result
//	 │                             ├──< decisions      what people decided; the last stands (decision_files, labels)
//	 │                             ├──< evidence       its images, and evidence_queue, where they are to be had
//	 │                             └──< novelties      what the vendor's page does not document
//	 ├──< endpoint_nights                      what a run's answers say of an endpoint; nights of nobody are among them
//	 └──< price_uses                           under which of the price_books calls were made: price_changes, priced_usage
//
//	usage                                      calls counted by quarter hour, kept with the outcomes
//	statements, reconciliations, closures      what the vendor billed, and what became of it: see 00004_statements.sql
//	statement_parts, reconciled_parts, payables  what of a statement stands, was reconciled with, and is paid
//	list_notes, statement_notes                what was said of a file when it was read
//	reconciliation_gates                       is it ours; exception_work, signatures, dispute_notes, credit_texts
//	deliveries                                 what was to be sent to whom after a run, and whether it was
//	rollups                                    score_counts, call_counts, paid_transactions, origin_days: can be made anew
//	probes                                     calls without an ID, made to try a result URL; in no cap and no workbook
//	endpoint_memory                            the rate an endpoint settled at, and until when it is parked
//	settings                                   identity and epoch of the database, threshold, and how far marks have come
//	erasures, purged_lists                     that personal data was taken out, and by which rule
//
// calls and outcomes are money: triggers refuse to change or delete them. Clear IDs, references, messages and bodies
// are personal data, as what reviewers remark is: they stand only in checks, answers, rejects and decisions, where they
// can be erased without touching money.
//
// The journal (journal.go) carries the protocol that makes every paid call accounted for; the spill file (spill.go)
// carries it over a full disk.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store/accounts"
	"liverecon/store/alias"
	"liverecon/store/apichanges"
	"liverecon/store/dbfile"
	"liverecon/store/decisions"
	"liverecon/store/guard"
	"liverecon/store/images"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/schema"
)

//go:embed schema.sql migrations/*.sql
var migrations embed.FS

// Store describes one open database: it opens, closes, checks and copies the file, and hands out what works on its
// rows. Its methods, and those of what it hands out, may be called from several goroutines; writes are serialised by
// SQLite.
type Store struct {
	*db
	lock   *dbfile.Lock // that ends with the store, or nil
	closed bool
	// Migrated is the backup made before this open changed the schema, "" when it did not.
	Migrated string
}

// Open takes the lock of the database at path and opens it for writing; Close gives the lock back. It returns what
// Acquire and [OpenLocked] do.
func Open(ctx context.Context, path string) (*Store, error) { return open(ctx, path, migrations) }

func open(ctx context.Context, path string, files fs.FS) (*Store, error) {
	l, err := dbfile.Acquire(path, "open")
	if err != nil {
		return nil, err
	}
	s, err := openLocked(ctx, l, files, nil, 0)
	if err != nil {
		return nil, errors.Join(err, l.Release())
	}
	s.lock = l
	return s, nil
}

// OpenLocked opens the database that is locked for writing, creates it when there is no file, and brings its schema up
// to date after a backup beside it; told, which may be nil, hears of work that takes long. Another program's write lock
// is waited for as long as patience, 0 for 10 seconds, but by the journal, which asks each time. The lock must be
// released after the store is closed, not before. It returns ErrForeign, ErrNewer, ErrCorrupt or ErrLost, wrapped,
// without changing the file.
func OpenLocked(ctx context.Context, l *dbfile.Lock, told Announce, patience time.Duration) (*Store, error) {
	return openLocked(ctx, l, migrations, told, patience)
}

func openLocked(
	ctx context.Context, l *dbfile.Lock, files fs.FS, told Announce, patience time.Duration,
) (*Store, error) {
	ownLocks()
	var err error
	if l.Fresh() {
		err = l.Create(func(unfinished string) error { return build(ctx, unfinished, files) })
	} else {
		err = dbfile.CheckHeader(l.Path(), l.File())
	}
	if err != nil {
		return nil, err
	}
	left := dbfile.HasLog(l.Path())
	s, err := openWriter(ctx, l.Path(), files, told, cmp.Or(patience, busyTimeout))
	if err != nil {
		return nil, err
	}
	s.file = l.File()
	if left {
		if err := s.foldLeft(ctx); err != nil {
			return nil, errors.Join(dbfile.Classify(l.Path(), err), s.closeWrite())
		}
	}
	if s.read, err = openReader(l.Path(), "ro"); err != nil {
		return nil, errors.Join(err, s.closeWrite())
	}
	return s, nil
}

// ownLocks makes SQLite's locks on the database file those of its own open file. POSIX locks, which it takes otherwise,
// are all dropped as soon as anything in this process closes a descriptor of the file, whoever opened it. Those on the
// -shm file stay such locks: nobody may open that. Where a process has used SQLite before, as only tests do, it remains
// as it was.
func ownLocks() {
	_, err := sqlite.OFDLocking(true)
	_ = err
}

// openWriter opens the file at path for writing, with its schema brought up to date.
func openWriter(
	ctx context.Context, path string, files fs.FS, told Announce, patience time.Duration,
) (*Store, error) {
	s := &Store{db: &db{path: path, migrations: schema.Files{FS: files}, told: told, patience: patience}}
	return s, s.openToWrite(ctx, false)
}

// openFresh opens a file that may hold nothing, and makes it a database.
func openFresh(ctx context.Context, path string, files fs.FS) (*Store, error) {
	s := &Store{db: &db{path: path, migrations: schema.Files{FS: files}, patience: busyTimeout}}
	return s, s.openToWrite(ctx, true)
}

func (s *Store) openToWrite(ctx context.Context, fresh bool) (err error) {
	if s.write, s.guard, err = guard.Open(dsn(s.path, "rw", s.patience)); err != nil {
		return fmt.Errorf("open %s: %w", s.path, err)
	}
	s.write.SetMaxOpenConns(4)
	if err := s.prepare(ctx, fresh); err != nil {
		return errors.Join(dbfile.Classify(s.path, err), s.closeWrite())
	}
	return nil
}

// OpenReader opens an existing database for reading only. A running job is not disturbed. One of an older schema is
// read from a copy that is brought up to date; where none can be made it is refused with ErrOlder, one of a newer
// schema with ErrNewer, a site as [Site.Check] does. It returns fs.ErrNotExist, wrapped, where there is no file and
// none is missed.
func OpenReader(ctx context.Context, path string) (*Store, error) {
	return openOnly(ctx, path, migrations)
}

func openOnly(ctx context.Context, path string, files fs.FS) (*Store, error) {
	ownLocks()
	site, err := dbfile.LocateToOpen(path)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(site.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, cmp.Or(dbfile.Missing(site.Path), err)
	}
	if err != nil {
		return nil, err
	}
	s := &Store{db: &db{path: site.Path, file: file, migrations: schema.Files{FS: files}}}
	if err := s.openToRead(ctx); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

func (s *Store) openToRead(ctx context.Context) (err error) {
	if err := dbfile.CheckHeader(s.path, s.file); err != nil {
		return err
	}
	if s.read, err = openReader(s.path, "ro"); err != nil {
		return err
	}
	have, want, err := s.migrations.Versions(ctx, s.read)
	if unwritable(err) {
		if err = errors.Join(s.read.Close(), s.openFixed()); err != nil {
			return err
		}
		have, want, err = s.migrations.Versions(ctx, s.read)
	}
	switch {
	case err != nil:
		err = dbfile.Classify(s.path, err)
	case have < want:
		err = s.openUpdated(ctx, dbfile.ErrOlder)
	case have > want:
		err = fmt.Errorf("%s: %w", s.path, dbfile.ErrNewer)
	}
	if err != nil {
		return errors.Join(err, s.read.Close())
	}
	return nil
}

// openFixed opens for reading what lies where nothing can be written: a medium or mount that is read-only, or a
// directory of another user. SQLite would keep its locks beside the file; since nobody can change it there, none are
// needed. A log with something in it cannot be read without them.
func (s *Store) openFixed() (err error) {
	if dbfile.HasLog(s.path) {
		return fmt.Errorf("%s: %w", s.path, dbfile.ErrReadOnly)
	}
	s.immutable = true
	s.read, err = openReader(s.path, "immutable")
	return err
}

// unwritable reports whether SQLite could not read a database because it can write nothing beside it.
func unwritable(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case sqlite3.SQLITE_READONLY_DIRECTORY, sqlite3.SQLITE_READONLY_CANTINIT, sqlite3.SQLITE_CANTOPEN:
		return true
	}
	return false
}

// Path returns the database file's path as given to Open, with symbolic links followed.
func (s *Store) Path() string { return s.path }

// Runs gives the executions of the nightly job.
func (s *Store) Runs() Runs { return Runs{s.db} }

// Lists gives the lists that were read.
func (s *Store) Lists() Lists { return Lists{s.db} }

// Checks gives the IDs and where they stand.
func (s *Store) Checks() Checks { return Checks{s.db} }

// Endpoints gives what is known of the endpoints.
func (s *Store) Endpoints() Endpoints { return Endpoints{s.db} }

// Journal opens the writer of calls.
func (s *Store) Journal() Journal { return Journal{db: s.db} }

// Books gives the counts that are kept, and their audit.
func (s *Store) Books() Books { return Books{s.db} }

// Calls gives the calls that were made.
func (s *Store) Calls() Calls { return Calls{s.db} }

// APIChanges gives what the vendor's page does not document.
func (s *Store) APIChanges() apichanges.Log { return apichanges.NewLog(s.read) }

// Statements gives the vendor's statements.
func (s *Store) Statements() accounts.Statements { return accounts.NewStatements(s.read, s.write) }

// Months gives the months that are closed.
func (s *Store) Months() accounts.Months {
	return accounts.NewMonths(s.read, s.write, func() (bool, error) {
		waiting, damaged, err := readSpill(s.spillPath())
		return damaged || len(waiting) > 0, err
	})
}

// Prices gives the price books that were used.
func (s *Store) Prices() accounts.Prices { return accounts.NewPrices(s.read, s.write) }

// Probes gives the calls of result URLs without an ID.
func (s *Store) Probes() accounts.Probes { return accounts.NewProbes(s.read, s.write) }

// Decisions gives what people decided.
func (s *Store) Decisions() decisions.Log { return decisions.NewLog(s.read, s.write) }

// Images gives the images of answers.
func (s *Store) Images() images.Index { return images.NewIndex(s.read, s.write) }

// Personal gives what names somebody.
func (s *Store) Personal() Personal { return Personal{db: s.db} }

// Soundness gives the checks of the file's structure.
func (s *Store) Soundness() Soundness { return Soundness{s.db} }

// Records gives what is kept outside of the database.
func (s *Store) Records() Records { return Records{s.db} }

// Restorations gives the takings into use of an older copy.
func (s *Store) Restorations() Restorations { return Restorations{s.db} }

// View begins to read one moment of the database, for package snapshot: until it ends the write-ahead log is kept.
func (s *Store) View(ctx context.Context) (sqlrow.View, error) {
	v, err := sqlrow.NewView(ctx, s.read)
	if err != nil {
		return v, fmt.Errorf("begin to read a snapshot: %w", err)
	}
	return v, nil
}

// Holder returns who else has the lock of the database; ok is false when nobody has.
func (s *Store) Holder() (h dbfile.Holder, ok bool) {
	if ok, err := dbfile.IsLocked(s.file); err != nil || !ok {
		return dbfile.Holder{}, false // where there is no lock nobody can have it
	}
	return dbfile.ReadHolder(s.path), true
}

// Close ends all connections; the write-ahead log is folded back into the database file. A writer returns ErrDisplaced,
// wrapped, when its file is not in its place any more and the journal has not said so: what was written since is not in
// the one that is. A store that has stopped is left as it is. A second Close does nothing.
func (s *Store) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.records.close(context.Background(), s.read)
	var err error
	if s.write != nil && !s.displaced.Load() && s.Stopped() == nil {
		err = errors.Join(s.inPlace(), s.fold())
	}
	if s.read != nil {
		err = errors.Join(err, s.read.Close())
	}
	if s.updated != "" {
		err = errors.Join(err, dbfile.Remove(s.updated))
	}
	if s.write != nil {
		err = errors.Join(err, s.closeWrite())
	}
	switch {
	case s.lock != nil:
		err = errors.Join(err, s.lock.Release())
	case s.write == nil: // else the file is the lock's, which is released next
		err = errors.Join(err, s.file.Close())
	}
	return err
}

// dsn carries the pragmas: set by Exec they would reach one pooled connection only. The journal mode is no property of
// a connection but of the file, and set once it is known to be ours. The page cache is small: reports read forwards and
// look little up twice, and most nights bring nothing; what writes much takes more ([sqlrow.LargeCache]).
func dsn(path, mode string, patience time.Duration) string {
	q := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()), "foreign_keys(ON)", "synchronous(FULL)",
		"cache_size(-2048)", fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages), "trusted_schema(OFF)",
		"secure_delete(ON)", // what a page held before a row moved is personal data, too
	}, "_txlock": {"immediate"}, "mode": {mode}}
	if mode != "rw" {
		q["_pragma"] = []string{"busy_timeout(10000)", "cache_size(-2048)", "trusted_schema(OFF)"}
		delete(q, "_txlock")
	}
	return fileURL(path, q)
}

func fileURL(path string, q url.Values) string {
	if q.Get("mode") == "immutable" {
		q.Set("mode", "ro")
		q.Set("immutable", "1")
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

func openReader(path, mode string) (*sql.DB, error) {
	read, err := sql.Open("sqlite", dsn(path, mode, busyTimeout))
	if err != nil {
		return nil, fmt.Errorf("open %s to read: %w", path, err)
	}
	read.SetMaxOpenConns(4)
	return read, nil
}

func (s *Store) prepare(ctx context.Context, fresh bool) error {
	have, want, err := s.migrations.Versions(ctx, s.write)
	if err != nil && (!fresh || !errors.Is(err, dbfile.ErrLost)) {
		return err
	}
	if have > want {
		return fmt.Errorf("schema %d, this program knows %d: %w", have, want, dbfile.ErrNewer)
	}
	if err := errors.Join(dbfile.MakePrivate(s.path), s.dropUpdated(time.Now())); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return fmt.Errorf("enable wal: %w", err)
	}
	if err := verifyPragmas(ctx, s.write); err != nil {
		return err
	}
	switch {
	case have == 0:
		if err := s.migrations.Create(ctx, s.write); err != nil {
			return err
		}
		return alias.Index(ctx, s.write, livenessHash)
	case have < want:
		return s.bringUpToDate(ctx, have, want)
	}
	return nil
}

// verifyPragmas makes sure that what the protocol rests on is in force, not just asked for.
func verifyPragmas(ctx context.Context, db *sql.DB) error {
	var journal string
	var synchronous, foreignKeys int
	err := db.QueryRowContext(ctx, `SELECT (SELECT journal_mode FROM pragma_journal_mode),
		(SELECT synchronous FROM pragma_synchronous), (SELECT foreign_keys FROM pragma_foreign_keys)`).Scan(&journal,
		&synchronous, &foreignKeys)
	if err != nil {
		return fmt.Errorf("read pragmas: %w", err)
	}
	if journal != "wal" || synchronous < 2 || foreignKeys != 1 {
		return fmt.Errorf("need journal_mode wal, synchronous FULL, foreign_keys ON, have %s, %d, %d (is the "+
			"file on a network share?)", journal, synchronous, foreignKeys)
	}
	return nil
}

// bringUpToDate migrates a database of an older schema, after a backup beside it.
func (s *Store) bringUpToDate(ctx context.Context, have, want int64) error {
	rows, err := rowsOf(ctx, s.write)
	if err != nil {
		return fmt.Errorf("count rows to migrate: %w", err)
	}
	done := s.announce(fmt.Sprintf("database copied and brought from schema %d to %d", have, want), rows)
	// To the nanosecond: a start that was cut short may be repeated within the second.
	if err := s.copyBefore(ctx, have); err != nil {
		return fmt.Errorf("back up before migration: %w", err)
	}
	s.anew = true
	if err := s.migrations.Upgrade(ctx, s.write, have); err != nil {
		return err
	}
	if err := alias.Index(ctx, s.write, livenessHash); err != nil {
		return fmt.Errorf("index other IDs: %w", err)
	}
	done()
	return nil
}

// copyBefore copies the database before a migration; a copy itself is not copied once more.
func (s *Store) copyBefore(ctx context.Context, have int64) error {
	if s.isCopy {
		return nil
	}
	s.Migrated = fmt.Sprintf("%s.before-migration-%d-%s", s.path, have,
		time.Now().UTC().Format("20060102T150405.000000000Z"))
	// under one name until it is whole: starts that are killed again and again leave one beginning of a copy
	unfinished := fmt.Sprintf("%s.before-migration-%d-unfinished", s.path, have)
	err := dbfile.Remove(unfinished)
	if err == nil {
		err = s.Backup(ctx, unfinished)
	}
	if err == nil {
		err = os.Rename(unfinished, s.Migrated)
	}
	if err == nil {
		err = dbfile.SyncPath(filepath.Dir(s.path))
	}
	if err != nil {
		return err
	}
	return s.dropCutShort(have)
}

// dropCutShort removes the copies that migrations from the same schema have left which were cut short: nothing was
// written since, and the one just made is as good.
func (s *Store) dropCutShort(have int64) error {
	dir, begins := filepath.Dir(s.path), fmt.Sprintf("%s.before-migration-%d-", filepath.Base(s.path), have)
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), begins) && f.Name() != filepath.Base(s.Migrated) {
			err = errors.Join(err, dbfile.Remove(filepath.Join(dir, f.Name())))
		}
	}
	return err
}

// Backup writes a consistent copy of the database to file, which must not exist, while others may go on reading and
// writing.
func (s *Store) Backup(ctx context.Context, file string) error {
	db := s.read
	if db == nil { // before a migration
		db = s.write
	}
	private, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := private.Close(); err != nil {
		return fmt.Errorf("back up to %s: %w", file, err)
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", file) // takes an empty file for none, and syncs it
	if err == nil {
		err = dbfile.SyncPath(filepath.Dir(file))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", file, err), dbfile.Remove(file))
	}
	return nil
}

// Size returns the size in bytes of the database file and its write-ahead log.
func (s *Store) Size() int64 {
	var sum int64
	for _, name := range []string{s.path, s.path + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

// Locks reports whether a file is one that SQLite locks for this database: the file itself or its -shm, under whatever
// name. Nobody else may open it, for closing it would drop the locks of the whole process.
func (s *Store) Locks(file fs.FileInfo) bool {
	for _, suffix := range []string{"", "-shm"} {
		if own, err := os.Stat(s.path + suffix); err == nil && os.SameFile(own, file) {
			return true
		}
	}
	return false
}
