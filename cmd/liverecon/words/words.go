// Package words writes numbers, times and durations as people read them.
package words

import (
	"github.com/dustin/go-humanize"

	"liverecon/batch/billing"
)

func IsAre(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func Comma(n int64) string { return humanize.Comma(n) }

func OrDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Plural is "1 list was" or "3 lists were".
func Plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Comma(n) + " " + many
}

// Cap is what a cap allows, "" where there is none.
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

func ItThem(n int64) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// Shortened fits a cell's text into a column.
func Shortened(text string) string {
	const width = 60
	if r := []rune(text); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return text
}
