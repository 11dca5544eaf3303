package threshold

import (
	"fmt"
	"strconv"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// The thresholds that are set side by side.
const (
	firstShown = 30
	lastShown  = 70
	everyShown = 5
)

// prices holds the cells that say what reviewing costs.
type prices struct{ minutes, cost, hours string }

// flagged counts the checks below a threshold, or on it where equal does not pass.
func (d *Figures) flagged(threshold float64) (n int64) {
	for score, count := range d.Now.All.Scores {
		if score < threshold || score == threshold && !d.Rule.Inclusive {
			n += count
		}
	}
	return n
}

// writePrices writes the cells for what reviewing costs; they are empty where nobody has said.
func writePrices(p *page.Page, d *Figures) prices {
	put := func(name, unit string, x float64) string {
		c := xlsx.Cell{}.WithRole(xlsx.Input)
		if x > 0 {
			c = xlsx.Cell{Kind: xlsx.Number, Number: strconv.FormatFloat(x, 'g', -1, 64)}.WithRole(xlsx.Input)
		}
		at := p.At(2)
		p.Set(p.At(1), xlsx.T(name).WithRole(xlsx.Prose))
		p.Set(at, c)
		p.Set(p.At(3), xlsx.T(unit).WithRole(xlsx.Caption))
		p.Row++
		return at.Fixed()
	}
	return prices{put("Minutes a review", "[review] minutes", d.Minutes),
		put("Cost of an hour", page.Shortened("[review] cost_per_hour "+d.Currency, 40), d.Cost),
		put("Hours a day", "of reviewers: [review] hours_a_day", d.Available)}
}

// costTable sets thresholds side by side: what each flags, and what reviewing that costs.
func costTable(p *page.Page, d *Figures) {
	p.Section("2  What each threshold costs", "Blank until somebody says what a review takes: type it, or set "+
		"[review]. A flagged "+
		"check is reviewed once. Cost: of the period.")
	in := writePrices(p, d)
	p.Skip(1)
	t := p.Table(page.Col("Threshold", xlsx.General), page.Col("Flagged", xlsx.Count), page.Col("Change",
		xlsx.SignedCount),
		page.Col("Share", xlsx.Rate), page.Col("95% low", xlsx.Rate), page.Col("95% high", xlsx.Rate),
		page.Col("Reviews a day", xlsx.Score), page.Col("Hours a day", xlsx.Score), page.Col("Cost", xlsx.Amount2),
		page.Col("Fits the hours", xlsx.General))
	scored, days := d.Now.All.Scored(), len(d.Period.Days())
	today := d.flagged(d.Rule.Threshold)
	for at := firstShown; at <= lastShown; at += everyShown {
		n := d.flagged(float64(at))
		rate, low, high := page.RateCells(stats.Proportion{Count: n, Total: scored}, t.Ref(1),
			strconv.FormatInt(scored, 10), xlsx.Rate)
		name := fmt.Sprintf("below %d", at)
		if float64(at) == d.Rule.Threshold {
			name += " ● now"
		}
		t.Add(xlsx.T(name), xlsx.N(n), xlsx.N(n-today).WithFormat(xlsx.SignedCount), rate, low, high,
			xlsx.F(float64(n)/float64(days), xlsx.Score).WithFormula(fmt.Sprintf("%s/%d", t.Ref(1), days)),
			d.hours(n, days).WithFormula(fmt.Sprintf(`IF(ISNUMBER(%s),%s*%s/60,"")`, in.minutes, t.Ref(6), in.minutes)),
			d.cost(n).WithFormula(fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[2]s)),%[3]s*%[1]s/60*%[2]s,"")`,
				in.minutes, in.cost,
				t.Ref(1))),
			d.fits(n,
				days).WithFormula(fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[2]s)),IF(%[1]s<=%[2]s,"✓ fits","✗ too many"),"")`,
				t.Ref(7), in.hours)))
	}
	p.Marks = append(p.Marks, xlsx.Marking{At: xlsx.Area{From: t.Cell(9, 0), To: t.Cell(9, t.Rows-1)}, Begins: "✗"})
}

// hours returns how long reviewing takes a day.
func (d *Figures) hours(n int64, days int) xlsx.Cell {
	if d.Minutes == 0 {
		return page.None().WithFormat(xlsx.Score)
	}
	return xlsx.F(float64(n)/float64(days)*d.Minutes/60, xlsx.Score)
}

func (d *Figures) cost(n int64) xlsx.Cell {
	if d.Minutes == 0 || d.Cost == 0 {
		return page.None().WithFormat(xlsx.Amount2)
	}
	return xlsx.F(float64(n)*d.Minutes/60*d.Cost, xlsx.Amount2)
}

func (d *Figures) fits(n int64, days int) xlsx.Cell {
	switch hours := d.hours(n, days); {
	case d.Minutes == 0 || d.Available == 0:
		return page.None()
	case hours.Float() <= d.Available:
		return xlsx.T("✓ fits")
	}
	return xlsx.T("✗ too many")
}

// curve draws the share that each whole threshold flags. Its cells stand beside the page, in two rows.
func curve(p *page.Page, d *Figures) {
	scored := d.Now.All.Scored()
	if scored == 0 {
		return
	}
	labels, shares := p.Row, p.Row+1
	const steps = 101
	for at := range steps {
		p.SetBeside(at, labels, page.TenthLabel(at))
		p.SetBeside(at, shares, xlsx.F(float64(d.flagged(float64(at)))/float64(scored), xlsx.Rate))
	}
	area := func(row int) xlsx.Area {
		return p.Area(p.Beside(0, row), p.Beside(steps-1, row))
	}
	p.Figures(13, page.Figure{Finding: d.curveWords(), Caption: "Flagged share of the scored checks by threshold",
		Chart: xlsx.Chart{Alt: "Flagged share of the scored checks by threshold, 0 to 100", Format: xlsx.Share,
			Max: page.AxisEnd(float64(d.flagged(steps-1)) / float64(scored)), EachLabel: true, Categories: area(labels),
			Series: []xlsx.Series{{Name: "flagged", Values: area(shares), Color: xlsx.Orange, Mark: xlsx.Line}}},
		Col: 1, Span: p.Across})
}

// curveWords words where the curve is flat, and how many checks lie on today's threshold.
func (d *Figures) curveWords() string {
	on, below := d.Now.All.Scores[d.Rule.Threshold], d.flagged(d.Rule.Threshold)
	above := d.flagged(lastShown) - below
	if !d.Rule.Inclusive {
		on = 0
	}
	if d.Rule.Threshold >= lastShown {
		return "What another threshold would flag"
	}
	return fmt.Sprintf("From %g to %d the threshold would flag %s more, %s of them scored exactly %g", d.Rule.Threshold,
		lastShown, page.Plural(above, "check", "checks"), humanize.Comma(on), d.Rule.Threshold)
}
