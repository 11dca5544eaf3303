package list

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// Rows that go to the default region are told of where a directory, a sheet or the table's form seems to say another one;
// not where a row, or the list's name, says it.
func TestLikelyNotes(t *testing.T) {
	const ids = "signatureId\n" + "f302f5d2454a85c2\n"
	packed := func(name string) string { return archive(t, map[string]string{name: ids}) }
	sheet := func(name string) string {
		return string(book(t, func(x *excelize.File) {
			if err := x.SetSheetName("Sheet1", name); err != nil {
				t.Fatal(err)
			}
			setRows(t, x, name, []any{"signatureId"}, []any{"f302f5d2454a85c2"})
		}))
	}
	group := func(regions ...string) string {
		text := "country,signatureId\n"
		for i, region := range regions {
			text += region + ",f302f5d2454a85c" + string(rune('0'+i)) + "\n"
		}
		return text
	}
	for name, test := range map[string]struct{ path, text, want string }{
		"a directory":           {"TH/ids.csv", ids, `its directory "TH" gives no region, and its rows go to ID by default_region; if they are of Thailand`},
		"a directory by name":   {"Thailand/ids.csv", ids, `if they are of Thailand`},
		"the list's name":       {"TH/ids_MX.csv", ids, ""},
		"the default's own":     {"ID-lists/Indonesia/ids.csv", ids, ""},
		"a word":                {"in/ids.csv", ids, ""},
		"two regions":           {"TH_PH/ids.csv", ids, ""},
		"in an archive":         {"ids.zip", packed("TH/ids.csv"), `its directory in it "TH" gives no region`},
		"a sheet":               {"ids.xlsx", sheet("TH"), `its sheet "TH" gives no region`},
		"a sheet of no country": {"ids.xlsx", sheet("Data"), ""},
		"groups":                {"ids.csv", group("TH", "", "", "MX", ""), `column "country" names each region once, as a table of groups does, and 3 rows below that give none go to ID by default_region`},
		"groups, the name":      {"ids_PH.csv", group("TH", "", "", "MX", ""), `3 rows below that give none go to PH by its name`},
		"a region again":        {"ids.csv", group("TH", "", "TH", "MX", ""), ""},
		"few without":           {"ids.csv", group("TH", "MX", "PH", ""), ""},
	} {
		path := filepath.Join(t.TempDir(), "lists", test.path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := readListFile(path, Options{DefaultRegion: "ID"})
		notes := strings.Join(got.info.Notes, "\n")
		if got.err != nil || test.want == "" && notes != "" || !strings.Contains(notes, test.want) {
			t.Errorf("%s: notes %q, %v, want %q", name, notes, got.err, test.want)
		}
	}
}

// A word in the name that is a country with an endpoint gives no region beside a default one, and it is said how it would.
func TestDoubtfulWordNotes(t *testing.T) {
	const want = `its rows go to PH by default_region, as "IN" in its name is a word; if it is India, put {region}`
	for name, noted := range map[string]bool{"list_IN_20261130.csv": true, "list_IN_TH.csv": false, "list_in_20261130.csv": false, "list_AT_1.csv": false} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("signatureId\nf302f5d2454a85c2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got := readListFile(path, Options{DefaultRegion: "PH", Named: func(region string) bool { return region != "AT" }})
		if notes := strings.Join(got.info.Notes, "\n"); got.err != nil || strings.Contains(notes, want) != noted {
			t.Errorf("%s: notes %q, %v", name, notes, got.err)
		}
	}
}
