package main

import (
	"errors"
	"io"
	"strings"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/words"
	"liverecon/store/panics"
)

// printError prints an error as `liverecon: error: ...` and `liverecon: hint: ...`, one pair for each thing that is
// wrong. An error without a message of its own (a run whose verdict has said everything) prints nothing.
func printError(w io.Writer, err error) {
	for _, e := range config.Flatten(err) {
		text, hint := e.Error(), hint.For(e)
		if text == "" {
			continue
		}
		var internal *panics.Error
		if errors.As(e, &internal) {
			text += "\n" + strings.TrimSpace(string(internal.Stack))
		}
		fprintf(w, "liverecon: error: %s\n", lines(strings.ReplaceAll(text, "\n", "\n    ")))
		if hint != "" {
			fprintf(w, "liverecon: hint: %s\n", lines(words.Indented(hint)))
		}
	}
}
