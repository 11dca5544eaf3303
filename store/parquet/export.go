// Package parquet writes the database as Parquet files, for warehouses and for those who report on several databases.
//
//	ROOT/_manifest.json                                  what the files are, their rows, sums and SHA-256
//	ROOT/calls/month=2026-11/region=PH/part-….parquet    one file a table, billing month and region
//	ROOT/runs/month=2026-11/part-….parquet               tables without a region have one a month
//
// A month is written as a whole, from one moment of the database, until it is closed; once it was written closed, never
// again. There is no ID, no hash of one, no reference, message, body or URL in it unless they are asked for.
//
// A month's files are written beside those that stand, under names that no reader looks for; then the manifest is
// replaced, which is the moment that counts; then each file takes the place of the one it follows, by a rename.
// Whatever is cut short before that moment leaves the former month whole, and whatever is cut short behind it is done
// by the next export: see Directory.
package parquet

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
)

// Place represents where an export goes. It is used by one goroutine.
type Place interface {
	// Manifest returns the manifest that stands there; fs.ErrNotExist, wrapped, where there is none yet.
	Manifest(ctx context.Context) ([]byte, error)
	// Recover does what an export that was cut short has left to do.
	Recover(ctx context.Context, m *Manifest) error
	// Begin begins the next file of a folder, behind the end of the one before it.
	Begin(folder string) (io.Writer, error)
	// End ends the file, which stays out of sight.
	End(f File) error
	// Skip removes the file that was begun instead.
	Skip() error
	// Commit puts the manifest and the files that were ended since the last one in place, and removes stale ones.
	Commit(ctx context.Context, manifest []byte, stale []File) error
	// Drop removes what was begun and not committed.
	Drop() error
	// Damaged returns the files that are missing, or have another size; where thorough, those that have other bytes,
	// too.
	Damaged(ctx context.Context, files []File, thorough bool) ([]Damage, error)
}

// Damage describes what is wrong with a file.
type Damage struct {
	File
	What string // such as "is missing"
}

func (d Damage) String() string { return d.Path + " " + d.What }

// What may be wrong with a file.
const (
	Missing = "is missing"
	Changed = "has other bytes than were written"
)

// ErrDamaged wraps the name of a file of a closed month that is missing or changed, and cannot be written as it was.
var ErrDamaged = errors.New("the export is damaged")

// Options describes what an export holds.
type Options struct {
	Months  calendar.Months // billing months
	Zone    *time.Location  // of business days
	WithIDs bool            // IDs, references, paths of lists, reviewers and their comments
	Columns []string        // of lists, that go with their checks
	Version string          // of the program
	// Prices returns the prices in force in a month; settings are those that it was closed with, "" for an open one.
	Prices   func(month calendar.Period, settings string) []Price
	Settings Settings
}

// Price holds one tier of a price, as the configuration has it.
type Price struct {
	Endpoint, Region string // a region or "*"
	Currency         string
	From, To         time.Time // dates; To is exclusive, zero: open
	Kind             string    // how tiers add up
	Tier             int       // from 1
	UpTo             int64     // calls of a month that the tier ends with; 0: no end
	Unit             string    // decimal
	FreeQuota        int64     // calls of a month that cost nothing
	Minimum          string    // decimal, a month; "" for none
}

// Settings holds what figures depend on besides the rows.
type Settings struct {
	Threshold float64
	Inclusive bool   // a score at the threshold passes
	Basis     string // of the contract
	Clock     string // by which risk goes
}

// Which selects months.
type Which struct {
	First, Last string // 2026-09, "" for all
	// UnderWay selects what a night has changed: this month and the one before, months that were closed since, and
	// those that are not there yet.
	UnderWay bool
}

// Written represents what became of a month.
type Written struct {
	Month string
	State string // MonthOpen or MonthClosed
	Kept  bool   // it was written closed before, and stays
	// Restored names files of a closed month that were missing or changed, and have been written again as they were.
	Restored []string
	Rows     int64
	Bytes    int64
	Files    int
}

// ErrOtherDatabase wraps the refusal of a place that has the export of another database.
var ErrOtherDatabase = errors.New("it has the export of another database")

// ErrMixed wraps the refusal to put months with IDs beside months without.
var ErrMixed = errors.New("an export has all its months with IDs or without")

// month represents a billing month that is being exported.
type month struct {
	name        string
	period      calendar.Period
	zone        *time.Location // of business days
	first, last int64          // calls
}

// cache sets the page cache of an export, in KiB.
const cache = "PRAGMA cache_size = -8192"

// exporter writes one export.
type exporter struct {
	tx       *sql.Tx
	place    Place
	options  Options
	manifest *Manifest
	bearings *bearings
}

// Export writes the months of a database that are asked for, and returns what became of each. A running job is not
// disturbed.
func Export(ctx context.Context, s *store.Store, place Place, which Which, o Options) (all []Written, err error) {
	view, err := s.View(ctx)
	if err != nil {
		return nil, err
	}
	e := &exporter{tx: sqlrow.TxOf(view), place: place, options: o}
	defer func() {
		_, small := e.tx.ExecContext(context.WithoutCancel(ctx), sqlrow.SmallCache)
		err = errors.Join(err, place.Drop(), small, e.tx.Rollback())
	}()
	if _, err := e.tx.ExecContext(ctx, cache); err != nil { // rows by region are rows all over the table
		return nil, err
	}
	if err := e.begin(ctx); err != nil {
		return nil, err
	}
	if e.bearings, err = readBearings(ctx, e.tx, o.Months); err != nil {
		return nil, err
	}
	names, err := e.months(ctx, which)
	if err != nil {
		return nil, err
	}
	var damaged []error
	for _, name := range names {
		w, err := e.month(ctx, name, !which.UnderWay)
		if errors.Is(err, ErrDamaged) { // other months are none the worse for it
			damaged = append(damaged, err)
			continue
		}
		if err != nil {
			return all, errors.Join(append(damaged, err)...)
		}
		all = append(all, w)
	}
	return all, errors.Join(damaged...)
}

// begin reads the manifest, and does what was left to do.
func (e *exporter) begin(ctx context.Context) error {
	identity, err := sqlrow.Remembered(ctx, e.tx, "identity")
	if err != nil {
		return err
	}
	text, err := e.place.Manifest(ctx)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.manifest = &Manifest{Schema: Schema, Database: identity, Months: map[string]Month{}}
		return nil
	case err != nil:
		return err
	}
	if e.manifest, err = ParseManifest(text); err != nil {
		return err
	}
	if e.manifest.Database != identity {
		return ErrOtherDatabase
	}
	if e.manifest.Months == nil {
		e.manifest.Months = map[string]Month{}
	}
	for name, m := range e.manifest.Months {
		if m.WithIDs != e.options.WithIDs {
			how := "without IDs"
			if m.WithIDs {
				how = "with IDs"
			}
			return fmt.Errorf("%w: %s of it was written %s", ErrMixed, name, how)
		}
	}
	e.manifest.Schema = Schema
	return e.place.Recover(ctx, e.manifest)
}

// months returns the names of the months that are asked for, in order.
func (e *exporter) months(ctx context.Context, which Which) ([]string, error) {
	var first, last sql.NullInt64
	if err := e.tx.QueryRowContext(ctx, `SELECT min(at), max(at) FROM (SELECT min(started_at) AS at FROM runs
		UNION ALL SELECT max(started_at) FROM runs UNION ALL SELECT min(quarter) * 900000 FROM usage
		UNION ALL SELECT max(quarter) * 900000 FROM usage)`).Scan(&first, &last); err != nil {
		return nil, fmt.Errorf("find months: %w", err)
	}
	rows, err := e.tx.QueryContext(ctx, "SELECT DISTINCT month FROM statement_parts")
	names, err := sqlrow.Collect(rows, err, "find months of statements", func(name *string) error {
		return rows.Scan(name)
	})
	if err != nil {
		return nil, err
	}
	now := e.options.Months.Of(time.Now())
	if first.Valid {
		end := sqlrow.FromMillis(last.Int64)
		if end.Before(time.Now()) {
			end = time.Now()
		}
		months := e.options.Months
		for p := months.Of(sqlrow.FromMillis(first.Int64)); p.From.Before(end); p = months.Of(p.To) {
			names = append(names, p.Label)
		}
	}
	names = append(names, e.bearings.bearers()...)
	slices.Sort(names)
	names = slices.Compact(names)
	before := e.options.Months.Of(now.From.Add(-time.Hour)).Label
	var chosen []string
	for _, name := range names {
		if which.First != "" && name < which.First || which.Last != "" && name > which.Last {
			continue
		}
		if which.UnderWay && name != now.Label && name != before {
			if same, err := e.unchanged(ctx, name); err != nil {
				return nil, err
			} else if same {
				continue
			}
		}
		chosen = append(chosen, name)
	}
	return chosen, nil
}

// unchanged reports whether nothing new is to be written of a month that is there, and all its files are.
func (e *exporter) unchanged(ctx context.Context, name string) (bool, error) {
	was, there := e.manifest.Months[name]
	if !there || was.State != stateOf(e.bearings.closed[name]) || was.Schema != Schema {
		return false, nil
	}
	if bad, err := e.place.Damaged(ctx, was.Files, false); err != nil || len(bad) > 0 {
		return false, err
	}
	if was.State == MonthClosed {
		return was.Digest == hex.EncodeToString(e.bearings.closed[name].ContentSHA256), nil
	}
	m, err := e.boundsOf(ctx, name)
	if err != nil {
		return false, err
	}
	basis, err := e.basis(ctx, m)
	return basis == was.Basis, err
}

func stateOf(c *accounts.Closure) string {
	if c == nil {
		return MonthOpen
	}
	return MonthClosed
}

// month writes one month. thorough has the content of closed files checked, not only that they are there.
func (e *exporter) month(ctx context.Context, name string, thorough bool) (w Written, err error) {
	closure, was := e.bearings.closed[name], e.manifest.Months[name]
	is := Month{State: stateOf(closure), Schema: Schema, ExportedAt: time.Now().UTC().Truncate(time.Millisecond),
		Version: e.options.Version, WithIDs: e.options.WithIDs, Columns: e.options.Columns}
	if closure != nil {
		is.Digest = hex.EncodeToString(closure.ContentSHA256)
	}
	m, err := e.boundsOf(ctx, name)
	if err != nil {
		return w, err
	}
	if closure != nil && was.State == MonthClosed && was.Digest == is.Digest && was.Schema == Schema {
		return e.keep(ctx, m, was, thorough)
	}
	is.From, is.To = m.period.From, m.period.To
	if closure == nil {
		if is.Basis, err = e.basis(ctx, m); err != nil {
			return w, err
		}
	}
	if is.Files, err = e.files(ctx, m, e.options.Columns, func(File) bool { return true }); err != nil {
		return w, err
	}
	e.manifest.Months[name] = is
	text, err := e.manifest.Text()
	if err != nil {
		return w, err
	}
	return is.written(name), e.place.Commit(ctx, text, stale(was.Files, is.Files))
}

// keep keeps a closed month as it was written. Files that are gone or changed are written again, where that gives the
// same bytes; else it is ErrDamaged.
func (e *exporter) keep(ctx context.Context, m month, was Month, thorough bool) (w Written, err error) {
	w = was.written(m.name)
	bad, err := e.place.Damaged(ctx, was.Files, thorough)
	if err != nil || len(bad) == 0 {
		w.Kept = true
		return w, err
	}
	wanted := func(f File) bool {
		return slices.ContainsFunc(bad, func(d Damage) bool { return f.Path == d.Path && f.SHA256 == d.SHA256 })
	}
	is, err := e.files(ctx, m, was.Columns, wanted)
	if err != nil {
		return w, err
	}
	for _, d := range bad {
		w.Restored = append(w.Restored, d.String())
		if !slices.ContainsFunc(is, func(f File) bool { return f.Path == d.Path }) {
			if err := e.place.Drop(); err != nil {
				return w, err
			}
			return w, fmt.Errorf("%w: %s of %s: the books and the configuration give other bytes by now: put the file "+
				"back from a copy, or open the month again and close it, or export to another directory",
				ErrDamaged, d, m.name)
		}
	}
	text, err := e.manifest.Text()
	if err != nil {
		return w, err
	}
	return w, e.place.Commit(ctx, text, nil)
}

// basis returns what an open month rests on, as a hash: where it is the same, so are the month's rows.
func (e *exporter) basis(ctx context.Context, m month) (string, error) {
	h := sha256.New()
	o := e.options
	known, err := json.Marshal([]any{o.Columns, o.Settings, o.Zone.String(), o.Months.Zone.String(), o.Months.Starts,
		o.Prices(m.period, ""), m.period})
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "%s\n", known) //nolint:errcheck // a hash takes everything
	for _, t := range []table{callsTable, checksTable} {
		fmt.Fprintln(h, e.bearings.borne(t, m)...) //nolint:errcheck // as above
	}
	for _, text := range []string{
		"SELECT count(*), coalesce(sum(calls), 0), 0 FROM usage WHERE quarter >= ?1 / 900000 AND quarter < ?2 / 900000",
		"SELECT count(*), coalesce(sum(call_id), 0), 0 FROM " + answeredThen,
		"SELECT count(*), coalesce(sum(check_id), 0), max(changed_at) FROM checks WHERE state <> 'done' " +
			"AND changed_at >= ?1 AND changed_at < ?2",
		"SELECT count(*), coalesce(sum(decision_id), 0), 0 FROM decisions WHERE decided_at >= ?1 AND decided_at < ?2",
		"SELECT count(*), coalesce(max(correction_id), 0), max(found_at) FROM corrections WHERE borne_by = ?3",
		"SELECT coalesce(max(reconciliation_id), 0), count(superseded_by), 0 FROM reconciliations",
	} {
		var count, sum int64
		var last sql.NullInt64
		if err := e.tx.QueryRowContext(ctx, text, sqlrow.Millis(m.period.From), sqlrow.Millis(m.period.To), m.name).
			Scan(&count, &sum, &last); err != nil {
			return "", fmt.Errorf("look for changes of %s: %w", m.name, err)
		}
		fmt.Fprintln(h, count, sum, last.Int64) //nolint:errcheck // as above
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (m Month) written(name string) Written {
	w := Written{Month: name, State: m.State, Files: len(m.Files)}
	for _, f := range m.Files {
		w.Rows, w.Bytes = w.Rows+f.Rows, w.Bytes+f.Bytes
	}
	return w
}

// stale returns the files that are no more.
func stale(was, is []File) (gone []File) {
	for _, f := range was {
		if !slices.ContainsFunc(is, func(g File) bool { return g.Path == f.Path }) {
			gone = append(gone, f)
		}
	}
	return gone
}

func (e *exporter) boundsOf(ctx context.Context, name string) (m month, err error) {
	m.name, m.zone = name, e.options.Zone
	if m.period, err = e.options.Months.Parse(name); err != nil {
		return m, err
	}
	err = e.tx.QueryRowContext(ctx, query.CallRange, sqlrow.Millis(m.period.From), sqlrow.Millis(m.period.To)).
		Scan(&m.first, &m.last)
	return m, err
}

// files writes the files of a month, those that are wanted.
func (e *exporter) files(
	ctx context.Context, m month, columns []string, wanted func(File) bool,
) (all []File, err error) {
	keep := func(f File) error {
		if !wanted(f) {
			return e.place.Skip()
		}
		all = append(all, f)
		return e.place.End(f)
	}
	if err := e.bearings.displaced(ctx, e.tx, m); err != nil {
		return nil, err
	}
	o := e.options
	o.Columns = columns
	for _, t := range tables(o) {
		if err := writeTable(ctx, e.tx, t, m, e.bearings, e.place.Begin, keep); err != nil {
			return nil, err
		}
	}
	for _, fixed := range []struct {
		table table
		rows  [][]any
	}{{pricesTable, e.prices(m)}, {settingsTable, e.settings(m)}, {monthsTable, e.monthRow(m)}} {
		if err := writeFixed(fixed.table, m, fixed.rows, e.place.Begin, keep); err != nil {
			return nil, err
		}
	}
	return all, nil
}
