package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	maxText = 4 << 30 // bytes of a CSV or of a sheet, unpacked
	maxRow  = 1 << 20 // bytes of one row, or of one cell of a sheet
)

var (
	errTooBig     = errors.New("more than 4 GiB of text")
	errRowTooLong = errors.New("a row of more than 1 MiB; is a quote opened and never closed?")
)

// textOf opens a statement's text as UTF-8, whatever it is packed and encoded in;
// the first bytes decide, not the name.
func textOf(file io.ReaderAt, size int64) (io.Reader, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(file, 0, size), 64<<10)
	if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("gzip data damaged: %w", err)
		}
		in = bufio.NewReaderSize(unpacked, 64<<10)
	}
	head, _ := in.Peek(1024) // an error comes again, at its line
	if problem := notText(head); problem != "" {
		return nil, errors.New(problem)
	}
	order := unicode.LittleEndian
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, err := in.Discard(3)
		return in, err
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), ZeroBytes(head, 1):
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}), ZeroBytes(head, 0):
		order = unicode.BigEndian
	default:
		return in, nil
	}
	return transform.NewReader(in, unicode.UTF16(order, unicode.UseBOM).NewDecoder()), nil
}

// notText recognises the files that are most often taken for a statement.
func notText(head []byte) string {
	start := bytes.ToLower(bytes.TrimSpace(head[:min(len(head), 64)]))
	switch {
	case bytes.HasPrefix(head, []byte("%PDF")):
		return "a PDF: ask the vendor for the statement as CSV or XLSX"
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "an old Excel workbook, or one with a password: save it as XLSX without one, or as CSV"
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return "compressed twice: unpack it once"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "a compressed archive: unpack it"
	case bytes.HasPrefix(start, []byte("<html")), bytes.HasPrefix(start, []byte("<!doctype")), bytes.HasPrefix(start, []byte("<?xml")):
		return "a web page or XML, not CSV: open it in a spreadsheet and save it as XLSX or CSV"
	}
	return ""
}

// ZeroBytes reports whether the text can only be UTF-16 without a byte order mark:
// of the bytes at even (0) or odd (1) places nearly all are zero and of the others
// none is.
func ZeroBytes(head []byte, place int) bool {
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	return len(head) >= 8 && zeros[1-place] == 0 && zeros[place]*10 >= len(head)/2*9
}

// DecodeCell returns a cell as UTF-8. Text that is not valid UTF-8 is read as
// Windows-1252, in which every byte means something.
func DecodeCell(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	decoded, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return decoded
}

// bounded is a reader for a parser that keeps what belongs to one row or token in
// memory: it fails when the parser has asked for far more than it has understood.
type bounded struct {
	r          io.Reader
	read       int64
	understood func() int64 // bytes, of those read
}

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.read > maxText:
		return 0, errTooBig
	case b.read-b.understood() > maxRow:
		return 0, errRowTooLong
	}
	n, err := b.r.Read(p)
	b.read += int64(n)
	return n, err
}
