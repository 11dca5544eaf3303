package risk

import (
	"fmt"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// writeDefinitions writes the last sheet, with the checks, and returns them.
func writeDefinitions(book *xlsx.Workbook, d *Data, refs sheetRefs) *page.Checks {
	p := page.Definitions(book, d.Period)
	p.Section("1  Checks", "Every total is reached twice: from the sheets of this workbook, and by a count inside "+
		"the database.")
	checks := totals(d, refs)
	checks.Write(p, 1, 2)
	p.Skip(1)
	suspect := page.SuspectTerm(d.suspects, "They count as any until they are asked for again.")
	p.Terms("2  Measures", append(measures(d), suspect...))
	p.Terms("3  Where the vendor's page contradicts itself", contradictionTerms())
	p.Parameters("4  Parameters and provenance", parameters(d, book.Generator))
	p.Section("5  Lists read in the period", "SHA-256 of the file as it was read.")
	t := p.Table(page.Col("List", xlsx.Literal), page.Wide("SHA-256", 5, xlsx.Literal))
	earlier, newest := d.lists.shown()
	if len(earlier) > 0 {
		t.Add(xlsx.T(earlier.earlierWords()).WithFormat(xlsx.General), xlsx.Cell{})
	}
	for c := range newest.chains() {
		t.Add(xlsx.Untrusted(c.path), xlsx.T(fmt.Sprintf("%x", c.sha256)).WithFormat(xlsx.Literal))
	}
	p.PrintAll()
	return checks
}

func measures(d *Data) []page.Definition {
	return []page.Definition{
		{Term: "Check", Source: "Table checks, view v_checks", Meaning: "One ID of the lists, asked of the vendor " +
			"once. Its standing answer is the newest SUCCESS; repeats do not count again."},
		{Term: "Answered", Source: "answers.standing = 1", Meaning: d.answeredWords() + " An ID listed earlier and " +
			"answered now counts here, and under Coverage with its list."},
		{Term: "Scored", Source: "livenessScore is not null", Meaning: "Answered checks that have a livenessScore. " +
			"Those without one are counted apart and take part in no rate."},
		{Term: "Suspicious", Source: "Setting [score]", Meaning: "Scored checks with " + d.rule().Words() +
			". The vendor suggests a manual check for them; how many are attacks, only labelled IDs tell: their error " +
			"rates (APCER, BPCER) stand on the sheet Ground truth, which is there where IDs are labelled."},
		{Term: "APCER, BPCER", Source: "ISO/IEC 30107-3:2023; view v_labels",
			Meaning: "Of the attacks of one type among " +
				"the labelled IDs, those that passed; of the bona fide ones, those that were suspicious. Types are not pooled."},
		{Term: "Rate", Source: "k / n",
			Meaning: "Suspicious / scored. Always shown with both counts and its 95% interval."},
		{Term: "95% interval of a rate", Source: "Wilson 1927; Brown, Cai, DasGupta 2001",
			Meaning: "Wilson score interval without continuity correction. Intervals of many regions are not " +
				"simultaneous: of 20, one misses its rate by chance."},
		{Term: "Change", Source: "Newcombe 1998, method 10", Meaning: "Rate of this period minus that of " +
			d.Compare.Label + ", in percentage points, with the 95% interval of a difference. Called higher or lower " +
			"only when that interval excludes zero, and of a region only when it is beyond chance; else “by " +
			"itself”."},
		{Term: "Too few", Source: "Setting, minimum n",
			Meaning: fmt.Sprintf("Fewer than %d scored checks in a period: the figures stand, but no "+
				"reading is given.", d.MinimumN)},
		{Term: "Attack types", Source: "attackType as received", Meaning: "As the vendor named them: 1 presentation, " +
			"2 injection, 3 unsure. Unclassified: suspicious without a type. Other: any value outside 1..3."},
		{Term: "Bands", Source: "livenessScore as received", Meaning: "Five points wide, closed on the left, open on " +
			"the right. Exactly 0, 50 and 100 stand apart: 0–5 begins above 0, 50–55 above 50, and 95–100 ends " +
			"below 100."},
		{Term: "Percentiles", Source: "R type 7 = PERCENTILE.INC",
			Meaning: "Linear interpolation between order statistics."},
		{Term: "Control limits", Source: "Shewhart 1931; beta-binomial, Williams 1982", Meaning: "A day lies outside " +
			"where so few, or so many, suspicious checks have a probability below 0.00135, which is that of three " +
			"standard errors: exact, for nights that vary as those of the baseline do, and allowing for it being an " +
			"estimate. All regions stand around what each is expected to have. No rule about runs of days; no claim."},
		{Term: "Vendor trouble", Source: "Journal: outcome and code; table list_regions",
			Meaning: "A day on which " + d.troubleWords() + ". No final answer: a call lost or never sent, or a code " +
				"that says nothing about the ID."},
		{Term: "PSI, chance level", Source: "Yurdakul and Naranjo 2020; chi-square(0.95, 9) × (1/n + 1/m)",
			Meaning: "Population stability index of the score over fixed bins (edges 0, 5, 10, 25, 50, 75, 90, 95, " +
				"98, 99, 100), half a check added to every bin of both periods. Without drift it exceeds the chance " +
				"level in 5% of comparisons."},
		{Term: "Beyond chance", Source: "Holm 1979",
			Meaning: "PSI, or a change, above what chance explains among all regions asked about, so that naming any " +
				"region wrongly happens in at most 5% of reports."},
		{Term: "KS distance", Source: "Smirnov 1948; critical 1.358 × sqrt((n + m) / (n m))",
			Meaning: "Largest gap between the two cumulative distributions of the score, ties taken together."},
		{Term: "Mix of types", Source: "Pearson 1900; Haberman 1973; Cramér 1946",
			Meaning: "Chi-square test over suspicious checks by region and type; adjusted residuals; Cramér's V."},
		{Term: "Decision", Source: "View v_decisions", Meaning: "What a reviewer wrote into the manual queue, read " +
			"back by liverecon decisions: genuine, attack, unclear or escalated. The one decided last about an answer " +
			"stands; open: none. Decisions change no rate."},
		{Term: "Coverage", Source: "(answered + absent) / listed", Meaning: "Of the listed IDs, the share the vendor " +
			"has answered for good (with a result, or that it has none). Listed: " + d.listedWords() + "."},
		{Term: "Missing", Source: "k / (n + m) and (k + m) / (n + m)", Meaning: d.listed.missingWords() +
			". The bounds show what the rate would be if none, or all, of them were suspicious."},
	}
}

func contradictionTerms() []page.Definition {
	return []page.Definition{
		{Term: "Score of exactly 50", Source: "Vendor's page, notes on livenessScore and attackType",
			Meaning: "“More than 50” passes, “less than 50” is for a manual check, and the attack type " +
				"is “null when " +
				">= 50”. Here 50 passes unless the setting says otherwise; it is counted apart."},
		{Term: "Type without cause", Source: "Vendor's page, attackType",
			Meaning: "A type is “only possible” below " +
				"50, elsewhere given “when the score is 0”. So suspicious without a type is normal (unclassified), " +
				"passing with a type is not; both are counted."},
		{Term: "Values nobody names", Source: "Sheet Coverage, table 4", Meaning: "A type outside 1..3 is kept as " +
			"received and counted as other; scores outside 0..100 are counted at the side they fall on and shown " +
			"apart."},
	}
}
