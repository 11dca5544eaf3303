package billing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// labels tell the kinds of lines by words.
type labels struct {
	values map[string]LineKind // folded value of a kind column
	words  []label             // folded, longest first
	ignore []string            // folded
}

type label struct {
	word string
	kind LineKind
}

func newLabels(o StatementOptions) labels {
	l := labels{values: map[string]LineKind{}}
	for kind, words := range o.Kinds {
		for _, word := range words {
			folded := foldLabel(word)
			l.values[folded] = kind
			l.words = append(l.words, label{folded, kind})
		}
	}
	slices.SortFunc(l.words, func(a, b label) int {
		if d := len(b.word) - len(a.word); d != 0 {
			return d
		}
		return strings.Compare(a.word, b.word)
	})
	for _, start := range o.Ignore {
		l.ignore = append(l.ignore, foldLabel(start))
	}
	return l
}

// ignored says whether a row begins as the settings say of those that are no lines.
func (l labels) ignored(text string) bool {
	folded := foldLabel(text)
	return folded != "" && slices.ContainsFunc(l.ignore, func(start string) bool { return start != "" && strings.HasPrefix(folded, start) })
}

// column reads a cell of the kind column.
func (l labels) column(text string) (LineKind, error) {
	kind, ok := l.values[foldLabel(text)]
	if !ok {
		return "", fmt.Errorf("%s: want one of %s", quote(text), strings.Join(slices.Sorted(maps.Keys(l.values)), ", "))
	}
	return kind, nil
}

// ofID reads a label in the column of IDs, where "TAX-0001" is one: the word
// alone, or what no ID is because of its blanks.
func (l labels) ofID(text string) (kind LineKind, exact bool) {
	folded := strings.TrimRight(foldLabel(text), " :")
	if kind, ok := l.values[folded]; ok {
		return kind, true
	}
	if kind, exact := l.of(text); exact && strings.Contains(folded, " ") {
		return kind, true
	}
	return "", false
}

// of reads a label: a word alone, or followed by a rate, a number or a currency
// ("GST 9%", "Total USD"). exact is false where it goes on in other words, as the
// name of a product does ("Tax ID check") and a label may ("Total for November").
func (l labels) of(text string) (kind LineKind, exact bool) {
	folded := foldLabel(text)
	for _, w := range l.words {
		rest, ok := strings.CutPrefix(folded, w.word)
		if !ok || w.word == "" || rest != "" && isLetters(rest[:1]) {
			continue
		}
		rest = strings.Trim(rest, " 0123456789.,:;%()@#/-")
		return w.kind, rest == "" || isCurrency(strings.ToUpper(rest))
	}
	return "", false
}
