package list

import (
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestNoRows: lines below the header that hold no data are told, and are neither rows nor rejects.
func TestNoRows(t *testing.T) {
	for _, test := range []struct{ name, text, note string }{
		{"SQL*Plus", "signatureId,region\n----------------,------\n" + listSigA + ",PH\n---------------- ------\n" + listSigB + ",TH\n\n2 rows selected.\n",
			`no rows, and not counted as such: "----------------" on line 2, "---------------- ------" on line 4, "2 rows selected." on line 7`},
		{"psql", " signatureid | region \n-------------+--------\n " + listSigA + " | PH\n " + listSigB + " | TH\n(2 rows)\n", `"-------------+--------" on line 2, "(2 rows)" on line 5`},
		{"SAP", "|signatureId|region|\n|-----------|------|\n|" + listSigA + "|PH|\n|" + listSigB + "|TH|\n--------------------\n", `"-----------" on line 2, "--------------------" on line 5`},
		{"end-of-file mark", "signatureId,region\n" + listSigA + ",PH\n" + listSigB + ",TH\n\x1a", "nothing that can be seen on line 4"},
		{"many", "signatureId,region\n" + listSigA + ",PH\n" + listSigB + ",TH\n===\n===\n***\n~~~~\n___\n", `"===" on line 4, "===" on line 5, "***" on line 6, and 2 more`},
	} {
		got := readListBytes(t, "a.csv", test.text)
		if got.err != nil || got.info.Rows != 2 || len(got.rejects) != 0 || len(got.rows) != 2 ||
			got.rows[0].ID+got.rows[0].Region+got.rows[1].ID+got.rows[1].Region != listSigA+"PH"+listSigB+"TH" {
			t.Errorf("%s: %d rows, %v:\n%s", test.name, got.info.Rows, got.err, got.short())
		}
		if notes := strings.Join(got.info.Notes, "; "); !strings.Contains(notes, test.note) {
			t.Errorf("%s: notes %q", test.name, notes)
		}
	}
	got := readListBytes(t, "a.csv", "livenessId,note\n-,--\n--,\n"+listLivA+",---\n")
	if len(got.rejects) != 2 || len(got.rows) != 1 {
		t.Errorf("words for nothing: %s", got.short())
	}
}

// TestOtherHeader: rows below another header are read by it.
func TestOtherHeader(t *testing.T) {
	const a, b, c = "7c1f0a2b9d3eafb4", "7c1f0a2b9d3eafb5", "7c1f0a2b9d3eafb6"
	for _, test := range []struct{ name, text, want, refused string }{
		{"columns in another order", "signatureId,region,residence\n" + a + ",PH,VN\nsignatureId,residence,region\n" + b + ",TH,PH\nsignatureId,region,residence\n" + c + ",TH,PH\n",
			"2 " + a + ` PH {"residence":"VN"}` + "\n4 " + b + ` PH {"residence":"TH"}` + "\n6 " + c + ` TH {"residence":"PH"}` + "\n", ""},
		{"another kind of ID", "signatureId\n" + a + "\n\nlivenessId\n" + listLivA + "\n" + b + "\n", "2 " + a + " ID\n5 " + listLivA + " ID\n6 " + b + " ID\n", ""},
		{"more columns", "signatureId,region\n" + a + ",PH\n\nnote,region,signatureId\nx,TH," + b + "\n", "2 " + a + " PH\n5 " + b + ` TH {"note":"x"}` + "\n", ""},
		{"fewer columns", "note,signatureId,region\nx," + a + ",PH\nsignatureId\n" + b + "\n", "2 " + a + ` PH {"note":"x"}` + "\n4 " + b + " ID\n", ""},
		{"no region", "signatureId,region\n" + a + ",PH\nsignatureId,note\n" + b + ",TH\n", "2 " + a + " PH\n4 " + b + ` ID {"note":"TH"}` + "\n", ""},
		{"names quoted, over lines", "signatureId,region,n\n" + a + ",PH,\n\"signature id\",\"note\nof it\",\"Country Code\"\n" + b + ",x,TH\n", "2 " + a + " PH\n5 " + b + ` TH {"note\nof it":"x"}` + "\n", ""},
		{"a column of kinds", "livenessId,note\nx7f3-a,livenessId\nx81c-b,signatureId\nz0q2-d,livenessId\n",
			"2 x7f3-a ID {\"note\":\"livenessId\"}\n3 x81c-b ID {\"note\":\"signatureId\"}\n4 z0q2-d ID {\"note\":\"livenessId\"}\n", ""},
		{"a column twice", "signatureId,region\n" + a + ",PH\nsignatureId,signature_id\n" + b + ",x\n", "2 " + a + " PH\n", "stands for the same as column"},
		{"a separator of another kind", "signatureId,region\n" + a + ",PH\nsignatureId,region;\n" + b + ",TH;\n", "2 " + a + " PH\n", "more than the name of region stands in it"},
	} {
		got := readListBytes(t, "a.csv", test.text)
		var refused *Error
		if errors.As(got.err, &refused); got.short() != test.want || (got.err != nil) != (test.refused != "") ||
			refused != nil && (!strings.Contains(refused.Problem, test.refused) || refused.Line != 3) {
			t.Errorf("%s: %v, got:\n%swant:\n%s", test.name, got.err, got.short(), test.want)
		}
		notes := strings.Join(got.info.Notes, "; ")
		if test.refused == "" && strings.Contains(notes, "another header") == (test.name == "a column of kinds") {
			t.Errorf("%s: notes %q", test.name, notes)
		}
	}
	got := readListBytes(t, "a.csv", "signatureId,region\n"+a+",PH\nSignature-ID,Region\n"+b+",TH\n")
	if got.short() != "2 "+a+" PH\n3 repeated_header signatureId\n4 "+b+" TH\n" {
		t.Errorf("the header again: %s", got.short())
	}
}

// TestOtherHeaderInWorkbook: numbers of a sheet are kept as they are where IDs stand, which is known of its header only.
func TestOtherHeaderInWorkbook(t *testing.T) {
	for _, test := range []struct {
		header  []any
		refused string
	}{{[]any{"signatureId", "note", "region"}, ""}, {[]any{"note", "signatureId", "region"}, "another header, with IDs in another column"}} {
		got := readListBytes(t, "a.xlsx", string(book(t, func(f *excelize.File) {
			setRow(t, f, 1, []any{"signatureId", "region", "note"})
			setRow(t, f, 2, []any{listSigA, "PH", "x"})
			setRow(t, f, 3, test.header)
			setRow(t, f, 4, []any{listSigB, "y", "TH"})
		})))
		if test.refused == "" && (got.err != nil || got.short() != "2 "+listSigA+` PH {"note":"x"}`+"\n4 "+listSigB+` TH {"note":"y"}`+"\n") ||
			test.refused != "" && (got.err == nil || !strings.Contains(got.err.Error(), test.refused)) {
			t.Errorf("%v: %v\n%s", test.header, got.err, got.short())
		}
	}
}

// TestOtherSeparators: a header with separators of two kinds is refused where it hides a column.
func TestOtherSeparators(t *testing.T) {
	for text, want := range map[string]string{
		"signatureId,region;\n" + listSigA + ",TH;\n":           `column "region;": more than the name of region stands in it, which would not be read`,
		"signatureId;region,\n" + listSigA + ";TH,\n":           `column "region,"`,
		"signatureId|region;\n" + listSigA + "|TH;\n":           `column "region;"`,
		"signatureId,region|note\n" + listSigA + ",TH|x\n":      `column "region|note"`,
		"signatureId\tregion,\n" + listSigA + "\tTH,\n":         `column "region,"`,
		"signatureId,region\"x\n" + listSigA + ",TH\n":          `column "region\"x"`,
		"signatureId,note;\n" + listSigA + ",x;\n":              "",
		"signatureId,region,country;x\n" + listSigA + ",PH,x\n": "",
	} {
		got := readListBytes(t, "a.csv", text)
		if want == "" && (got.err != nil || len(got.rows) != 1) || want != "" && (got.err == nil || !strings.Contains(got.err.Error(), want)) {
			t.Errorf("%q: %v\n%s", text, got.err, got.short())
		}
	}
}

// TestBrokenRows: a row that ends before its region is not asked elsewhere where its rest stands on the next line.
func TestBrokenRows(t *testing.T) {
	const a, b = "7c1f0a2b9d3eafb4", "7c1f0a2b9d3eafb5"
	for _, test := range []struct{ name, text, want, note string }{
		{"once", "signatureId,address,region\n" + a + ",12 Rizal St\nManila,PH\n" + b + ",x,TH\n", "2 malformed_csv region\n3 malformed_csv\n4 " + b + ` TH {"address":"x"}` + "\n", ""},
		{"twice", "signatureId,address,region\n" + a + ",12 Rizal St\nBrgy 5\n1001 Manila,PH\n" + b + ",x,TH\n",
			"2 malformed_csv region\n3 malformed_csv\n4 malformed_csv\n5 " + b + ` TH {"address":"x"}` + "\n", ""},
		{"at the end of a cell", "signatureId,address,region\n" + a + ",12 Rizal St\n,PH\n", "2 malformed_csv region\n3 malformed_csv\n", ""},
		{"a number on the next line", "signatureId,address,region\n" + a + ",Jl. X\n0917123456,PH\n", "2 malformed_csv region\n3 malformed_csv\n", ""},
		{"at the end of the list", "signatureId,address,region\n" + a + ",x\n", "2 " + a + ` ID {"address":"x"}` + "\n", `rows of it end before column "region" (1), and go to ID by default_region`},
		{"rows without blanks behind them", "signatureId,address,region\n" + a + "\n" + b + ",x\n" + listSigA + ",x,TH\n",
			"2 " + a + " ID\n3 " + b + ` ID {"address":"x"}` + "\n4 " + listSigA + ` TH {"address":"x"}` + "\n", "(2), and go to ID by default_region"},
		{"before a total", "signatureId,address,region\n" + a + ",x\nTotal,1\n", "2 " + a + ` ID {"address":"x"}` + "\n3 not_an_id signatureId\n", "(1), and go to"},
		{"before a ruler", "signatureId,address,region\n" + a + ",x\n------\n", "2 " + a + ` ID {"address":"x"}` + "\n", "(1), and go to"},
		{"before a blank line", "signatureId,address,region\n" + a + ",x\n\nManila,PH\n", "2 " + a + ` ID {"address":"x"}` + "\n4 not_an_id signatureId\n", "(1), and go to"},
		{"other IDs", "livenessId,address,region\nx7f3-a,x\nx81c-b,x\nz0q2-d,y,TH\n", `2 x7f3-a ID {"address":"x"}` + "\n" + `3 x81c-b ID {"address":"x"}` + "\n" + `4 z0q2-d TH {"address":"y"}` + "\n", "(2), and go to"},
		{"behind the region", "signatureId,region,address\n" + a + ",PH,12 Rizal St\nManila,x\n", "2 " + a + ` PH {"address":"12 Rizal St"}` + "\n3 unknown_region region\n", ""},
	} {
		got := readListBytes(t, "a.csv", test.text)
		notes := strings.Join(got.info.Notes, "; ")
		if got.err != nil || got.short() != test.want || !strings.Contains(notes, test.note) || test.note == "" && strings.Contains(notes, "end before") {
			t.Errorf("%s: %v, notes %q, got:\n%swant:\n%s", test.name, got.err, notes, got.short(), test.want)
		}
		if len(got.rows)+len(got.rejects) != got.info.Rows || len(got.rejects) != got.info.Rejected {
			t.Errorf("%s: info %+v", test.name, got.info)
		}
	}
}
