package words

import "strings"

// Indented sets further lines of a text in, those that are not set in already: none begins as a line of its own.
func Indented(text string) string {
	all := strings.Split(text, "\n")
	for i, line := range all[1:] {
		if !strings.HasPrefix(line, " ") {
			all[i+1] = "    " + line
		}
	}
	return strings.Join(all, "\n")
}
