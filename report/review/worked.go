package review

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/report/worked"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// The exceptions of a finance workbook are a form like the manual queue: people fill in its yellow columns, and
// ReadWorked reads them back. Each row bears a key that names it, the decision it showed and the figures it was about,
// so that rows may be sorted, filtered and left out, and a workbook of other figures takes back nothing and decides
// nothing it has not shown.

// The heads of the columns that are read back, and where to sign.
const (
	ExceptionSheet = "Exceptions"
	SignSheet      = "Sign-off"
	HeadClass      = "Class"
	HeadIssue      = "At issue"
	HeadStatus     = "Status"
	HeadDisputed   = "Disputed"
	HeadAccepted   = "Accepted"
	HeadOwner      = "Owner"
	HeadRole       = "Role"
	HeadName       = "Name"
	HeadSignedAt   = "Signed at"
	LabelFigures   = "Figures digest"
	LabelWorked    = "Worked digest"
)

// RoleLabel returns a role as the sheet Sign-off names it.
func RoleLabel(role string) string { return strings.ToUpper(role[:1]) + role[1:] + " by" }

// FiguresText returns the text that ties a sheet Sign-off to a month's figures.
func FiguresText(m *worked.Month) string { return m.Name + " " + hex.EncodeToString(m.Figures[:]) }

// WorkedText returns the text that ties a sheet Sign-off to what was worked out of a month's figures.
func WorkedText(m *worked.Month) string { return fmt.Sprintf("%s %x", m.Name, m.Digest()) }

// ExceptionKey names an exception of a database, the decision shown for it and the figures it was shown with.
func ExceptionKey(first snapshot.RunSpan, month string, e *worked.Exception) string {
	shown := int64(0)
	if e.Work != nil {
		shown = e.Work.WorkID
	}
	status := slices.Index(worked.Statuses(), e.Default)
	return fmt.Sprintf("%s/%s/%d/%d/%s/%s", month, e.Key, shown, status, ours(first, month, e.Key, shown, status),
		figuresOf(e))
}

// ours ties a key to a database.
func ours(first snapshot.RunSpan, month, key string, shown int64, status int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s %s %d %d", first.ID, first.StartedAt.UnixMilli(), month, key, shown,
		status))
	return hex.EncodeToString(sum[:4])
}

// figuresOf ties a key to what a row was worked at.
func figuresOf(e *worked.Exception) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s", e.Class, e.Issue))
	return hex.EncodeToString(sum[:4])
}

// exceptionKey holds a key taken apart.
type exceptionKey struct {
	month, exception, figures string
	shown                     int64
	status                    string // that it has without a decision
}

func parseExceptionKey(first snapshot.RunSpan, text string) (k exceptionKey, ok bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 6 {
		return k, false
	}
	shown, shownErr := strconv.ParseInt(parts[2], 10, 64)
	status, statusErr := strconv.Atoi(parts[3])
	if shownErr != nil || statusErr != nil || status < 0 || status >= len(worked.Statuses()) ||
		parts[4] != ours(first, parts[0], parts[1], shown, status) {
		return k, false
	}
	return exceptionKey{parts[0], parts[1], parts[5], shown, worked.Statuses()[status]}, true
}

// FilledFinance holds what people worked and signed in a finance workbook.
type FilledFinance struct {
	File       accounts.WorkFile
	Month      string // "" where the workbook names none
	Rows, Open int64  // of the exceptions; of these, those whose status is open
	Known      int64  // with a decision that is stored already
	New        []accounts.Work
	Changed    int64 // of the new ones, those that take the place of another decision
	Older      int64 // of the new ones, those made before what stands
	// somebody else decided otherwise meanwhile; the row changed since the workbook was made; it is no exception any
	// more: a sentence a row
	Disagree, Moved, Gone []string
	Signed                []accounts.Signature   // that are new
	Disputes              []accounts.DisputeNote // that are new: what became of disputes
	OtherFigures          bool                   // the workbook shows other figures than stand now
	Notes                 []string               // what of the file was not read, and why
}

// ErrNoFinance reports that a file is not a finance workbook of this program.
var ErrNoFinance = errors.New("not a finance workbook: it has no sheet " + SignSheet + " with the rows that " +
	"`liverecon report finance` writes")

// ErrColumns reports columns of which nobody can tell which is to be read.
var ErrColumns = errors.New("cannot be read")

// ErrNotReconciled reports signatures or decisions about a month that has no reconciliation.
var ErrNotReconciled = errors.New("is not reconciled with a statement: there is nothing to sign for yet")

// IsFinance reports whether a workbook has the sheet to sign on or exceptions, and no manual queue.
func IsFinance(path string) (is bool, err error) {
	err = openWorkbook(path, func(book sheets) error {
		exceptions, sign := book.kinds()
		is = (sign >= 0 || len(exceptions) > 0) && !slices.Contains(book.names, QueueSheet)
		return nil
	})
	if err != nil {
		return false, nil //nolint:nilerr // whoever reads it as a queue says why it is none
	}
	return is, nil
}

// ReadWorked reads what people worked and signed in a finance workbook, and tells what is new. now is the time of what
// gives none. The error joins all mistakes, each a Mistake: what else is right is found all the same, but for
// signatures. Rows that changed since the workbook was made, or are no exceptions any more, are named and left out.
func ReadWorked(ctx context.Context, s *store.Store, path string, now time.Time) (_ FilledFinance, err error) {
	r := &workReader{now: now.Truncate(time.Second), seen: map[string]string{}, typed: map[string]accounts.Work{}}
	r.found.File = accounts.WorkFile{Name: filepath.Base(path), ReadAt: now}
	if r.found.File.SHA256, err = sumFile(path); err != nil {
		return r.found, err
	}
	if r.erased, err = s.Lists().Erased(ctx); err != nil {
		return r.found, err
	}
	r.found.File.Name = r.erased.Clean(r.found.File.Name, store.Erased)
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return r.found, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	if r.first, _, err = snap.Runs(ctx, time.Time{}, time.Time{}); err != nil {
		return r.found, err
	}
	if err := r.file(path); err != nil {
		return r.found, err
	}
	if err := r.followed(ctx, snap); err != nil {
		return r.found, err
	}
	if r.found.Month == "" {
		return r.found, r.mistaken()
	}
	if r.month, err = worked.Load(ctx, snap, r.found.Month); err != nil {
		return r.found, err
	}
	if r.month == nil {
		if len(r.rows)+len(r.signs) > 0 {
			return r.found, fmt.Errorf("%s %w", r.found.Month, ErrNotReconciled)
		}
		return r.found, r.mistaken()
	}
	if r.stored, err = snap.Months().Work(ctx, r.found.Month); err != nil {
		return r.found, err
	}
	if !r.listed && len(r.month.Exceptions) > 0 {
		r.mistake(ExceptionSheet, "A1", "no sheet with the exceptions of %s is in this file: give the workbook with "+
			"all of its sheets", r.found.Month)
	}
	r.work()
	r.sign()
	r.found.Notes = append(r.found.Notes, beside(path)...)
	return r.found, r.mistaken()
}

// workReader reads one finance workbook.
type workReader struct {
	mistakeList
	now      time.Time
	erased   interface{ Clean(text, by string) string }
	first    snapshot.RunSpan // the database's
	from1904 bool
	month    *worked.Month
	stored   []accounts.Work
	found    FilledFinance
	rows     []formRow // of the exceptions that have a key
	disputes []formRow // that have a key
	signs    []formRow // in which somebody has signed
	figures  string    // that the workbook shows, with the month
	worked   string    // what was worked of them, that it shows, with the month
	listed   bool      // it has a sheet of exceptions
	seen     map[string]string
	typed    map[string]accounts.Work // by exception: what the file says of rows that are as they were
}

// work takes the rows of the exceptions.
func (r *workReader) work() {
	at := map[string]*worked.Exception{}
	for i := range r.month.Exceptions {
		at[r.month.Exceptions[i].Key] = &r.month.Exceptions[i]
	}
	for _, w := range r.rows {
		r.row(w, at)
	}
}

// row takes one row.
func (r *workReader) row(w formRow, at map[string]*worked.Exception) {
	text := w.text(HeadKey)
	key, ok := parseExceptionKey(r.first, text)
	switch twice := r.seen[text]; {
	case !ok:
		r.mistake(w.sheet, w.location(HeadKey), "key %.40q: no exception of this database", text)
		return
	case twice != "":
		r.mistake(w.sheet, w.location(HeadKey), "the same row as %s: leave one of them", twice)
		return
	case key.month != r.found.Month:
		r.mistake(w.sheet, w.location(HeadKey), "a row of %s in a workbook of %s", key.month, r.found.Month)
		return
	}
	r.seen[text] = w.sheet + "!" + w.location(HeadKey)
	r.found.Rows++
	before := r.count()
	typed := r.filledIn(w, key)
	if typed.Status == worked.Open {
		r.found.Open++
	}
	e := at[key.exception]
	name := r.name(w, key)
	switch {
	case r.count() > before:
	case r.untouched(key, &typed):
		if e != nil && key.figures == figuresOf(e) {
			r.typed[key.exception] = typed
		}
		if key.shown != 0 {
			r.found.Known++
		}
	case e == nil:
		r.found.Gone = append(r.found.Gone, name+" is no exception any more: "+typed.Status+" was not taken")
	case key.figures != figuresOf(e):
		r.found.Moved = append(r.found.Moved,
			fmt.Sprintf("%s is %s, %s at issue by now: %s was not taken, look again", name,
				e.Class, e.Issue, typed.Status))
	case typed.Status == worked.Within && e.Default != worked.Within:
		r.mistake(w.sheet, w.location(HeadStatus), "status %s: no tolerance closes this row; want %s", typed.Status,
			orList(worked.Statuses()[:len(worked.Statuses())-1]))
	default:
		r.compare(w, e)
		if !typed.Undated && typed.DecidedAt.Add(24*time.Hour).Before(e.At) {
			r.mistake(w.sheet, w.location(HeadDecidedAt), "decided on %s, before the call of %s",
				typed.DecidedAt.Format(time.DateOnly), e.At.Format(time.DateOnly))
		}
		r.amounts(w, e, &typed)
		if r.count() == before {
			r.keep(e, key, typed, name)
		}
	}
}

// name returns a row as a sentence names it.
func (r *workReader) name(w formRow, key exceptionKey) string {
	text := w.sheet + " row " + strconv.Itoa(w.number) + " (" + w.text(HeadClass)
	if x := w.text(HeadTransact); x != "" {
		text += ", transaction " + x
	}
	return text + ")"
}

// clean leaves out of a text the IDs that were erased.
func (r *workReader) clean(text string) string { return r.erased.Clean(text, store.Erased) }

// filledIn returns what a row says.
func (r *workReader) filledIn(w formRow, key exceptionKey) accounts.Work {
	typed := accounts.Work{Month: key.month, Exception: key.exception,
		Owner: r.clean(strings.TrimSpace(w.text(HeadOwner))), Comment: r.clean(w.text(HeadComment)), Status: strings.ToLower(strings.TrimSpace(w.text(HeadStatus))),
		Sheet: w.sheet, Row: w.number, DecidedAt: r.now, Undated: true}
	if typed.Status == "" {
		typed.Status = key.status
	}
	if !slices.Contains(worked.Statuses(), typed.Status) {
		r.mistake(w.sheet, w.location(HeadStatus), "status %.40q: want %s", w.text(HeadStatus),
			orList(worked.Statuses()))
	}
	if len(typed.Owner) > maxReviewer {
		r.mistake(w.sheet, w.location(HeadOwner), "an owner's name of %d bytes: at most %d", len(typed.Owner),
			maxReviewer)
	}
	typed.Disputed, typed.Accepted = r.amount(w, HeadDisputed), r.amount(w, HeadAccepted)
	if text := strings.TrimSpace(w.text(HeadDecidedAt)); text != "" {
		typed.DecidedAt, typed.Undated = r.moment(w, HeadDecidedAt, text), false
	}
	return typed
}

// inOrder makes sure that nobody approves what is not prepared yet. A day without a time is all of it.
func (r *workReader) inOrder() {
	at := map[string]accounts.Signature{}
	for _, s := range r.month.Signed() {
		if s.Valid {
			at[s.Role] = s.Signature
		}
	}
	for _, s := range r.found.Signed {
		at[s.Role] = s
	}
	prepared, one := at[accounts.Prepared]
	approved, other := at[accounts.Approved]
	if one && other && approved.SignedAt.Add(24*time.Hour).Before(prepared.SignedAt) {
		first := r.signs[0]
		r.mistake(first.sheet, first.location(HeadSignedAt), "approved on %s, before it was prepared on %s",
			approved.SignedAt.In(first.zone).Format(time.DateOnly),
			prepared.SignedAt.In(first.zone).Format(time.DateOnly))
	}
}

// clockSlack sets by how much the clocks of two machines may differ.
const clockSlack = 10 * time.Minute

// moment reads a time that is not in the future.
func (r *workReader) moment(w formRow, head, text string) time.Time {
	var from time.Time // nobody works or signs a month before it begins
	if r.month != nil {
		from = r.month.Begins()
	}
	at, _, err := oneMoment(w.cell(head), dateStyle{w.zone, r.from1904, r.now}, func(at time.Time, _ bool) bool {
		return !at.After(r.now.Add(clockSlack)) && !at.Before(from)
	})
	switch {
	case err != nil:
		r.mistake(w.sheet, w.location(head), "%.40q %v", text, err)
	case at.After(r.now.Add(clockSlack)):
		r.mistake(w.sheet, w.location(head), "%s %s is in the future", at.Format(time.DateTime), w.zone)
	case at.Before(from):
		r.mistake(w.sheet, w.location(head), "%s %s is before the month begins", at.Format(time.DateTime), w.zone)
	}
	return at.UTC()
}

// cellPlaces bounds the decimals to which a cell's amount is read: what binary numbers leave over lies beyond.
const cellPlaces = 12

// amount reads an amount, "" where there is none.
func (r *workReader) amount(w formRow, head string) string {
	text := strings.TrimSpace(w.text(head))
	if text == "" {
		return ""
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.IsNegative() {
		r.mistake(w.sheet, w.location(head), "%.40q is no amount: want a number without a sign, or nothing", text)
		return ""
	}
	return d.Round(cellPlaces).String()
}

// amounts makes sure that no more is disputed and accepted than is at issue.
func (r *workReader) amounts(w formRow, e *worked.Exception, typed *accounts.Work) {
	state := stateOf(typed)
	claimed, accepted := state.Disputed.Decimal, state.Accepted.Decimal
	switch {
	case claimed.IsPositive() && !e.Issue.IsPositive():
		r.mistake(w.sheet, w.location(HeadDisputed),
			"nothing of this row is to dispute: it bills no more than our records "+
				"support")
	case claimed.Add(accepted).GreaterThan(e.Issue.Abs()):
		r.mistake(w.sheet, w.location(HeadAccepted), "disputed and accepted come to %s, and %s is at issue",
			claimed.Add(accepted), e.Issue.Abs())
	}
}

func stateOf(w *accounts.Work) worked.State {
	e := worked.Exception{Work: w}
	return e.State()
}

// same compares what two decisions say, as a workbook shows it.
func same(a, b *accounts.Work) bool {
	return a.Status == b.Status && a.Disputed == b.Disputed && a.Accepted == b.Accepted && visible(a.Owner, b.Owner) &&
		visible(a.Comment, b.Comment)
}

// untouched reports whether a row says what it showed.
func (r *workReader) untouched(key exceptionKey, typed *accounts.Work) bool {
	if key.shown == 0 {
		return same(typed, &accounts.Work{Status: key.status})
	}
	for i := range r.stored {
		if r.stored[i].WorkID == key.shown {
			return same(typed, &r.stored[i])
		}
	}
	return false
}

// compare makes sure that the row still shows the exception its key names.
func (r *workReader) compare(w formRow, e *worked.Exception) {
	if w.text(HeadClass) != e.Class {
		r.mistake(w.sheet, w.location(HeadClass),
			"this row's class was edited, or only some of its columns were sorted")
	}
	if !visible(w.text(HeadTransact), e.Position.TransactionID) {
		r.mistake(w.sheet, w.location(HeadTransact),
			"this row's transaction was edited, or only some of its columns were "+
				"sorted")
	}
	text := w.text(HeadIssue)
	if text == "" { // some programs keep no values of formulas
		return
	}
	issue, err := decimal.NewFromString(text)
	if err != nil || issue.Sub(e.Issue).Abs().GreaterThan(decimal.New(1, -9)) {
		r.mistake(w.sheet, w.location(HeadIssue),
			"%.40q at issue was edited, or only some of its columns were sorted: it "+
				"is %s", text, e.Issue)
	}
}

// keep takes a decision that nothing is wrong with.
func (r *workReader) keep(e *worked.Exception, key exceptionKey, typed accounts.Work, name string) {
	r.typed[key.exception] = typed
	typed.Class, typed.Issue, typed.Currency = e.Class, e.Issue.String(), e.Currency
	typed.StatementID, typed.Line, typed.CallID, typed.TransactionID = e.Position.StatementID, e.Position.Line,
		e.Position.CallID,
		e.Position.TransactionID
	var since *accounts.Work // the last that this workbook did not show
	for i := range r.stored {
		old := &r.stored[i]
		if old.Exception != key.exception || old.WorkID <= key.shown || old.Class != typed.Class ||
			old.Issue != typed.Issue {
			continue
		}
		if same(old, &typed) && (old.File == r.found.File.Name || visible(old.Owner, typed.Owner)) {
			r.found.Known++
			return
		}
		since = old
	}
	if since != nil && since.File != r.found.File.Name &&
		(typed.Owner == "" || !worked.SamePerson(since.Owner, typed.Owner)) &&
		!same(&accounts.Work{Status: since.Status, Disputed: since.Disputed, Accepted: since.Accepted},
			&accounts.Work{Status: typed.Status, Disputed: typed.Disputed, Accepted: typed.Accepted}) {
		typed.Contradicts = since.WorkID
		r.found.Disagree = append(r.found.Disagree, fmt.Sprintf("%s: %s here, %s in %s", name, typed.Status,
			since.Status,
			since.File))
	}
	if e.Work != nil {
		r.found.Changed++
		if typed.DecidedAt.Before(e.Work.DecidedAt) {
			r.found.Older++
		}
	}
	r.found.New = append(r.found.New, typed)
}

// sign takes the signatures.
func (r *workReader) sign() {
	if r.figures != "" && r.figures != FiguresText(r.month) {
		r.found.OtherFigures = true
	}
	if len(r.signs) == 0 || r.count() > 0 || !r.maySign() {
		return
	}
	as := r.asTyped()
	names := map[string]string{}
	if s := r.month.Valid(accounts.Prepared); s != nil {
		names[accounts.Prepared] = s.Name
	}
	if s := r.month.Valid(accounts.Approved); s != nil {
		names[accounts.Approved] = s.Name
	}
	for _, w := range r.signs {
		s := r.signature(w, as)
		names[s.Role] = s.Name
		if s.Role != accounts.Reviewed && worked.SamePerson(names[accounts.Prepared], names[accounts.Approved]) {
			r.mistake(w.sheet, w.location(HeadName), "%s has prepared and approved: another person has to approve",
				s.Name)
		}
		if !s.SignedAt.IsZero() {
			r.found.Signed = append(r.found.Signed, s)
		}
	}
	r.inOrder()
	if r.count() > 0 {
		r.found.Signed = nil
	}
}

// maySign reports whether the file can bear signatures: it says which figures and which work they are for, and shows
// every exception. Where it leaves some out, they are as its digest of the work has them, so that nobody signs for what
// was changed since and is not in his file.
func (r *workReader) maySign() bool {
	first, before := r.signs[0], r.count()
	anew := "sign a workbook that `liverecon report finance --month " + r.found.Month + "` writes now"
	if r.figures == "" || r.worked == "" {
		r.mistake(first.sheet, first.location(HeadName), "the digests of what is signed are missing below: %s", anew)
		return false
	}
	left := 0
	for i := range r.month.Exceptions {
		if _, shown := r.typed[r.month.Exceptions[i].Key]; !shown {
			left++
		}
	}
	if left == 0 || r.found.OtherFigures { // such a signature has fallen already
		return true
	}
	if as := r.asWorked(); WorkedText(as) != r.worked {
		r.mistake(first.sheet, first.location(HeadName), "%d exceptions of the month are not in this file, and what "+
			"is worked is not what it was when the file was made: %s", left, anew)
	}
	return r.count() == before
}

// asWorked returns the month with what the file says of it.
func (r *workReader) asWorked() *worked.Month {
	as := *r.month
	as.Exceptions = slices.Clone(r.month.Exceptions)
	for i := range as.Exceptions {
		if typed, given := r.typed[as.Exceptions[i].Key]; given {
			as.Exceptions[i].Work = &typed
		}
	}
	as.Add()
	return &as
}

// asTyped returns the digests and the words that a signature in the file is for.
func (r *workReader) asTyped() (s accounts.Signature) {
	as := r.asWorked()
	digest := as.Digest()
	s.Month, s.Figures, s.Worked, s.ToDispute = as.Name, as.Figures[:], digest[:], as.ToDispute()
	if _, shown, _ := strings.Cut(r.figures, " "); r.found.OtherFigures {
		s.Figures, s.ToDispute = []byte(shown), "" // what these were nobody knows any more
		other := sha256.Sum256(append([]byte(shown), digest[:]...))
		s.Worked = other[:]
	}
	return s
}

// signature returns what a row to sign in says; one that is stored already has no time.
func (r *workReader) signature(w formRow, s accounts.Signature) accounts.Signature {
	for _, role := range accounts.Roles() {
		if w.text(HeadRole) == RoleLabel(role) {
			s.Role = role
		}
	}
	s.Name, s.Comment = strings.TrimSpace(w.text(HeadName)), r.clean(w.text(HeadComment))
	s.Decision = strings.ToLower(strings.TrimSpace(w.text(HeadDecision)))
	if s.Decision != "" && !slices.Contains(worked.Decisions(), s.Decision) {
		r.mistake(w.sheet, w.location(HeadDecision), "decision %.40q: want %s", w.text(HeadDecision),
			orList(worked.Decisions()))
	}
	if len(s.Name) > maxReviewer {
		r.mistake(w.sheet, w.location(HeadName), "a name of %d bytes: at most %d", len(s.Name), maxReviewer)
	}
	text := strings.TrimSpace(w.text(HeadSignedAt))
	if s.SignedAt = r.now; text != "" {
		s.SignedAt = r.moment(w, HeadSignedAt, text)
	}
	for _, old := range slices.Backward(r.month.Signatures) {
		if old.Role != s.Role || !visible(old.Name, s.Name) {
			continue
		}
		switch {
		case text != "" && old.SignedAt.Equal(s.SignedAt), text == "" && bytes.Equal(old.Worked, s.Worked):
			s.SignedAt = time.Time{}
		case text == "":
			r.mistake(w.sheet, w.location(HeadSignedAt),
				"%s has signed before, for other figures or decisions: give the "+
					"date and time of the new signature", s.Name)
		}
		break
	}
	return s
}
