package monthend

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/review"
	"liverecon/store"
	"liverecon/store/accounts"
)

// Work represents what a finance workbook that people filled in came to.
type Work struct {
	File     string   `json:"file"`
	Month    string   `json:"month"`
	Rows     int64    `json:"rows"`
	Open     int64    `json:"open"`
	New      int64    `json:"new"`
	Changed  int64    `json:"changed"` // of the new ones, those that take the place of another
	Older    int64    `json:"older"`   // of the new ones, those made before what stands
	Known    int64    `json:"known"`
	Disagree []string `json:"disagreements"`
	Moved    []string `json:"changed_since"`         // rows that were left out: their figures are others by now
	Gone     []string `json:"no_exception_any_more"` // rows that were left out
	Signed   []string `json:"signed"`                // that are new
	Disputes int64    `json:"disputes"`              // of which something new is known
	Others   bool     `json:"of_other_figures"`      // the workbook shows others than stand now
	Notes    []string `json:"notes"`                 // what of the file was not read, and why
	State    *State   `json:"state"`
}

// ReadWork reads a finance workbook that people filled in, and stores what is new. The error names cells that cannot be
// taken; what else is right is stored all the same, but for signatures.
func ReadWork(ctx context.Context, s *store.Store, file string, now time.Time) (w Work, err error) {
	found, err := review.ReadWorked(ctx, s, file, now)
	var closed *accounts.ClosedError
	var wrong error
	if errors.As(err, new(review.Mistake)) {
		wrong, err = err, nil
	}
	if err == nil && len(found.Disputes) > 0 {
		err = s.Months().AddDisputes(ctx, found.File, found.Disputes)
	}
	if err == nil && len(found.New)+len(found.Signed) > 0 {
		err = s.Months().AddWork(ctx, found.Month, found.File, found.New, found.Signed)
	}
	switch {
	case errors.As(err, &closed):
		return w, config.Usage("what was worked is frozen with it; to open it again: "+
			"liverecon close --month "+found.Month+
			` --reopen "why" --by NAME`, "%s: %w", file, closed)
	case errors.Is(err, review.ErrNotReconciled):
		return w, config.Usage("import the statement first: `liverecon reconcile --statement FILE`", "%s: %w", file,
			err)
	case errors.Is(err, review.ErrColumns):
		return w, config.Usage("save it then, and give it again", "%s: %w", filepath.Base(file), err)
	case errors.Is(err, review.ErrNoFinance):
		return w, config.Usage("give a workbook that `liverecon report finance` wrote, saved as .xlsx", "%s: %w",
			file, err)
	case err != nil:
		return w, err
	}
	w = Work{File: file, Month: found.Month, Rows: found.Rows, Open: found.Open, New: int64(len(found.New)),
		Changed: found.Changed, Older: found.Older, Known: found.Known, Others: found.OtherFigures,
		Disputes: int64(len(found.Disputes)),
		Disagree: slices.Concat([]string{}, found.Disagree), Moved: slices.Concat([]string{}, found.Moved),
		Gone: slices.Concat([]string{}, found.Gone), Signed: []string{},
		Notes: slices.Concat([]string{}, found.Notes)}
	for _, one := range found.Signed {
		w.Signed = append(w.Signed, one.Role+" by "+one.Name)
	}
	if found.Month != "" {
		if w.State, err = ReadState(ctx, s, found.Month); err != nil {
			return w, err
		}
	}
	if wrong != nil {
		return w, errors.Join(wrong, config.Usage("correct these cells, save, and give the file again: what is stored "+
			"already is not stored twice", "%s: cells cannot be taken; %s stored, and no signature",
			filepath.Base(file),
			words.Plural(w.New, "new decision was", "new decisions were")))
	}
	return w, nil
}

// Lines describes what was read.
func (w Work) Lines() []string {
	all := []string{filepath.Base(w.File) + ": " + words.Plural(w.Rows, "exception", "exceptions") + ", " +
		words.Comma(w.Open) + " open"}
	add := func(n int64, one, many string) {
		if n > 0 {
			all = append(all, words.Plural(n, one, many))
		}
	}
	all = append(all, words.Plural(w.New, "new decision", "new decisions"))
	add(w.Changed, "of them takes the place of an earlier one", "of them take the place of an earlier one")
	add(w.Older, "of them was made before what stands, which stays",
		"of them were made before what stands, which stays")
	add(w.Disputes, "dispute has something new", "disputes have something new")
	add(w.Known, "decision was stored already", "decisions were stored already")
	for _, list := range []struct {
		lead string
		all  []string
	}{{"two people disagree, the later decision stands: ", w.Disagree}, {"left out: ", w.Moved}, {"left out: ", w.Gone},
		{"signed: ", w.Signed}} {
		for _, text := range list.all {
			all = append(all, list.lead+text)
		}
	}
	if w.Others {
		all = append(all, "the workbook shows other figures than "+w.Month+" has now: "+
			"a signature in it does not hold; "+
			"`liverecon report finance --month "+w.Month+"` writes it anew")
	}
	all = append(all, w.Notes...)
	all = append(all, w.State.Sentences()...)
	if w.New+w.Disputes+int64(len(w.Signed)) > 0 {
		all = append(all, "`liverecon report finance --month "+w.Month+"` writes the workbook with it")
	}
	return all
}
