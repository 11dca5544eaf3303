package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"liverecon/report/stats"
)

// thresholdSheet writes the live sheet: the threshold typed into its yellow cell decides what every figure below counts.
func (r *risk) thresholdSheet() {
	p := newPage(r.book, "Threshold", "Threshold: what another one would flag", fmt.Sprintf("Checks %s %s · type a number into the yellow cell, in steps of a half; everything below follows", r.dated(), r.Period.describe()),
		20, 12, 12, 12, 12, 12, 12, 12, 12, 14)
	p.Tab = teal
	p.headline("Only what would be flagged can be read here, not what would be missed: no check's truth is known")
	p.skip(1)
	at, side := r.inputs(p)
	p.skip(1)
	r.thresholdTable(p, at, side)
	p.skip(1)
	p.prose(T("A higher threshold sends more checks to manual review. Whether a lower one lets attacks pass cannot be judged from these data: nobody has looked at the checks that pass."))
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// inputs writes the two cells that may be typed into and returns their places.
func (r *risk) inputs(p *page) (at, side string) {
	p.Set(p.at(1), T("Threshold").As(Prose))
	p.Set(p.at(2), Cell{Kind: Number, Number: strconv.FormatFloat(r.Threshold, 'g', -1, 64)}.As(Input))
	p.Set(p.at(3), T("today's: "+strconv.FormatFloat(r.Threshold, 'g', -1, 64)).As(Caption))
	threshold := p.at(2)
	exact := fmt.Sprintf("IF(ISNUMBER(%[1]s),AND(%[1]s>=0,%[1]s<=100,OR(MOD(%[1]s*%[2]d,1)=0,%[1]s=%[3]s)),FALSE)", threshold.Fixed(), edgesAPoint, strconv.FormatFloat(r.Threshold, 'g', -1, 64))
	p.Choices = append(p.Choices, Choice{At: Area{From: threshold, To: threshold}, Rule: exact, Advice: "A threshold is a number from 0 to 100, in steps of a half."})
	p.Set(p.at(4), T("✓ the counts are exact").As(Caption).By(`IF(`+exact+`,"✓ the counts are exact","✗ the counts are not exact: type a number from 0 to 100, in steps of a half")`))
	p.Marks = append(p.Marks, Marking{At: Area{From: p.at(4), To: p.at(4)}, Begins: "✗"})
	p.row++
	words := map[bool]string{true: "yes", false: "no"}
	p.Set(p.at(1), T("Equal passes").As(Prose))
	p.Set(p.at(2), T(words[r.Inclusive]).As(Input))
	p.Set(p.at(3), T("today's: "+words[r.Inclusive]).As(Caption))
	inclusive := p.at(2)
	p.Choices = append(p.Choices, Choice{At: Area{From: inclusive, To: inclusive}, Items: []string{"yes", "no"}})
	p.Selected = threshold
	p.row++
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
func (r *risk) thresholdTable(p *page, at, side string) {
	p.section("1  Flagged checks by region", "Flagged: suspicious at the typed threshold. Manual reviews a day: flagged / days of the period. The counts of scores that the sums read stand to the right of the page.")
	t := p.table(column{"Region", 1, General}, column{"Scored", 1, Count}, column{"Flagged today", 1, Count}, column{"Flagged", 1, Count}, column{"Change", 1, SignedCount}, column{"Flagged rate", 1, Rate},
		column{"95% low", 1, Rate}, column{"95% high", 1, Rate}, column{"Pass rate", 1, Rate}, column{"Manual reviews a day", 1, Score})
	r.places.threshold = t
	keys, _ := fineBins(r.now.all, r.edges())
	first := p.across + 3
	for i, key := range keys {
		p.Set(Ref{first + i, t.first - 1}, Cell{Kind: Number, Number: strconv.FormatFloat(key, 'g', -1, 64)}.As(Feeder))
	}
	head := Area{From: Ref{first, t.first - 1}, To: Ref{first + len(keys) - 1, t.first - 1}}
	for _, g := range r.now.regions {
		r.fineFeed(p, g)
		t.add(r.thresholdRow(t, g, head, at, side)...)
	}
	r.fineFeed(p, r.now.all)
	cells := r.thresholdRow(t, r.now.all, head, at, side)
	cells[0] = T("All regions")
	if t.rows > 0 {
		cells[1], cells[2] = cells[1].By(sum(local(t.area(1)))), cells[2].By(sum(local(t.area(2))))
	}
	t.total(cells...)
}

// fineFeed writes a region's fine counts beside the row.
func (r *risk) fineFeed(p *page, g *tally) {
	_, counts := fineBins(g, r.edges())
	for i, n := range counts {
		p.Set(Ref{p.across + 3 + i, p.row}, N(n).As(Feeder))
	}
}

func (r *risk) thresholdRow(t *table, g *tally, head Area, at, side string) []Cell {
	row := Area{From: Ref{head.From.Col, t.page.row}, To: Ref{head.To.Col, t.page.row}}
	flagged := fmt.Sprintf(`IF(ISNUMBER(%[3]s),SUMIFS(%[1]s,%[2]s,"<"&%[3]s)+IF(%[4]s="no",SUMIFS(%[1]s,%[2]s,%[3]s),0),"–")`, row, head, at, side)
	rate, low, high := rateCells(g.rate(), t.ref(3), t.ref(1), Rate)
	pass := none().In(Rate)
	if x, ok := g.rate().Rate(); ok {
		pass = F(1-x, Rate)
	}
	days := len(r.Period.Days())
	followers := []Cell{N(0).In(SignedCount).By(t.ref(3) + "-" + t.ref(2)), rate, low, high,
		pass.By(fmt.Sprintf(`IF(%[1]s=0,"–",1-%[2]s/%[1]s)`, t.ref(1), t.ref(3))), F(float64(g.suspicious())/float64(days), Score).By(fmt.Sprintf("%s/%d", t.ref(3), days))}
	for i, c := range followers { // nothing follows from a threshold that is no number
		followers[i] = c.By(fmt.Sprintf(`IF(ISNUMBER(%s),%s,"–")`, t.ref(3), c.Formula))
	}
	return append([]Cell{T(regionName(g.region)), N(g.scored()), N(g.suspicious()), N(g.suspicious()).By(flagged)}, followers...)
}

// residualTable says where the mix of attack types departs from what the regions have in common.
func (r *risk) residualTable(p *page) {
	p.section("4  Does the mix of types differ between regions?", "Pearson's chi-square over suspicious checks by region and type, columns and rows merged until every expected count reaches 5; adjusted residuals beyond ±2 stand out (Haberman 1973).")
	var counts [][]int64
	for _, g := range r.now.regions {
		counts = append(counts, []int64{g.kind(Presentation), g.kind(Injection), g.kind(Unsure), g.kind(Unclassified), g.kind(Other)})
	}
	test, err := stats.ChiSquare(counts)
	if err != nil {
		p.prose(T("Too few suspicious checks for the test.").As(Caption))
		return
	}
	finding := "The mix of types does not differ between regions beyond chance"
	if test.P < stats.Alpha {
		finding = "The mix of types differs between regions beyond chance"
	}
	p.prose(T(fmt.Sprintf("%s: chi-square %.2f, %d degrees of freedom, %s; Cramér's V %.2f (0 none, 1 complete)", finding, test.Statistic, test.DF, pValue(test.P), test.CramersV)))
	cols := []column{{"Regions", 3, General}}
	for _, merged := range test.Columns {
		name := ""
		for i, k := range merged {
			if i > 0 {
				name += " + "
			}
			name += Attack(k).String()
		}
		cols = append(cols, column{name, 1, Count}, column{"residual", 1, Signed})
	}
	t := p.table(cols...)
	for i, merged := range test.Rows {
		var names []string
		for _, k := range merged {
			names = append(names, regionName(r.now.regions[k].region))
		}
		cells := []Cell{T(list(names))}
		for j := range test.Columns {
			residual := F(test.Residuals[i][j], Signed)
			if math.Abs(test.Residuals[i][j]) > 2 {
				residual = residual.As(Strong)
			}
			cells = append(cells, N(test.Observed[i][j]), residual)
		}
		t.add(cells...)
	}
}

// pValue says what p is; of a value smaller than a reader can use, only that.
func pValue(p float64) string {
	if p < 0.0001 {
		return "p < 0.0001"
	}
	return fmt.Sprintf("p = %.4f", p)
}
