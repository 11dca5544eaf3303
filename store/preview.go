package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
)

// Preview computes what taking lists would do, in a temporary database of its own that reads the real one and cannot
// write it.
type Preview struct {
	db    *sql.DB
	conn  *sql.Conn
	row   *sql.Stmt
	lists []List
}

// OpenPreview opens a preview over an open store, or over nothing when s is nil: then no ID is known.
func OpenPreview(ctx context.Context, s *Store) (*Preview, error) {
	db, err := sql.Open("sqlite", "") // SQLite's private temporary database
	if err != nil {
		return nil, fmt.Errorf("open preview: %w", err)
	}
	p := &Preview{db: db}
	if p.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open preview: %w", err), db.Close())
	}
	setup := []string{`CREATE TABLE staged (list INTEGER, line INTEGER, hash BLOB, region TEXT, endpoint TEXT)`}
	if s == nil {
		setup = append(setup, "ATTACH ':memory:' AS book", "CREATE TABLE book.checks (id_hash BLOB, endpoint TEXT, region TEXT, state TEXT)", "CREATE TABLE book.lists (fingerprint TEXT)")
	} else {
		file := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: s.path}).EscapedPath(), RawQuery: "mode=ro"}).String()
		setup = append(setup, "ATTACH "+quoteSQL(file)+" AS book")
	}
	for _, text := range append(setup, "BEGIN") {
		if _, err := p.conn.ExecContext(ctx, text); err != nil {
			return nil, errors.Join(fmt.Errorf("open preview: %w", err), p.Close())
		}
	}
	if p.row, err = p.conn.PrepareContext(ctx, "INSERT INTO staged VALUES (?, ?, ?, ?, ?)"); err != nil {
		return nil, errors.Join(fmt.Errorf("open preview: %w", err), p.Close())
	}
	return p, nil
}

// Close throws the preview away.
func (p *Preview) Close() error {
	var err error
	if p.row != nil {
		err = p.row.Close()
	}
	return errors.Join(err, p.conn.Close(), p.db.Close())
}

// KnownList says whether a list of this fingerprint was read already.
func (p *Preview) KnownList(ctx context.Context, fingerprint string) (bool, error) {
	var n int64
	err := p.conn.QueryRowContext(ctx, "SELECT count(*) FROM book.lists WHERE fingerprint = ?", fingerprint).Scan(&n)
	return n > 0, err
}

// List stages one list; read hands over its rows and rejects. After an error of read nothing of the list remains.
func (p *Preview) List(path string, read func(row func(ListedRow) error, reject func() error) error) error {
	l := List{ID: int64(len(p.lists)) + 1, Path: path}
	err := read(func(r ListedRow) error {
		l.Rows++
		hash := HashID(r.Kind, r.ID)
		_, err := p.row.Exec(l.ID, r.Line, hash[:], r.Region, r.Endpoint)
		return err
	}, func() error {
		l.Rows++
		l.Rejected++
		return nil
	})
	if err != nil {
		_, undo := p.conn.ExecContext(context.Background(), "DELETE FROM staged WHERE list = ?", l.ID)
		return errors.Join(err, undo)
	}
	p.lists = append(p.lists, l)
	return nil
}

// places tells of every staged row whether its ID stood earlier in the same list (nth > 1), or in an earlier list.
const places = `SELECT list, region, endpoint, row_number() OVER (PARTITION BY hash, list ORDER BY line) AS nth,
	min(list) OVER (PARTITION BY hash) < list OR EXISTS (SELECT 1 FROM book.checks c WHERE c.id_hash = s.hash) AS known FROM staged s`

// Lists returns the staged lists with the chains that taking them would give.
func (p *Preview) Lists(ctx context.Context) ([]List, error) {
	rows, err := p.conn.QueryContext(ctx, `SELECT list, sum(nth > 1), sum(nth = 1 AND known), sum(nth = 1 AND NOT known) FROM (`+places+`) GROUP BY list`)
	chains, err := collect(rows, err, "preview lists", func(l *List) error { return rows.Scan(&l.ID, &l.Duplicate, &l.Known, &l.New) })
	for _, c := range chains {
		l := &p.lists[c.ID-1]
		l.Duplicate, l.Known, l.New = c.Duplicate, c.Known, c.New
	}
	return p.lists, err
}

// Backlog counts the checks that would be open after taking the lists, with open ones moved to where routes (region or
// "*" to endpoint) sends them.
func (p *Preview) Backlog(ctx context.Context, routes map[string]string) ([]Backlog, error) {
	rows, err := p.conn.QueryContext(ctx, `SELECT endpoint, region, state, sum(n) FROM (
			SELECT endpoint, region, 'pending' AS state, count(*) AS n FROM (`+places+`) WHERE nth = 1 AND NOT known GROUP BY endpoint, region
			UNION ALL SELECT endpoint, region, state, count(*) FROM book.checks WHERE state IN ('pending', 'in_doubt') GROUP BY endpoint, region, state)
		GROUP BY endpoint, region, state ORDER BY endpoint, region, state`)
	backlog, err := collect(rows, err, "preview backlog", func(b *Backlog) error { return rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks) })
	for i, b := range backlog {
		if to, ok := routes[b.Region]; ok {
			backlog[i].Endpoint = to
		} else if to, ok := routes["*"]; ok {
			backlog[i].Endpoint = to
		}
	}
	return backlog, err
}

// quoteSQL quotes a text for SQL, where no parameter can stand.
func quoteSQL(s string) string {
	out := make([]byte, 0, len(s)+2)
	out = append(out, '\'')
	for i := range len(s) {
		if s[i] == '\'' {
			out = append(out, '\'')
		}
		out = append(out, s[i])
	}
	return string(append(out, '\''))
}
