package page

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// The formulas by which a spreadsheet reaches the intervals on its own. z is the 97.5 % quantile of the normal
// distribution; the squares are written out.
const (
	zText  = "1.959963984540054"
	zzText = "3.8414588206941227"
)

// wilson returns the formula of a Wilson bound for k of n, given as references; sign is - for the lower one.
func wilson(k, n, sign string) string {
	return fmt.Sprintf(`IF(%[2]s=0,"",(%[1]s+%[4]s/2)/(%[2]s+%[4]s)`+
		`%[5]s%[3]s/(%[2]s+%[4]s)*SQRT(%[1]s*(%[2]s-%[1]s)/%[2]s+%[4]s/4))`, k, n, zText, zzText, sign)
}

// RateCells returns a proportion's rate and the ends of its 95 % interval, k and n given as references to its counts.
func RateCells(p stats.Proportion, k, n string, f xlsx.Format) (rate, low, high xlsx.Cell) {
	rateBy, lowBy, highBy := fmt.Sprintf(`IF(%s=0,"",%s/%s)`, n, k, n), wilson(k, n, "-"), wilson(k, n, "+")
	x, ok := p.Rate()
	if !ok {
		return None().WithFormat(f).WithFormula(rateBy), None().WithFormat(f).WithFormula(lowBy),
			None().WithFormat(f).WithFormula(highBy)
	}
	i, _ := p.Wilson() // exists where the rate does
	return xlsx.F(x, f).WithFormula(rateBy), xlsx.F(i.Low, f).WithFormula(lowBy), xlsx.F(i.High, f).WithFormula(highBy)
}

// WhiskerCells returns the lengths from a rate to the ends of its interval, for a chart.
func WhiskerCells(p stats.Proportion, rate, low, high string) (down, up xlsx.Cell) {
	x, ok := p.Rate()
	i, _ := p.Wilson()
	downBy, upBy := fmt.Sprintf(`IF(ISNUMBER(%[1]s),%[1]s-%[2]s,"")`, rate, low),
		fmt.Sprintf(`IF(ISNUMBER(%[1]s),%[2]s-%[1]s,"")`, rate, high)
	if !ok {
		return None().WithFormula(downBy), None().WithFormula(upBy)
	}
	return xlsx.F(x-i.Low, xlsx.Rate).WithFormula(downBy), xlsx.F(i.High-x, xlsx.Rate).WithFormula(upBy)
}

// RateText returns a proportion as a sentence says it: rate, counts and interval.
func RateText(p stats.Proportion) string {
	x, ok := p.Rate()
	if !ok {
		return "no rate (0 scored)"
	}
	i, _ := p.Wilson()
	return fmt.Sprintf("%s (%s of %s; 95%% interval %s–%s)", Percent(x), humanize.Comma(p.Count),
		humanize.Comma(p.Total), Percent(i.Low), Percent(i.High))
}
