package cmdtest

import (
	"regexp"
	"strings"
	"testing"

	"liverecon/cmd/liverecon/clean"
)

// Hostile holds a text as a vendor, a list or a reviewer may write it.
const Hostile = "a\x1b[2J\x1b]0;owned\a\r\nliverecon: error: forged\u009b31m\u202egnp.exe\u2066x\u2028y\x7f\xff\tz"

// Harmless reports what of a printed text could do something to a terminal, or pretends to be a line of ours.
func Harmless(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && r != '\t' && clean.Hidden(r) {
			t.Errorf("%s: %U at %d of %q", what, r, i, text)
			return
		}
	}
	if strings.Contains(text, "\nliverecon: error: forged") || strings.Contains(text, "\xff") {
		t.Errorf("%s: a forged line, or bytes that are no text: %q", what, text)
	}
}

var index = regexp.MustCompile(`\[[0-9]+\]`)

// Generic puts names in place of what a user chooses in the key of a setting.
func Generic(key string) string {
	key = index.ReplaceAllString(key, "")
	for _, section := range []string{"endpoint.", "deliver."} {
		if rest, ok := strings.CutPrefix(key, section); ok {
			_, setting, _ := strings.Cut(rest, ".")
			return strings.TrimSuffix(section+"NAME."+setting, ".")
		}
	}
	for section, name := range map[string]string{
		"statement.columns.": "statement.columns", "statement.kinds.": "statement.kinds",
		"statement.endpoints.": "statement.endpoints.NAME",
	} {
		if strings.HasPrefix(key, section) {
			return name
		}
	}
	if strings.HasPrefix(key, "codes.") {
		return "codes.CODE"
	}
	return key
}
