package parquet

import (
	"encoding/hex"
	"time"

	"liverecon/store/accounts"
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
		{name: "threshold_inclusive", kind: flag},
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

// row makes the cells of a row out of values: nil is nothing.
func (t table) row(values ...any) []cell {
	cells := make([]cell, len(values))
	for i, v := range values {
		c := cell{column: t.columns[i], index: i}
		switch v := v.(type) {
		case int64:
			c.whole.Int64, c.whole.Valid = v, true
		case bool:
			c.whole.Int64, c.whole.Valid = int64(sqlrow.Bool(v)), true
		case float64:
			c.real.Float64, c.real.Valid = v, true
		case string:
			c.texts.String, c.texts.Valid = v, true
		}
		cells[i] = c
	}
	return cells
}

// unless returns v, or nothing where that holds.
func unless(nothing bool, v any) any {
	if nothing {
		return nil
	}
	return v
}

// dateOf counts the days from the Unix epoch to a date.
func dateOf(t time.Time) int64 { return t.Unix() / 86_400 }

func (e *exporter) prices(m month) (rows [][]cell) {
	for _, p := range e.options.Prices(m.period) {
		rows = append(rows, pricesTable.row(p.Endpoint, p.Region, p.Currency, dateOf(p.From),
			unless(p.To.IsZero(), dateOf(p.To)), p.Kind, int64(p.Tier), unless(p.UpTo == 0, p.UpTo), p.Unit, p.FreeQuota,
			unless(p.Minimum == "", p.Minimum)))
	}
	return rows
}

func (e *exporter) settings() [][]cell {
	o := e.options
	return [][]cell{settingsTable.row(e.manifest.Database, o.Zone.String(), o.Months.Zone.String(),
		int64(max(o.Months.Starts, 1)), o.Settings.Threshold, o.Settings.Inclusive, o.Settings.Reading, o.Settings.Clock,
		o.Version)}
}

func (e *exporter) monthRow(m month, c *accounts.Closure) [][]cell {
	state := stateOf(c)
	row := []any{sqlrow.Millis(m.period.From), sqlrow.Millis(m.period.To), state, nil, nil}
	if state == MonthClosed {
		row[3], row[4] = sqlrow.Millis(c.ClosedAt), hex.EncodeToString(c.ContentSHA256)
	}
	return [][]cell{monthsTable.row(row...)}
}
