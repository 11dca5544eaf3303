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
	text, ok := plainText(reference)
	if !ok {
		return nil, false
	}
	kept := map[string]string{}
	plain := eachPlain(text, func(name, value []byte) {
		kept[Folded(string(name))] = strings.TrimSpace(string(value))
	})
	return kept, plain
}

// eachPlain gives the columns of a text without escapes and without what encloses it; it reports whether it is one.
func eachPlain(text []byte, each func(name, value []byte)) bool {
	for more := true; more; {
		var field []byte
		field, text, more = bytes.Cut(text, []byte(`","`))
		name, value, pair := bytes.Cut(field, []byte(`":"`))
		if !pair || bytes.IndexByte(name, '"') >= 0 || bytes.IndexByte(value, '"') >= 0 {
			return false
		}
		each(name, value)
	}
	return true
}

// EachColumn gives the columns of a list's row, JSON, in no order: names as they stand there, values without spaces
// around them. They are valid during the call only. It reports whether it gave all: if not, KeptColumns does.
func EachColumn(reference []byte, each func(name, value []byte)) bool {
	text, ok := plainText(reference)
	return ok && eachPlain(text, func(name, value []byte) { each(name, bytes.TrimSpace(value)) })
}

// plainText returns the columns of a row without what encloses them, where no text of it holds an escape.
func plainText(reference []byte) ([]byte, bool) {
	text, ok := bytes.CutPrefix(reference, []byte(`{"`))
	text, closed := bytes.CutSuffix(text, []byte(`"}`))
	return text, ok && closed && bytes.IndexByte(text, '\\') < 0
}
