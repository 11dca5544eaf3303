package list

import (
	"bytes"
	"errors"
	"io"
)

const (
	listMaxRowBytes = 64 << 10 // one row, its quoted line ends included
	listMaxRowLines = 100      // physical lines one quoted cell may reach over
)

// Reasons that are found before a row has cells. The others stand beside the
// checks that give them.
const (
	listMalformed     = "malformed_csv"
	listTooManyFields = "too_many_fields"
	listTooLong       = "too_long"
)

// listFramer cuts a list's text into records and is the io.Reader that
// encoding/csv reads: what it yields is well-formed, and every record has as
// many fields as the header.
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
type listFramer struct {
	src        io.Reader
	window     []byte // text read but not yet framed: window[start:end]
	start, end int
	ended      error // what the source ended with; io.EOF is the normal end
	loneCR     bool  // lines end in a carriage return alone

	delimiter byte
	fields    int    // of the header; 0 while the header itself is framed
	idColumns []int  // positions of the ID columns
	used      []bool // by position: columns of IDs or regions
	unclosed  bool   // the last line with damaged quotes opened one

	open  bool // the record handed out is the text's last, and its line has no end
	short bool // the record handed out has fewer cells than the header

	line   int    // physical line at the window's start
	record []byte // framed text that Read hands out
	out    []byte // what is left of it
	reject func(line int, reason, detail string, text []byte) error
	failed error // what reject returned, if it did
}

// errListStopped passes through encoding/csv in place of an error of reject,
// which might be, or wrap, an io.EOF.
var errListStopped = errors.New("stopped by the receiver of rejects")

// listFrame is one record, or one line that is none, as found in the window.
type listFrame struct {
	size, lines    int    // of text, line end included
	text           []byte // without line end
	fields         int
	cut            int    // where the header's last field ends in text, if there are more
	rewrite        bool   // quotes are not written as encoding/csv has them
	reason, detail string // why it is rejected, if it is
}

func newListFramer(src io.Reader, reject func(line int, reason, detail string, text []byte) error) *listFramer {
	return &listFramer{src: src, window: make([]byte, 4*listMaxRowBytes), line: 1, reject: reject}
}

// Read implements io.Reader for encoding/csv.
func (f *listFramer) Read(p []byte) (int, error) {
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
func (f *listFramer) next() error {
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
		if frame.reason == "" && len(frame.text) > 0 {
			f.emit(frame)
			break
		}
		if frame.reason != "" {
			if f.failed = f.reject(f.line, frame.reason, frame.detail, frame.text); f.failed != nil {
				return errListStopped
			}
		}
		f.record = append(f.record, '\n')
		if err := f.skip(frame); err != nil {
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
func (f *listFramer) emit(frame listFrame) {
	text := frame.text
	if f.over(frame) {
		text = text[:frame.cut]
	}
	if frame.rewrite {
		f.record = appendStrict(f.record, text, f.delimiter)
	} else {
		f.record = append(f.record, text...)
	}
	for n := frame.fields; n < f.fields; n++ {
		f.record = append(f.record, f.delimiter)
	}
	f.record = append(f.record, '\n')
	last := f.start + frame.size
	f.open = f.ended != nil && last == f.end && f.window[last-1] != '\n'
	f.short = frame.fields < f.fields
	f.start = last
	f.line += frame.lines
}

// skip moves past a frame. One without a known size is a line longer than the
// window: its end is looked for without keeping it.
func (f *listFramer) skip(frame listFrame) error {
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

// fill returns the text to be framed next: more than listMaxRowBytes of it,
// unless it ends sooner. Text before a read error is framed first.
func (f *listFramer) fill() ([]byte, error) {
	if f.end-f.start <= listMaxRowBytes && f.ended == nil {
		f.end = copy(f.window, f.window[f.start:f.end])
		f.start = 0
		for f.end < len(f.window) && f.ended == nil {
			n, err := f.src.Read(f.window[f.end:])
			if f.loneCR {
				listReplaceCR(f.window[f.end : f.end+n])
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

// detectLoneCR looks at the start of the text for the line ends of old
// spreadsheets for the Macintosh: carriage returns and no line feed at all.
func (f *listFramer) detectLoneCR() error {
	w, err := f.fill()
	if err != nil {
		return err
	}
	if bytes.IndexByte(w, '\n') < 0 && bytes.IndexByte(w, '\r') >= 0 {
		f.loneCR = true
		listReplaceCR(w)
	}
	return nil
}

func listReplaceCR(text []byte) {
	for i, b := range text {
		if b == '\r' {
			text[i] = '\n'
		}
	}
}

// scan frames the record, or the line, at the start of w.
func (f *listFramer) scan(w []byte) listFrame {
	frame := listFirstLine(w)
	if frame.reason != "" {
		return frame
	}
	if f.blank(frame.text) {
		frame.text = nil
		return frame
	}
	if bytes.IndexByte(frame.text, '"') >= 0 {
		return f.scanQuoted(w, frame)
	}
	frame.fields = bytes.Count(frame.text, []byte{f.delimiter}) + 1
	if f.over(frame) {
		frame.cut = listNthByte(frame.text, f.delimiter, f.fields)
	}
	return f.checkExtra(frame)
}

// listFirstLine frames the first physical line of w.
func listFirstLine(w []byte) listFrame {
	end := bytes.IndexByte(w[:min(len(w), listMaxRowBytes+1)], '\n')
	switch {
	case end < 0 && len(w) > listMaxRowBytes:
		return listFrame{text: w[:listMaxRowBytes], reason: listTooLong, detail: "a line of more than 64 KiB"}
	case end < 0:
		return listFrame{size: len(w), lines: 1, text: listTrimCR(w)}
	}
	return listFrame{size: end + 1, lines: 1, text: listTrimCR(w[:end])}
}

// listTrimCR takes off carriage returns: two stand before a line feed where an
// export was converted twice.
func listTrimCR(line []byte) []byte {
	for len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	return line
}

// listNthByte returns the place of the n-th b, n >= 1, in text, which has it.
func listNthByte(text []byte, b byte, n int) int {
	at := -1
	for range n {
		at += 1 + bytes.IndexByte(text[at+1:], b)
	}
	return at
}

// blank reports whether a line holds nothing but delimiters and blanks, as
// spreadsheets write for rows that were emptied.
func (f *listFramer) blank(line []byte) bool {
	for _, b := range line {
		if b != f.delimiter && b != ' ' && b != '\t' {
			return false
		}
	}
	return true
}

// over reports whether a record has more fields than the header.
func (f *listFramer) over(frame listFrame) bool {
	return f.fields > 0 && frame.fields > f.fields
}

// checkExtra rejects a record with more fields than the header, unless the
// extra ones are empty.
func (f *listFramer) checkExtra(frame listFrame) listFrame {
	if !f.over(frame) {
		return frame
	}
	extra := bytes.ReplaceAll(frame.text[frame.cut:], []byte{'"'}, nil)
	if !f.blank(extra) {
		frame.reason, frame.detail = listTooManyFields, "more cells than the header has names"
	}
	return frame
}
