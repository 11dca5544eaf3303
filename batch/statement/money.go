package statement

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// money holds the columns of money besides that of amounts, and what they come to on every line: what held on the first
// is a mistake where it does not hold on a later one.
type money struct {
	zero, same []int      // nothing, or what the amount is
	relations  []relation // of three columns
	list       int        // what lines come to before a discount; -1: there is none
	taxes      map[taxKey]decimal.Decimal
}

// relation states that two columns add up to a third.
type relation struct{ part, other, whole int }

// taxKey tells the taxes of lines apart.
type taxKey struct {
	month    billing.Period
	currency string
}

// holds reports whether two numbers of a row add up to the third.
func (of relation) holds(r *sampleRow) (holds, says bool) {
	part, _ := r.of(of.part)
	other, hasOther := r.of(of.other)
	whole, hasWhole := r.of(of.whole)
	if !hasOther && !hasWhole {
		return true, false
	}
	return hasOther && hasWhole && part.Add(other).Equal(whole), !part.IsZero()
}

// proves reports whether a relation holds in every row, and in one at least says something.
func (s *sample) proves(of relation) bool {
	any := false
	for i := range s.rows {
		holds, says := of.holds(&s.rows[i])
		if !holds {
			return false
		}
		any = any || says
	}
	return any
}

// settleMoney finds what the columns of money besides that of amounts are. Where a discount or a tax is proven by its
// sum on every line, what is charged is taken; what is not proven is asked for.
func settleMoney(r *statementReader, s *sample, columns []int) error {
	m := &r.money
	open := slices.DeleteFunc(columns, func(i int) bool {
		switch {
		case s.same(i, r.header.fields[fieldAmount]):
			m.same = append(m.same, i)
		case s.isZero(i):
			m.zero = append(m.zero, i)
		default:
			return s.isRunning(i, r.header.fields[fieldAmount])
		}
		return true
	})
	for found := true; found && len(open) > 0; {
		var of relation
		if of, found = relate(r, s, open); found {
			m.relations = append(m.relations, of)
			open = slices.DeleteFunc(open, func(i int) bool { return i == of.part || i == of.other || i == of.whole })
		}
	}
	if len(open) == 0 {
		return nil
	}
	amount, other := billing.Quote(r.header.names[r.header.fields[fieldAmount]]), r.header.names[open[0]]
	return &Error{Sheet: r.sheet, Line: r.header.line, Column: other,
		Problem: fmt.Sprintf("is money, as column %s is, and not the same: which of them is charged?", amount),
		Hint: fmt.Sprintf("say which in the configuration under [statement.columns]: amount = %s, or amount = %q; "+
			"and tax = the column of a tax that is charged beside it", amount, other)}
}

// isZero reports whether a column has no number but 0.
func (s *sample) isZero(column int) bool {
	return !slices.ContainsFunc(s.rows, func(r sampleRow) bool {
		n, _ := r.of(column)
		return !n.IsZero()
	})
}

// isRunning reports whether a column adds up another, line by line.
func (s *sample) isRunning(column, of int) bool {
	var sum decimal.Decimal
	return len(s.rows) > 1 && !slices.ContainsFunc(s.rows, func(r sampleRow) bool {
		n, _ := r.of(column)
		amount, _ := r.of(of)
		sum = sum.Add(amount)
		return !n.Equal(sum)
	})
}

// relate finds a relation of the column of amounts with two others, and takes what is charged by it.
func relate(r *statementReader, s *sample, open []int) (of relation, found bool) {
	name := func(i int) string { return billing.Quote(r.header.names[i]) }
	amount := r.header.fields[fieldAmount]
	for _, part := range open {
		isTax := hasWord(r.header.names[part], taxWords) && !r.header.has(fieldTax)
		isDiscount := hasWord(r.header.names[part], discountWords)
		for _, third := range open {
			switch {
			case third == part || !isTax && !isDiscount:
			case isTax && !r.options.TaxIncluded && s.proves(relation{part, amount, third}):
				r.header.fields[fieldTax] = part
				r.info.note("column %s is a tax beside column %s: on every line both are %s", name(part), name(amount), name(third))
				return relation{part, amount, third}, true
			case isTax && s.proves(relation{part, third, amount}):
				if !r.options.TaxIncluded {
					r.header.fields[fieldTax], r.header.fields[fieldAmount] = part, third
					r.info.note("what is charged is column %s, and column %s is a tax beside it: on every line both are %s",
						name(third), name(part), name(amount))
				}
				return relation{part, third, amount}, true
			case isDiscount && (s.proves(relation{part, third, amount}) || s.proves(relation{part, amount, third})):
				return discount(r, s, part, amount, third), true
			}
		}
	}
	return relation{}, false
}

// discount takes what is left of the column of amounts, or of another one, by a discount, which is written with a minus
// or without.
func discount(r *statementReader, s *sample, part, amount, third int) relation {
	minus := slices.ContainsFunc(s.rows, func(row sampleRow) bool {
		n, _ := row.of(part)
		return n.IsNegative()
	})
	of := relation{part, third, amount}
	if minus == s.proves(of) { // the amount is what is left already
		if r.money.list = third; !s.proves(of) {
			of = relation{part, amount, third}
		}
		return of
	}
	if !s.proves(of) {
		of = relation{part, amount, third}
	}
	r.money.list, r.header.fields[fieldAmount] = amount, third
	r.info.note("what is charged is column %s: column %s less %s on every line", billing.Quote(r.header.names[third]),
		billing.Quote(r.header.names[amount]), billing.Quote(r.header.names[part]))
	return of
}

// weighMoney refuses a line on which the columns of money do not say what they said on the first ones, and returns its
// tax. The unit price of what is discounted is no price of the line.
func weighMoney(l *lineReader, s *Line) (tax decimal.Decimal) {
	m, amount := &l.money, l.header.fields[fieldAmount]
	if len(m.zero)+len(m.same)+len(m.relations) == 0 && !l.header.has(fieldTax) {
		return tax
	}
	row := sampleRow{values: make([]decimal.NullDecimal, len(l.header.names))}
	for i := range min(len(l.row.Cells), len(row.values)) {
		row.values[i], _ = plainNumber(l.numbers, l.row.Cells[i])
	}
	wrong := func(column int) {
		l.wrong(l.header.names[column], "say which column is charged in the configuration under [statement.columns]: "+
			"amount, and tax where one is charged beside it", "does not go with column %s as on the lines above",
			billing.Quote(l.header.names[amount]))
	}
	charged, _ := row.of(amount)
	for _, i := range m.zero {
		if n, _ := row.of(i); !n.IsZero() {
			wrong(i)
		}
	}
	for _, i := range m.same {
		if n, ok := row.of(i); ok && !n.Equal(charged) {
			wrong(i)
		}
	}
	for _, of := range m.relations {
		if holds, _ := of.holds(&row); !holds && s.Kind != Total {
			wrong(of.part)
		}
	}
	if list, ok := row.of(m.list); ok && s.Unit.Valid && !list.Equal(charged) &&
		isProduct(decimal.NewFromInt(s.Quantity), s.Unit.Decimal, list) {
		s.Unit = decimal.NullDecimal{}
	}
	if f, given := l.price(fieldTax); given && f.err == nil {
		tax = f.value
	}
	return tax
}

// levy adds a line's tax up.
func levy(r *statementReader, line *Line, tax decimal.Decimal) {
	if line.Kind == Total || line.Kind == Tax || tax.IsZero() {
		return
	}
	if r.money.taxes == nil {
		r.money.taxes = map[taxKey]decimal.Decimal{}
	}
	k := taxKey{line.Month, line.Currency}
	r.money.taxes[k] = r.money.taxes[k].Add(tax)
}

// deliverTaxes hands what lines have in the column of taxes over as a line of its own, that of the header.
func deliverTaxes(r *statementReader) error {
	if len(r.money.taxes) > 1 {
		r.mistakes.add(&Error{File: r.path, Sheet: r.sheet, Line: r.header.line,
			Column:  r.header.names[r.header.fields[fieldTax]],
			Problem: "is a tax on lines of several months or currencies",
			Hint:    "take the statement apart by month and currency"})
		return nil
	}
	for k, amount := range r.money.taxes {
		return r.deliver(&Line{Number: r.header.line, Kind: Tax, Month: k.month, Currency: k.currency, Amount: amount,
			Endpoint: r.options.Endpoint})
	}
	return nil
}
