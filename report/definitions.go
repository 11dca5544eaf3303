package report

import (
	"fmt"
	"strings"

	"liverecon/store"
)

// definition is a term, what it means here, and where that comes from.
type definition struct{ term, meaning, source string }

// newDefinitions begins a sheet of definitions and checks.
func newDefinitions(w *Workbook, period Period) *page {
	p := newPage(w, "Definitions", "Definitions, parameters and checks", "How every measure of this workbook is made · "+period.describe(), 48, 14, 14, 14, 22, 50)
	p.Tab = grey
	return p
}

// terms writes a table of definitions.
func (p *page) terms(title string, all []definition) {
	p.section(title, "")
	t := p.table(column{"Measure", 1, General}, column{"Meaning", 4, General}, column{"Source or formula", 1, General})
	for _, d := range all {
		t.add(T(d.term).As(Wrapped), T(d.meaning).As(Wrapped), T(d.source).As(Wrapped))
	}
	p.skip(1)
}

// parameter is a setting a report was made with.
type parameter struct {
	name  string
	value Cell
}

// parameters writes the settings a report was made with.
func (p *page) parameters(title string, all []parameter) {
	p.section(title, "")
	t := p.table(column{"Parameter", 1, General}, column{"Value", 5, General})
	for _, one := range all {
		t.add(T(one.name), one.value)
	}
	p.skip(1)
}

// definitions writes the last sheet and returns its checks.
func (r *risk) definitions() *checkList {
	p := newDefinitions(r.book, r.Period)
	p.section("1  Checks", "Every total is reached twice: from the sheets of this workbook, and by a count inside the database.")
	checks := r.checks()
	checks.write(p, 1, 2)
	p.skip(1)
	p.terms("2  Measures", append(r.measures(), suspectTerm(r.suspects, "They count as any until they are asked for again.")...))
	p.terms("3  Where the vendor's page contradicts itself", contradictionTerms())
	p.parameters("4  Parameters and provenance", r.parameters())
	p.section("5  Lists read in the period", "SHA-256 of the file as it was read.")
	t := p.table(column{"List", 1, Literal}, column{"SHA-256", 5, Literal})
	for _, c := range r.chains() {
		t.add(Outside(c.path), T(fmt.Sprintf("%x", c.sha256)).In(Literal))
	}
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
	return checks
}

func (r *risk) checks() *checkList {
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
	l := &checkList{}
	kinds, bands := r.places.kinds, r.places.bands
	l.add("Answered: by region and type = rows of the database", N(sums.answered).By(tableSum(kinds, 11)), N(r.count.Answers))
	l.add("Scored: by band and region = rows of the database", N(sums.banded).By(tableSum(bands, 26)), N(r.count.Scored))
	l.add("Scored: by attack type = by band", N(sums.scored).By(tableSum(kinds, 9)), N(sums.banded).By(tableSum(bands, 26)))
	_, near := r.now.all.zoom()
	l.add("Scored 40 to 60: by point = by band", N(near).By(tableSum(r.places.zoom, zoomBins+1)), r.zoomBands())
	l.add("Answered = scored + without score", N(sums.answered).By(tableSum(kinds, 11)), N(sums.scored+r.withoutScore()).By(joined(tableSum(kinds, 9), "+", tableSum(kinds, 10))))
	l.add("Suspicious: by region = rows of the database", N(sums.suspicious).By(tableSum(r.places.regions, 2)), N(r.count.Suspicious))
	l.add("Suspicious: by attack type = by region", N(sums.suspicious).By(tableSum(kinds, 6)), N(sums.suspicious).By(tableSum(r.places.regions, 2)))
	l.add("Answers with a type: side by type = rows of the database", N(sums.typed), N(r.count.Typed))
	r.listChecks(l)
	l.add("Manual queue: open and decided = suspicious in the database", N(r.open()+r.queue.decided).By(sum(r.places.queue...)), N(r.count.Suspicious))
	l.add("Manual queue: rows = suspicious in the database", N(sums.suspicious).By(r.countList("Manual queue")), N(r.count.Suspicious))
	if !r.NoDetail {
		l.add(detailCheck, N(sums.answered).By(r.countList("Detail")), N(r.count.Answers))
	}
	checkSuspects(l, r.suspects)
	return l
}

// listChecks compare what the lists brought with what became of it.
func (r *risk) listChecks(l *checkList) {
	var listed, answered int64
	for _, c := range r.coverage {
		listed, answered = listed+c.listed(), answered+c.state(store.Done)
	}
	chain, split, states := tableSum(r.places.chain, 6), tableSum(r.places.split, 4), r.splitStates(0)
	regions := N(listed).By(tableSum(r.places.listed, 1))
	if r.Clock != store.ByCapture {
		l.add("New IDs: by list = by region and state", N(r.brought()).By(chain), regions)
		l.add("New IDs: by list and region = by list", N(r.brought()).By(split), N(r.brought()).By(chain))
		l.add("New IDs: by list, region and state = by region and state", N(r.splitListed()).By(states), regions)
		return
	}
	l.add("New IDs: by list and region = by list", N(r.brought()).By(split), N(r.brought()).By(chain))
	l.add("New IDs: by list = by list, region and state", N(r.brought()).By(chain), N(r.splitListed()).By(states))
	l.add("Listed IDs with an answer = answered", N(answered).By(tableSum(r.places.listed, 2)), N(r.now.all.answered).By(tableSum(r.places.kinds, 11)))
	l.add("Listed IDs without an answer: by list, region and state = by region and state", N(r.splitOpen()).By(r.splitStates(1)), N(listed-answered).By(joined(tableSum(r.places.listed, 1), "-", tableSum(r.places.listed, 2))))
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
			parts = append(parts, "COUNTA("+s.Area(Ref{1, s.List.First + 1}, Ref{1, s.List.First + s.List.Count}).String()+")")
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

func (r *risk) measures() []definition {
	return []definition{
		{"Check", "One ID of the lists, asked of the vendor once. Its standing answer is the newest SUCCESS; repeats do not count again.", "Table checks, view v_checks"},
		{"Answered", r.answeredWords() + " An ID listed earlier and answered now counts here, and under Coverage with its list.", "answers.standing = 1"},
		{"Scored", "Answered checks that have a livenessScore. Those without one are counted apart and take part in no rate.", "livenessScore is not null"},
		{"Suspicious", "Scored checks with " + r.rule.words() + ". The vendor suggests a manual check for them; how many are attacks is not known, so no error rates (APCER, BPCER) are given.", "Setting [score]"},
		{"Rate", "Suspicious / scored. Always shown with both counts and its 95% interval.", "k / n"},
		{"95% interval of a rate", "Wilson score interval without continuity correction. Intervals of many regions are not simultaneous: of 20, one misses its rate by chance.", "Wilson 1927; Brown, Cai, DasGupta 2001"},
		{"Change", "Rate of this period minus that of " + r.Compare.Label + ", in percentage points, with the 95% interval of a difference. Called higher or lower only when that interval excludes zero, and of a region only when it is beyond chance; else “by itself”.", "Newcombe 1998, method 10"},
		{"Too few", fmt.Sprintf("Fewer than %d scored checks in a period: the figures stand, but no reading is given.", r.MinimumN), "Setting, minimum n"},
		{"Attack types", "As the vendor named them: 1 presentation, 2 injection, 3 unsure. Unclassified: suspicious without a type. Other: any value outside 1..3.", "attackType as received"},
		{"Bands", "Five points wide, closed on the left, open on the right. Exactly 0, 50 and 100 stand apart: 0–5 begins above 0, 50–55 above 50, and 95–100 ends below 100.", "livenessScore as received"},
		{"Percentiles", "Linear interpolation between order statistics.", "R type 7 = PERCENTILE.INC"},
		{"Control limits", "Three standard errors around the rate of the days before, pooled; wider on days with fewer checks, and allowing for the baseline being an estimate. No rule about runs of days.", "Shewhart 1931; score test of two proportions"},
		{"Vendor trouble", "A day on which " + r.troubleWords() + ". No final answer: a call lost or never sent, or a code that says nothing about the ID.", "Journal: outcome and code; table list_regions"},
		{"PSI, chance level", "Population stability index of the score over fixed bins (edges 0, 5, 10, 25, 50, 75, 90, 95, 98, 99, 100), half a check added to every bin of both periods. Without drift it exceeds the chance level in 5% of comparisons.", "Yurdakul and Naranjo 2020; chi-square(0.95, 9) × (1/n + 1/m)"},
		{"Beyond chance", "PSI, or a change, above what chance explains among all regions asked about, so that naming any region wrongly happens in at most 5% of reports.", "Holm 1979"},
		{"KS distance", "Largest gap between the two cumulative distributions of the score, ties taken together.", "Smirnov 1948; critical 1.358 × sqrt((n + m) / (n m))"},
		{"Mix of types", "Chi-square test over suspicious checks by region and type; adjusted residuals; Cramér's V.", "Pearson 1900; Haberman 1973; Cramér 1946"},
		{"Decision", "What a reviewer wrote into the manual queue, read back by liverecon decisions: genuine, attack, unclear or escalated. The last one about an answer stands; open: none. Decisions change no rate.", "View v_decisions"},
		{"Coverage", "Of the listed IDs, the share the vendor has answered for good (with a result, or that it has none). Listed: " + r.listedWords() + ".", "(answered + absent) / listed"},
		{"Missing", r.missingWords() + ". The bounds show what the rate would be if none, or all, of them were suspicious.", "k / (n + m) and (k + m) / (n + m)"},
	}
}

func contradictionTerms() []definition {
	return []definition{
		{"Score of exactly 50", "“More than 50” passes, “less than 50” is for a manual check, and the attack type is “null when >= 50”. Here 50 passes unless the setting says otherwise; it is counted apart.", "Vendor's page, notes on livenessScore and attackType"},
		{"Type without cause", "A type is “only possible” below 50, elsewhere given “when the score is 0”. So suspicious without a type is normal (unclassified), passing with a type is not; both are counted.", "Vendor's page, attackType"},
		{"Values nobody names", "A type outside 1..3 is kept as received and counted as other; scores outside 0..100 are counted at the side they fall on and shown apart.", "Sheet Coverage, table 4"},
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

func (r *risk) parameters() []parameter {
	side := "a score equal to it passes"
	if !r.Inclusive {
		side = "a score equal to it is suspicious"
	}
	return []parameter{
		{"Period", T(r.Period.describe())},
		{"From (UTC)", T(r.Period.From.UTC().Format("2006-01-02 15:04:05"))},
		{"To, not included (UTC)", T(r.Period.To.UTC().Format("2006-01-02 15:04:05"))},
		{"Compared with", T(r.Compare.describe())},
		{"Threshold", T(fmt.Sprintf("%g; %s", r.Threshold, side))},
		{"Minimum n", T(fmt.Sprint(r.MinimumN))},
		{"Runs in the period", T(runRanges(r.runs))},
		{"Rows read", T(fmt.Sprintf("%s, %s, %s", plural(int64(len(r.chains())), "list", "lists"), plural(r.brought(), "new ID", "new IDs"), plural(r.count.Answers, "answer", "answers")))},
		{"Fingerprint of these facts", T(r.fingerprint() + ": SHA-256 over the database's first run, the period's runs and lists, their IDs by region and state, and the counts of answers and decisions")},
		{"Newest fact (UTC)", T(r.Generated.UTC().Format("2006-01-02 15:04:05"))},
		{"Made by", Outside(r.book.Generator).In(General)},
		{"Clock", T(r.clockWords() + r.listClockWords())},
	}
}
