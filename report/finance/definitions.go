package finance

import (
	"fmt"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/report/finance/costs"
	"liverecon/report/finance/figures"
	"liverecon/report/finance/monthend"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

type definitionSheet struct {
	*figures.Data
	generator, beside string // of the workbook
}

// writeDefinitions writes the last sheet.
func writeDefinitions(book *xlsx.Workbook, d *figures.Data) {
	p := page.Definitions(book, d.Period)
	f := definitionSheet{d, book.Generator, book.Beside}
	p.Set(xlsx.Ref{Col: 2, Row: 2}, xlsx.T("Definitions, parameters and provenance").WithRole(xlsx.Title))
	n := 0
	numbered := func(title string) string {
		n++
		return fmt.Sprintf("%d  %s", n, title)
	}
	p.Terms(numbered("Measures"), f.measures())
	if f.Reconciled != nil {
		p.Terms(numbered("Matching rules"), f.rules())
		p.Terms(numbered("Classes"), classDefinitions(f.Data))
	}
	p.Terms(numbered("Where the vendor's documents contradict each other"), []page.Definition{
		{Term: "What is billed", Meaning: "One page bills SUCCESS, another every answer tagged PAY; neither says " +
			"what a lost answer costs. The same calls are counted under every reading.",
			Source: "Sheet Billing readings"},
		{Term: "PAY on a failure, FREE on SUCCESS", Meaning: "The vendor's page expects PAY on SUCCESS and FREE on " +
			"everything else. Each departure is listed.", Source: "Sheet Code by pricing"},
		{Term: "Lost answers", Meaning: "There is no idempotency key and no client reference: a lost answer can " +
			"never be proven free or billed from our side.", Source: "Sheet In doubt"},
	})
	p.Parameters(numbered("Parameters and provenance"), f.parameters())
	if f.Reconciled != nil && len(f.Reconciled.Statements) > 0 {
		f.statementTable(p, numbered("Statements of the month"))
		f.readAsTable(p, numbered)
	}
	p.PrintAll()
}

func (f definitionSheet) measures() []page.Definition {
	terms := append(append(f.countTerms(), costs.Terms()...), monthend.Terms(f.Data)...)
	return append(terms, page.SuspectTerm(f.Suspects, "Their tags may be other calls', too: on each "+
		"connection they are out by one call at the most.")...)
}

func (f definitionSheet) countTerms() []page.Definition {
	return []page.Definition{
		{Term: "Call", Meaning: "One request that was decided on: its intent was stored before the first byte could " +
			"leave. A check may need more than one.", Source: "Table calls, view v_calls"},
		{Term: "PAY, FREE", Meaning: "Answered calls by the vendor's pricingStrategy, as received.",
			Source: "outcomes.tag"},
		{Term: "Cost unknown", Meaning: "Answered calls whose pricing is missing or neither PAY nor FREE, or " +
			"whose answer may be another call's or names a transaction that another call has.",
			Source: "outcomes.tag = unknown, answered"},
		{Term: "No answer", Meaning: "Calls whose answer was lost on the way (timeout, reset, no envelope, crash). " +
			"They may have been served and charged.", Source: "outcomes.outcome = unanswered"},
		{Term: "Not sent",
			Meaning: "Calls that provably never left: no connection was made, or a process ended before.",
			Source:  "outcomes.outcome = unsent"},
		{Term: "In doubt", Meaning: "No answer, or cost unknown.", Source: "no answer + cost unknown"},
		{Term: "At least, at most", Meaning: "PAY ≤ the vendor's true count ≤ PAY + in doubt. A statement that " +
			"shows a doubt makes it billed; a complete itemised one that does not, not billed.",
			Source: "accounting of every request"},
		{Term: "Billable", Meaning: "Calls that the contract's reading, " + string(f.Basis) +
			", bills. Tagged PAY and billable are two things under another reading.", Source: "Sheet Billing readings"},
		{Term: "Unit price", Meaning: "The price of the call's own tier, in the order of time: free quota first, " +
			"graduated tiers slice by slice, volume tiers at the price of the tier reached. The sum is exact.",
			Source: "Sheets Rates and Ledger"},
		{Term: "Tier adjustment", Meaning: "What the period's calls change about the price of earlier calls of the " +
			"month, where volume tiers price them together. Only in a period that begins after its month.",
			Source: "Ledger, code " + figures.TierAdjustment},
		{Term: "Monthly minimum", Meaning: "What a whole month's calls lack of the price's minimum. No call has it; " +
			"it stands on the last day.", Source: "Ledger, code " + figures.MonthlyMinimum},
		{Term: "Amounts",
			Meaning: "Decimals; a cell holds every digit and shows as many as the month's amounts have, at " +
				"least two, in lists four, and at most six; what has more is rounded half away from zero. Currencies stand side " +
				"by side and are never added up. What formulas leave over beyond the digits of the amounts is rounded away.",
			Source: "rounding"},
		{Term: "Against the vendor's page", Meaning: "PAY on a code other than SUCCESS, FREE on SUCCESS, or neither.",
			Source: "Sheet Code by pricing"},
	}
}

func (f definitionSheet) rules() []page.Definition {
	all := []page.Definition{
		{Term: "Sides", Meaning: "Ours: calls that the contract's reading bills, at the configuration's prices. " +
			"Theirs: the statement's lines as they stand. Difference = theirs − ours. Every row of either side is " +
			"in exactly one class.", Source: "batch/billing"},
		{Term: "Order", Meaning: "By transaction ID first; then what is left by day, region and endpoint; a " +
			"statement of totals by month, endpoint, region and currency.", Source: "batch/billing"},
		{Term: "Doubts", Meaning: "A line that no call of ours fits, near a call in doubt at the same endpoint, is " +
			"explained by it: one doubt a line, the nearest first. Billed at another amount than its price it is a " +
			"price that differs, of which the rest alone is at issue. Doubts that a complete itemised statement " +
			"does not show are not billed.", Source: "Setting, window"},
		{Term: "Edge of the month", Meaning: "Calls and lines near the month's bounds may stand on the neighbouring " +
			"month's statement: other period.", Source: "Setting, edge band"},
		{Term: "Tolerance", Meaning: f.Tolerance.String() +
			". Judged over open rows above and below our records, each by itself.", Source: "Setting"},
		{Term: "At issue", Meaning: "The difference of an exception without what is explained of it: the price of a " +
			"call in doubt that was billed at another one, or a monthly minimum beside a quantity that differs.",
			Source: "Sheet Exceptions"},
		{Term: "Status of an exception", Meaning: "open: nobody has settled it. disputed: raised with the vendor. " +
			"accepted: we pay it. credited: the vendor gave it back. explained: nothing to do. within tolerance: " +
			"the tolerance closes it, and it is paid. Where Disputed and Accepted are typed, what is left of the " +
			"amount at issue is open. Only what is open or disputed is held back from payment.",
			Source: "Sheet Exceptions"},
		{Term: "Dispute",
			Meaning: "The lines of one invoice that are wrong for one reason, at one endpoint and in one " +
				"currency. Its number follows from these and stays. Outstanding: claimed, and neither credited by a " +
				"statement nor paid back otherwise.", Source: "Sheet Disputes"},
	}
	return all
}

func classDefinitions(d *figures.Data) []page.Definition {
	var all []page.Definition
	for _, c := range billing.ClassNames() {
		if c == billing.PriorPeriod && len(d.Closing.Borne) == 0 || c == billing.OtherProduct && !d.Reconciled.HasProducts() {
			continue
		}
		source := "settled"
		if figures.IsOpen(c) {
			source = "for somebody to settle"
		}
		all = append(all, page.Definition{Term: string(c), Meaning: capital(textOf(c).meaning) + ".", Source: source})
	}
	return all
}

func (f definitionSheet) parameters() []page.Parameter {
	text := func(t time.Time) xlsx.Cell { return xlsx.T(t.UTC().Format("2006-01-02 15:04:05")) }
	all := []page.Parameter{
		{Name: "Period", Value: xlsx.T(f.Period.Describe())},
		{Name: "From (UTC)", Value: text(f.Period.From)},
		{Name: "To, not included (UTC)", Value: text(f.Period.To)},
		{Name: "Billing months", Value: xlsx.T(f.Prices.Months().String())},
		{Name: "Contract's reading", Value: xlsx.T(string(f.Basis))},
		{Name: "Tolerance", Value: xlsx.T(f.Tolerance.String())},
		{Name: "Runs in the period", Value: xlsx.T(page.RunRanges(f.Provenance.Runs))},
		{Name: "Rows read",
			Value: xlsx.T(fmt.Sprintf("%s, %s of the ledger", page.Plural(f.Ledger.All.Calls(), "call", "calls"),
				page.Plural(int64(len(f.Ledger.Lines)), "line", "lines")))},
		{Name: "Fingerprint of these facts",
			Value: xlsx.T(figures.Fingerprint(f.Data) + ": SHA-256 over the database's first run, the period's " +
				"runs, the ledger and what was reconciled")},
		{Name: "Newest fact (UTC)", Value: text(f.Generated)},
		{Name: "Made by", Value: xlsx.T(f.generator)},
		{Name: "Clock", Value: xlsx.T("A call belongs to the day it was sent")},
	}
	if s := f.Reconciled; s != nil {
		all = append(all, page.Parameter{Name: "Reconciliation",
			Value: xlsx.T(fmt.Sprintf("no. %d, made %s UTC by %s, up to call %d", s.ID,
				s.MadeAt.UTC().Format("2006-01-02 15:04:05"), strings.TrimSpace("liverecon "+s.Version), s.LastCall))},
			page.Parameter{Name: "Its verdict", Value: xlsx.T(xlsx.Visible(s.Verdict))})
		if !f.Reconciled.Inside {
			all = append(all, page.Parameter{Name: "Reconciled lines",
				Value: xlsx.T(page.Plural(s.Rows, "row", "rows") + ", in " + f.beside + " beside this workbook")})
		}
	}
	return all
}

// statementTable names the statements, also those whose place another took.
func (f definitionSheet) statementTable(p *page.Page, title string) {
	p.Section(title, "SHA-256 of the file as it was read. Superseded: another statement for the same month and "+
		"endpoint took its place.")
	t := p.Table(page.Col("File", xlsx.Literal), page.Col("Number", xlsx.Count), page.Col("Lines", xlsx.Count),
		page.Col("Endpoint", xlsx.Literal), page.Col("State", xlsx.General), page.Col("SHA-256", xlsx.Literal))
	for _, c := range f.Reconciled.Statements {
		state := "stands"
		if c.SupersededBy != 0 {
			state = fmt.Sprintf("superseded by %d", c.SupersededBy)
		}
		t.Add(xlsx.Untrusted(statementName(c)), xlsx.N(c.StatementID), xlsx.N(c.Lines), xlsx.Untrusted(c.Endpoint),
			xlsx.T(state), xlsx.T(fmt.Sprintf("%x", c.SHA256)).WithFormat(xlsx.Literal))
	}
}

// readAsTable writes what was concluded about the statements' files that no setting says, if anything was.
func (f definitionSheet) readAsTable(p *page.Page, numbered func(title string) string) {
	var t *page.Table
	told := map[int64]bool{}
	for _, c := range f.Reconciled.Statements {
		notes := f.Reconciled.ReadAs[c.StatementID]
		if len(notes) == 0 || told[c.StatementID] {
			continue
		}
		told[c.StatementID] = true
		if t == nil {
			p.Section(numbered("How the statements were read"),
				"What was concluded from the files, and no setting says.")
			t = p.Table(page.Col("Number", xlsx.Count), page.Wide("Concluded", 5, xlsx.General))
		}
		for _, note := range notes {
			t.Add(xlsx.N(c.StatementID), xlsx.Untrusted(note).WithRole(xlsx.Wrapped))
		}
	}
}
