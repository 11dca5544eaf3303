package list

import (
	"strings"
	"testing"
)

// TestReasons: what is said of a row is true of that row.
func TestReasons(t *testing.T) {
	ids := listLivA + "\n" + listLivB + "\n"
	sigs := listSigA + "\n" + listSigB + "\n"
	for _, test := range []struct {
		name, text string
		reason     string
		detail     string // a part
		never      string // which would be false
	}{
		{"a count", "signatureId\n" + sigs + "3\n", "not_an_id", "a number, and 1 long", "spreadsheet"},
		{"a sum", "signatureId\n" + sigs + "5263\n", "not_an_id", "a number, and 4 long", "spreadsheet"},
		{"a telephone", "signatureId\n" + sigs + "628123456789\n", "not_an_id", "a number, and 12 long", "spreadsheet"},
		{"zeros", "signatureId\n" + sigs + "0000000000000000\n", "not_an_id", "nothing but zeros", "spreadsheet"},
		{"a zero", "signatureId\n" + sigs + "0\n", "not_an_id", "nothing but zeros", "spreadsheet"},
		{"lost zeros", "signatureId\n" + sigs + "17604601234567\n", "excel_damaged", "a number of 14 digits", ""},
		{"rounded", "signatureId\n" + sigs + "6817604601234560\n", "excel_damaged", "from the 16th are 0", ""},
		{"an exponent", "signatureId\n" + sigs + "6.8176E+24\n", "excel_damaged", "exponent", ""},
		{"an amount", "livenessId\n" + ids + "12.50\n", "not_an_id", "a number with a point or a comma", "spreadsheet"},
		{"a grouped amount", "livenessId\n" + ids + "\"1,234.50\"\n", "not_an_id", "a number with a point or a comma", "spreadsheet"},
		{"a long number, grouped", "livenessId\n" + ids + "\"6,817,604,601,234,560\"\n", "excel_damaged", "a number of 16 digits with points or commas", ""},
		{"a date", "livenessId\n" + ids + "2026-03-01\n", "excel_damaged", "a date", ""},
		{"no date", "livenessId\n" + ids + "12-345-67\n", "not_an_id", "fewer than three different rows", "date"},
		{"no month", "livenessId\n" + ids + "mar-123456\n", "not_an_id", "fewer than three different rows", "date"},
		{"a count of livenessIds", "livenessId\n" + ids + "3\n", "not_an_id", "a number of fewer than 6 digits", "three different"},
		{"three counts", "livenessId\n" + ids + "10\n11\n12\n", "not_an_id", "a number of fewer than 6 digits", "three different"},
		{"a word", "livenessId\n" + ids + "Total\n", "not_an_id", "begins with \"Total\"", "three different"},
		{"words", "livenessId\n" + ids + "Thailand\nMalaysia\nColombia\n", "not_an_id", "letters alone", "three different"},
		{"a trailer with a count", "signatureId\n" + sigs + "0000000000000005\n", "not_an_id", "six zeros in a row", "spreadsheet"},
		{"a trailer with a date and a count", "signatureId\n" + sigs + "2026112700000005\n", "not_an_id", "six zeros in a row", "spreadsheet"},
		{"a trailer of nines", "signatureId\n" + sigs + "9999999999999999\n", "not_an_id", "or of one digit", "spreadsheet"},
		{"a trailer of livenessIds", "livenessId\n" + ids + "0000000000000005\n", "not_an_id", "six zeros in a row", "spreadsheet"},
		{"a line", "livenessId\n" + ids + "-_-_\n", "not_an_id", "a line between parts", "three different"},
		{"a header", "livenessId\n" + ids + "HDR-2026\n", "not_an_id", "begins with \"HDR\"", "three different"},
		{"pages", "livenessId\n" + ids + "S-1\nS-2\nS-3\n", "not_an_id", "seems to count", "fewer than three different rows"},
		{"two of a form", "livenessId\n" + ids + "x7f3-a\nx81c-b\n", "not_an_id", "fewer than three different rows", ""},
		{"a hash in front", "signatureId\n" + sigs + "#9faba82a1c2d3e4f\n", "bad_alphabet", "character 1 is '#'", "spreadsheet"},
		{"an error", "signatureId\n" + sigs + "#REF!\n", "excel_damaged", "a spreadsheet's error", "narrow"},
		{"an error in Spanish", "signatureId\n" + sigs + "#¡VALOR!\n", "excel_damaged", "a spreadsheet's error", "narrow"},
		{"an error of division", "signatureId\n" + sigs + "#DIV/0!\n", "excel_damaged", "a spreadsheet's error", "narrow"},
		{"a narrow column", "signatureId\n" + sigs + "#########\n", "excel_damaged", "too narrow", "error"},
		{"not available", "signatureId\n" + sigs + "#N/A\n", "excel_damaged", "a spreadsheet's error", "narrow"},
		{"a tag", "signatureId\n" + sigs + "#1\n", "bad_alphabet", "character 1 is '#'", "spreadsheet"},
		{"a time", "signatureId\n" + sigs + "08:15\n", "excel_damaged", "numbers with / or :", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readListBytes(t, "ids_PH.csv", test.text)
			checkListResult(t, got)
			if len(got.rejects) == 0 || len(got.rows) != 2 {
				t.Fatalf("got %s", got.short())
			}
			for _, bad := range got.rejects {
				if bad.Reason != test.reason || !strings.Contains(bad.Detail, test.detail) ||
					test.never != "" && strings.Contains(bad.Detail, test.never) {
					t.Errorf("%s: %s; want %s: %s, without %q", bad.Reason, bad.Detail, test.reason, test.detail, test.never)
				}
			}
		})
	}
}
