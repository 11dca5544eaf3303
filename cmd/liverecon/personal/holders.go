package personal

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"liverecon/store"
	"liverecon/store/mention"
	"liverecon/store/parquet"
)

// search looks for texts in files, and notes which hold one and which cannot be looked into. The open database is left
// alone: it is searched by itself, and closing another descriptor of it would drop its locks.
type search struct {
	store  *store.Store
	texts  []string
	find   finder
	seen   map[string]bool // absolute paths
	unread []string
}

func newSearch(s *store.Store, texts []string, find finder) *search {
	return &search{store: s, texts: texts, find: find, seen: map[string]bool{}}
}

// below names the files in a directory and those below it that hold a text; a directory that is not there has none.
func (s *search) below(dir string) (found []string, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // Litestream, say, took it away meanwhile
			return nil
		case err != nil && path == dir, err == nil && entry.IsDir():
			return err
		case err != nil:
			s.unread = append(s.unread, path)
			return nil
		}
		found = append(found, s.files(path)...)
		return nil
	})
	return found, err
}

// in names the files in a directory that hold a text, and none below it.
func (s *search) in(dir string) (found []string, err error) {
	entries, err := os.ReadDir(filepath.Clean(dir)) // "" is the working directory
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		found = append(found, s.files(filepath.Join(dir, e.Name()))...)
	}
	return found, nil
}

// files returns those of some paths that hold a text in their names or in what is written there. Each is looked at
// once.
func (s *search) files(paths ...string) (found []string) {
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		if err != nil || s.seen[absolute] {
			continue
		}
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || s.store.Locks(info) {
			continue
		}
		s.seen[absolute] = true
		holds, err := s.find(strings.NewReader(filepath.Base(path)), s.texts)
		if err == nil && !holds {
			holds, err = fileHolds(path, s.texts, s.find)
		}
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			s.unread = append(s.unread, path)
		case holds:
			found = append(found, path)
		}
	}
	return found
}

// finder reports whether one of the texts stands in what is read.
type finder func(r io.Reader, texts []string) (bool, error)

// fileHolds looks into a file, which is unpacked where it is a workbook or another archive, compressed, or Parquet.
func fileHolds(path string, texts []string, find finder) (holds bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	begin := make([]byte, 4)
	n, err := f.ReadAt(begin, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if string(begin[:n]) == "SQLi" { // where no word ends before the next begins
		if holds, err = mention.Contains(f, texts); holds || err != nil {
			return holds, err
		}
		if _, err = f.Seek(0, io.SeekStart); err != nil {
			return false, err
		}
	}
	unpack := map[string]func(io.ReaderAt, int64, []string, finder) (bool, error){"PK": zipHolds, "PAR1": parquetHolds}
	for magic, look := range unpack {
		if bytes.HasPrefix(begin[:n], []byte(magic)) {
			if holds, err = look(f, info.Size(), texts, find); holds || err == nil {
				return holds, nil
			} // one that is damaged is looked at as it is
		}
	}
	return streamHolds(f, texts, find)
}

// streamHolds looks into what is read, which may be compressed.
func streamHolds(r io.Reader, texts []string, find finder) (bool, error) {
	buffered := bufio.NewReader(r)
	if begin, err := buffered.Peek(2); err == nil && slices.Equal(begin, []byte{0x1f, 0x8b}) {
		if unpacked, err := gzip.NewReader(buffered); err == nil {
			return find(unpacked, texts)
		}
	}
	return find(buffered, texts)
}

func zipHolds(f io.ReaderAt, size int64, texts []string, find finder) (holds bool, err error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return false, err
	}
	for _, part := range z.File {
		if holds, err := find(strings.NewReader(part.Name), texts); holds || err != nil {
			return holds, err
		}
		r, err := part.Open()
		if err != nil {
			return false, err
		}
		holds, err := streamHolds(r, texts, find)
		if err = errors.Join(err, r.Close()); holds || err != nil {
			return holds, err
		}
	}
	return false, nil
}

func parquetHolds(f io.ReaderAt, size int64, texts []string, find finder) (holds bool, err error) {
	const most = 1 << 20 // bytes that are looked into at a time
	var some bytes.Buffer
	look := func() bool {
		holds, err = find(&some, texts)
		some.Reset()
		return !holds && err == nil
	}
	read := parquet.EachText(f, size, func(text []byte) bool {
		some.Write(text)
		some.WriteByte('\n') // a text does not go on in the next
		return some.Len() < most || look()
	})
	if !holds && err == nil {
		look()
	}
	return holds, errors.Join(err, read)
}
