package export

import (
	"strings"

	"liverecon/cmd/liverecon/words"
	"liverecon/store/parquet"
)

// Note tells in a few words what became of a month.
func Note(w parquet.Written) string {
	switch {
	case len(w.Restored) > 0:
		return words.Plural(int64(len(w.Restored)), "damaged file", "damaged files") + " written again"
	case w.Kept:
		return "stays as it was closed"
	case w.State == parquet.MonthOpen:
		return "may still change"
	}
	return ""
}

// Restored names the files of a place that were damaged and are written again as they were, a line each.
func Restored(d Done) string {
	var b strings.Builder
	for _, w := range d.Months {
		for _, what := range w.Restored {
			b.WriteString(what + ": written again as it was\n")
		}
	}
	return b.String()
}
