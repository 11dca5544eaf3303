// Package words writes numbers, times and durations as people read them.
package words

import (
	"github.com/dustin/go-humanize"

	"liverecon/batch/billing"
)

// InFlight counts the calls in flight of a run that goes on, and says how amounts count them.
func InFlight(calls int64) string {
	return "a run is going on: " + Plural(calls, "call is", "calls are") + " in flight, counted as paid for at most " +
		"once" + map[bool]string{true: " each"}[calls > 1]
}

// IsAre returns the verb of n things.
func IsAre(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// Comma writes a number with its thousands set apart.
func Comma(n int64) string { return humanize.Comma(n) }

// OrDash returns a text, or a dash for an empty one.
func OrDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Plural writes "1 list was" or "3 lists were".
func Plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Comma(n) + " " + many
}

// Cap writes the limits of a cap, "" where there is none.
func Cap(limit billing.Cap) string {
	text := limit.Limit.String()
	if limit.Calls > 0 {
		if text != "" {
			text += " or "
		}
		text += Plural(limit.Calls, "call", "calls")
	}
	return text
}

// ItThem returns the pronoun of n things.
func ItThem(n int64) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// CountsCount returns the verb of n things.
func CountsCount(n int64) string {
	if n == 1 {
		return "counts"
	}
	return "count"
}

// Shortened cuts a text to the 60 characters of a column.
func Shortened(text string) string {
	const width = 60
	if r := []rune(text); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return text
}
