package report

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strings"

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
	all, err := r.facts.Decisions(ctx, r.Period.From, r.Period.To)
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
			r.queue.counts[i] += int64(btoi(word == d.Decision.Decision))
		}
		r.queue.decided++
	}
	return nil
}

// open counts the suspicious checks nobody has decided about.
func (r *risk) open() int64 { return r.now.all.suspicious() - r.queue.decided }

// queueSheets lists the suspicious checks for the people who look at them, the most pressing first. Its yellow columns are
// read back by ReadDecisions.
func (r *risk) queueSheets(ctx context.Context) {
	total := int(r.now.all.suspicious())
	note := fmt.Sprintf("%s, %s %s · priority 1: injection or score below 10; 2: presentation or below 30; 3: other · age at %s · fill in the yellow cells, save, then: liverecon decisions FILE",
		plural(int64(total), "check with "+r.rule.words(), "checks with "+r.rule.words()), r.dated(), r.Period.describe(), r.Generated.In(r.Period.Zone).Format("2006-01-02 15:04"))
	columns := append([]ListColumn{{"Priority", Count, 8}, {headTransact, Literal, 18}, {headID, Literal, 36}, {"Region", Literal, 24}}, r.timeColumns()...)
	columns = append(columns, ListColumn{headScore, Score, 7}, ListColumn{"Attack type", General, 13}, ListColumn{"Age, hours", Score, 8}, ListColumn{"Evidence", General, 9}, ListColumn{headDecision, Literal, 11},
		ListColumn{headReviewer, Literal, 16}, ListColumn{headDecidedAt + " (" + r.Period.Zone.String() + ")", Moment, 19}, ListColumn{headComment, Literal, 34}, ListColumn{headKey, Literal, 17})
	parts := r.addList(queueSheet, "Manual-check queue", note, orange, columns, total, func(skip, limit int, yield func([]Cell) error) error {
		row := make([]Cell, 0, len(columns))
		return ahead(func(each func(*store.Suspect) error) error {
			return r.facts.EachSuspicious(ctx, r.Period.From, r.Period.To, r.Threshold, r.Inclusive, skip, limit, each)
		}, func(s *store.Suspect) error { return yield(r.queueRow(row, s)) })
	})
	r.queueCounts(parts)
	for _, s := range parts {
		for i, c := range columns {
			if c.Head == headDecision && s.List.Count > 0 {
				s.Choices = append(s.Choices, Choice{At: Area{From: Ref{i + 1, s.List.First + 1}, To: Ref{i + 1, s.List.First + s.List.Count}}, Items: store.Decisions()})
			}
		}
	}
}

// queueCounts writes above the queue how many of its rows are open and decided, over all its sheets. The figures follow
// what reviewers fill in.
func (r *risk) queueCounts(parts []*Sheet) {
	first := parts[0]
	first.Heights[4] = 20
	put := func(label, from, to int, text string, n int64, formula string) {
		c, at := N(n).As(CountValue), Ref{from, 4}
		if formula != "" {
			c = c.By(formula)
		}
		first.Set(Ref{label, 4}, T(text).As(Counted))
		first.Set(at, c)
		if to > from {
			first.Merged = append(first.Merged, Area{From: at, To: Ref{to, 4}})
		}
		r.places.queue = append(r.places.queue, first.Area(at, at))
	}
	open, decided := eachPart(parts, headKey, "ROWS(%s)"), eachPart(parts, headDecision, `COUNTIF(%s,"?*")`)
	if open != "" {
		open += "-(" + decided + ")"
	}
	put(1, 2, 2, "Open", r.open(), open)
	for i, where := range [][3]int{{3, 4, 4}, {5, 6, 7}, {8, 9, 10}, {11, 12, 12}} { // the columns wide enough for a count
		word := store.Decisions()[i]
		put(where[0], where[1], where[2], word, r.queue.counts[i], eachPart(parts, headDecision, `COUNTIF(%s,"`+word+`")`))
	}
}

// eachPart adds up a formula over a column of the queue's sheets; %s stands for the column's rows.
func eachPart(parts []*Sheet, head, formula string) string {
	var terms []string
	for _, s := range parts {
		for i, c := range s.List.Columns {
			if c.Head == head && s.List.Count > 0 {
				terms = append(terms, fmt.Sprintf(formula, s.Area(Ref{i + 1, s.List.First + 1}, Ref{i + 1, s.List.First + s.List.Count})))
			}
		}
	}
	return strings.Join(terms, "+")
}

// queueRow makes a row in the place of the one before.
func (r *risk) queueRow(row []Cell, d *store.Suspect) []Cell {
	standing, known := r.queue.standing[d.CallID]
	row = append(row[:0], N(int64(priority(d))), Outside(d.TransactionID), Outside(d.ID), T(narrowName(d.Region)).In(Literal))
	row = append(r.times(row, d.AnsweredAt, d.CapturedAt), F(d.Score, Score), T(attackOf(d.AttackType, suspicious).String()), F(math.Round(r.Generated.Sub(d.AnsweredAt).Hours()*10)/10, Score), r.evidence(d.Image))
	blank := Cell{}.As(Input)
	filled := [4]Cell{blank, blank, blank, blank}
	if known {
		filled = [4]Cell{T(standing.Decision.Decision).In(Literal).As(Input), Outside(standing.Reviewer).As(Input), At(standing.DecidedAt, r.Period.Zone).As(Input), Outside(standing.Comment).As(Input)}
		if standing.Comment == "" {
			filled[3] = blank
		}
	}
	return append(append(row, filled[:]...), T(queueKey(r.first, d.CallID, standing.DecisionID)).In(Literal).As(Quiet))
}

// storedImage is what the archive calls a file: nothing in it could end the text of a formula, or lead out of the archive.
var storedImage = regexp.MustCompile(`^[A-Z]{2,3}/[0-9-]+/[0-9]+-[a-z]+-[0-9a-f]+[a-z.]*$`)

// evidence is the link to a stored image, by its path from the workbook's directory.
func (r *risk) evidence(image string) Cell {
	path := r.Images + "/" + image
	if r.Images == "" || !storedImage.MatchString(image) || len(path) > 255 || strings.ContainsAny(path, "\"\n") { // 255: the longest text in a formula
		return Cell{}.As(Quiet)
	}
	return T("image").As(ListLink).By(`HYPERLINK("` + path + `","image")`)
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
