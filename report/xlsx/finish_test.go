package xlsx_test

import (
	"archive/zip"
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"

	"liverecon/report/xlsx"
)

// TestPartsAreCompressedApart compresses each part of a workbook by itself, and finds the same bytes in the file.
func TestPartsAreCompressedApart(t *testing.T) {
	book := &xlsx.Workbook{}
	for i, text := range []string{"the same text", strings.Repeat("a long text ", 2000), "the same text"} {
		s := book.NewSheet([]string{"A", "B", "C"}[i])
		for row := range 400 {
			s.Set(xlsx.Ref{Col: 1, Row: row + 1}, xlsx.T(text[:len(text)-row%7]))
		}
	}
	path := filepath.Join(t.TempDir(), "parts.xlsx")
	if err := xlsx.Write(book, path); err != nil {
		t.Fatal(err)
	}
	file, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if len(file.File) < 10 {
		t.Fatalf("%d parts", len(file.File))
	}
	for _, part := range file.File {
		in, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := part.OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(raw)
		if err != nil {
			t.Fatal(err)
		}
		if want := compressed(t, content); len(got) == 0 || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %d where it is compressed by itself", part.Name, len(got), len(want))
		}
	}
}

func compressed(t *testing.T, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
