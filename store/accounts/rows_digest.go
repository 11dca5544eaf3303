package accounts

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"liverecon/store/internal/sqlrow"
)

// rowsDigest sums up reconciled rows, in whatever order they come: the same rows of the same files have the same
// digest. It keeps 32 bytes of each.
type rowsDigest struct {
	files map[int64][]byte // SHA-256 of statements, by number
	sums  [][sha256.Size]byte
}

// add takes a row: what it is, and its amounts. What is written about it is none of its figures.
func (d *rowsDigest) add(r *ReconciledRow) {
	parts := r.parts()
	for i := range parts {
		parts[i] = cmp.Or(parts[i], "0")
	}
	d.sums = append(d.sums, sha256.Sum256(fmt.Appendf(nil, "%x %d %d %q %q %q %q %q %d %d %q %q %q %q",
		d.files[r.StatementID],
		r.Line, r.CallID, r.Class, r.TransactionID, r.Endpoint, r.Region, r.Currency, r.OurQuantity, r.TheirQuantity,
		r.OurAmount, r.TheirAmount, cmp.Or(r.Explained, "0"), parts)))
}

func (d *rowsDigest) sum() []byte {
	slices.SortFunc(d.sums, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	all := sha256.New()
	for _, s := range d.sums {
		all.Write(s[:]) //nolint:errcheck // a hash takes everything
	}
	return all.Sum(nil)
}

// statementSums returns the SHA-256 of every statement's file, by the statement's number.
func statementSums(ctx context.Context, db sqlrow.Queryer) (map[int64][]byte, error) {
	type file struct {
		id  int64
		sum []byte
	}
	rows, err := db.QueryContext(ctx, "SELECT statement_id, sha256 FROM statements")
	all, err := sqlrow.Collect(rows, err, "read statements", func(f *file) error { return rows.Scan(&f.id, &f.sum) })
	sums := map[int64][]byte{}
	for _, f := range all {
		sums[f.id] = f.sum
	}
	return sums, err
}
