package hint

import (
	"regexp"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"
)

// command holds a command line of ours that a text quotes.
var command = regexp.MustCompile("`liverecon ([a-z]+)([^`]*)`")

// without lists the verbs that know no configuration.
var without = []string{"init", "simulate", "version", "help"}

// Typed makes the commands that a text quotes fit to be typed as they stand: with the configuration that was given,
// where file is not "".
func Typed(text, file string) string {
	if file == "" {
		return text
	}
	return command.ReplaceAllStringFunc(text, func(quoted string) string {
		verb, flags, _ := strings.Cut(strings.Trim(quoted, "`")[len("liverecon "):], " ")
		known := slices.Contains(without, verb) && flags != "--new"
		if known || strings.Contains(flags, "--config") || strings.Contains(flags, "--simulate") {
			return quoted
		}
		return strings.TrimSuffix(quoted, "`") + " --config " + shellescape.Quote(file) + "`"
	})
}
