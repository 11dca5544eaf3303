package main

import (
	"regexp"
	"strings"
)

var index = regexp.MustCompile(`\[[0-9]+\]`)

// generic puts names in place of what a user chooses.
func generic(key string) string {
	key = index.ReplaceAllString(key, "")
	if rest, ok := strings.CutPrefix(key, "endpoint."); ok {
		_, setting, _ := strings.Cut(rest, ".")
		return strings.TrimSuffix("endpoint.NAME."+setting, ".")
	}
	for section, name := range map[string]string{"statement.columns.": "statement.columns", "statement.kinds.": "statement.kinds", "statement.endpoints.": "statement.endpoints.NAME"} {
		if strings.HasPrefix(key, section) {
			return name
		}
	}
	if strings.HasPrefix(key, "codes.") {
		return "codes.CODE"
	}
	return key
}
