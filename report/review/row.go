package review

import (
	"bytes"
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
	key, word := w.text(HeadKey), strings.ToLower(strings.TrimSpace(w.text(HeadDecision)))
	comment, at := w.text(HeadComment), strings.TrimSpace(w.text(HeadDecidedAt))
	if key == "" && word == "" && comment == "" && at == "" && w.text(HeadReviewer) == "" {
		return nil
	}
	r.queue.Rows++
	if word == "" {
		r.queue.Open++
		if comment != "" || at != "" {
			r.mistake(w.sheet, w.location(HeadDecision), "a comment or a time without a decision: want one of %s",
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
	r.date(w, &d, answer.AnsweredAt)
	if len(r.mistakes)+r.more == before {
		r.keep(answer, shown, d)
	}
	return nil
}

// filledIn returns the reviewer's decision, name and comment, without the time.
func (r *decisionReader) filledIn(w queueRow, word string) decisions.Decision {
	d := decisions.Decision{Decision: word, Reviewer: strings.TrimSpace(w.text(HeadReviewer)), Comment: w.text(HeadComment),
		Sheet: w.sheet, Row: w.number}
	if !slices.Contains(decisions.Words(), word) {
		r.mistake(w.sheet, w.location(HeadDecision), "decision %.40q: want %s", w.text(HeadDecision),
			orList(decisions.Words()))
	}
	switch {
	case d.Reviewer == "":
		r.mistake(w.sheet, w.location(HeadReviewer), "no reviewer: who decided?")
	case len(d.Reviewer) > maxReviewer:
		r.mistake(w.sheet, w.location(HeadReviewer), "a reviewer's name of %d bytes: at most %d", len(d.Reviewer),
			maxReviewer)
	}
	return d
}

// answer looks up what the row is about, nil when it is nothing this database knows.
func (r *decisionReader) answer(w queueRow, key string) (*decisions.Answer, int64, error) {
	if at, twice := r.seen[key]; twice {
		r.mistake(w.sheet, w.location(HeadKey), "the same row as %s: leave one of them", at)
		return nil, 0, nil
	}
	call, shown, ok := ParseQueueKey(r.first, key)
	if !ok {
		r.mistake(w.sheet, w.location(HeadKey), "key %.40q: no row of this database's queue", key)
		return nil, 0, nil
	}
	r.seen[key] = w.sheet + "!" + w.location(HeadKey)
	answer, ok, err := r.snap.Decisions().Answer(r.ctx, call)
	if err == nil && (!ok || answer.Score == nil) {
		r.mistake(w.sheet, w.location(HeadKey), "key %.40q: no such answer", key)
		return nil, 0, nil
	}
	return &answer, shown, err
}

// compare makes sure that the row still shows the answer its key names: a row that was sorted without its neighbours,
// or typed over, would be about another check than the reviewer looked at.
func (r *decisionReader) compare(w queueRow, a *decisions.Answer) {
	id := w.text(HeadID)
	hash := store.HashID(a.Kind, id)
	if id != xlsx.Visible(a.ID) && (a.ID != "" || id != "" && !bytes.Equal(hash[:], a.IDHash)) {
		r.mistake(w.sheet, w.location(HeadID), "this row's ID was edited, or only some of its columns were sorted")
	}
	if w.text(HeadTransact) != xlsx.Visible(a.TransactionID) {
		r.mistake(w.sheet, w.location(HeadTransact), "this row's transaction was edited, or only some of its columns "+
			"were sorted")
	}
	score, err := strconv.ParseFloat(w.text(HeadScore), 64)
	if err != nil || math.Abs(score-*a.Score) > 1e-9*max(1, math.Abs(*a.Score)) { // some programs keep 15 digits
		r.mistake(w.sheet, w.location(HeadScore), "score %.40q was edited: the vendor gave %v", w.text(HeadScore),
			*a.Score)
	}
}

// keep takes a decision that nothing is wrong with.
func (r *decisionReader) keep(a *decisions.Answer, shown int64, d decisions.Decision) {
	if a.ID == "" && d.Comment != "" {
		d.Comment = ""
		r.queue.Erased++
	}
	switch {
	case !r.queue.Before.IsZero(), known(a.Decisions, shown, d):
		r.queue.Known++
	case len(a.Decisions) > 0:
		r.queue.Changed++
		fallthrough
	default:
		r.queue.New = append(r.queue.New, d)
	}
}

// known reports whether a row stands as it was shown, or as the same reviewer's last decision since.
func known(stored []decisions.Decision, shown int64, d decisions.Decision) bool {
	same := func(old decisions.Decision) bool { return old.DecisionID == shown && sameDecision(d, old) }
	if slices.ContainsFunc(stored, same) {
		return true
	}
	for _, old := range slices.Backward(stored) {
		if old.DecisionID > shown && xlsx.Visible(old.Reviewer) == xlsx.Visible(d.Reviewer) {
			return sameDecision(d, old)
		}
	}
	return false
}

// sameDecision compares what a row says with what is stored. Text is compared as a workbook shows it.
func sameDecision(d, old decisions.Decision) bool {
	return d.Decision == old.Decision && xlsx.Visible(d.Reviewer) == xlsx.Visible(old.Reviewer) &&
		xlsx.Visible(d.Comment) == xlsx.Visible(old.Comment) && (d.Undated || d.DecidedAt.Equal(old.DecidedAt))
}

// orList joins words as a choice: a, b or c.
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// date reads when a row was decided. A row without a time was decided when it is read.
func (r *decisionReader) date(w queueRow, d *decisions.Decision, answered time.Time) {
	text := strings.TrimSpace(w.text(HeadDecidedAt))
	if text == "" {
		d.DecidedAt, d.Undated = r.now, true
		return
	}
	at, whole, err := parseMoment(text, w.zone, r.date1904)
	switch last := at; {
	case err != nil:
		r.mistake(w.sheet, w.location(HeadDecidedAt), "%.40q is no time: want 2026-11-21 14:30, or a date", text)
	case whole && !last.AddDate(0, 0, 1).After(answered), !whole && last.Before(answered.Truncate(time.Second)):
		r.mistake(w.sheet, w.location(HeadDecidedAt), "decided %s, before the vendor answered (%s)",
			at.Format(time.DateTime), answered.In(w.zone).Format(time.DateTime))
	case at.After(r.now.Add(24 * time.Hour)):
		r.mistake(w.sheet, w.location(HeadDecidedAt), "decided %s: that is in the future", at.Format(time.DateTime))
	}
	d.DecidedAt = at.UTC()
}
