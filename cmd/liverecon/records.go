package main

import (
	"context"
	"os"
	"strings"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/store"
)

// warnBehind says in a line on standard error that records speak against the database.
func (p *program) warnBehind(ctx context.Context, c *config.Config, s *store.Store) {
	if err := s.CheckRecords(ctx, database.Places(c)); err != nil {
		say(p.err, "liverecon: warning: %v; `liverecon status` tells more\n", err)
	}
}

// warnOfRecord tells on standard error what is wrong with a record.
func warnOfRecord(err error) {
	for _, e := range config.Apart(err) {
		say(os.Stderr, "liverecon: warning: %v\n", e)
	}
}

// records looks at what is kept outside of the database, to notice its loss.
func (f *findings) records(ctx context.Context, c *config.Config, s *store.Store) {
	const what = "records"
	at := database.Places(c)
	if err := s.CheckRecords(ctx, at); err != nil {
		f.bad(what, batch.ExitInput, err)
		return
	}
	found, err := s.Records(ctx, at)
	if err != nil {
		f.bad(what, batch.ExitFailed, err)
		return
	}
	var missing []string
	for _, one := range found {
		if one.Err != nil {
			missing = append(missing, one.Path)
		}
	}
	if len(missing) > 0 {
		f.warn(what, "the next run makes it anew", "%s cannot be read: a loss of the database could go unnoticed", strings.Join(missing, " and "))
		return
	}
	f.good(what, "the database is as far as its records say: %s, %s", found[0].Path, found[1].Path)
}
