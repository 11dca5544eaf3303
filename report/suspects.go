package report

import (
	"context"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// Where answers may be another ID's, what rests on them says so; where there are none nothing is said.

const suspectCheck = "No answer may be another ID's (view v_suspects)"

// takeSuspects counts the IDs of the period that may hold another's answer.
func (r *risk) takeSuspects(ctx context.Context) (err error) {
	r.suspects, err = r.facts.SuspectIDs(ctx, r.Period.From, r.Period.To)
	return err
}

// suspectLine says on the sheet of coverage how many answers are not beyond doubt.
func (r *risk) suspectLine(p *page.Page) {
	if r.suspects > 0 {
		p.Prose(xlsx.T("▲ " + page.Plural(r.suspects, "ID", "IDs") + " answered in the period may hold another ID's answer: what rests on them is not beyond doubt (Definitions, Suspect).").As(xlsx.Alert))
	}
}

// suspectTerm defines the word where it is used; what follows from it is another thing for each workbook.
func suspectTerm(suspects int64, consequence string) []page.Definition {
	if suspects == 0 {
		return nil
	}
	return []page.Definition{{Term: "Suspect", Meaning: "The vendor's answers do not say which question they belong to. One that came unasked for gives every later question of its connection its predecessor's answer; when that comes to light, all answers of the connection are suspect, and so are the answers to two IDs under one transaction ID. " + consequence, Source: "View v_suspects; liverecon explain ID"}}
}

// checkSuspects fails where answers may be another ID's: no other route leads to them.
func checkSuspects(l *page.Checks, suspects int64) {
	if suspects > 0 {
		l.Gap(suspectCheck, xlsx.N(suspects), xlsx.N(0))
	}
}
