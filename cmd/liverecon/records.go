package main

import (
	"context"
	"os"

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
