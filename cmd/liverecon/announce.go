package main

import (
	"context"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

// announcer prints what happens while a database is opened.
func announcer(err stream) database.Announcer {
	return database.Announcer{Warn: recordWarner(err), Working: workAnnouncer(err)}
}

// workAnnouncer tells of work that takes its time.
func workAnnouncer(err stream) store.Announce {
	return func(what string, rows int64) func() {
		err.printf("liverecon: to be done first: %s (about %s rows)\n", what, words.Comma(rows))
		began := time.Now()
		return func() { err.printf("liverecon: done: %s, in %s\n", what, time.Since(began).Round(time.Second)) }
	}
}

// recordWarner prints what is wrong with a record.
func recordWarner(err stream) func(error) {
	return func(wrong error) {
		for _, e := range config.Flatten(wrong) {
			err.printf("liverecon: warning: %v\n", e)
		}
	}
}

// reportWarner prints what became of a file, and what can be done about it.
func reportWarner(err stream) func(warning, hint string) {
	return func(warning, hint string) {
		err.printf("liverecon: warning: %s\n", warning)
		if hint != "" {
			err.printf("liverecon: hint: %s\n", hint)
		}
	}
}

// warnBehind warns in a line that records speak against the database.
func warnBehind(ctx context.Context, err stream, c *config.Config, s *store.Store) {
	if behind := s.Records().Check(ctx, database.Places(c)); behind != nil {
		err.printf("liverecon: warning: %v; `liverecon status` tells more\n", behind)
	}
}
