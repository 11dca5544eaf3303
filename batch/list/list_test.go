package list

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"
)

const (
	listLivA = "ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1b1"
	listLivB = "ddsd-1f2-aa09-4ca1-bdfe-9f001c05f1b2"
	listSigA = "f302f5d2454a85c2"
	listSigB = "a1b2c3d4e5f60718"
)

// listResult holds what reading one list gave.
type listResult struct {
	rows    []Row
	rejects []Reject
	info    Info
	err     error
}

// short writes rows and rejects in one line each, in the order of the file.
func (r listResult) short() string {
	var b strings.Builder
	rows, rejects := r.rows, r.rejects
	for len(rows)+len(rejects) > 0 {
		if len(rejects) == 0 || len(rows) > 0 && rows[0].Line < rejects[0].Line {
			row := rows[0]
			fmt.Fprintf(&b, "%d %s %s", row.Line, row.ID, row.Region)
			if row.OtherID != "" {
				b.WriteString(" other " + row.OtherID)
			}
			if row.Reference != "" {
				b.WriteString(" " + row.Reference)
			}
			rows = rows[1:]
		} else {
			fmt.Fprintf(&b, "%d %s", rejects[0].Line, rejects[0].Reason)
			if rejects[0].Column != "" {
				fmt.Fprintf(&b, " %s", rejects[0].Column)
			}
			rejects = rejects[1:]
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func readListFile(path string, o Options) listResult {
	var r listResult
	r.info, r.err = Read(context.Background(), path, o,
		func(row Row) error { r.rows = append(r.rows, row); return nil },
		func(bad Reject) error { r.rejects = append(r.rejects, bad); return nil })
	return r
}

func readListBytes(t *testing.T, name, text string) listResult {
	t.Helper()
	return readListBytesWith(t, name, text, Options{DefaultRegion: "ID"})
}

func readListBytesWith(t *testing.T, name, text string, o Options) listResult {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return readListFile(path, o)
}

func listUTF16(text string, littleEndian, mark bool) string {
	if mark {
		text = "\uFEFF" + text
	}
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if littleEndian {
			b = append(b, byte(u), byte(u>>8))
		} else {
			b = append(b, byte(u>>8), byte(u))
		}
	}
	return string(b)
}

func gzipList(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadListForms(t *testing.T) {
	plain := "livenessId,region\n" + listLivA + ",PH\n" + listLivB + ",th\n"
	wantPlain := "2 " + listLivA + " PH\n3 " + listLivB + " TH\n"
	for _, test := range []struct{ name, text, encoding, delimiter, want string }{
		{"plain", plain, "utf-8", "comma", wantPlain},
		{"no last line end", strings.TrimSpace(plain), "utf-8", "comma", wantPlain},
		{"byte order mark", "\uFEFF" + plain, "utf-8-bom", "comma", wantPlain},
		{"byte order mark within quotes", "\"\uFEFFlivenessId\",region\n" + listLivA + ",PH\n", "utf-8", "comma", "2 " + listLivA + " PH\n"},
		{"two byte order marks", "\uFEFF\uFEFF" + plain, "utf-8-bom", "comma", wantPlain},
		{"CRLF", strings.ReplaceAll(plain, "\n", "\r\n"), "utf-8", "comma", wantPlain},
		{"CRLF, CR at the end", strings.ReplaceAll(strings.TrimSpace(plain), "\n", "\r\n") + "\r", "utf-8", "comma", wantPlain},
		{"CR alone", strings.ReplaceAll(plain, "\n", "\r"), "utf-8", "comma", wantPlain},
		{"CR alone, quoted", strings.ReplaceAll("livenessId,note\n"+listLivA+",\"a\nb\"\n"+listLivB+",c\n", "\n", "\r"), "utf-8", "comma",
			"2 " + listLivA + " ID {\"note\":\"a\\nb\"}\n4 " + listLivB + " ID {\"note\":\"c\"}\n"},
		{"semicolon", strings.ReplaceAll(plain, ",", ";"), "utf-8", "semicolon", wantPlain},
		{"tab", strings.ReplaceAll(plain, ",", "\t"), "utf-8", "tab", wantPlain},
		{"empty cells and tabs", "note\tlivenessId\tregion\n\t" + listLivA + "\tPH\n", "utf-8", "tab", "2 " + listLivA + " PH\n"},
		{"semicolon, commas in a name", "name, first;livenessId\nx,y;" + listLivA + "\n", "utf-8", "semicolon", "2 " + listLivA + " ID {\"name, first\":\"x,y\"}\n"},
		{"pipe", strings.ReplaceAll(plain, ",", "|"), "utf-8", "pipe", wantPlain},
		{"sep line", "sep=;\r\n" + strings.ReplaceAll(plain, ",", ";"), "utf-8", "semicolon", "3 " + listLivA + " PH\n4 " + listLivB + " TH\n"},
		{"sep line, quoted, tab", "\"sep=\t\"\n" + strings.ReplaceAll(plain, ",", "\t"), "utf-8", "tab", "3 " + listLivA + " PH\n4 " + listLivB + " TH\n"},
		{"UTF-16 LE", listUTF16(plain, true, true), "utf-16le", "comma", wantPlain},
		{"UTF-16 BE", listUTF16(plain, false, true), "utf-16be", "comma", wantPlain},
		{"UTF-16 LE unmarked", listUTF16(plain, true, false), "utf-16le", "comma", wantPlain},
		{"UTF-16 BE unmarked", listUTF16(plain, false, false), "utf-16be", "comma", wantPlain},
		{"UTF-16 reference", listUTF16("signatureId\tname\r\n"+listSigA+"\tĐặng\r\n", true, true), "utf-16le", "tab", "2 " + listSigA + " ID {\"name\":\"Đặng\"}\n"},
		{"gzip", gzipList(t, plain), "utf-8+gzip", "comma", wantPlain},
		{"gzip members", gzipList(t, plain[:30]) + gzipList(t, plain[30:]), "utf-8+gzip", "comma", wantPlain},
		{"gzip of UTF-16", gzipList(t, listUTF16(plain, true, true)), "utf-16le+gzip", "comma", wantPlain},
		{"Windows-1252", "livenessId,name,region\n" + listLivA + ",Jos\xe9 \x80,PH\n\xa0" + listLivB + "\xa0,x,C\xf4te d'Ivoire\n", "windows-1252", "comma",
			"2 " + listLivA + " PH {\"name\":\"José €\"}\n3 " + listLivB + " CI {\"name\":\"x\"}\n"},
		{"aliases and case", " Liveness ID ,COUNTRY_CODE\n" + listLivA + ",PHL\n", "utf-8", "comma", "2 " + listLivA + " PH\n"},
		{"folded names", "Signature-ID,Country (ISO)\n" + listSigA + ",PHL\n", "utf-8", "comma", "2 " + listSigA + " PH\n"},
		{"folded names, others", "SIGNATURE/ID;País\n" + listSigA + ";México\n", "utf-8", "semicolon", "2 " + listSigA + " MX\n"},
		{"Country Code", "Liveness.Id,Country Code\n" + listLivA + ",PHL\n", "utf-8", "comma", "2 " + listLivA + " PH\n"},
		{"Country/Region", "livenessId,Country/Region\n" + listLivA + ",PHL\n", "utf-8", "comma", "2 " + listLivA + " PH\n"},
		{"the nearer name", "livenessId,Country,Country Code,Country/Region\n" + listLivA + ",PH,TH,VN\n", "utf-8", "comma",
			"2 " + listLivA + " PH {\"Country Code\":\"TH\",\"Country/Region\":\"VN\"}\n"},
		{"blank lines", "\n\n" + "livenessId,region\n\n" + listLivA + ",PH\n,,,\n  \n" + listLivB + ",th\n\n", "utf-8", "comma", "5 " + listLivA + " PH\n8 " + listLivB + " TH\n"},
		{"trailing empty columns", "livenessId,region,,\n" + listLivA + ",PH,,\n" + listLivB + ",th,,,,,\n", "utf-8", "comma", wantPlain},
		{"value without a name", "livenessId,,region\n" + listLivA + ",x,PH\n", "utf-8", "comma", "2 " + listLivA + " PH {\"column 2\":\"x\"}\n"},
		{"one column, empty first cell", "livenessId\n," + listLivA + "\n" + listLivA + "\n,\n\"\",\n" + listLivB + ",,\"\"\n", "utf-8", "comma",
			"2 too_many_fields\n3 " + listLivA + " ID\n6 " + listLivB + " ID\n"},
		{"short rows", "livenessId,region,note\n" + listLivA + "\n" + listLivB + ",th\n", "utf-8", "comma", "2 " + listLivA + " ID\n3 " + listLivB + " TH\n"},
		{"quoted lines", "note,livenessId\n\"a\r\nb, \"\"c\"\"\n\n\"," + listLivA + "\n\"\"," + listLivB + "\n", "utf-8", "comma",
			"2 " + listLivA + " ID {\"note\":\"a\\nb, \\\"c\\\"\\n\\n\"}\n6 " + listLivB + " ID\n"},
		{"CR CRLF", strings.ReplaceAll(plain, "\n", "\r\r\n"), "utf-8", "comma", wantPlain},
		{"CR CRLF, quoted", "\"livenessId\",\"region\"\r\r\n\"" + listLivA + "\",\"PH\"\r\r\n\r\r\n\"" + listLivB + "\",\"th\"\r\r", "utf-8", "comma",
			"2 " + listLivA + " PH\n4 " + listLivB + " TH\n"},
		{"two byte order marks, quoted", "\uFEFF\uFEFF\"livenessId\",\"region\"\n\"" + listLivA + "\",\"PH\"\n", "utf-8-bom", "comma", "2 " + listLivA + " PH\n"},
		{"two byte order marks, UTF-16", listUTF16("\uFEFF\"livenessId\",\"region\"\n\""+listLivA+"\",\"PH\"\n", true, true), "utf-16le", "comma", "2 " + listLivA + " PH\n"},
		{"blanks around quotes", "\"livenessId\", \"region\" ,note\n " + listLivA + ", \"PH\" ,\n\"" + listLivB + "\" , \"th\",\"\"\n", "utf-8", "comma", wantPlain},
		{"raw formulas", "=\"livenessId\",=\"region\",note\n=\"" + listLivA + "\",=\"PH\",=\"x\"\n=\"" + listLivB + "\",th,\"a\nb\"\n", "utf-8", "comma",
			"2 " + listLivA + " PH {\"note\":\"=\\\"x\\\"\"}\n3 " + listLivB + " TH {\"note\":\"a\\nb\"}\n"},
		{"raw formula, semicolon", "livenessId;region\n=\"" + listLivA + "\"\n = \"x\";PH\n", "utf-8", "semicolon", "2 " + listLivA + " ID\n3 malformed_csv\n"},
		{"tabs without quoting", "livenessId\tregion\tname\n" + listLivA + "\tPH\t\"Jack\" Lim\n" + listLivB + "\tth\t5\" screen\n" + listSigA + "\tVN\t\"\n" + listSigB + "\tVN\tok\n", "utf-8", "tab",
			"2 " + listLivA + " PH {\"name\":\"\\\"Jack\\\" Lim\"}\n3 " + listLivB + " TH {\"name\":\"5\\\" screen\"}\n4 " + listSigA + " VN {\"name\":\"\\\"\"}\n5 " + listSigB + " VN {\"name\":\"ok\"}\n"},
		{"tabs without quoting, names first", "name\tlivenessId\n\"Jo\t" + listLivA + "\nJo\"\tshort-a1\n\"\tshort-b2\n\"\tshort-c3\n", "utf-8", "tab",
			"2 " + listLivA + " ID {\"name\":\"\\\"Jo\"}\n3 short-a1 ID {\"name\":\"Jo\\\"\"}\n4 short-b2 ID {\"name\":\"\\\"\"}\n5 short-c3 ID {\"name\":\"\\\"\"}\n"},
		{"tabs with quoting", "livenessId\tname\n" + listLivA + "\t\"a\tb \"\"c\"\"\nd\"\n", "utf-8", "tab", "2 " + listLivA + " ID {\"name\":\"a\\tb \\\"c\\\"\\nd\"}\n"},
		{"quotes in unused columns", "livenessId,region,note,size\n" + listLivA + ",PH,x,5\"\n" + listLivA + ",PH,\"Jack\" Lim,\n" + listLivA + ",PH,\"open\n" + listLivB + ",th,,\n", "utf-8", "comma",
			"2 " + listLivA + " PH {\"note\":\"x\",\"size\":\"5\\\"\"}\n3 " + listLivA + " PH {\"note\":\"\\\"Jack\\\" Lim\"}\n4 " + listLivA + " PH {\"note\":\"\\\"open\"}\n5 " + listLivB + " TH\n"},
		{"quotes before used columns", "size,livenessId,region\n5\"," + listLivA + ",PH\n\"5," + listLivA + ",PH\n\"x,y\"," + listLivB + ",th\n", "utf-8", "comma",
			"2 " + listLivA + " PH {\"size\":\"5\\\"\"}\n3 malformed_csv\n4 " + listLivB + " TH {\"size\":\"x,y\"}\n"},
		{"a cell that began above", "note,livenessId,more\nn," + listLivA + ",\"a\nb\" x," + listLivB + ",\nc\" x," + listLivB + ",\n", "utf-8", "comma",
			"2 " + listLivA + " ID {\"note\":\"n\",\"more\":\"\\\"a\"}\n3 malformed_csv\n4 " + listLivB + " ID {\"note\":\"c\\\" x\"}\n"},
		{"quote in an unused name", "livenessId,5\" screen\n" + listLivA + ",x\n", "utf-8", "comma", "2 " + listLivA + " ID {\"5\\\" screen\":\"x\"}\n"},
		{"quotes that the next rows seem to close", "livenessId,region,note\n" + listLivA + ",PH,\"x\n" + listLivA + ",PH,\n" + listLivA + ",PH,y\"\n" + listLivB + ",th,\"z\n", "utf-8", "comma",
			"2 malformed_csv\n3 malformed_csv\n4 malformed_csv\n5 " + listLivB + " TH {\"note\":\"\\\"z\"}\n"},
		{"a note with a row in it", "livenessId,region,note\n" + listLivA + ",PH,\"he said \"\"see\n" + listLivB + ",TH,x\"\" ok\"\n" + listSigA + ",VN,\n", "utf-8", "comma",
			"2 malformed_csv\n3 malformed_csv\n4 " + listSigA + " VN\n"},
		{"a note with a row in it, before the ID", "note,livenessId,region\n\"customer wrote:\nx," + listLivA + ",TH\nthanks\"," + listLivB + ",PH\nok," + listSigA + ",VN\n", "utf-8", "comma",
			"2 " + listLivB + " PH {\"note\":\"customer wrote:\\nx," + listLivA + ",TH\\nthanks\"}\n5 " + listSigA + " VN {\"note\":\"ok\"}\n"},
		{"a note with a row in it, and more text", "livenessId,region,note\n" + listLivA + ",PH,\"he wrote:\n" + listSigA + ",TH,x\nbye\"\n" + listLivB + ",PH,\n", "utf-8", "comma",
			"2 " + listLivA + " PH {\"note\":\"he wrote:\\n" + listSigA + ",TH,x\\nbye\"}\n5 " + listLivB + " PH\n"},
		{"twin columns", "livenessId,created_at,created_at,Created_At,,\n" + listLivA + ",a,b,c,d,e\n", "utf-8", "comma",
			"2 " + listLivA + " ID {\"created_at\":\"a\",\"created_at (column 3)\":\"b\",\"Created_At\":\"c\",\"column 5\":\"d\",\"column 6\":\"e\"}\n"},
		{"words for nothing", "livenessId,signatureId,region,note\n" + listLivA + ",NULL,NULL,NULL\n\\N," + listSigA + ",\\N,\\N\n" + listLivB + ",,N/A,N/A\n" + listLivB + ",-,NA,-\nnull,N/A,PH,\n", "utf-8", "comma",
			"2 " + listLivA + " ID\n3 " + listSigA + " ID\n4 " + listLivB + " ID\n5 " + listLivB + " ID {\"note\":\"-\"}\n6 no_id livenessId, signatureId\n"},
		{"UTF-16 unmarked, Thai", listUTF16("ชื่อ\tนามสกุล\tที่อยู่\tlivenessId\n"+strings.Repeat("สมชาย\tใจดี\tกรุงเทพมหานครอมรรัตนโกสินทร์มหินทรายุธยา\t"+listLivA+"\n", 2), true, false), "utf-16le", "tab",
			strings.ReplaceAll("2 "+listLivA+" ID {}\n3 "+listLivA+" ID {}\n", "{}", `{"ชื่อ":"สมชาย","นามสกุล":"ใจดี","ที่อยู่":"กรุงเทพมหานครอมรรัตนโกสินทร์มหินทรายุธยา"}`)},
		{"UTF-16 BE unmarked, Chinese", listUTF16("一丁丂七丄,livenessId\n扡扢㡡,"+listLivA+"\n", false, false), "utf-16be", "comma", "2 " + listLivA + " ID {\"一丁丂七丄\":\"扡扢㡡\"}\n"},
		{"gzip, zero padding", gzipList(t, plain) + strings.Repeat("\x00", 9000), "utf-8+gzip", "comma", wantPlain},
		{"gzip members, zero padding", gzipList(t, plain[:30]) + gzipList(t, plain[30:]) + "\x00", "utf-8+gzip", "comma", wantPlain},
		{"header with lines", "\"Note\nof it\",livenessId\nx," + listLivA + "\n", "utf-8", "comma", "3 " + listLivA + " ID {\"Note\\nof it\":\"x\"}\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readListBytes(t, "list.csv", test.text)
			if got.err != nil {
				t.Fatal(got.err)
			}
			if s := got.short(); s != test.want {
				t.Errorf("got:\n%swant:\n%s", s, test.want)
			}
			if got.info.Encoding != test.encoding || got.info.Delimiter != test.delimiter {
				t.Errorf("got %s, %s, want %s, %s", got.info.Encoding, got.info.Delimiter, test.encoding, test.delimiter)
			}
			if got.info.SHA256 != sha256.Sum256([]byte(test.text)) || got.info.Size != int64(len(test.text)) {
				t.Errorf("hash or size (%d) is not that of the file (%d)", got.info.Size, len(test.text))
			}
		})
	}
}

func TestReadListBothIDs(t *testing.T) {
	header := "livenessId,customer,signatureId\n"
	for _, test := range []struct{ name, line, want string }{
		{"signatureId wins", listLivA + ",c1," + listSigA, "2 " + listSigA + " ID other " + listLivA + " {\"customer\":\"c1\"}\n"},
		{"livenessId alone", listLivA + ",,", "2 " + listLivA + " ID\n"},
		{"signatureId is a placeholder", listLivA + ",,NULL", "2 " + listLivA + " ID\n"},
		{"signatureId damaged", listLivA + ",,6.8176E+24", "2 excel_damaged signatureId\n"},
		{"livenessId damaged", "#NAME?,c1," + listSigA, "2 " + listSigA + " ID {\"livenessId\":\"#NAME?\",\"customer\":\"c1\"}\n"},
		{"neither", "-,c1,", "2 no_id livenessId, signatureId\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readListBytes(t, "list.csv", header+test.line+"\n")
			if s := got.short(); got.err != nil || s != test.want {
				t.Errorf("got:\n%s%v\nwant:\n%s", s, got.err, test.want)
			}
		})
	}
	got := readListBytes(t, "list.csv", header+listLivA+",,6.8176E+24\n")
	if want := "leave the signatureId empty to ask by that"; !strings.Contains(got.rejects[0].Detail, want) {
		t.Errorf("detail %q does not say %q", got.rejects[0].Detail, want)
	}
}

func TestReadListRegion(t *testing.T) {
	o := Options{Route: func(region string) (string, bool) { return strings.ToLower(region), region != "VN" }}
	for _, test := range []struct{ name, file, def, cell, region, endpoint, reason string }{
		{"cell before name and default", "ids_PH_2026.csv", "ID", "Thailand", "TH", "th", ""},
		{"name before default", "ids_PH_2026.csv", "ID", "", "PH", "ph", ""},
		{"blank cell", "ids_PH_2026.csv", "ID", " \u00a0", "PH", "ph", ""},
		{"default", "ids.csv", "ID", "", "ID", "id", ""},
		{"none", "ids.csv", "", "", "", "", "unknown_region"},
		{"a word in the name", "ids_to_check.csv", "ID", "", "ID", "id", ""},
		{"two regions in the name", "ids_PH_TH.csv", "ID", "", "", "", "unknown_region"},
		{"two regions in the name, the cell decides", "ids_PH_TH.csv", "", "PH", "PH", "ph", ""},
		{"no guess for nonsense", "ids_PH_2026.csv", "ID", "Nowhere", "", "", "unknown_region"},
		{"no endpoint", "ids.csv", "", "VNM", "", "", "no_endpoint"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), test.file)
			if err := os.WriteFile(path, []byte("livenessId;market\n"+listLivA+";"+test.cell+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			o.DefaultRegion = test.def
			got := readListFile(path, o)
			if got.err != nil {
				t.Fatal(got.err)
			}
			if test.reason != "" {
				if len(got.rejects) != 1 || got.rejects[0].Reason != test.reason || got.rejects[0].Column != "market" {
					t.Errorf("got %+v", got)
				}
				return
			}
			if len(got.rows) != 1 || got.rows[0].Region != test.region || got.rows[0].Endpoint != test.endpoint {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestReadListColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(path, []byte("Check No,livenessId,region\n"+listSigA+","+listLivA+",PH\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := readListFile(path, Options{Columns: map[string][]string{listSignatureID: {" check no "}, listLivenessID: {"liv"}}})
	want := "2 " + listSigA + " PH {\"livenessId\":\"" + listLivA + "\"}\n"
	if s := got.short(); got.err != nil || s != want {
		t.Errorf("got:\n%s%v\nwant:\n%s", s, got.err, want)
	}
	content, err := Hash(path)
	if err != nil || content != (Content{SHA256: got.info.SHA256, Size: got.info.Size}) || got.info.ModTime.IsZero() || got.info.Name != "a.csv" || got.info.Path != path {
		t.Errorf("Hash %+v %v, Read %+v", content, err, got.info)
	}
}

// The reference is JSON whatever the cells hold, and gives them back.
func TestReadListReference(t *testing.T) {
	values := []string{"a\"b\\c", "tab\there", "<&>", "Ünï\u2028", "\x01", ""}
	var header, line strings.Builder
	want := map[string]string{}
	for i, v := range values {
		fmt.Fprintf(&header, ",\"n\"\"%d\"", i)
		fmt.Fprintf(&line, ",\"%s\"", strings.ReplaceAll(v, `"`, `""`))
		if v != "" {
			want[fmt.Sprintf("n\"%d", i)] = v
		}
	}
	got := readListBytes(t, "a.csv", "signatureId"+header.String()+"\n"+listSigA+line.String()+"\n")
	if got.err != nil || len(got.rows) != 1 {
		t.Fatalf("got %+v", got)
	}
	back := map[string]string{}
	if err := json.Unmarshal([]byte(got.rows[0].Reference), &back); err != nil || !reflect.DeepEqual(back, want) {
		t.Errorf("%s: %v", got.rows[0].Reference, err)
	}
}

// No clear ID stands in a reject: long values are cut, control characters gone.
func TestListRejectShowsNoID(t *testing.T) {
	for _, line := range []string{listLivA + "!", `"` + listLivA, listLivA + `"`, listLivA + ",a,b,c", listLivA + ",Atlantis", strings.Repeat("9", 15)} {
		got := readListBytes(t, "a.csv", "signatureId,region\n"+line+"\n")
		if len(got.rejects) != 1 {
			t.Fatalf("%q: got %+v", line, got)
		}
		shown := fmt.Sprintf("%+v", got.rejects[0])
		if strings.Contains(shown, line[2:12]) {
			t.Errorf("%q shows in %s", line, shown)
		}
	}
	if got := cutListValue("ab\x00\u200bc", true); got != "ab\uFFFD\uFFFDc" {
		t.Errorf("control characters: %q", got)
	}
}

// Reading 40 times more takes no more memory at once.
func TestReadListMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	text := "livenessId,note\n" + strings.Repeat(listLivA+",some words\n", 250_000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var peak uint64
	n := 0
	_, err := Read(context.Background(), path, Options{DefaultRegion: "ID"}, func(Row) error {
		if n++; n%25_000 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
		return nil
	}, func(Reject) error { return nil })
	runtime.KeepAlive(text)
	if limit := uint64(len(text)) + 8<<20; err != nil || peak > limit {
		t.Errorf("live heap %d bytes over a text of %d, %v", peak, len(text), err)
	}
}
