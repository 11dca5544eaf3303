package accounts

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// PriceUse tells from when on a price book was used.
type PriceUse struct {
	ID       int64
	RunID    int64
	Since    time.Time
	Book     string // the price book, in the one text that it has
	Basis    string // of the contract, by which calls were counted as charged; "" of a use before this was kept
	Reprices bool   // calls made before count at these prices, too
	Changes  []PriceChange
	// of a use with Changes: what it changed, "prices" or another setting of months, "billing.reading" or both
	What string
}

// PriceChange tells by how much an open month changed with the prices, in words: amounts at least and at most.
type PriceChange struct {
	Month, Was, Became, Difference string
}

// String returns "2026-11: USD 12.30 was USD 10.00 (USD +2.30)".
func (c PriceChange) String() string {
	text := fmt.Sprintf("%s: %s was %s", c.Month, c.Became, c.Was)
	if c.Difference != "" {
		text += " (" + c.Difference + ")"
	}
	return text
}

// MadeUsage counts calls that were made under a price book and a reading which others have taken the place of since.
type MadeUsage struct {
	Quarter  time.Time // the quarter hour in which they were sent
	Endpoint string
	Region   string
	Tag      string // pay, unknown or free
	Success  bool   // free calls with the code SUCCESS, which some readings of the contract charge
	Calls    int64
	Book     string // what they count at
	Basis    string // by which they count as charged; "" where nobody knows
}

// Prices holds the price books that runs have used, and how they read the contract.
type Prices struct{ read, write *sql.DB }

// NewPrices returns the price books of a database.
func NewPrices(read, write *sql.DB) Prices { return Prices{read, write} }

// Last returns the price book that the last run used, nil before the first one that kept it.
func (p Prices) Last(ctx context.Context) (*PriceUse, error) {
	return lastPriceUse(ctx, p.read)
}

func lastPriceUse(ctx context.Context, db sqlrow.Queryer) (*PriceUse, error) {
	all, err := priceUses(ctx, db, "WHERE use_id = (SELECT max(use_id) FROM price_uses)")
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

func priceUses(ctx context.Context, db sqlrow.Queryer, where string, args ...any) ([]PriceUse, error) {
	rows, err := db.QueryContext(ctx, `SELECT use_id, run_id, since, reprices, prices, reading
		FROM price_uses JOIN price_books USING (book_id) `+where+" ORDER BY use_id", args...)
	return sqlrow.Collect(rows, err, "read prices", func(u *PriceUse) error {
		var since int64
		err := rows.Scan(&u.ID, &u.RunID, &since, &u.Reprices, &u.Book, &u.Basis)
		u.Since = sqlrow.FromMillis(since)
		return err
	})
}

// Changed returns the uses since an instant with which a month changed, in order.
func (p Prices) Changed(ctx context.Context, since time.Time) ([]PriceUse, error) {
	return changedPrices(ctx, p.read, "u.since >= ?", sqlrow.Millis(since))
}

// PriceChanges returns the uses with which a month changed, in order, each with that month's change alone.
func (m MonthReader) PriceChanges(ctx context.Context, month string) ([]PriceUse, error) {
	return changedPrices(ctx, m.tx, "c.month = ?", month)
}

func changedPrices(ctx context.Context, db sqlrow.Queryer, where string, arg any) ([]PriceUse, error) {
	type row struct {
		use PriceUse
		PriceChange
	}
	rows, err := db.QueryContext(ctx, `SELECT u.use_id, u.run_id, u.since, c.month, c.was, c.became, c.difference,
		coalesce(nullif(concat_ws(' and ', CASE
			WHEN NOT json_valid(b.prices) OR NOT json_valid(pb.prices) THEN iif(p.book_id <> u.book_id, 'prices', NULL)
			WHEN coalesce(b.prices ->> 'month_starts', 1) <> coalesce(pb.prices ->> 'month_starts', 1)
				THEN 'billing.month_starts'
			WHEN b.prices ->> 'time_zone' <> pb.prices ->> 'time_zone' THEN 'billing.time_zone'
			WHEN p.book_id <> u.book_id THEN 'prices' END,
			CASE WHEN p.reading NOT IN ('', u.reading) THEN 'billing.reading' END), ''), 'prices')
		FROM price_changes c JOIN price_uses u USING (use_id)
		JOIN price_uses p ON p.use_id = (SELECT max(use_id) FROM price_uses WHERE use_id < u.use_id)
		JOIN price_books b ON b.book_id = u.book_id JOIN price_books pb ON pb.book_id = p.book_id
		WHERE `+where+" ORDER BY u.use_id, c.month", arg)
	all, err := sqlrow.Collect(rows, err, "read changes of prices", func(r *row) error {
		var since int64
		err := rows.Scan(&r.use.ID, &r.use.RunID, &since, &r.Month, &r.Was, &r.Became, &r.Difference, &r.use.What)
		r.use.Since = sqlrow.FromMillis(since)
		return err
	})
	var uses []PriceUse
	for _, r := range all {
		if len(uses) == 0 || uses[len(uses)-1].ID != r.use.ID {
			uses = append(uses, r.use)
		}
		last := &uses[len(uses)-1]
		last.Changes = append(last.Changes, r.PriceChange)
	}
	return uses, err
}

// Use notes that a run uses a price book and a reading from now on. The calls of [from, to), the billing month under
// way, that were made in the use before it are counted as such first.
func (p Prices) Use(ctx context.Context, u PriceUse, from, to time.Time) error {
	err := sqlrow.Writing(ctx, p.write, func(tx *sql.Tx) error {
		last, err := lastPriceUse(ctx, tx)
		if err != nil {
			return err
		}
		if last != nil {
			if err := endPriceUse(ctx, tx, last.ID, from, to); err != nil {
				return err
			}
		}
		return insertPriceUse(ctx, tx, u)
	})
	if err != nil {
		return fmt.Errorf("keep prices of run %d: %w", u.RunID, err)
	}
	return nil
}

// endPriceUse counts the calls that were made in a use: those that are in none before it.
func endPriceUse(ctx context.Context, tx *sql.Tx, id int64, from, to time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO priced_usage (use_id, quarter, endpoint, region, tag, calls)
		SELECT ?1, u.quarter, u.endpoint, u.region, u.tag, u.calls - u.earlier FROM (
			SELECT quarter, endpoint, region, tag, sum(calls) AS calls,
				(SELECT coalesce(sum(p.calls), 0) FROM priced_usage p WHERE p.quarter = s.quarter
					AND p.endpoint = s.endpoint AND p.region = s.region AND p.tag = s.tag) AS earlier
			FROM (SELECT quarter, endpoint, region, calls, CASE WHEN tag = 'free' AND code = 'SUCCESS' THEN 'success'
				ELSE tag END AS tag FROM usage WHERE quarter >= ?2 AND quarter < ?3 AND outcome <> 'unsent') s
			GROUP BY quarter, endpoint, region, tag) u
		WHERE u.calls > u.earlier`, id, sqlrow.Quarter(from), sqlrow.Quarter(to))
	return err
}

func insertPriceUse(ctx context.Context, tx *sql.Tx, u PriceUse) error {
	digest := sha256.Sum256([]byte(u.Book))
	const (
		insertBook = "INSERT INTO price_books (sha256, prices) VALUES (?, ?) ON CONFLICT DO NOTHING"
		insertUse  = `INSERT INTO price_uses (book_id, run_id, since, reprices, reading)
			SELECT book_id, ?, ?, ?, ? FROM price_books WHERE sha256 = ? RETURNING use_id`
		insertChange = "INSERT INTO price_changes (use_id, month, was, became, difference) VALUES (?, ?, ?, ?, ?)"
	)
	if _, err := tx.ExecContext(ctx, insertBook, digest[:], u.Book); err != nil {
		return err
	}
	var id int64
	err := tx.QueryRowContext(ctx, insertUse, u.RunID, sqlrow.Millis(u.Since), sqlrow.Bool(u.Reprices),
		u.Basis, digest[:]).Scan(&id)
	for _, c := range u.Changes {
		if err == nil {
			_, err = tx.ExecContext(ctx, insertChange, id, c.Month, c.Was, c.Became, c.Difference)
		}
	}
	return err
}

// Made counts the calls sent in [from, to) that were made in a use of prices which has ended. A use that reprices
// has taken the place of all before it. What was made before readings were kept counts by the first that was.
func (p Prices) Made(ctx context.Context, from, to time.Time) ([]MadeUsage, error) {
	rows, err := p.read.QueryContext(ctx, `SELECT b.prices, coalesce((SELECT n.reading FROM price_uses n
		WHERE n.use_id >= u.use_id AND n.reading <> '' ORDER BY n.use_id LIMIT 1), '') AS reads,
		p.quarter, p.endpoint, p.region, p.tag, sum(p.calls)
		FROM priced_usage p
		JOIN price_uses u ON u.use_id = max(p.use_id, (SELECT coalesce(max(use_id), 0) FROM price_uses
		WHERE reprices = 1))
		JOIN price_books b USING (book_id)
		WHERE p.quarter >= ? AND p.quarter < ? GROUP BY b.book_id, reads, p.quarter, p.endpoint, p.region, p.tag
		ORDER BY max(u.use_id), p.quarter, p.endpoint, p.region, p.tag`, sqlrow.Quarter(from), sqlrow.Quarter(to))
	return sqlrow.Collect(rows, err, "read usage at earlier prices", func(u *MadeUsage) error {
		var q int64
		err := rows.Scan(&u.Book, &u.Basis, &q, &u.Endpoint, &u.Region, &u.Tag, &u.Calls)
		if u.Success = u.Tag == "success"; u.Success {
			u.Tag = "free"
		}
		u.Quarter = time.Unix(q*900, 0).UTC()
		return err
	})
}
