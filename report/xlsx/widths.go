package xlsx

import (
	"strings"
	"unicode/utf8"
)

// fitted returns the widths of a sheet's columns, widened where a number would not fit: a spreadsheet program shows
// such a number as ####. Merged cells span several columns and are left to whoever merged them.
func (s *Sheet) fitted() []float64 {
	widths := append([]float64(nil), s.Widths...)
	merged := map[Ref]bool{}
	for _, a := range s.Merged {
		merged[a.From] = true
	}
	for at, c := range s.cells {
		if c.Kind != Number || merged[at] || at.Col > len(widths) {
			continue
		}
		widths[at.Col-1] = max(widths[at.Col-1], c.room())
	}
	return widths
}

// room returns the width a number needs in its column, in characters of the default font. A cell's own font is about a
// tenth smaller, bold about a tenth wider.
func (c Cell) room() float64 {
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
	case Amount4, Unit:
		return grouped + ".0000"
	case Score, Signed:
		return sign + whole + ".0"
	default:
		return ""
	}
}
