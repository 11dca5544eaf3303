package reviewed

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/review"
	"liverecon/report/review/labels"
	"liverecon/store"
)

// Labels counts the labels of a file of ground truth.
type Labels struct {
	File       string         `json:"file"`
	ReadBefore *time.Time     `json:"read_before"` // this very file
	Rows       int64          `json:"rows"`
	New        int64          `json:"new"`
	BonaFide   int64          `json:"bona_fide"` // of the new ones
	Attack     int64          `json:"attack"`    // of the new ones
	Changed    int64          `json:"changed"`   // of the new ones, those that take the place of another
	Known      int64          `json:"known"`
	Twice      int64          `json:"twice"`     // rows that say the same as another one
	Erased     int64          `json:"erased"`    // rows left out, whose ID was erased
	Refused    int64          `json:"not_taken"` // rows with a mistake
	Mistakes   []LabelMistake `json:"mistakes"`
}

// LabelMistake describes a row that cannot be taken.
type LabelMistake struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

// ReadLabels stores the labels of a file of ground truth, nil when it is none. An error joins the rows that cannot be
// taken; the others are stored then.
func ReadLabels(ctx context.Context, s *store.Store, file string, now time.Time) (*Labels, error) {
	f, is, err := labels.Read(ctx, s, file, now)
	if !is || err != nil {
		return nil, err
	}
	if len(f.New) > 0 {
		if err := s.Decisions().AddLabels(ctx, f.File, f.New); err != nil {
			return nil, err
		}
	}
	l := &Labels{File: file, Rows: f.Rows, New: int64(len(f.New)), Changed: f.Changed, Known: f.Known, Twice: f.Twice,
		Erased: f.Erased, Refused: f.Refused, Mistakes: []LabelMistake{}}
	if !f.Before.IsZero() {
		l.ReadBefore = &f.Before
	}
	for _, x := range f.New {
		if x.Attack {
			l.Attack++
		} else {
			l.BonaFide++
		}
	}
	var wrong []error
	for _, m := range f.Mistakes {
		l.Mistakes, wrong = append(l.Mistakes, LabelMistake(m)), append(wrong, m)
	}
	if wrong == nil {
		return l, nil
	}
	taken := "nothing was stored"
	if l.New > 0 {
		taken = words.Plural(l.New, "new label was", "new labels were") + " stored, the others not"
	}
	return l, errors.Join(append(wrong, config.Usage("correct these lines, and give the file again: what is stored "+
		"already is not stored twice", "%s: %s cannot be taken; %s", filepath.Base(file),
		words.Plural(l.Refused, "row", "rows"), taken))...)
}

// Lines words the result in sentences, a line each, times in a zone.
func (l *Labels) Lines(zone *time.Location) []string {
	if l == nil {
		return nil
	}
	lines := []string{filepath.Base(l.File) + ": " + words.Plural(l.Rows, "row", "rows") + " of ground truth"}
	if l.ReadBefore != nil {
		lines = append(lines, "this very file was read before, on "+words.Moment(*l.ReadBefore, zone))
	}
	lines = append(lines, words.Plural(l.New, "new label", "new labels")+": "+words.Comma(l.BonaFide)+" bona fide, "+
		words.Comma(l.Attack)+" attack")
	for _, x := range []struct {
		n         int64
		one, many string
	}{{l.Changed, "of them takes the place of an earlier one", "of them take the place of earlier ones"},
		{l.Known, "label was stored already", "labels were stored already"},
		{l.Twice, "row stands there twice: taken once", "rows stand there twice: taken once"},
		{l.Erased, "row was left out: its ID was erased", "rows were left out: their IDs were erased"}} {
		if x.n > 0 {
			lines = append(lines, words.Plural(x.n, x.one, x.many))
		}
	}
	return lines
}

// Refused adds what to do to the error of a file that cannot be read.
func Refused(file string, err error) error {
	switch {
	case errors.Is(err, review.ErrNoQueue):
		return config.Usage("give a workbook that `liverecon report risk` or `report finance` wrote, saved as "+
			".xlsx, or the former's sheet "+review.QueueSheet+" as .csv; or labels as .csv, with the columns ID and Label", "%s: %w", file, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return &config.Error{Code: batch.ExitInput, Err: err, Hint: "is the path right?"}
	}
	return err
}
