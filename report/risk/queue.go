package risk

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strings"

	"liverecon/report/page"
	"liverecon/report/review"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// queue is what was decided about the suspicious checks of a period.
type queue struct {
	standing map[int64]store.StandingDecision // by the answer's call
	counts   []int64                          // of the suspicious ones, by store.Decisions
	decided  int64                            // sum of counts
}

// takeQueue reads the decisions about the period's answers. Those about answers that are not suspicious under today's rule
// stand in no row of the queue, and are not counted.
func (r *risk) takeQueue(ctx context.Context) error {
	all, err := r.snap.Decisions(ctx, r.Period.From, r.Period.To)
	if err != nil {
		return err
	}
	r.queue = queue{standing: map[int64]store.StandingDecision{}, counts: make([]int64, len(store.Decisions()))}
	for _, d := range all {
		if r.rule.passes(d.Score) {
			continue
		}
		r.queue.standing[d.CallID] = d
		for i, word := range store.Decisions() {
			r.queue.counts[i] += int64(xlsx.Int(word == d.Decision.Decision))
		}
		r.queue.decided++
	}
	return nil
}

// open counts the suspicious checks nobody has decided about.
func (r *risk) open() int64 { return r.now.all.suspicious() - r.queue.decided }

// queueSheets lists the suspicious checks for the people who look at them, the most pressing first. Its yellow columns are
// read back by review.ReadDecisions.
func (r *risk) queueSheets(ctx context.Context) {
	total := int(r.now.all.suspicious())
	note := fmt.Sprintf("%s, %s %s · priority 1: injection or score below 10; 2: presentation or below 30; 3: other · age at %s · fill in the yellow cells, save, then: liverecon decisions FILE",
		page.Plural(int64(total), "check with "+r.rule.words(), "checks with "+r.rule.words()), r.dated(), r.Period.Describe(), r.Generated.In(r.Period.Zone).Format("2006-01-02 15:04"))
	columns := append([]xlsx.ListColumn{{Head: "Priority", Format: xlsx.Count, Width: 8}, {Head: review.HeadTransact, Format: xlsx.Literal, Width: 18}, {Head: review.HeadID, Format: xlsx.Literal, Width: 36}, {Head: "Region", Format: xlsx.Literal, Width: 24}}, r.timeColumns()...)
	columns = append(columns, xlsx.ListColumn{Head: review.HeadScore, Format: xlsx.Score, Width: 7}, xlsx.ListColumn{Head: "Attack type", Format: xlsx.General, Width: 13}, xlsx.ListColumn{Head: "Age, hours", Format: xlsx.Score, Width: 8}, xlsx.ListColumn{Head: "Evidence", Format: xlsx.General, Width: 9}, xlsx.ListColumn{Head: review.HeadDecision, Format: xlsx.Literal, Width: 11},
		xlsx.ListColumn{Head: review.HeadReviewer, Format: xlsx.Literal, Width: 16}, xlsx.ListColumn{Head: review.HeadDecidedAt + " (" + r.Period.Zone.String() + ")", Format: xlsx.Moment, Width: 19}, xlsx.ListColumn{Head: review.HeadComment, Format: xlsx.Literal, Width: 34}, xlsx.ListColumn{Head: review.HeadKey, Format: xlsx.Literal, Width: 17})
	parts := r.addList(review.QueueSheet, "Manual-check queue", note, xlsx.Orange, columns, total, func(skip, limit int, yield func([]xlsx.Cell) error) error {
		row := make([]xlsx.Cell, 0, len(columns))
		return xlsx.Ahead(func(each func(*store.Suspect) error) error {
			return r.snap.EachSuspicious(ctx, r.Period.From, r.Period.To, r.Threshold, r.Inclusive, skip, limit, each)
		}, func(s *store.Suspect) error { return yield(r.queueRow(row, s)) })
	})
	r.queueCounts(parts)
	for _, s := range parts {
		for i, c := range columns {
			if c.Head == review.HeadDecision && s.List.Count > 0 {
				s.Choices = append(s.Choices, xlsx.Choice{At: xlsx.Area{From: xlsx.Ref{Col: i + 1, Row: s.List.First + 1}, To: xlsx.Ref{Col: i + 1, Row: s.List.First + s.List.Count}}, Items: store.Decisions()})
			}
		}
	}
}

// queueCounts writes above the queue how many of its rows are open and decided, over all its sheets. The figures follow
// what reviewers fill in.
func (r *risk) queueCounts(parts []*xlsx.Sheet) {
	first := parts[0]
	first.Heights[4] = 20
	put := func(label, from, to int, text string, n int64, formula string) {
		c, at := xlsx.N(n).As(xlsx.CountValue), xlsx.Ref{Col: from, Row: 4}
		if formula != "" {
			c = c.By(formula)
		}
		first.Set(xlsx.Ref{Col: label, Row: 4}, xlsx.T(text).As(xlsx.Counted))
		first.Set(at, c)
		if to > from {
			first.Merged = append(first.Merged, xlsx.Area{From: at, To: xlsx.Ref{Col: to, Row: 4}})
		}
		r.places.queue = append(r.places.queue, first.Area(at, at))
	}
	open, decided := eachPart(parts, review.HeadKey, "ROWS(%s)"), eachPart(parts, review.HeadDecision, `COUNTIF(%s,"?*")`)
	if open != "" {
		open += "-(" + decided + ")"
	}
	put(1, 2, 2, "Open", r.open(), open)
	for i, where := range [][3]int{{3, 4, 4}, {5, 6, 7}, {8, 9, 10}, {11, 12, 12}} { // the columns wide enough for a count
		word := store.Decisions()[i]
		put(where[0], where[1], where[2], word, r.queue.counts[i], eachPart(parts, review.HeadDecision, `COUNTIF(%s,"`+word+`")`))
	}
}

// eachPart adds up a formula over a column of the queue's sheets; %s stands for the column's rows.
func eachPart(parts []*xlsx.Sheet, head, formula string) string {
	var terms []string
	for _, s := range parts {
		for i, c := range s.List.Columns {
			if c.Head == head && s.List.Count > 0 {
				terms = append(terms, fmt.Sprintf(formula, s.Area(xlsx.Ref{Col: i + 1, Row: s.List.First + 1}, xlsx.Ref{Col: i + 1, Row: s.List.First + s.List.Count})))
			}
		}
	}
	return strings.Join(terms, "+")
}

// review.queueRow makes a row in the place of the one before.
func (r *risk) queueRow(row []xlsx.Cell, d *store.Suspect) []xlsx.Cell {
	standing, known := r.queue.standing[d.CallID]
	row = append(row[:0], xlsx.N(int64(priority(d))), xlsx.Outside(d.TransactionID), xlsx.Outside(d.ID), xlsx.T(narrowName(d.Region)).In(xlsx.Literal))
	row = append(r.times(row, d.AnsweredAt, d.CapturedAt), xlsx.F(d.Score, xlsx.Score), xlsx.T(attackOf(d.AttackType, suspicious).String()), xlsx.F(math.Round(r.Generated.Sub(d.AnsweredAt).Hours()*10)/10, xlsx.Score), r.evidence(d.Image))
	blank := xlsx.Cell{}.As(xlsx.Input)
	filled := [4]xlsx.Cell{blank, blank, blank, blank}
	if known {
		filled = [4]xlsx.Cell{xlsx.T(standing.Decision.Decision).In(xlsx.Literal).As(xlsx.Input), xlsx.Outside(standing.Reviewer).As(xlsx.Input), xlsx.At(standing.DecidedAt, r.Period.Zone).As(xlsx.Input), xlsx.Outside(standing.Comment).As(xlsx.Input)}
		if standing.Comment == "" {
			filled[3] = blank
		}
	}
	return append(append(row, filled[:]...), xlsx.T(review.QueueKey(r.first, d.CallID, standing.DecisionID)).In(xlsx.Literal).As(xlsx.Quiet))
}

// storedImage is what the archive calls a file: nothing in it could end the text of a formula, or lead out of the archive.
var storedImage = regexp.MustCompile(`^[A-Z]{2,3}/[0-9-]+/[0-9]+-[a-z]+-[0-9a-f]+[a-z.]*$`)

// evidence is the link to a stored image, by its path from the workbook's directory.
func (r *risk) evidence(image string) xlsx.Cell {
	path := r.Images + "/" + image
	if r.Images == "" || !storedImage.MatchString(image) || len(path) > 255 || strings.ContainsAny(path, "\"\n") { // 255: the longest text in a formula
		return xlsx.Cell{}.As(xlsx.Quiet)
	}
	return xlsx.T("image").As(xlsx.ListLink).By(`HYPERLINK("` + path + `","image")`)
}

// priority is 1 for what presses most, 3 for what can wait; the database sorts by the same rule.
func priority(d *store.Suspect) int {
	switch {
	case d.AttackType == "2" || d.Score < 10:
		return 1
	case d.AttackType == "1" || d.Score < 30:
		return 2
	}
	return 3
}
