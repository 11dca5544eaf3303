package parquet

import (
	"encoding/hex"
	"time"

	"liverecon/store/internal/sqlrow"
)

// The tables that are not rows of the database. Each month has its own, so that a month explains itself.
var (
	pricesTable = table{name: "prices", columns: []column{
		{name: "endpoint", kind: word},
		{name: "region", kind: word}, // or *
		{name: "currency", kind: word},
		{name: "valid_from", kind: day},
		{name: "valid_to", kind: day, optional: true},
		{name: "tier_kind", kind: word},
		{name: "tier", kind: small},
		{name: "up_to", kind: number, optional: true},
		{name: "unit_price", kind: money},
		{name: "free_quota", kind: number},
		{name: "minimum_amount", kind: money, optional: true},
	}}
	settingsTable = table{name: "settings", columns: []column{
		{name: "database_id", kind: text},
		{name: "time_zone", kind: text},
		{name: "billing_time_zone", kind: text},
		{name: "month_starts", kind: small},
		{name: "threshold", kind: score},
		{name: "threshold_inclusive", kind: boolean},
		{name: "reading", kind: text},
		{name: "clock", kind: text},
		{name: "version", kind: text},
	}}
	monthsTable = table{name: "months", columns: []column{
		{name: "begins_at", kind: moment},
		{name: "ends_at", kind: moment},
		{name: "state", kind: word},
		{name: "closed_at", kind: moment, optional: true},
		{name: "closure_sha256", kind: text, optional: true},
	}}
)

// unless returns v, or nothing where that holds.
func unless(nothing bool, v any) any {
	if nothing {
		return nil
	}
	return v
}

// epochDay counts the days from the Unix epoch to a date.
func epochDay(t time.Time) int64 { return t.Unix() / 86_400 }

func (e *exporter) prices(m month) (rows [][]any) {
	settings := ""
	if c := e.bearings.closed[m.name]; c != nil {
		settings = c.Settings
	}
	for _, p := range e.options.Prices(m.period, settings) {
		rows = append(rows, []any{p.Endpoint, p.Region, p.Currency, epochDay(p.From),
			unless(p.To.IsZero(), epochDay(p.To)), p.Kind, int64(p.Tier), unless(p.UpTo == 0, p.UpTo), p.Unit, p.FreeQuota,
			unless(p.Minimum == "", p.Minimum)})
	}
	return rows
}

func (e *exporter) settings(m month) [][]any {
	o, version := e.options, e.options.Version
	if c := e.bearings.closed[m.name]; c != nil {
		version = c.Version
	}
	return [][]any{{e.manifest.Database, o.Zone.String(), o.Months.Zone.String(),
		int64(max(o.Months.Starts, 1)), o.Settings.Threshold, o.Settings.Inclusive, o.Settings.Basis, o.Settings.Clock,
		version}}
}

func (e *exporter) monthRow(m month) [][]any {
	c := e.bearings.closed[m.name]
	state := stateOf(c)
	row := []any{sqlrow.Millis(m.period.From), sqlrow.Millis(m.period.To), state, nil, nil}
	if state == MonthClosed {
		row[3], row[4] = sqlrow.Millis(c.ClosedAt), hex.EncodeToString(c.ContentSHA256)
	}
	return [][]any{row}
}
