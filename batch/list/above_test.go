package list

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// What exports put above the header of a list is said, and no row, whatever the cells are separated by. An ID there
// refuses the list, since it would not be asked.
func TestLinesAboveHeader(t *testing.T) {
	rows := "signatureId,region\n" + listSigA + ",PH\n" + listSigB + ",TH\n"
	long := strings.Repeat("The terms\n", maxAbove)
	for _, test := range []struct{ name, text, want, note string }{
		{"a title", "Liveness checks of November\n" + rows, "3 A PH\n4 B TH\n",
			`its header is on line 2; above it, and no rows: "Liveness checks of November"`},
		{"company, dashes, blank lines", "\nPT Contoh,\n\n----------\n,,\n" + rows, "7 A PH\n8 B TH\n",
			`its header is on line 6; above it, and no rows: "PT Contoh", "----------"`},
		{"a total and days", "Rows,2\nFrom,2026-11-01\nTo,2026-11-30\nMade,2026-12-01\n" + rows, "6 A PH\n7 B TH\n",
			`its header is on line 5; above it, and no rows: "Rows,2", "From,202…", "To,2026-…", and 1 more`},
		{"another delimiter", "Checks; of a day, and more\n" + strings.ReplaceAll(rows, ",", "\t"), "3 A PH\n4 B TH\n",
			`its header is on line 2; above it, and no rows: "Checks; of a day, and more"`},
		{"quotes", "A \"name\", and \"one that is open\n\"two\nlines\"\n" + rows, "5 A PH\n6 B TH\n",
			`its header is on line 4; above it, and no rows: "A \"name\", and \"one that is open", "two", "lines"`},
		{"sep=", "sep=;\nTitle\n" + strings.ReplaceAll(rows, ",", ";"), "4 A PH\n5 B TH\n",
			`its header is on line 3; above it, and no rows: "Title"`},
		{"as many as may be", long + rows, "22 A PH\n23 B TH\n",
			`its header is on line 21; above it, and no rows: "The terms", "The terms", "The terms", and 17 more`},
		{"too many", "x\n" + long + rows, `:1: no ID column: expected livenessId or signatureId, found "x"`, ""},
		{"an ID", "Title\n" + listSigA + ",PH\n" + rows, ":2: an ID stands above the header, line 3", ""},
		{"IDs of one form", "a1b2-one,x\nq7c3-two,x\nz9d4-own,x\n" + rows,
			":3: an ID stands above the header, line 4", ""},
		{"an ID of the pattern", "check/1,x\nT-1,x\n" + rows, ":2: an ID stands above the header, line 3", ""},
		{"no text", "Title\n\x00\n" + rows, ":2: no readable text", ""},
		{"a title alone", "Title\n", `:1: no ID column: expected livenessId or signatureId, found "Title"`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for kind, write := range map[string]func() string{
				"csv":    func() string { return test.text },
				"gzip":   func() string { return gzipList(t, test.text) },
				"CR LF":  func() string { return strings.ReplaceAll(test.text, "\n", "\r\n") },
				"UTF-16": func() string { return listUTF16(test.text, true, true) },
			} {
				o := Options{DefaultRegion: "ID", IDPattern: regexp.MustCompile(`^T-[0-9]$`)}
				got := readListBytesWith(t, "ids.csv", write(), o)
				checkAbove(t, kind, got, test.want, test.note)
			}
		})
	}
}

func checkAbove(t *testing.T, kind string, got listResult, want, note string) {
	t.Helper()
	short := strings.NewReplacer(listSigA, "A", listSigB, "B").Replace(got.short())
	if got.err != nil {
		short = got.err.Error()
	}
	if got.err == nil && short != want || got.err != nil && !strings.HasSuffix(short, want) {
		t.Errorf("%s: got %q, want %q", kind, short, want)
	}
	if notes := strings.Join(got.info.Notes, "; "); got.err == nil && !strings.HasPrefix(notes, note) {
		t.Errorf("%s: notes %q, want %q", kind, notes, note)
	}
}

// The same of a sheet; one that begins with its header is read before one that does not.
func TestRowsAboveHeaderOfSheet(t *testing.T) {
	above := [][]any{{"Liveness checks of November"}, {}, {nil, "PT Contoh"}, {"----"}}
	list := [][]any{{"No", "Signature ID", "Country"}, {1, listSigA, "PH"}, {2, listSigB, "TH"}}
	fill := func(f *excelize.File) { setRows(t, f, "Sheet1", append(above, list...)...) }
	got := readListBytes(t, "ids.xlsx", string(book(t, fill)))
	checkAbove(t, "xlsx", got, "6 A PH {\"No\":\"1\"}\n7 B TH {\"No\":\"2\"}\n",
		`its header is on line 5; above it, and no rows: "Liveness checks of November", "PT Contoh", "----"`)

	got = readListBytes(t, "ids.xlsx", string(book(t, func(f *excelize.File) {
		fill(f)
		if _, err := f.NewSheet("more"); err != nil {
			t.Fatal(err)
		}
		setRows(t, f, "more", list[0], list[2])
	})))
	checkAbove(t, "two sheets", got, "2 B TH {\"No\":\"2\"}\n", `sheets "Sheet1", "more" have IDs: only "more" is read`)

	rows := [][]any{{"Title"}, {listSigA, "x"}}
	got = readListBytes(t, "ids.xlsx", string(book(t, func(f *excelize.File) {
		setRows(t, f, "Sheet1", append(rows, list...)...)
	})))
	checkAbove(t, "an ID above", got, ":2: an ID stands above the header, line 3", "")
	many := make([][]any, 0, maxAbove+1)
	for i := range maxAbove + 1 {
		many = append(many, []any{fmt.Sprint("Line ", i)})
	}
	got = readListBytes(t, "ids.xlsx", string(book(t, func(f *excelize.File) {
		setRows(t, f, "Sheet1", append(many, list...)...)
	})))
	checkAbove(t, "too many", got,
		`expected livenessId or signatureId in its first rows, found "Sheet1" ("Line 0")`, "")
}
