package risk

import (
	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// totals compares totals that are reached twice: by the tables of two sheets, or by one and a count inside the
// database.
func totals(d *Data, refs sheetRefs) *page.Checks {
	l := &page.Checks{}
	sums := sumRegions(d.now.Regions)
	scoreTotals(l, d, sums, refs)
	listTotals(l, d, refs.coverage, page.TableSum(refs.attacks.kinds, 11))
	suspicious := xlsx.N(d.count.Suspicious)
	l.Add("Manual queue: open and decided = suspicious in the database",
		xlsx.N(d.queue.open+d.queue.decided).WithFormula(xlsx.Sum(refs.queue.counts...)), suspicious)
	l.Add("Manual queue: rows = suspicious in the database",
		xlsx.N(sums.suspicious).WithFormula(refs.queue.sheets.count()), suspicious)
	if !d.NoDetail {
		l.Add(page.DetailCheck, xlsx.N(sums.answered).WithFormula(refs.detail.count()), xlsx.N(d.count.Answers))
	}
	page.CheckSuspects(l, d.suspects)
	return l
}

// regionSums holds counts over all regions.
type regionSums struct{ answered, scored, scoreless, banded, suspicious, typed int64 }

func sumRegions(regions []*survey.Tally) (sums regionSums) {
	for _, g := range regions {
		sums.answered += g.Answered
		sums.scored += g.Scored()
		sums.scoreless += g.Side(survey.Scoreless)
		for _, n := range g.Bands {
			sums.banded += n
		}
		sums.suspicious += g.Suspicious()
		for s := range survey.Sides {
			for _, a := range []survey.Attack{survey.Presentation, survey.Injection, survey.Unsure, survey.Other} {
				sums.typed += g.Counts[s][a]
			}
		}
	}
	return sums
}

// scoreTotals compares the tables of answers and scores.
func scoreTotals(l *page.Checks, d *Data, sums regionSums, refs sheetRefs) {
	attacks, scores := refs.attacks, refs.scores
	kind := func(n int64, column int) xlsx.Cell {
		return xlsx.N(n).WithFormula(page.TableSum(attacks.kinds, column))
	}
	answered, banded := kind(sums.answered, 11), xlsx.N(sums.banded).WithFormula(page.TableSum(scores.bands, 26))
	suspicious := xlsx.N(sums.suspicious).WithFormula(page.TableSum(attacks.regions, 2))
	l.Add("Answered: by region and type = rows of the database", answered, xlsx.N(d.count.Answers))
	l.Add("Scored: by band and region = rows of the database", banded, xlsx.N(d.count.Scored))
	l.Add("Scored: by attack type = by band", kind(sums.scored, 9), banded)
	_, near := zoom(d.now.All)
	l.Add("Scored 40 to 60: by point = by band", xlsx.N(near).WithFormula(page.TableSum(scores.zoom, zoomBins+1)),
		zoomBands(d.now.All, scores.bands))
	l.Add("Answered = scored + without score", answered, xlsx.N(sums.scored+sums.scoreless).WithFormula(
		joined(page.TableSum(attacks.kinds, 9), "+", page.TableSum(attacks.kinds, 10))))
	l.Add("Suspicious: by region = rows of the database", suspicious, xlsx.N(d.count.Suspicious))
	l.Add("Suspicious: by attack type = by region", kind(sums.suspicious, 6), suspicious)
	l.Add("Answers with a type: side by type = rows of the database", xlsx.N(sums.typed), xlsx.N(d.count.Typed))
}

// listTotals compares what the lists brought with what became of it; kinds is the sum of the answers on the sheet of
// attack types.
func listTotals(l *page.Checks, d *Data, refs coverageRefs, kinds string) {
	var listed, answered, split, open int64
	for _, c := range d.listed.regions {
		listed, answered = listed+c.listed(), answered+c.state(store.Done)
	}
	for _, f := range d.lists {
		c := d.listed.ofList(f)
		split, open = split+c.listed(), open+c.unanswered()
	}
	states, brought := len(d.listed.states()), xlsx.N(d.lists.brought())
	byList, byRegion := brought.WithFormula(page.TableSum(refs.lists, 6)), brought.WithFormula(page.TableSum(refs.split,
		4))
	listedBy, answeredBy := page.TableSum(refs.regions, 1), page.TableSum(refs.regions, 2)
	byState := xlsx.N(split).WithFormula(refs.sumOfStates(0, states))
	if d.Clock != calendar.ByCapture {
		l.Add("New IDs: by list = by region and state", byList, xlsx.N(listed).WithFormula(listedBy))
		l.Add("New IDs: by list and region = by list", byRegion, byList)
		l.Add("New IDs: by list, region and state = by region and state", byState, xlsx.N(listed).WithFormula(listedBy))
		return
	}
	l.Add("New IDs: by list and region = by list", byRegion, byList)
	l.Add("New IDs: by list = by list, region and state", byList, byState)
	l.Add("Listed IDs with an answer = answered", xlsx.N(answered).WithFormula(answeredBy),
		xlsx.N(d.now.All.Answered).WithFormula(kinds))
	l.Add("Listed IDs without an answer: by list, region and state = by region and state",
		xlsx.N(open).WithFormula(refs.sumOfStates(1, states)), xlsx.N(listed-answered).WithFormula(joined(listedBy, "-",
			answeredBy)))
}

// joined returns two formulas with a sign between them; none where one is missing.
func joined(a, sign, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return a + sign + b
}
