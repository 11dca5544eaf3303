package statement

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/table"
)

const maxBlock = 500 // lines below a blank row that may be a second table

// block represents the lines below a blank row, as long as they may be a second table, which shows the same money once
// more.
type block struct {
	held     []heldLine
	before   sums     // as they were above it
	problems []*Error // what is wrong if it is none
}

type heldLine struct {
	Line
	cells   [len(identity)]string
	tax     decimal.Decimal
	problem *Error // what is wrong with it as a line of the statement
	known   bool   // whatever tells it from other lines stands on one above
	sum     bool   // it is the sum of lines above it, if it is no line of a second table
}

// clone copies what was added up.
func (s *sums) clone() sums {
	c := *s
	c.open, c.recent = slices.Clone(s.open), slices.Clone(s.recent)
	c.added = make(map[string]*sum, len(s.added))
	for currency, above := range s.added {
		of := *above
		c.added[currency] = &of
	}
	return c
}

// knows reports whether the cells that tell a line from others are empty, or those of a line above.
func (r *statementReader) knows(cells *[len(identity)]string) bool {
	for i, text := range cells {
		if text != "" && !r.seen[i][text] {
			return false
		}
	}
	return true
}

// remember notes the cells of a line, of one for a call without its ID and time.
func (r *statementReader) remember(cells *[len(identity)]string) {
	const most = 4096
	for i, text := range cells {
		if cells[0] != "" && i < 2 || text == r.lastSeen[i] && r.seen[i] != nil {
			continue
		}
		r.lastSeen[i] = text
		if r.seen[i] == nil {
			r.seen[i] = map[string]bool{}
		}
		if len(r.seen[i]) < most {
			r.seen[i][strings.Clone(text)] = true
		}
	}
}

// endBlock hands the lines of a block over, or passes over them where they are a second table: together they are the
// sum of the lines above, and none has anything that those do not.
func (r *statementReader) endBlock() error {
	b := r.block
	if r.block = nil; b == nil {
		return nil
	}
	sums := map[string]decimal.Decimal{}
	second := len(b.held) <= maxBlock
	for i := range b.held {
		h := &b.held[i]
		second = second && h.known
		sums[h.Currency] = sums[h.Currency].Add(h.Amount)
	}
	if second && b.before.lines > 1 && b.before.are(sums) {
		r.info.Ignored += int64(len(b.held))
		r.sums, r.used.newer = b.before, true
		return nil
	}
	for _, problem := range b.problems {
		r.mistakes.add(problem)
	}
	if slices.ContainsFunc(b.held, func(h heldLine) bool { return h.sum }) {
		r.sums = b.before
		for i := range b.held {
			if h := &b.held[i]; !h.sum {
				r.sums.add(&h.Line, &h.cells)
			}
		}
		r.sums.begin(runBlock)
	}
	for i := range b.held {
		h := &b.held[i]
		if h.sum {
			r.info.Ignored, r.used.newer = r.info.Ignored+1, true
			continue
		}
		if h.problem != nil {
			r.mistakes.add(h.problem)
		}
		levy(r, &h.Line, h.tax)
		if err := r.deliver(&h.Line); err != nil {
			return err
		}
	}
	return nil
}

// are reports whether amounts by currency are what the lines above come to.
func (s *sums) are(amounts map[string]decimal.Decimal) bool {
	for currency, above := range s.added {
		if amount, ok := amounts[currency]; !ok && !above.usage.IsZero() || ok && !above.is(amount) {
			return false
		}
	}
	return len(amounts) > 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(amounts)), func(currency string) bool {
		return s.added[currency] == nil
	})
}

// tail represents a table below the statement's lines that is none of them: it has a header of its own, or no IDs where
// the lines have them.
type tail struct {
	header header
	line   int    // its first
	column string // that shows what it is
	rows   int    // with an amount, of a note with anything but words
	note   bool   // it is a text
	sums   map[string]decimal.Decimal
}

// startsTail reports whether a second table begins with a row.
func startsTail(l *lineReader, apart bool) bool {
	if l.info.Lines == 0 && l.block == nil {
		return false
	}
	if h, ok := secondHeader(l); ok {
		l.tail = &tail{header: h, line: l.row.Line, sums: map[string]decimal.Decimal{}}
		return true
	}
	if isNote(l) {
		l.tail = &tail{header: l.header, line: l.row.Line, note: true}
		return true
	}
	if !apart || !l.info.Itemised || noID(l) == "" {
		return false
	}
	l.tail = &tail{header: l.header, line: l.row.Line, column: l.header.names[l.header.fields[fieldTransaction]],
		sums: map[string]decimal.Decimal{}}
	return true
}

// someAmount finds what a note may not have, being no line: a number with decimals.
var someAmount = regexp.MustCompile(`[0-9][.,][0-9]`)

// isNote reports whether a row is a sentence in one cell, which names no amount and is no label of one.
func isNote(l *lineReader) bool {
	const fewest = 3
	first := l.firstText()
	if first < 0 || slices.ContainsFunc(l.row.Cells[first+1:], func(c table.Cell) bool {
		return c.Broken != "" || strings.TrimFunc(c.Text, unseen) != ""
	}) {
		return false
	}
	text := l.rawText(first)
	kind, _ := l.labels.of(text)
	return len(strings.Fields(text)) >= fewest && kind == "" && !l.labels.total(text, false) &&
		!someAmount.MatchString(text)
}

// secondHeader returns a row that names columns of its own.
func secondHeader(l *lineReader) (header, bool) {
	texts := 0
	for _, c := range l.row.Cells {
		switch {
		case c.Number || c.Broken != "" || strings.ContainsAny(c.Text, "0123456789"):
			return header{}, false
		case strings.TrimFunc(c.Text, unseen) != "":
			texts++
		}
	}
	if texts < 2 {
		return header{}, false
	}
	h := l.options.parseHeader(l.row, l.aliases)
	return h, h.has(fieldAmount)
}

// noID returns what stands in the column of IDs where that can be none: a country, an endpoint, or words.
func noID(l *lineReader) string {
	text := l.identifier(fieldTransaction)
	if text == "" || l.labels.total(text, false) {
		return ""
	}
	if _, country := l.options.Region(text); country || !strings.ContainsAny(text, "0123456789") {
		return text
	}
	if _, endpoint := l.options.Endpoints[strings.ToLower(text)]; endpoint {
		return text
	}
	return ""
}

// add takes a row of a second table.
func (t *tail) add(l *lineReader) {
	if t.note {
		if l.info.Ignored++; !isNote(l) {
			t.rows++
		}
		return
	}
	l.header, l.label = t.header, -1
	first := l.firstText()
	if first >= 0 && (l.labels.total(l.rawText(first), false) ||
		l.labels.values[foldLabel(l.rawText(first))] == Total) {
		l.info.Ignored++
		return
	}
	amount, given := l.price(fieldAmount)
	if l.info.Ignored++; !given || l.failed {
		return
	}
	currency := l.currency(amount.symbols)
	resolveMarks(l, currency, []number{{fieldAmount, &amount, true}})
	t.rows++
	t.sums[currency] = t.sums[currency].Add(amount.value)
}

// endTail refuses a second table that is not the sum of the lines above it.
func (r *statementReader) endTail() {
	t := r.tail
	if r.tail = nil; t == nil {
		return
	}
	r.used.newer = true
	if t.note && t.rows > 0 {
		r.mistakes.add(&Error{File: r.path, Sheet: r.sheet, Line: t.line,
			Problem: "a sentence, and below it what may be lines: is it a note, or a line that is broken?",
			Hint:    "take it out of the file, or put a blank line below it"})
	}
	if t.note {
		return
	}
	if t.rows > 0 && !r.sums.are(t.sums) || t.rows == 0 {
		r.mistakes.add(&Error{File: r.path, Sheet: r.sheet, Line: t.line, Column: t.column,
			Problem: "a second table seems to begin here, and it does not add up to what is above it",
			Hint:    "take it out of the file, or say under ignore in the configuration under [statement] how its rows begin"})
	}
}

// repeatsHeader reports whether a row is the header once more, as where files were joined or printed by pages.
func (r *statementReader) repeatsHeader(row table.Row) bool {
	if len(row.Cells) < len(r.header.names) {
		return false
	}
	for i, name := range r.header.names {
		if row.Cells[i].Text != name && strings.TrimFunc(table.DecodeCell(row.Cells[i].Text), unseen) != name {
			return false
		}
	}
	return true
}

// page represents the lines between two headers.
type page struct {
	lines       int64
	first, last string
}

// endPage notes the lines since the last header; the next one is on line next. The same lines once more are a file that
// was joined with itself.
func (r *statementReader) endPage(next int) {
	p := r.page
	p.last = joined(r.lastCells)
	line := r.pageLine
	r.pageLine = next
	if r.page = (page{}); p.lines == 0 {
		return
	}
	if slices.Contains(r.pages, p) {
		r.mistakes.add(&Error{File: r.path, Sheet: r.sheet, Line: line,
			Problem: "the lines below it stand in the file twice",
			Hint:    "was the file joined with itself? Take one of them out"})
	}
	r.pages = append(r.pages, p)
}

// turn notes a row of a page.
func (r *statementReader) turn(row table.Row) {
	if r.page.lines == 0 {
		r.page.first = joined(row.Cells)
	}
	r.page.lines++
	r.lastCells = append(r.lastCells[:0], row.Cells...)
}

func joined(cells []table.Cell) string {
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(c.Text)
		b.WriteByte(0)
	}
	return b.String()
}

// joinedHeader reports whether a header has values where a row has nothing, as where it and the first row have become
// one line.
func (r *statementReader) joinedHeader(row table.Row) bool {
	if r.sheet != "" || len(row.Cells) >= len(r.header.names) {
		return false
	}
	return slices.ContainsFunc(r.header.names[len(row.Cells):], func(name string) bool {
		return strings.Trim(name, "0123456789.,:/-+ ") == "" && strings.ContainsAny(name, "0123456789")
	})
}
