package statement

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// A column that no name is known of may be the number of calls, or money. None is passed over in silence: it is taken
// where nothing else can be meant, and asked for where something can.

// maxSample bounds how many rows below the header are looked at before the first is read as a line.
const maxSample = 200

// maxCounted bounds how many calls a line may be for, in a column whose name alone says that it counts: more may be an
// ID.
const maxCounted = 10_000_000

// Words that the name of a column of numbers of calls is made of: at least one that counts, and none besides.
var (
	countingWords = words("quantity qty count volume units calls requests transactions checks verifications detections " +
		"hits queries lookups usage consumption 数量 次数 调用次数 调用量 用量 請求數 " +
		"呼び出し回数 回数 件数 수량 건수 호출수 " +
		"จำนวน จำนวนครั้ง " +
		"kuantitas kuantiti cantidad llamadas consultas transacciones quantidade qtd qtde chamadas " +
		"consultas menge anzahl quantité quantità aantal miktar adet ilość количество lượng lượt panggilan transaksi")
	besideCounting = words("no nos number num of the total billed billable chargeable charged paid api call request " +
		"transaction liveness monthly in # 次 回 件 笔 số lần gọi de jumlah número nombre appels")
)

// Words by which the name of a column of numbers says that they are money, and words by which it says that they are no
// part of what a line comes to.
var (
	moneyWords = words("amount amounts total net gross tax taxes vat gst ppn iva sst wht discount discounts rebate rebates " +
		"reduction payable due fee fees surcharge surcharges charge charges cost costs subtotal deduction " +
		"金额 折扣 税额 合计 montant betrag importe")
	moneyless = words("rate price per unit percent percentage % exchange fx id no number code date type balance cumulative " +
		"running remaining ytd list tier time free")
	creditWords   = words("credit credits") // given, or used up
	taxWords      = words("tax taxes vat gst ppn iva sst wht 税额")
	discountWords = words("discount discounts rebate rebates reduction deduction 折扣")
)

func words(text string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		all[table.FoldHeader(word)] = true
	}
	return all
}

// wordsOf cuts a column's name into folded words: "No. of Calls", "callCount", "数量(次)".
func wordsOf(name string) (all []string) {
	var word strings.Builder
	end := func() {
		if folded := table.FoldHeader(word.String()); folded != "" {
			all = append(all, folded)
		}
		word.Reset()
	}
	small := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && r != '%' && r != '#':
			end()
			small = false
			continue
		case small && unicode.IsUpper(r):
			end()
		}
		small = unicode.IsLower(r)
		word.WriteRune(r)
	}
	end()
	return all
}

// counts reports whether a column's name is one for numbers of calls.
func counts(name string) bool {
	all := wordsOf(name)
	return slices.ContainsFunc(all, func(w string) bool { return countingWords[w] }) &&
		!slices.ContainsFunc(all, func(w string) bool { return !countingWords[w] && !besideCounting[w] })
}

// isMoney reports whether a column's name is one for amounts.
func isMoney(name string) bool {
	all := wordsOf(name)
	return !counts(name) && slices.ContainsFunc(all, func(w string) bool { return moneyWords[w] }) &&
		!slices.ContainsFunc(all, func(w string) bool { return moneyless[w] })
}

func hasWord(name string, of map[string]bool) bool {
	return slices.ContainsFunc(wordsOf(name), func(w string) bool { return of[w] })
}

// sample holds the numbers of a table's first rows.
type sample struct {
	rows     []sampleRow
	itemised bool // some row has a transaction or a time of day
}

type sampleRow struct {
	values []decimal.NullDecimal // by column: none for a cell that is no plain number
	filled []bool                // the cell has something
}

// of returns a row's number in a column.
func (r *sampleRow) of(column int) (value decimal.Decimal, ok bool) {
	if column < 0 || column >= len(r.values) || !r.values[column].Valid {
		return decimal.Decimal{}, false
	}
	return r.values[column].Decimal, true
}

// takeSample reads the rows with a number in the column of amounts.
func takeSample(r *statementReader, t found) (s sample, err error) {
	in, err := t.skipTo(t.header)
	if err != nil {
		return s, err
	}
	for range maxSample {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // which is told when the row is read as a line
			break
		}
		from := &source{header: r.header, numbers: r.numbers, clock: r.clock}
		cells := rowReader{from: from, row: row, label: -1}
		sampled := sampleRow{make([]decimal.NullDecimal, len(r.header.names)), make([]bool, len(r.header.names))}
		for i := range min(len(row.Cells), len(r.header.names)) {
			sampled.values[i], sampled.filled[i] = plainNumber(r.numbers, row.Cells[i])
		}
		if _, ok := sampled.of(r.header.fields[fieldAmount]); !ok {
			continue
		}
		s.itemised = s.itemised || cells.identifier(fieldTransaction) != "" || cells.hasClock()
		s.rows = append(s.rows, sampled)
	}
	return s, nil
}

// plainNumber reads a cell as a number, if it is one and nothing else.
func plainNumber(form numberForm, c table.Cell) (value decimal.NullDecimal, filled bool) {
	if c.Broken != "" || c.Shown.Time {
		return value, true
	}
	if c.Number {
		n, err := parseBinary(c.Text)
		return decimal.NullDecimal{Decimal: n, Valid: err == nil}, true
	}
	text := strings.TrimFunc(table.DecodeCell(c.Text), unseen)
	if text == "" || isNothing(text) {
		return value, false
	}
	f, err := form.parseFigure(text)
	return decimal.NullDecimal{Decimal: f.value, Valid: err == nil && f.err == nil}, true
}

// unnamed returns the columns that have a name and are no field's.
func (h header) unnamed() (columns []int) {
	for i, name := range h.names {
		if name != "" && h.field(i) == "" {
			columns = append(columns, i)
		}
	}
	return columns
}

// settle looks at the columns that no name is known of, before the first row is read as a line.
func settle(r *statementReader, t found) error {
	unnamed := r.header.unnamed()
	counting := slices.DeleteFunc(slices.Clone(unnamed), func(i int) bool { return r.header.has(fieldQuantity) })
	money := slices.DeleteFunc(slices.Clone(unnamed), func(i int) bool { return r.options.Columns[fieldAmount] != nil })
	if len(counting) == 0 && len(money) == 0 {
		return nil
	}
	s, err := takeSample(r, t)
	if err != nil || len(s.rows) == 0 {
		return err
	}
	numeric := func(columns []int) []int {
		return slices.DeleteFunc(columns, func(i int) bool { return !s.numeric(i) || s.isZero(i) })
	}
	for _, i := range numeric(slices.Clone(unnamed)) {
		if hasWord(r.header.names[i], creditWords) {
			r.info.note("column %s is not read", billing.Quote(r.header.names[i]))
		}
	}
	err = settleMoney(r, &s, slices.DeleteFunc(money, func(i int) bool {
		return !s.numeric(i) || !isMoney(r.header.names[i])
	}))
	settleQuantity(r, &s, slices.DeleteFunc(numeric(counting), func(i int) bool { return r.header.field(i) != "" }))
	return err
}

// numeric reports whether a column has nothing but numbers.
func (s *sample) numeric(column int) bool {
	return !slices.ContainsFunc(s.rows, func(r sampleRow) bool {
		_, ok := r.of(column)
		return !ok && r.filled[column]
	})
}

// whole reports whether a column's numbers could all be of calls.
func (s *sample) whole(column int) bool {
	return !slices.ContainsFunc(s.rows, func(r sampleRow) bool {
		n, ok := r.of(column)
		return ok && (!n.IsInteger() || n.GreaterThan(decimal.NewFromInt(maxCounted)))
	})
}

// priced reports whether a column's number times a price is the amount, in every row that has it: the row's unit price,
// or without such a column one of the contract.
func priced(r *statementReader, s *sample, column int) bool {
	unit, hasUnit := r.header.fields[fieldUnit]
	any := false
	for i := range s.rows {
		row := &s.rows[i]
		n, ok := row.of(column)
		amount, _ := row.of(r.header.fields[fieldAmount])
		if !ok {
			continue
		}
		of := r.options.Prices
		if hasUnit {
			price, ok := row.of(unit)
			if !ok {
				continue
			}
			of = []decimal.Decimal{price}
		}
		list, hasList := row.of(r.money.list)
		if !slices.ContainsFunc(of, func(price decimal.Decimal) bool {
			return isProduct(n, price, amount) || hasList && isProduct(n, price, list)
		}) {
			return false
		}
		any = true
	}
	return any
}

// isProduct reports whether a quantity times a price, rounded as the amount is, is the amount.
func isProduct(quantity, price, amount decimal.Decimal) bool {
	off := quantity.Mul(price).Abs().Sub(amount.Abs()).Abs()
	return off.LessThanOrEqual(decimal.New(5, -max(decimals(amount), 2)-1))
}

// settleQuantity takes the one column that can only be the number of calls, where lines are of several calls: it is
// called so, and no unit price speaks against it.
func settleQuantity(r *statementReader, s *sample, numeric []int) {
	whole := slices.DeleteFunc(numeric, func(i int) bool { return !s.whole(i) })
	if s.itemised || len(whole) == 0 {
		return
	}
	hasUnit, said := r.header.has(fieldUnit), r.options.Columns[fieldQuantity] != nil || r.options.SingleCalls
	var called, proven []int
	for _, i := range whole {
		if priced(r, s, i) {
			proven = append(proven, i)
		}
		if counts(r.header.names[i]) {
			called = append(called, i)
		}
	}
	both := slices.DeleteFunc(slices.Clone(called), func(i int) bool { return !slices.Contains(proven, i) })
	switch {
	case !said && len(both) > 0 && s.alike(both):
		takeQuantity(r, both[0])
	case !said && !hasUnit && len(called) > 0 && s.alike(called):
		takeQuantity(r, called[0])
	case len(proven) > 0:
		r.mayCount = proven
	default:
		r.mayCount = called
	}
}

func takeQuantity(r *statementReader, column int) {
	r.header.fields[fieldQuantity] = column
	r.info.note("column %s is taken for the number of calls", billing.Quote(r.header.names[column]))
}

// alike reports whether some columns have the same numbers.
func (s *sample) alike(columns []int) bool {
	return !slices.ContainsFunc(columns[1:], func(i int) bool { return !s.same(columns[0], i) })
}

// same reports whether two columns have the same numbers.
func (s *sample) same(a, b int) bool {
	return !slices.ContainsFunc(s.rows, func(r sampleRow) bool {
		x, _ := r.of(a)
		y, _ := r.of(b)
		return !x.Equal(y)
	})
}

// howMany asks for the number of calls of a line, and names the columns that may have it.
func howMany(l *lineReader) {
	names := make([]string, len(l.mayCount))
	for i, column := range l.mayCount {
		names[i] = billing.Quote(l.header.names[column])
	}
	of := strings.Join(names, " or ")
	switch {
	case l.header.has(fieldQuantity):
		l.wrong(fieldQuantity, kindHint, "is empty on a line without a transaction ID: how many calls is it for?")
	case len(names) == 0:
		l.wrong(fieldAmount, countHint, "a line without a transaction ID and a time of day, in a file without a column for "+
			"the number of calls: how many calls is it for?")
	default:
		l.wrong(fieldAmount, fmt.Sprintf("if it is column %s, say so in the configuration under [statement.columns]: "+
			"quantity = %q", of, l.header.names[l.mayCount[0]]),
			"a line without a transaction ID and a time of day: how many calls is it for? Column %s may say it", of)
	}
}

const countHint = "name the column that says it in the configuration under [statement.columns] as quantity, " +
	"or add one, in which a fee has 0; single_calls = true under [statement] says that each line is one call"

// derive returns the number of calls of a line that gives its price and none: the only one that times the price is the
// amount.
func derive(unit decimal.NullDecimal, amount decimal.Decimal) (calls int64, ok bool) {
	step := decimal.New(1, -max(decimals(amount), 2))
	if !unit.Valid || !amount.IsPositive() || !unit.Decimal.GreaterThan(step) {
		return 0, false
	}
	n := amount.DivRound(unit.Decimal, 0)
	if !isProduct(n, unit.Decimal, amount) || !n.IsPositive() || n.GreaterThan(decimal.NewFromInt(billing.MaxQuantity)) {
		return 0, false
	}
	return n.IntPart(), true
}

// tell notes, at the end, what was concluded line by line.
func tell(r *statementReader) {
	const most = 5
	switch r.unitless {
	case 0:
	case 1:
		r.info.note("1 line gives no number of calls: it is the amount by the unit price")
	default:
		r.info.note("%d lines give no number of calls: it is the amount by the unit price", r.unitless)
	}
	shown := make([]string, 0, most)
	for _, row := range r.hidden[:min(most, len(r.hidden))] {
		shown = append(shown, strconv.Itoa(row))
	}
	switch n := len(r.hidden); {
	case n == 1:
		r.info.note("row %s is hidden in the workbook, and counts", shown[0])
	case n > most:
		r.info.note("%d rows are hidden in the workbook, and count: %s and others", n, strings.Join(shown, ", "))
	case n > 1:
		r.info.note("%d rows are hidden in the workbook, and count: %s", n, strings.Join(shown, ", "))
	}
}
