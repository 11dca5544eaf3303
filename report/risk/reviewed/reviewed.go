// Package reviewed draws what review found: how often a flag was right, by region, type and score, as people decided,
// and how
// many checks the next day brings them.
package reviewed

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/decisions"
)

// Figures holds what the sheet is made from.
type Figures struct {
	Now       *survey.Survey
	Decisions []decisions.Current // about suspicious checks of the period, one each
	Nights    []int64             // suspicious checks of each night with checks
	Period    calendar.Period
	Minimum   int64   // decisions before a precision is read
	Minutes   float64 // a review takes; 0: nobody has said
}

// Tally counts decisions. A flag was right when a person called the check an attack, and wrong when genuine; unclear
// and
// escalated ones say neither.
type Tally struct{ Flagged, Attack, Genuine, Neither int64 }

func (t *Tally) add(word string) {
	switch word {
	case "attack":
		t.Attack++
	case "genuine":
		t.Genuine++
	default:
		t.Neither++
	}
}

// Precision returns the attacks among the checks that people called attack or genuine.
func (t Tally) Precision() stats.Proportion {
	return stats.Proportion{Count: t.Attack, Total: t.Attack + t.Genuine}
}

// group represents a row of a table.
type group struct {
	name string
	Tally
}

// bands returns the bands of the score that suspicious checks are grouped by, by their lower edges.
func bands() []float64 { return []float64{math.Inf(-1), 10, 20, 30, 40, 50} }

// bandOf returns the place of a score's band.
func bandOf(score float64) int {
	edges := bands()
	i := len(edges) - 1
	for score < edges[i] {
		i--
	}
	return i
}

func bandName(i int) string {
	edges := bands()
	switch {
	case i == 0:
		return fmt.Sprintf("below %g", edges[1])
	case i == len(edges)-1:
		return fmt.Sprintf("%g and more", edges[i])
	}
	return fmt.Sprintf("%g to %g", edges[i], edges[i+1])
}

// Groups counts the decisions by region, by type and by band of the score, and all of them.
func (f *Figures) Groups() (regions, types, scores []group, all Tally) {
	byRegion := map[string]*group{}
	for _, g := range f.Now.Regions {
		byRegion[g.Region] = &group{page.RegionName(g.Region), Tally{Flagged: g.Suspicious()}}
	}
	for a := survey.Presentation; a <= survey.Other; a++ {
		types = append(types, group{a.String(), Tally{Flagged: f.Now.All.Kind(a)}})
	}
	for i := range bands() {
		scores = append(scores, group{name: bandName(i)})
	}
	left := f.Now.All.Suspicious()
	for _, score := range page.SortedKeys(f.Now.All.Scores) { // the lowest are the suspicious ones
		n := min(left, f.Now.All.Scores[score])
		scores[bandOf(score)].Flagged += n
		left -= n
	}
	all.Flagged = f.Now.All.Suspicious()
	for _, d := range f.Decisions {
		word := d.Decision.Decision
		all.add(word)
		if g := byRegion[d.Region]; g != nil {
			g.add(word)
		}
		types[survey.AttackOf(d.AttackType, survey.Suspicious)].add(word)
		scores[bandOf(d.Score)].add(word)
	}
	for _, g := range byRegion {
		regions = append(regions, *g)
	}
	slices.SortFunc(regions, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.Attack+b.Genuine, a.Attack+a.Genuine), cmp.Compare(b.Flagged, a.Flagged),
			cmp.Compare(a.name, b.name))
	})
	some := func(g group) bool { return g.Flagged == 0 && g.Attack+g.Genuine+g.Neither == 0 }
	return slices.DeleteFunc(regions, some), slices.DeleteFunc(types, some), slices.DeleteFunc(scores, some), all
}

// Write writes the sheet.
func Write(book *xlsx.Workbook, f *Figures) {
	p := page.New(book, "Review", "What review says", fmt.Sprintf("Suspicious checks of %s, and what people "+
		"decided about "+
		"them · precision: attack / (attack + genuine)", f.Period.Describe()), 24, 11, 11, 11, 11, 13, 11, 11, 11, 14)
	p.Tab = xlsx.Navy
	regions, types, scores, all := f.Groups()
	p.Headline(f.headline(all))
	if all.Attack+all.Genuine+all.Neither > 0 {
		for i, of := range []struct {
			name string
			rows []group
		}{{"region", regions}, {"attack type", types}, {"score", scores}} {
			p.Skip(1)
			f.table(p, fmt.Sprintf("%d  By %s", i+1, of.name), of.rows)
		}
		p.Skip(1)
	}
	p.Prose(xlsx.T(f.forecast()))
	p.Prose(xlsx.T("Reviewers look at what presses most first: the decided checks are no sample of all flagged " +
		"ones, and " +
		"none of those that passed was looked at. So this is no error rate of the vendor.").WithRole(xlsx.Caption))
	p.PrintAll()
}

func (f *Figures) headline(all Tally) string {
	decided := all.Attack + all.Genuine + all.Neither
	x, ok := all.Precision().Rate()
	switch {
	case decided == 0:
		return "Nobody has decided about a check of this period yet"
	case !ok || all.Precision().Total < f.Minimum:
		return fmt.Sprintf("Too few decisions to read a precision: %s, %s of them attack or genuine",
			page.Plural(decided, "decision", "decisions"), humanize.Comma(all.Precision().Total))
	}
	i, _ := all.Precision().Wilson() // exists where the rate does
	return fmt.Sprintf("Of %s called attack or genuine %s were attacks: %s (%s to %s); %s of %s flagged checks are "+
		"decided",
		page.Plural(all.Precision().Total, "check", "checks"), humanize.Comma(all.Attack), page.Percent(x),
		page.Percent(i.Low), page.Percent(i.High), humanize.Comma(decided), humanize.Comma(all.Flagged))
}

func (f *Figures) table(p *page.Page, title string, rows []group) {
	p.Section(title, fmt.Sprintf("Precision with its Wilson interval; below %d decisions “too few”.", f.Minimum))
	t := p.Table(page.Col("Group", xlsx.Literal), page.Col("Flagged", xlsx.Count), page.Col("Attack", xlsx.Count),
		page.Col("Genuine", xlsx.Count), page.Col("Unclear", xlsx.Count), page.Col("Not decided", xlsx.Count),
		page.Col("Precision", xlsx.Share), page.Col("95% low", xlsx.Share), page.Col("95% high", xlsx.Share),
		page.Col("Reading", xlsx.General))
	for _, g := range rows {
		sum := fmt.Sprintf("(%s+%s)", t.Ref(2), t.Ref(3))
		rate, low, high := page.RateCells(g.Precision(), t.Ref(2), sum, xlsx.Share)
		reading := xlsx.T("")
		if g.Precision().Total < f.Minimum {
			reading = xlsx.T(page.TooFew).WithRole(xlsx.Quiet)
		}
		open := g.Flagged - g.Attack - g.Genuine - g.Neither
		t.Add(xlsx.T(g.name), xlsx.N(g.Flagged), xlsx.N(g.Attack), xlsx.N(g.Genuine), xlsx.N(g.Neither),
			xlsx.N(open).WithFormula(fmt.Sprintf("%s-%s-%s-%s", t.Ref(1), t.Ref(2), t.Ref(3), t.Ref(4))), rate, low, high,
			reading)
	}
}

// fewestNights sets from how many nights the next one is foretold.
const fewestNights = 7

// Forecast returns how many suspicious checks the next night brings, with the interval that 95 % of such nights lie in,
// false for too few nights: the mean of the nights and what they vary by, as for one more of them.
//
// Source: prediction interval for a single future observation, Hahn and Meeker, Statistical Intervals (1991), chapter
// 4.
func Forecast(nights []int64) (mean float64, i stats.Interval, ok bool) {
	n := float64(len(nights))
	if n < fewestNights {
		return 0, i, false
	}
	for _, k := range nights {
		mean += float64(k) / n
	}
	var squares float64
	for _, k := range nights {
		squares += (float64(k) - mean) * (float64(k) - mean)
	}
	wide := 1.96 * math.Sqrt(max(squares/(n-1), mean)*(1+1/n)) // never narrower than counts vary by chance
	return mean, stats.Interval{Low: max(0, mean-wide), High: mean + wide}, true
}

// forecast words it.
func (f *Figures) forecast() string {
	mean, i, ok := Forecast(f.Nights)
	if !ok {
		return fmt.Sprintf("Fewer than %d nights with checks: the next night's queue is not foretold.", fewestNights)
	}
	text := fmt.Sprintf("The next night brings %.0f suspicious checks if it is like these: 95%% of such nights "+
		"%.0f to %.0f",
		mean, math.Floor(i.Low), math.Ceil(i.High))
	if f.Minutes > 0 {
		text += fmt.Sprintf("; at %g minutes each %.1f hours, %.1f to %.1f", f.Minutes, mean*f.Minutes/60,
			i.Low*f.Minutes/60,
			i.High*f.Minutes/60)
	}
	return text + "."
}
