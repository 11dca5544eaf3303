package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// printJSON prints one JSON value.
func (p *program) printJSON(v any) {
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // only plain structs of this package are printed
	}
	say(p.out, "%s\n", out)
}

// grid is a table for a terminal: columns set apart by blanks, so that it can also be cut with awk.
type grid struct{ pretty.Writer }

// newTable makes a table with the given heads; one that begins with > is set to the right.
func newTable(heads ...string) grid {
	w := pretty.NewWriter()
	style := pretty.StyleDefault
	style.Options = pretty.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	var row pretty.Row
	var columns []pretty.ColumnConfig
	for i, head := range heads {
		align := text.AlignLeft
		if strings.HasPrefix(head, ">") {
			align = text.AlignRight
		}
		row = append(row, strings.TrimPrefix(head, ">"))
		columns = append(columns, pretty.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align})
	}
	w.AppendHeader(row)
	w.SetColumnConfigs(columns)
	return grid{w}
}

func (g grid) row(cells ...string) {
	row := make(pretty.Row, len(cells))
	for i, c := range cells {
		row[i] = c
	}
	g.AppendRow(row)
}

func (p *program) print(g grid) { say(p.out, "%s\n\n", g.Render()) }

func comma(n int64) string { return humanize.Comma(n) }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// plural is "1 list was" or "3 lists were".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return comma(n) + " " + many
}

// clockIn is a moment on the clocks of a zone, with the zone.
func clockIn(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format("2006-01-02 15:04:05 MST")
}
