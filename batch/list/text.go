package list

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"liverecon/batch/table"
)

// listMaxBytes bounds the text of one list after decompression, so that a
// small archive cannot keep a night busy.
const listMaxBytes = 8 << 30

var (
	errListTooBig = errors.New("more than 8 GiB of text")

	listGzipMagic = []byte{0x1f, 0x8b}
)

// listText reads a list's file as UTF-8 text and hashes it meanwhile.
//
// Bytes that are not UTF-8 pass through unchanged: an 8-bit export has them in
// reference columns only, since IDs are ASCII, and [listText.decode] reads them
// as Windows-1252 where a cell is looked at.
type listText struct {
	file     *os.File
	hash     hash.Hash
	raw      io.Reader // the file, through hash and size
	size     int64
	body     io.Reader // UTF-8, without byte order mark
	encoding string
	packed   string // "+gzip", "+zip" or ""
	name     string // of the list in an archive
	sheet    *sheet // of a workbook
	notes    []string
	modTime  time.Time
}

// openList opens a list. One that cannot be opened is refused like any other
// that cannot be taken.
func openList(path string) (*os.File, error) {
	stat, err := os.Stat(path) // opening a pipe would wait for its writer
	if err == nil && !stat.Mode().IsRegular() {
		return nil, &Error{File: path, Problem: "not a regular file"}
	}
	var file *os.File
	if err == nil {
		file, err = os.Open(path)
	}
	switch unread := unreadable(path, err); {
	case unread != nil:
		return nil, unread
	case err != nil:
		return nil, fmt.Errorf("open list: %w", err)
	}
	return file, nil
}

// unreadable returns the refusal of a list whose file the system does not give; nil
// for every other error.
func unreadable(path string, err error) *Error {
	var of *fs.PathError
	switch {
	case !errors.As(err, &of):
		return nil
	case errors.Is(err, fs.ErrPermission):
		return &Error{File: path, Problem: "permission denied", Hint: "let the user who runs liverecon read it"}
	case errors.Is(err, fs.ErrNotExist):
		return &Error{File: path, Problem: "the file is gone",
			Hint: "was it moved while the run began, or does a link lead nowhere?"}
	}
	return &Error{File: path, Problem: "cannot be read: " + of.Err.Error(), Hint: "is its disk there and sound?"}
}

// openListText opens a list and finds its compression and encoding from its
// first bytes; the name decides nothing.
func openListText(path string, aliases listAliases) (*listText, error) {
	file, err := openList(path)
	if err != nil {
		return nil, err
	}
	t := &listText{file: file, hash: sha256.New()}
	if err := t.start(path, aliases); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *listText) start(path string, aliases listAliases) error {
	stat, err := t.file.Stat()
	if err != nil {
		return fmt.Errorf("open list: %w", err)
	}
	if !stat.Mode().IsRegular() {
		return &Error{File: path, Problem: "not a regular file"}
	}
	t.modTime = stat.ModTime()
	t.raw = io.TeeReader(t.file, io.MultiWriter(t.hash, listByteCounter{&t.size}))

	in := bufio.NewReaderSize(t.raw, 64<<10)
	magic, _ := in.Peek(4)
	if bytes.Equal(magic, zipMagic) || bytes.Equal(magic, emptyMagic) {
		return t.openArchive(path, aliases)
	}
	if bytes.HasPrefix(magic, listGzipMagic) {
		unzipped, err := table.Unzip(in)
		if unread := unreadable(path, err); unread != nil {
			return unread
		}
		if err != nil {
			return &Error{File: path, Problem: t.gzipProblem(err)}
		}
		t.packed = "+gzip"
		return t.decodeBody(path, unzipped)
	} else if strings.EqualFold(filepath.Ext(path), ".gz") {
		return &Error{File: path, Problem: "named .gz but not gzip data", Hint: "rename it, or compress it with gzip"}
	}
	return t.decodeBody(path, in)
}

// decodeBody recognises the encoding and refuses what is no text at all. A read
// error is left to the reader of the body, which knows the line.
func (t *listText) decodeBody(path string, from io.Reader) error {
	text, encoding, err := table.TextOf(bufio.NewReaderSize(from, 64<<10))
	var foreign *table.ForeignError
	if errors.As(err, &foreign) {
		return &Error{File: path, Problem: foreign.Kind, Hint: foreign.Todo}
	}
	t.body, t.encoding = text, encoding
	t.body = &listCap{r: t.body, left: listMaxBytes}
	return nil
}

// decode returns a cell as UTF-8. Text that is not valid UTF-8 is read as
// Windows-1252, in which every byte means something, and the list is from then
// on reported as such.
func (t *listText) decode(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	if t.encoding == "utf-8" {
		t.encoding = "windows-1252"
	}
	return table.DecodeCell(s)
}

// encodingName returns the encoding's name, which is final only after the last cell was decoded.
func (t *listText) encodingName() string {
	return t.encoding + t.packed
}

// sum reads what is left of the file and returns the hash and size of all of
// it. Only gzip leaves anything unread.
func (t *listText) sum() (sum [32]byte, size int64, err error) {
	if _, err := io.Copy(io.Discard, t.raw); err != nil {
		return sum, 0, fmt.Errorf("read list: %w", err)
	}
	t.hash.Sum(sum[:0])
	return sum, t.size, nil
}

// damage describes what is wrong with the content, if err is about that; it
// returns "" for errors of the system and of the caller.
func (t *listText) damage(err error) string {
	if errors.Is(err, errListTooBig) {
		return err.Error()
	}
	var sheet *damagedSheet
	switch {
	case errors.As(err, &sheet):
		return sheet.Error()
	case t.packed == "+zip" && (errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) ||
		errors.Is(err, io.ErrUnexpectedEOF) || isCorrupt(err)):
		return "a damaged archive: " + err.Error()
	case t.packed != "+gzip":
		return ""
	}
	return t.gzipProblem(err)
}

func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}

func (t *listText) gzipProblem(err error) string {
	switch {
	case errors.Is(err, table.ErrBehindGzip):
		return err.Error()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "gzip data cut off"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), isCorrupt(err):
		return "gzip data damaged: " + err.Error()
	}
	return ""
}

// Close closes the file. It was only read, so an error would mean nothing.
func (t *listText) Close() { _ = t.file.Close() }

// listByteCounter counts what is written to it.
type listByteCounter struct{ n *int64 }

func (c listByteCounter) Write(p []byte) (int, error) {
	*c.n += int64(len(p))
	return len(p), nil
}

// listCap limits as io.LimitedReader does, with an error instead of a silent end.
type listCap struct {
	r    io.Reader
	left int64
}

func (c *listCap) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errListTooBig
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// hashBuffers keeps buffers for one hash after the other: there may be many lists, of a few bytes each.
var hashBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// Content represents a list as it lies on disk.
type Content struct {
	SHA256 [sha256.Size]byte
	Size   int64
	Packed string // the name of the one file in an archive; "" where the list is none
}

// Hash returns what [Read] would report of a list's content, without reading a row.
func Hash(path string) (c Content, err error) {
	file, err := openList(path)
	if err != nil {
		return c, err
	}
	defer func() { _ = file.Close() }() // only read
	h, buffer := sha256.New(), hashBuffers.Get().(*[32 << 10]byte)
	defer hashBuffers.Put(buffer)
	from := struct{ io.Reader }{file} // a file itself would bring a buffer of its own
	if c.Size, err = io.CopyBuffer(h, from, buffer[:]); err != nil {
		if unread := unreadable(path, err); unread != nil {
			return c, unread
		}
		return c, fmt.Errorf("hash list: %w", err)
	}
	h.Sum(c.SHA256[:0])
	var magic [4]byte
	if n, _ := file.ReadAt(magic[:], 0); bytes.Equal(magic[:n], zipMagic) {
		c.Packed = packedName(file, c.Size)
	}
	return c, nil
}

// packedName returns the name of the list in an archive, "" where there is none that is taken.
func packedName(file io.ReaderAt, size int64) string {
	archive, err := zip.NewReader(file, size)
	if err != nil || table.IsWorkbook(archive) {
		return ""
	}
	packed, err := packedList(archive)
	if err != nil {
		return ""
	}
	return packed.Name
}
