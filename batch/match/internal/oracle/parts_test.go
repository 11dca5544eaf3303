package oracle

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// partKey names a part: the lines of a file of one month, endpoint and currency.
type partKey struct{ month, endpoint, currency string }

// part represents a part of a file.
type part struct {
	file       *file
	lines      []*line
	identities map[string]bool
	cells      bool
	superseded bool
}

// identity returns the key under which a line is the same line in another file.
func identity(l *line) string {
	switch {
	case l.Transaction != "":
		return "x " + l.Transaction
	case !l.Time.IsZero():
		return fmt.Sprint("t ", l.Time.UnixMilli(), l.Endpoint, "/", l.Region)
	}
	return fmt.Sprint("c ", l.form, l.Day, l.side, l.Endpoint, "/", l.Region)
}

func partsOf(f *file) map[partKey]*part {
	all := map[partKey]*part{}
	for _, l := range f.lines {
		if l.Kind != Usage || l.OtherProduct {
			continue
		}
		k := partKey{l.side, l.Endpoint, l.Currency}
		if all[k] == nil {
			all[k] = &part{file: f, identities: map[string]bool{}}
		}
		p := all[k]
		p.lines = append(p.lines, l)
		p.identities[identity(l)] = true
		p.cells = p.cells || l.form == inCell
	}
	return all
}

// keepStanding lets each file in its turn add to those before, supersede parts of them or be asked about, and keeps the
// lines that stand (5).
func keepStanding(b *book) {
	var earlier []map[partKey]*part
	var files []*file
	for _, f := range b.files {
		parts := partsOf(f)
		if asks(parts, earlier) {
			b.asked = append(b.asked, f.Name)
			continue
		}
		for k, p := range parts {
			for _, q := range partsAt(earlier, k) {
				p.meet(q)
			}
		}
		earlier = append(earlier, parts)
		files = append(files, f)
	}
	b.files, b.lines = files, nil
	for i, f := range files {
		f.drop(earlier[i])
		b.lines = append(b.lines, f.lines...)
	}
}

func partsAt(earlier []map[partKey]*part, k partKey) []*part {
	var all []*part
	for _, parts := range earlier {
		if q := parts[k]; q != nil && !q.superseded {
			all = append(all, q)
		}
	}
	return all
}

// asks reports whether a file cannot be imported without saying what it is.
func asks(parts map[partKey]*part, earlier []map[partKey]*part) bool {
	for k, p := range parts {
		for _, q := range partsAt(earlier, k) {
			s := p.file.Statement
			switch {
			case s.Additional, s.Replace, s.BilledAgain:
			case p.cells != q.cells && !p.sameAs(q), p.cells == q.cells && p.covers(q) && p.file.invoice != q.file.invoice:
				return true
			}
		}
	}
	return false
}

// shared counts the identities of an earlier part that are in this one too.
func (p *part) shared(q *part) int {
	n := 0
	for i := range q.identities {
		if p.identities[i] {
			n++
		}
	}
	return n
}

func (p *part) covers(q *part) bool { return 2*p.shared(q) >= len(q.identities) }

// sameAs reports whether a part of cells and one of items have the same count and amount.
func (p *part) sameAs(q *part) bool {
	n, a := p.sums()
	m, b := q.sums()
	return n == m && a.Equal(b)
}

func (p *part) sums() (calls int, amount decimal.Decimal) {
	for _, l := range p.lines {
		amount = amount.Add(l.Amount)
		switch l.form {
		case itemised:
			calls++
		case inCell:
			calls += *l.Quantity
		}
	}
	return calls, amount
}

// meet decides which of two parts of one month, endpoint and currency stands.
func (p *part) meet(q *part) {
	s := p.file.Statement
	switch {
	case s.Additional:
	case p.cells != q.cells && !s.Replace && !s.BilledAgain:
		p.superseded, q.superseded = p.cells, q.cells
	case s.Replace, p.covers(q) && !s.BilledAgain:
		q.superseded = true
	default:
		for _, l := range p.lines {
			if l.Transaction == "" && q.identities[identity(l)] {
				l.class = BilledAgain
			}
		}
	}
}

// drop takes the superseded lines out of a file; with all its usage of a currency go its credits, taxes and totals.
func (f *file) drop(parts map[partKey]*part) {
	stands := map[string]bool{}
	has := map[string]bool{}
	for k, p := range parts {
		has[k.currency] = true
		stands[k.currency] = stands[k.currency] || !p.superseded
	}
	f.lines = slices.DeleteFunc(slices.Clone(f.lines), func(l *line) bool {
		if p := parts[partKey{l.side, l.Endpoint, l.Currency}]; p != nil && l.Kind == Usage && !l.OtherProduct {
			return p.superseded
		}
		return has[l.Currency] && !stands[l.Currency]
	})
}
