package table

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestError bounds a name, far above the names of errors, in runes.
const longestError = 24

// IsSheetError reports whether a cell's text is an error that a spreadsheet shows in place of a value, in any language:
// #REF!, #DIV/0!, #¿NOMBRE?, #N/A, #NV.
func IsSheetError(text string) bool {
	name, ok := strings.CutPrefix(text, "#")
	if !ok || utf8.RuneCountInString(text) > longestError {
		return false
	}
	switch name {
	case "N/A", "N/D", "N/V", "NV", "ND", "N.D.", "I/T", "Н/Д", "GETTING_DATA":
		return true
	}
	shout := strings.TrimRight(name, "!?")
	words := strings.TrimSuffix(strings.TrimLeft(shout, "¡¿"), "/0")
	return shout != name && words != "" && !strings.ContainsFunc(words, func(r rune) bool {
		return !unicode.IsLetter(r) && !strings.ContainsRune("/_. ", r)
	})
}
