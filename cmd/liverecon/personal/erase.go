// Package personal takes out what names persons: on request, and when it is old enough.
package personal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/mention"
)

// Erasure counts the rows and names the files that hold a person's ID; with Done, those it was taken out of.
type Erasure struct {
	Done      bool     `json:"done"`
	Checks    int      `json:"checks"`
	Open      int64    `json:"given_up"` // checks that were still to be asked for
	Answers   int64    `json:"answers"`
	Rejects   int64    `json:"rejected_rows"`
	Comments  int64    `json:"comments"` // of reviewers
	Mentions  int64    `json:"mentions"` // in names of files, other columns of rows and sentences
	Images    int      `json:"images"`
	Reports   []string `json:"reports"`   // that are, or would be, written again
	Lists     []string `json:"lists"`     // file:line of its rows; other lists that hold it, or bear it in their name
	Elsewhere []string `json:"elsewhere"` // files that hold the ID and are not ours to change
	Unread    []string `json:"unread"`    // files that could not be looked into
	Kept      []string `json:"kept"`      // columns of the database, and what shows them, that may not be changed
	// directory in which Litestream keeps what it copies; its replicas may hold the ID
	Replica string `json:"replica,omitempty"`
}

// tracesOf finds what the database holds of the persons behind IDs.
func tracesOf(ctx context.Context, s *store.Store, ids []string) (all store.Traces, err error) {
	personal, err := s.Personal().Surveyed(ctx, ids)
	if err != nil {
		return all, err
	}
	for _, id := range ids {
		t, err := personal.Traces(ctx, id)
		if err != nil {
			return all, err
		}
		all.Checks, all.IDs = append(all.Checks, t.Checks...), append(all.IDs, t.IDs...)
		all.Listed = append(all.Listed, t.Listed...)
		all.Open, all.Answers = all.Open+t.Open, all.Answers+t.Answers
		all.Rejects, all.Remarks = all.Rejects+t.Rejects, all.Remarks+t.Remarks
		all.Mentions += t.Mentions
		if !t.Empty() || strings.ContainsAny(id, "0123456789") {
			continue
		}
		story, err := personal.Explain(ctx, id) // also of one that was erased already
		if err != nil {
			return all, err
		}
		if len(story) == 0 { // of such a text every file is full: it may be a word of ours
			return all, config.Usage("is it spelled as in the list? Rejected rows are in rejects_<date>.csv and in "+
				"the view v_rejects",
				"%.128q stands in no list that was read, and nothing without a digit is looked for in files", id)
		}
	}
	return all, nil
}

// PreviewErase finds what Erase would take out.
func PreviewErase(ctx context.Context, c *config.Config, s *store.Store, ids []string) (Erasure, error) {
	t, err := tracesOf(ctx, s, ids)
	if err != nil {
		return Erasure{}, err
	}
	e, _, _, err := find(ctx, c, s, t)
	if err == nil {
		_, err = e.keep(ctx, s, t.IDs)
	}
	if err != nil {
		return e, err
	}
	images, err := imagesOf(ctx, s, t.Checks)
	e.Images = len(images)
	return e, err
}

// find adds to what the database holds the files that hold it, too.
func find(
	ctx context.Context, c *config.Config, s *store.Store, t store.Traces,
) (e Erasure, reports []publish.ReportFile, closed closedBooks, err error) {
	e = Erasure{Checks: len(t.Checks), Open: t.Open, Answers: t.Answers, Rejects: t.Rejects, Comments: t.Remarks,
		Mentions: t.Mentions,
		Reports:  []string{}, Lists: []string{}, Elsewhere: []string{}, Unread: []string{}, Kept: []string{}}
	look := newSearch(s, t.IDs, mention.ContainsSpelled)
	if closed, err = closedHolding(ctx, s, t.IDs, mention.ContainsSpelled); err != nil {
		return e, nil, closed, err
	}
	found, err := look.below(c.Reports)
	if err != nil {
		return e, nil, closed, err
	}
	for _, path := range found {
		f, ours := reportOf(c, path)
		switch {
		case ours && closed.keeps(f):
			e.Kept = append(e.Kept, path)
		case ours:
			reports, e.Reports = append(reports, f), append(e.Reports, path)
		default:
			e.Elsewhere = append(e.Elsewhere, path)
		}
	}
	e.Kept = append(e.Kept, closed.names()...)
	if err := e.lists(ctx, c, s, t, look); err != nil {
		return e, nil, closed, err
	}
	found, err = others(c, s, look)
	e.Elsewhere = append(e.Elsewhere, found...)
	slices.Sort(e.Elsewhere)
	e.Replica = database.Shadow(c)
	e.Unread = append(e.Unread, look.unread...)
	return e, reports, closed, err
}

// reportOf takes the path of a report apart; ours is false where it is none that can be written again.
func reportOf(c *config.Config, path string) (f publish.ReportFile, ours bool) {
	f, ours = publish.ParseReportName(path, c.Zone)
	return f, ours && filepath.Dir(path) == filepath.Clean(c.Reports) && (!f.Finance() || f.Period.IsMonth())
}

// lists names the lists in which an ID stands: those that were read, and those that the configuration names.
func (e *Erasure) lists(ctx context.Context, c *config.Config, s *store.Store, t store.Traces, look *search) error {
	listed := map[string]bool{}
	for _, place := range t.Listed {
		listed[place.Path] = true
		e.Lists = append(e.Lists, fmt.Sprintf("%s:%d", place.Path, place.Line))
	}
	paths, err := s.Lists().Paths(ctx)
	if err != nil {
		return err
	}
	there, err := list.Expand(c.Lists, c.Base, c.ListOptions().Named)
	if err != nil {
		return err
	}
	for _, path := range look.files(append(paths, there.Lists...)...) {
		if !listed[path] {
			e.Lists = append(e.Lists, path)
		}
	}
	slices.Sort(e.Lists)
	return nil
}

// others names further files that hold a text: copies of the database, what Litestream keeps, exports, statements and
// filled-in workbooks in the places where such things lie.
func others(c *config.Config, s *store.Store, look *search) (found []string, err error) {
	copies, err := database.AllCopies(c, s)
	if err != nil {
		return nil, err
	}
	found = look.files(append(copies, c.Notify.MetricsFile)...)
	for _, dir := range []string{database.Shadow(c), c.Export.Directory} {
		if dir != "" {
			some, below := look.below(dir)
			found, err = append(found, some...), errors.Join(err, below)
		}
	}
	for _, dir := range []string{filepath.Dir(s.Path()), c.Base, "."} {
		some, in := look.in(dir)
		found, err = append(found, some...), errors.Join(err, in)
	}
	return found, err
}

// keep names the columns in which one of the IDs stands and may not be changed, and returns the others in which one
// does.
func (e *Erasure) keep(ctx context.Context, s *store.Store, ids []string) (others []string, err error) {
	found, err := s.Personal().Kept(ctx, ids)
	for _, k := range found {
		if !k.Fixed {
			others = append(others, k.Table+"."+k.Column)
			continue
		}
		e.Kept = append(e.Kept, fmt.Sprintf("%s.%s in %s", k.Table, k.Column, words.Plural(k.Rows, "row", "rows")))
	}
	return others, err
}

// Erase takes out what names the persons behind IDs, and makes sure that nothing of ours holds them any more, but for
// what may not be changed; out writes the reports again. It can be run again after any end.
func Erase(
	ctx context.Context, c *config.Config, s *store.Store, out *publish.Publisher, ids []string,
) (Erasure, error) {
	found, err := tracesOf(ctx, s, ids)
	if err != nil {
		return Erasure{}, err
	}
	e, reports, closed, err := find(ctx, c, s, found)
	if err == nil {
		err = publish.Owe(ctx, out, reports)
	}
	if err != nil {
		return e, err
	}
	images, err := imagesOf(ctx, s, found.Checks) // before the check is erased: it would not be found a second time
	if err != nil {
		return e, err
	}
	if err := removeImages(ctx, c, s, images); err != nil {
		return e, err
	}
	e.Images = len(images)
	if err := eraseAll(ctx, s, ids, found.Empty()); err != nil {
		return e, err
	}
	if err := scrub(ctx, s, closed, found.IDs); err != nil {
		return e, err
	}
	if e.Reports, err = renew(ctx, out, reports, publish.Removal{Erased: found.IDs}, e.Reports); err != nil {
		return e, err
	}
	e.Done = true
	return e, e.lookAgain(ctx, s, found.IDs, reports)
}

// eraseAll takes IDs out of the database, one after the other, unless there is nothing to take out.
func eraseAll(ctx context.Context, s *store.Store, ids []string, nothing bool) error {
	if nothing {
		return nil
	}
	personal, err := s.Personal().Surveyed(ctx, ids)
	for _, id := range ids {
		if err != nil {
			break
		}
		_, err = personal.Erase(ctx, id, time.Now())
	}
	return err
}

// scrub takes the workbooks of closed months out that can be made anew, and overwrites what was taken out.
func scrub(ctx context.Context, s *store.Store, closed closedBooks, texts []string) error {
	if err := closed.forget(ctx, s); err != nil {
		return err
	}
	holding, err := s.Personal().Holding(texts)
	if err == nil && len(holding) > 0 {
		err = s.Personal().Scrub(ctx)
	}
	return err
}

// renew writes reports again, and those that an earlier removal, cut short, has left; it adds these to the ones that
// are told of.
func renew(
	ctx context.Context, out *publish.Publisher, reports []publish.ReportFile, without publish.Removal, told []string,
) ([]string, error) {
	err := publish.Renew(ctx, out, reports, without, time.Now())
	if err = errors.Join(err, publish.WriteOwed(ctx, out, time.Now())); err != nil {
		return told, err
	}
	for _, path := range out.Files() {
		if _, names := publish.ParseReportName(path, out.Zone); names && !slices.Contains(told, path) {
			told = append(told, path)
		}
	}
	return told, nil
}

// lookAgain looks once more at everything of ours. What may not be changed is named with the reports that show it; an
// ID that stands anywhere else is an error.
func (e *Erasure) lookAgain(ctx context.Context, s *store.Store, ids []string, reports []publish.ReportFile) error {
	held, err := e.keep(ctx, s, ids)
	if err == nil {
		ids, err = s.Personal().Whole(ctx, ids) // what is a part of another's stands there still
	}
	if err == nil && len(e.Kept)+len(held) == 0 {
		held, err = s.Personal().Holding(ids)
	}
	mayShow := len(e.Kept) > 0
	for _, f := range reports {
		find := mention.Contains
		if mayShow {
			find = mention.ContainsSpelled
		}
		holds, e2 := fileHolds(f.Path, ids, find)
		switch err = errors.Join(err, e2); {
		case holds && mayShow:
			e.Kept = append(e.Kept, f.Path)
		case holds:
			held = append(held, f.Path)
		}
	}
	if err == nil && len(held) > 0 {
		err = fmt.Errorf("the ID still stands in %s", strings.Join(held, ", "))
	}
	return err
}

// WithHint adds to an error of taking out what to type about it.
func WithHint(err error) error {
	switch {
	case errors.Is(err, store.ErrInUse):
		return &config.Error{Code: batch.ExitFailed, Err: err,
			Hint: "close what reads the database (a report, a program for SQL) and run the same command again"}
	case errors.Is(err, store.ErrSpilled):
		return &config.Error{Code: batch.ExitFailed, Err: err, Hint: "let `liverecon run` take them in first"}
	}
	return err
}
