package main

import (
	"os"
)

// warnOfReport tells on standard error what became of a file, and what can be done about it.
func warnOfReport(warning, hint string) {
	say(os.Stderr, "liverecon: warning: %s\n", warning)
	if hint != "" {
		say(os.Stderr, "liverecon: hint: %s\n", hint)
	}
}
