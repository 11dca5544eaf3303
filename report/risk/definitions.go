package risk

import (
	"fmt"
	"strings"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// definitions writes the last sheet and returns its checks.
func (r *risk) definitions() *page.Checks {
	p := page.Definitions(r.book, r.Period)
	p.Section("1  Checks", "Every total is reached twice: from the sheets of this workbook, and by a count inside the database.")
	checks := r.checks()
	checks.Write(p, 1, 2)
	p.Skip(1)
	p.Terms("2  Measures", append(r.measures(), page.SuspectTerm(r.suspects, "They count as any until they are asked for again.")...))
	p.Terms("3  Where the vendor's page contradicts itself", contradictionTerms())
	p.Parameters("4  Parameters and provenance", r.parameters())
	p.Section("5  Lists read in the period", "SHA-256 of the file as it was read.")
	t := p.Table(page.Column{Head: "List", Span: 1, Format: xlsx.Literal}, page.Column{Head: "SHA-256", Span: 5, Format: xlsx.Literal})
	for _, c := range r.chains() {
		t.Add(xlsx.Outside(c.path), xlsx.T(fmt.Sprintf("%x", c.sha256)).In(xlsx.Literal))
	}
	p.PrintAll()
	return checks
}

func (r *risk) checks() *page.Checks {
	var sums struct{ answered, scored, banded, suspicious, typed int64 }
	for _, g := range r.now.regions {
		sums.answered += g.answered
		sums.scored += g.scored()
		for _, n := range g.bands {
			sums.banded += n
		}
		sums.suspicious += g.suspicious()
		for s := range sides {
			for _, a := range []Attack{Presentation, Injection, Unsure, Other} {
				sums.typed += g.counts[s][a]
			}
		}
	}
	l := &page.Checks{}
	kinds, bands := r.places.kinds, r.places.bands
	l.Add("Answered: by region and type = rows of the database", xlsx.N(sums.answered).By(page.TableSum(kinds, 11)), xlsx.N(r.count.Answers))
	l.Add("Scored: by band and region = rows of the database", xlsx.N(sums.banded).By(page.TableSum(bands, 26)), xlsx.N(r.count.Scored))
	l.Add("Scored: by attack type = by band", xlsx.N(sums.scored).By(page.TableSum(kinds, 9)), xlsx.N(sums.banded).By(page.TableSum(bands, 26)))
	_, near := r.now.all.zoom()
	l.Add("Scored 40 to 60: by point = by band", xlsx.N(near).By(page.TableSum(r.places.zoom, zoomBins+1)), r.zoomBands())
	l.Add("Answered = scored + without score", xlsx.N(sums.answered).By(page.TableSum(kinds, 11)), xlsx.N(sums.scored+r.withoutScore()).By(joined(page.TableSum(kinds, 9), "+", page.TableSum(kinds, 10))))
	l.Add("Suspicious: by region = rows of the database", xlsx.N(sums.suspicious).By(page.TableSum(r.places.regions, 2)), xlsx.N(r.count.Suspicious))
	l.Add("Suspicious: by attack type = by region", xlsx.N(sums.suspicious).By(page.TableSum(kinds, 6)), xlsx.N(sums.suspicious).By(page.TableSum(r.places.regions, 2)))
	l.Add("Answers with a type: side by type = rows of the database", xlsx.N(sums.typed), xlsx.N(r.count.Typed))
	r.listChecks(l)
	l.Add("Manual queue: open and decided = suspicious in the database", xlsx.N(r.open()+r.queue.decided).By(xlsx.Sum(r.places.queue...)), xlsx.N(r.count.Suspicious))
	l.Add("Manual queue: rows = suspicious in the database", xlsx.N(sums.suspicious).By(r.countList("Manual queue")), xlsx.N(r.count.Suspicious))
	if !r.NoDetail {
		l.Add(page.DetailCheck, xlsx.N(sums.answered).By(r.countList("Detail")), xlsx.N(r.count.Answers))
	}
	page.CheckSuspects(l, r.suspects)
	return l
}

// listChecks compare what the lists brought with what became of it.
func (r *risk) listChecks(l *page.Checks) {
	var listed, answered int64
	for _, c := range r.coverage {
		listed, answered = listed+c.listed(), answered+c.state(store.Done)
	}
	chain, split, states := page.TableSum(r.places.chain, 6), page.TableSum(r.places.split, 4), r.splitStates(0)
	regions := xlsx.N(listed).By(page.TableSum(r.places.listed, 1))
	if r.Clock != store.ByCapture {
		l.Add("New IDs: by list = by region and state", xlsx.N(r.brought()).By(chain), regions)
		l.Add("New IDs: by list and region = by list", xlsx.N(r.brought()).By(split), xlsx.N(r.brought()).By(chain))
		l.Add("New IDs: by list, region and state = by region and state", xlsx.N(r.splitListed()).By(states), regions)
		return
	}
	l.Add("New IDs: by list and region = by list", xlsx.N(r.brought()).By(split), xlsx.N(r.brought()).By(chain))
	l.Add("New IDs: by list = by list, region and state", xlsx.N(r.brought()).By(chain), xlsx.N(r.splitListed()).By(states))
	l.Add("Listed IDs with an answer = answered", xlsx.N(answered).By(page.TableSum(r.places.listed, 2)), xlsx.N(r.now.all.answered).By(page.TableSum(r.places.kinds, 11)))
	l.Add("Listed IDs without an answer: by list, region and state = by region and state", xlsx.N(r.splitOpen()).By(r.splitStates(1)), xlsx.N(listed-answered).By(joined(page.TableSum(r.places.listed, 1), "-", page.TableSum(r.places.listed, 2))))
}

// brought counts the IDs that the lists were the first to hold.
func (r *risk) brought() (n int64) {
	for _, l := range r.lists {
		n += l.New
	}
	return n
}

// countList is the formula that counts the rows of a list over all its sheets; the first column is never empty.
func (r *risk) countList(name string) string {
	var parts []string
	for _, s := range r.book.Sheets {
		if (s.Name == name || strings.HasPrefix(s.Name, name+" (")) && s.List.Count > 0 {
			parts = append(parts, "COUNTA("+s.Area(xlsx.Ref{Col: 1, Row: s.List.First + 1}, xlsx.Ref{Col: 1, Row: s.List.First + s.List.Count}).String()+")")
		}
	}
	return strings.Join(parts, "+")
}

// joined is two formulas with a sign between them; none where one is missing.
func joined(a, sign, b string) string {
	if a == "" || b == "" {
		return ""
	}
	return a + sign + b
}

func (r *risk) withoutScore() int64 {
	var n int64
	for _, g := range r.now.regions {
		n += g.side(scoreless)
	}
	return n
}

func (r *risk) measures() []page.Definition {
	return []page.Definition{
		{Term: "Check", Meaning: "One ID of the lists, asked of the vendor once. Its standing answer is the newest SUCCESS; repeats do not count again.", Source: "Table checks, view v_checks"},
		{Term: "Answered", Meaning: r.answeredWords() + " An ID listed earlier and answered now counts here, and under Coverage with its list.", Source: "answers.standing = 1"},
		{Term: "Scored", Meaning: "Answered checks that have a livenessScore. Those without one are counted apart and take part in no rate.", Source: "livenessScore is not null"},
		{Term: "Suspicious", Meaning: "Scored checks with " + r.rule.words() + ". The vendor suggests a manual check for them; how many are attacks is not known, so no error rates (APCER, BPCER) are given.", Source: "Setting [score]"},
		{Term: "Rate", Meaning: "Suspicious / scored. Always shown with both counts and its 95% interval.", Source: "k / n"},
		{Term: "95% interval of a rate", Meaning: "Wilson score interval without continuity correction. Intervals of many regions are not simultaneous: of 20, one misses its rate by chance.", Source: "Wilson 1927; Brown, Cai, DasGupta 2001"},
		{Term: "Change", Meaning: "Rate of this period minus that of " + r.Compare.Label + ", in percentage points, with the 95% interval of a difference. Called higher or lower only when that interval excludes zero, and of a region only when it is beyond chance; else “by itself”.", Source: "Newcombe 1998, method 10"},
		{Term: "Too few", Meaning: fmt.Sprintf("Fewer than %d scored checks in a period: the figures stand, but no reading is given.", r.MinimumN), Source: "Setting, minimum n"},
		{Term: "Attack types", Meaning: "As the vendor named them: 1 presentation, 2 injection, 3 unsure. Unclassified: suspicious without a type. Other: any value outside 1..3.", Source: "attackType as received"},
		{Term: "Bands", Meaning: "Five points wide, closed on the left, open on the right. Exactly 0, 50 and 100 stand apart: 0–5 begins above 0, 50–55 above 50, and 95–100 ends below 100.", Source: "livenessScore as received"},
		{Term: "Percentiles", Meaning: "Linear interpolation between order statistics.", Source: "R type 7 = PERCENTILE.INC"},
		{Term: "Control limits", Meaning: "Three standard errors around the rate of the days before, pooled; wider on days with fewer checks, and allowing for the baseline being an estimate. No rule about runs of days.", Source: "Shewhart 1931; score test of two proportions"},
		{Term: "Vendor trouble", Meaning: "A day on which " + r.troubleWords() + ". No final answer: a call lost or never sent, or a code that says nothing about the ID.", Source: "Journal: outcome and code; table list_regions"},
		{Term: "PSI, chance level", Meaning: "Population stability index of the score over fixed bins (edges 0, 5, 10, 25, 50, 75, 90, 95, 98, 99, 100), half a check added to every bin of both periods. Without drift it exceeds the chance level in 5% of comparisons.", Source: "Yurdakul and Naranjo 2020; chi-square(0.95, 9) × (1/n + 1/m)"},
		{Term: "Beyond chance", Meaning: "PSI, or a change, above what chance explains among all regions asked about, so that naming any region wrongly happens in at most 5% of reports.", Source: "Holm 1979"},
		{Term: "KS distance", Meaning: "Largest gap between the two cumulative distributions of the score, ties taken together.", Source: "Smirnov 1948; critical 1.358 × sqrt((n + m) / (n m))"},
		{Term: "Mix of types", Meaning: "Chi-square test over suspicious checks by region and type; adjusted residuals; Cramér's V.", Source: "Pearson 1900; Haberman 1973; Cramér 1946"},
		{Term: "Decision", Meaning: "What a reviewer wrote into the manual queue, read back by liverecon decisions: genuine, attack, unclear or escalated. The last one about an answer stands; open: none. Decisions change no rate.", Source: "View v_decisions"},
		{Term: "Coverage", Meaning: "Of the listed IDs, the share the vendor has answered for good (with a result, or that it has none). Listed: " + r.listedWords() + ".", Source: "(answered + absent) / listed"},
		{Term: "Missing", Meaning: r.missingWords() + ". The bounds show what the rate would be if none, or all, of them were suspicious.", Source: "k / (n + m) and (k + m) / (n + m)"},
	}
}

func contradictionTerms() []page.Definition {
	return []page.Definition{
		{Term: "Score of exactly 50", Meaning: "“More than 50” passes, “less than 50” is for a manual check, and the attack type is “null when >= 50”. Here 50 passes unless the setting says otherwise; it is counted apart.", Source: "Vendor's page, notes on livenessScore and attackType"},
		{Term: "Type without cause", Meaning: "A type is “only possible” below 50, elsewhere given “when the score is 0”. So suspicious without a type is normal (unclassified), passing with a type is not; both are counted.", Source: "Vendor's page, attackType"},
		{Term: "Values nobody names", Meaning: "A type outside 1..3 is kept as received and counted as other; scores outside 0..100 are counted at the side they fall on and shown apart.", Source: "Sheet Coverage, table 4"},
	}
}

// clockWords say by which of its times a check belongs to a day.
func (r *risk) clockWords() string {
	if r.Clock == store.ByCapture {
		return "A check belongs to the day its picture was taken, as far as the vendor says (nearImageTime or farImageTime), else to the day of its answer"
	}
	return "A check belongs to the day of its answer"
}

// listClockWords say the same of an ID without an answer.
func (r *risk) listClockWords() string {
	if r.Clock == store.ByCapture {
		return "; an ID without an answer to the day its list was read and to the day before"
	}
	return "; a listed ID to the day its list was read"
}

func (r *risk) answeredWords() string {
	if r.Clock == store.ByCapture {
		return "Checks with a standing answer whose picture was taken in the period; where the vendor gave no such time, whose answer came in it."
	}
	return "Checks whose standing answer came in the period."
}

func (r *risk) parameters() []page.Parameter {
	side := "a score equal to it passes"
	if !r.Inclusive {
		side = "a score equal to it is suspicious"
	}
	return []page.Parameter{
		{Name: "Period", Value: xlsx.T(r.Period.Describe())},
		{Name: "From (UTC)", Value: xlsx.T(r.Period.From.UTC().Format("2006-01-02 15:04:05"))},
		{Name: "To, not included (UTC)", Value: xlsx.T(r.Period.To.UTC().Format("2006-01-02 15:04:05"))},
		{Name: "Compared with", Value: xlsx.T(r.Compare.Describe())},
		{Name: "Threshold", Value: xlsx.T(fmt.Sprintf("%g; %s", r.Threshold, side))},
		{Name: "Minimum n", Value: xlsx.T(fmt.Sprint(r.MinimumN))},
		{Name: "Runs in the period", Value: xlsx.T(page.RunRanges(r.runs))},
		{Name: "Rows read", Value: xlsx.T(fmt.Sprintf("%s, %s, %s", page.Plural(int64(len(r.chains())), "list", "lists"), page.Plural(r.brought(), "new ID", "new IDs"), page.Plural(r.count.Answers, "answer", "answers")))},
		{Name: "Fingerprint of these facts", Value: xlsx.T(r.fingerprint() + ": SHA-256 over the database's first run, the period's runs and lists, their IDs by region and state, and the counts of answers and decisions")},
		{Name: "Newest fact (UTC)", Value: xlsx.T(r.Generated.UTC().Format("2006-01-02 15:04:05"))},
		{Name: "Made by", Value: xlsx.Outside(r.book.Generator).In(xlsx.General)},
		{Name: "Clock", Value: xlsx.T(r.clockWords() + r.listClockWords())},
	}
}
