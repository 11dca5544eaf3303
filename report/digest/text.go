package digest

import (
	"fmt"
	"io"
	"strings"
)

// textWidth holds where lines of the text break.
const textWidth = 76

// WriteText writes the page as text, for programs that show no HTML. Charts are their figures.
func (p Page) WriteText(w io.Writer) error {
	var b strings.Builder
	paragraph := func(indent, text string) {
		if text != "" {
			b.WriteString(folded(indent, text))
		}
	}
	paragraph("", p.Title)
	paragraph("", p.Subtitle)
	b.WriteString("\n")
	paragraph("", p.Headline)
	b.WriteString("\n")
	for _, t := range p.Tiles {
		paragraph("", strings.TrimRight(fmt.Sprintf("%s: %s  %s", t.Label, t.Value, t.Note), " "))
	}
	for _, s := range p.Sections {
		b.WriteString("\n")
		paragraph("", strings.ToUpper(s.Title))
		paragraph("", s.Caption)
		s.writeRows(&b, paragraph)
		paragraph("", s.Note)
	}
	b.WriteString("\n")
	paragraph("", p.Foot)
	_, err := io.WriteString(w, b.String())
	return err
}

func (s Section) writeRows(b *strings.Builder, paragraph func(indent, text string)) {
	for _, l := range s.Lines {
		paragraph("   ", l.Mark+"  "+l.Text)
		if l.More != "" {
			paragraph("   ", "   "+l.More)
		}
	}
	if s.Table != nil {
		for _, r := range append([]Row{{Cells: s.Table.Heads}}, s.Table.Rows...) {
			fmt.Fprintf(b, "   %-34s", r.Cells[0])
			for _, c := range r.Cells[1:] {
				fmt.Fprintf(b, "%15s", c)
			}
			b.WriteString("\n")
		}
	}
	for _, r := range s.Bars {
		fmt.Fprintf(b, "   %-34s%15s  %s\n", r.Name, r.Text, r.Note)
	}
	for _, r := range s.Ranges {
		fmt.Fprintf(b, "   %-34s%10s  %s\n", r.Name, r.Text, r.Note)
	}
}

// folded breaks a text at blanks; lines after the first are indented, and the first one is where its text is.
func folded(indent, text string) string {
	var b strings.Builder
	line := ""
	for i, word := range strings.Fields(text) {
		if i > 0 && len([]rune(line))+1+len([]rune(word)) > textWidth {
			b.WriteString(line + "\n")
			line = indent + word
			continue
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	return b.String() + line + "\n"
}
