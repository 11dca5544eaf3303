package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/held"
)

// Check ends the test with an error.
func Check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// Open opens a new database and closes it with the test.
func Open(tb testing.TB) *store.Store {
	tb.Helper()
	return OpenAt(tb, filepath.Join(tb.TempDir(), "liverecon.db"))
}

// OpenAt opens a database and closes it with the test.
func OpenAt(tb testing.TB, path string) *store.Store {
	tb.Helper()
	s, err := store.Open(context.Background(), path)
	Check(tb, err)
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// ListOf returns a list whose content is its name.
func ListOf(name string) store.List {
	sum := sha256.Sum256([]byte(name))
	return store.List{Path: "lists/" + name, SHA256: sum, Fingerprint: hex.EncodeToString(sum[:]),
		Bytes: 1000, ReadAt: time.Now()}
}

// Row returns a valid row of a list.
func Row(line int, id string) store.ListedRow {
	return store.ListedRow{Line: line, Kind: "signatureId", ID: id, Region: "PH", Endpoint: "ph"}
}

// Take stores rows as one list of a new run.
func Take(tb testing.TB, s *store.Store, name string, rows ...store.ListedRow) (runID int64, l store.List) {
	tb.Helper()
	ctx := context.Background()
	runID, _, err := s.Runs().Open(ctx, "test", true)
	Check(tb, err)
	in, err := s.Lists().Begin(ctx)
	Check(tb, err)
	for _, r := range rows {
		Check(tb, in.Row(r))
	}
	l, err = in.Commit(ctx, runID, ListOf(name))
	Check(tb, err)
	return runID, l
}

// WithChecks opens a new database with n pending checks, numbered 1 to n.
func WithChecks(tb testing.TB, n int) (s *store.Store, runID int64) {
	tb.Helper()
	s = Open(tb)
	return s, Fill(tb, s, n)
}

// Fill stores n pending checks, numbered from 1 in a new database, as a list of a new run.
func Fill(tb testing.TB, s *store.Store, n int) (runID int64) {
	tb.Helper()
	rows := make([]store.ListedRow, n)
	for i := range rows {
		rows[i] = Row(i+2, fmt.Sprintf("%016x", i+1))
	}
	runID, _ = Take(tb, s, "list.csv", rows...)
	return runID
}

// Journal opens the journal and closes it with the test.
func Journal(tb testing.TB, s *store.Store, admit store.Admission) *store.JournalWriter {
	tb.Helper()
	j, err := s.Journal().Open(context.Background(), admit, 64)
	Check(tb, err)
	tb.Cleanup(func() {
		if err := j.Close(); err != nil {
			tb.Error(err)
		}
	})
	return j
}

// Intent returns the intent of a check's n-th call.
func Intent(runID, checkID int64, attempt int) store.Intent {
	return store.Intent{CheckID: checkID, Attempt: attempt, RunID: runID, Reason: store.ReasonFirst,
		Endpoint: "ph", Region: "PH",
		At: time.Now().Truncate(time.Millisecond), From: store.Pending}
}

// Paid returns a SUCCESS answer tagged PAY.
func Paid(in store.Intent, score float64) store.Result {
	body := fmt.Sprintf(`{"code":"SUCCESS","pricingStrategy":"PAY","data":{"livenessScore":%g}}`, score)
	return store.Result{Outcome: store.Answered, SentAt: in.At, EndedAt: in.At.Add(180 * time.Millisecond),
		HTTPStatus: 200, Code: "SUCCESS", Class: "done",
		Pricing: "PAY", Tag: store.TagPay, TransactionID: fmt.Sprintf("%016x", in.CheckID<<8|int64(in.Attempt)),
		BodySHA256: sha256.Sum256([]byte(body)), State: store.Done, Answer: &store.Answer{Current: true, Score: &score,
			ScoreText: fmt.Sprint(score), Message: "OK", Body: body}}
}

// Free returns an answer that asks for another try.
func Free(in store.Intent) store.Result {
	return store.Result{Outcome: store.Answered, SentAt: in.At, EndedAt: in.At.Add(90 * time.Millisecond),
		HTTPStatus: 200, Code: "RETRY_LATER", Class: "retry",
		Pricing: "FREE", Tag: store.TagFree, State: store.Pending, Answer: &store.Answer{Message: "later"}}
}

// Lost returns the result of a request that timed out.
func Lost(in store.Intent) store.Result {
	return store.Result{Outcome: store.Unanswered, Cause: "timeout", SentAt: in.At, EndedAt: in.At.Add(30 * time.Second),
		Tag:   store.TagUnknown,
		State: store.InDoubt, Doubtful: true}
}

// Unsent returns the result of a request whose connection was never made.
func Unsent(in store.Intent) store.Result {
	return store.Result{Outcome: store.Unsent, Cause: "dial", EndedAt: in.At.Add(time.Second), Tag: store.TagNone,
		State: in.From}
}

// Raw opens the file beside the store, without its pragmas, as an analyst's tool would.
func Raw(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", path)
	Check(tb, err)
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// Exec runs a statement.
func Exec(tb testing.TB, db *sql.DB, text string, args ...any) {
	tb.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
}

// Count returns the number that a query gives.
func Count(tb testing.TB, db *sql.DB, query string, args ...any) int64 {
	tb.Helper()
	var n int64
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return n
}

// Lines returns the rows of a query as text, columns joined by a bar and NULL shown as a dash.
func Lines(tb testing.TB, db *sql.DB, query string, args ...any) []string {
	tb.Helper()
	rows, err := db.Query(query, args...)
	Check(tb, err)
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	columns, err := rows.Columns()
	Check(tb, err)
	var all []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		Check(tb, rows.Scan(cells...))
		line := ""
		for i, c := range cells {
			if i > 0 {
				line += "|"
			}
			line += cellText(*c.(*any))
		}
		all = append(all, line)
	}
	Check(tb, rows.Err())
	return all
}

// CopyFile copies a file byte by byte; a missing one stays missing.
func CopyFile(tb testing.TB, from, to string) {
	tb.Helper()
	data, err := os.ReadFile(from)
	if os.IsNotExist(err) {
		return
	}
	Check(tb, err)
	Check(tb, os.WriteFile(to, data, 0o600))
}

// Image copies a database with what stands beside it, as a crash of the process would leave it.
func Image(tb testing.TB, path string) string {
	tb.Helper()
	copied := filepath.Join(tb.TempDir(), filepath.Base(path))
	for _, suffix := range []string{"", "-wal", ".spill"} {
		CopyFile(tb, path+suffix, copied+suffix)
	}
	return copied
}

// Begin stores an intent and returns the number of its call.
func Begin(t testing.TB, j *store.JournalWriter, in store.Intent) int64 {
	t.Helper()
	id, err := j.Begin(in)
	Check(t, err)
	return id
}

// WithCalls opens a database with one call of every kind: checks 1 to 4, attempts 1; check 5 has an intent alone.
func WithCalls(t testing.TB) (s *store.Store, runID int64) {
	t.Helper()
	s, runID = WithChecks(t, 6)
	j := Journal(t, s, AdmitAll{})
	for c, result := range []func(store.Intent) store.Result{
		func(in store.Intent) store.Result { return Paid(in, 50) }, Free, Lost, Unsent,
	} {
		in := Intent(runID, int64(c+1), 1)
		Check(t, j.Finish(Begin(t, j, in), in, result(in))())
	}
	Begin(t, j, Intent(runID, 5, 1))
	Check(t, j.Close())
	return s, runID
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

// Preview stages a list in a preview.
func Preview(
	p *store.Preview, path string, rows []store.ListedRow, rejects []store.Reject, end error,
) error {
	read := func(row func(store.ListedRow) error, reject func(store.Reject) error) error {
		for _, r := range rows {
			if err := row(r); err != nil {
				return err
			}
		}
		for _, r := range rejects {
			if err := reject(r); err != nil {
				return err
			}
		}
		return end
	}
	return p.List(path, held.Rule{}, false, read)
}

// Reopen closes a store and opens it again, as the next night does.
func Reopen(t testing.TB, s *store.Store) *store.Store {
	t.Helper()
	Check(t, s.Close())
	again, err := store.Open(context.Background(), s.Path())
	Check(t, err)
	t.Cleanup(func() { _ = again.Close() }) // a later Reopen may have closed it
	return again
}
