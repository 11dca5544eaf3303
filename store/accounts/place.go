package accounts

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/store/internal/sqlrow"
	"liverecon/store/parts"
)

// standingPart represents a part that stands.
type standingPart struct {
	partKey
	statement int64
	path      string
	sha256    []byte
	invoice   string
	lines     int64
	alone     bool // its statement has no lines about calls
}

// placing represents a new statement among those that stand.
type placing struct {
	*StatementImport
	id         int64
	st         Statement
	own, other []standingPart
	gone       []standingPart // of others, superseded by the new one
	finer      []standingPart // of these, those that the new one only has in more detail
	yielded    map[partKey]int64
	additions  []int64
}

// supersede decides part by part what the statement adds to and what it takes the place of.
func (in *StatementImport) supersede(ctx context.Context, got *Imported, st Statement) error {
	p := placing{StatementImport: in, id: got.StatementID, st: st, yielded: map[partKey]int64{}}
	all, err := in.standingParts(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.statement == p.id {
			p.own, p.st.Month = append(p.own, c), c.invoice
		} else {
			p.other = append(p.other, c)
		}
	}
	if err := p.stageIdentities(ctx); err != nil {
		return err
	}
	for _, c := range p.other {
		if err := p.meet(ctx, c); err != nil {
			return err
		}
	}
	if err := p.keep(ctx); err != nil {
		return err
	}
	for _, c := range p.gone {
		got.Superseded = append(got.Superseded, c.statement)
	}
	for _, id := range p.yielded {
		got.Yields = append(got.Yields, id)
	}
	got.Superseded, got.Yields, got.Additions = distinct(got.Superseded), distinct(got.Yields), distinct(p.additions)
	return nil
}

func distinct(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (in *StatementImport) standingParts(ctx context.Context) ([]standingPart, error) {
	rows, err := in.conn.QueryContext(ctx, `SELECT p.statement_id, s.path, s.sha256, s.month, p.month, p.endpoint,
		p.currency, p.usage, p.lines,
		NOT EXISTS (SELECT 1 FROM statement_parts u WHERE u.statement_id = p.statement_id AND u.usage = 1)
		FROM statement_parts p JOIN statements s USING (statement_id) WHERE p.superseded_by IS NULL
		ORDER BY p.statement_id, p.month, p.endpoint, p.currency, p.usage`)
	return sqlrow.Collect(rows, err, "read parts of statements", func(c *standingPart) error {
		return rows.Scan(&c.statement, &c.path, &c.sha256, &c.invoice, &c.Month, &c.Endpoint, &c.Currency, &c.usage,
			&c.lines, &c.alone)
	})
}

// identity tells a part's lines apart: the transaction, or else the time and region, or else the day or month.
const identity = `kind || product || CASE WHEN transaction_id <> '' THEN 'x' || transaction_id
	WHEN charged_at IS NULL THEN 'm'
	|| region
	ELSE CASE date_only WHEN 1 THEN 'd' ELSE 't' END || charged_at || ' ' || region END`

// stageIdentities keeps the identities of the staged lines, where anything stands beside them.
func (p *placing) stageIdentities(ctx context.Context) error {
	if len(p.other) == 0 {
		return nil
	}
	for _, text := range []string{
		"DROP TABLE IF EXISTS temp.staged_identities",
		"CREATE TEMP TABLE staged_identities (month, endpoint, currency, usage, identity, PRIMARY KEY (month, endpoint, currency, usage, identity)) WITHOUT ROWID",
		"INSERT OR IGNORE INTO temp.staged_identities SELECT month, endpoint, currency, " +
			"kind = 'usage' AND product = '', " + identity +
			" FROM temp.staged_lines WHERE month <> ''",
	} {
		if _, err := p.conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("tell lines apart: %w", err)
		}
	}
	return nil
}

// meet decides about the new statement beside one part that stands.
func (p *placing) meet(ctx context.Context, c standingPart) error {
	if bytes.Equal(c.sha256, p.st.SHA256[:]) { // read otherwise
		p.gone = append(p.gone, c)
		return nil
	}
	for _, own := range p.own {
		switch {
		case own.Month != c.Month || (!own.usage || !c.usage) && (!own.alone || !c.alone):
		case own.partKey == c.partKey:
			return p.compare(ctx, own, c)
		case own.usage && (own.Endpoint == "") != (c.Endpoint == "") && p.st.Word != parts.Additional:
			return &ScopeConflict{own.Month, own.Endpoint, c.scope()}
		}
	}
	return nil
}

func (c standingPart) scope() StatementScope {
	return StatementScope{StatementID: c.statement, Path: c.path, SHA256: c.sha256, Month: c.Month,
		Endpoint: c.Endpoint, Lines: c.lines}
}

func (p *placing) compare(ctx context.Context, own, c standingPart) error {
	mine, _, err := p.describe(ctx, "temp.staged_lines l WHERE 1", own)
	if err != nil {
		return err
	}
	theirs, shared, err := p.describe(ctx, fmt.Sprintf("statement_lines l WHERE statement_id = %d", c.statement), c)
	if err != nil {
		return err
	}
	mine.Invoice = p.st.Month
	switch parts.Decide(mine, theirs, shared, p.st.Word) {
	case parts.Takes:
		p.gone = append(p.gone, c)
		if mine.Detail != theirs.Detail {
			p.finer = append(p.finer, c)
		}
	case parts.Yields:
		p.yielded[own.partKey] = c.statement
	case parts.Asks:
		return &RepeatError{own.Month, own.Endpoint, p.st.Month, shared, theirs.Identities, c.scope()}
	case parts.Adds:
		p.additions = append(p.additions, c.statement)
	}
	return nil
}

// describe sums up the lines of one part, and counts how many of their identities the staged lines have.
func (p *placing) describe(ctx context.Context, from string, c standingPart) (part parts.Part, shared int64, err error) {
	part = parts.Part{Key: c.Key, Statement: c.statement, Invoice: c.invoice}
	const subject = " AND month = ?1 AND endpoint = ?2 AND currency = ?3 AND (kind = 'usage' AND product = '') = ?4"
	args := []any{c.Month, c.Endpoint, c.Currency, sqlrow.Bool(c.usage)}
	err = p.conn.QueryRowContext(ctx, `SELECT count(DISTINCT i), coalesce(max(detail), 0), coalesce(sum(quantity) FILTER (WHERE bills), 0),
		count(DISTINCT i) FILTER (WHERE i IN (SELECT identity FROM temp.staged_identities WHERE month = ?1
			AND endpoint = ?2 AND currency = ?3 AND usage = ?4))
		FROM (SELECT `+identity+` AS i, quantity, NOT (upper(trim(pricing)) = 'FREE'
			AND CAST(amount AS REAL) = 0) AS bills, CASE WHEN transaction_id <> '' OR (charged_at IS NOT NULL
			AND date_only = 0) THEN 3
			WHEN charged_at IS NOT NULL THEN 2 WHEN quantity > 0 THEN 1 ELSE 0 END AS detail
				FROM `+from+subject+`)`, args...).
		Scan(&part.Identities, &part.Detail, &part.Quantity, &shared)
	if err != nil {
		return part, 0, fmt.Errorf("compare statements: %w", err)
	}
	rows, err := p.conn.QueryContext(ctx, "SELECT DISTINCT region FROM "+from+subject+" ORDER BY region", args...)
	if part.Regions, err = sqlrow.Collect(rows, err, "compare statements", func(r *string) error {
		return rows.Scan(r)
	}); err != nil {
		return part, 0, err
	}
	rows, err = p.conn.QueryContext(ctx, "SELECT amount, count(*) FROM "+from+subject+" GROUP BY amount", args...)
	type count struct {
		amount string
		lines  int64
	}
	amounts, err := sqlrow.Collect(rows, err, "compare statements", func(c *count) error {
		return rows.Scan(&c.amount, &c.lines)
	})
	for _, a := range amounts {
		amount, err := decimal.NewFromString(a.amount)
		if err != nil {
			return part, 0, fmt.Errorf("compare statements: %w", err)
		}
		part.Amount = part.Amount.Add(amount.Mul(decimal.NewFromInt(a.lines)))
	}
	return part, shared, err
}

// keep writes down what no longer stands, and lets credits, taxes and totals follow.
func (p *placing) keep(ctx context.Context) error {
	for _, c := range p.gone {
		if err := p.supersede(ctx, c.statement, c.partKey, p.id); err != nil {
			return err
		}
	}
	for k, by := range p.yielded {
		if err := p.supersede(ctx, p.id, k, by); err != nil {
			return err
		}
	}
	for _, c := range p.gone {
		if slices.ContainsFunc(p.finer, func(f standingPart) bool { return f.statement == c.statement }) &&
			!slices.ContainsFunc(p.own, func(o standingPart) bool { return !o.usage && o.Month == c.Month }) {
			continue // nobody else brings its credits and taxes
		}
		if err := p.follow(ctx, c.statement, p.id); err != nil {
			return err
		}
	}
	for k, by := range p.yielded {
		if slices.ContainsFunc(p.other, func(o standingPart) bool {
			return o.statement == by && !o.usage && o.Month == k.Month
		}) {
			if err := p.follow(ctx, p.id, by); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *placing) supersede(ctx context.Context, statement int64, k partKey, by int64) error {
	_, err := p.conn.ExecContext(ctx, "UPDATE statement_parts SET superseded_by = ? WHERE statement_id = ? AND "+
		"month = ? AND endpoint = ? AND currency = ? AND usage = ?",
		by, statement, k.Month, k.Endpoint, k.Currency, sqlrow.Bool(k.usage))
	return err
}

// follow supersedes what a statement has beside its lines about calls, if none of these stands any more.
func (p *placing) follow(ctx context.Context, statement, by int64) error {
	_, err := p.conn.ExecContext(ctx, `UPDATE statement_parts SET superseded_by = ?1 WHERE statement_id = ?2
		AND superseded_by IS NULL AND usage = 0
		AND NOT EXISTS (SELECT 1 FROM statement_parts u WHERE u.statement_id = ?2 AND u.usage = 1
			AND u.superseded_by IS NULL)`, by, statement)
	return err
}
