package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/reports"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/publish"
	"liverecon/store"
)

type eraseOptions struct {
	source
	yes, json bool
}

func (p *program) eraseVerb() *cobra.Command {
	var o eraseOptions
	cmd := &cobra.Command{
		Use: "erase [flags] ID", Args: cobra.ExactArgs(1),
		Long: `Take out what names the person behind an ID: the ID itself and those beside it in the same
row, the row's other columns, answers as received, rejected rows, stored images, analysts'
comments; then the database file is rebuilt, and reports that name the ID are written
again. What money and statistics rest on stays, and names nobody: states, scores, calls,
prices. The ID is still recognised, by its hash, so that it is not bought again.

Without --yes it only says what it would do. Lists, backups and replicas are yours: they
are named, not changed.`,
		Example: `    liverecon erase f302f5d2454a85c2
    liverecon erase --yes f302f5d2454a85c2`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.erase(cmd.Context(), args[0], &o) },
	}
	o.flags(cmd, "an ID of the simulated run")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it, instead of saying what would be done")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

// erasure is what erase found, and did.
type erasure struct {
	Done      bool     `json:"done"`
	Checks    int      `json:"checks"`
	Open      int64    `json:"given_up"` // checks that were still to be asked for
	Answers   int64    `json:"answers"`
	Rejects   int64    `json:"rejected_rows"`
	Comments  int64    `json:"comments"` // of reviewers
	Images    int      `json:"images"`
	Reports   []string `json:"reports"`           // that are, or would be, written again
	Lists     []string `json:"lists"`             // file:line
	Elsewhere []string `json:"elsewhere"`         // files that hold the ID and are not ours to change
	Replica   string   `json:"replica,omitempty"` // directory in which Litestream keeps what it copies; its replicas may hold the ID
}

func (p *program) erase(ctx context.Context, id string, o *eraseOptions) error {
	if len(id) < 4 || len(id) > 128 {
		return config.Usage("give the ID as it stands in the list", "%.128q is no ID", id)
	}
	if !o.yes {
		return o.read(ctx, func(c *config.Config, s *store.Store) error {
			t, err := s.Traces(ctx, id)
			if err != nil {
				return err
			}
			e, _, err := newErasure(c, s, t)
			if err != nil {
				return err
			}
			images, err := imagesOf(ctx, s, t.Checks)
			if e.Images = len(images); err == nil {
				p.printErasure(c, e, o.json)
			}
			return err
		})
	}
	return eraseFault(o.write(ctx, "erase", func(c *config.Config, s *store.Store) error {
		e, err := eraseFrom(ctx, c, s, reports.New(c, s, config.Version(), warnOfReport), id)
		if err == nil {
			p.printErasure(c, e, o.json)
		}
		return err
	}))
}

// newErasure adds to what the database holds the files that hold it, too.
func newErasure(c *config.Config, s *store.Store, t store.Traces) (e erasure, reports []publish.ReportFile, err error) {
	e = erasure{Checks: len(t.Checks), Open: t.Open, Answers: t.Answers, Rejects: t.Rejects, Comments: t.Remarks, Reports: []string{}, Lists: []string{}, Elsewhere: []string{}}
	for _, place := range t.Places {
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

// eraseFrom does it, and makes sure that it is done. It can be run again after any end.
func eraseFrom(ctx context.Context, c *config.Config, s *store.Store, out *publish.Publisher, id string) (erasure, error) {
	found, err := s.Traces(ctx, id)
	if err != nil {
		return erasure{}, err
	}
	e, reports, err := newErasure(c, s, found)
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
	if !found.Empty() {
		if _, err := s.Erase(ctx, id, time.Now()); err != nil {
			return e, err
		}
	}
	holding, err := s.Holding(found.IDs)
	if err == nil && len(holding) > 0 {
		err = s.Scrub(ctx)
	}
	if err != nil {
		return e, err
	}
	out.Erased = found.IDs
	if err := out.Renew(ctx, reports, time.Now()); err != nil {
		return e, err
	}
	e.Done = true
	return e, stillHeld(c, s, found.IDs, reports)
}

// stillHeld looks once more, at every file of ours.
func stillHeld(c *config.Config, s *store.Store, texts []string, reports []publish.ReportFile) error {
	held, err := s.Holding(texts)
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

func eraseFault(err error) error {
	switch {
	case errors.Is(err, store.ErrInUse):
		return &config.Error{Code: batch.ExitFailed, Err: err, Hint: "close what reads the database (a report, a program for SQL) and run the same command again"}
	case errors.Is(err, store.ErrSpilled):
		return &config.Error{Code: batch.ExitFailed, Err: err, Hint: "let `liverecon run` take them in first"}
	}
	return err
}

func (p *program) printErasure(c *config.Config, e erasure, asJSON bool) {
	if asJSON {
		p.printJSON(e)
		return
	}
	if e.Checks+len(e.Reports)+len(e.Elsewhere) == 0 && e.Rejects == 0 {
		say(p.out, "nothing names this ID\n")
		p.sayReplica(e.Replica)
		return
	}
	verb, again := "would be taken out", "would be written again"
	if e.Done {
		verb, again = "taken out", "written again"
	}
	say(p.out, "%-9s %s %s: %s as received, %s\n", "database", words.Plural(int64(e.Checks), "check", "checks"), verb, words.Plural(e.Answers, "answer", "answers"), words.Plural(e.Rejects, "rejected row", "rejected rows"))
	if e.Comments > 0 {
		say(p.out, "%-9s %s of reviewers %s\n", "", words.Plural(e.Comments, "comment", "comments"), verb)
	}
	if e.Images > 0 {
		say(p.out, "%-9s %s %s\n", "images", words.Plural(int64(e.Images), "image", "images"), verb)
	}
	if e.Open > 0 {
		say(p.out, "%-9s %s was still to be asked for: given up\n", "", words.Plural(e.Open, "check", "checks"))
	}
	p.sayFiles("reports", again, e.Reports)
	p.sayFiles("lists", "yours: take the row out yourself", e.Lists)
	p.sayFiles("files", "yours: delete or replace it yourself", e.Elsewhere)
	p.sayReplica(e.Replica)
	if e.Done {
		say(p.out, "done: %s holds the ID no more\n", c.Database)
	} else {
		say(p.out, "nothing was changed; add --yes to do it\n")
	}
}

// sayReplica says what nobody here can look into: what was replicated before the ID was taken out.
func (p *program) sayReplica(shadow string) {
	if shadow != "" {
		p.hanging("replica   ", shadow+" (yours: Litestream replicates this database, and its replicas hold an ID that was in it until they, "+
			"and this directory, are made anew; README, Replication)")
	}
}

// holding are the files below a directory that hold one of the texts in clear.
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

func (p *program) sayFiles(what, remark string, files []string) {
	for _, f := range files {
		say(p.out, "%-9s %s (%s)\n", what, f, remark)
	}
}
