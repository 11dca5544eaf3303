package report

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/store"
)

// The manual queue is a form: reviewers fill in its yellow columns, and ReadDecisions reads them back. Each row bears a key
// that names the answer it is about and the decision it showed when the workbook was made, so that rows may be sorted,
// filtered and left out, and so that somebody who goes on with an older file takes back nothing that others decided since.

// The heads of the queue's columns that are read back; times stand in a zone, which the head names.
const (
	queueSheet    = "Manual queue"
	headTransact  = "Transaction"
	headID        = "ID"
	headScore     = "Score"
	headDecision  = "Decision"
	headReviewer  = "Reviewer"
	headDecidedAt = "Decided at"
	headComment   = "Comment"
	headKey       = "Key"
)

// maxReviewer is the longest name of a reviewer, in bytes.
const maxReviewer = 200

// queueKey names an answer and the decision shown beside it, 0 for none. Its last part ties it to one database: a row of
// another one's workbook is told apart even where the numbers exist in both.
func queueKey(first store.RunFact, call, shown int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d %d", first.ID, first.StartedAt.UnixMilli(), call, shown))
	return fmt.Sprintf("%d-%d-%x", call, shown, sum[:4])
}

// parseQueueKey takes a key apart, false when it is none of this database's.
func parseQueueKey(first store.RunFact, key string) (call, shown int64, ok bool) {
	parts := strings.Split(key, "-")
	if len(parts) != 3 {
		return 0, 0, false
	}
	call, callErr := strconv.ParseInt(parts[0], 10, 64)
	shown, shownErr := strconv.ParseInt(parts[1], 10, 64)
	return call, shown, callErr == nil && shownErr == nil && key == queueKey(first, call, shown)
}

// FilledQueue is what a file of decisions brings.
type FilledQueue struct {
	File    store.DecisionFile
	Rows    int64            // of the queue
	Open    int64            // of these without a decision
	Known   int64            // of these with a decision that is stored already
	New     []store.Decision // in the order of the rows
	Changed int64            // of the new ones, those that take the place of another decision
	Erased  int64            // comments left out because their ID was erased meanwhile
	Before  time.Time        // when this very file was imported already, so that nothing in it is new; zero: it was not
}

// Mistake is something in a file of decisions that cannot be taken.
type Mistake struct{ Sheet, Cell, Text string }

func (m Mistake) Error() string { return fmt.Sprintf("%s!%s: %s", m.Sheet, m.Cell, m.Text) }

// maxMistakes is how many mistakes are named; whoever has more has the wrong file.
const maxMistakes = 200

// ErrNoQueue says that a file is not a risk workbook of this program.
var ErrNoQueue = errors.New("not a risk workbook: it has no sheet " + queueSheet + " with the columns that `liverecon report risk` writes")

// ReadDecisions reads what reviewers wrote into the manual queue of a risk workbook, compares every filled-in row with
// the database, and tells what is new. now is the time of decisions that give none. The error joins all mistakes, each a
// Mistake; where there is one, nothing of the file may be stored.
func ReadDecisions(ctx context.Context, s *store.Store, path string, now time.Time) (_ FilledQueue, err error) {
	r := &decisionReader{ctx: ctx, now: now.Truncate(time.Second), seen: map[string]string{}}
	r.queue.File = store.DecisionFile{Name: filepath.Base(path), ImportedAt: now}
	if r.queue.File.SHA256, err = sumFile(path); err != nil {
		return r.queue, err
	}
	if r.queue.Before, _, err = s.KnownDecisionFile(ctx, r.queue.File.SHA256); err != nil {
		return r.queue, err
	}
	if r.facts, err = s.Facts(ctx); err != nil {
		return r.queue, err
	}
	defer func() { err = errors.Join(err, r.facts.Close()) }()
	if r.first, _, err = r.facts.Runs(ctx, time.Time{}, time.Time{}); err != nil {
		return r.queue, err
	}
	if err := r.file(path); err != nil {
		return r.queue, err
	}
	return r.queue, r.mistaken()
}

func sumFile(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// decisionReader reads one file.
type decisionReader struct {
	ctx      context.Context
	now      time.Time
	facts    *store.Facts
	first    store.RunFact // the database's
	date1904 bool
	queue    FilledQueue
	seen     map[string]string // keys of the rows with a decision, and where they stand
	mistakes []error
	more     int // mistakes that are not named
}

func (r *decisionReader) mistake(sheet, cell, format string, args ...any) {
	if len(r.mistakes) == maxMistakes {
		r.more++
		return
	}
	r.mistakes = append(r.mistakes, Mistake{sheet, cell, fmt.Sprintf(format, args...)})
}

func (r *decisionReader) mistaken() error {
	if r.more > 0 {
		return errors.Join(append(r.mistakes, fmt.Errorf("and %d more", r.more))...)
	}
	return errors.Join(r.mistakes...)
}

// file reads every part of the queue.
func (r *decisionReader) file(path string) (err error) {
	x, err := excelize.OpenFile(path)
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrNoQueue, err)
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if props, propsErr := x.GetWorkbookProps(); propsErr == nil && props.Date1904 != nil {
		r.date1904 = *props.Date1904
	}
	found := false
	for _, name := range x.GetSheetList() {
		if name != queueSheet && !strings.HasPrefix(name, queueSheet+" (") {
			continue
		}
		found = true
		if err := r.sheet(x, name); err != nil {
			return err
		}
	}
	if !found {
		return ErrNoQueue
	}
	return nil
}

// headRows is within how many rows the header must stand.
const headRows = 50

// sheet reads one part of the queue.
func (r *decisionReader) sheet(x *excelize.File, name string) (err error) {
	rows, err := x.Rows(name)
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrNoQueue, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var form *queueForm
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return fmt.Errorf("%s, row %d: %w", name, number, err)
		}
		switch {
		case form != nil:
			if err := r.row(queueRow{form, number, cells}); err != nil {
				return err
			}
		case number > headRows:
			return ErrNoQueue
		default:
			if form, err = newQueueForm(name, cells); err != nil {
				return err
			}
		}
	}
	if form == nil {
		return ErrNoQueue
	}
	return nil
}

// queueForm is where a sheet's columns stand, by their heads.
type queueForm struct {
	sheet   string
	columns map[string]int
	zone    *time.Location
}

// newQueueForm reads a row as the header, nil when it is none.
func newQueueForm(sheet string, cells []string) (*queueForm, error) {
	f := &queueForm{sheet: sheet, columns: map[string]int{}}
	zone := ""
	for i, head := range cells {
		if name, in, ok := strings.Cut(head, " ("); ok && name == headDecidedAt {
			head, zone = name, strings.TrimSuffix(in, ")")
		}
		f.columns[head] = i
	}
	if !f.has(headKey) && !f.has(headDecision) {
		return nil, nil //nolint:nilnil // no header, no mistake
	}
	for _, head := range []string{headTransact, headID, headScore, headDecision, headReviewer, headDecidedAt, headComment, headKey} {
		if !f.has(head) {
			return nil, fmt.Errorf("%w; the column %s is missing", ErrNoQueue, head)
		}
	}
	var err error
	if f.zone, err = time.LoadLocation(zone); err != nil || zone == "" {
		return nil, fmt.Errorf("%w; %q is no time zone", ErrNoQueue, zone)
	}
	return f, nil
}

func (f *queueForm) has(head string) bool {
	_, ok := f.columns[head]
	return ok
}

// queueRow is one row of the queue as it was read.
type queueRow struct {
	*queueForm
	number int
	cells  []string
}

func (w queueRow) text(head string) string {
	if i := w.columns[head]; i < len(w.cells) {
		return w.cells[i]
	}
	return ""
}

func (w queueRow) place(head string) string { return Ref{w.columns[head] + 1, w.number}.String() }

// row takes one row. Without a decision it is open, whoever is named as its reviewer.
func (r *decisionReader) row(w queueRow) error {
	key, word := w.text(headKey), strings.ToLower(strings.TrimSpace(w.text(headDecision)))
	comment, at := w.text(headComment), strings.TrimSpace(w.text(headDecidedAt))
	if key == "" && word == "" && comment == "" && at == "" && w.text(headReviewer) == "" {
		return nil
	}
	r.queue.Rows++
	if word == "" {
		r.queue.Open++
		if comment != "" || at != "" {
			r.mistake(w.sheet, w.place(headDecision), "a comment or a time without a decision: want one of %s", orList(store.Decisions()))
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
		r.settle(answer, shown, d)
	}
	return nil
}

// filledIn is what the reviewer wrote, without the time.
func (r *decisionReader) filledIn(w queueRow, word string) store.Decision {
	d := store.Decision{Decision: word, Reviewer: strings.TrimSpace(w.text(headReviewer)), Comment: w.text(headComment), Sheet: w.sheet, Row: w.number}
	if !slices.Contains(store.Decisions(), word) {
		r.mistake(w.sheet, w.place(headDecision), "decision %.40q: want %s", w.text(headDecision), orList(store.Decisions()))
	}
	switch {
	case d.Reviewer == "":
		r.mistake(w.sheet, w.place(headReviewer), "no reviewer: who decided?")
	case len(d.Reviewer) > maxReviewer:
		r.mistake(w.sheet, w.place(headReviewer), "a reviewer's name of %d bytes: at most %d", len(d.Reviewer), maxReviewer)
	}
	return d
}

// answer looks up what the row is about, nil when it is nothing this database knows.
func (r *decisionReader) answer(w queueRow, key string) (*store.DecidedAnswer, int64, error) {
	if at, twice := r.seen[key]; twice {
		r.mistake(w.sheet, w.place(headKey), "the same row as %s: leave one of them", at)
		return nil, 0, nil
	}
	call, shown, ok := parseQueueKey(r.first, key)
	if !ok {
		r.mistake(w.sheet, w.place(headKey), "key %.40q: no row of this database's queue", key)
		return nil, 0, nil
	}
	r.seen[key] = w.sheet + "!" + w.place(headKey)
	answer, ok, err := r.facts.DecidedAnswer(r.ctx, call)
	if err == nil && (!ok || answer.Score == nil) {
		r.mistake(w.sheet, w.place(headKey), "key %.40q: no such answer", key)
		return nil, 0, nil
	}
	return &answer, shown, err
}

// compare makes sure that the row still shows the answer its key names: a row that was sorted without its neighbours, or
// typed over, would be about another check than the reviewer looked at.
func (r *decisionReader) compare(w queueRow, a *store.DecidedAnswer) {
	if id := w.text(headID); id != visible(a.ID) && (a.ID != "" || id != "" && store.HashID(a.Kind, id) != a.IDHash) {
		r.mistake(w.sheet, w.place(headID), "this row's ID was edited, or only some of its columns were sorted")
	}
	if w.text(headTransact) != visible(a.TransactionID) {
		r.mistake(w.sheet, w.place(headTransact), "this row's transaction was edited, or only some of its columns were sorted")
	}
	score, err := strconv.ParseFloat(w.text(headScore), 64)
	if err != nil || math.Abs(score-*a.Score) > 1e-9 { // some programs keep 15 digits
		r.mistake(w.sheet, w.place(headScore), "score %.40q was edited: the vendor gave %v", w.text(headScore), *a.Score)
	}
}

// settle takes a decision that nothing is wrong with.
func (r *decisionReader) settle(a *store.DecidedAnswer, shown int64, d store.Decision) {
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

// known says whether a row stands as it was shown, or as the same reviewer's last decision since.
func known(stored []store.Decision, shown int64, d store.Decision) bool {
	if slices.ContainsFunc(stored, func(old store.Decision) bool { return old.DecisionID == shown && sameDecision(d, old) }) {
		return true
	}
	for _, old := range slices.Backward(stored) {
		if old.DecisionID > shown && visible(old.Reviewer) == visible(d.Reviewer) {
			return sameDecision(d, old)
		}
	}
	return false
}

// sameDecision compares what a row says with what is stored. Text is compared as a workbook shows it.
func sameDecision(d, old store.Decision) bool {
	return d.Decision == old.Decision && visible(d.Reviewer) == visible(old.Reviewer) && visible(d.Comment) == visible(old.Comment) &&
		(d.Undated || d.DecidedAt.Equal(old.DecidedAt))
}

// orList joins words as a choice: a, b or c.
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
