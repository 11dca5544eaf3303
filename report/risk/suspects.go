package risk

import (
	"context"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// Where answers may be another ID's, what rests on them says so; where there are none nothing is said.

// takeSuspects counts the IDs of the period that may hold another's answer.
func (r *risk) takeSuspects(ctx context.Context) (err error) {
	r.suspects, err = r.snap.SuspectIDs(ctx, r.Period.From, r.Period.To)
	return err
}

// suspectLine says on the sheet of coverage how many answers are not beyond doubt.
func (r *risk) suspectLine(p *page.Page) {
	if r.suspects > 0 {
		p.Prose(xlsx.T("▲ " + page.Plural(r.suspects, "ID", "IDs") + " answered in the period may hold another ID's answer: what rests on them is not beyond doubt (Definitions, Suspect).").As(xlsx.Alert))
	}
}
