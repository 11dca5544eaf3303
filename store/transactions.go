package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// One transaction is one call: an answer whose transaction ID stands on another call is a copy, or the answer to
// another question, and is not believed. The IDs of calls up to a mark are in the table transactions, where one is
// found by its key; those of later calls are in memory while a journal is open. A journal moves the mark before it
// starts, and while it works whenever flushAt IDs have gathered; the end of a run moves it to the run's end.
//
// The table is written in batches sorted by key. The vendor's IDs begin with the time, so their keys ascend as well,
// and a batch goes to the end of the table; random ones cost no more than each page of the table once a batch.

const (
	// flushAt sets how many IDs in memory begin to be moved to the table: at most twice as many are kept, in about 20
	// MB.
	flushAt = 1 << 18
	// flushStep bounds how many of them one commit of the journal takes along.
	flushStep = maxBatch
)

// keyed represents a call and the key of its transaction ID.
type keyed struct{ key, call int64 }

// transactions knows on which call every transaction ID stands. Its methods may be called from several goroutines,
// except for those that the journal's writing goroutine alone may use, and says so.
type transactions struct {
	mu     sync.Mutex
	recent map[int64]int64 // call by key; negative while its outcome is not committed
	stored int             // of recent, those that are committed
	low    int64           // the keys in the table lie from low to high
	high   int64

	// One connection for all look-ups: a pool that many workers ask at once costs more than what it is asked.
	looking sync.Mutex
	conn    *sql.Conn
	find    *sql.Stmt

	most  int     // IDs in memory that begin to be moved to the table
	mark  int64   // calls up to it are in the table
	flush []keyed // being moved to the table, of the writing goroutine
	moved int     // of flush
	to    int64   // the mark once it is moved
}

const findTransactionSQL = `SELECT call_id FROM transactions WHERE key = ?`

// newTransactions moves the mark as far as it goes, and reads what lies beyond it.
func (j Journal) newTransactions(ctx context.Context) (*transactions, error) {
	if _, err := j.IndexTransactions(ctx); err != nil {
		return nil, err
	}
	t := &transactions{recent: map[int64]int64{}, most: flushAt}
	err := j.read.QueryRowContext(ctx, "SELECT coalesce(min(key), ?), coalesce(max(key), ?) FROM transactions",
		int64(math.MaxInt64), int64(math.MinInt64)).Scan(&t.low, &t.high)
	if err == nil {
		t.mark, err = transactionMark(ctx, j.read)
	}
	var later []keyed
	if err == nil {
		later, err = readTransactions(ctx, j.read, t.mark, math.MaxInt64)
	}
	if err == nil {
		t.conn, err = j.read.Conn(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("read transactions: %w", err)
	}
	if t.find, err = t.conn.PrepareContext(ctx, findTransactionSQL); err != nil {
		return nil, errors.Join(fmt.Errorf("read transactions: %w", err), t.conn.Close())
	}
	for _, k := range later {
		t.recent[k.key] = k.call
	}
	t.stored = len(t.recent)
	return t, nil
}

func (t *transactions) close() error { return errors.Join(t.find.Close(), t.conn.Close()) }

// claim reports whether a transaction ID stands on another call, and on which. If not, it stands on this one from now
// on. An empty ID stands on none. With an error nothing is known and nothing is claimed.
func (t *transactions) claim(ctx context.Context, call int64, id string) (first int64, taken bool, err error) {
	if id == "" {
		return 0, false, nil
	}
	key := query.TransactionKey(id)
	t.mu.Lock()
	owner, known := t.recent[key]
	inTable := key >= t.low && key <= t.high
	if !known {
		t.recent[key] = -call
	}
	t.mu.Unlock()
	if known {
		if owner = max(owner, -owner); owner == call {
			return 0, false, nil
		}
		return owner, true, nil
	}
	if !inTable {
		return 0, false, nil
	}
	first, taken, err = t.look(ctx, key, id)
	if taken = taken && first != call; !taken {
		first = 0
	}
	if taken || err != nil {
		t.release(key, call)
	}
	return first, taken, err
}

// look finds the call in the table that a transaction ID stands on.
func (t *transactions) look(ctx context.Context, key int64, id string) (call int64, found bool, err error) {
	t.looking.Lock()
	defer t.looking.Unlock()
	var same bool
	// nearly never: then whether it is more than the key
	if err = t.find.QueryRowContext(ctx, key).Scan(&call); err == nil {
		err = t.conn.QueryRowContext(ctx, "SELECT transaction_id = ? FROM outcomes WHERE call_id = ?", id,
			call).Scan(&same)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, false, fmt.Errorf("look up transaction: %w", err)
	}
	return call, same, nil
}

func (t *transactions) release(key, call int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.recent[key] == -call {
		delete(t.recent, key)
	}
}

// committed notes that the outcomes of calls are in the database.
func (t *transactions) committed(batch []*event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range batch {
		if e.result == nil || e.result.TransactionID == "" {
			continue
		}
		if key := query.TransactionKey(e.result.TransactionID); t.recent[key] == -e.callID {
			t.recent[key] = e.callID
			t.stored++
		}
	}
}

// begin makes what is committed of the calls up to one ready to be moved to the table, once there is enough of it. The
// writing goroutine calls it between commits.
func (t *transactions) begin(to int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stored < t.most || len(t.flush) > 0 || to <= t.mark {
		return
	}
	for key, call := range t.recent {
		if call > 0 && call <= to {
			t.flush = append(t.flush, keyed{key, call})
		}
	}
	slices.SortFunc(t.flush, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	t.moved, t.to = 0, to
}

// move writes the next step of what is to be moved, in the transaction of a commit; its writing goroutine calls it.
// done must follow when that succeeded.
func (t *transactions) move(ctx context.Context, conn preparer) error {
	if len(t.flush) == 0 {
		return nil
	}
	step := t.flush[t.moved:min(t.moved+flushStep, len(t.flush))]
	if _, err := insertTransactions(ctx, conn, step); err != nil {
		return err
	}
	if t.moved+len(step) < len(t.flush) {
		return nil
	}
	return rememberTransactionMark(ctx, conn, t.to)
}

// done forgets what the table holds now.
func (t *transactions) done() {
	if len(t.flush) == 0 {
		return
	}
	if t.moved += flushStep; t.moved < len(t.flush) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.low, t.high = min(t.low, t.flush[0].key), max(t.high, t.flush[len(t.flush)-1].key)
	for _, k := range t.flush {
		delete(t.recent, k.key)
	}
	t.stored -= len(t.flush)
	t.mark, t.flush = t.to, nil
}

// IndexTransactions moves the mark of the table transactions to the last call before the first one without an outcome.
// It returns how many calls it lists as suspect: those whose transaction ID stands on a call of another check. Before
// there was this table nobody looked for them.
func (j Journal) IndexTransactions(ctx context.Context) (suspects int64, err error) {
	done, err := j.announceIndexing(ctx)
	if err != nil {
		return 0, fmt.Errorf("index transactions: %w", err)
	}
	defer func() {
		if err == nil {
			done()
		}
	}()
	for more := true; more; {
		tx, err := j.write.BeginTx(ctx, nil)
		if err != nil {
			return suspects, fmt.Errorf("index transactions: %w", err)
		}
		var found int64
		if found, more, err = indexTransactions(ctx, tx); err != nil {
			return suspects, errors.Join(fmt.Errorf("index transactions: %w", err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return suspects, fmt.Errorf("index transactions: %w", err)
		}
		suspects += found
	}
	return suspects, nil
}

// announceIndexing tells of it where there is much to do, as in a database from before there was this table.
func (j Journal) announceIndexing(ctx context.Context) (done func(), err error) {
	left, err := toIndex(ctx, j.read)
	if err != nil || left < announceFrom {
		return func() {}, err
	}
	return j.announce("transaction IDs indexed", left), nil
}

// toIndex estimates how many calls IndexTransactions has to look at.
func toIndex(ctx context.Context, db sqlrow.Queryer) (left int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT coalesce((SELECT max(call_id) FROM outcomes), 0) - "+
		transactionsTo).Scan(&left)
	return left, err
}

// indexTransactions takes one step.
func indexTransactions(ctx context.Context, tx *sql.Tx) (suspects int64, more bool, err error) {
	from, err := transactionMark(ctx, tx)
	if err != nil {
		return 0, false, err
	}
	last, err := rollup.LastSettled(ctx, tx)
	if err != nil || last <= from {
		return 0, false, err
	}
	to := min(last, from+rollup.Step)
	all, err := readTransactions(ctx, tx, from, to)
	if err == nil {
		suspects, err = insertTransactions(ctx, tx, all)
	}
	if err == nil {
		err = rememberTransactionMark(ctx, tx, to)
	}
	return suspects, to < last, err
}

// transactionsTo reads the mark in SQL.
const transactionsTo = "coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'transactions_to'), 0)"

// transactionMark returns the last call whose transaction ID, and that of every call before it, is in the table.
func transactionMark(ctx context.Context, db sqlrow.Queryer) (mark int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT "+transactionsTo).Scan(&mark)
	return mark, err
}

func rememberTransactionMark(ctx context.Context, db sqlrow.Execer, mark int64) error {
	return sqlrow.Remember(ctx, db, "transactions_to", strconv.FormatInt(mark, 10))
}

// readTransactions returns the calls in (from, to] that bear a transaction ID, by key.
func readTransactions(ctx context.Context, db sqlrow.Queryer, from, to int64) ([]keyed, error) {
	rows, err := db.QueryContext(ctx, "SELECT call_id, transaction_id FROM outcomes WHERE call_id > ? AND "+
		"call_id <= ? AND transaction_id <> ''", from, to)
	all, err := sqlrow.Collect(rows, err, "read transactions", func(k *keyed) error {
		var id string
		err := rows.Scan(&k.call, &id)
		k.key = query.TransactionKey(id)
		return err
	})
	slices.SortFunc(all, func(a, b keyed) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.call, b.call)) })
	return all, err
}

// preparer represents a connection or a transaction that prepares statements.
type preparer interface {
	sqlrow.Execer
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// insertTransactions writes calls, by key, into the table, and lists those as suspect that bear the transaction ID of a
// call of another check. Of two IDs that share a key and are not the same, one pair in 10^19, the second is left out.
func insertTransactions(ctx context.Context, db preparer, all []keyed) (suspects int64, err error) {
	if len(all) == 0 {
		return 0, nil
	}
	insert, err := db.PrepareContext(ctx,
		"INSERT INTO transactions (key, call_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
	if err != nil {
		return 0, err
	}
	defer insert.Close() //nolint:errcheck // of a connection that lives on
	for _, k := range all {
		done, err := insert.ExecContext(ctx, k.key, k.call)
		if err != nil {
			return suspects, err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			continue // RowsAffected is a number that SQLite keeps: it does not fail
		}
		found, err := suspectTwice(ctx, db, k)
		if err != nil {
			return suspects, err
		}
		suspects += found
	}
	return suspects, nil
}

// suspectTwice lists a call and the one that has its key in the table, when both have the same transaction ID and are
// of different checks.
func suspectTwice(ctx context.Context, db sqlrow.Execer, k keyed) (int64, error) {
	done, err := db.ExecContext(ctx, `WITH twice AS (SELECT t.call_id AS first, b.call_id AS second
			FROM transactions t CROSS JOIN outcomes a ON a.call_id = t.call_id CROSS JOIN outcomes b ON b.call_id = ?2
			CROSS JOIN calls ka ON ka.call_id = a.call_id CROSS JOIN calls kb ON kb.call_id = b.call_id
			WHERE t.key = ?1 AND a.transaction_id = b.transaction_id AND ka.check_id <> kb.check_id)
		INSERT INTO suspects (call_id, run_id, found_at, why)
		SELECT call_id, (SELECT max(run_id) FROM runs), ?3, 'transaction' FROM (SELECT first AS call_id FROM twice
		UNION SELECT second FROM twice)
		WHERE true ON CONFLICT DO NOTHING`, k.key, k.call, sqlrow.Millis(time.Now()))
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}
