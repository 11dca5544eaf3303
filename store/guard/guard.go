// Package guard opens a database whose connections are not used again once a write or a sync has failed. After a sync
// that failed the system may have given up what was to be written, show it all the same, and call the next sync a
// success: whatever is tried again then is believed for nothing.
package guard

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrStopped wraps the error of everything that is asked of the database after the failure.
var ErrStopped = errors.New("nothing is written to the database any more")

// Guard knows whether the connections it was made with have met a write or a sync that failed.
type Guard struct{ cause atomic.Pointer[error] }

// Open opens the database of a data source name as database/sql's driver "sqlite" does.
func Open(name string) (*sql.DB, *Guard, error) {
	plain, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, nil, err
	}
	base := plain.Driver()
	if err := plain.Close(); err != nil { // it never had a connection
		return nil, nil, err
	}
	g := &Guard{}
	return sql.OpenDB(connector{base, name, g}), g, nil
}

// Cause returns what failed; nil: nothing did.
func (g *Guard) Cause() error {
	if g == nil || g.cause.Load() == nil {
		return nil
	}
	return *g.cause.Load()
}

// see takes note of an error that ends the use of the database, and returns it.
func (g *Guard) see(err error) error {
	if failsToKeep(err) {
		g.cause.CompareAndSwap(nil, &err)
	}
	return err
}

// stopped returns ErrStopped with its cause once there is one.
func (g *Guard) stopped() error {
	if cause := g.Cause(); cause != nil {
		return fmt.Errorf("%w, since %w", ErrStopped, cause)
	}
	return nil
}

// failsToKeep reports whether an error is SQLite's word for bytes that the system did not write or sync. A full disk is
// another thing: there it says so before it takes them.
func failsToKeep(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC, sqlite3.SQLITE_IOERR_WRITE,
		sqlite3.SQLITE_IOERR_TRUNCATE:
		return true
	}
	return false
}

type connector struct {
	base  driver.Driver
	name  string
	guard *Guard
}

// Driver implements [driver.Connector].
func (c connector) Driver() driver.Driver { return c.base }

// Connect implements [driver.Connector].
func (c connector) Connect(context.Context) (driver.Conn, error) {
	if err := c.guard.stopped(); err != nil {
		return nil, err
	}
	opened, err := c.base.Open(c.name)
	if err != nil {
		return nil, c.guard.see(err)
	}
	own, ok := opened.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("driver of SQLite: %T lacks what is guarded", opened), opened.Close())
	}
	return &conn{own, c.guard}, nil
}

// sqliteConn provides what a connection of the driver can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

type conn struct {
	sqliteConn
	guard *Guard
}

// PrepareContext implements [driver.ConnPrepareContext].
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.guard.stopped(); err != nil {
		return nil, err
	}
	s, err := c.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.guard.see(err)
	}
	own, ok := s.(sqliteStmt)
	if !ok {
		return nil, errors.Join(fmt.Errorf("driver of SQLite: %T lacks what is guarded", s), s.Close())
	}
	return &stmt{own, c.guard}, nil
}

// BeginTx implements [driver.ConnBeginTx].
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.guard.stopped(); err != nil {
		return nil, err
	}
	t, err := c.sqliteConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, c.guard.see(err)
	}
	return &tx{t, c.guard}, nil
}

// ExecContext implements [driver.ExecerContext]. A transaction may still be given up: that writes nothing.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.guard.stopped(); err != nil && !strings.EqualFold(query, "ROLLBACK") {
		return nil, err
	}
	r, err := c.sqliteConn.ExecContext(ctx, query, args)
	return r, c.guard.see(err)
}

// QueryContext implements [driver.QueryerContext].
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.guard.stopped(); err != nil {
		return nil, err
	}
	return c.guard.rows(c.sqliteConn.QueryContext(ctx, query, args))
}

type tx struct {
	driver.Tx
	guard *Guard
}

// Commit implements [driver.Tx].
func (t *tx) Commit() error {
	if err := t.guard.stopped(); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.guard.see(t.Tx.Commit())
}

// sqliteStmt provides what a statement of the driver can do.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type stmt struct {
	sqliteStmt
	guard *Guard
}

// ExecContext implements [driver.StmtExecContext].
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.guard.stopped(); err != nil {
		return nil, err
	}
	r, err := s.sqliteStmt.ExecContext(ctx, args)
	return r, s.guard.see(err)
}

// QueryContext implements [driver.StmtQueryContext].
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.guard.stopped(); err != nil {
		return nil, err
	}
	return s.guard.rows(s.sqliteStmt.QueryContext(ctx, args))
}

type rows struct {
	driver.Rows
	guard *Guard
}

func (g *Guard) rows(r driver.Rows, err error) (driver.Rows, error) {
	if err != nil {
		return nil, g.see(err)
	}
	return &rows{r, g}, nil
}

// Next implements [driver.Rows].
func (r *rows) Next(to []driver.Value) error { return r.guard.see(r.Rows.Next(to)) }
