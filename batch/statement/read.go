package statement

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// maxStatementRows bounds the rows, far above what a sheet can hold.
const maxStatementRows = 20_000_000

// Read reads a vendor's statement, CSV or XLSX, and calls each for every
// line in the order of the file. It is a function of the file's content and the
// options alone; memory is bounded whatever the file's size. The path is only
// named in errors.
//
// A statement that can't be read as a whole is refused as a whole: the error joins
// up to 20 mistakes, each a *Error with file, line and column, and says
// how many more there are. It may come after lines were handed over, so the caller
// takes a statement in one transaction; after the first mistake no more are. An
// error of each ends the reading and is returned wrapped.
func Read(file io.ReaderAt, size int64, path string, o Options, each func(Line) error) (Statement, error) {
	if err := o.Check(); err != nil {
		return Statement{}, fmt.Errorf("statement options: %w", err)
	}
	r := &statementReader{source: source{path: path}, options: o.withDefaults(), each: each,
		info: Statement{Path: path}}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, size)); err != nil {
		return Statement{}, fmt.Errorf("read statement %s: %w", path, err)
	}
	sum.Sum(r.info.SHA256[:0])
	if err := r.read(file, size); err != nil {
		return Statement{}, err
	}
	return r.info, nil
}

// statementReader represents the state of reading one statement.
type statementReader struct {
	source
	options Options
	each    func(Line) error
	info    Statement
	times   times
	labels  labels
	regions map[string]string // by text
	used    usedDefaults

	aliases    map[string]string
	columns    [len(identity)]int               // of the fields, -1 for none
	meanings   [len(identity)]map[string]string // of cells, by their text
	sums       sums
	seen       [len(identity)]map[string]bool // cells of lines, but for IDs and times of calls
	lastSeen   [len(identity)]string
	firstCell  string // of the last such line
	pending    *Line  // a total that is one of a part if lines of usage follow
	waiting    totalWord
	partNames  map[string]bool // what totals of parts are called
	block      *block
	tail       *tail
	blankAbove bool
	page       page
	pages      []page
	pageLine   int // of its header
	lastCells  []table.Cell
	rounded    roundedIDs // to 15 digits
	binary     roundedIDs // to 53 bits
	cut        cutText
	short      shortRows
	mayCount   []int // columns that may be the number of calls
	money      money
	places     placeGroups
	unitless   int64  // lines whose number of calls is their amount by their unit price
	hidden     []int  // rows of lines that a workbook does not show
	doubtful   *Error // what is wrong if the statement has more than one line
	others     *Error // what is wrong with the first line of another product, if no line is of one of ours
	ours       bool   // a line is of a product of ours
}

// read returns the pipeline: file -> table -> header -> rows -> lines.
func (r *statementReader) read(file io.ReaderAt, size int64) error {
	tables, from1904, err := r.tables(file, size)
	if err != nil {
		return r.refuse(err)
	}
	chosen, err := chooseTable(tables, r.options)
	if err != nil {
		return r.refuse(err)
	}
	r.prepare(chosen, from1904)
	if err := settle(r, chosen); err != nil {
		return r.refuse(err)
	}
	if err := settleDays(r, chosen); err != nil {
		return r.refuse(err)
	}
	in, err := chosen.skipTo(chosen.header)
	if err != nil {
		return r.refuse(err)
	}
	end := r.rows(in)
	if end == nil {
		end = r.finish()
	}
	if err := r.mistakes.err(r.path, end); err != nil {
		return err
	}
	if r.info.Lines == 0 {
		return &Error{File: r.path, Sheet: r.sheet, Line: r.header.line, Problem: "no lines below the header",
			Hint: "was the export cut off, or is this only the template?"}
	}
	r.info.Fingerprint, err = r.options.fingerprint(r.header, r.used)
	return err
}

// tables lists the ways of reading the file. What it is, its first bytes say.
func (r *statementReader) tables(file io.ReaderAt, size int64) (tables []fileTable, from1904 bool, err error) {
	magic := make([]byte, 4)
	if n, _ := file.ReadAt(magic, 0); n == 4 && bytes.Equal(magic, []byte("PK\x03\x04")) {
		archive, err := zip.NewReader(file, size)
		if err != nil || table.IsWorkbook(archive) {
			return r.workbookTables(file, size)
		}
	}
	r.info.Format = "csv"
	for _, comma := range []rune{',', ';', '\t', '|'} {
		tables = append(tables, fileTable{open: func() (table.Rows, error) { return table.OpenCSV(file, size, comma) }})
	}
	return tables, false, nil
}

// workbookTables lists the sheet that is set, or else the visible ones.
func (r *statementReader) workbookTables(file io.ReaderAt, size int64) (tables []fileTable, from1904 bool, err error) {
	book, err := table.OpenWorkbook(file, size)
	if err != nil {
		return nil, false, err
	}
	r.info.Format = "xlsx"
	var names []string
	for _, s := range book.Sheets {
		names = append(names, billing.Quote(s.Name))
		if r.options.Sheet == "" && !s.Hidden || r.options.Sheet != "" && strings.EqualFold(r.options.Sheet, s.Name) {
			tables = append(tables, fileTable{s.Name, func() (table.Rows, error) { return book.OpenSheet(s) }})
		}
	}
	if len(tables) == 0 {
		return nil, false, &Error{Problem: fmt.Sprintf("no sheet %s: the workbook has %s",
			billing.Quote(r.options.Sheet), strings.Join(names[:min(len(names), 10)], ", ")),
			Hint: "say which in the configuration: [statement] sheet"}
	}
	return tables, book.From1904, nil
}

func (r *statementReader) prepare(chosen found, from1904 bool) {
	r.header, r.sheet, r.info.Sheet = chosen.header, chosen.sheet, chosen.sheet
	r.numbers, r.labels = r.options.numberForm(), newLabels(r.options)
	r.times = times{options: &r.options, clock: newClock(r.options, from1904)}
	r.clock, r.money.list = &r.times.clock, -1
	r.regions = map[string]string{}
	r.pageLine = r.header.line
	r.aliases, _ = r.options.aliases() // whose problems were told before
	for i, field := range identity {
		r.columns[i] = -1
		if column, ok := r.header.fields[field]; ok && field != fieldDescription {
			r.columns[i] = column
		}
	}
	for which := range r.sums.runs {
		r.sums.begin(which)
	}
}

func (r *statementReader) rows(in table.Rows) error {
	line := r.header.line
	for range maxStatementRows {
		row, err := in.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &Error{File: r.path, Sheet: r.sheet, Line: line, Problem: err.Error(),
				Hint: "nothing of the statement was taken; get the file again"}
		}
		if err := r.take(row); err != nil {
			return fmt.Errorf("statement %s: line %d: %w", r.path, row.Line, err)
		}
		line = row.Line
	}
	return &Error{File: r.path, Sheet: r.sheet, Line: line, Problem: fmt.Sprintf("more than %d rows", maxStatementRows)}
}

// take hands a row over as a line, or notes what is wrong with it.
func (r *statementReader) take(row table.Row) error {
	l := lineReader{statementReader: r, rowReader: rowReader{from: &r.source, row: row, label: -1}}
	apart := r.blankAbove || row.Apart
	r.blankAbove = false
	switch {
	case row.Damage != "":
		l.wrong("", "", "%s", row.Damage)
		return nil
	case isBlank(row):
		r.blankAbove = true
		return nil
	case l.ignored():
		r.info.Ignored++
		return nil
	case r.repeatsHeader(row):
		r.info.Ignored++
		r.used.newer = true
		r.endTail() // a page's title above its header
		r.endPage(row.Line)
		return nil
	}
	if apart {
		if err := r.afterBlank(); err != nil {
			return err
		}
	}
	r.turn(row)
	switch {
	case r.tail != nil:
		r.tail.add(&l)
		return nil
	case startsTail(&l, apart):
		if r.tail.header.line != row.Line { // which is no header
			r.tail.add(&l)
		}
		return r.endBlock()
	case r.joinedHeader(row):
		l.wrong("", "is the end of the header's line lost?",
			"fewer cells than the header has names, of which %s is none", billing.Quote(r.header.names[len(row.Cells)]))
		return nil
	case l.tooLong():
		l.wrong("", "", "more cells than the header has names: is a number with a comma not in quotes?")
		return nil
	}
	if r.block == nil && r.sums.lines > 1 && (apart && !r.info.Itemised || r.info.Itemised && isSummary(&l)) {
		r.block = &block{before: r.sums.clone()}
	}
	return r.line(&l)
}

// isSummary reports whether a line among those of calls says neither which call it is for, nor when.
func isSummary(l *lineReader) bool {
	_, timed := l.cell(fieldTime)
	_, monthly := l.cell(fieldMonth)
	return l.identifier(fieldTransaction) == "" && !timed && !monthly
}

// afterBlank ends what a blank row ends.
func (r *statementReader) afterBlank() error {
	r.endTail()
	r.sums.begin(runBlock)
	return r.endBlock()
}

// line reads a row as a line.
func (r *statementReader) line(l *lineReader) error {
	line := l.read()
	if !l.failed {
		checkCut(l, &line)
	}
	switch {
	case r.mistakes.any():
		return nil
	case l.part:
		r.info.Ignored++
		r.sums.begin(runBlock)
		return nil
	}
	if r.block != nil && (line.Kind != Usage || line.TransactionID != "" || len(r.block.held) > maxBlock) {
		if err := r.endBlock(); err != nil {
			return err
		}
	}
	tax := weighMoney(l, &line)
	if r.mistakes.any() {
		return nil
	}
	r.lookAtProduct(l, &line)
	cells := identityCells(l)
	if line.TransactionID == "" && line.Kind == Usage {
		if first := l.firstText(); first >= 0 && l.row.Cells[first].Text != r.firstCell {
			r.firstCell = strings.Clone(l.row.Cells[first].Text)
			r.sums.begin(runFirst)
		}
	}
	known := r.block != nil && r.knows(&cells)
	r.sums.add(&line, &cells)
	if line.Kind == Usage {
		r.weigh(l, &line, &cells)
		if r.block == nil && r.mistakes.any() {
			return nil
		}
	}
	switch {
	case r.block != nil:
		r.block.held = append(r.block.held, heldLine{line, cells, tax, l.assumed, known, l.sum})
		return nil
	case line.Kind == Usage:
		r.remember(&cells)
	}
	r.places.add(l, &line, &cells)
	levy(r, &line, tax)
	if l.derived && line.Kind == Usage {
		r.unitless++
	}
	if row := l.row; row.Hidden {
		r.hidden = append(r.hidden, row.Line)
	}
	if l.namedTotal { // a total, unless lines of usage follow
		if err := r.endPending(); err != nil {
			return err
		}
		r.pending, r.waiting = &line, l.word
		r.sums.begin(runBlock)
		return nil
	}
	return r.deliver(&line)
}

// lookAtProduct keeps whether any line is about a product of ours, and the first that is about another.
func (r *statementReader) lookAtProduct(l *lineReader, line *Line) {
	switch {
	case line.Product == "":
	case !line.Other:
		r.ours = true
	case r.others == nil:
		r.others = l.error(fieldProduct, "name ours as the file does under products in the configuration under "+
			"[statement]; * stands for any text",
			"%.40q is none of statement.products, nor is the product of any other line", line.Product)
	}
}

// deliver hands a line over.
func (r *statementReader) deliver(line *Line) error {
	if r.pending != nil && line.Kind == Usage {
		r.passTotal()
	}
	if err := r.endPending(); err != nil || r.mistakes.any() {
		return err
	}
	r.info.Lines++
	r.info.Itemised = r.info.Itemised || line.Kind == Usage && !line.Other && line.TransactionID != ""
	return r.each(*line)
}

// passTotal takes the total that waited for one of a part, since lines follow.
func (r *statementReader) passTotal() {
	if word := r.waiting; word.untied != nil {
		r.mistakes.add(word.untied)
	} else if word.name != "" {
		if r.partNames == nil {
			r.partNames = map[string]bool{}
		}
		r.partNames[word.name], r.used.newer = true, true
	}
	r.pending = nil
	r.info.Ignored++
}

// endPending hands over the total that waited for lines below it.
func (r *statementReader) endPending() error {
	line := r.pending
	if r.pending = nil; line == nil || r.mistakes.any() {
		return nil
	}
	r.info.Lines++
	return r.each(*line)
}

// finish judges what can be judged at the end only.
func (r *statementReader) finish() error {
	err := r.endBlock()
	r.endTail()
	r.endPage(0)
	r.short.check(r)
	if r.doubtful != nil && r.info.Lines > 1 {
		r.mistakes.add(r.doubtful)
	}
	if r.times.undated != nil && r.times.last == (billing.Period{}) {
		r.mistakes.add(r.times.undated)
	}
	if r.others != nil && !r.ours {
		r.mistakes.add(r.others)
	}
	for _, ids := range []*roundedIDs{&r.rounded, &r.binary} {
		if ids.lost() {
			r.mistakes.join(&ids.first)
		}
	}
	err = errors.Join(err, r.endPending())
	if err == nil && !r.mistakes.any() {
		err = deliverTaxes(r)
	}
	tell(r)
	r.places.tell(&r.info)
	return err
}

func isBlank(row table.Row) bool {
	return !slices.ContainsFunc(row.Cells, func(c table.Cell) bool {
		return c.Broken != "" || strings.TrimFunc(c.Text, unseen) != ""
	})
}

// refuse makes one error type of whatever a file is refused for before its rows
// are read.
func (r *statementReader) refuse(err error) error {
	var refused *Error
	if !errors.As(err, &refused) {
		refused = &Error{Problem: err.Error()}
	}
	refused.File = r.path
	return refused
}
