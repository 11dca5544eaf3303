package xlsx

import (
	"strings"
	"unicode/utf8"
)

// fitted returns the widths of a sheet's columns, widened where a number would not fit: a spreadsheet program shows
// such a number as ####. Merged cells span several columns and are left to whoever merged them.
func (s *Sheet) fitted(places int) []float64 {
	widths := append([]float64(nil), s.Widths...)
	merged := map[Ref]bool{}
	for _, a := range s.Merged {
		merged[a.From] = true
	}
	for at, c := range s.cells {
		if c.Kind != Number || merged[at] || at.Col > len(widths) {
			continue
		}
		widths[at.Col-1] = max(widths[at.Col-1], c.Room()+float64(c.Style.Format.more(places)))
	}
	return widths
}

// more returns how many decimals beyond its own an amount of the format is shown with.
func (f Format) more(places int) int {
	if f.decimals() == 0 {
		return 0
	}
	return max(0, places-f.decimals())
}

// Room returns the width a number needs in its column, in characters of the default font. A cell's own font is about a
// tenth smaller, bold about a tenth wider.
func (c Cell) Room() float64 {
	const edges = 1.5
	return edges + float64(utf8.RuneCountInString(c.written()))
}

// written returns about what a number looks like in its format: as long as it is.
func (c Cell) written() string {
	whole, _, _ := strings.Cut(strings.TrimPrefix(c.Number, "-"), ".")
	if strings.ContainsAny(c.Number, "eE") { // a very small or a very large number
		whole = "0"
	}
	sign := ""
	if c.Number != "" && c.Number[0] == '-' {
		sign = "-"
	}
	grouped := sign + whole + strings.Repeat(",", (len(whole)-1)/3)
	switch c.Style.Format {
	case Count:
		return grouped
	case SignedCount:
		return "+" + strings.TrimPrefix(grouped, "-")
	case Amount2, SignedAmount:
		return grouped + ".00"
	case Amount4, SignedAmount4, Unit:
		return grouped + ".0000"
	case Score, Signed:
		return sign + whole + ".0"
	default:
		return ""
	}
}

// Lines returns how many lines a text takes in a width of characters, where it breaks between words.
func Lines(text string, width int) int {
	lines, used := 1, 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		if used > 0 && used+1+n > width {
			lines, used = lines+1, 0
		}
		used += n + Int(used > 0)
		lines += (n - 1) / max(1, width)
	}
	return lines
}
