package table

import (
	"bufio"
	"bytes"
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
	errRowTooLong = errors.New("more than 1 MiB that is no row")
)

// textOf opens a statement's text as UTF-8, whatever it is packed and encoded in;
// the first bytes decide, not the name.
func textOf(file io.ReaderAt, size int64) (io.Reader, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(file, 0, size), 64<<10)
	switch head, _ := in.Peek(4); {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		unpacked, err := Unzip(in)
		if err != nil {
			return nil, fmt.Errorf("gzip data damaged: %w", err)
		}
		in = bufio.NewReaderSize(unpacked, 64<<10)
	case bytes.Equal(head, []byte("PK\x03\x04")), bytes.Equal(head, []byte("PK\x05\x06")):
		unpacked, err := unpackText(file, size)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReaderSize(unpacked, 64<<10)
	}
	text, _, err := TextOf(in)
	return text, err
}

// TextOf returns a text as [Decode] does, or a *ForeignError of what is no text of a table.
func TextOf(in *bufio.Reader) (text io.Reader, encoding string, err error) {
	head, _ := in.Peek(1024) // an error comes again, at its line
	if err := foreignFile(head); err != nil {
		return nil, "", err
	}
	decoded, encoding := Decode(in)
	head, _ = decoded.Peek(1024) // as above
	if err := foreignText(head); err != nil {
		return nil, "", err
	}
	return decoded, encoding, nil
}

// Decode recognises a text's encoding by its byte order mark, or by the zero bytes of UTF-16 without one, and returns
// the text as UTF-8 without any mark. The encoding is utf-8, utf-8-bom, utf-16le or utf-16be. A text in an 8-bit code
// page passes as utf-8, unchanged; see [DecodeCell]. Errors are left to the reader of the text, who knows the line.
func Decode(in *bufio.Reader) (text *bufio.Reader, encoding string) {
	head, _ := in.Peek(4096)
	little, big := bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff})
	if !little && !big && !bytes.HasPrefix(head, utf8Mark) {
		little, big = isUTF16(head, 1), isUTF16(head, 0)
	}
	encoding = "utf-8"
	switch {
	case little:
		encoding, in = "utf-16le", bufio.NewReaderSize(transform.NewReader(in,
			unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), 64<<10)
	case big:
		encoding, in = "utf-16be", bufio.NewReaderSize(transform.NewReader(in,
			unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()), 64<<10)
	}
	for { // files that were joined, or saved twice, have two marks
		head, _ := in.Peek(len(utf8Mark))
		if !bytes.Equal(head, utf8Mark) {
			return in, encoding
		}
		_, _ = in.Discard(len(utf8Mark)) // these bytes were peeked
		if encoding == "utf-8" {
			encoding = "utf-8-bom"
		}
	}
}

var utf8Mark = []byte{0xef, 0xbb, 0xbf}

// isUTF16 reports whether a text can only be UTF-16, with the zero bytes of ASCII characters at even (0) or odd (1)
// places: a few such characters in a row suffice, since other columns, and their names, may be in any language.
func isUTF16(head []byte, place int) bool {
	const word = 5
	run := 0
	for i := 0; i+1 < len(head); i += 2 {
		zero, char := head[i+place], head[i+1-place]
		if zero == 0 && (char >= ' ' && char < 0x7f || char == '\t' || char == '\r' || char == '\n') {
			run++
		} else {
			run = 0
		}
		if run == word {
			return true
		}
	}
	return false
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

// bounded represents a reader for a parser that keeps what belongs to one row or token in
// memory: it fails when the parser has asked for far more than it has understood.
type bounded struct {
	r          io.Reader
	read       int64
	understood func() int64 // bytes, of those read; nil: all
}

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.read > maxText:
		return 0, errTooBig
	case b.understood != nil && b.read-b.understood() > maxRow:
		return 0, errRowTooLong
	}
	n, err := b.r.Read(p)
	b.read += int64(n)
	return n, err
}
