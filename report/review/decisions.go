package review

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"liverecon/store"
	"liverecon/store/decisions"
	"liverecon/store/snapshot"
)

// The manual queue is a form: reviewers fill in its yellow columns, and ReadDecisions reads them back. Each row bears a
// key that names the answer it is about and the decision it showed when the workbook was made, so that rows may be
// sorted, filtered and left out, and so that somebody who goes on with an older file takes back nothing that others
// decided since.

// The heads of the queue's columns that are read back; times stand in a zone, which the head names.
const (
	QueueSheet    = "Manual queue"
	HeadTransact  = "Transaction"
	HeadID        = "ID"
	HeadScore     = "Score"
	HeadDecision  = "Decision"
	HeadReviewer  = "Reviewer"
	HeadDecidedAt = "Decided at"
	HeadComment   = "Comment"
	HeadKey       = "Key"

	headAnswered = "Answered at" // tells what a restore lost
)

// maxReviewer holds the longest name of a reviewer, in bytes.
const maxReviewer = 200

// QueueKey names an answer and the decision shown beside it, 0 for none. Its last part ties it to one database: a row
// of another one's workbook is told apart even where the numbers exist in both.
func QueueKey(first snapshot.RunSpan, call, shown int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d %d", first.ID, first.StartedAt.UnixMilli(), call, shown))
	return fmt.Sprintf("%d-%d-%x", call, shown, sum[:4])
}

// ParseQueueKey takes a key apart, false when it is none of this database's.
func ParseQueueKey(first snapshot.RunSpan, key string) (call, shown int64, ok bool) {
	parts := strings.Split(key, "-")
	if len(parts) != 3 {
		return 0, 0, false
	}
	call, callErr := strconv.ParseInt(parts[0], 10, 64)
	shown, shownErr := strconv.ParseInt(parts[1], 10, 64)
	return call, shown, callErr == nil && shownErr == nil && key == QueueKey(first, call, shown)
}

// FilledQueue holds the decisions read from a file.
type FilledQueue struct {
	File    decisions.File
	Rows    int64                // of the queue
	Open    int64                // of these without a decision
	Known   int64                // of these with a decision that is stored already
	New     []decisions.Decision // in the order of the rows
	Changed int64                // of the new ones, those that take the place of another decision
	Older   int64                // of the new ones, those that were made before the one that stands
	Differ  int64                // of the new ones, those that another reviewer decided otherwise
	Twice   int64                // rows that say the same as another row of the file
	Refused int64                // rows with a mistake
	Erased  int64                // comments left out because their ID was erased meanwhile
	Notes   []string             // what of the file was not read, and why
	Before  time.Time            // when this very file was imported already; zero: it was not
}

// Mistake describes something in a file of decisions that cannot be taken. Sheet is "" in a text.
type Mistake struct{ Sheet, Cell, Text string }

func (m Mistake) Error() string {
	if m.Sheet == "" {
		return m.Cell + ": " + m.Text
	}
	return fmt.Sprintf("%s!%s: %s", m.Sheet, m.Cell, m.Text)
}

// maxMistakes sets how many mistakes are named; whoever has more has the wrong file.
const maxMistakes = 200

// ErrNoQueue reports that a file is not a risk workbook of this program.
var ErrNoQueue = errors.New("not a risk workbook: it has no sheet " + QueueSheet + " with the columns that " +
	"`liverecon report risk` writes")

// ReadDecisions reads what reviewers wrote into the manual queue of a risk workbook, or of its sheet saved as CSV,
// compares every filled-in row with the database, and tells what is new. now is the time of decisions that give none.
// The error joins all mistakes, each a Mistake: the rows without one may be stored all the same. A file that cannot be
// read is ErrNoQueue, with what to do about it an UnreadableError.
func ReadDecisions(ctx context.Context, s *store.Store, path string, now time.Time) (_ FilledQueue, err error) {
	r := &decisionReader{ctx: ctx, now: now.Truncate(time.Second), seen: map[string]seenRow{}, wrong: map[string]bool{}}
	r.queue.File = decisions.File{Name: filepath.Base(path), ImportedAt: now}
	if r.queue.File.SHA256, err = sumFile(path); err != nil {
		return r.queue, err
	}
	if r.erased, err = s.Lists().Erased(ctx); err != nil {
		return r.queue, err
	}
	r.queue.File.Name = r.erased.Clean(r.queue.File.Name, store.Erased)
	if r.queue.Before, _, err = s.Decisions().KnownFile(ctx, r.queue.File.SHA256); err != nil {
		return r.queue, err
	}
	if r.snap, err = snapshot.Open(ctx, s); err != nil {
		return r.queue, err
	}
	defer func() { err = errors.Join(err, r.snap.Close()) }()
	if r.first, _, err = r.snap.Runs(ctx, time.Time{}, time.Time{}); err != nil {
		return r.queue, err
	}
	if r.losses, err = r.snap.Decisions().Losses(ctx); err != nil {
		return r.queue, err
	}
	if err := r.file(path); err != nil {
		return r.queue, err
	}
	r.withdraw()
	r.queue.Refused = int64(len(r.wrong))
	r.queue.Notes = append(r.queue.Notes, beside(path)...)
	return r.queue, r.mistaken()
}

func sumFile(path string) (sum [sha256.Size]byte, err error) {
	if stat, err := os.Stat(path); err == nil && !stat.Mode().IsRegular() { // opening a pipe would wait for its writer
		return sum, fmt.Errorf("%s is not a file", path)
	}
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
	ctx       context.Context
	now       time.Time
	snap      *snapshot.Snapshot
	first     snapshot.RunSpan // the database's
	losses    []decisions.Loss
	from1904  bool
	erased    interface{ Clean(text, by string) string }
	queue     FilledQueue
	seen      map[string]seenRow // the rows with a decision, by their keys
	wrong     map[string]bool    // places of rows with a mistake
	added     []added            // of queue.New, in its order
	withdrawn []string           // keys of rows that disagree
	mistakes  []error
	more      int // mistakes that are not named
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
