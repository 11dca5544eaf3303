package statement

import (
	"slices"
	"strings"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// cutText tells a text that was cut off within its last line from one whose last line only has no end.
type cutText struct {
	rows     int
	short    int // rows of fewer cells than the header
	shortest int // bytes of the header's last column
	samples  [8]string
}

// checkCut refuses the last line of a text, if it has no end and something of it seems to be missing: cells that all
// other lines have, or the rest of its last cell, which is the beginning of what others have there and shorter than all.
func checkCut(l *lineReader, s *Line) {
	if l.sheet != "" || s.Kind != Usage {
		return
	}
	c, names := &l.cut, len(l.header.names)
	isShort := len(l.row.Cells) < names
	last := ""
	if !isShort {
		last = l.row.Cells[names-1].Text
	}
	const hint = "get the file again; if it is whole, end its last line with a line end"
	switch {
	case !l.row.Open || c.rows == 0 && !isShort:
	case isShort && c.short == 0:
		l.wrong("", hint, "fewer cells than the header has names, and no line end: is the file cut off?")
	case !isShort && len(last) < c.shortest && c.begins(last) && !l.ties && !isFree(s) && isTold(l, names-1):
		l.wrong(l.header.name(names-1), hint, "%s, shorter than on all other lines, and no line end: is the file cut off?",
			billing.Quote(strings.TrimFunc(table.DecodeCell(last), unseen)))
	}
	if c.rows++; isShort {
		c.short++
		return
	}
	if c.samples[c.rows%len(c.samples)] = last; c.shortest == 0 || len(last) < c.shortest {
		c.shortest = len(last)
	}
}

// begins reports whether a cell is the beginning of another line's.
func (c *cutText) begins(last string) bool {
	for _, sample := range c.samples {
		if len(sample) > len(last) && strings.HasPrefix(sample, last) {
			return true
		}
	}
	return false
}

func isFree(s *Line) bool { return s.Amount.IsZero() && billing.ParseTag(s.Pricing) == billing.Free }

// isTold reports whether a column is of values, of which a part is another value.
func isTold(l *lineReader, column int) bool {
	return slices.ContainsFunc([]string{fieldTransaction, fieldTime, fieldMonth, fieldPricing, fieldQuantity, fieldUnit,
		fieldAmount, fieldCredit}, func(field string) bool {
		i, ok := l.header.fields[field]
		return ok && i == column
	})
}
