package manual

import (
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	source "github.com/yuin/goldmark/text"
)

const (
	indent    = 4  // columns of what stands under a heading
	gap       = 2  // columns between those of a table
	leastText = 24 // columns; a text that has fewer than that is not wrapped any narrower
)

// ForTerminal sets a page for a terminal of that many columns. Commands and examples are never wrapped; a table that
// is too wide is a list of its rows. Links to other pages name the command that prints them.
func ForTerminal(page []byte, columns int) string {
	doc := goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(source.NewReader(page))
	t := terminal{source: page, columns: columns}
	for block := doc.FirstChild(); block != nil; block = block.NextSibling() {
		t.block(block)
	}
	return strings.TrimRight(t.out.String(), "\n") + "\n"
}

// terminal represents a page being set.
type terminal struct {
	source  []byte
	columns int
	out     strings.Builder
}

func (t *terminal) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		heading := t.inline(n)
		if n.Level == 1 {
			heading = strings.ToUpper(heading)
		}
		t.out.WriteString(heading + "\n\n")
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			t.line(strings.Repeat(" ", 2*indent) + string(line.Value(t.source)))
		}
		t.out.WriteString("\n")
	case *ast.List:
		t.list(n)
	case *tables.Table:
		t.table(n)
	default:
		t.paragraph("", "", t.inline(n))
		t.out.WriteString("\n")
	}
}

// list sets its items, an empty line between them if one has several lines.
func (t *terminal) list(n *ast.List) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		lead := "- "
		if n.IsOrdered() {
			lead = strconv.Itoa(number) + ". "
			number++
		}
		for part := item.FirstChild(); part != nil; part = part.NextSibling() {
			t.paragraph(lead, strings.Repeat(" ", len(lead)), t.inline(part))
			lead = strings.Repeat(" ", len(lead))
		}
		t.out.WriteString("\n")
	}
}

// table sets columns side by side where the terminal is wide enough for them; keys and their texts beside each other
// where the keys are short; and else a row after the other: its key, and below that each other cell under its column's
// name.
func (t *terminal) table(n *tables.Table) {
	rows := t.rows(n)
	widths := make([]int, len(rows[0]))
	total := indent - gap
	for column := range widths {
		for _, row := range rows {
			widths[column] = max(widths[column], text.StringWidth(row[column]))
		}
		total += widths[column] + gap
	}
	switch {
	case total <= t.columns:
		for _, row := range rows {
			t.sideBySide(row, widths)
		}
		t.out.WriteString("\n")
	case len(widths) == 2 && widths[0]+gap <= t.columns/3:
		for _, row := range rows[1:] {
			t.paragraph(text.Pad(row[0], widths[0]+gap, ' '), strings.Repeat(" ", widths[0]+gap), row[1])
		}
		t.out.WriteString("\n")
	default:
		for _, row := range rows[1:] {
			t.below(rows[0], row)
		}
	}
}

func (t *terminal) rows(n *tables.Table) [][]string {
	var rows [][]string
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, t.inline(cell))
		}
		rows = append(rows, cells)
	}
	return rows
}

func (t *terminal) sideBySide(row []string, widths []int) {
	var line strings.Builder
	for column, cell := range row {
		line.WriteString(text.Pad(cell, widths[column]+gap, ' '))
	}
	if strings.TrimSpace(line.String()) != "" { // of a table without heads
		t.line(strings.Repeat(" ", indent) + line.String())
	}
}

// below sets a row as its key and, further in, the other cells. Where there are several the heads tell them apart.
func (t *terminal) below(heads, row []string) {
	t.paragraph("", "", row[0])
	further := strings.Repeat(" ", indent)
	for column, cell := range row[1:] {
		if head := heads[column+1]; head != "" && cell != "" && len(row) > 2 {
			cell = head + ": " + cell
		}
		if cell != "" {
			t.paragraph(further, further, cell)
		}
	}
	t.out.WriteString("\n")
}

// paragraph sets words under each other, the first line behind its lead.
func (t *terminal) paragraph(lead, further, words string) {
	width := max(t.columns-indent-len(lead), leastText)
	for _, line := range wrap(words, width) {
		t.line(strings.Repeat(" ", indent) + lead + line)
		lead = further
	}
}

func (t *terminal) line(text string) { t.out.WriteString(strings.TrimRight(text, " \n") + "\n") }

// wrap breaks a text between words, and a word nowhere: it may have to be typed.
func wrap(words string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(words) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case text.StringWidth(*last)+1+text.StringWidth(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

// inline returns the words of a block in one line, code in its backquotes.
func (t *terminal) inline(n ast.Node) string {
	var out strings.Builder
	for part := n.FirstChild(); part != nil; part = part.NextSibling() {
		switch part := part.(type) {
		case *ast.Text:
			out.Write(part.Value(t.source))
			if part.SoftLineBreak() || part.HardLineBreak() {
				out.WriteByte(' ')
			}
		case *ast.CodeSpan:
			out.WriteString("`" + t.inline(part) + "`")
		case *ast.Link:
			out.WriteString(t.inline(part))
			target := string(part.Destination)
			if topic, isPage := strings.CutSuffix(target, ".md"); isPage && !strings.Contains(topic, "/") {
				target = "`liverecon help " + topic + "`"
			}
			out.WriteString(" (" + target + ")")
		default:
			out.WriteString(t.inline(part))
		}
	}
	return out.String()
}
