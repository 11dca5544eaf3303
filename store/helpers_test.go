package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"liverecon/store"
)

// admitAll is the admission of a run without a cap.
type admitAll struct{}

func (admitAll) Admit(store.Intent) error                 { return nil }
func (admitAll) Confirm(store.Intent, store.Result, bool) {}
func (admitAll) Doubt(store.Doubted)                      {}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// openAt opens a database and closes it with the test.
func openAt(tb testing.TB, path string) *store.Store {
	tb.Helper()
	s, err := store.Open(context.Background(), path)
	check(tb, err)
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// openUnlocked opens a database that is open already.
func openUnlocked(tb testing.TB, path string) *store.Store {
	tb.Helper()
	s, err := store.OpenUnlocked(context.Background(), path)
	check(tb, err)
	tb.Cleanup(func() { check(tb, s.Close()) })
	return s
}

func open(tb testing.TB) *store.Store {
	tb.Helper()
	return openAt(tb, filepath.Join(tb.TempDir(), "liverecon.db"))
}

// listOf is a list whose content is its name.
func listOf(name string) store.List {
	sum := sha256.Sum256([]byte(name))
	return store.List{Path: "lists/" + name, SHA256: sum, Fingerprint: hex.EncodeToString(sum[:]), Bytes: 1000, ReadAt: time.Now()}
}

func rowOf(line int, id string) store.ListedRow {
	return store.ListedRow{Line: line, Kind: "signatureId", ID: id, Region: "PH", Endpoint: "ph"}
}

// take stores rows as one list of a new run.
func take(tb testing.TB, s *store.Store, name string, rows ...store.ListedRow) (runID int64, l store.List) {
	tb.Helper()
	ctx := context.Background()
	runID, _, err := s.Runs().Open(ctx, "test", true)
	check(tb, err)
	in, err := s.Lists().Begin(ctx)
	check(tb, err)
	for _, r := range rows {
		check(tb, in.Row(r))
	}
	l, err = in.Commit(ctx, runID, listOf(name))
	check(tb, err)
	return runID, l
}

// withChecks opens a new database with n pending checks, numbered 1 to n.
func withChecks(tb testing.TB, n int) (s *store.Store, runID int64) {
	tb.Helper()
	s = open(tb)
	return s, fill(tb, s, n)
}

func fill(tb testing.TB, s *store.Store, n int) (runID int64) {
	tb.Helper()
	rows := make([]store.ListedRow, n)
	for i := range rows {
		rows[i] = rowOf(i+2, fmt.Sprintf("%016x", i+1))
	}
	runID, _ = take(tb, s, "list.csv", rows...)
	return runID
}

func journal(tb testing.TB, s *store.Store, admit store.Admission) *store.JournalWriter {
	tb.Helper()
	j, err := s.Journal().Open(context.Background(), admit, 64)
	check(tb, err)
	tb.Cleanup(func() {
		if err := j.Close(); err != nil {
			tb.Error(err)
		}
	})
	return j
}

func intentFor(runID, checkID int64, attempt int) store.Intent {
	return store.Intent{CheckID: checkID, Attempt: attempt, RunID: runID, Reason: store.ReasonFirst, Endpoint: "ph", Region: "PH",
		At: time.Now().Truncate(time.Millisecond), From: store.Pending}
}

// paid is a SUCCESS answer tagged PAY.
func paid(in store.Intent, score float64) store.Result {
	body := fmt.Sprintf(`{"code":"SUCCESS","pricingStrategy":"PAY","data":{"livenessScore":%g}}`, score)
	return store.Result{Outcome: store.Answered, SentAt: in.At, EndedAt: in.At.Add(180 * time.Millisecond), HTTPStatus: 200, Code: "SUCCESS", Class: "done",
		Pricing: "PAY", Tag: store.TagPay, TransactionID: fmt.Sprintf("%016x", in.CheckID<<8|int64(in.Attempt)), BodySHA256: sha256.Sum256([]byte(body)),
		State: store.Done, Answer: &store.Answer{Current: true, Score: &score, ScoreText: fmt.Sprint(score), Message: "OK", Body: body}}
}

// free is an answer that asks for another try.
func free(in store.Intent) store.Result {
	return store.Result{Outcome: store.Answered, SentAt: in.At, EndedAt: in.At.Add(90 * time.Millisecond), HTTPStatus: 200, Code: "RETRY_LATER", Class: "retry",
		Pricing: "FREE", Tag: store.TagFree, State: store.Pending, Answer: &store.Answer{Message: "later"}}
}

// lost is a request that timed out.
func lost(in store.Intent) store.Result {
	return store.Result{Outcome: store.Unanswered, Cause: "timeout", SentAt: in.At, EndedAt: in.At.Add(30 * time.Second), Tag: store.TagUnknown,
		State: store.InDoubt, Doubtful: true}
}

// unsent is a request whose connection was never made.
func unsent(in store.Intent) store.Result {
	return store.Result{Outcome: store.Unsent, Cause: "dial", EndedAt: in.At.Add(time.Second), Tag: store.TagNone, State: in.From}
}

// rawDB opens the file beside the store, without its pragmas, as an analyst's tool would.
func rawDB(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	check(tb, err)
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

func execSQL(tb testing.TB, db *sql.DB, text string, args ...any) {
	tb.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
}

func count(tb testing.TB, db *sql.DB, query string, args ...any) int64 {
	tb.Helper()
	var n int64
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return n
}

// lines returns the rows of a query as text, columns joined by a bar and NULL shown as a dash.
func lines(tb testing.TB, db *sql.DB, query string, args ...any) []string {
	tb.Helper()
	rows, err := db.Query(query, args...)
	check(tb, err)
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	columns, err := rows.Columns()
	check(tb, err)
	var all []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		check(tb, rows.Scan(cells...))
		line := ""
		for i, c := range cells {
			if i > 0 {
				line += "|"
			}
			line += cellText(*c.(*any))
		}
		all = append(all, line)
	}
	check(tb, rows.Err())
	return all
}

func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case []byte:
		return hex.EncodeToString(v)
	default:
		return fmt.Sprint(v)
	}
}

// copyFile copies a file byte by byte; a missing one stays missing.
func copyFile(tb testing.TB, from, to string) {
	tb.Helper()
	data, err := os.ReadFile(from)
	if os.IsNotExist(err) {
		return
	}
	check(tb, err)
	check(tb, os.WriteFile(to, data, 0o600))
}

// image copies a database with what stands beside it, as a crash of the process would leave it.
func image(tb testing.TB, path string) string {
	tb.Helper()
	copied := filepath.Join(tb.TempDir(), filepath.Base(path))
	for _, suffix := range []string{"", "-wal", ".spill"} {
		copyFile(tb, path+suffix, copied+suffix)
	}
	return copied
}

func mode(tb testing.TB, path string) fs.FileMode {
	tb.Helper()
	info, err := os.Stat(path)
	check(tb, err)
	return info.Mode().Perm()
}

// drive lets workers make calls, each on checks of its own, every one answered; before is told about each call.
func drive(t *testing.T, j *store.JournalWriter, runID int64, workers, each int, before func(worker, n int)) {
	t.Helper()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for n := range each {
				if before != nil {
					before(w, n)
				}
				in := intentFor(runID, int64(w*each+n+1), 1)
				id, err := j.Begin(in)
				if err == nil {
					err = j.Finish(id, in, paid(in, 80))()
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// journalBeside is the journal of another process that got past the lock: it has a spill file of its own.
func journalBeside(tb testing.TB, s *store.Store) *store.JournalWriter {
	tb.Helper()
	link := filepath.Join(tb.TempDir(), "link.db")
	check(tb, os.Symlink(s.Path(), link))
	return journal(tb, openUnlocked(tb, link), admitAll{})
}
