package risk

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// thresholdSheet writes the live sheet: the threshold typed into its yellow cell decides what every figure below counts.
func (r *risk) thresholdSheet() {
	p := page.New(r.book, "Threshold", "Threshold: what another one would flag", fmt.Sprintf("Checks %s %s · type a number into the yellow cell, in steps of a half; everything below follows", r.dated(), r.Period.Describe()),
		20, 12, 12, 12, 12, 12, 12, 12, 12, 14)
	p.Tab = xlsx.Teal
	p.Headline("Only what would be flagged can be read here, not what would be missed: no check's truth is known")
	p.Skip(1)
	at, side := r.inputs(p)
	p.Skip(1)
	r.thresholdTable(p, at, side)
	p.Skip(1)
	p.Prose(xlsx.T("A higher threshold sends more checks to manual review. Whether a lower one lets attacks pass cannot be judged from these data: nobody has looked at the checks that pass."))
	p.PrintAll()
}

// inputs writes the two cells that may be typed into and returns their places.
func (r *risk) inputs(p *page.Page) (at, side string) {
	p.Set(p.At(1), xlsx.T("Threshold").As(xlsx.Prose))
	p.Set(p.At(2), xlsx.Cell{Kind: xlsx.Number, Number: strconv.FormatFloat(r.Threshold, 'g', -1, 64)}.As(xlsx.Input))
	p.Set(p.At(3), xlsx.T("today's: "+strconv.FormatFloat(r.Threshold, 'g', -1, 64)).As(xlsx.Caption))
	threshold := p.At(2)
	exact := fmt.Sprintf("IF(ISNUMBER(%[1]s),AND(%[1]s>=0,%[1]s<=100,OR(MOD(%[1]s*%[2]d,1)=0,%[1]s=%[3]s)),FALSE)", threshold.Fixed(), edgesAPoint, strconv.FormatFloat(r.Threshold, 'g', -1, 64))
	p.Choices = append(p.Choices, xlsx.Choice{At: xlsx.Area{From: threshold, To: threshold}, Rule: exact, Advice: "A threshold is a number from 0 to 100, in steps of a half."})
	p.Set(p.At(4), xlsx.T("✓ the counts are exact").As(xlsx.Caption).By(`IF(`+exact+`,"✓ the counts are exact","✗ the counts are not exact: type a number from 0 to 100, in steps of a half")`))
	p.Marks = append(p.Marks, xlsx.Marking{At: xlsx.Area{From: p.At(4), To: p.At(4)}, Begins: "✗"})
	p.Row++
	words := map[bool]string{true: "yes", false: "no"}
	p.Set(p.At(1), xlsx.T("Equal passes").As(xlsx.Prose))
	p.Set(p.At(2), xlsx.T(words[r.Inclusive]).As(xlsx.Input))
	p.Set(p.At(3), xlsx.T("today's: "+words[r.Inclusive]).As(xlsx.Caption))
	inclusive := p.At(2)
	p.Choices = append(p.Choices, xlsx.Choice{At: xlsx.Area{From: inclusive, To: inclusive}, Items: []string{"yes", "no"}})
	p.Selected = threshold
	p.Row++
	return threshold.Fixed(), inclusive.Fixed()
}

// edgesAPoint is how many thresholds a point of the score holds for which the counts are exact.
const edgesAPoint = 2

// edges are the thresholds for which the counts are exact: every half point, and today's.
func (r *risk) edges() []float64 {
	edges := []float64{r.Threshold}
	for i := range 100*edgesAPoint + 1 {
		edges = append(edges, float64(i)/edgesAPoint)
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

// fineBins counts a region's scores at each edge and between them: below the first, on it, up to the second, on it ... The
// keys are the edges themselves and the middles between them, so that a key below a threshold holds only scores below it.
func fineBins(t *tally, edges []float64) (keys []float64, counts []int64) {
	keys = append(keys, edges[0]-0.5)
	for i, e := range edges {
		next := e + 1
		if i+1 < len(edges) {
			next = edges[i+1]
		}
		keys = append(keys, e, (e+next)/2)
	}
	counts = make([]int64, len(keys))
	for score, n := range t.scores {
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
func (r *risk) thresholdTable(p *page.Page, at, side string) {
	p.Section("1  Flagged checks by region", "Flagged: suspicious at the typed threshold. Manual reviews a day: flagged / days of the period. The counts of scores that the sums read stand to the right of the page.")
	t := p.Table(page.Column{Head: "Region", Span: 1, Format: xlsx.General}, page.Column{Head: "Scored", Span: 1, Format: xlsx.Count}, page.Column{Head: "Flagged today", Span: 1, Format: xlsx.Count}, page.Column{Head: "Flagged", Span: 1, Format: xlsx.Count}, page.Column{Head: "Change", Span: 1, Format: xlsx.SignedCount}, page.Column{Head: "Flagged rate", Span: 1, Format: xlsx.Rate},
		page.Column{Head: "95% low", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% high", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Pass rate", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Manual reviews a day", Span: 1, Format: xlsx.Score})
	r.places.threshold = t
	keys, _ := fineBins(r.now.all, r.edges())
	first := p.Across + 3
	for i, key := range keys {
		p.Set(xlsx.Ref{Col: first + i, Row: t.First - 1}, xlsx.Cell{Kind: xlsx.Number, Number: strconv.FormatFloat(key, 'g', -1, 64)}.As(xlsx.Feeder))
	}
	head := xlsx.Area{From: xlsx.Ref{Col: first, Row: t.First - 1}, To: xlsx.Ref{Col: first + len(keys) - 1, Row: t.First - 1}}
	for _, g := range r.now.regions {
		r.fineFeed(p, g)
		t.Add(r.thresholdRow(t, g, head, at, side)...)
	}
	r.fineFeed(p, r.now.all)
	cells := r.thresholdRow(t, r.now.all, head, at, side)
	cells[0] = xlsx.T("All regions")
	if t.Rows > 0 {
		cells[1], cells[2] = cells[1].By(xlsx.Sum(page.Local(t.Area(1)))), cells[2].By(xlsx.Sum(page.Local(t.Area(2))))
	}
	t.Total(cells...)
}

// fineFeed writes a region's fine counts beside the row.
func (r *risk) fineFeed(p *page.Page, g *tally) {
	_, counts := fineBins(g, r.edges())
	for i, n := range counts {
		p.Set(xlsx.Ref{Col: p.Across + 3 + i, Row: p.Row}, xlsx.N(n).As(xlsx.Feeder))
	}
}

func (r *risk) thresholdRow(t *page.Table, g *tally, head xlsx.Area, at, side string) []xlsx.Cell {
	row := xlsx.Area{From: xlsx.Ref{Col: head.From.Col, Row: t.Page.Row}, To: xlsx.Ref{Col: head.To.Col, Row: t.Page.Row}}
	flagged := fmt.Sprintf(`IF(ISNUMBER(%[3]s),SUMIFS(%[1]s,%[2]s,"<"&%[3]s)+IF(%[4]s="no",SUMIFS(%[1]s,%[2]s,%[3]s),0),"–")`, row, head, at, side)
	rate, low, high := page.RateCells(g.rate(), t.Ref(3), t.Ref(1), xlsx.Rate)
	pass := page.None().In(xlsx.Rate)
	if x, ok := g.rate().Rate(); ok {
		pass = xlsx.F(1-x, xlsx.Rate)
	}
	days := len(r.Period.Days())
	followers := []xlsx.Cell{xlsx.N(0).In(xlsx.SignedCount).By(t.Ref(3) + "-" + t.Ref(2)), rate, low, high,
		pass.By(fmt.Sprintf(`IF(%[1]s=0,"–",1-%[2]s/%[1]s)`, t.Ref(1), t.Ref(3))), xlsx.F(float64(g.suspicious())/float64(days), xlsx.Score).By(fmt.Sprintf("%s/%d", t.Ref(3), days))}
	for i, c := range followers { // nothing follows from a threshold that is no number
		followers[i] = c.By(fmt.Sprintf(`IF(ISNUMBER(%s),%s,"–")`, t.Ref(3), c.Formula))
	}
	return append([]xlsx.Cell{xlsx.T(page.RegionName(g.region)), xlsx.N(g.scored()), xlsx.N(g.suspicious()), xlsx.N(g.suspicious()).By(flagged)}, followers...)
}

// residualTable says where the mix of attack types departs from what the regions have in common.
func (r *risk) residualTable(p *page.Page) {
	p.Section("4  Does the mix of types differ between regions?", "Pearson's chi-square over suspicious checks by region and type, columns and rows merged until every expected count reaches 5; adjusted residuals beyond ±2 stand out (Haberman 1973).")
	var counts [][]int64
	for _, g := range r.now.regions {
		counts = append(counts, []int64{g.kind(Presentation), g.kind(Injection), g.kind(Unsure), g.kind(Unclassified), g.kind(Other)})
	}
	test, err := stats.ChiSquare(counts)
	if err != nil {
		p.Prose(xlsx.T("Too few suspicious checks for the test.").As(xlsx.Caption))
		return
	}
	finding := "The mix of types does not differ between regions beyond chance"
	if test.P < stats.Alpha {
		finding = "The mix of types differs between regions beyond chance"
	}
	p.Prose(xlsx.T(fmt.Sprintf("%s: chi-square %.2f, %d degrees of freedom, %s; Cramér's V %.2f (0 none, 1 complete)", finding, test.Statistic, test.DF, pValue(test.P), test.CramersV)))
	cols := []page.Column{{Head: "Regions", Span: 3, Format: xlsx.General}}
	for _, merged := range test.Columns {
		name := ""
		for i, k := range merged {
			if i > 0 {
				name += " + "
			}
			name += Attack(k).String()
		}
		cols = append(cols, page.Column{Head: name, Span: 1, Format: xlsx.Count}, page.Column{Head: "residual", Span: 1, Format: xlsx.Signed})
	}
	t := p.Table(cols...)
	for i, merged := range test.Rows {
		var names []string
		for _, k := range merged {
			names = append(names, page.RegionName(r.now.regions[k].region))
		}
		cells := []xlsx.Cell{xlsx.T(page.List(names))}
		for j := range test.Columns {
			residual := xlsx.F(test.Residuals[i][j], xlsx.Signed)
			if math.Abs(test.Residuals[i][j]) > 2 {
				residual = residual.As(xlsx.Strong)
			}
			cells = append(cells, xlsx.N(test.Observed[i][j]), residual)
		}
		t.Add(cells...)
	}
}

// pValue says what p is; of a value smaller than a reader can use, only that.
func pValue(p float64) string {
	if p < 0.0001 {
		return "p < 0.0001"
	}
	return fmt.Sprintf("p = %.4f", p)
}
