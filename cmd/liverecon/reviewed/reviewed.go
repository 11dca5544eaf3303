// Package reviewed says what reading people's decisions came to: JSON and sentences.
package reviewed

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"liverecon/cmd/liverecon/words"
	"liverecon/report/review"
	"liverecon/store/decisions"
)

// Result counts the decisions of a file.
type Result struct {
	File       string           `json:"file"`
	ReadBefore *time.Time       `json:"read_before"` // this very file
	Rows       int64            `json:"rows"`
	Open       int64            `json:"open"`
	New        int64            `json:"new"`
	Changed    int64            `json:"changed"` // of the new ones, those that take the place of another
	Older      int64            `json:"older"`   // of the new ones, those made before the one that stands
	Differ     int64            `json:"differ"`  // of the new ones, those that another reviewer decided otherwise
	Known      int64            `json:"known"`
	Twice      int64            `json:"twice"`     // rows that say the same as another one
	Refused    int64            `json:"not_taken"` // rows with a mistake
	Erased     int64            `json:"comments_left_out"`
	Decisions  map[string]int64 `json:"new_by_decision"`
	Notes      []string         `json:"notes"` // what of the file was not read
	Mistakes   []Fault          `json:"mistakes"`
}

// Fault describes a cell that cannot be taken.
type Fault struct {
	Sheet string `json:"sheet"` // "" of CSV
	Cell  string `json:"cell"`
	Text  string `json:"text"`
}

// Of returns what reading a file came to; err joins the mistakes in it.
func Of(file string, q review.FilledQueue, err error) Result {
	r := Result{File: file, Rows: q.Rows, Open: q.Open, New: int64(len(q.New)), Changed: q.Changed,
		Known: q.Known, Older: q.Older, Differ: q.Differ, Twice: q.Twice, Refused: q.Refused, Erased: q.Erased,
		Decisions: map[string]int64{}, Notes: append([]string{}, q.Notes...), Mistakes: []Fault{}}
	if !q.Before.IsZero() {
		r.ReadBefore = &q.Before
	}
	for _, word := range decisions.Words() {
		r.Decisions[word] = 0
	}
	for _, d := range q.New {
		r.Decisions[d.Decision]++
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // of these, each
		for _, e := range joined.Unwrap() {
			var m review.Mistake
			if errors.As(e, &m) {
				r.Mistakes = append(r.Mistakes, Fault(m))
			}
		}
	}
	return r
}

// Lines words the result in sentences, a line each, times in a zone.
func (r *Result) Lines(zone *time.Location) (lines []string) {
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	say("%s: %s, %s open", filepath.Base(r.File), words.Plural(r.Rows, "row", "rows"), words.Comma(r.Open))
	if r.ReadBefore != nil {
		before := "this very file was read before, on " + words.Moment(*r.ReadBefore, zone)
		if r.New == 0 {
			return append(lines, before+": nothing is new")
		}
		say("%s", before)
	}
	text := words.Plural(r.New, "new decision", "new decisions")
	for i, word := range decisions.Words() {
		text += fmt.Sprintf("%s %s %s", map[bool]string{true: ":", false: ","}[i == 0], words.Comma(r.Decisions[word]),
			word)
	}
	say("%s", text)
	if r.Changed > 0 {
		say("%s the place of an earlier one", words.Plural(r.Changed, "of them takes", "of them take"))
	}
	if r.Older > 0 {
		say("%s made before the one that stands: it goes on standing",
			words.Plural(r.Older, "of them was", "of them were"))
	}
	if r.Differ > 0 {
		say("%s another reviewer's: both are kept, and the one decided last stands",
			words.Plural(r.Differ, "of them differs from", "of them differ from"))
	}
	if r.Twice > 0 {
		say("%s twice: taken once", words.Plural(r.Twice, "row stands there", "rows stand there"))
	}
	if r.Known > 0 {
		say("%s stored already", words.Plural(r.Known, "decision was", "decisions were"))
	}
	if r.Erased > 0 {
		say("%s left out: the ID was erased meanwhile", words.Plural(r.Erased, "comment was", "comments were"))
	}
	return lines
}
