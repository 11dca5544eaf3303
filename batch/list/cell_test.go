package list

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liverecon/batch/table"
)

func TestListIDCells(t *testing.T) {
	for _, test := range []struct{ kind, cell, id, reason string }{
		// The two documented forms, and others of the alphabet.
		{listLivenessID, listLivA, listLivA, ""},
		{listSignatureID, listSigA, listSigA, ""},
		{listSignatureID, "F302F5D2454A85C2", "F302F5D2454A85C2", ""},
		{listSignatureID, "a", "a", ""},
		{listLivenessID, "A_b-9", "A_b-9", ""},
		{listLivenessID, strings.Repeat("a", 128), strings.Repeat("a", 128), ""},
		{listLivenessID, strings.Repeat("a", 129), "", table.TooLong},
		// What surrounds an ID unseen is removed, what stands inside is not.
		{listLivenessID, " \t" + listLivA + "\u00a0\r\n", listLivA, ""},
		{listLivenessID, "\ufeff\u200b" + listLivA + "\u200d\x00", listLivA, ""},
		{listLivenessID, "\xa0" + listLivA, listLivA, ""},
		{listSignatureID, "'" + listSigA, listSigA, ""},
		{listSignatureID, "'" + listSigA + "'", listSigA, ""},
		{listSignatureID, `="` + listSigA + `"`, listSigA, ""},
		{listLivenessID, "ddsd 9e6", "", "bad_alphabet"},
		{listLivenessID, "ddsd\u200b9e6", "", "bad_alphabet"},
		{listLivenessID, listLivA[:35] + " ", listLivA[:35], ""},
		{listLivenessID, listLivA[:34] + "?1", "", "bad_alphabet"},
		{listLivenessID, "_" + listLivA[1:], "_" + listLivA[1:], ""},
		{listSignatureID, listSigA[:14] + ":1", "", "bad_alphabet"},
		{listLivenessID, "ddsd\x009e6", "", "bad_alphabet"},
		{listLivenessID, "ddsd–9e6", "", "bad_alphabet"},
		{listLivenessID, "ddsd;9e6", "", "bad_alphabet"},
		{listLivenessID, "аbcd-9e6", "", "bad_alphabet"}, // a Cyrillic letter
		{listSignatureID, "=SUM(A1)", "", "bad_alphabet"},
		// Words for nothing are nothing.
		{listSignatureID, "", "", ""},
		{listSignatureID, " ", "", ""},
		{listSignatureID, "'", "", ""},
		{listSignatureID, "NULL", "", ""},
		{listSignatureID, "n/a", "", ""},
		{listSignatureID, `\N`, "", ""},
		{listSignatureID, "nullable", "nullable", ""},
		{listSignatureID, "signatureID", "", "repeated_header"},
		// Numbers: what Excel writes, and what looks like it and is whole.
		{listSignatureID, "6.81760E+15", "", "excel_damaged"},
		{listSignatureID, "6,8176E+15", "", "excel_damaged"},
		{listSignatureID, "6.8176e+24", "", "excel_damaged"},
		{listSignatureID, "-6.8176E+24", "", "excel_damaged"},
		{listSignatureID, "6E+24", "", "excel_damaged"},
		{listSignatureID, "6E-24", "", "excel_damaged"},
		{listSignatureID, "6.8176E15", "", "excel_damaged"},
		{listSignatureID, "6817604601234e12", "6817604601234e12", ""},
		{listSignatureID, "68176046012345e1", "68176046012345e1", ""},
		{listSignatureID, "6817604601234560", "", "excel_damaged"},
		{listSignatureID, "6817604601234567", "6817604601234567", ""},
		{listSignatureID, "0817604601234567", "0817604601234567", ""},
		{listSignatureID, "'6817604601234560", "6817604601234560", ""},
		{listSignatureID, `="6817604601234560"`, "6817604601234560", ""},
		{listSignatureID, "817604601234567", "", "excel_damaged"},
		{listSignatureID, "12", "", "not_an_id"},
		{listSignatureID, "0", "", "not_an_id"},
		{listSignatureID, "6817604601234000000000000", "", "excel_damaged"},
		{listSignatureID, "6817604601234000000000001", "6817604601234000000000001", ""},
		{listSignatureID, "6,817,604,601,234,560", "", "excel_damaged"},
		{listSignatureID, "6817604601234567.00", "", "excel_damaged"},
		{listLivenessID, "6.8176E+24", "", "excel_damaged"},
		{listLivenessID, "6817604601234560", "6817604601234560", ""},
		{listLivenessID, "12", "12", ""},
		// Dates, in either column, and IDs that are none.
		{listLivenessID, "2026-03-01", "", "excel_damaged"},
		{listLivenessID, "01-03-26", "", "excel_damaged"},
		{listLivenessID, "1/3/2026", "", "excel_damaged"},
		{listLivenessID, "01.03.2026", "", "excel_damaged"},
		{listLivenessID, "2026-03-01 00:00:00", "", "excel_damaged"},
		{listLivenessID, "08:15", "", "excel_damaged"},
		{listLivenessID, "Mar-24", "", "excel_damaged"},
		{listLivenessID, "24-Mar", "", "excel_damaged"},
		{listLivenessID, "1-Mar-24", "", "excel_damaged"},
		{listLivenessID, "Des-26", "", "excel_damaged"},
		{listLivenessID, "feb-2026", "", "excel_damaged"},
		{listLivenessID, "9e6-dcc9", "9e6-dcc9", ""},
		{listLivenessID, "1234-56-789012", "1234-56-789012", ""},
		{listLivenessID, "ddsd-24", "ddsd-24", ""},
		{listLivenessID, "march-hare", "march-hare", ""},
		// Spreadsheet errors.
		{listLivenessID, "#NAME?", "", "excel_damaged"},
		{listLivenessID, "#N/A", "", "excel_damaged"},
		{listSignatureID, "########", "", "excel_damaged"},
	} {
		r := &listReader{text: &listText{encoding: "utf-8"}, columns: listColumns{found: map[string]string{listSignatureID: "signatureId", listLivenessID: "Check"}}}
		got := r.checkID(test.kind, test.cell)
		if got.reason != test.reason || test.reason == "" && got.id != test.id {
			t.Errorf("%s %q: got %q, %q; want %q, %q", test.kind, test.cell, got.id, got.reason, test.id, test.reason)
		}
		if (got.reason == "") != (got.detail == "") {
			t.Errorf("%s %q: reason %q has detail %q", test.kind, test.cell, got.reason, got.detail)
		}
	}
}

func TestListShape(t *testing.T) {
	for s, want := range map[string]string{
		"6.8176E+24": "9.9E+9", "2026-03-01": "9-9-9", "Feb-24": "a-9", "6817e12": "9E9", "e": "E", "12é": "", "..": "..",
	} {
		if got := listShape(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// NA, which R writes for a region that is missing, is Namibia only where an endpoint names it.
func TestNotAvailableRegion(t *testing.T) {
	for _, named := range []bool{false, true} {
		want := "PH"
		if named {
			want = "NA"
		}
		path := filepath.Join(t.TempDir(), "mixed.csv")
		if err := os.WriteFile(path, []byte("signatureId,region\n"+listSigA+",NA\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		o := Options{DefaultRegion: "PH", Route: func(string) (string, bool) { return "sg", true },
			Named: func(region string) bool { return named && region == "NA" }}
		var got string
		_, err := Read(t.Context(), path, o, func(r Row) error { got = r.Region; return nil },
			func(r Reject) error { t.Errorf("%+v", r); return nil })
		if err != nil || got != want {
			t.Errorf("named %v: got %q, %v, want %q", named, got, err, want)
		}
	}
}
