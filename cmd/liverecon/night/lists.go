package night

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/store"
)

const noListHint = "is the path right, and was a list (.csv, .csv.gz) put there? Relative paths in a " +
	"configuration start from its directory"

// MissingLists holds configured patterns that name no list now. Where no pattern names one, that is rather a slip, or a
// disk that is not mounted, than an empty night, and refused; but lists may be moved away once they were read, and what
// is open of them is asked all the same.
type MissingLists []*list.NotFoundError

// ExpandLists finds the lists that are there. Beside a list that the configuration names singly, what looks like one is
// not taken, too.
func ExpandLists(c *config.Config, patterns []string, base string) (list.Found, MissingLists, error) {
	found, err := list.Expand(patterns, base, c.ListOptions().Named)
	if err != nil {
		return list.Found{}, nil, config.Usage(noListHint, "%w", err)
	}
	if base == c.Base { // whoever types the name of a list means that one
		found.NotTaken = append(found.NotTaken, found.Beside...)
	}
	return found, found.Missing, nil
}

// MostNotTaken sets how many files beside the lists are named; the rest is counted.
const MostNotTaken = 20

// NameNotTaken tells of files beside the lists why each is none.
func NameNotTaken(all []list.NotTaken, tell func(path, why string)) {
	for i, n := range all {
		if i == MostNotTaken {
			tell(fmt.Sprintf("%d more", len(all)-i), "see `liverecon plan --json`")
			return
		}
		tell(n.Path, n.Why)
	}
}

// Refused returns nil where nothing is missing.
func (m MissingLists) Refused() error {
	var all []error
	for _, one := range m {
		all = append(all, config.Usage(noListHint, "%w", one))
	}
	return errors.Join(all...)
}

// Check returns what a run cannot do without. Where another pattern has lists, those are served; where none has, every
// pattern is one under which lists were read before, and something of them is open. s is nil before the first run.
func (m MissingLists) Check(ctx context.Context, s *store.Store, others []string) error {
	if len(others) > 0 {
		return nil
	}
	if len(m) == 0 || s == nil {
		return m.Refused()
	}
	read, err := s.Lists().Paths(ctx)
	if err != nil {
		return err
	}
	never := slices.DeleteFunc(slices.Clone(m), func(one *list.NotFoundError) bool {
		return slices.ContainsFunc(read, one.Named)
	})
	if len(never) > 0 {
		return never.Refused()
	}
	open, err := s.Checks().Backlog(ctx)
	if err == nil && len(open) == 0 {
		err = m.Refused()
	}
	return err
}

// CheckIn checks with what the configuration's database knows; one that cannot be read knows nothing.
func (m MissingLists) CheckIn(ctx context.Context, c *config.Config, others []string) error {
	if len(m) == 0 {
		return nil
	}
	s, closeStore, err := database.OpenToRead(ctx, c)
	if err != nil {
		return m.Check(ctx, nil, others)
	}
	return errors.Join(m.Check(ctx, s, others), closeStore())
}

// Warn logs each pattern that names no list now, once.
func (m MissingLists) Warn(log *slog.Logger) {
	for _, one := range m {
		log.Warn("no list is there now; others are read, and what is open of earlier ones is asked", "lists", one.Pattern)
	}
}
