// Package truth tells how often the vendor's score was wrong about the IDs whose truth is known: APCER by attack type
// and BPCER, at today's threshold and over others. It writes the sheet Ground truth.
package truth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
	Labels    []decisions.Labelled        // scored checks of the period, one each
	Decisions map[int64]decisions.Current // by call
	Rule      survey.Rule                 // today's
	Period    calendar.Period
	Minimum   int64 // labelled checks of a group before its error rate is read
}

// notNamed names the attack type of labels without one.
const notNamed = "(type not named)"

// Group holds the scores of the labelled checks of one attack type, or of the bona fide ones.
type Group struct {
	Name   string // attack type; "" of bona fide presentations
	Scores []float64
}

// Groups returns the bona fide checks, and the attacks by type: that with most checks first. Types that differ in case
// and spaces alone are one.
func (f *Figures) Groups() (bonaFide Group, attacks []Group) {
	at := map[string]int{}
	for _, l := range f.Labels {
		if !l.Attack {
			bonaFide.Scores = append(bonaFide.Scores, l.Score)
			continue
		}
		name := cmp.Or(strings.Join(strings.Fields(l.Species), " "), notNamed)
		i, known := at[strings.ToLower(name)]
		if !known {
			i = len(attacks)
			at[strings.ToLower(name)] = i
			attacks = append(attacks, Group{Name: name})
		}
		attacks[i].Scores = append(attacks[i].Scores, l.Score)
	}
	slices.SortFunc(attacks, func(a, b Group) int {
		return cmp.Or(cmp.Compare(len(b.Scores), len(a.Scores)), cmp.Compare(a.Name, b.Name))
	})
	return bonaFide, attacks
}

// APCER returns the attack presentation classification error rate of an attack type under a rule: the proportion of its
// attack presentations that are classified as bona fide, which is that pass. Checks without a score, which the vendor
// did not classify, are in no error rate: the standard counts them apart (APNRR, BPNRR).
//
// Source: ISO/IEC 30107-3:2023, 3.2.1 and clause 13: APCER is computed for each presentation attack instrument species
// by itself, and the highest of a set of species stands for it; species are never pooled.
func (g Group) APCER(r survey.Rule) stats.Proportion {
	p := stats.Proportion{Total: int64(len(g.Scores))}
	for _, score := range g.Scores {
		p.Count += int64(xlsx.Int(r.Passes(score)))
	}
	return p
}

// BPCER returns the bona fide presentation classification error rate under a rule: the proportion of bona fide
// presentations that are classified as attacks, which is that are suspicious.
//
// Source: ISO/IEC 30107-3:2023, 3.2.2 and clause 13.
func (g Group) BPCER(r survey.Rule) stats.Proportion {
	p := g.APCER(r)
	p.Count = p.Total - p.Count
	return p
}

// Worst returns the attack type with the highest APCER of those with at least minimum checks, false without one. Of
// equal ones it is the type with most checks.
func Worst(attacks []Group, r survey.Rule, minimum int64) (worst Group, found bool) {
	highest := -1.0
	for _, g := range attacks {
		if x, ok := g.APCER(r).Rate(); ok && int64(len(g.Scores)) >= minimum && x > highest {
			worst, found, highest = g, true, x
		}
	}
	return worst, found
}

// Write writes the sheet, where there is a label.
func Write(book *xlsx.Workbook, f *Figures) {
	if len(f.Labels) == 0 {
		return
	}
	bonaFide, attacks := f.Groups()
	p := page.New(book, "Ground truth", "Ground truth: how often the score was wrong", fmt.Sprintf("%s of %s with a "+
		"score and a label · error rates of these IDs alone (ISO/IEC 30107-3) · flagged: %s",
		page.Plural(int64(len(f.Labels)), "check", "checks"), f.Period.Describe(), f.Rule.Words()),
		26, 11, 11, 11, 11, 11, 22, 11, 11, 11, 11)
	p.Tab = xlsx.Navy
	p.Headline(f.headline(bonaFide, attacks))
	p.Skip(1)
	f.today(p, bonaFide, attacks)
	p.Skip(1)
	f.curveTable(p, bonaFide, attacks)
	p.Skip(1)
	f.curve(p, bonaFide, attacks)
	p.Skip(1)
	f.decided(p)
	p.Prose(xlsx.T("Whoever labels chooses whom: these rates are those of the vendor's whole traffic only where the " +
		"labelled IDs were drawn from it by chance.").WithRole(xlsx.Caption))
	p.PrintAll()
}

// headline gives both error rates where they may be read.
func (f *Figures) headline(bonaFide Group, attacks []Group) string {
	words := func(name string, p stats.Proportion) string {
		x, _ := p.Rate()
		i, _ := p.Wilson()
		return fmt.Sprintf("%s %s (%s to %s)", name, page.Percent(x), page.Percent(i.Low), page.Percent(i.High))
	}
	text := fmt.Sprintf("Too few bona fide labels to read BPCER: %d", len(bonaFide.Scores))
	if b := bonaFide.BPCER(f.Rule); b.Total >= f.Minimum {
		text = fmt.Sprintf("Flagged: %s of %s, %s", humanize.Comma(b.Count), page.Plural(b.Total,
			"bona fide check", "bona fide checks"), words("BPCER", b))
	}
	worst, ok := Worst(attacks, f.Rule, f.Minimum)
	if !ok {
		return text + fmt.Sprintf("; no attack type has the %d labels from which APCER is read", f.Minimum)
	}
	a := worst.APCER(f.Rule)
	return text + fmt.Sprintf("; passed: %s of %s of type %s, %s, the highest of the types with %d labels",
		humanize.Comma(a.Count), page.Plural(a.Total, "attack", "attacks"), xlsx.Visible(worst.Name),
		words("APCER", a), f.Minimum)
}

// mostTypes bounds the attack types that are shown apart; the rest is counted.
const mostTypes = 25

// today tables the error rates at today's threshold.
func (f *Figures) today(p *page.Page, bonaFide Group, attacks []Group) {
	p.Section("1  At today's threshold", fmt.Sprintf("APCER: attacks that passed, of one type. BPCER: bona fide ones "+
		"that were flagged. With its Wilson interval; below %d labels “too few”.", f.Minimum))
	t := p.Table(page.Col("Labelled as", xlsx.Literal), page.Col("Checks", xlsx.Count), page.Col("Wrong", xlsx.Count),
		page.Col("Error rate", xlsx.Share), page.Col("95% low", xlsx.Share), page.Col("95% high", xlsx.Share),
		page.Col("Reading", xlsx.General))
	add := func(name xlsx.Cell, measure string, e stats.Proportion) {
		rate, low, high := page.RateCells(e, t.Ref(2), t.Ref(1), xlsx.Share)
		reading := xlsx.T(measure)
		if e.Total < f.Minimum {
			reading = xlsx.T(page.TooFew).WithRole(xlsx.Quiet)
		}
		t.Add(name, xlsx.N(e.Total), xlsx.N(e.Count), rate, low, high, reading)
	}
	if len(bonaFide.Scores) > 0 {
		add(xlsx.T("bona fide").WithFormat(xlsx.Literal), "BPCER", bonaFide.BPCER(f.Rule))
	}
	for _, g := range attacks[:min(len(attacks), mostTypes)] {
		add(xlsx.Untrusted(g.Name), "APCER", g.APCER(f.Rule))
	}
	if more := len(attacks) - mostTypes; more > 0 {
		p.Prose(xlsx.T("and " + page.Plural(int64(more), "more type", "more types")).WithRole(xlsx.Quiet))
	}
}

// The thresholds that are set side by side, as on the sheet Threshold.
const (
	firstShown = 30
	lastShown  = 70
	everyShown = 5
)

func (f *Figures) at(threshold float64) survey.Rule {
	return survey.Rule{Threshold: threshold, Inclusive: f.Rule.Inclusive}
}

// curveTable sets the error rates of thresholds side by side.
func (f *Figures) curveTable(p *page.Page, bonaFide Group, attacks []Group) {
	p.Section("2  At other thresholds", fmt.Sprintf("A higher threshold lets fewer attacks pass and flags more bona "+
		"fide ones. Highest APCER: of the types with at least %d labels.", f.Minimum))
	t := p.Table(page.Col("Threshold", xlsx.General), page.Col("Bona fide", xlsx.Count),
		page.Col("Flagged", xlsx.Count),
		page.Col("BPCER", xlsx.Share), page.Col("95% low", xlsx.Share), page.Col("95% high", xlsx.Share),
		page.Col("Highest APCER: type", xlsx.Literal), page.Col("Attacks", xlsx.Count), page.Col("Passed", xlsx.Count),
		page.Col("APCER", xlsx.Share), page.Col("95% high", xlsx.Share))
	for threshold := firstShown; threshold <= lastShown; threshold += everyShown {
		r := f.at(float64(threshold))
		name := fmt.Sprintf("below %d", threshold)
		if r.Threshold == f.Rule.Threshold {
			name += " ● now"
		}
		b := bonaFide.BPCER(r)
		rate, low, high := page.RateCells(b, t.Ref(2), t.Ref(1), xlsx.Share)
		row := []xlsx.Cell{xlsx.T(name), xlsx.N(b.Total), xlsx.N(b.Count), rate, low, high}
		if worst, ok := Worst(attacks, r, f.Minimum); ok {
			a := worst.APCER(r)
			rate, _, high := page.RateCells(a, t.Ref(8), t.Ref(7), xlsx.Share)
			row = append(row, xlsx.Untrusted(worst.Name), xlsx.N(a.Total), xlsx.N(a.Count), rate, high)
		} else {
			row = append(row, xlsx.T(page.TooFew).WithRole(xlsx.Quiet), page.None(), page.None(), page.None(), page.None())
		}
		t.Add(row...)
	}
}

// mostCurves bounds the attack types that are drawn.
const mostCurves = 3

// curve draws the error rates by threshold, of groups with enough labels. Its cells stand beside the page.
func (f *Figures) curve(p *page.Page, bonaFide Group, attacks []Group) {
	const steps = 101
	labels := p.Row
	area := func(row int) xlsx.Area { return p.Area(p.Beside(0, row), p.Beside(steps-1, row)) }
	var lines []xlsx.Series
	colors := []string{xlsx.Navy, xlsx.Orange, xlsx.Teal, xlsx.Grey}
	draw := func(name string, of func(survey.Rule) stats.Proportion) {
		row := labels + 1 + len(lines)
		for at := range steps {
			x, _ := of(f.at(float64(at))).Rate() // there are labels
			p.SetBeside(at, row, xlsx.F(x, xlsx.Share))
		}
		lines = append(lines, xlsx.Series{Name: name, Values: area(row), Color: colors[len(lines)], Mark: xlsx.Line})
	}
	if int64(len(bonaFide.Scores)) >= f.Minimum {
		draw("BPCER", bonaFide.BPCER)
	}
	for _, g := range attacks[:min(len(attacks), mostCurves)] {
		if int64(len(g.Scores)) >= f.Minimum {
			draw("APCER "+page.Shortened(xlsx.Visible(g.Name), 30), g.APCER)
		}
	}
	if lines == nil {
		return
	}
	for at := range steps {
		p.SetBeside(at, labels, page.TenthLabel(at))
	}
	p.Figures(13, page.Figure{Finding: "Both errors by threshold", Caption: "Share of the labelled checks that would " +
		"be classified wrongly, thresholds 0 to 100", Chart: xlsx.Chart{Alt: "APCER and BPCER by threshold, 0 to 100",
		Format: xlsx.Share, EachLabel: true, Categories: area(labels), Series: lines}, Col: 1, Span: p.Across})
}

// decided sets what reviewers decided beside the labels, where checks have both. Neither takes the place of the other.
func (f *Figures) decided(p *page.Page) {
	words := decisions.Words()
	var counts [2][]int64
	counts[0], counts[1] = make([]int64, len(words)), make([]int64, len(words))
	both := int64(0)
	for _, l := range f.Labels {
		d, ok := f.Decisions[l.CallID]
		if !ok {
			continue
		}
		both++
		counts[xlsx.Int(l.Attack)][slices.Index(words, d.Decision.Decision)]++
	}
	if both == 0 {
		return
	}
	p.Section("3  What reviewers decided about them", "Checks with a label and a decision: both are kept.")
	columns := []page.Column{page.Col("Labelled as", xlsx.General)}
	for _, word := range words {
		columns = append(columns, page.Col("Decided "+word, xlsx.Count))
	}
	t := p.Table(columns...)
	for i, name := range []string{"bona fide", "attack"} {
		row := []xlsx.Cell{xlsx.T(name)}
		for _, n := range counts[i] {
			row = append(row, xlsx.N(n))
		}
		t.Add(row...)
	}
	p.Skip(1)
}
