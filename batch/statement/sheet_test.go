package statement

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// writeWorkbook has excelize write a workbook of one sheet, "Lines", and change it.
func writeWorkbook(t testing.TB, rows [][]any, change func(x *excelize.File)) []byte {
	t.Helper()
	x := excelize.NewFile()
	must(t, x.SetSheetName("Sheet1", "Lines"))
	for i, row := range rows {
		must(t, x.SetSheetRow("Lines", fmt.Sprintf("A%d", i+1), &row))
	}
	if change != nil {
		change(x)
	}
	var b bytes.Buffer
	must(t, x.Write(&b))
	return b.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// changeParts rewrites the parts of an archive.
func changeParts(t testing.TB, content []byte, change func(name, text string) string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	must(t, err)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		r, err := f.Open()
		must(t, err)
		text, err := io.ReadAll(r)
		must(t, err)
		w, err := out.Create(f.Name)
		must(t, err)
		_, err = w.Write([]byte(change(f.Name, string(text))))
		must(t, err)
	}
	must(t, out.Close())
	return b.Bytes()
}

// withRows is the least workbook there is, of a header and rows as XML.
func withRows(t testing.TB, rows string) []byte {
	t.Helper()
	const relation = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/></Relationships>`
	const book = `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Lines" sheetId="1" r:id="rId1"/></sheets></workbook>`
	const header = `<row r="1"><c r="A1" t="str"><v>Region</v></c><c r="B1" t="str"><v>Amount</v></c><c r="C1" t="str"><v>Time</v></c></row>`
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"_rels/.rels", fmt.Sprintf(relation, "officeDocument", "/xl/workbook.xml")},
		{"xl/workbook.xml", book},
		{"xl/_rels/workbook.xml.rels", fmt.Sprintf(relation, "worksheet", "worksheets/sheet1.xml")},
		{"xl/worksheets/sheet1.xml", `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + header + rows + `</sheetData></worksheet>`},
	} {
		w, err := out.CreateHeader(&zip.FileHeader{Name: part[0]}) // not compressed
		must(t, err)
		_, err = io.WriteString(w, part[1])
		must(t, err)
	}
	must(t, out.Close())
	return b.Bytes()
}

func TestWorkbookCells(t *testing.T) {
	german := plain(november, func(o *Options) { o.Decimal, o.Thousands = ",", "." })
	for name, tt := range map[string]struct {
		o    Options
		rows string
		want string
	}{
		"numbers have points, texts the file's form": {german, `<row r="2"><c r="A2" t="inlineStr"><is><t>SG</t></is></c><c r="B2"><v>1.234</v></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>SG</t></is></c><c r="B3" t="inlineStr"><is><t>1.234</t></is></c></row>`,
			"2 usage 2026-11 SG x1 1.234 USD\n3 usage 2026-11 SG x1 1234 USD"},
		"a binary number's digits":                           {plain(november), `<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2"><v>3.5000000000000003E-2</v></c></row>`, "2 usage 2026-11 SG x1 0.035 USD"},
		"a formula's result":                                 {plain(november), `<row r="2"><c r="A2" t="str"><f>"S"&amp;"G"</f><v>SG</v></c><c r="B2"><f>2+3</f><v>5</v></c></row>`, "2 usage 2026-11 SG x1 5 USD"},
		"a formula with an empty result, as openpyxl writes": {plain(november), `<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2"><f>2+3</f><v></v></c></row>`, `s: sheet "Lines" row 2: column "Amount": a formula without a result`},
		"a row of such formulas":                             {plain(november), `<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2"><v>5</v></c></row><row r="3"><c r="A3"><f>A2</f><v/></c><c r="B3"><f>B2</f><v></v></c></row>`, `s: sheet "Lines" row 3: column "Region": a formula without a result`},
		"a formula whose result is no text":                  {plain(november), `<row r="2"><c r="A2" t="str"><f>""</f><v></v></c><c r="B2"><v>5</v></c></row>`, `s: sheet "Lines" row 2: column "Amount": nothing beside the amount`},
		"a formula never computed":                           {plain(november), `<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2"><f>2+3</f></c></row>`, `s: sheet "Lines" row 2: column "Amount": a formula without a result`},
		"an error":                                           {plain(november), `<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2" t="e"><v>#REF!</v></c></row>`, `s: sheet "Lines" row 2: column "Amount": the error "#REF!"`},
		"a truth":                                            {plain(november), `<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2" t="b"><v>1</v></c></row>`, `s: sheet "Lines" row 2: column "Amount": "TRUE": not a number`},
		"an unknown type":                                    {plain(november), `<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2" t="x"><v>1</v></c></row>`, `s: sheet "Lines" row 2: column "Amount": a cell of unknown type "x"`},
		"no such shared text":                                {plain(november), `<row r="2"><c r="A2" t="s"><v>9999</v></c><c r="B2"><v>1</v></c></row>`, `s: sheet "Lines" row 2: column "Region": a reference to a text that is not in the workbook`},
		"rich text":                                          {plain(november), `<row r="2"><c r="A2" t="inlineStr"><is><r><t>S</t></r><r><rPr><b/></rPr><t>G</t></r><rPh sb="0" eb="1"><t>x</t></rPh><phoneticPr fontId="1"/></is></c><c r="B2"><v>5</v></c></row>`, "2 usage 2026-11 SG x1 5 USD"},
		"no references":                                      {plain(november), `<row><c t="str"><v>SG</v></c><c><v>5</v></c></row><row/><row><c/><c t="str"><v>Total</v></c></row>`, `s: sheet "Lines" row 4: column "Amount": is empty`},
		"empty and formatted rows":                           {plain(november), `<row r="2"><c r="A2" s="0"/><c r="XFD2" s="0"/></row><row r="7"><c r="A7" t="str"><v>SG</v></c><c r="B7"><v>5</v></c></row><row r="1048576"><c r="A1048576" s="0"/></row>`, "7 usage 2026-11 SG x1 5 USD"},
		"a value beyond the names":                           {plain(november), `<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2"><v>5</v></c><c r="D2"><v>5</v></c></row>`, `s: sheet "Lines" row 2: more cells than the header has names`},
		"a value far out":                                    {plain(november), `<row r="2"><c r="XFD2"><v>5</v></c></row>`, `s: sheet "Lines" row 1: the workbook's part "xl/worksheets/sheet1.xml" is damaged: row 2 has more than 1024 columns`},
		"a cell twice":                                       {plain(november), `<row r="2"><c r="B2"><v>5</v></c><c r="B2"><v>6</v></c></row>`, `s: sheet "Lines" row 1: the workbook's part "xl/worksheets/sheet1.xml" is damaged: cell "B2" comes twice or out of order`},
		"a cell of another row":                              {plain(november), `<row r="2"><c r="B3"><v>5</v></c></row>`, `s: sheet "Lines" row 1: the workbook's part "xl/worksheets/sheet1.xml" is damaged: cell "B3" in row 2`},
		"a row twice":                                        {plain(november), `<row r="2"/><row r="2"/>`, `s: sheet "Lines" row 2: the workbook's part "xl/worksheets/sheet1.xml" is damaged: row "2" after row 2`},
		"too deep":                                           {plain(november), strings.Repeat("<a>", 100), `s: sheet "Lines" row 1: the workbook's part "xl/worksheets/sheet1.xml" is damaged: too deep`},
		"an endless text":                                    {plain(november), `<row r="2"><c r="A2" t="str"><v>` + strings.Repeat("x", 70_000) + `</v></c></row>`, `s: sheet "Lines" row 1: the workbook's part "xl/worksheets/sheet1.xml" is damaged: a cell of more than 64 KiB`},
		"an ID of many digits":                               {plain(columns("transaction=Region", "amount=Amount"), november), `<row r="2"><c r="A2"><v>6.8176046012345603E+24</v></c><c r="B2"><v>5</v></c></row>`, `s: sheet "Lines" row 2: column "Region": "6.8176046012345603E+24": a spreadsheet has made a number of the ID`},
		"an ID that is a number":                             {plain(columns("transaction=Region", "amount=Amount"), november), `<row r="2"><c r="A2"><v>123456789012345</v></c><c r="B2"><v>5</v></c></row>`, "2 usage 123456789012345 2026-11 x1 5 USD"},
	} {
		s := readStatement(withRows(t, tt.rows), tt.o)
		if got := s.short(); got != tt.want && (s.err == nil || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

func TestWorkbookTimes(t *testing.T) {
	at := func(days float64) [][]any { return [][]any{{"Amount", "Time"}, {5, days}} }
	style := func(format string) func(x *excelize.File) {
		return func(x *excelize.File) {
			id, err := x.NewStyle(&excelize.Style{CustomNumFmt: &format})
			must(t, err)
			must(t, x.SetCellStyle("Lines", "B2", "B2", id))
		}
	}
	for name, tt := range map[string]struct {
		o      Options
		rows   [][]any
		change func(x *excelize.File)
		want   string
	}{
		"an instant":                {plain(), [][]any{{"Amount", "Time"}, {5, time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC)}}, nil, "2 usage 2026-11-30T15:59:59Z 2026-11 x1 5 USD"},
		"a day":                     {plain(), at(46356), nil, "2 usage day:2026-11-29T16:00Z 2026-11 x1 5 USD"},
		"a day, formatted as one":   {plain(), at(46356), style("dd.mm.yyyy"), "2 usage day:2026-11-29T16:00Z 2026-11 x1 5 USD"},
		"midnight":                  {plain(), at(46356), style(`yyyy-mm-dd "at" hh:mm`), "2 usage 2026-11-29T16:00:00Z 2026-11 x1 5 USD"},
		"a day, with a text":        {plain(), at(46356), style(`[$-409]yyyy-mm-dd "(this is)"`), "2 usage day:2026-11-29T16:00Z 2026-11 x1 5 USD"},
		"midnight, where no day is": {plain(func(o *Options) { o.TimeLayouts = []string{"2006-01-02 15:04"} }), at(46356), nil, "2 usage 2026-11-29T16:00:00Z 2026-11 x1 5 USD"},
		"milliseconds":              {plain(), at(46356.5 + 0.250/86400), nil, "2 usage 2026-11-30T04:00:00.25Z 2026-11 x1 5 USD"},
		"days since 1904": {plain(), at(46356 - 1462), func(x *excelize.File) {
			yes := true
			must(t, x.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}))
		}, "2 usage day:2026-11-29T16:00Z 2026-11 x1 5 USD"},
		"a text":                     {plain(), [][]any{{"Amount", "Time"}, {5, "2026-11-30 00:00:00"}}, nil, "2 usage 2026-11-29T16:00:00Z 2026-11 x1 5 USD"},
		"a month that became a date": {plain(), [][]any{{"Amount", "Month"}, {5, 46327}}, nil, "2 usage 2026-11 x1 5 USD"},
		"a month in digits":          {plain(func(o *Options) { o.MonthLayouts = []string{"200601"} }), [][]any{{"Amount", "Month"}, {5, 202611}}, nil, "2 usage 2026-11 x1 5 USD"},
		"seconds since 1970":         {plain(func(o *Options) { o.TimeLayouts = []string{"unix"} }), [][]any{{"Amount", "Time"}, {5, 1793491200}}, nil, "2 usage 2026-11-01T00:00:00Z 2026-11 x1 5 USD"},
		"a number that is no time":   {plain(), at(20261130), nil, `s: sheet "Lines" row 2: column "Time": "20261130": want a date and time, not a number`},
		"a number that is no month":  {plain(), [][]any{{"Amount", "Month"}, {5, 11}}, nil, `s: sheet "Lines" row 2: column "Month": "11": want a month such as`},
	} {
		s := readStatement(writeWorkbook(t, tt.rows, tt.change), tt.o)
		if got := s.short(); got != tt.want && (s.err == nil || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// A spreadsheet makes dates of numbers such as 1.11: what it shows as one is no amount.
func TestWorkbookDatesAreNoNumbers(t *testing.T) {
	refused := `s: sheet "Lines" row 2: column "Amount": a date or a time, which the workbook keeps as "46327.5": want a number`
	const read = "2 usage 2026-11 SG x1 46327.5 USD"
	for format, want := range map[string]string{
		"dd.mm.yyyy": refused, "d/m": refused, "yyyy": refused, "[h]:mm": refused, `mmm" "yy`: refused, "[$-407]d. mmmm": refused, "h AM/PM": refused, "m/d/yy;@": refused,
		"General": read, "0.00": read, `#,##0.00" Rand/day"`: read, "[$RM-43E] #,##0.00": "2 usage 2026-11 SG x1 46327.5 MYR", "[Red]0.00;[Magenta]-0.00": read, `0.00\ \d`: read, "[>=1000]#,##0;_d0.00*d": read, "0.00E+00": read, "#,##0.00 [$USD]": read,
	} {
		s := readStatement(writeWorkbook(t, [][]any{{"Region", "Amount"}, {"SG", 46327.5}}, func(x *excelize.File) {
			id, err := x.NewStyle(&excelize.Style{CustomNumFmt: &format})
			must(t, err)
			must(t, x.SetCellStyle("Lines", "B2", "B2", id))
		}), plain(november))
		if got := s.short(); got != want && (s.err == nil || !strings.HasPrefix(got, want)) {
			t.Errorf("%s: read\n%s\nwant\n%s", format, got, want)
		}
	}
	for id := range 60 {
		s := readStatement(writeWorkbook(t, [][]any{{"Region", "Amount"}, {"SG", 46327.5}}, func(x *excelize.File) {
			style, err := x.NewStyle(&excelize.Style{NumFmt: id})
			must(t, err)
			must(t, x.SetCellStyle("Lines", "B2", "B2", style))
		}), plain(november))
		if date := id >= 14 && id <= 22 || id >= 45 && id <= 47; date && s.err == nil || !date && id < 14 && s.err != nil {
			t.Errorf("format %d: read %s", id, s.short())
		}
	}
}

func TestWorkbookSheets(t *testing.T) {
	lines := [][]any{{"Our address"}, {}, {"Region", "Amount"}, {"SG", 5}, {}, {"Total", 5}}
	second := func(name string, hide bool) func(x *excelize.File) {
		return func(x *excelize.File) {
			_, err := x.NewSheet(name)
			must(t, err)
			must(t, x.SetSheetRow(name, "A1", &[]any{"Region", "Amount"}))
			must(t, x.SetSheetRow(name, "A2", &[]any{"VN", 6}))
			must(t, x.SetSheetVisible(name, !hide))
		}
	}
	named := func(name string) Options {
		return plain(november, func(o *Options) { o.Sheet = name })
	}
	const first = "4 usage 2026-11 SG x1 5 USD\n6 total 2026-11 x0 5 USD"
	for name, tt := range map[string]struct {
		o      Options
		change func(x *excelize.File)
		want   string
	}{
		"the only one":        {plain(november), nil, first},
		"beside another":      {plain(november), func(x *excelize.File) { _, err := x.NewSheet("Notes"); must(t, err) }, first},
		"beside a hidden one": {plain(november), second("Old", true), first},
		"a hidden one, named": {named("OLD"), second("Old", true), "2 usage 2026-11 VN x1 6 USD"},
		"one of two, named":   {named("Lines"), second("More", false), first},
		"one of two":          {plain(november), second("More", false), `s: the sheets "Lines" and "More" both have the columns of a statement`},
		"none of the name":    {named("Usage"), nil, `s: no sheet "Usage": the workbook has "Lines"`},
		"merged cells": {plain(november), func(x *excelize.File) {
			must(t, x.MergeCell("Lines", "A1", "F2"))
			must(t, x.MergeCell("Lines", "B6", "D6"))
		}, first},
		"hidden rows": {plain(november), func(x *excelize.File) { must(t, x.SetRowVisible("Lines", 4, false)) }, first},
		"no columns":  {plain(columns("amount=Charge"), november), nil, `s: sheet "Lines" row 3: no header: no row names a column for amount (Charge); row 3 has "Region", "Amount"`},
	} {
		s := readStatement(writeWorkbook(t, lines, tt.change), tt.o)
		if got := s.short(); got != tt.want && (s.err == nil || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// A workbook that is damaged anywhere is refused. It is never read to where the
// damage is and no further: the rows behind would be missing in silence.
func TestWorkbookDamage(t *testing.T) {
	rows := [][]any{{"Region", "Amount", "Time"}}
	for i := range 200 {
		rows = append(rows, []any{"SG", float64(i) + 0.035, "2026-11-02"})
	}
	whole := writeWorkbook(t, rows, nil)
	if s := readStatement(whole, plain()); s.err != nil || s.Lines != 200 {
		t.Fatal(s.short())
	}
	replace := func(part, old, new string) []byte {
		return changeParts(t, whole, func(name, text string) string {
			if name == part {
				if !strings.Contains(text, old) {
					t.Fatalf("%s has no %s", part, old)
				}
				return strings.Replace(text, old, new, 1)
			}
			return text
		})
	}
	flipped := bytes.Clone(whole)
	flipped[bytes.Index(flipped, []byte("xl/worksheets/sheet1.xml"))+300] ^= 0x10
	const sheet = "xl/worksheets/sheet1.xml"
	cutSheet := changeParts(t, whole, func(name, text string) string {
		if name == sheet {
			return text[:len(text)/2]
		}
		return text
	})
	cutStrings := changeParts(t, whole, func(name, text string) string {
		if name == "xl/sharedStrings.xml" {
			return text[:len(text)/2]
		}
		return text
	})
	var encrypted bytes.Buffer
	must(t, excelize.NewFile().Write(&encrypted, excelize.Options{Password: "x"}))
	for name, tt := range map[string]struct {
		content []byte
		want    string
	}{
		"cut off":                    {whole[:len(whole)-100], "s: the workbook's archive is damaged"},
		"a bit":                      {flipped, "is damaged"},
		"a sheet cut off":            {cutSheet, `is damaged: XML syntax error on line`},
		"texts cut off":              {cutStrings, `s: the workbook's part "xl/sharedstrings.xml" is damaged: XML syntax error`},
		"a sheet that is not there":  {replace("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "worksheets/none.xml"), `s: the workbook has no part "xl/worksheets/none.xml"`},
		"no workbook":                {replace("_rels/.rels", "relationships/officeDocument", "relationships/image"), "s: no workbook in it: want XLSX or CSV"},
		"an archive of other things": {bytes.ReplaceAll(whole, []byte("_rels/.rels"), []byte("_rels/.relz")), "s: an archive of 9 files, and no statement by itself"},
		"with a password":            {encrypted.Bytes(), "s: an old Excel workbook, or one with a password"},
	} {
		s := readStatement(tt.content, plain())
		if s.err == nil || !strings.Contains(s.err.Error(), tt.want) {
			t.Errorf("%s: %.300s\nwant %s", name, s.short(), tt.want)
		}
	}
}

// Wherever bytes of a workbook change, it is refused, or read as if they had not.
func TestWorkbookDamagedAnywhere(t *testing.T) {
	whole := writeWorkbook(t, [][]any{{"Region", "Amount"}, {"SG", 5}}, nil)
	random := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 1500 {
		damaged := bytes.Clone(whole)
		for range 1 + random.IntN(3) {
			damaged[random.IntN(len(damaged))] ^= byte(1 + random.IntN(255))
		}
		s := readStatement(damaged, plain(november))
		checkStatement(t, s)
		if s.err != nil {
			refused++
		} else if s.short() != "2 usage 2026-11 SG x1 5 USD" {
			t.Errorf("read as %s", s.short())
		}
	}
	if refused < 500 || refused == 1500 {
		t.Errorf("%d of 1500 refused", refused)
	}
}
