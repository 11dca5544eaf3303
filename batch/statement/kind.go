package statement

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"liverecon/batch/billing"
	"liverecon/batch/billing/recovery"
	"liverecon/batch/table"
)

// labels tell the kinds of lines by words.
type labels struct {
	values map[string]LineKind // folded value of a kind column
	words  []label             // folded, longest first
	ignore []string            // folded
	totals map[string]bool     // folded words for sums, which must prove to be one
}

type label struct {
	word string
	kind LineKind
}

func newLabels(o Options) labels {
	l := labels{values: map[string]LineKind{}, totals: map[string]bool{}}
	for _, word := range moreTotals {
		l.totals[foldTotal(word)] = true
	}
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

// ignored reports whether a row begins as the settings say of those that are no lines.
func (l labels) ignored(text string) bool {
	folded := foldLabel(text)
	return folded != "" && slices.ContainsFunc(l.ignore, func(start string) bool {
		return start != "" && strings.HasPrefix(folded, start)
	})
}

// column reads a cell of the kind column.
func (l labels) column(text string) (LineKind, error) {
	kind, ok := l.values[foldLabel(text)]
	if !ok {
		return "", fmt.Errorf("%s: want one of %s", billing.Quote(text),
			strings.Join(slices.Sorted(maps.Keys(l.values)), ", "))
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
		return w.kind, rest == "" || billing.IsCurrency(strings.ToUpper(rest))
	}
	return "", false
}

// total reports whether a text is a word for a sum, alone or behind the name of what was added up; or, where known,
// before that name.
func (l labels) total(text string, known bool) bool {
	if strings.ContainsAny(text, "0123456789") && !strings.Contains(text, " ") {
		return false // an ID
	}
	folded := foldTotal(text)
	if known || l.totals[folded] {
		return true
	}
	for i, r := range folded {
		if r == ' ' && l.totals[folded[i+1:]] {
			return true
		}
	}
	return false
}

const kindHint = "say what such lines are in the configuration under [statement] kinds"

// kind finds what the line is about: by its kind column, or by a label in its
// description or its first cell. Without any it is usage.
func (l *lineReader) kind() LineKind {
	if text := l.text(fieldKind); text != "" {
		kind, err := l.labels.column(text)
		if err != nil {
			l.wrong(fieldKind, kindHint, "%v", err)
		}
		l.stated = true
		return kind
	}
	description, hasDescription := l.header.fields[fieldDescription]
	first := l.firstText()
	if hasDescription && description < len(l.row.Cells) && description != first {
		if kind := l.labelled(description); kind != "" {
			return kind
		}
	}
	if first >= 0 {
		if kind := l.labelled(first); kind != "" {
			return kind
		}
	}
	if i, ok := l.header.fields[fieldTransaction]; ok && i != first && i < len(l.row.Cells) &&
		l.labels.total(l.rawText(i), false) {
		l.used.newer = true
		return l.labelled(i)
	}
	return Usage
}

// labelled reads the kind that a cell's words say, and "" for a cell with others.
// Words that only begin like a label are a mistake on a line that nothing else
// shows to be a call's.
func (l *lineReader) labelled(column int) LineKind {
	text := table.DecodeCell(l.row.Cells[column].Text)
	transaction, ok := l.header.fields[fieldTransaction]
	if !ok {
		transaction = -1
	}
	kind, exact := l.labels.of(text)
	if column == transaction {
		kind, exact = l.labels.ofID(text)
	}
	isDescription := false
	if i, ok := l.header.fields[fieldDescription]; ok {
		isDescription = i == column
	}
	hasID := column != transaction && l.identifier(fieldTransaction) != ""
	if (kind == "" || kind == Total && !exact) && !hasID && l.labels.total(text, kind == Total) {
		l.label, l.stated, l.namedTotal = column, true, true
		return Total
	}
	switch {
	case kind == "" || kind == Usage && !isDescription:
		return ""
	case !exact && (hasID || kind == Usage):
		return ""
	case !exact && (kind != Credit || len(recovery.Numbers(text)) == 0): // what names a dispute of ours pays it back
		l.wrong(l.header.name(column), kindHint, "%s: is it a line of %s, or the name of something that was charged?",
			billing.Quote(strings.TrimFunc(text, unseen)), kind)
	case kind == Total && hasID:
		l.wrong(l.header.name(column), kindHint, "%s on a line with a transaction ID",
			billing.Quote(strings.TrimFunc(text, unseen)))
	}
	l.label, l.stated = column, true
	return kind
}

// ignored reports whether the settings call the row none of the statement's lines.
func (l *lineReader) ignored() bool {
	first := l.firstText()
	if first < 0 || !l.labels.ignored(table.DecodeCell(l.row.Cells[first].Text)) {
		return false
	}
	i := l.header.fields[fieldAmount]
	return i == first || i >= len(l.row.Cells) || l.row.Cells[i] == table.Cell{} ||
		strings.TrimFunc(l.row.Cells[i].Text, unseen) == ""
}
