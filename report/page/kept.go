package page

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

// MostValues bounds the different values of a list's column: one with more names persons, not sources.
const MostValues = 1_000

// Folded brings names of columns together that differ in case and marks only, as lists are read.
func Folded(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// KeptColumns returns the columns of a list's row, JSON, by their folded names.
func KeptColumns(reference []byte) map[string]string {
	if len(reference) == 0 {
		return nil
	}
	if kept, ok := plainColumns(reference); ok {
		return kept
	}
	var all map[string]string
	if json.Unmarshal(reference, &all) != nil {
		return nil // written by liverecon; a row that is not counts as one without columns
	}
	kept := make(map[string]string, len(all))
	for name, value := range all {
		kept[Folded(name)] = strings.TrimSpace(value)
	}
	return kept
}

// plainColumns reads columns whose texts hold no escape, several times as fast as JSON of any form.
func plainColumns(reference []byte) (map[string]string, bool) {
	text, ok := bytes.CutPrefix(reference, []byte(`{"`))
	text, closed := bytes.CutSuffix(text, []byte(`"}`))
	if !ok || !closed || bytes.IndexByte(text, 92) >= 0 {
		return nil, false
	}
	kept := map[string]string{}
	for more := true; more; {
		var field []byte
		field, text, more = bytes.Cut(text, []byte(`","`))
		name, value, pair := bytes.Cut(field, []byte(`":"`))
		if !pair || bytes.IndexByte(name, '"') >= 0 || bytes.IndexByte(value, '"') >= 0 {
			return nil, false
		}
		kept[Folded(string(name))] = strings.TrimSpace(string(value))
	}
	return kept, true
}
