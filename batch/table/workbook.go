package table

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"liverecon/batch/billing"
)

// Workbooks are read without excelize. Its iterator over rows gives texts only,
// which does not tell the number 1.234 from a text that means 1234 where points
// group thousands, and it takes a damaged or cut-off part for the end of the
// sheet: a statement would lose its last rows in silence. Here the parts are read
// as they come out of the archive, to their checksums.

const (
	maxParts     = 10_000
	maxSmallPart = 16 << 20 // bytes of a part that describes the workbook
)

// workbook represents an XLSX file as far as its cells' values go.
type workbook struct {
	parts    map[string]*zip.File // by lower-case name
	Sheets   []sheetPart
	strings  *sharedStrings
	shown    map[string]Format        // what the number formats of styles show
	From1904 bool                     // days are counted from 1904-01-01
	merged   map[string][]mergedRange // by part
}

type sheetPart struct {
	Name   string
	Hidden bool
	part   string
}

type xmlWorkbook struct {
	Properties struct {
		Date1904 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Name  string `xml:"name,attr"`
		State string `xml:"state,attr"`
		ID    string `xml:"id,attr"`
	} `xml:"sheets>sheet"`
}

type xmlRelations struct {
	Relations []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// OpenWorkbook reads what a workbook says about itself, and its shared strings.
func OpenWorkbook(file io.ReaderAt, size int64) (*workbook, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("the workbook's archive is damaged: %w", err)
	}
	if len(archive.File) > maxParts {
		return nil, fmt.Errorf("an archive of %d files", len(archive.File))
	}
	w := &workbook{parts: map[string]*zip.File{}}
	for _, f := range archive.File {
		name := partName("", f.Name)
		if w.parts[name] != nil {
			return nil, fmt.Errorf("the archive has %s twice", billing.Quote(f.Name))
		}
		w.parts[name] = f
	}
	main, err := w.mainPart()
	if err != nil {
		return nil, err
	}
	return w, w.readMain(main)
}

// partName returns the key of a part that is named relative to a directory.
func partName(dir, name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	if !strings.HasPrefix(name, "/") {
		name = path.Join(dir, name)
	}
	return strings.ToLower(strings.TrimPrefix(path.Clean(name), "/"))
}

func (w *workbook) mainPart() (string, error) {
	var relations xmlRelations
	if w.parts["_rels/.rels"] == nil && w.parts["content.xml"] != nil {
		return "", errors.New("an OpenDocument spreadsheet (.ods): save it as XLSX or CSV")
	}
	if err := w.decode("_rels/.rels", &relations); err != nil {
		return "", err
	}
	for _, r := range relations.Relations {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			if strings.HasSuffix(r.Target, ".bin") {
				return "", errors.New("an XLSB workbook: save it as XLSX")
			}
			return partName("", r.Target), nil
		}
	}
	return "", errors.New("no workbook in it: want XLSX or CSV")
}

func (w *workbook) readMain(main string) error {
	var book xmlWorkbook
	if err := w.decode(main, &book); err != nil {
		return err
	}
	var relations xmlRelations
	dir, base := path.Split(main)
	if err := w.decode(partName(dir, "_rels/"+base+".rels"), &relations); err != nil {
		return err
	}
	w.From1904 = book.Properties.Date1904 == "1" || book.Properties.Date1904 == "true"
	targets := map[string]string{}
	for _, r := range relations.Relations {
		targets[r.ID] = partName(dir, r.Target)
		var err error
		switch path.Base(r.Type) {
		case "sharedStrings":
			w.strings, err = w.readSharedStrings(targets[r.ID])
		case "styles":
			var styles xmlStyles
			err = w.decode(targets[r.ID], &styles)
			w.shown = styles.shown()
		}
		if err != nil {
			return err
		}
	}
	for _, s := range book.Sheets {
		w.Sheets = append(w.Sheets, sheetPart{s.Name, s.State != "" && s.State != "visible", targets[s.ID]})
	}
	return nil
}

// decode reads a small part into v.
func (w *workbook) decode(part string, v any) error {
	in, err := w.open(part)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(in, maxSmallPart+1))
	switch {
	case err != nil:
		return partError(part, err)
	case len(text) > maxSmallPart:
		return partError(part, errors.New("too big"))
	}
	if err := xml.Unmarshal(text, v); err != nil {
		return partError(part, err)
	}
	return nil
}

func (w *workbook) open(part string) (io.ReadCloser, error) {
	f := w.parts[part]
	if f == nil {
		return nil, fmt.Errorf("the workbook has no part %s", billing.Quote(part))
	}
	in, err := f.Open()
	if err != nil {
		return nil, partError(part, err)
	}
	return in, nil
}

func partError(part string, err error) error {
	return fmt.Errorf("the workbook's part %s is damaged: %w", billing.Quote(part), err)
}
