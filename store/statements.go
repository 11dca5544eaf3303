package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// The kinds of lines of a statement.
const (
	LineUsage  = "usage"
	LineCredit = "credit"
	LineTax    = "tax"
	LineTotal  = "total" // the vendor's own sum of other lines
)

// StatementLine is one line of a vendor's statement.
type StatementLine struct {
	Line          int64 // of the file
	Kind          string
	TransactionID string
	ChargedAt     time.Time // zero: none given
	DateOnly      bool      // ChargedAt is a day
	Month         string    // YYYY-MM; "" on a total over several months alone
	Endpoint      string
	Region        string
	Pricing       string // as received
	Quantity      int64
	UnitPrice     string // decimal; "" for none
	Amount        string // decimal
	Currency      string // ISO 4217
}

// Statement is a file that was read to its end.
type Statement struct {
	ID          int64
	Path        string
	SHA256      [sha256.Size]byte
	Fingerprint [sha256.Size]byte // of the settings that decided its reading
	ImportedAt  time.Time
	Additional  bool // it adds to what stands, instead of taking its place
	Ignored     int64
}

// StatementImport takes in one statement: all of it, or nothing. Its lines are staged in temporary tables, so that the
// database is not locked while the file is read and memory does not grow with it.
type StatementImport struct {
	conn   *sql.Conn
	insert *sql.Stmt
	lines  int64
	scopes map[scopeKey]*scopeSum
}

type scopeKey struct{ month, endpoint string }

// scopeSum is what the lines of a scope come to.
type scopeSum struct {
	lines, usage int64
	itemised     bool
	from, to     int64 // of its lines of usage, the first and last time in milliseconds
	undated      bool  // some line of usage gives no time
	amounts      map[amountKey]*lineSum
}

type amountKey struct{ kind, currency string }

type lineSum struct {
	quantity int64
	amount   decimal.Decimal
}

// Statements takes the vendor's statements and what reconciling them found.
type Statements struct{ *db }

// Import starts the intake of a statement. Commit or Abort ends it.
func (s Statements) Import(ctx context.Context) (*StatementImport, error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin import: %w", err)
	}
	in := &StatementImport{conn: conn, scopes: map[scopeKey]*scopeSum{}}
	for _, text := range []string{"DROP TABLE IF EXISTS temp.staged_lines", `CREATE TEMP TABLE staged_lines (line INTEGER PRIMARY KEY, kind, transaction_id, charged_at, date_only,
		month, endpoint, region, pricing, quantity, unit_price, amount, currency)`, "BEGIN"} {
		if _, err = conn.ExecContext(ctx, text); err != nil {
			return nil, errors.Join(fmt.Errorf("begin import: %w", err), conn.Close())
		}
	}
	in.insert, err = conn.PrepareContext(ctx,
		"INSERT INTO temp.staged_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
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
	_, err = in.insert.ExecContext(ctx, l.Line, l.Kind, l.TransactionID, nullMillis(l.ChargedAt), btoi(l.DateOnly),
		l.Month, l.Endpoint, l.Region, l.Pricing,
		l.Quantity, nullText(l.UnitPrice), l.Amount, l.Currency)
	if err != nil {
		return fmt.Errorf("line %d: %w", l.Line, err)
	}
	in.lines++
	if l.Month != "" {
		in.scope(scopeKey{l.Month, l.Endpoint}).add(l, amount)
	}
	return nil
}

func (in *StatementImport) scope(k scopeKey) *scopeSum {
	sum := in.scopes[k]
	if sum == nil {
		sum = &scopeSum{amounts: map[amountKey]*lineSum{}}
		in.scopes[k] = sum
	}
	return sum
}

func (sum *scopeSum) add(l *StatementLine, amount decimal.Decimal) {
	sum.lines++
	k := amountKey{l.Kind, l.Currency}
	if sum.amounts[k] == nil {
		sum.amounts[k] = &lineSum{}
	}
	sum.amounts[k].quantity += l.Quantity
	sum.amounts[k].amount = sum.amounts[k].amount.Add(amount)
	if l.Kind != LineUsage {
		return
	}
	sum.usage++
	sum.itemised = sum.itemised || l.TransactionID != ""
	at := millis(l.ChargedAt)
	switch {
	case l.ChargedAt.IsZero():
		sum.undated = true
	case sum.from == 0 && sum.to == 0:
		sum.from, sum.to = at, at
	default:
		sum.from, sum.to = min(sum.from, at), max(sum.to, at)
	}
}

// merge adds the sums of another scope.
func (sum *scopeSum) merge(o *scopeSum) {
	sum.lines, sum.usage, sum.itemised = sum.lines+o.lines, sum.usage+o.usage, sum.itemised || o.itemised
	for k, line := range o.amounts {
		if sum.amounts[k] == nil {
			sum.amounts[k] = &lineSum{}
		}
		sum.amounts[k].quantity += line.quantity
		sum.amounts[k].amount = sum.amounts[k].amount.Add(line.amount)
	}
}

// Months returns, in order, the billing months that the staged lines are about.
func (in *StatementImport) Months() []StatementMonth {
	byMonth := map[string]*StatementMonth{}
	for k, sum := range in.scopes {
		m := byMonth[k.month]
		if m == nil {
			m = &StatementMonth{Month: k.month}
			byMonth[k.month] = m
		}
		m.Usage += sum.usage
		m.Undated = m.Undated || sum.undated
		if dated := sum.from != 0 || sum.to != 0; !dated {
			continue
		}
		if first := fromMillis(sum.from); m.First.IsZero() || first.Before(m.First) {
			m.First = first
		}
		if last := fromMillis(sum.to); last.After(m.Last) {
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

// StatementMonth is one billing month of the staged lines.
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
	for k, sum := range in.scopes {
		if k.month == from {
			delete(in.scopes, k)
			in.scope(scopeKey{to, k.endpoint}).merge(sum)
		}
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
	_, drop := in.conn.ExecContext(ctx, "DROP TABLE IF EXISTS temp.staged_lines")
	return errors.Join(err, drop, in.conn.Close())
}
