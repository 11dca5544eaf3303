package statement

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
)

// zipped is an archive of one statement.
func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	w, err := out.Create("statement.csv")
	must(t, err)
	_, err = w.Write([]byte(text))
	must(t, errors.Join(err, out.Close()))
	return b.String()
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func inUTF16(text string, bigEndian bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if bigEndian {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

// However a file is written, it is the same statement.
func TestStatementTexts(t *testing.T) {
	const text = "Region,Amount,Transaction,Note\nSG,\"€1,234.50\",t1,\"a, b\"\nVN,5,t2,Đồng\n"
	want := readStatement([]byte(text), plain(november)).short()
	if !strings.HasPrefix(want, "2 usage t1 2026-11 SG x1 1234.5 EUR\n3 usage t2 ") {
		t.Fatal(want)
	}
	const semicolons = "Region;Amount;Transaction;Note\nSG;\"€1,234.50\";t1;\"a; b\"\nVN;5;t2;Đồng\n"
	lines := strings.Split(text, "\n")
	for name, content := range map[string]string{
		"carriage returns":      strings.ReplaceAll(text, "\n", "\r\n"),
		"byte order mark":       "\uFEFF" + text,
		"semicolons":            semicolons,
		"tabs":                  strings.ReplaceAll(semicolons, ";", "\t"),
		"quotes everywhere":     `"Region","Amount","Transaction","Note"` + "\n" + `"SG","€1,234.50","t1","a, b"` + "\n" + `"VN","5","t2","Đồng"`,
		"no last line end":      strings.TrimSuffix(text, "\n"),
		"UTF-16 LE":             inUTF16("\uFEFF"+text, false),
		"UTF-16 BE":             inUTF16("\uFEFF"+text, true),
		"UTF-16, no mark":       inUTF16(strings.NewReplacer("€", "EUR ", "Đồng", "Dong").Replace(text), false),
		"UTF-16 BE, no mark":    inUTF16(strings.NewReplacer("€", "EUR ", "Đồng", "Dong").Replace(text), true),
		"gzip":                  gzipped(t, text),
		"gzip of UTF-16":        gzipped(t, inUTF16("\uFEFF"+text, true)),
		"Windows-1252":          strings.NewReplacer("€", "\x80", "Đồng", "D\xf4ng").Replace(text),
		"blanks around cells":   "Region , Amount,Transaction,Note\n SG ,\" €1,234.50\u00a0\",\u200bt1,x\nVN,5 ,t2,\n",
		"columns without names": strings.Join([]string{lines[0] + ",,", lines[1] + ",,", lines[2] + ",,"}, "\n"),
	} {
		if got := readStatement([]byte(content), plain(november)).short(); got != want {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestStatementPreamble(t *testing.T) {
	above := "sep=;\nThe \"Vendor\" Ltd\n\"Amount\";\"USD 10.00\"\nRegion;Amount;\n;;\n"
	s := readStatement([]byte(above+"Region;Amount;Transaction\nSG;10;t1\n"), plain(november))
	wantLines(t, s, "7 usage t1 2026-11 SG x1 10 USD")
	far := strings.Repeat("The vendor's conditions\n", maxPreamble)
	s = readStatement([]byte(far+"Region;Amount\nSG;10\n"), plain(november))
	if s.err == nil || !strings.Contains(s.err.Error(), "no row names a column for amount") {
		t.Error(s.short())
	}
}

func TestStatementDamagedTexts(t *testing.T) {
	var long strings.Builder
	long.WriteString("Region,Amount\n")
	for range 100_000 {
		long.WriteString("SG,5\n")
	}
	packed := gzipped(t, long.String())
	for name, tt := range map[string]struct{ content, want string }{
		"archive cut off":      {packed[:len(packed)-12], "s:100001: compressed data cut off"},
		"archive changed":      {packed[:len(packed)-8] + "\x00\x00\x00\x00" + packed[len(packed)-4:], "s:100001: compressed data damaged"},
		"archive twice":        {gzipped(t, gzipped(t, "x")), "s: compressed twice"},
		"not gzip":             {"\x1f\x8bxxxxxxxxxxx", "s: gzip data damaged"},
		"a quote never closed": {"Region,Amount\nSG,5\n\"" + long.String() + strings.Repeat("x", 1<<20), "s:3: a quote is opened and never closed"},
		"an endless line":      {strings.Repeat("x", 3<<20), "s:1: a line of more than 64 KiB"},
		"zero bytes":           {"Region,Amount\nSG,5\x006\n", "s:2: a zero byte stands in it: the file is damaged"},
	} {
		s := readStatement([]byte(tt.content), plain(november))
		if s.err == nil || !strings.HasPrefix(s.err.Error(), tt.want) {
			t.Errorf("%s: %.300s\nwant %s", name, s.short(), tt.want)
		}
	}
}
