// Package typed reads the IDs that a person gives to a verb.
package typed

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
	"liverecon/store/alias"
)

// ID returns the ID of the database that a person means: as it is typed, without what surrounds it in exports, or, as
// in lists unless input.case_matters is set, the one that differs from that in nothing but case. Where there is none
// it returns what was typed; where there are several, an error that names them.
func ID(ctx context.Context, c *config.Config, s *store.Store, text string) (string, error) {
	id := list.ID(text)
	if s == nil || c.ListOptions().CaseMatters {
		return id, nil
	}
	id, err := s.Personal().Named(ctx, id)
	return id, ambiguous(err)
}

// IDs returns the IDs of the database that a person means.
func IDs(ctx context.Context, c *config.Config, s *store.Store, texts []string) ([]string, error) {
	ids := make([]string, len(texts))
	for i, text := range texts {
		var err error
		if ids[i], err = ID(ctx, c, s, text); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// Form represents an ID of a kind, as a list has it.
type Form = alias.Form

// Only returns the hashes of what a person means by rows of lists, and by texts of which nobody says the kind, each
// once.
func Only(
	ctx context.Context, c *config.Config, s *store.Store, rows []Form, texts []string,
) ([][16]byte, error) {
	hashes, err := listed(ctx, c, s, rows)
	if err != nil {
		return nil, err
	}
	ids, err := IDs(ctx, c, s, texts)
	for _, id := range ids {
		hashes = append(hashes, store.HashID("signatureId", id), store.HashID("livenessId", id))
	}
	only, met := [][16]byte{}, map[[16]byte]bool{}
	for _, hash := range hashes {
		if !met[hash] {
			met[hash] = true
			only = append(only, hash)
		}
	}
	return only, err
}

// listed returns the hashes of what is meant by rows of lists.
func listed(ctx context.Context, c *config.Config, s *store.Store, rows []Form) (hashes [][16]byte, err error) {
	if s == nil || c.ListOptions().CaseMatters {
		for _, row := range rows {
			hashes = append(hashes, store.HashID(row.Kind, row.ID))
		}
		return hashes, nil
	}
	hashes, err = s.Personal().NamedByLists(ctx, rows)
	return hashes, ambiguous(err)
}

// ambiguous returns the error for a person who means one of several IDs.
func ambiguous(err error) error {
	if errors.As(err, new(*alias.AmbiguousError)) {
		return config.Usage("type the one that is meant as it stands in the list", "%w", err)
	}
	return err
}

// Arguments returns the texts of arguments: of each itself, or the lines of @ and the name of a file, or of standard
// input, which is -.
func Arguments(args []string) (texts []string, err error) {
	for _, arg := range args {
		found := []string{arg}
		switch name, isFile := strings.CutPrefix(arg, "@"); {
		case arg == "-":
			found, err = lines(os.Stdin)
		case isFile:
			var f *os.File
			if f, err = os.Open(name); err == nil {
				found, err = lines(f)
				err = errors.Join(err, f.Close())
			}
		}
		if err != nil {
			return nil, err
		}
		texts = append(texts, found...)
	}
	for _, text := range texts {
		if id := list.ID(text); len(id) < 4 || len(id) > 128 {
			return nil, config.Usage("give the ID as it stands in the list", "%.128q is no ID", text)
		}
	}
	return texts, nil
}

// lines reads one ID a line; empty lines are none.
func lines(r io.Reader) (ids []string, err error) {
	all := bufio.NewScanner(r)
	for all.Scan() {
		if id := strings.TrimSpace(all.Text()); id != "" {
			ids = append(ids, id)
		}
	}
	return ids, all.Err()
}
