package main

import (
	"context"
	"os"
	"strings"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/record"
)

// places say where the records of the configuration's database are: beside it, and in the directory of reports.
func places(c *config.Config) record.Places {
	at := record.Places{Database: c.Database, Reports: c.Reports}
	if _, err := os.Stat(c.File); err == nil { // the built-in configuration is no file
		at.Configuration = c.File
	}
	return at
}

// prove holds an open database against its records, and keeps them from then on.
func prove(ctx context.Context, c *config.Config, s *store.Store, warn func(error)) error {
	at := places(c)
	if err := s.CheckRecords(ctx, at); err != nil {
		return err
	}
	return keep(ctx, c, s, warn)
}

// keep has the records follow an open database.
func keep(ctx context.Context, c *config.Config, s *store.Store, warn func(error)) error {
	if err := publish.MakeReportDirectory(c.Reports); err != nil {
		warn(err)
	}
	return s.KeepRecords(ctx, places(c), warn)
}

// refuseBehind keeps a database that records speak against from writing over what a better one has written.
func refuseBehind(ctx context.Context, c *config.Config, s *store.Store) error {
	return databaseFault(s.CheckRecords(ctx, places(c)))
}

// warnBehind says in a line on standard error that records speak against the database.
func (p *program) warnBehind(ctx context.Context, c *config.Config, s *store.Store) {
	if err := s.CheckRecords(ctx, places(c)); err != nil {
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
	at := places(c)
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
