// Package personal takes out what names persons: on request, and when it is old enough.
package personal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/publish"
	"liverecon/store"
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
	Lists     []string `json:"lists"`     // file:line
	Elsewhere []string `json:"elsewhere"` // files that hold the ID and are not ours to change
	Kept      []string `json:"kept"`      // columns of the database that may not be changed, with how many rows
	// directory in which Litestream keeps what it copies; its replicas may hold the ID
	Replica string `json:"replica,omitempty"`
}

// tracesOf finds what the database holds of the persons behind IDs.
func tracesOf(ctx context.Context, s *store.Store, ids []string) (all store.Traces, err error) {
	for _, id := range ids {
		t, err := s.Personal().Traces(ctx, id)
		if err != nil {
			return all, err
		}
		all.Checks, all.IDs = append(all.Checks, t.Checks...), append(all.IDs, t.IDs...)
		all.Listed = append(all.Listed, t.Listed...)
		all.Open, all.Answers = all.Open+t.Open, all.Answers+t.Answers
		all.Rejects, all.Remarks = all.Rejects+t.Rejects, all.Remarks+t.Remarks
		all.Mentions += t.Mentions
		story, err := s.Personal().Explain(ctx, id) // also of one that was erased already
		if err != nil {
			return all, err
		}
		// of such a text every file is full: it may be a word of ours
		if t.Empty() && len(story) == 0 && !strings.ContainsAny(id, "0123456789") {
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
	e, _, err := find(c, s, t)
	if err == nil {
		e.Kept, err = keptOf(ctx, s, t.IDs)
	}
	if err != nil {
		return e, err
	}
	images, err := imagesOf(ctx, s, t.Checks)
	e.Images = len(images)
	return e, err
}

// find adds to what the database holds the files that hold it, too.
func find(c *config.Config, s *store.Store, t store.Traces) (e Erasure, reports []publish.ReportFile, err error) {
	e = Erasure{Checks: len(t.Checks), Open: t.Open, Answers: t.Answers, Rejects: t.Rejects, Comments: t.Remarks,
		Mentions: t.Mentions,
		Reports:  []string{}, Lists: []string{}, Elsewhere: []string{}, Kept: []string{}}
	for _, place := range t.Listed {
		e.Lists = append(e.Lists, fmt.Sprintf("%s:%d", place.Path, place.Line))
	}
	slices.Sort(e.Lists)
	holders, err := holdersIn(c.Reports, s, t.IDs)
	if err != nil {
		return e, nil, err
	}
	for _, path := range holders {
		if f, ours := publish.ParseReportName(path, c.Zone); ours && filepath.Dir(path) == filepath.Clean(c.Reports) {
			reports = append(reports, f)
			e.Reports = append(e.Reports, path)
		} else {
			e.Elsewhere = append(e.Elsewhere, path)
		}
	}
	copies, err := database.AllCopies(c, s)
	for _, path := range copies {
		if holds, err := fileHolds(path, t.IDs); err != nil {
			return e, nil, err
		} else if holds {
			e.Elsewhere = append(e.Elsewhere, path)
		}
	}
	if e.Replica = database.Shadow(c); e.Replica != "" {
		files, err := holding(e.Replica, t.IDs)
		if err != nil {
			return e, nil, err
		}
		e.Elsewhere = append(e.Elsewhere, files...)
	}
	slices.Sort(e.Elsewhere)
	e.Elsewhere = slices.Compact(e.Elsewhere) // reports and database may share a directory
	return e, reports, err
}

// keptOf names the columns in which one of the IDs stands and may not be changed.
func keptOf(ctx context.Context, s *store.Store, ids []string) ([]string, error) {
	found, err := s.Personal().Kept(ctx, ids)
	kept := []string{}
	for _, k := range found {
		kept = append(kept, fmt.Sprintf("%s.%s in %s", k.Table, k.Column, words.Plural(k.Rows, "row", "rows")))
	}
	return kept, err
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
	e, reports, err := find(c, s, found)
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
	for _, id := range ids {
		if found.Empty() {
			break
		}
		if _, err := s.Personal().Erase(ctx, id, time.Now()); err != nil {
			return e, err
		}
	}
	holding, err := s.Personal().Holding(found.IDs)
	if err == nil && len(holding) > 0 {
		err = s.Personal().Scrub(ctx)
	}
	if err != nil {
		return e, err
	}
	without := publish.Removal{Erased: found.IDs}
	if err := publish.Renew(ctx, out, reports, without, time.Now()); err != nil {
		return e, err
	}
	if e.Kept, err = keptOf(ctx, s, found.IDs); err != nil {
		return e, err
	}
	e.Done = true
	return e, stillHeld(s, found.IDs, reports, len(e.Kept) > 0)
}

// stillHeld looks once more, at every file of ours: at those of the database unless it keeps what may not be changed.
func stillHeld(s *store.Store, texts []string, reports []publish.ReportFile, kept bool) error {
	var held []string
	var err error
	if !kept {
		held, err = s.Personal().Holding(texts)
	}
	for _, f := range reports {
		holds, e := fileHolds(f.Path, texts)
		if err = errors.Join(err, e); holds {
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

// holding returns the files below a directory that hold one of the texts in clear.
func holding(dir string, texts []string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		holds, err := fileHolds(path, texts)
		switch {
		case errors.Is(err, fs.ErrNotExist): // Litestream took it away meanwhile
			return nil
		case holds:
			files = append(files, path)
		}
		return err
	})
	return files, err
}
