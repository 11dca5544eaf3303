package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/clean"
)

// printJSON prints one JSON value.
func (p *program) printJSON(v any) {
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // only plain structs of this package are printed
	}
	say(p.out, "%s\n", lines(out))
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
		row[i] = clean.Text(c)
	}
	g.AppendRow(row)
}

func (p *program) print(g grid) { say(p.out, "%s\n\n", lines(g.Render())) }

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

// inWords is a duration as people say it, in its two largest units; one of none is left out.
func inWords(d time.Duration) string {
	d = max(0, d)
	days, hours, minutes := int64(d/(24*time.Hour)), int64(d.Hours())%24, int64(d.Minutes())%60
	switch {
	case days > 2 || days > 0 && hours == 0:
		return plural(days, "day", "days")
	case days > 0:
		return fmt.Sprintf("%s %d h", plural(days, "day", "days"), hours)
	case hours > 0 && minutes == 0:
		return fmt.Sprintf("%d h", hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d s", int64(d.Seconds()))
}

// capText is what a cap allows, "" where there is none.
func capText(limit billing.Cap) string {
	text := limit.Limit.String()
	if limit.Calls > 0 {
		if text != "" {
			text += " or "
		}
		text += plural(limit.Calls, "call", "calls")
	}
	return text
}

// width is how many columns standard output has, 0 when it is no terminal: then lines are as long as they are, for grep.
func (p *program) width() int {
	columns, _, err := term.GetSize(int(p.out.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// leastText is how narrow a text behind its lead may get before it is no longer wrapped.
const leastText = 20

// hanging prints a text behind a lead; on a terminal its further lines begin below the first.
func (p *program) hanging(lead, body string) {
	body = clean.Text(body)
	columns := p.width() - len(lead)
	if columns < leastText {
		say(p.out, "%s%s\n", lead, body)
		return
	}
	for line := range strings.SplitSeq(text.WrapSoft(body, columns), "\n") {
		say(p.out, "%s%s\n", lead, strings.TrimRight(line, " "))
		lead = strings.Repeat(" ", len(lead))
	}
}
