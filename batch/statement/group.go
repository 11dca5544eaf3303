package statement

import (
	"errors"
	"io"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// Tables for people name a group once, above lines that leave it out. In a statement, whose lines are counted by place,
// such a line would be taken for one of no place in particular.

// placeGroups looks for columns of places that name each of them once.
type placeGroups struct {
	columns [len(identity)]groupColumn
	last    [len(identity)]string // of the line before
}

// groupColumn holds what a column of places has had.
type groupColumn struct {
	labels  []string
	repeats bool   // a place comes again: lines that name none are lines of none
	open    *Error // of the first line without a place below the last that has one
	row     int    // of it
	rows    int    // without a place, below lines that have one
}

// mostGroups bounds how many places a column may name once each.
const mostGroups = 300

// add takes a line of the statement, with the cells that tell it from others.
func (g *placeGroups) add(l *lineReader, line *Line, cells *[len(identity)]string) {
	if line.Kind != Usage || line.Other || line.TransactionID != "" || line.Quantity == 0 || l.hasClock() {
		return
	}
	for i, field := range identity {
		if (field == fieldRegion || field == fieldEndpoint) && l.columns[i] >= 0 && !g.columns[i].repeats {
			g.take(i, l, cells)
		}
	}
	g.last = *cells
}

func (g *placeGroups) take(i int, l *lineReader, cells *[len(identity)]string) {
	c, label := &g.columns[i], cells[i]
	switch {
	case label == "" && len(c.labels) > 0 && isBare(l, l.columns[i]) && !g.beginsAnew(i, l, cells):
		if c.rows++; c.open == nil {
			c.row = l.row.Line
			c.open = l.error(identity[i], "fill the column in on every line; on a line of none in particular write -",
				"is empty below a line of %s: is it the same there, as in a table that names each group once?",
				billing.Quote(c.labels[len(c.labels)-1]))
		}
	case label == "":
	case slices.Contains(c.labels, label), len(c.labels) == mostGroups:
		c.repeats, c.open = true, nil
	default:
		if c.open != nil {
			l.mistakes.add(c.open)
		}
		c.labels = append(c.labels, label)
	}
}

// beginsAnew reports whether a cell left of a column names something else than the line before.
func (g *placeGroups) beginsAnew(of int, l *lineReader, cells *[len(identity)]string) bool {
	for i, text := range cells {
		if l.columns[i] >= 0 && l.columns[i] < l.columns[of] && text != "" && text != g.last[i] {
			return true
		}
	}
	return false
}

// isBare reports whether a cell has nothing in it, not even what stands for nothing.
func isBare(l *lineReader, column int) bool {
	return column >= len(l.row.Cells) || l.row.Cells[column] == table.Cell{} || l.rawText(column) == ""
}

// tell notes lines at the end that may be of the last group.
func (g *placeGroups) tell(info *Statement) {
	for i := range g.columns {
		if c := &g.columns[i]; c.open != nil {
			info.note("row %d names no %s, below lines that do: it is counted as one of none in particular", c.row, identity[i])
		}
	}
}

// settleDays finds out, before the first row is read as a line, whether the times of lines without IDs are all midnight:
// so programs write days. One call alone may well be one at midnight.
func settleDays(r *statementReader, t found) error {
	if !r.header.has(fieldTime) || !r.times.clock.dateOnly {
		return nil
	}
	in, err := t.skipTo(t.header)
	if err != nil {
		return err
	}
	calls := decimal.Zero // at midnight
	for range maxSample {
		row, err := in.Next()
		if err != nil { // which is told when the row is read as a line
			if errors.Is(err, io.EOF) {
				break
			}
			return nil
		}
		from := &source{header: r.header, numbers: r.numbers, clock: r.clock}
		cells := rowReader{from: from, row: row, label: -1}
		if cells.identifier(fieldTransaction) != "" {
			return nil
		}
		c, given := cells.cell(fieldTime)
		if !given {
			continue
		}
		at, day, err := r.clock.time(c)
		switch {
		case err != nil || day.known:
		case !isMidnight(at.In(r.clock.zone)):
			return nil
		default:
			of := decimal.NewFromInt(1)
			if c, given := cells.cell(fieldQuantity); given {
				if n, _ := plainNumber(r.numbers, c); n.Valid {
					of = n.Decimal
				}
			}
			calls = calls.Add(of)
		}
	}
	if calls.GreaterThan(decimal.NewFromInt(1)) {
		r.times.clock.midnight, r.used.newer = true, true
		r.info.note("the times in column %s are all midnight: they are taken for days",
			billing.Quote(r.header.names[r.header.fields[fieldTime]]))
	}
	return nil
}
