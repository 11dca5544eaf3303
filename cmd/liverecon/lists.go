package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/store"
)

const noListHint = "is the path right, and was a list (.csv, .csv.gz) put there? Relative paths in a configuration start from its directory"

// missingLists are configured patterns that name no list now. That is rather a slip, or a disk that is not mounted, than
// an empty night, and refused; but lists may be moved away once they were read, and what is open of them is asked all the
// same.
type missingLists []*list.NotFoundError

// expandLists finds the lists that are there.
func expandLists(patterns []string, base string) ([]string, missingLists, error) {
	lists, missing, err := list.Expand(patterns, base)
	if err != nil {
		return nil, nil, config.Usage(noListHint, "%w", err)
	}
	return lists, missing, nil
}

// refused is nil where nothing is missing.
func (m missingLists) refused() error {
	var all []error
	for _, one := range m {
		all = append(all, config.Usage(noListHint, "%w", one))
	}
	return errors.Join(all...)
}

// check returns what a run cannot do without: a pattern under which no list was ever read; and every pattern, when no
// other list is there and nothing is open. s is nil before the first run.
func (m missingLists) check(ctx context.Context, s *store.Store, others []string) error {
	if len(m) == 0 || s == nil {
		return m.refused()
	}
	read, err := s.Lists().Paths(ctx)
	if err != nil {
		return err
	}
	never := slices.DeleteFunc(slices.Clone(m), func(one *list.NotFoundError) bool { return slices.ContainsFunc(read, one.Named) })
	if len(never) > 0 || len(others) > 0 {
		return never.refused()
	}
	open, err := s.Checks().Backlog(ctx)
	if err == nil && len(open) == 0 {
		err = m.refused()
	}
	return err
}

// checkIn is check with what the configuration's database knows; one that cannot be read knows nothing.
func (m missingLists) checkIn(ctx context.Context, c *config.Config, others []string) error {
	if len(m) == 0 {
		return nil
	}
	s, closeStore, err := database.OpenToRead(ctx, c)
	if err != nil {
		return m.refused()
	}
	return errors.Join(m.check(ctx, s, others), closeStore())
}

// warn says once a pattern that a run goes on without.
func (m missingLists) warn(log *slog.Logger) {
	for _, one := range m {
		log.Warn("no list is there now; what is open of earlier ones is asked", "lists", one.Pattern)
	}
}
