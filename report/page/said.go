package page

import (
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"

	"liverecon/report/digest"
	"liverecon/report/xlsx"
)

// Said returns a cell as it is read: its text, or its number as its format shows it in the workbook.
func Said(c xlsx.Cell) string {
	if c.Kind != xlsx.Number {
		return xlsx.Visible(c.Text)
	}
	x := c.Amount()
	switch c.Style.Format {
	case xlsx.Count:
		return humanize.Comma(x.Round(0).IntPart())
	case xlsx.SignedCount:
		return signed(x, humanize.Comma(x.Abs().Round(0).IntPart()))
	case xlsx.Rate:
		return x.Shift(2).StringFixed(2) + "%"
	case xlsx.SignedShare:
		return signed(x, x.Abs().Shift(2).StringFixed(2)+"%")
	case xlsx.Share:
		return x.Shift(2).StringFixed(1) + "%"
	case xlsx.Points:
		return signed(x, x.Abs().StringFixed(2)+" pp")
	case xlsx.Score:
		return x.StringFixed(1)
	case xlsx.PSI:
		return x.StringFixed(3)
	case xlsx.PValue:
		if x.LessThan(decimal.New(5, -4)) {
			return "< 0.001"
		}
		return x.StringFixed(3)
	case xlsx.Unit:
		return x.StringFixed(4)
	case xlsx.Amount2:
		return amount(x, 2)
	case xlsx.Amount4:
		return amount(x, 4)
	case xlsx.SignedAmount:
		return signed(x, amount(x.Abs(), 2))
	case xlsx.SignedAmount4:
		return signed(x, amount(x.Abs(), 4))
	}
	return c.Number
}

// amount writes an amount to so many decimals, with commas; one below zero in brackets, none as a dash.
func amount(x decimal.Decimal, places int32) string {
	if x.IsZero() {
		return NoValue
	}
	rounded := x.Abs().Round(places)
	whole, _, _ := strings.Cut(Money(rounded.Truncate(0)), ".")
	_, cents, _ := strings.Cut(rounded.StringFixed(places), ".")
	if x.IsNegative() {
		return "(" + whole + "." + cents + ")"
	}
	return whole + "." + cents
}

func signed(x decimal.Decimal, size string) string {
	switch {
	case x.IsNegative():
		return "−" + size
	case x.IsZero():
		return size
	}
	return "+" + size
}

// Line returns the verdict over all checks on a page for mail.
func (l *Checks) Line() digest.Line {
	line := digest.Line{Mark: "•", Tone: digest.Good, Text: "Data quality: " + l.words()}
	if len(l.Failed()) > 0 {
		line.Tone = digest.Alert
	}
	return line
}
