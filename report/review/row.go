package review

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/decisions"
)

// row takes one row. Without a decision it is open, whoever is named as its reviewer.
func (r *decisionReader) row(w queueRow) error {
	key, word := strings.TrimSpace(w.text(HeadKey)), strings.ToLower(strings.TrimSpace(w.text(HeadDecision)))
	comment, at := w.text(HeadComment), strings.TrimSpace(w.text(HeadDecidedAt))
	for i := range w.others {
		if o := &w.others[i]; o.column < len(w.cells) && strings.TrimSpace(w.cells[o.column].Text) != "" && key != "" {
			o.filled++
		}
	}
	if broken := r.broken(w); broken || key == "" && word == "" && strings.TrimSpace(comment) == "" && at == "" &&
		strings.TrimSpace(w.text(HeadReviewer)) == "" {
		return nil
	}
	if key == "" && r.merged(w) {
		return nil // a merged cell that reaches below the last row
	}
	r.queue.Rows++
	if word == "" {
		r.queue.Open++
		if strings.TrimSpace(comment) != "" || at != "" {
			r.mistakeIn(w, HeadDecision, "a comment or a time without a decision: want one of %s",
				orList(decisions.Words()))
		}
		return nil
	}
	before := len(r.mistakes) + r.more
	d := r.filledIn(w, word)
	answer, shown, err := r.answer(w, key)
	if err != nil || answer == nil {
		return err
	}
	d.CallID = answer.CallID
	r.compare(w, answer)
	day := r.date(w, &d, answer)
	if len(r.mistakes)+r.more == before {
		r.keep(w, answer, filled{d, shown, day, key})
	}
	return nil
}

// filled holds what a row says that nothing is wrong with.
type filled struct {
	decisions.Decision
	shown int64 // the decision that the row showed when its workbook was made, 0 for none
	day   bool  // it gives the day of the decision, and no time
	key   string
}

// broken reports cells of ours that have no value.
func (r *decisionReader) broken(w queueRow) bool {
	found := false
	for _, head := range []string{HeadDecision, HeadReviewer, HeadDecidedAt, HeadComment, HeadKey} {
		if why := w.cell(head).Broken; why != "" {
			r.mistakeIn(w, head, "%s", why)
			found = true
		}
	}
	return found
}

// merged reports whether all that a row of ours holds was filled in by a merged cell.
func (r *decisionReader) merged(w queueRow) bool {
	for _, head := range []string{HeadDecision, HeadReviewer, HeadDecidedAt, HeadComment} {
		if c := w.cell(head); strings.TrimSpace(c.Text) != "" && !c.Merged {
			return false
		}
	}
	return true
}

// mistakeIn names a mistake in a cell of a row.
func (r *decisionReader) mistakeIn(w queueRow, head, format string, args ...any) {
	r.mistake(w.sheet, w.location(head), format, args...)
	r.wrong[w.place()] = true
}

func (w queueRow) place() string { return fmt.Sprintf("%s!%d", w.sheet, w.number) }

// textSheet names the sheet of a decision that was read from a text.
const textSheet = "CSV"

// filledIn returns the reviewer's decision, name and comment, without the time.
func (r *decisionReader) filledIn(w queueRow, word string) decisions.Decision {
	d := decisions.Decision{Decision: word, Reviewer: strings.TrimSpace(w.text(HeadReviewer)),
		Comment: strings.TrimRight(w.text(HeadComment), " \t\r\n\u00a0"), Sheet: cmp.Or(w.sheet, textSheet), Row: w.number}
	if !slices.Contains(decisions.Words(), word) {
		r.mistakeIn(w, HeadDecision, "decision %.40q: want %s", w.text(HeadDecision), orList(decisions.Words()))
	}
	switch {
	case d.Reviewer == "":
		r.mistakeIn(w, HeadReviewer, "no reviewer: who decided?")
	case len(d.Reviewer) > maxReviewer:
		r.mistakeIn(w, HeadReviewer, "a reviewer's name of %d bytes: at most %d", len(d.Reviewer), maxReviewer)
	}
	return d
}

// answer looks up what the row is about, nil when it is nothing this database knows.
func (r *decisionReader) answer(w queueRow, key string) (*decisions.Answer, int64, error) {
	if other, twice := r.seen[key]; twice && !other.sameCheck(w) {
		r.mistakeIn(w, HeadKey, "the same row as %s: leave one of them", other.at())
		return nil, 0, nil
	}
	call, shown, ok := ParseQueueKey(r.first, key)
	if !ok {
		r.mistakeIn(w, HeadKey, "key %.40q: no row of this database's queue", key)
		return nil, 0, nil
	}
	if _, twice := r.seen[key]; !twice {
		r.seen[key] = seenRow{w.sheet, w.location(HeadKey), w.text(HeadID), w.text(HeadTransact), nil}
	}
	answer, ok, err := r.snap.Decisions().Answer(r.ctx, call)
	if err != nil {
		return nil, 0, err
	}
	known := ok && answer.Score != nil
	if loss := r.lost(w, &answer, known); loss != nil {
		r.mistakeIn(w, HeadKey, "this answer is not in the database any more: the restore of %s lost those from %s to "+
			"%s. Decide about the ID's new answer, in a workbook of now", loss.RestoredAt.In(w.zone).Format(time.DateTime),
			loss.From.In(w.zone).Format(time.DateTime), loss.Until.In(w.zone).Format(time.DateTime))
		return nil, 0, nil
	}
	if !known {
		r.mistakeIn(w, HeadKey, "key %.40q: no such answer", key)
		return nil, 0, nil
	}
	return &answer, shown, nil
}

// lost returns the restore that lost a row's answer, nil if none did: the answer of its key is not there or is about
// another check, and the row's own came in the time that was lost. The numbers of lost answers are given again.
func (r *decisionReader) lost(w queueRow, a *decisions.Answer, known bool) *decisions.Loss {
	if known && (w.isAbout(a) || strings.TrimSpace(w.text(HeadTransact)) == xlsx.Visible(a.TransactionID)) {
		return nil
	}
	at, _, err := oneMoment(w.cell(headAnswered), w.clock(r), nil)
	if err != nil {
		return nil
	}
	for i, l := range r.losses {
		if !at.Before(l.From.Truncate(time.Second)) && !at.After(l.Until) {
			return &r.losses[i]
		}
	}
	return nil
}

// isAbout reports whether a row shows the ID of an answer.
func (w queueRow) isAbout(a *decisions.Answer) bool {
	id := w.text(HeadID)
	visible := xlsx.Visible(a.ID)
	if id == visible || strings.TrimSpace(id) == visible {
		return true
	}
	hash := store.HashID(a.Kind, id)
	return a.ID == "" && (id == "" || bytes.Equal(hash[:], a.IDHash))
}

// compare makes sure that the row still shows the answer its key names: a row that was sorted without its neighbours,
// or typed over, would be about another check than the reviewer looked at.
func (r *decisionReader) compare(w queueRow, a *decisions.Answer) {
	if !w.isAbout(a) {
		r.mistakeIn(w, HeadID, "this row's ID was edited, or only some of its columns were sorted")
	}
	if strings.TrimSpace(w.text(HeadTransact)) != strings.TrimSpace(xlsx.Visible(a.TransactionID)) {
		r.mistakeIn(w, HeadTransact, "this row's transaction was edited, or only some of its columns were sorted")
	}
	if !w.scored(*a.Score) {
		r.mistakeIn(w, HeadScore, "score %.40q was edited: the vendor gave %v", w.text(HeadScore), *a.Score)
	}
}

// scored reports whether a row shows a score. As text it is as the sheet shows it: to one decimal, perhaps with a
// comma.
func (w queueRow) scored(want float64) bool {
	c := w.cell(HeadScore)
	within := 1e-9 * max(1, math.Abs(want)) // some programs keep 15 digits
	text := strings.TrimSpace(c.Text)
	if !c.Number {
		within = 0.05 + 1e-9
		text = strings.ReplaceAll(strings.ReplaceAll(text, ",", "."), "\u2212", "-")
	}
	score, err := strconv.ParseFloat(text, 64)
	return err == nil && math.Abs(score-want) <= within
}

// seenRow represents a row with a decision, and what it says.
type seenRow struct {
	sheet, cell, id, transaction string
	taken                        *filled // nil: nothing was taken of it
}

func (s seenRow) at() string {
	if s.sheet == "" {
		return s.cell
	}
	return s.sheet + "!" + s.cell
}

func (s seenRow) sameCheck(w queueRow) bool {
	return s.id == w.text(HeadID) && s.transaction == w.text(HeadTransact)
}

// keep takes a row that nothing is wrong with.
func (r *decisionReader) keep(w queueRow, a *decisions.Answer, d filled) {
	if a.ID == "" && d.Comment != "" {
		d.Comment = ""
		r.queue.Erased++
	}
	d.Comment, d.Sheet = r.erased.Clean(d.Comment, store.Erased), r.erased.Clean(d.Sheet, store.Erased)
	other := r.seen[d.key]
	switch {
	case other.taken == nil:
	case sameDecision(d, other.taken.Decision):
		r.queue.Twice++
		return
	default:
		r.mistakeIn(w, HeadKey, "the same row as %s, decided otherwise there: neither is taken, leave one of them",
			other.at())
		r.withdrawn = append(r.withdrawn, d.key)
		return
	}
	other.taken = &d
	r.seen[d.key] = other
	if known(a.Decisions, d, !r.queue.Before.IsZero()) {
		r.queue.Known++
		return
	}
	r.queue.New = append(r.queue.New, d.Decision)
	r.added = append(r.added, added{d.key, w.place(), a.Decisions})
}

// added represents a new decision: whose row it is, and what was decided before about the answer.
type added struct {
	key, place string
	before     []decisions.Decision
}

// withdraw takes out what rows say that stand twice and disagree, and counts what the others change.
func (r *decisionReader) withdraw() {
	all := r.queue.New
	r.queue.New = nil
	for i, d := range all {
		if slices.Contains(r.withdrawn, r.added[i].key) {
			r.wrong[r.added[i].place] = true
			continue
		}
		r.queue.New = append(r.queue.New, d)
		before := r.added[i].before
		if len(before) == 0 {
			continue
		}
		if last := before[len(before)-1]; last.DecidedAt.After(d.DecidedAt) {
			r.queue.Older++
		} else {
			r.queue.Changed++
		}
		if differs(before, d) {
			r.queue.Differ++
		}
	}
}

// differs reports whether the last decision of another reviewer about the answer is another one.
func differs(before []decisions.Decision, d decisions.Decision) bool {
	for _, old := range slices.Backward(before) {
		if xlsx.Visible(old.Reviewer) != xlsx.Visible(d.Reviewer) {
			return old.Decision != d.Decision
		}
	}
	return false
}

// known reports whether a row stands as it was shown, or as the same reviewer's last decision since; of a file that was
// read before, as any decision that is stored.
func known(stored []decisions.Decision, d filled, again bool) bool {
	same := func(old decisions.Decision) bool { return (again || old.DecisionID == d.shown) && sameDecision(d, old) }
	if slices.ContainsFunc(stored, same) {
		return true
	}
	var last *decisions.Decision // stored last, not decided last: its reviewer may have corrected the time
	for i, old := range stored {
		if old.DecisionID > d.shown && xlsx.Visible(old.Reviewer) == xlsx.Visible(d.Reviewer) &&
			(last == nil || old.DecisionID > last.DecisionID) {
			last = &stored[i]
		}
	}
	return last != nil && sameDecision(d, *last)
}

// sameDecision compares what a row says with what is stored. Text is compared as a workbook shows it.
func sameDecision(d filled, old decisions.Decision) bool {
	comment := func(text string) string { return strings.TrimRight(xlsx.Visible(text), " \t\r\n\u00a0") }
	return d.Decision.Decision == old.Decision && xlsx.Visible(d.Reviewer) == xlsx.Visible(old.Reviewer) &&
		comment(d.Comment) == comment(old.Comment) && (d.Undated || d.DecidedAt.Equal(old.DecidedAt) ||
		d.day && !old.DecidedAt.Before(d.DecidedAt) && old.DecidedAt.Before(d.DecidedAt.AddDate(0, 0, 1)))
}

// orList joins words as a choice: a, b or c.
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// date reads when a row was decided, and reports whether it gives a day alone. A row without a time was decided when it
// is read. A decision of a day without a time is no earlier than what was decided on that day and stored before.
func (r *decisionReader) date(w queueRow, d *decisions.Decision, a *decisions.Answer) (day bool) {
	c := w.cell(HeadDecidedAt)
	if strings.TrimSpace(c.Text) == "" {
		d.DecidedAt, d.Undated = r.now, true
		return false
	}
	latest := r.now.Add(24 * time.Hour)
	possible := func(at time.Time, whole bool) bool { return !early(at, whole, a.AnsweredAt) && !at.After(latest) }
	at, day, err := oneMoment(c, w.clock(r), possible)
	switch {
	case err != nil:
		r.mistakeIn(w, HeadDecidedAt, "%.40q %s", strings.TrimSpace(c.Text), err)
	case early(at, day, a.AnsweredAt):
		r.mistakeIn(w, HeadDecidedAt, "decided %s, before the vendor answered (%s)", at.Format(time.DateTime),
			a.AnsweredAt.In(w.zone).Format(time.DateTime))
	case at.After(latest):
		r.mistakeIn(w, HeadDecidedAt, "decided %s: that is in the future", at.Format(time.DateTime))
	}
	d.DecidedAt = at.UTC()
	if day {
		for _, old := range a.Decisions {
			if old.DecidedAt.After(d.DecidedAt) && old.DecidedAt.Before(at.AddDate(0, 0, 1)) && !d.DecidedAt.After(r.now) {
				d.DecidedAt = old.DecidedAt
			}
		}
	}
	return day
}

// clock returns how the times of a row are read.
func (w queueRow) clock(r *decisionReader) dateStyle { return dateStyle{w.zone, r.from1904, r.now} }

// early reports whether a decision was made before its answer.
func early(at time.Time, day bool, answered time.Time) bool {
	if day {
		return !at.AddDate(0, 0, 1).After(answered)
	}
	return at.Before(answered.Truncate(time.Second))
}
