package statement

import (
	"maps"
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
	longest  int
	samples  [8]string
}

// checkCut refuses the last line of a text, if it has no end and something of it seems to be missing: cells that all
// other lines have, or the rest of its last cell, which is the beginning of what others have there and shorter than
// all.
func checkCut(l *lineReader, s *Line) {
	if l.sheet != "" || s.Kind != Usage {
		return
	}
	l.short.add(l)
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
	case !isShort && len(last) < c.shortest && c.lacks(l, last) && !l.ties && !isFree(s) &&
		l.header.isOneOf(names-1, valueFields...):
		l.wrong(l.header.name(names-1), hint,
			"%s, shorter than on all other lines, and no line end: is the file cut off?", billing.Quote(strings.TrimFunc(table.DecodeCell(last), unseen)))
	}
	if c.rows++; isShort {
		c.short++
		return
	}
	if c.samples[c.rows%len(c.samples)] = last; c.shortest == 0 || len(last) < c.shortest {
		c.shortest = len(last)
	}
	c.longest = max(c.longest, len(last))
}

// lacks reports whether something of a cell seems to be missing: it is the beginning of another line's, or an ID or a
// time where all others have one length.
func (c *cutText) lacks(l *lineReader, last string) bool {
	if c.shortest == c.longest && l.header.isOneOf(len(l.header.names)-1, fieldTransaction, fieldTime, fieldMonth) {
		return true
	}
	for _, sample := range c.samples {
		if len(sample) > len(last) && strings.HasPrefix(sample, last) {
			return true
		}
	}
	return false
}

func isFree(s *Line) bool { return s.Amount.IsZero() && billing.ParseTag(s.Pricing) == billing.Free }

// valueFields lists those of values of which a part is another value.
var valueFields = []string{fieldTransaction, fieldTime, fieldMonth, fieldPricing, fieldQuantity, fieldUnit, fieldAmount,
	fieldCredit}

// isOneOf reports whether a column is of one of some fields.
func (h header) isOneOf(column int, fields ...string) bool {
	return slices.ContainsFunc(fields, func(field string) bool {
		i, ok := h.fields[field]
		return ok && i == column
	})
}

// shortRows holds lines of fewer cells than the header has names. They are taken where what they lack is nowhere to be
// found: cells that are empty in all rows, or not read.
type shortRows struct {
	lines  map[int]int    // the first one with so many cells
	filled map[string]int // fields that some line has -> their column
}

func (s *shortRows) add(l *lineReader) {
	if n := len(l.row.Cells); n < len(l.header.names) {
		if _, seen := s.lines[n]; !seen {
			if s.lines == nil {
				s.lines = map[int]int{}
			}
			s.lines[n] = l.row.Line
		}
	}
	if len(s.filled) == len(l.header.fields) {
		return
	}
	if s.filled == nil {
		s.filled = map[string]int{}
	}
	for field, i := range l.header.fields {
		if i < len(l.row.Cells) && strings.TrimSpace(l.row.Cells[i].Text) != "" {
			s.filled[field] = i
		}
	}
}

// check refuses the rows that lack what others have.
func (s *shortRows) check(r *statementReader) {
	for _, n := range slices.Sorted(maps.Keys(s.lines)) {
		for field, i := range s.filled {
			if i >= n && field != fieldDescription && field != fieldProduct {
				r.mistakes.add(&Error{File: r.path, Line: s.lines[n],
					Problem: "fewer cells than the header has names: is the row cut off?"})
				return
			}
		}
	}
}
