package personal

import (
	"context"
	"encoding/xml"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/report/publish"
	"liverecon/store"
)

// ReviewerErasure counts the decisions and names the files that bear a reviewer's name; with Done, those it was taken
// out of.
type ReviewerErasure struct {
	Done      bool     `json:"done"`
	Decisions int64    `json:"decisions"`
	Reports   []string `json:"reports"`   // that are, or would be, written again
	Elsewhere []string `json:"elsewhere"` // files that bear the name and are not ours to change
}

// PreviewReviewer finds what EraseReviewer would take out.
func PreviewReviewer(ctx context.Context, c *config.Config, s *store.Store, name string) (ReviewerErasure, error) {
	e, _, err := findReviewer(ctx, c, s, name)
	return e, err
}

// EraseReviewer takes a reviewer's name out of the decisions, which stay, and out of the reports, which out writes
// again.
func EraseReviewer(
	ctx context.Context, c *config.Config, s *store.Store, out *publish.Publisher, name string,
) (ReviewerErasure, error) {
	e, reports, err := findReviewer(ctx, c, s, name)
	if err == nil && e.Decisions > 0 {
		if err = s.Personal().EraseReviewer(ctx, name); err == nil {
			err = s.Personal().Scrub(ctx)
		}
	}
	if err == nil {
		err = publish.Renew(ctx, out, reports, publish.Removal{}, time.Now())
	}
	if err != nil {
		return e, err
	}
	e.Done = true
	return e, stillHeld(s, []string{name}, reports, true)
}

func findReviewer(
	ctx context.Context, c *config.Config, s *store.Store, name string,
) (e ReviewerErasure, reports []publish.ReportFile, err error) {
	e = ReviewerErasure{Reports: []string{}, Elsewhere: []string{}}
	if e.Decisions, err = s.Personal().Reviewer(ctx, name); err != nil {
		return e, nil, err
	}
	var escaped strings.Builder // as a workbook has it
	if err := xml.EscapeText(&escaped, []byte(name)); err != nil {
		return e, nil, err
	}
	texts := []string{name, escaped.String()}
	holders, err := holdersIn(c.Reports, s, texts)
	if err != nil {
		return e, nil, err
	}
	for _, path := range holders {
		if f, ours := publish.ParseReportName(path, c.Zone); ours && filepath.Dir(path) == filepath.Clean(c.Reports) {
			reports, e.Reports = append(reports, f), append(e.Reports, path)
		} else {
			e.Elsewhere = append(e.Elsewhere, path)
		}
	}
	copies, err := database.AllCopies(c, s)
	for _, path := range copies {
		holds, holdsErr := fileHolds(path, texts)
		if holdsErr != nil {
			return e, nil, holdsErr
		}
		if holds && !slices.Contains(e.Elsewhere, path) {
			e.Elsewhere = append(e.Elsewhere, path)
		}
	}
	slices.Sort(e.Elsewhere)
	return e, reports, err
}
