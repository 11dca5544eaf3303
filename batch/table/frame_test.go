package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"testing"
)

func framerSeeds() []string {
	const id = "f302f5d2454a85c2"
	return []string{
		"", "\n", "a,b\n1,2\n", "a,b\r\r\n1,2\r\r\n", "a\rb\rc", "a,b,\n\"x\ny\",2,,\n", "=\"7199\",2\n", "a\" b,2\n\"open,2\n" + id + ",3\n",
		"\"two\n" + id + ",2\",3\n", " \"blank\" ,2\n", "\"a\"\"b\",\"c\r\nd\"\n", "x,y,z,more\n,,\n \t\n", "\"a\"b,1\n",
	}
}

// The framer and encoding/csv agree: what is framed parses, with the header's number of fields, and every physical line
// is passed on as one. The rows that are taken from it directly are the same.
func FuzzFramer(f *testing.F) {
	for _, seed := range framerSeeds() {
		for form := range byte(6) {
			f.Add([]byte(seed), form%5, form%3)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, fields, delimiter byte) {
		rejected := 0
		framer := NewFramer(bytes.NewReader(text), func(int, string, string, []byte) error { rejected++; return nil })
		framer.fields, framer.delimiter, framer.idColumns = int(fields%5)+1, ",;\t"[delimiter%3], []int{0}
		if err := framer.DetectLoneCR(); err != nil {
			t.Fatal(err)
		}
		framed, err := io.ReadAll(framer)
		if err != nil {
			t.Fatal(err)
		}
		in := csv.NewReader(bytes.NewReader(framed))
		in.Comma, in.FieldsPerRecord = rune(framer.delimiter), framer.fields
		records, err := in.ReadAll()
		if err != nil {
			t.Fatalf("%q framed as %q: %v", text, framed, err)
		}
		if lines := bytes.Count(framed, []byte{'\n'}); lines != framer.line-1 || rejected > lines {
			t.Fatalf("%q framed as %q: %d lines, %d rejected, at line %d", text, framed, lines, rejected, framer.line)
		}
		nothing := func(cells []string) bool { return len(cells) == 1 && cells[0] == "" } // such a row may be passed on as a blank line
		records = slices.DeleteFunc(records, nothing)
		if rows := directRows(t, text, framer); rows != nil && !slices.EqualFunc(slices.DeleteFunc(rows, nothing), records, slices.Equal) {
			t.Fatalf("%q framed as %q has rows %q, and directly %q", text, framed, records, rows)
		}
	})
}

// directRows reads the rows of a text as statements are read, padded and cut to the header's number of cells; nil where
// one of them is damaged.
func directRows(t *testing.T, text []byte, like *Framer) [][]string {
	c := &csvRows{comma: string(rune(like.delimiter)), frames: NewFramer(bytes.NewReader(text), nil)}
	c.frames.delimiter = like.delimiter
	c.Below(Shape{Fields: like.fields, IDs: like.idColumns})
	if err := c.frames.DetectLoneCR(); err != nil {
		t.Fatal(err)
	}
	rows := [][]string{}
	for {
		row, err := c.Next()
		switch {
		case errors.Is(err, io.EOF):
			return rows
		case err != nil:
			t.Fatal(err)
		case row.Damage != "":
			return nil
		}
		var cells []string
		for _, cell := range row.Cells[:min(len(row.Cells), like.fields)] {
			cells = append(cells, cell.Text)
		}
		for len(cells) < like.fields {
			cells = append(cells, "")
		}
		rows = append(rows, cells)
	}
}
