package statement

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// numbersOf reads the line's quantity, unit price, amount and currency. How a number such as "1.500" is meant depends
// on the others.
func (l *lineReader) numbersOf(s *Line) {
	before := l.failed
	l.failed = false
	quantity, hasQuantity := l.figure(fieldQuantity)
	quantityFailed := l.failed
	l.failed = false
	unit, hasUnit := l.price(fieldUnit)
	amount, hasAmount := l.amount(s)
	s.Currency = l.currency(append(unit.symbols, amount.symbols...))
	numbers := []number{{fieldQuantity, &quantity, hasQuantity}, {fieldUnit, &unit, hasUnit},
		{fieldAmount, &amount, hasAmount}}
	if !quantityFailed && !l.failed {
		resolveMarks(l, s.Currency, numbers)
	}
	if hasUnit {
		s.Unit = decimal.NewNullDecimal(unit.value.Shift(-l.options.quantityShift()))
	}
	s.Amount = amount.value
	s.Quantity = l.quantity(s, quantity, hasQuantity && !quantityFailed)
	if !hasAmount && !l.failed {
		l.computeAmount(s)
	}
	if l.row.Open {
		l.ties = hasQuantity && hasUnit && hasAmount && ties(numbers, false)
	}
	l.failed = l.failed || before || quantityFailed
}

// amount reads the amount, or of debit and credit the one that the line has.
func (l *lineReader) amount(s *Line) (f figure, given bool) {
	f, given = l.price(fieldAmount)
	if !l.header.has(fieldCredit) {
		return f, given
	}
	credit, hasCredit := l.price(fieldCredit)
	switch {
	case !hasCredit || given && credit.value.IsZero() && credit.err == nil:
		return f, given
	case credit.value.IsNegative():
		l.wrong(fieldCredit, "", "%s: a credit with a minus: is it given, or taken back?",
			billing.Quote(l.text(fieldCredit)))
	case !given || f.value.IsZero() && f.err == nil:
		credit.value, credit.grouped.Decimal = credit.value.Neg(), credit.grouped.Decimal.Neg()
		return credit, true
	case s.Kind == Total || s.Kind == Tax:
		return figure{value: f.value.Sub(credit.value), symbols: append(f.symbols, credit.symbols...)}, true
	default:
		l.wrong(fieldCredit, "", "%s beside a debit of %s", billing.Quote(l.text(fieldCredit)),
			billing.Quote(l.text(fieldAmount)))
	}
	return f, true
}

// quantity of a line: one call where a line for a call gives none.
func (l *lineReader) quantity(s *Line, f figure, given bool) int64 {
	switch {
	case l.failed:
		return 0
	case !given && s.Kind != Usage:
		return 0
	case !given && s.TransactionID == "" && !s.Amount.IsNegative() &&
		(l.header.has(fieldQuantity) || !s.Other && !l.options.SingleCalls && !l.hasClock()):
		if calls, ok := derive(s.Unit, s.Amount); ok && !s.Other {
			l.derived = true
			return calls
		}
		l.uncounted = !s.Other
		return 0
	case !given:
		l.single = true
		return 1
	}
	calls := f.value.Shift(l.options.quantityShift())
	if s.Other && !calls.IsInteger() { // months of a licence, pages
		return 0
	}
	if len(f.symbols) > 0 || !calls.IsInteger() || calls.Abs().GreaterThan(decimal.NewFromInt(billing.MaxQuantity)) {
		l.wrong(fieldQuantity, "", "%s: want a whole number of at most %d", billing.Quote(l.text(fieldQuantity)),
			int64(billing.MaxQuantity))
		return 0
	}
	return calls.IntPart()
}

// currency settles the line's currency from its column, what stands beside its
// amounts, and the setting.
func (l *lineReader) currency(beside []string) string {
	column := l.text(fieldCurrency)
	currency, err := agreedCurrency(column, beside, l.options.Currency)
	if errors.Is(err, errNoCurrency) && !l.failed {
		if only := l.sums.currency(); only != "" { // a subtotal that a spreadsheet adds lacks it
			l.borrowed = l.error(l.currencyField(), "", "%v", err)
			return only
		}
	}
	if err != nil && !l.failed {
		l.wrong(l.currencyField(), "", "%v", err)
	}
	if !l.used.currency && err == nil {
		_, err := agreedCurrency(column, beside, "")
		l.used.currency = err != nil
	}
	return strings.Clone(currency)
}

// currencyField returns where a line's currency stands.
func (l *lineReader) currencyField() string {
	if l.header.has(fieldCurrency) {
		return fieldCurrency
	}
	return fieldAmount
}

// errNoCurrency reports that nothing names a line's currency.
var errNoCurrency = errors.New("no currency: neither a column nor the amount nor the setting currency names one")

// computeAmount makes up for an amount that is not given. A number that is not
// there is not zero.
func (l *lineReader) computeAmount(s *Line) {
	switch {
	case !l.options.ComputeAmount:
		l.wrong(fieldAmount, "where a line gives quantity and unit price only, set compute_amount in the "+
			"configuration under [statement]", "is empty")
	case !s.Unit.Valid:
		l.wrong(fieldAmount, "", "is empty, and there is no unit price to compute it with")
	default:
		s.Amount = s.Unit.Decimal.Mul(decimal.NewFromInt(s.Quantity))
	}
}

// symbols lists what may stand beside an amount, in upper case. Dollars and yens share
// one, which then needs a currency beside it.
var symbols = map[string][]string{
	"$": {"USD", "SGD", "MXN", "COP", "AUD", "CAD", "HKD", "NZD", "TWD", "BND", "CLP", "ARS"},
	"¥": {"JPY", "CNY"}, "￥": {"JPY", "CNY"},
	"US$": {"USD"}, "S$": {"SGD"}, "MX$": {"MXN"}, "COL$": {"COP"}, "HK$": {"HKD"}, "A$": {"AUD"}, "NT$": {"TWD"},
	"R$": {"BRL"},
	"€":  {"EUR"}, "£": {"GBP"}, "₫": {"VND"}, "Đ": {"VND"}, "฿": {"THB"}, "₱": {"PHP"}, "₦": {"NGN"},
	"₹": {"INR"}, "₩": {"KRW"},
	"RP": {"IDR"}, "RM": {"MYR"},
}

// currenciesOf lists what a text beside an amount may stand for.
func currenciesOf(symbol string) []string {
	if billing.IsCurrency(symbol) {
		return []string{symbol}
	}
	return symbols[symbol]
}

// agreedCurrency finds the one currency that a line's column, the symbols beside
// its amounts and the setting agree on. The setting is for lines that name none,
// and to tell what a shared symbol means.
func agreedCurrency(column string, beside []string, setting string) (string, error) {
	named := ""
	if column != "" {
		of := currenciesOf(strings.ToUpper(column))
		if len(of) != 1 {
			return "", fmt.Errorf("%s: want a currency of three letters, such as USD", billing.Quote(column))
		}
		named = of[0]
	}
	// The plainer first: "$5.00 USD" says by itself which dollars are meant.
	slices.SortStableFunc(beside, func(a, b string) int { return len(currenciesOf(a)) - len(currenciesOf(b)) })
	for _, symbol := range beside {
		of := currenciesOf(symbol)
		switch {
		case len(of) == 0:
			return "", fmt.Errorf("%s is no currency", billing.Quote(symbol))
		case named != "" && slices.Contains(of, named):
		case named != "":
			return "", fmt.Errorf("%s beside an amount in %s", billing.Quote(symbol), named)
		case len(of) == 1:
			named = of[0]
		case slices.Contains(of, setting):
			named = setting
		default:
			return "", fmt.Errorf("%s may be %s and others: the setting currency says which", billing.Quote(symbol),
				strings.Join(of[:2], ", "))
		}
	}
	if named == "" {
		named = setting
	}
	if named == "" {
		return "", errNoCurrency
	}
	return named, nil
}
