package report

import (
	"fmt"
	"strings"
	"time"
)

// definitions writes the last sheet.
func (f *finance) definitions(p *page) {
	p.Set(Ref{2, 2}, T("Definitions, parameters and provenance").As(Title))
	n := 0
	numbered := func(title string) string {
		n++
		return fmt.Sprintf("%d  %s", n, title)
	}
	p.terms(numbered("Measures"), f.measures())
	if f.settled != nil {
		p.terms(numbered("Matching rules"), f.rules())
		p.terms(numbered("Classes"), classDefinitions())
	}
	p.terms(numbered("Where the vendor's documents contradict each other"), []definition{
		{"What is billed", "One page bills SUCCESS, another every answer tagged PAY; neither says what a lost answer costs. The same calls are counted under every reading.", "Sheet Billing readings"},
		{"PAY on a failure, FREE on SUCCESS", "The vendor's page expects PAY on SUCCESS and FREE on everything else. Each departure is listed.", "Sheet Code by pricing"},
		{"Lost answers", "There is no idempotency key and no client reference: a lost answer can never be proven free or billed from our side.", "Sheet In doubt"},
	})
	p.parameters(numbered("Parameters and provenance"), f.parameters())
	if len(f.scopes) > 0 {
		f.statementTable(p, numbered("Statements of the month"))
	}
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

func (f *finance) measures() []definition {
	return append(f.countTerms(), suspectTerm(f.suspects, "Their tags may be other calls', too: on each connection they are out by one call at the most.")...)
}

func (f *finance) countTerms() []definition {
	return []definition{
		{"Call", "One request that was decided on: its intent was stored before the first byte could leave. A check may need more than one.", "Table calls, view v_calls"},
		{"PAY, FREE", "Answered calls by the vendor's pricingStrategy, as received.", "outcomes.tag"},
		{"Cost unknown", "Answered calls whose pricing is missing or neither PAY nor FREE.", "outcomes.tag = unknown, answered"},
		{"No answer", "Calls whose answer was lost on the way (timeout, reset, no envelope, crash). They may have been served and charged.", "outcomes.outcome = unanswered"},
		{"Not sent", "Calls that provably never left: no connection was made, or a process ended before.", "outcomes.outcome = unsent"},
		{"In doubt", "No answer, or cost unknown.", "no answer + cost unknown"},
		{"At least, at most", "PAY ≤ the vendor's true count ≤ PAY + in doubt. A statement that shows a doubt makes it billed; a complete itemised one that does not, not billed.", "accounting of every request"},
		{"Billable", "Calls that the contract's reading, " + f.Reading + ", bills. Tagged PAY and billable are two things under another reading.", "Sheet Billing readings"},
		{"Unit price", "The price of the call's own tier, in the order of time: free quota first, graduated tiers slice by slice, volume tiers at the price of the tier reached. The sum is exact.", "Sheets Rates and Ledger"},
		{"Tier adjustment", "What the period's calls change about the price of earlier calls of the month, where volume tiers price them together. Only in a period that begins after its month.", "Ledger, code " + tierAdjustment},
		{"Monthly minimum", "What a whole month's calls lack of the price's minimum. No call has it; it stands on the last day.", "Ledger, code " + monthlyMinimum},
		{"Amounts", "Decimals; a cell holds every digit and shows two, four in lists, rounded half away from zero. Currencies stand side by side and are never added up. What formulas leave over beyond the digits of the amounts is rounded away.", "rounding"},
		{"Against the vendor's page", "PAY on a code other than SUCCESS, FREE on SUCCESS, or neither.", "Sheet Code by pricing"},
	}
}

func (f *finance) rules() []definition {
	all := []definition{
		{"Sides", "Ours: calls that the contract's reading bills, at the configuration's prices. Theirs: the statement's lines as they stand. Difference = theirs − ours. Every row of either side is in exactly one class.", "batch/billing"},
		{"Order", "By transaction ID first; then what is left by day, region and endpoint; a statement of totals by month, endpoint, region and currency.", "batch/billing"},
		{"Doubts", "A line that no call of ours fits, near a call in doubt at the same endpoint, is explained by it: one doubt a line, the nearest first. Billed at another amount than its price it is a price that differs, of which the rest alone is at issue. Doubts that a complete itemised statement does not show are not billed.", "Setting, window"},
		{"Edge of the month", "Calls and lines near the month's bounds may stand on the neighbouring month's statement: other period.", "Setting, edge band"},
		{"Tolerance", f.limits.String() + ". Judged over open rows above and below our records, each by itself.", "Setting"},
		{"At issue", "The difference of an exception without what is explained of it: the price of a call in doubt that was billed at another one, or a monthly minimum beside a quantity that differs.", "Sheet Exceptions"},
		{"Status of an exception", "open: nobody has settled it. disputed: raised with the vendor. accepted: we pay it. credited: the vendor gave it back. explained: nothing to do. Only open and disputed rows are held back from payment.", "Sheet Exceptions"},
	}
	return all
}

func classDefinitions() []definition {
	var all []definition
	for _, c := range classTexts() {
		source := "settled"
		if c.open {
			source = "for somebody to settle"
		}
		all = append(all, definition{c.name, capital(c.meaning) + ".", source})
	}
	return all
}

func (f *finance) parameters() []parameter {
	text := func(t time.Time) Cell { return T(t.UTC().Format("2006-01-02 15:04:05")) }
	all := []parameter{
		{"Period", T(f.Period.describe())},
		{"From (UTC)", text(f.Period.From)},
		{"To, not included (UTC)", text(f.Period.To)},
		{"Billing months", T("calendar months of " + f.zone().String())},
		{"Contract's reading", T(f.Reading)},
		{"Tolerance", T(f.limits.String())},
		{"Runs in the period", T(runRanges(f.runs))},
		{"Rows read", T(fmt.Sprintf("%s, %s of the ledger", plural(f.calls(), "call", "calls"), plural(int64(len(f.ledger.lines)), "line", "lines")))},
		{"Fingerprint of these facts", T(f.fingerprint() + ": SHA-256 over the database's first run, the period's runs, the ledger and what was reconciled")},
		{"Newest fact (UTC)", text(f.Generated)},
		{"Made by", T(f.book.Generator)},
		{"Clock", T("A call belongs to the day it was sent")},
	}
	if s := f.settled; s != nil {
		all = append(all, parameter{"Reconciliation", T(fmt.Sprintf("no. %d, made %s UTC by %s, up to call %d", s.ID, s.MadeAt.UTC().Format("2006-01-02 15:04:05"), strings.TrimSpace("liverecon "+s.Version), s.LastCall))},
			parameter{"Its verdict", T(visible(s.Verdict))})
		if !f.rowsInside() {
			all = append(all, parameter{"Reconciled lines", T(plural(s.rows, "row", "rows") + ", in " + f.book.Beside + " beside this workbook")})
		}
	}
	return all
}

// statementTable names the statements, also those whose place another took.
func (f *finance) statementTable(p *page, title string) {
	p.section(title, "SHA-256 of the file as it was read. Superseded: another statement for the same month and endpoint took its place.")
	t := p.table(column{"File", 1, Literal}, column{"Number", 1, Count}, column{"Lines", 1, Count}, column{"Endpoint", 1, Literal}, column{"State", 1, General}, column{"SHA-256", 1, Literal})
	for _, c := range f.scopes {
		state := "stands"
		if c.SupersededBy != 0 {
			state = fmt.Sprintf("superseded by %d", c.SupersededBy)
		}
		t.add(Outside(statementName(c)), N(c.StatementID), N(c.Lines), Outside(c.Endpoint), T(state), T(fmt.Sprintf("%x", c.SHA256)).In(Literal))
	}
}
