package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"liverecon/store"
)

// hostile are texts that a spreadsheet might run, change, cut or refuse.
func hostile() []string {
	return []string{
		`=HYPERLINK("http://example.com","x")`, "+1", "-1", "@x", "\t=1", "\r\n=1", "_x0041_", "_x005F_x0041_", "a_x0", strings.Repeat("long ", 8000),
		"\u202egnp.exe", "\u200fabc", "😀 emoji", "\x00\x01\x1f\x7f\u0085", "\xff\xfe", "<b>&amp;\"'</b>", "' leading", " spaces ", "\ufffe\uffff", "1e5", "6817604601234e12", "{=1}", "[link]", "&L&\"Arial\"&P",
	}
}

// TestHostileText puts each text into every field that comes from outside, and reads the files back: a text cell each, no
// formula, nothing cut without a word.
func TestHostileText(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		var all []asked
		for _, text := range hostile() {
			all = append(all, asked{region: text, endpoint: text, outcome: store.Answered, state: store.Done, code: text, pricing: text, tag: store.TagUnknown, cause: text, attack: text})
		}
		f.night(strings.Join(hostile()[:9], " "), all)
		risk, finance := f.risk(secondNight()), f.finance(secondNight())
		finance.Sheet("Summary").Set(Ref{1, 1}, Outside(hostile()[0]))
		for _, w := range []*Workbook{risk, finance} {
			if len(w.Untied) > 0 {
				t.Errorf("%s: untied %v", w.Title, w.Untied)
			}
			formulas := map[string]bool{}
			for _, s := range w.Sheets {
				for _, at := range s.Refs() {
					formulas[s.Name+at.String()] = s.Cell(at).Formula != ""
				}
				for _, a := range s.Merged { // a reader sees the first cell's formula in all of them
					for _, at := range a.Refs() {
						formulas[s.Name+at.String()] = s.Cell(a.From).Formula != ""
					}
				}
			}
			file := f.write(w)
			checkParts(t, file)
			readHostile(t, file, formulas)
		}
	})
}

func readHostile(t *testing.T, file string, formulas map[string]bool) {
	t.Helper()
	x := reopen(t, file)
	found := map[string]bool{}
	for _, sheet := range x.GetSheetList() {
		rows, err := x.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for c, value := range row {
				at := Ref{c + 1, r + 1}.String()
				formula, err := x.GetCellFormula(sheet, at)
				if err != nil || (formula != "") != formulas[sheet+at] {
					t.Errorf("%s!%s: formula %q (%v) nobody put there", sheet, at, formula, err)
				}
				if units := len(utf16.Encode([]rune(value))); units > maxText {
					t.Errorf("%s!%s: %d units", sheet, at, units)
				}
				found[value] = true
			}
		}
	}
	for _, text := range hostile() {
		if !found[visible(text)] {
			t.Errorf("%.40q stands in no cell as %.60q", text, visible(text))
		}
	}
}

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain":           "plain",
		"a\tb\r\n":        "a␉b␍␊",
		"\x00\x7f":        "␀␡",
		"\u202eabc":       "‹U+202E›abc",
		"\xff":            "‹FF›",
		"\uFFFD":          "\uFFFD",
		"é 日本 😀":          "é 日本 😀",
		"\u0085\ufeff":    "‹U+0085›‹U+FEFF›",
		"_x0041_ =1+1 @x": "_x0041_ =1+1 @x",
	} {
		if got := visible(text); got != want {
			t.Errorf("visible(%q) = %q, want %q", text, got, want)
		}
	}
	long := visible(strings.Repeat("😀", 40000))
	if units := len(utf16.Encode([]rune(long))); units > maxText || !strings.HasSuffix(long, "‹cut: 40000 characters in all›") {
		t.Errorf("long text: %d units, ends with %q", units, long[len(long)-40:])
	}
}

// TestNoHalfFile lets the list of a workbook fail: neither a new file nor a temporary one is left, an old one stays whole.
func TestNoHalfFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "report.xlsx")
	for _, count := range []int{1, 3} {
		w := listBook(count, 2)
		if err := Write(w, path); err == nil {
			t.Fatalf("a list of 2 rows was written as one of %d", count)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Fatalf("left behind: %v (%v)", left, err)
		}
	}
	if err := Write(listBook(2, 2), path); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(listBook(1, 2), path); err == nil {
		t.Fatal("a wrong list was written")
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the old file changed (%v)", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
}

// listBook is a workbook with a list that says it has count rows and gives rows.
func listBook(count, rows int) *Workbook {
	w := &Workbook{Title: "test"}
	s := w.NewSheet("List")
	s.List = &List{First: 1, Count: count, Columns: []ListColumn{{"ID", Literal, 10}}, Rows: func(yield func([]Cell) error) error {
		for range rows {
			if err := yield([]Cell{Outside("007")}); err != nil {
				return err
			}
		}
		return nil
	}}
	return w
}
