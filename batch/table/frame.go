package table

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

const (
	maxFrame      = 64 << 10 // one row, its quoted line ends included
	maxFrameLines = 100      // physical lines one quoted cell may reach over
)

// Reasons for which a line is no record.
const (
	Malformed     = "malformed_csv"
	TooManyFields = "too_many_fields"
	TooLong       = "too_long"
)

// Framer cuts a text into records. It serves two readers: as an io.Reader it is what encoding/csv, and gocsv behind it,
// reads of a list (what it yields is well-formed, and every record has as many fields as the header); [OpenCSV] takes
// the records of a statement from it.
//
// It exists because encoding/csv has two bad choices for a damaged row. Strict,
// an unclosed quote swallows the rest of the file into one error; with
// LazyQuotes it swallows it into one field, silently. And gocsv's ReadUnmatched
// panics on a row that is longer than its header. So rows are made safe here:
// short ones are padded, long ones with empty extra fields are cut, and
// anything else that is no record is rejected by its first line alone.
//
// A blank or rejected line is passed on as an empty line, which encoding/csv
// skips but counts: its line numbers stay those of the file. One Read yields
// at most one record, so rejects and rows come out in the order of the file.
type Framer struct {
	src        io.Reader
	window     []byte // text read but not yet framed: window[start:end]
	start, end int
	ended      error // what the source ended with; io.EOF is the normal end
	loneCR     bool  // lines end in a carriage return alone

	delimiter byte
	fields    int    // of the header; 0 while the header itself is framed
	idColumns []int  // positions of the ID columns
	used      []bool // by position: columns that are read
	extras    bool   // a record with more fields than the header is one all the same, and one with stray quotes is none
	unclosed  bool   // the last line with damaged quotes opened one

	open  bool // the record handed out is the text's last, and its line has no end
	cells int  // that the record handed out has

	either int // last line of a record that may as well be several: it and those before are rejected

	line   int    // physical line at the window's start
	record []byte // framed text that Read hands out
	out    []byte // what is left of it
	reject func(line int, reason, detail string, text []byte) error
	failed error // what reject returned, if it did
}

// errStopped passes through encoding/csv in place of an error of reject,
// which might be, or wrap, an io.EOF.
var errStopped = errors.New("stopped by the receiver of rejects")

// Frame describes one record, or one line that is none, as found in the window.
type Frame struct {
	Text           []byte // without line end; valid until the framer moves on
	Lines          int    // of text
	Fields         int
	Reason, Detail string // why it is rejected, if it is

	size    int  // of text, line end included
	cut     int  // where the header's last field ends in text, if there are more
	rewrite bool // quotes are not written as encoding/csv has them
}

// Shape holds what a header says of the rows below it.
type Shape struct {
	Fields int    // of a row
	IDs    []int  // positions of the columns of IDs
	Used   []bool // by position: columns that are read, so that a stray quote in one matters
}

// NewFramer frames the text of src. It calls reject for each line that is no record; its error ends the reading.
func NewFramer(src io.Reader, reject func(line int, reason, detail string, text []byte) error) *Framer {
	return &Framer{src: src, window: make([]byte, 4*maxFrame), line: 1, reject: reject}
}

// Line returns the physical line, from 1, that is framed next.
func (f *Framer) Line() int { return f.line }

// Cut reports of the record that was read last whether its line, the last, has no end, and how many cells it has, which
// may be fewer than the header.
func (f *Framer) Cut() (open bool, cells int) { return f.open, f.cells }

// Ended returns what the reading ended with: what reject returned, and else the source's error.
func (f *Framer) Ended() (rejected, source error) { return f.failed, f.ended }

// FirstLine frames the next physical line, whatever is in it. One without text is the end.
func (f *Framer) FirstLine() (Frame, error) {
	w, err := f.fill()
	if err != nil || len(w) == 0 {
		return Frame{}, err
	}
	return firstLine(w), nil
}

// Under frames the next record as one of cells that are separated by a delimiter, and stays before it.
func (f *Framer) Under(delimiter byte) Frame {
	f.delimiter = delimiter
	return f.scan(f.window[f.start:f.end])
}

// Header moves past the header, a frame, and lets Read yield names on its line.
func (f *Framer) Header(frame Frame, delimiter byte, names []string, shape Shape) {
	f.delimiter, f.fields, f.idColumns, f.used = delimiter, shape.Fields, shape.IDs, shape.Used
	f.record = append(f.record, bytes.Repeat([]byte{'\n'}, f.line-1)...)
	f.record = append(f.record, strings.Join(names, string(rune(delimiter)))...)
	f.record = append(f.record, bytes.Repeat([]byte{'\n'}, frame.Lines)...)
	f.out = f.record
	f.start += frame.size
	f.line += frame.Lines
}

// Anew lets Read yield other names, as the first line for a reader that begins anew, before what is framed next, which
// has another shape. What reject returned is forgotten, and the line it was called for stays to be skipped.
func (f *Framer) Anew(names []string, shape Shape) {
	f.fields, f.idColumns, f.used = shape.Fields, shape.IDs, shape.Used
	f.record = append(append(f.record[:0], strings.Join(names, string(rune(f.delimiter)))...), '\n')
	f.out, f.failed = f.record, nil
}

// Read implements io.Reader for encoding/csv.
func (f *Framer) Read(p []byte) (int, error) {
	if len(f.out) == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.out)
	f.out = f.out[n:]
	return n, nil
}

// next frames up to the next record. It returns early when thousands of
// lines held none, so that memory is bounded there too.
func (f *Framer) next() error {
	f.record = f.record[:0]
	for len(f.record) < 4096 {
		w, err := f.fill()
		if err != nil {
			return err
		}
		if len(w) == 0 {
			break
		}
		frame := f.scan(w)
		if frame.Reason == "" && len(frame.Text) > 0 {
			f.emit(frame)
			break
		}
		if frame.Reason != "" {
			if f.failed = f.reject(f.line, frame.Reason, frame.Detail, frame.Text); f.failed != nil {
				return errStopped
			}
		}
		f.record = append(f.record, '\n')
		if err := f.Skip(frame); err != nil {
			return err
		}
	}
	f.out = f.record
	if len(f.out) == 0 {
		return io.EOF
	}
	return nil
}

// emit appends a record with exactly the header's number of fields.
func (f *Framer) emit(frame Frame) {
	text := frame.Text
	if f.over(frame) {
		text = text[:frame.cut]
	}
	if frame.rewrite {
		f.record = appendStrict(f.record, text, f.delimiter)
	} else {
		f.record = append(f.record, text...)
	}
	for n := frame.Fields; n < f.fields; n++ {
		f.record = append(f.record, f.delimiter)
	}
	f.record = append(f.record, '\n')
	f.advance(frame)
}

// advance moves past a record.
func (f *Framer) advance(frame Frame) {
	last := f.start + frame.size
	f.open = f.ended != nil && last == f.end && f.window[last-1] != '\n'
	f.cells = frame.Fields
	f.start = last
	f.line += frame.Lines
}

// Skip moves past a frame. One without a known size is a line longer than the
// window: its end is looked for without keeping it.
func (f *Framer) Skip(frame Frame) error {
	f.line++
	if frame.size > 0 {
		f.start += frame.size
		return nil
	}
	for {
		w, err := f.fill()
		if err != nil || len(w) == 0 {
			return err
		}
		if i := bytes.IndexByte(w, '\n'); i >= 0 {
			f.start += i + 1
			return nil
		}
		f.start = f.end
	}
}

// fill returns the text to be framed next: more than maxFrame of it,
// unless it ends sooner. Text before a read error is framed first.
func (f *Framer) fill() ([]byte, error) {
	if f.end-f.start <= maxFrame && f.ended == nil {
		f.end = copy(f.window, f.window[f.start:f.end])
		f.start = 0
		for f.end < len(f.window) && f.ended == nil {
			n, err := f.src.Read(f.window[f.end:])
			if f.loneCR {
				replaceCR(f.window[f.end : f.end+n])
			}
			f.end += n
			f.ended = err
		}
	}
	w := f.window[f.start:f.end]
	if len(w) == 0 && f.ended != nil && !errors.Is(f.ended, io.EOF) {
		return nil, f.ended
	}
	return w, nil
}

// DetectLoneCR looks at the start of the text for the line ends of old
// spreadsheets for the Macintosh: carriage returns and no line feed at all.
func (f *Framer) DetectLoneCR() error {
	w, err := f.fill()
	if err != nil {
		return err
	}
	if bytes.IndexByte(w, '\n') < 0 && bytes.IndexByte(w, '\r') >= 0 {
		f.loneCR = true
		replaceCR(w)
	}
	return nil
}

func replaceCR(text []byte) {
	for i, b := range text {
		if b == '\r' {
			text[i] = '\n'
		}
	}
}

// scan frames the record, or the line, at the start of w.
func (f *Framer) scan(w []byte) Frame {
	frame := firstLine(w)
	if frame.Reason != "" {
		return frame
	}
	if f.blank(frame.Text) {
		frame.Text = nil
		return frame
	}
	if f.line <= f.either {
		frame.Reason, frame.Detail = Malformed, eitherWay
		return frame
	}
	if bytes.IndexByte(frame.Text, '"') >= 0 {
		return f.scanQuoted(w, frame)
	}
	frame.Fields = bytes.Count(frame.Text, []byte{f.delimiter}) + 1
	if f.over(frame) {
		frame.cut = nthByte(frame.Text, f.delimiter, f.fields)
	}
	return f.checkExtra(frame)
}

// firstLine frames the first physical line of w.
func firstLine(w []byte) Frame {
	end := bytes.IndexByte(w[:min(len(w), maxFrame+1)], '\n')
	switch {
	case end < 0 && len(w) > maxFrame:
		return Frame{Text: w[:maxFrame], Reason: TooLong, Detail: "a line of more than 64 KiB"}
	case end < 0:
		return Frame{size: len(w), Lines: 1, Text: trimCR(w)}
	}
	return Frame{size: end + 1, Lines: 1, Text: trimCR(w[:end])}
}

// trimCR takes off carriage returns: two stand before a line feed where an
// export was converted twice.
func trimCR(line []byte) []byte {
	for len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	return line
}

// nthByte returns the place of the n-th b, n >= 1, in text, which has it.
func nthByte(text []byte, b byte, n int) int {
	at := -1
	for range n {
		at += 1 + bytes.IndexByte(text[at+1:], b)
	}
	return at
}

// blank reports whether a line holds nothing but delimiters and blanks, as
// spreadsheets write for rows that were emptied.
func (f *Framer) blank(line []byte) bool {
	for _, b := range line {
		if b != f.delimiter && b != ' ' && b != '\t' && b != '\r' {
			return false
		}
	}
	return true
}

// over reports whether a record has more fields than the header.
func (f *Framer) over(frame Frame) bool {
	return f.fields > 0 && frame.Fields > f.fields
}

// checkExtra rejects a record with more fields than the header, unless the
// extra ones are empty.
func (f *Framer) checkExtra(frame Frame) Frame {
	if !f.over(frame) || f.extras {
		return frame
	}
	if !f.emptyCells(frame.Text[frame.cut:]) {
		frame.Reason, frame.Detail = TooManyFields, "more cells than the header has names"
	}
	return frame
}

// emptyCells reports whether cells behind a delimiter hold nothing; a stray quote is nothing, one that is quoted is not.
func (f *Framer) emptyCells(text []byte) bool {
	if !f.blank(bytes.ReplaceAll(text, []byte{'"'}, nil)) {
		return false
	}
	for at := 1; at <= len(text); {
		cell := nextCell(text, at, f.delimiter)
		if cell.quoted && !f.blank(text[cell.from:cell.to]) {
			return false
		}
		at = cell.end + 1
	}
	return true
}
