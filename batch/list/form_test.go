package list

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestListForms: what is asked for besides the vendor's two forms.
func TestListForms(t *testing.T) {
	for _, test := range []struct {
		name  string
		cells string // of the column livenessId
		want  string // lines that are taken
	}{
		{"the vendor's forms", listLivA + " " + listSigA + " " + strings.ToUpper(listSigB) + " ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1bz", "2 3 4 5"},
		{"separators, totals, trailers, counts", "-_ __ Total TRAILER 3 12 EOF END-OF-FILE Subtotal_PH", ""},
		{"three separators", "-_-_-- -_-_-- -_-_-- -_-__- __-_-_ _-_-_-", ""},
		{"three words", "Malaysia Thailand Colombia Subtotal", ""},
		{"three counts", "12 13 14 120 130 140", ""},
		{"two of a form", "LV-2026-0001 LV-2026-0002", ""},
		{"three of a form", "LV-2026-0001 Total LV-2026-0002 3 LV-2026-0003 LV-2026-0004 LV-2026-00045", "2 4 6 7"},
		{"one of a form, three times", "LV-2026-0001 LV-2026-0001 LV-2026-0001", ""},
		{"other dashes", "LV-2026-0001 LV2-026-0002 LV-2026-0003", ""},
		{"another alphabet", "12345678 87654321 abcd123z", ""},
		{"digits among hexadecimal ones", "12345678 a7654321 b7654321 c7654321", "2 3 4 5"},
		{"hexadecimal among letters", "1234567f z7654321 y7654321 x7654321 12345678", "2 3 4 5 6"},
		{"pages beside IDs", listLivA + " Page-1 Page-2 Page-3 Page-4", "2"},
		{"customers beside IDs", "CUST-1001 " + listLivA + " CUST-1002 CUST-1003 ACME-1001 ACME-1002 ACME-1003", "3"},
		{"headers and trailers", listSigA + " HDR001 TRL001 EOF001 HDR002 TRL002 EOF002", "2"},
		{"long headers", listSigA + " HDR20261128 HDR20261129 HDR20261130", "2"},
		{"numbers beside IDs", listLivA + " 100001 100002 100003", "2"},
		{"telephones beside IDs", listLivA + " 628123456789 628123456788 628123456780", "2"},
		{"IDs after the pages", "Page-1 Page-2 Page-3 " + listLivA, "5"},
		{"nothing but what counts", "LV-0001 LV-0002 LV-0003 LV-0004", "2 3 4 5"},
		{"nothing but what counts, of two kinds", "LV-0001 LV-0002 LW-0001", "2 3 4"},
		{"other IDs beside the vendor's", listLivA + " x7f3-a x81c-b z0q2-d", "2 3 4 5"},
		{"other IDs with words of the same length", "z1b2c3d4 zx81kq3p SUBTOTAL q9w8e7r6 Malaysia", "2 3 5 6"},
		{"page of pages", listLivA + " Page-1-of-3 Page-2-of-3 Page-3-of-3", "2"},
		{"a form of long words", "abcdefghijklmnopqr bcdefghijklmnopqrs cdefghijklmnopqrst", "2 3 4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := readListBytes(t, "a.csv", "livenessId\n"+strings.ReplaceAll(test.cells, " ", "\n")+"\n")
			checkListResult(t, got)
			lines := strings.Fields(test.want)
			taken := map[int]bool{}
			for _, row := range got.rows {
				taken[row.Line] = true
			}
			if len(got.rows) != len(lines) || got.info.Rows != len(strings.Fields(test.cells)) {
				t.Fatalf("got:\n%swant %s", got.short(), test.want)
			}
			for i, id := range strings.Fields(test.cells) {
				if want := strings.Contains(" "+test.want+" ", " "+string(rune('0'+i+2))+" "); want != taken[i+2] {
					t.Errorf("line %d, %s: taken %v", i+2, id, taken[i+2])
				}
			}
			for _, bad := range got.rejects {
				if bad.Reason != "not_an_id" || bad.Column != "livenessId" {
					t.Errorf("got %+v", bad)
				}
			}
		})
	}
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(path, []byte("signatureId\nLV-1\n------\nLV-2x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{IDPattern: regexp.MustCompile(`^(?:LV-[0-9]+)$`)}, {AnyForm: true}} {
		o.DefaultRegion = "ID"
		got := readListFile(path, o)
		want := map[bool]int{true: 3, false: 1}[o.AnyForm]
		if got.err != nil || len(got.rows) != want || got.rows[0].ID != "LV-1" {
			t.Errorf("%+v: got %+v", o, got)
		}
	}
}

// Rows of ever new forms take no memory beyond a limit.
func TestListFormsHeld(t *testing.T) {
	var text strings.Builder
	text.WriteString("livenessId\n")
	for i := range 3 * maxHeldRows {
		id := []byte(strings.Repeat("x", 20) + "1")
		for b := range 20 {
			if i>>b&1 == 1 {
				id[b] = '-'
			}
		}
		text.Write(append(id, '\n'))
	}
	got := readListBytes(t, "a.csv", text.String())
	if got.err != nil || len(got.rejects) != 3*maxHeldRows || len(got.rows) != 0 {
		t.Fatalf("got %d rows, %d rejects, %v", len(got.rows), len(got.rejects), got.err)
	}
}

// TestListCutOff: the last row of a file that is still being written waits, and is judged when the file is old or known not
// to have changed.
func TestListCutOff(t *testing.T) {
	now := time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)
	whole := "signatureId,region\n" + listSigA + ",MALAYSIA\n"
	for _, test := range []struct {
		name, text string
		waits      bool
		settled    string // the last row once the file is old
	}{
		{"whole", whole + listSigB + ",MALAYSIA", false, "3 " + listSigB + " MY"},
		{"line end", whole + "a1b2c3\n", false, "3 not_an_id signatureId"},
		{"ID", whole + "a1b2c3", true, "3 cut_off region"},
		{"ID of many parts", strings.Replace(whole, "signatureId", "livenessId", 1) + "ddsd-9e6-dcc9-4c", true, "3 cut_off region"},
		{"ID alone", "livenessId\n" + listLivA + "\nddsd-9e6-dcc9-4c", true, "3 not_an_id livenessId"},
		{"another form", "livenessId\nLV-2026-0001\nLV-2026-0002\nLV-2026-0003\nLV-2026-0004", false, "5 LV-2026-0004 ID"},
		{"another form, cut", "livenessId\nLV-2026-0001\nLV-2026-0002\nLV-2026-0003\nLV-2026-000", true, "5 not_an_id livenessId"},
		{"no region yet", whole + listSigB, true, "3 cut_off region"},
		{"no region after the comma", whole + listSigB + ",", true, "3 cut_off region"},
		{"region of one letter", whole + listSigB + ",M", true, "3 unknown_region region"},
		{"region that is another's", whole + listSigB + ",MA", true, "3 cut_off region"},
		{"region that others have", whole + listSigA + ",MY\n" + listSigB + ",MY", false, "4 " + listSigB + " MY"},
		{"open quote", whole + listSigB + ",\"MA", false, "3 malformed_csv"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.csv")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			for age, waits := range map[time.Duration]bool{-time.Hour: test.waits, time.Minute: test.waits, time.Hour: false} {
				if err := os.Chtimes(path, now, now.Add(-age)); err != nil {
					t.Fatal(err)
				}
				got := readListFile(path, Options{DefaultRegion: "ID", Now: now})
				if got.err != nil || waits != (got.info.Waits > 0) || got.info.Rows != len(got.rows)+len(got.rejects) {
					t.Errorf("%v old: %+v", age, got)
				}
				o := Options{DefaultRegion: "ID", Now: now, Settled: true}
				if got := readListFile(path, o); got.err != nil || !strings.HasSuffix(got.short(), "\n"+test.settled+"\n") || got.info.Waits > 0 {
					t.Errorf("settled: %v, %s", got.err, got.short())
				}
			}
		})
	}
}
