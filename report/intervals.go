package report

import (
	"fmt"

	"liverecon/report/stats"
)

// The formulas by which a spreadsheet reaches the intervals on its own. z is the 97.5 % quantile of the normal
// distribution; the squares are written out.
const (
	zText  = "1.959963984540054"
	zzText = "3.8414588206941227"
)

// wilson is the formula of a Wilson bound for k of n, given as references; sign is - for the lower one.
func wilson(k, n, sign string) string {
	return fmt.Sprintf(`IF(%[2]s=0,"–",(%[1]s+%[4]s/2)/(%[2]s+%[4]s)%[5]s%[3]s/(%[2]s+%[4]s)*SQRT(%[1]s*(%[2]s-%[1]s)/%[2]s+%[4]s/4))`, k, n, zText, zzText, sign)
}

// rateCells are a proportion's rate and the ends of its 95 % interval, k and n given as references to its counts.
func rateCells(p stats.Proportion, k, n string, f Format) (rate, low, high Cell) {
	rateBy, lowBy, highBy := fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, n, k, n), wilson(k, n, "-"), wilson(k, n, "+")
	x, ok := p.Rate()
	if !ok {
		return none().In(f).By(rateBy), none().In(f).By(lowBy), none().In(f).By(highBy)
	}
	i, _ := p.Wilson() // exists where the rate does
	return F(x, f).By(rateBy), F(i.Low, f).By(lowBy), F(i.High, f).By(highBy)
}

// whiskerCells are the lengths from a rate to the ends of its interval, which is what a chart wants.
func whiskerCells(p stats.Proportion, rate, low, high string) (down, up Cell) {
	x, ok := p.Rate()
	i, _ := p.Wilson()
	downBy, upBy := fmt.Sprintf(`IF(ISNUMBER(%[1]s),%[1]s-%[2]s,"–")`, rate, low), fmt.Sprintf(`IF(ISNUMBER(%[1]s),%[2]s-%[1]s,"–")`, rate, high)
	if !ok {
		return none().By(downBy), none().By(upBy)
	}
	return F(x-i.Low, Rate).By(downBy), F(i.High-x, Rate).By(upBy)
}

// rateText is a proportion as a sentence says it: rate, counts and interval.
func rateText(p stats.Proportion) string {
	x, ok := p.Rate()
	if !ok {
		return "no rate (0 scored)"
	}
	i, _ := p.Wilson()
	return fmt.Sprintf("%s (%s of %s; 95%% interval %s–%s)", percent(x), thousands(p.Count), thousands(p.Total), percent(i.Low), percent(i.High))
}

// readingCell is what may be said about a change.
func readingCell(c change) Cell {
	switch {
	case c.uncovered:
		return T("coverage too low").As(Watch)
	case c.Reading == stats.TooFew:
		return T(tooFew).As(Quiet)
	case c.named && c.Reading == stats.Higher:
		return T("▲ higher").As(Alert)
	case c.named && c.Reading == stats.Lower:
		return T("▼ lower").As(Good)
	case c.Reading == stats.Higher:
		return T("by itself higher").As(Quiet)
	case c.Reading == stats.Lower:
		return T("by itself lower").As(Quiet)
	}
	return T("no clear change").As(Quiet)
}
