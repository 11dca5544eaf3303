package risk

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/review"
	"liverecon/report/risk/survey"
	"liverecon/report/risk/triage"
	"liverecon/report/xlsx"
	"liverecon/store/decisions"
	"liverecon/store/snapshot"
)

// queue holds what was decided about the suspicious checks of a period.
type queue struct {
	current map[int64]decisions.Current    // by the answer's call
	differ  map[int64][]decisions.Decision // by the answer's call: each reviewer's last, where reviewers differ
	order   *triage.Order
	counts  []int64 // of the suspicious ones, by decisions.Words
	decided int64   // sum of counts
	open    int64   // suspicious checks nobody has decided about
}

// loadQueue reads the decisions about a period's answers. Those about answers that are not suspicious under today's
// rule stand in no row of the queue, and are not counted.
func loadQueue(ctx context.Context, snap *snapshot.Snapshot, d *Data) (queue, error) {
	o, suspicious := &d.Options, d.now.All.Suspicious()
	q := queue{current: map[int64]decisions.Current{}, counts: make([]int64, len(decisions.Words()))}
	all, err := snap.Decisions().Current(ctx, o.Period.From, o.Period.To)
	if err != nil {
		return q, err
	}
	if q.differ, err = snap.Decisions().Differing(ctx, o.Period.From, o.Period.To); err != nil {
		return q, err
	}
	if q.order, err = loadOrder(ctx, snap, d); err != nil {
		return q, err
	}
	for _, d := range all {
		if o.rule().Passes(d.Score) {
			continue
		}
		q.current[d.CallID] = d
		for i, word := range decisions.Words() {
			q.counts[i] += int64(xlsx.Int(word == d.Decision.Decision))
		}
		q.decided++
	}
	q.open = suspicious - q.decided
	return q, nil
}

// loadOrder ranks the suspicious checks by what was decided about such ones of the baseline. Decisions about the period
// itself do not count: rows would change places while people work on them.
func loadOrder(ctx context.Context, snap *snapshot.Snapshot, d *Data) (*triage.Order, error) {
	decided, err := snap.Decisions().Current(ctx, d.claims.Baseline().From, d.claims.Baseline().To)
	decided = slices.DeleteFunc(decided, func(c decisions.Current) bool { return d.rule().Passes(c.Score) })
	scores := map[float64]int64{}
	for score, n := range d.now.All.Scores {
		if !d.rule().Passes(score) {
			scores[score] = n
		}
	}
	return triage.New(decided, scores), err
}

// sentence counts the checks that wait for a person, and the decisions about the others.
func (q *queue) sentence(suspicious int64) string {
	if suspicious == 0 {
		return "No check waits for a manual decision."
	}
	text := fmt.Sprintf("%s of %s for a manual decision", humanize.Comma(q.open),
		page.Plural(suspicious, "suspicious check waits", "suspicious checks wait"))
	var parts []string
	for i, word := range decisions.Words() {
		if n := q.counts[i]; n > 0 {
			parts = append(parts, humanize.Comma(n)+" "+word)
		}
	}
	if parts != nil {
		text += "; decided: " + page.List(parts)
	}
	return text + "."
}

// queueRefs holds the sheets of the queue, and the cells above it that count its rows: open, then each decision.
type queueRefs struct {
	sheets listRefs
	counts []xlsx.Area
}

// writeQueue lists the suspicious checks for the people who look at them, the most pressing first. Its yellow columns
// are read back by review.ReadDecisions.
func writeQueue(ctx context.Context, book *xlsx.Workbook, d *Data) queueRefs {
	total, words := d.now.All.Suspicious(), d.rule().Words()
	list := longList{name: review.QueueSheet, title: "Manual-check queue", tab: xlsx.Orange,
		columns: queueColumns(d), total: int(total)}
	list.note = fmt.Sprintf("%s, %s %s · priority: what decisions about such checks are expected to find, the oldest "+
		"first · age at %s · fill in the yellow cells, save, then: liverecon decisions FILE",
		page.Plural(total, "check with "+words, "checks with "+words), d.dated(), d.Period.Describe(),
		d.Generated.In(d.Period.Zone).Format("2006-01-02 15:04"))
	list.rows = func(skip, limit int, yield func([]xlsx.Cell) error) error {
		row := make([]xlsx.Cell, 0, len(list.columns))
		return xlsx.Ahead(func(each func(*snapshot.Suspect) error) error {
			return d.snap.Answers().EachSuspicious(ctx, d.Period.From, d.Period.To, d.Threshold, d.Inclusive,
				d.queue.order.Ranks(), skip, limit, each)
		}, func(s *snapshot.Suspect) error { return yield(queueRow(row, d, s)) })
	}
	sheets := list.write(book)
	counts := writeQueueCounts(sheets, &d.queue)
	for _, s := range sheets {
		for i, c := range list.columns {
			if c.Head == review.HeadDecision && s.List.Count > 0 {
				s.Choices = append(s.Choices, xlsx.Choice{At: rowsUnder(s, i), Items: decisions.Words()})
			}
		}
	}
	return queueRefs{sheets, counts}
}

// queueColumns returns the columns of the queue. Those that are not filled in stand behind the key: files of before have
// none of them.
func queueColumns(d *Data) []xlsx.ListColumn {
	o := &d.Options
	columns := []xlsx.ListColumn{{Head: "Priority", Format: xlsx.Count, Width: 8},
		{Head: review.HeadTransact, Format: xlsx.Literal, Width: 18},
		{Head: review.HeadID, Format: xlsx.Literal, Width: 36}, {Head: "Region", Format: xlsx.Literal, Width: 24}}
	columns = append(columns, o.timeColumns()...)
	decidedAt := review.HeadDecidedAt + " (" + o.Period.Zone.String() + ")"
	columns = append(columns, []xlsx.ListColumn{{Head: review.HeadScore, Format: xlsx.Score, Width: 7},
		{Head: "Attack type", Format: xlsx.General, Width: 13}, {Head: "Age, hours", Format: xlsx.Score, Width: 8},
		{Head: "Evidence", Format: xlsx.General, Width: 9},
		{Head: review.HeadDecision, Format: xlsx.Literal, Width: 11},
		{Head: review.HeadReviewer, Format: xlsx.Literal, Width: 16},
		{Head: decidedAt, Format: xlsx.Moment, Width: 19}, {Head: review.HeadComment, Format: xlsx.Literal, Width: 34},
		{Head: review.HeadKey, Format: xlsx.Literal, Width: 17},
		{Head: "Why here", Format: xlsx.General, Width: 56},
		{Head: "Reviewers differ", Format: xlsx.Literal, Width: 30}}...)
	for _, name := range d.Keep {
		columns = append(columns, xlsx.ListColumn{Head: "List: " + page.Shortened(xlsx.Visible(name), 40),
			Format: xlsx.Literal, Width: 18})
	}
	return columns
}

// writeQueueCounts writes above the queue how many of its rows are open and decided, over all its sheets, and returns
// their cells. The figures follow what reviewers fill in.
func writeQueueCounts(parts listRefs, q *queue) (counts []xlsx.Area) {
	first := parts[0]
	first.Heights[4] = 20
	put := func(label, from, to int, text string, n int64, formula string) {
		c, at := xlsx.N(n).WithRole(xlsx.CountValue), xlsx.Ref{Col: from, Row: 4}
		if formula != "" {
			c = c.WithFormula(formula)
		}
		first.Set(xlsx.Ref{Col: label, Row: 4}, xlsx.T(text).WithRole(xlsx.Counted))
		first.Set(at, c)
		if to > from {
			first.Merged = append(first.Merged, xlsx.Area{From: at, To: xlsx.Ref{Col: to, Row: 4}})
		}
		counts = append(counts, first.Area(at, at))
	}
	open := parts.under(review.HeadKey, "ROWS(%s)")
	if open != "" {
		open += "-(" + parts.under(review.HeadDecision, `COUNTIF(%s,"?*")`) + ")"
	}
	put(1, 2, 2, "Open", q.open, open)
	wide := [][3]int{{3, 4, 4}, {5, 6, 7}, {8, 9, 10}, {11, 12, 12}} // the columns wide enough for a count
	for i, where := range wide {
		word := decisions.Words()[i]
		decided := parts.under(review.HeadDecision, `COUNTIF(%s,"`+word+`")`)
		put(where[0], where[1], where[2], word, q.counts[i], decided)
	}
	return counts
}

// queueRow makes the cells of a suspicious check in the memory of the row before.
func queueRow(row []xlsx.Cell, d *Data, s *snapshot.Suspect) []xlsx.Cell {
	hours := math.Round(d.Generated.Sub(s.AnsweredAt).Hours()*10) / 10
	attack := survey.AttackOf(s.AttackType, survey.Suspicious)
	class := d.queue.order.Of(attack, s.Score)
	row = append(row[:0], xlsx.N(int64(class.Rank)), xlsx.Untrusted(s.TransactionID), xlsx.Untrusted(s.ID),
		xlsx.T(narrowName(s.Region)).WithFormat(xlsx.Literal))
	row = append(d.appendTimes(row, s.AnsweredAt, s.CapturedAt), xlsx.F(s.Score, xlsx.Score),
		xlsx.T(attack.String()), xlsx.F(hours, xlsx.Score), evidence(d.Images, s.Image))
	current, known := d.queue.current[s.CallID]
	blank := xlsx.Cell{}.WithRole(xlsx.Input)
	filled := [4]xlsx.Cell{blank, blank, blank, blank}
	if known {
		filled = [4]xlsx.Cell{xlsx.T(current.Decision.Decision).WithFormat(xlsx.Literal).WithRole(xlsx.Input),
			xlsx.Untrusted(current.Reviewer).WithRole(xlsx.Input), xlsx.At(current.DecidedAt,
				d.Period.Zone).WithRole(xlsx.Input), blank}
		if current.Comment != "" {
			filled[3] = xlsx.Untrusted(current.Comment).WithRole(xlsx.Input)
		}
	}
	key := review.QueueKey(d.first, s.CallID, current.DecisionID)
	row = append(append(row, filled[:]...), xlsx.T(key).WithFormat(xlsx.Literal).WithRole(xlsx.Quiet))
	columns, attempt := d.sources.Shown(s.Reference)
	why := class.Reason()
	if attempt != "" {
		why += "; " + attempt
	}
	row = append(row, xlsx.T(why), differing(d.queue.differ[s.CallID]))
	for _, text := range columns {
		row = append(row, xlsx.Untrusted(text))
	}
	return row
}

// differing names what each reviewer decided, where they differ.
func differing(all []decisions.Decision) xlsx.Cell {
	if len(all) == 0 {
		return xlsx.Cell{}.WithFormat(xlsx.Literal)
	}
	var said []string
	for _, d := range all {
		said = append(said, d.Reviewer+": "+d.Decision)
	}
	return xlsx.Untrusted("▲ " + strings.Join(said, "; "))
}

// storedImage matches what the archive calls a file: nothing in it could end the text of a formula, or lead out of the
// archive.
var storedImage = regexp.MustCompile(`^[A-Z]{2,3}/[0-9-]+/[0-9]+-[a-z]+-[0-9a-f]+[a-z.]*$`)

// evidence links to a stored image, by the directory of images as seen from the workbook's.
func evidence(images, image string) xlsx.Cell {
	path := images + "/" + image
	longest := len(path) > 255 // text in a formula is no longer
	if images == "" || !storedImage.MatchString(image) || longest || strings.ContainsAny(path, "\"\n") {
		return xlsx.Cell{}.WithRole(xlsx.Quiet)
	}
	return xlsx.T("image").WithRole(xlsx.ListLink).WithFormula(`HYPERLINK("` + path + `","image")`)
}
