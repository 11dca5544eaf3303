package personal

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/mention"
)

// NameErasure counts the rows and names the files that bear the name of somebody who decided; with Done, those it was
// taken out of.
type NameErasure struct {
	Done      bool     `json:"done"`
	Decisions int64    `json:"decisions"`
	Worked    int64    `json:"exceptions"` // of finance, of which the person is the owner
	Comments  int64    `json:"comments"`   // in which the name stands
	Reports   []string `json:"reports"`    // that are, or would be, written again
	Elsewhere []string `json:"elsewhere"`  // files that bear the name and are not ours to change
	Unread    []string `json:"unread"`     // files that could not be looked into
	Kept      []string `json:"kept"`       // columns of the database that say who is answerable for what, and stay
}

// PreviewName finds what EraseName would take out.
func PreviewName(ctx context.Context, c *config.Config, s *store.Store, name string) (NameErasure, error) {
	e, _, _, err := findName(ctx, c, s, name)
	if err == nil {
		err = e.keep(ctx, s, name)
	}
	return e, err
}

// EraseName takes the name of somebody who decided out of the decisions of risk, which stay, of the exceptions that the
// person owns and of comments, and out of the reports, which out writes again. Who signed a month, closed or opened it
// again, restored or released, stays: it says who is answerable.
func EraseName(
	ctx context.Context, c *config.Config, s *store.Store, out *publish.Publisher, name string,
) (NameErasure, error) {
	e, reports, closed, err := findName(ctx, c, s, name)
	unnamed := e.Decisions+e.Worked+e.Comments == 0
	if err == nil {
		err = publish.Owe(ctx, out, reports)
	}
	if err == nil && !unnamed {
		err = s.Personal().EraseName(ctx, name)
	}
	if err == nil {
		err = scrub(ctx, s, closed, []string{name})
	}
	if err == nil {
		e.Reports, err = renew(ctx, out, reports, publish.Removal{}, e.Reports)
	}
	if err != nil {
		return e, err
	}
	e.Done = true
	if err := e.keep(ctx, s, name); err != nil {
		return e, err
	}
	left, err := s.Personal().NameCount(ctx, name)
	if err == nil && !left.Empty() {
		err = fmt.Errorf("the name still stands in %s", s.Path())
	}
	for _, f := range reports {
		holds, fileErr := fileHolds(f.Path, asWritten(name), mention.ContainsName)
		switch err = errors.Join(err, fileErr); {
		case holds && f.Finance() && len(e.Kept) > 0:
			e.Kept = append(e.Kept, f.Path)
		case holds && f.Finance() && unnamed: // a word of ours
		case holds:
			err = errors.Join(err, fmt.Errorf("the name still stands in %s", f.Path))
		}
	}
	return e, err
}

// keep names the columns that keep a name.
func (e *NameErasure) keep(ctx context.Context, s *store.Store, name string) error {
	found, err := s.Personal().Answerable(ctx, name)
	for _, k := range found {
		e.Kept = append(e.Kept, fmt.Sprintf("%s.%s in %s", k.Table, k.Column, words.Plural(k.Rows, "row", "rows")))
	}
	return err
}

// asWritten returns a name as it is, and as a workbook has it.
func asWritten(name string) []string {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(name)) //nolint:errcheck // a Builder takes everything
	return []string{name, escaped.String()}
}

func findName(
	ctx context.Context, c *config.Config, s *store.Store, name string,
) (e NameErasure, reports []publish.ReportFile, closed closedBooks, err error) {
	e = NameErasure{Reports: []string{}, Elsewhere: []string{}, Unread: []string{}, Kept: []string{}}
	named, err := s.Personal().NameCount(ctx, name)
	if err != nil {
		return e, nil, closed, err
	}
	e.Decisions, e.Worked, e.Comments = named.Decisions, named.Worked, named.Comments
	if closed, err = closedHolding(ctx, s, asWritten(name), mention.ContainsName); err != nil {
		return e, nil, closed, err
	}
	look := newSearch(s, asWritten(name), mention.ContainsName)
	found, err := look.below(c.Reports)
	if err != nil {
		return e, nil, closed, err
	}
	for _, path := range found {
		f, ours := reportOf(c, path)
		switch {
		case ours && closed.keeps(f):
			e.Kept = append(e.Kept, path)
		case ours && named.Empty() && !f.Finance(): // a word of ours, which is a name as well
		case ours:
			reports, e.Reports = append(reports, f), append(e.Reports, path)
		default:
			e.Elsewhere = append(e.Elsewhere, path)
		}
	}
	e.Kept = append(e.Kept, closed.names()...)
	found, err = others(c, s, look)
	e.Elsewhere = append(e.Elsewhere, found...)
	slices.Sort(e.Elsewhere)
	e.Unread = append(e.Unread, look.unread...)
	return e, reports, closed, err
}
