// Package manual holds the pages of the manual, and sets one for a terminal. They are Markdown, so that they can be
// read where the source is, too.
package manual

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.md
var pages embed.FS

// Topics returns the names of the pages, in alphabetical order.
func Topics() []string {
	names, err := fs.Glob(pages, "*.md")
	if err != nil {
		panic(err) // of a pattern that is no pattern
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, ".md")
	}
	return slices.Sorted(slices.Values(names))
}

// Page returns the source of a topic's page, and whether there is one.
func Page(topic string) ([]byte, bool) {
	text, err := pages.ReadFile(topic + ".md")
	return text, err == nil
}
