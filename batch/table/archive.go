package table

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"liverecon/batch/billing"
)

// IsWorkbook reports whether a file that begins like a ZIP archive is a workbook, or one that [OpenWorkbook] says what
// is wrong with.
func IsWorkbook(archive *zip.Reader) bool {
	for _, f := range archive.File {
		if name := strings.ToLower(f.Name); name == "_rels/.rels" || name == "content.xml" {
			return true
		}
	}
	return false
}

// OnlyFile finds the one file in an archive; what is the word for such a file, list or statement. Files whose names
// begin with a point, and what macOS adds, do not count. An archive that unpacks to a hundred times its size is
// refused.
func OnlyFile(archive *zip.Reader, what string) (*zip.File, error) {
	const (
		most  = 64 << 20 // bytes unpacked, up to which
		ratio = 100      // nobody asks how well they were packed; texts are packed to a tenth, IDs to a third at best
	)
	var files []*zip.File
	for _, f := range archive.File {
		if !f.FileInfo().IsDir() && !strings.HasPrefix(path.Base(f.Name), ".") &&
			!strings.HasPrefix(f.Name, "__MACOSX/") {
			files = append(files, f)
		}
	}
	if len(files) != 1 {
		return nil, fmt.Errorf("an archive of %d files, and no %s by itself", len(files), what)
	}
	f := files[0]
	switch {
	case f.Flags&1 != 0:
		return nil, errors.New("an archive with a password")
	case f.UncompressedSize64 > most && f.UncompressedSize64/ratio > f.CompressedSize64:
		return nil, fmt.Errorf("an archive that unpacks to %d times its size",
			f.UncompressedSize64/max(1, f.CompressedSize64))
	}
	return f, nil
}

// unpackText opens the one text in an archive.
func unpackText(file io.ReaderAt, size int64) (io.Reader, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("a damaged archive: %w", err)
	}
	f, err := OnlyFile(archive, "statement")
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(path.Ext(f.Name)) {
	case ".csv", ".tsv", ".txt":
	default:
		return nil, fmt.Errorf("an archive of %s: unpack it", billing.Quote(path.Base(f.Name)))
	}
	in, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("a damaged archive: %w", err)
	}
	return in, nil
}
