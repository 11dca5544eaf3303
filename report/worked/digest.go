package worked

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// Figures holds all that a reconciled month's figures are: what two people must have before them to have seen the same.
// Neither clocks nor paths, remarks and formats are in it, nor in which order files came.
type Figures struct {
	Month       string // YYYY-MM
	Scope       []string
	Files       []File
	Settings    string // prices, reading, zone, edge, window, tolerance, rounding and tax, as they are kept
	Basis       string
	Rows        []byte // digest of all rows, whatever their order
	Resolutions []accounts.Resolution
	Bridge      []accounts.BridgeLine
	Prior       []accounts.CorrectionRow
	Late        int64 // calls of the month that are not in it
}

// File represents a statement that a month was reconciled with, or one that it has taken the place of.
type File struct {
	SHA256     []byte
	Superseded bool
}

// Digest returns the SHA-256 of the figures in a fixed order and form.
func (f *Figures) Digest() [sha256.Size]byte {
	var text bytes.Buffer
	write := func(name string, values ...string) {
		slices.Sort(values)
		fmt.Fprintf(&text, "%s %d\n", name, len(values))
		for _, v := range values {
			fmt.Fprintf(&text, "%q\n", v)
		}
	}
	write("month", f.Month)
	write("scope", slices.Compact(slices.Sorted(slices.Values(f.Scope)))...)
	write("files", texts(f.Files, func(s File) string { return fmt.Sprintf("%x %t", s.SHA256, s.Superseded) })...)
	write("settings", f.Settings, f.Basis)
	write("rows", fmt.Sprintf("%x", f.Rows))
	write("resolutions", texts(f.Resolutions, func(r accounts.Resolution) string {
		return fmt.Sprintf("%d %t %s", r.CallID, r.Billed, r.Short)
	})...)
	write("bridge", texts(f.Bridge, func(b accounts.BridgeLine) string {
		return fmt.Sprintf("%q %q %d %s %t", b.Currency, b.Step, b.Quantity, plain(b.Amount), b.Priced)
	})...)
	write("prior", texts(f.Prior, func(c accounts.CorrectionRow) string {
		return fmt.Sprintf("%s %s %d %q %q %q %d %s %s %s %d %s %q %t", c.Month, c.Kind, c.CallID, c.Endpoint, c.Region,
			c.Currency, c.Quantity, plain(c.Amount), plain(c.Most), plain(c.Right), c.TheirQuantity, plain(c.Theirs),
			c.Class, c.Own)
	})...)
	if f.Late > 0 { // what was found is not what would be found today
		write("late", strconv.FormatInt(f.Late, 10))
	}
	return sha256.Sum256(text.Bytes())
}

func texts[T any](all []T, text func(T) string) []string {
	list := make([]string, len(all))
	for i, one := range all {
		list[i] = text(one)
	}
	return list
}

// plain returns an amount without zeros at its end; what is no amount stays.
func plain(amount string) string {
	d, err := decimal.NewFromString(amount)
	if err != nil {
		return amount
	}
	return d.String()
}

// readFigures reads what a reconciliation found.
func readFigures(ctx context.Context, snap *snapshot.Snapshot, r *accounts.Reconciliation) (f Figures, err error) {
	f = Figures{Month: r.Month, Settings: r.Settings, Basis: r.Basis}
	files, err := snap.Statements().Scopes(ctx, r.Month)
	if err != nil {
		return f, err
	}
	current := map[int64]File{}
	for _, s := range files {
		old, seen := current[s.StatementID]
		current[s.StatementID] = File{s.SHA256, s.SupersededBy != 0 && (!seen || old.Superseded)}
	}
	for _, s := range current {
		f.Files = append(f.Files, s)
	}
	scopes, err := snap.Reconciliations().Scopes(ctx, r.ID)
	if err != nil {
		return f, err
	}
	for _, s := range scopes {
		f.Scope = append(f.Scope, s.Endpoint)
	}
	if f.Rows, err = snap.Reconciliations().RowsDigest(ctx, r.ID); err != nil {
		return f, err
	}
	if f.Resolutions, err = snap.Reconciliations().Resolutions(ctx, r.ID); err != nil {
		return f, err
	}
	if f.Bridge, err = snap.Reconciliations().Bridge(ctx, r.ID); err != nil {
		return f, err
	}
	if f.Prior, err = snap.Months().Borne(ctx, r.Month); err != nil {
		return f, err
	}
	f.Late, err = lateCalls(ctx, snap, r)
	return f, err
}

// lateCalls counts the calls of a month that its reconciliation lacks: none of a closed one, whose late calls another
// month bears.
func lateCalls(ctx context.Context, snap *snapshot.Snapshot, r *accounts.Reconciliation) (int64, error) {
	closure, err := snap.Months().Closure(ctx, r.Month)
	if err != nil || closure != nil {
		return 0, err
	}
	from, to, err := billing.ParseKept(r.Settings).Bounds(r.Month)
	if err != nil {
		return 0, err
	}
	return snap.Reconciliations().Late(ctx, r.ID, from, to)
}
