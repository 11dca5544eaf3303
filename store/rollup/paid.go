package rollup

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"liverecon/store/internal/sqlrow"
)

// paidParts sets how many parts paid_transactions has, so that one at a time is in memory.
const paidParts = 16

// paidID represents a PAY call by its transaction ID.
type paidID struct {
	hash uint64 // first 8 bytes of the ID's SHA-256
	call int64
}

func paidIDOf(transactionID []byte, call int64) paidID {
	sum := sha256.Sum256(transactionID)
	return paidID{binary.BigEndian.Uint64(sum[:]), call}
}

// part returns where the call stands in paid_transactions.
func (p paidID) part() int { return int(p.hash >> 60) }

func comparePaid(a, b paidID) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.call, b.call))
}

// paidRow holds what a step of a rollup adds to each part, of the calls in (from, to].
type paidRow struct {
	from, to        int64
	firstAt, lastAt int64
	ids             [paidParts][]byte
}

// readPaid reads the PAY calls in (from, to] that have a transaction ID.
func readPaid(ctx context.Context, db sqlrow.Queryer, from, to int64) (*paidRow, error) {
	row := &paidRow{from: from, to: to}
	rows, err := db.QueryContext(ctx, `SELECT o.call_id, o.transaction_id, coalesce(o.sent_at, k.intended_at)
		FROM outcomes o CROSS JOIN calls k USING (call_id)
		WHERE o.call_id > ? AND o.call_id <= ? AND o.tag = 'pay' AND o.transaction_id <> ''`, from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var parts [paidParts][]paidID
	for rows.Next() {
		var call, at int64
		var id sql.RawBytes
		if err := rows.Scan(&call, &id, &at); err != nil {
			return nil, err
		}
		if row.firstAt == 0 || at < row.firstAt {
			row.firstAt = at
		}
		row.lastAt = max(row.lastAt, at)
		p := paidIDOf(id, call)
		parts[p.part()] = append(parts[p.part()], p)
	}
	for i, all := range parts {
		slices.SortFunc(all, comparePaid)
		row.ids[i] = encodePaid(all, from)
	}
	return row, rows.Err()
}

// encodePaid writes sorted calls as a row of paid_transactions does that begins after the call from.
func encodePaid(all []paidID, from int64) (ids []byte) {
	for _, p := range all {
		ids = binary.BigEndian.AppendUint64(ids, p.hash)
		ids = binary.BigEndian.AppendUint32(ids, uint32(p.call-from))
	}
	return ids
}

// rollPaid adds the PAY calls in (from, to] to paid_transactions.
func rollPaid(ctx context.Context, tx sqlrow.Execer, from, to int64) error {
	row, err := readPaid(ctx, tx, from, to)
	if err != nil {
		return err
	}
	return row.insert(ctx, tx)
}

// insert stores the parts that hold anything.
func (row *paidRow) insert(ctx context.Context, tx sqlrow.Execer) error {
	for part, ids := range row.ids {
		if len(ids) == 0 {
			continue
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO paid_transactions (part, from_call, to_call, first_at, "+
			"last_at, ids) VALUES (?, ?, ?, ?, ?, ?)",
			part, row.from, row.to, row.firstAt, row.lastAt, ids)
		if err != nil {
			return err
		}
	}
	return nil
}

// subtractFromPaid takes a call sent at a moment, whose tag is PAY no more, out of paid_transactions. Where it was the
// first or the last one of what was added with it, all of that is read again, up to Step calls.
func subtractFromPaid(ctx context.Context, tx sqlrow.Execer, call, at int64) error {
	var from, to, firstAt, lastAt int64
	err := tx.QueryRowContext(ctx, "SELECT from_call, to_call, first_at, last_at FROM paid_transactions WHERE "+
		"from_call < ?1 AND to_call >= ?1 LIMIT 1", call).Scan(&from, &to, &firstAt, &lastAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it had no transaction ID
	}
	if err != nil {
		return err
	}
	if firstAt < at && at < lastAt {
		return dropPaid(ctx, tx, from, call)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM paid_transactions WHERE from_call = ?", from); err != nil {
		return err
	}
	return rollPaid(ctx, tx, from, to)
}

// dropPaid takes a call out of its part of what was added after the call from.
func dropPaid(ctx context.Context, tx sqlrow.Execer, from, call int64) error {
	var id []byte
	err := tx.QueryRowContext(ctx, "SELECT transaction_id FROM outcomes WHERE call_id = ?", call).Scan(&id)
	if err != nil || len(id) == 0 {
		return err
	}
	gone := paidIDOf(id, call)
	var ids []byte
	err = tx.QueryRowContext(ctx, "SELECT ids FROM paid_transactions WHERE part = ? AND from_call = ?", gone.part(),
		from).Scan(&ids)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(appendPaid(nil, from, ids), func(p paidID) bool { return p == gone })
	if len(left) == 0 {
		_, err = tx.ExecContext(ctx, "DELETE FROM paid_transactions WHERE part = ? AND from_call = ?", gone.part(),
			from)
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE paid_transactions SET ids = ? WHERE part = ? AND from_call = ?",
		encodePaid(left, from), gone.part(), from)
	return err
}

// auditPaid makes paid_transactions again and counts the rows that differ.
func auditPaid(ctx context.Context, db sqlrow.Queryer) error {
	upTo, known, err := Mark(ctx, db, "calls", "")
	if err != nil || !known {
		return err
	}
	type stretch struct{ from, to int64 }
	rows, err := db.QueryContext(ctx, "SELECT DISTINCT from_call, to_call FROM paid_transactions ORDER BY from_call")
	stretches, err := sqlrow.Collect(rows, err, "read paid calls", func(s *stretch) error {
		return rows.Scan(&s.from, &s.to)
	})
	if err != nil {
		return err
	}
	var broken, last int64
	for _, s := range append(stretches, stretch{upTo, upTo}) {
		n, err := differing(ctx, db, s.from, s.to)
		if err != nil {
			return err
		}
		between, err := readPaid(ctx, db, last, s.from) // nothing paid may lie between the stretches
		if err != nil {
			return err
		}
		if broken += n; s.to > upTo {
			broken++
		}
		for _, ids := range between.ids {
			broken += int64(len(ids)) / 12
		}
		last = s.to
	}
	return lawBroken(paidLaw, broken, nil)
}

// differing counts the parts of one stretch of calls that are not what the journal says.
func differing(ctx context.Context, db sqlrow.Queryer, from, to int64) (int64, error) {
	want, err := readPaid(ctx, db, from, to)
	if err != nil {
		return 0, err
	}
	got := paidRow{from: from, to: to}
	var broken int64
	rows, err := db.QueryContext(ctx, "SELECT part, ids, first_at <> ? OR last_at <> ? FROM paid_transactions "+
		"WHERE from_call = ? AND to_call = ?", want.firstAt, want.lastAt, from, to)
	_, err = sqlrow.Collect(rows, err, "read paid calls", func(*struct{}) error {
		var part int
		var ids []byte
		var late bool
		if err := rows.Scan(&part, &ids, &late); err != nil {
			return err
		}
		got.ids[part] = ids
		broken += int64(sqlrow.Bool(late))
		return nil
	})
	for part := range want.ids {
		broken += int64(sqlrow.Bool(!bytes.Equal(got.ids[part], want.ids[part])))
	}
	return broken, err
}

// Alike returns the PAY calls that may have been sent in [from, to) under a transaction ID that another of them has,
// too, or one with the same hash. first and last are the calls of the runs of that time.
func Alike(ctx context.Context, db sqlrow.Queryer, first, last int64, from, to time.Time) (calls []int64, err error) {
	err = eachPart(ctx, db, first, last, from, to, func(all []paidID) {
		for i, p := range all {
			if i > 0 && all[i-1].hash == p.hash || i+1 < len(all) && all[i+1].hash == p.hash {
				calls = append(calls, p.call)
			}
		}
	})
	return calls, err
}

// eachPart gives the PAY calls that may have been sent in [from, to) and have a transaction ID, one part after the
// other, sorted: from paid_transactions, and from the journal what came since.
func eachPart(
	ctx context.Context, db sqlrow.Queryer, first, last int64, from, to time.Time, each func([]paidID),
) error {
	upTo, _, err := Mark(ctx, db, "calls", "")
	if err != nil {
		return err
	}
	since, err := readPaid(ctx, db, max(upTo, first-1), last)
	if err != nil {
		return err
	}
	var all []paidID
	for part := range paidParts {
		all = appendPaid(all[:0], since.from, since.ids[part])
		rows, err := db.QueryContext(ctx, "SELECT from_call, ids FROM paid_transactions WHERE part = ? AND "+
			"first_at < ? AND last_at >= ?", part, sqlrow.Millis(to), sqlrow.Millis(from))
		_, err = sqlrow.Collect(rows, err, "read paid calls", func(*struct{}) error {
			var start int64
			var ids sql.RawBytes
			err := rows.Scan(&start, &ids)
			all = appendPaid(all, start, ids)
			return err
		})
		if err != nil {
			return err
		}
		slices.SortFunc(all, comparePaid)
		each(all)
	}
	return nil
}

// appendPaid adds the calls of one row of paid_transactions.
func appendPaid(all []paidID, from int64, ids []byte) []paidID {
	for ; len(ids) >= 12; ids = ids[12:] {
		all = append(all, paidID{binary.BigEndian.Uint64(ids), from + int64(binary.BigEndian.Uint32(ids[8:]))})
	}
	return all
}
