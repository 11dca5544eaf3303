// Package scoreless says in a verdict how many IDs have no score, or no answer that could have one. It is pure.
package scoreless

import (
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// Refused describes how many IDs the vendor refused to look for; "" for none.
func Refused(n int64) string {
	if n == 0 {
		return ""
	}
	return count(n, " ID was", " IDs were") + " refused"
}

// Waiting describes how many IDs have an answer that lacks the score, and are asked again for it; "" for none.
func Waiting(n int64) string {
	if n == 0 {
		return ""
	}
	return count(n, " ID has", " IDs have") + " no score yet"
}

// Done describes how many IDs have an answer without a score as their result from this run on, and how many had one
// before, were asked once more because a person said so, and have no score either; "" for none.
func Done(since, still int64) string {
	var parts []string
	if since > 0 {
		parts = append(parts, count(since, " ID is", " IDs are")+" done without a score")
	}
	if still > 0 {
		parts = append(parts, count(still, " ID", " IDs")+" asked once more still "+
			english.PluralWord(int(still), "has", "have")+" no score")
	}
	return strings.Join(parts, ", ")
}

func count(n int64, one, more string) string {
	return humanize.Comma(n) + english.PluralWord(int(n), one, more)
}
