package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// Characters that XML cannot hold are read as a spreadsheet reads them, wherever a text stands: excelize is the oracle,
// but for pairs of surrogates and for texts of several runs.
func TestEscapedCharacters(t *testing.T) {
	for _, test := range []struct {
		stored, want string
		alone        bool // excelize reads it otherwise
	}{
		{stored: "f302f5d2454a85c2_x000D_", want: "f302f5d2454a85c2\r"},
		{stored: "f302f5d2454a85c2_x000d_", want: "f302f5d2454a85c2\r"},
		{stored: "_x200B_f302f5d2454a85c2", want: "\u200bf302f5d2454a85c2"},
		{stored: "_x005F_x000D_", want: "_x000D_"},
		{stored: "_x005F__x000D_", want: "_\r"},
		{stored: "a_x0041__x0042_b", want: "aABb"},
		{stored: "__x0041_", want: "_A"},
		{stored: "_xD83D__xDE00_", want: "\U0001F600", alone: true},
		{stored: "_xD83D_x", want: "\ufffdx", alone: true},
		{stored: "_x000_ _x000G_ _x00D_ _X000D_ x000D_ _x000D _", want: "_x000_ _x000G_ _x00D_ _X000D_ x000D_ _x000D _"},
		{stored: "_x00</t></r><r><t>41_", want: "_x0041_", alone: true},
	} {
		shared := workbookOf(t, `<c r="A1" t="s"><v>0</v></c>`, "<si>"+runs(test.stored)+"</si>")
		inline := workbookOf(t, `<c r="A1" t="inlineStr"><is>`+runs(test.stored)+`</is></c>`, "")
		books := [][]byte{shared, inline}
		if !strings.Contains(test.stored, "<") {
			books = append(books, workbookOf(t, `<c r="A1" t="str"><f>B1</f><v>`+test.stored+`</v></c>`, ""))
		}
		for _, book := range books {
			if got := firstCell(t, book); got != test.want {
				t.Errorf("%q: got %q, want %q", test.stored, got, test.want)
			}
		}
		if test.alone {
			continue
		}
		f, err := excelize.OpenReader(bytes.NewReader(shared))
		if err != nil {
			t.Fatal(err)
		}
		oracle, err := f.GetCellValue("Sheet", "A1")
		if err := errors.Join(err, f.Close()); err != nil || oracle != test.want {
			t.Errorf("%q: excelize reads %q, %v", test.stored, oracle, err)
		}
	}
}

// runs writes a text as one run, or as several where it says so.
func runs(text string) string {
	if strings.Contains(text, "<") {
		return "<r><t>" + text + "</t></r>"
	}
	return "<t>" + text + "</t>"
}

func firstCell(t *testing.T, book []byte) string {
	t.Helper()
	w, err := OpenWorkbook(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.OpenSheet(w.Sheets[0])
	if err != nil {
		t.Fatal(err)
	}
	row, err := rows.Next()
	if err != nil || len(row.Cells) != 1 {
		t.Fatalf("%+v, %v", row, err)
	}
	text := row.Cells[0].Text
	if _, err := rows.Next(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return text
}

// workbookOf writes a workbook of one row, and its shared texts.
func workbookOf(t *testing.T, cells, shared string) []byte {
	t.Helper()
	const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	const relations = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels": relations + `<Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/>` +
			`</Relationships>`,
		"xl/workbook.xml": `<workbook xmlns="` + main + `" xmlns:r="` + office + `"><sheets>` +
			`<sheet name="Sheet" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": relations +
			`<Relationship Id="rId1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + office + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/sharedStrings.xml": `<sst xmlns="` + main + `">` + shared + `</sst>`,
		"xl/worksheets/sheet1.xml": `<worksheet xmlns="` + main + `"><sheetData><row r="1">` + cells +
			`</row></sheetData></worksheet>`,
	} {
		f, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(f, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestIsSheetError(t *testing.T) {
	for text, want := range map[string]bool{
		"#REF!": true, "#DIV/0!": true, "#¡DIV/0!": true, "#¿NOMBRE?": true, "#N/A": true, "#NV": true, "#NOME?": true, "#NAME?": true,
		"#ДЕЛ/0!": true, "#GETTING_DATA": true, "#SPILL!": true, "#BUSY!": true,
		"": false, "#": false, "##": false, "REF!": false, "#9faba82a1c2d3e4f": false, "#1": false, "#tag": false, "#!": false, "#1!": false,
		"#A VERY LONG TEXT THAT IS NO ERROR!": false,
	} {
		if got := IsSheetError(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
