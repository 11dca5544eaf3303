package xlsx

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
)

// The finishing layer. excelize saves a workbook through a zip writer that its user may supply; this one takes the
// parts as they are saved and mends what the library leaves undone:
//
//   - a formula's cell is saved without its value, so that a viewer that does not calculate shows nothing: the value goes in;
//   - long lists are written here, row by row, straight into the file: memory does not grow with them;
//   - a text like _x0041_ is read back as the character of that number: its escape goes in;
//   - charts are saved without the figures they show, without whiskers and in a look of the library's own: the part is
//     written anew from the model (see chartpart.go);
//   - sparklines lose half of their settings: they are written anew too;
//   - the properties name the library as the author and today as the date, in a form some readers refuse;
//   - parts come with the time of day, in an order that differs from one save to the next: here both are fixed, so that the
//     same workbook is the same file.
//
// It also writes to the file itself, where the library would collect the compressed whole in memory.
type finisher struct {
	book   *Workbook
	styles map[Style]int
	zip    *zip.Writer
	parts  map[string]*bytes.Buffer
}

func newFinisher(w *Workbook, out io.Writer, styles map[Style]int) *finisher {
	z := zip.NewWriter(out)
	// One compressor writes all parts, one behind the other: a new one is a megabyte of tables, and most parts are small.
	var shared *flate.Writer
	z.RegisterCompressor(zip.Deflate, func(to io.Writer) (_ io.WriteCloser, err error) {
		if shared == nil {
			shared, err = flate.NewWriter(to, flate.BestSpeed)
			return shared, err
		}
		shared.Reset(to)
		return shared, nil
	})
	return &finisher{book: w, styles: styles, zip: z, parts: map[string]*bytes.Buffer{}}
}

// Create takes a part as the library saves it.
func (f *finisher) Create(name string) (io.Writer, error) {
	part := &bytes.Buffer{}
	f.parts[name] = part
	return part, nil
}

// AddFS does nothing: it is not used by the library when it saves.
func (f *finisher) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close writes all parts, mended, in a fixed order.
func (f *finisher) Close() error {
	f.replace()
	names := make([]string, 0, len(f.parts))
	for name := range f.parts {
		names = append(names, name)
	}
	sort.Strings(names) // [Content_Types].xml, _rels, docProps, xl: the customary order
	for _, name := range names {
		if err := f.write(name, f.parts[name].Bytes()); err != nil {
			return fmt.Errorf("part %s: %w", name, err)
		}
	}
	return f.zip.Close()
}

// write writes one part. The time is the earliest the format knows.
func (f *finisher) write(name string, content []byte) error {
	part, err := f.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate,
		Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return err
	}
	for i, s := range f.book.Sheets {
		if name == SheetPart(i) {
			return f.writeSheet(part, s, content)
		}
	}
	if name == "xl/sharedStrings.xml" {
		content = bytes.ReplaceAll(content, []byte(markedUnderscore), []byte(underscoreEscape))
	}
	_, err = part.Write(content)
	return err
}

// SheetPart returns the part of the sheet of a number, from 0.
func SheetPart(i int) string { return fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1) }

// replace writes anew what is wholly ours.
func (f *finisher) replace() {
	n := 0
	for _, s := range f.book.Sheets {
		for _, c := range s.Charts {
			n++
			f.parts[fmt.Sprintf("xl/charts/chart%d.xml", n)] = bytes.NewBufferString(chartXML(f.book, c))
		}
	}
	f.parts["docProps/core.xml"] = bytes.NewBufferString(f.coreProperties())
	f.parts["docProps/app.xml"] = bytes.NewBufferString(xmlHead +
		`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>` +
		escape(Visible(f.book.Generator)) + `</Application></Properties>`)
	const types = "[Content_Types].xml"
	f.parts[types] = bytes.NewBufferString(sortTypes(f.parts[types].String()))
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

func (f *finisher) coreProperties() string {
	at := f.book.Created.UTC().Format("2006-01-02T15:04:05Z")
	return xmlHead + `<cp:coreProperties ` +
		`xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
		`xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" ` +
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>` + escape(Visible(f.book.Title)) +
		`</dc:title><dc:subject>` + escape(Visible(f.book.Subject)) + `</dc:subject><dc:creator>` +
		escape(Visible(f.book.Generator)) + `</dc:creator><cp:lastModifiedBy>` + escape(Visible(f.book.Generator)) +
		`</cp:lastModifiedBy><dcterms:created xsi:type="dcterms:W3CDTF">` + at + `</dcterms:created>` +
		`<dcterms:modified xsi:type="dcterms:W3CDTF">` + at + `</dcterms:modified></cp:coreProperties>`
}

// sortTypes puts the entries of the list of content types in order.
func sortTypes(types string) string {
	entry := regexp.MustCompile(`<(?:Default|Override) [^>]*?(?:/>|></(?:Default|Override)>)`)
	entries := entry.FindAllString(types, -1)
	slices.Sort(entries)
	rest := entry.ReplaceAllString(types, "")
	return strings.Replace(rest, "</Types>", strings.Join(slices.Compact(entries), "")+"</Types>", 1)
}

// writeSheet writes a worksheet: the library's part up to the end of its rows, the list's rows, and the rest.
func (f *finisher) writeSheet(out io.Writer, s *Sheet, part []byte) error {
	part = addValues(part, s)
	part = bytes.Replace(part, []byte("</worksheet>"), []byte(sparklineXML(s)+"</worksheet>"), 1)
	head, tail, found := bytes.Cut(part, []byte("</sheetData>"))
	if !found || s.List == nil {
		_, err := out.Write(part)
		return err
	}
	if _, err := out.Write(head); err != nil {
		return err
	}
	rows := newRowWriter(out, s.List, f.styles)
	if err := cmp.Or(s.List.Rows(rows.write), rows.finish(s.List)); err != nil {
		return err
	}
	_, err := out.Write(append([]byte("</sheetData>"), tail...))
	return err
}

// formulaMark begins the formula of a cell as the library saves it: always as text, always without a value, behind the
// cell's place and style.
const formulaMark = ` t="str"><f>`

// addValues puts the values of formulas where they belong.
func addValues(part []byte, s *Sheet) []byte {
	values := map[string]Cell{}
	for at, c := range s.cells {
		if c.Formula != "" {
			values[at.String()] = c
		}
	}
	if len(values) == 0 {
		return part
	}
	out := make([]byte, 0, len(part)+len(part)/4)
	for {
		before, after, found := bytes.Cut(part, []byte(formulaMark))
		begin := bytes.LastIndex(before, []byte(`<c r="`))
		formula, rest, ended := bytes.Cut(after, []byte("</f>"))
		_, tail, closed := bytes.Cut(rest, []byte("</c>"))
		if !found || begin < 0 || !ended || !closed {
			return append(out, part...)
		}
		place, style, _ := bytes.Cut(before[begin+len(`<c r="`):], []byte(`"`))
		c := values[string(place)]
		kind := ""
		if c.Kind == Text {
			kind = ` t="str"`
		}
		out = append(out, before[:begin]...)
		out = fmt.Appendf(out, `<c r="%s"%s%s><f>%s</f><v>%s</v></c>`, place, style, kind, formula, escape(c.Value()))
		part = tail
	}
}

// sparklineXML returns the extension that holds a sheet's sparklines.
func sparklineXML(s *Sheet) string {
	if len(s.Sparks) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(`<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" ` +
		`uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}"><x14:sparklineGroups ` +
		`xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">`)
	for _, spark := range s.Sparks {
		fmt.Fprintf(&b,
			`<x14:sparklineGroup type="column" displayEmptyCellsAs="gap" high="1" minAxisType="custom" manualMin="0">`+
				`<x14:colorSeries rgb="FF%s"/><x14:colorNegative rgb="FF%s"/><x14:colorAxis rgb="FF000000"/>`+
				`<x14:colorMarkers rgb="FF%s"/><x14:colorFirst rgb="FF%s"/><x14:colorLast rgb="FF%s"/>`+
				`<x14:colorHigh rgb="FF%s"/><x14:colorLow rgb="FF%s"/><x14:sparklines><x14:sparkline><xm:f>%s</xm:f>`+
				`<xm:sqref>%s</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup>`, Slate, Slate, Slate,
			Slate,
			Slate, Orange, Slate, escape(spark.Values.String()), spark.At)
	}
	return b.String() + `</x14:sparklineGroups></ext></extLst>`
}
