package main

import (
	"os"
	"time"

	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/words"
)

// toError tells standard error.
func toError() database.Announcer {
	return database.Announcer{Warn: warnOfRecord, Working: announceWork}
}

// announceWork tells standard error of work that takes its time.
func announceWork(what string, rows int64) func() {
	say(os.Stderr, "liverecon: to be done first: %s (about %s rows)\n", what, words.Comma(rows))
	began := time.Now()
	return func() { say(os.Stderr, "liverecon: done: %s, in %s\n", what, time.Since(began).Round(time.Second)) }
}
