// Package accounts keeps what the vendor billed and what became of it: statements, reconciliations, closed months with
// their corrections, and the price books that runs used. What it needs of the calls themselves it asks SQL for.
package accounts

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/store/internal/sqlrow"
	"liverecon/store/mention"
	"liverecon/store/parts"
)

// The kinds of lines of a statement.
const (
	LineUsage  = "usage"
	LineCredit = "credit"
	LineTax    = "tax"
	LineTotal  = "total" // the vendor's own sum of other lines

	// OtherProduct holds the kind of an amount that lines of other products come to, whatever their own kinds.
	OtherProduct = "other product"
)

// StatementLine describes one line of a vendor's statement.
type StatementLine struct {
	Line          int64 // of the file
	Kind          string
	TransactionID string
	ChargedAt     time.Time // zero: none given
	DateOnly      bool      // ChargedAt is a day
	Month         string    // YYYY-MM; "" on a total over several months, and on a line of another product
	Endpoint      string
	Region        string
	Pricing       string // as received
	Quantity      int64
	UnitPrice     string // decimal; "" for none
	Amount        string // decimal
	Currency      string // ISO 4217
	Product       string // that it is of, if that is none of ours; "": ours
	Text          string // of a credit: what it says in words
}

// isUsage reports a line about calls.
func (l *StatementLine) isUsage() bool { return l.Kind == LineUsage && l.Product == "" }

// sort returns the kind of amount that it adds to.
func (l *StatementLine) sort() string {
	if l.Product != "" && l.Kind != LineTotal {
		return OtherProduct
	}
	return l.Kind
}

// Statement represents a file that was read to its end.
type Statement struct {
	ID          int64
	Path        string
	SHA256      [sha256.Size]byte
	Fingerprint [sha256.Size]byte // of the settings that decided its reading
	ImportedAt  time.Time
	Month       string // of the invoice, YYYY-MM; "" stands for the latest that it has lines of usage of
	Invoice     Invoice
	Word        parts.Word // what somebody said about what it repeats
	Ignored     int64
	Notes       []string // what was concluded when it was read
}

// Invoice holds what the document is known by that a statement belongs to; "" where nobody said.
type Invoice struct {
	Number string
	Issued string // YYYY-MM-DD
	Due    string // YYYY-MM-DD, the day by which it is to be paid
}

// StatementImport takes in one statement: all of it, or nothing. Its lines are staged in temporary tables, so that the
// database is not locked while the file is read and memory does not grow with it.
type StatementImport struct {
	conn   *sql.Conn
	insert *sql.Stmt
	lines  int64
	parts  map[partKey]*partSum
	erased mention.Erased
}

// partKey represents a part of a statement: its lines about calls, or its credits, taxes and totals, of one subject.
type partKey struct {
	parts.Key
	usage bool
}

// partSum adds up the lines of a part.
type partSum struct {
	lines    int64
	itemised bool
	from, to int64 // of its lines of usage, the first and last time in milliseconds
	undated  bool  // some line of usage gives no time
	kinds    map[string]*lineSum
}

type lineSum struct {
	lines, quantity int64
	amount          decimal.Decimal
}

// Statements takes the vendor's statements and what reconciling them found.
type Statements struct{ read, write *sql.DB }

// NewStatements returns the statements of a database.
func NewStatements(read, write *sql.DB) Statements { return Statements{read, write} }

// Import starts the intake of a statement. Commit or Abort ends it.
func (s Statements) Import(ctx context.Context) (*StatementImport, error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin import: %w", err)
	}
	in := &StatementImport{conn: conn, parts: map[partKey]*partSum{}}
	if in.erased, err = mention.ReadErased(ctx, conn); err != nil {
		return nil, errors.Join(fmt.Errorf("begin import: %w", err), conn.Close())
	}
	for _, text := range []string{sqlrow.LargeCache, "DROP TABLE IF EXISTS temp.staged_lines", `CREATE TEMP TABLE staged_lines (line
		INTEGER PRIMARY KEY, kind, transaction_id, charged_at, date_only,
		month, endpoint, region, pricing, quantity, unit_price, amount, currency, product, text)`, "BEGIN"} {
		if _, err = conn.ExecContext(ctx, text); err != nil {
			return nil, errors.Join(fmt.Errorf("begin import: %w", err), conn.Close())
		}
	}
	in.insert, err = conn.PrepareContext(ctx,
		"INSERT INTO temp.staged_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin import: %w", err), in.close())
	}
	return in, nil
}

// Line stages one line. The same line of the file twice, or an amount that is no decimal, is an error.
func (in *StatementImport) Line(ctx context.Context, l *StatementLine) error {
	amount, err := decimal.NewFromString(l.Amount)
	if err != nil {
		return fmt.Errorf("line %d: amount %q: %w", l.Line, l.Amount, err)
	}
	transaction, err := in.transaction(ctx, l.TransactionID)
	if err != nil {
		return fmt.Errorf("line %d: %w", l.Line, err)
	}
	_, err = in.insert.ExecContext(ctx, l.Line, l.Kind, transaction, sqlrow.NullMillis(l.ChargedAt),
		sqlrow.Bool(l.DateOnly),
		l.Month, l.Endpoint, l.Region, in.erased.Clean(l.Pricing, mention.Gone),
		l.Quantity, sqlrow.NullText(l.UnitPrice), l.Amount, l.Currency, in.erased.Clean(l.Product, mention.Gone),
		in.erased.Clean(l.Text, mention.Gone))
	if err != nil {
		return fmt.Errorf("line %d: %w", l.Line, err)
	}
	in.lines++
	if l.Month != "" || l.sort() == OtherProduct {
		key := parts.Key{Month: l.Month, Endpoint: l.Endpoint, Currency: l.Currency}
		in.part(partKey{key, l.isUsage()}).add(l, amount)
	}
	return nil
}

// transaction returns what a line's transaction ID is kept as. One that is the ID of somebody who was erased is known
// by a token, unless a call or an earlier statement has it as it is: it may not be changed there, and is one with it.
func (in *StatementImport) transaction(ctx context.Context, id string) (string, error) {
	token := in.erased.Token(id)
	if token == id {
		return id, nil
	}
	var there bool
	err := in.conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM outcomes WHERE transaction_id = ?1) OR EXISTS "+
		"(SELECT 1 FROM statement_lines WHERE transaction_id = ?1)", id).Scan(&there)
	if there {
		return id, err
	}
	return token, err
}

func (in *StatementImport) part(k partKey) *partSum {
	sum := in.parts[k]
	if sum == nil {
		sum = &partSum{kinds: map[string]*lineSum{}}
		in.parts[k] = sum
	}
	return sum
}

func (sum *partSum) kind(kind string) *lineSum {
	if sum.kinds[kind] == nil {
		sum.kinds[kind] = &lineSum{}
	}
	return sum.kinds[kind]
}

func (sum *partSum) add(l *StatementLine, amount decimal.Decimal) {
	sum.lines++
	line := sum.kind(l.sort())
	line.lines++
	line.quantity += l.Quantity
	line.amount = line.amount.Add(amount)
	if !l.isUsage() {
		return
	}
	sum.itemised = sum.itemised || l.TransactionID != ""
	at := sqlrow.Millis(l.ChargedAt)
	switch {
	case l.ChargedAt.IsZero():
		sum.undated = true
	case sum.from == 0 && sum.to == 0:
		sum.from, sum.to = at, at
	default:
		sum.from, sum.to = min(sum.from, at), max(sum.to, at)
	}
}

// merge adds the sums of another part.
func (sum *partSum) merge(o *partSum) {
	sum.lines, sum.itemised, sum.undated = sum.lines+o.lines, sum.itemised || o.itemised, sum.undated || o.undated
	switch {
	case o.from == 0 && o.to == 0:
	case sum.from == 0 && sum.to == 0:
		sum.from, sum.to = o.from, o.to
	default:
		sum.from, sum.to = min(sum.from, o.from), max(sum.to, o.to)
	}
	for kind, line := range o.kinds {
		mine := sum.kind(kind)
		mine.lines += line.lines
		mine.quantity += line.quantity
		mine.amount = mine.amount.Add(line.amount)
	}
}

// Months returns, in order, the billing months that the staged lines are about.
func (in *StatementImport) Months() []StatementMonth {
	byMonth := map[string]*StatementMonth{}
	for k, sum := range in.parts {
		if k.Month == "" { // other products: they will be the invoice's
			continue
		}
		m := byMonth[k.Month]
		if m == nil {
			m = &StatementMonth{Month: k.Month}
			byMonth[k.Month] = m
		}
		if k.usage {
			m.Usage += sum.lines
		}
		m.Undated = m.Undated || sum.undated
		if dated := sum.from != 0 || sum.to != 0; !dated {
			continue
		}
		if first := sqlrow.FromMillis(sum.from); m.First.IsZero() || first.Before(m.First) {
			m.First = first
		}
		if last := sqlrow.FromMillis(sum.to); last.After(m.Last) {
			m.Last = last
		}
	}
	var all []StatementMonth
	for _, m := range byMonth {
		all = append(all, *m)
	}
	sortBy(all, func(m StatementMonth) string { return m.Month })
	return all
}

// StatementMonth describes one billing month of the staged lines.
type StatementMonth struct {
	Month       string
	Usage       int64     // lines
	First, Last time.Time // of the lines of usage that give a time
	Undated     bool      // some give none
}

// Move makes all staged lines of one billing month lines of another.
func (in *StatementImport) Move(ctx context.Context, from, to string) error {
	if _, err := in.conn.ExecContext(ctx, "UPDATE temp.staged_lines SET month = ? WHERE month = ?", to,
		from); err != nil {
		return fmt.Errorf("move lines of %s to %s: %w", from, to, err)
	}
	for k, sum := range maps.Clone(in.parts) {
		if k.Month == from {
			delete(in.parts, k)
			k.Month = to
			in.part(k).merge(sum)
		}
	}
	return nil
}

// moveProducts makes the staged lines of other products lines of one billing month, that of the invoice.
func (in *StatementImport) moveProducts(ctx context.Context, to string) error {
	for k, sum := range maps.Clone(in.parts) {
		products := sum.kinds[OtherProduct]
		if products == nil || k.Month == to {
			continue
		}
		if _, err := in.conn.ExecContext(ctx, `UPDATE temp.staged_lines SET month = ? WHERE month = ? AND endpoint = ?
			AND currency = ? AND product <> '' AND kind <> 'total'`, to, k.Month, k.Endpoint, k.Currency); err != nil {
			return fmt.Errorf("move lines of other products to %s: %w", to, err)
		}
		delete(sum.kinds, OtherProduct)
		if sum.lines -= products.lines; sum.lines == 0 {
			delete(in.parts, k)
		}
		k.Month = to
		in.part(k).merge(&partSum{lines: products.lines, kinds: map[string]*lineSum{OtherProduct: products}})
	}
	return nil
}

// Abort drops what was staged.
func (in *StatementImport) Abort() error { return in.close() }

func (in *StatementImport) close() error {
	ctx := context.Background()
	var err error
	if in.insert != nil {
		err = in.insert.Close()
	}
	// After a commit there is nothing to roll back, and SQLite says so.
	_, rollback := in.conn.ExecContext(ctx, "ROLLBACK")
	_ = rollback
	_, drop := in.conn.ExecContext(ctx, "DROP TABLE IF EXISTS temp.staged_lines; "+sqlrow.GiveUpCache)
	return errors.Join(err, drop, in.conn.Close())
}

// Short counts the checks in doubt that are ToldShort, by endpoint, region and shortfall. Its cost depends on what is
// in doubt.
func (s Statements) Short(ctx context.Context) ([]ShortCount, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT c.endpoint, c.region, (SELECT max(`+ShortSQL+`) FROM calls k
		WHERE k.check_id = c.check_id), count(*) FROM checks c WHERE `+ToldSQL(ToldShort)+
		` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`)
	return sqlrow.Collect(rows, err, "count what is on no whole statement", func(n *ShortCount) error {
		var short sql.NullString
		err := rows.Scan(&n.Endpoint, &n.Region, &short, &n.Checks)
		n.Short = short.String
		return err
	})
}
