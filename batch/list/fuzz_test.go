package list

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"liverecon/batch/table"
)

func listFuzzSeeds(t testing.TB) []string {
	return []string{
		"livenessId,region\n" + listLivA + ",PH\n",
		"\uFEFFsignatureId;livenessId;note\r\n" + listSigA + ";" + listLivA + ";\"a\nb\"\r\n",
		"sep=\t\nsignatureId\tcountry\n'6817604601234560\tViet Nam\n6.8E+24\t\n",
		"livenessId\n\"" + listLivA + "\nx\"\n\"\n",
		"livenessId,a\r" + listLivA + ",\xe9\r",
		"livenessId,\n,,,\n\x00,1,2\n",
		listUTF16("signatureId,n\n"+listSigA+",é\n", true, true),
		gzipList(t, "livenessId\n"+listLivA+"\n"),
		gzipList(t, "livenessId\n"+listLivA+"\n") + "\x00\x00",
		listUTF16("ชื่อ\tsignatureId\n\""+"\t"+listSigA+"\n", false, false),
		"\uFEFF\uFEFF\"signatureId\", \"Country (ISO)\"\r\r\n=\"" + listSigA + "\",\"PH\" \r\r\n" + listSigB[:9],
		"livenessId|note\n" + listLivA + "|5\" screen\n------\nTotal|3\n",
	}
}

// checkListResult asserts what holds for any list: whatever was read is
// accounted for, once, and no ID leaves the alphabet.
func checkListResult(t *testing.T, got listResult) {
	t.Helper()
	if got.err == nil && len(got.rows)+len(got.rejects) != got.info.Rows || len(got.rejects) != got.info.Rejected { // rows may wait for others
		t.Fatalf("%d rows and %d rejects, info %+v", len(got.rows), len(got.rejects), got.info)
	}
	starts := map[int]bool{}
	for _, row := range got.rows {
		if !table.IsID(row.ID) || len(row.ID) > listMaxIDLength || row.OtherID != "" && !table.IsID(row.OtherID) || len(row.OtherID) > listMaxIDLength {
			t.Fatalf("an ID out of its alphabet: %+v", row)
		}
		if row.Line < 2 || starts[row.Line] || len(row.Region) != 2 || row.Reference != "" && !json.Valid([]byte(row.Reference)) {
			t.Fatalf("%+v", row)
		}
		starts[row.Line] = true
	}
	for _, bad := range got.rejects {
		if bad.Line < 2 || starts[bad.Line] || bad.Reason == "" || bad.Detail == "" {
			t.Fatalf("%+v", bad)
		}
		starts[bad.Line] = true
	}
}

func FuzzReadList(f *testing.F) {
	for _, seed := range listFuzzSeeds(f) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "list.csv")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		got := readListFile(path, Options{DefaultRegion: "ID"})
		checkListResult(t, got)
		var refused *Error
		if got.err != nil && !errors.As(got.err, &refused) {
			t.Fatalf("neither read nor refused: %v", got.err)
		}
	})
}

// A sheet of whatever XML is read or refused.
func FuzzReadWorkbook(f *testing.F) {
	const head, tail = `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>livenessId</t></is></c><c r="B1" t="inlineStr"><is><t>note</t></is></c></row>`,
		`</sheetData></worksheet>`
	for _, rows := range []string{
		`<row r="2"><c r="A2" t="inlineStr"><is><t>` + listLivA + `</t></is></c></row>`,
		`<row r="4" hidden="1"><c r="A4"><v>6817604601234560</v></c><c r="B4"><v>1E+400</v></c></row><row r="5"><c r="A5"><f>B5</f></c></row>`,
		`<row><c t="str"><v>a"b&#10;c</v></c><c t="e"><v>#N/A</v></c></row>`, `<row r="9999999"/>`,
	} {
		f.Add(head + rows + tail)
	}
	const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	path := filepath.Join(f.TempDir(), "list.xlsx") // one of each worker: making and removing one for each input is slow
	f.Fuzz(func(t *testing.T, xml string) {
		data := archive(t, map[string]string{
			"_rels/.rels":                `<Relationships><Relationship Id="r1" Type="` + kind + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/workbook.xml":            `<workbook><sheets><sheet name="a" id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="` + kind + `worksheet" Target="sheet.xml"/></Relationships>`,
			"xl/sheet.xml":               xml,
		})
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		got := readListFile(path, Options{DefaultRegion: "ID"})
		checkListResult(t, got)
		var refused *Error
		if got.err != nil && !errors.As(got.err, &refused) {
			t.Fatalf("neither read nor refused: %v", got.err)
		}
	})
}

// A list that is packed, of which then a byte is another and an end is missing, is read to the same rows or refused.
func FuzzReadPacked(f *testing.F) {
	for i, seed := range listFuzzSeeds(f) {
		f.Add(seed, byte(i), uint16(7*i), byte(i/4), uint16(0))
	}
	path := filepath.Join(f.TempDir(), "list.csv")
	read := func(t *testing.T, text string) listResult {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := readListFile(path, Options{DefaultRegion: "ID", Settled: true})
		checkListResult(t, got)
		var refused *Error
		if got.err != nil && !errors.As(got.err, &refused) {
			t.Fatalf("neither read nor refused: %v", got.err)
		}
		return got
	}
	f.Fuzz(func(t *testing.T, text string, how byte, place uint16, flip byte, missing uint16) {
		if strings.HasPrefix(text, "PK") || strings.HasPrefix(text, "\x1f\x8b") {
			return // packed twice
		}
		packed := gzipList(t, text)
		if how%2 == 1 {
			packed = archive(t, map[string]string{"list.csv": text})
		}
		want, whole := read(t, text), read(t, packed)
		if whole.short() != want.short() || (whole.err == nil) != (want.err == nil) {
			t.Fatalf("%q is read as\n%s%v\nand packed as\n%s%v", text, want.short(), want.err, whole.short(), whole.err)
		}
		damaged := []byte(packed[:len(packed)-int(missing)%len(packed)])
		damaged[int(place)%len(damaged)] ^= flip
		if !strings.HasPrefix(string(damaged), packed[:2]) {
			return // it is a text then
		}
		if got := read(t, string(damaged)); got.err == nil && got.short() != want.short() {
			t.Fatalf("%q, packed and damaged to %q, is read as\n%s\nwant\n%s", text, damaged, got.short(), want.short())
		}
	})
}

// Lists of random damage. Without quotes every line that is not blank is a row
// or a reject. With quotes, lines may belong to a row above, but one that has an
// ID where IDs stand only where encoding/csv, too, reads it as text of that row.
func TestReadListAccountsForEveryLine(t *testing.T) {
	cells := []string{listLivA, listSigA, "", " ", "PH", "Vietnam", "#NAME?", "6.8E+24", "é", "\xe9", "a,b", "\x00"}
	quoted := append(slices.Clone(cells), "x\"y", "\"quoted\"", "\"two\nlines\"", "\"open", "close\"", "\"\"")
	ends := []string{"\n", "\r\n", "\n\n", "\n,,\n"}
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 7))
		choice := cells
		if seed%2 == 1 {
			choice = quoted
		}
		text := "livenessId,region,note\nsome,PH,row\n"
		for range 1 + random.IntN(20) {
			row := make([]string, 1+random.IntN(4))
			for i := range row {
				row[i] = choice[random.IntN(len(choice))]
			}
			text += strings.Join(row, ",") + ends[random.IntN(len(ends))]
		}
		got := readListBytes(t, "list.csv", text)
		if got.err != nil {
			t.Fatalf("seed %d: %v", seed, got.err)
		}
		checkListResult(t, got)
		starts := listStarts(got)
		for i, line := range strings.Split(text, "\n") {
			blank := strings.Trim(line, ", \t\r\x00") == ""
			if seed%2 == 1 {
				blank = !strings.HasPrefix(line, listLivA+",") && !strings.HasPrefix(line, listSigA+",") || textOfRow(starts, text, i+1)
			}
			if i > 0 && !blank && !starts[i+1] {
				t.Errorf("seed %d: line %d %q of %q is not accounted for:\n%s", seed, i+1, line, text, got.short())
			}
		}
	}
}

// textOfRow reports whether a line is text of the nearest row above it, strictly read.
func textOfRow(starts map[int]bool, text string, line int) bool {
	first := line
	for first > 1 && !starts[first] {
		first--
	}
	rest := strings.Join(strings.Split(text, "\n")[first-1:], "\n")
	in := csv.NewReader(strings.NewReader(rest))
	cells, err := in.Read()
	return err == nil && len(cells) == 3 && first+strings.Count(rest[:in.InputOffset()], "\n") > line
}

// listStarts returns the lines on which rows and rejects start.
func listStarts(got listResult) map[int]bool {
	starts := make(map[int]bool)
	for _, row := range got.rows {
		starts[row.Line] = true
	}
	for _, bad := range got.rejects {
		starts[bad.Line] = true
	}
	return starts
}
