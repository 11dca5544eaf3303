// Package threshold writes the live sheet of a risk workbook: what another threshold would flag, and what that costs.
package threshold

import (
	"fmt"
	"slices"
	"strconv"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// Figures holds what the sheet is made from.
type Figures struct {
	Now       *survey.Survey
	Rule      survey.Rule // today's
	Dated     string      // what happened to a check in its period: answered or captured
	Period    calendar.Period
	Minutes   float64 // a review takes; 0: nobody has said
	Cost      float64 // of an hour of a reviewer; 0: nobody has said
	Currency  string
	Available float64 // hours of reviewers a day; 0: nobody has said
	Labelled  int64   // checks whose truth is known, with a score
}

// Write writes the live sheet: the threshold typed into its yellow cell decides what the figures by region count.
func Write(book *xlsx.Workbook, d *Figures) {
	p := page.New(book, "Threshold", "Threshold: what another one would flag",
		fmt.Sprintf("Checks %s %s · type a number into the yellow cell, in steps of a half; everything below follows",
			d.Dated, d.Period.Describe()), 20, 12, 12, 12, 12, 12, 12, 12, 12, 14)
	p.Tab = xlsx.Teal
	p.Headline(d.headline())
	p.Skip(1)
	typed := writeInputs(p, d.Rule)
	p.Skip(1)
	thresholdTable(p, d, typed)
	p.Skip(1)
	costTable(p, d)
	p.Skip(1)
	curve(p, d)
	p.Skip(1)
	p.Prose(xlsx.T("A higher threshold sends more checks to manual review. " + d.missed()))
	p.PrintAll()
}

// headline words what can be read here.
func (d *Figures) headline() string {
	if d.Labelled > 0 {
		return fmt.Sprintf("Only what would be flagged can be read here; what would be missed of %s, on Ground truth",
			page.Plural(d.Labelled, "labelled check", "labelled checks"))
	}
	return "Only what would be flagged can be read here, not what would be missed: no check's truth is known"
}

// missed words what is known of attacks that a lower threshold lets pass.
func (d *Figures) missed() string {
	if d.Labelled > 0 {
		return "Whether a lower one lets attacks pass, only labelled checks tell: sheet Ground truth."
	}
	return "Whether a lower one lets attacks pass cannot be judged from these data: nobody has looked at the checks " +
		"that pass."
}

// inputs holds the cells that may be typed into.
type inputs struct{ threshold, inclusive string }

func writeInputs(p *page.Page, r survey.Rule) inputs {
	today := strconv.FormatFloat(r.Threshold, 'g', -1, 64)
	threshold := p.At(2)
	p.Set(p.At(1), xlsx.T("Threshold").WithRole(xlsx.Prose))
	p.Set(threshold, xlsx.Cell{Kind: xlsx.Number, Number: today}.WithRole(xlsx.Input))
	p.Set(p.At(3), xlsx.T("today's: "+today).WithRole(xlsx.Caption))
	exact := fmt.Sprintf("IF(ISNUMBER(%[1]s),AND(%[1]s>=0,%[1]s<=100,OR(MOD(%[1]s*%[2]d,1)=0,%[1]s=%[3]s)),FALSE)",
		threshold.Fixed(), edgesAPoint, today)
	p.Choices = append(p.Choices, xlsx.Choice{At: xlsx.Area{From: threshold, To: threshold}, Rule: exact,
		Advice: "A threshold is a number from 0 to 100, in steps of a half."})
	good, bad := "✓ the counts are exact",
		"✗ the counts are not exact: type a number from 0 to 100, in steps of a half"
	p.Set(p.At(4), xlsx.T(good).WithRole(xlsx.Caption).WithFormula(fmt.Sprintf(`IF(%s,"%s","%s")`, exact, good, bad)))
	p.Marks = append(p.Marks, xlsx.Marking{At: xlsx.Area{From: p.At(4), To: p.At(4)}, Begins: "✗"})
	p.Row++
	words := map[bool]string{true: "yes", false: "no"}
	inclusive := p.At(2)
	p.Set(p.At(1), xlsx.T("Equal passes").WithRole(xlsx.Prose))
	p.Set(inclusive, xlsx.T(words[r.Inclusive]).WithRole(xlsx.Input))
	p.Set(p.At(3), xlsx.T("today's: "+words[r.Inclusive]).WithRole(xlsx.Caption))
	p.Choices = append(p.Choices, xlsx.Choice{At: xlsx.Area{From: inclusive, To: inclusive},
		Items: []string{"yes", "no"}})
	p.Selected = threshold
	p.Row++
	return inputs{threshold.Fixed(), inclusive.Fixed()}
}

// edgesAPoint sets how many thresholds a point of the score holds for which the counts are exact.
const edgesAPoint = 2

// edges returns the thresholds for which the counts are exact: every half point, and today's.
func edges(today float64) []float64 {
	edges := []float64{today}
	for i := range 100*edgesAPoint + 1 {
		edges = append(edges, float64(i)/edgesAPoint)
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

// fineBins counts a region's scores at each edge and between them: below the first, on it, up to the second, on it ...
// The keys are the edges themselves and the middles between them, so that a key below a threshold holds only scores
// below it.
func fineBins(t *survey.Tally, edges []float64) (keys []float64, counts []int64) {
	keys = append(keys, edges[0]-0.5)
	for i, e := range edges {
		next := e + 1
		if i+1 < len(edges) {
			next = edges[i+1]
		}
		keys = append(keys, e, (e+next)/2)
	}
	counts = make([]int64, len(keys))
	for score, n := range t.Scores {
		i, on := slices.BinarySearch(edges, score)
		if on {
			counts[2*i+1] += n
		} else {
			counts[2*i] += n
		}
	}
	return keys, counts
}

// thresholdTable counts by region what the typed threshold flags.
func thresholdTable(p *page.Page, d *Figures, typed inputs) {
	p.Section("1  Flagged checks by region", "Flagged: suspicious at the typed threshold. Manual reviews a day: "+
		"flagged / days of the period. The counts of scores that the sums read stand to the right of the page.")
	t := p.Table(page.Col("Region", xlsx.General), page.Col("Scored", xlsx.Count),
		page.Col("Flagged today", xlsx.Count), page.Col("Flagged", xlsx.Count), page.Col("Change", xlsx.SignedCount),
		page.Col("Flagged rate", xlsx.Rate), page.Col("95% low", xlsx.Rate), page.Col("95% high", xlsx.Rate),
		page.Col("Pass rate", xlsx.Rate), page.Col("Manual reviews a day", xlsx.Score))
	edges := edges(d.Rule.Threshold)
	keys, _ := fineBins(d.Now.All, edges)
	for i, key := range keys {
		p.SetBeside(i, t.First-1, xlsx.Cell{Kind: xlsx.Number, Number: strconv.FormatFloat(key, 'g', -1, 64)})
	}
	rows := thresholdRows{t, typed, len(keys), len(d.Period.Days())}
	row := func(g *survey.Tally) []xlsx.Cell {
		_, counts := fineBins(g, edges)
		for i, n := range counts {
			p.SetBeside(i, p.Row, xlsx.N(n))
		}
		return rows.row(g)
	}
	for _, g := range d.Now.Regions {
		t.Add(row(g)...)
	}
	total := row(d.Now.All)
	total[0] = xlsx.T("All regions")
	t.SumUp(total, 1, 2)
	t.Total(total...)
}

// thresholdRows make the rows of this table. Beside a row stand its scores in bins, whose keys are above the first row.
type thresholdRows struct {
	table *page.Table
	typed inputs
	bins  int
	days  int // of the period
}

func (r thresholdRows) row(g *survey.Tally) []xlsx.Cell {
	t := r.table
	beside := func(row int) xlsx.Area {
		return xlsx.Area{From: t.Page.Beside(0, row), To: t.Page.Beside(r.bins-1, row)}
	}
	flagged := fmt.Sprintf(`IF(ISNUMBER(%[3]s),SUMIFS(%[1]s,%[2]s,"<"&%[3]s)+`+
		`IF(%[4]s="no",SUMIFS(%[1]s,%[2]s,%[3]s),0),"")`,
		beside(t.Page.Row), beside(t.First-1), r.typed.threshold, r.typed.inclusive)
	rate, low, high := page.RateCells(g.Rate(), t.Ref(3), t.Ref(1), xlsx.Rate)
	pass := page.None().WithFormat(xlsx.Rate)
	if x, ok := g.Rate().Rate(); ok {
		pass = xlsx.F(1-x, xlsx.Rate)
	}
	reviews := xlsx.F(float64(g.Suspicious())/float64(r.days), xlsx.Score)
	followers := []xlsx.Cell{xlsx.N(0).WithFormat(xlsx.SignedCount).WithFormula(t.Ref(3) + "-" + t.Ref(2)), rate, low, high,
		pass.WithFormula(fmt.Sprintf(`IF(%[1]s=0,"",1-%[2]s/%[1]s)`, t.Ref(1), t.Ref(3))),
		reviews.WithFormula(fmt.Sprintf("%s/%d", t.Ref(3), r.days))}
	for i, c := range followers { // nothing follows from a threshold that is no number
		followers[i] = c.WithFormula(fmt.Sprintf(`IF(ISNUMBER(%s),%s,"")`, t.Ref(3), c.Formula))
	}
	return append([]xlsx.Cell{xlsx.T(page.RegionName(g.Region)), xlsx.N(g.Scored()), xlsx.N(g.Suspicious()),
		xlsx.N(g.Suspicious()).WithFormula(flagged)}, followers...)
}
