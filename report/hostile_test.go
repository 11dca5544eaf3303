package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"liverecon/report/page"
	"liverecon/report/review"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/decisions"
	"liverecon/store/snapshot"
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
		finance.Sheet("Summary").Set(xlsx.Ref{Col: 1, Row: 1}, xlsx.Outside(hostile()[0]))
		for _, w := range []*xlsx.Workbook{risk.Workbook, finance.Workbook} {
			if len(w.FailedChecks) > 0 {
				t.Errorf("%s: untied %v", w.Title, w.FailedChecks)
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

// TestHostileColumns puts the texts into every column that holds text from outside, of rows that are in all lists, and has
// reviewers write them, too: each stands in each of these columns, as it is made visible, and reading the queue back
// recognises every row.
func TestHostileColumns(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		var all []asked
		for i, text := range hostile() {
			low := float64(i)
			all = append(all, asked{region: text, endpoint: "sg", outcome: store.Answered, state: store.Done, code: text, pricing: text, tag: store.TagUnknown, attack: text, score: &low,
				id: text, transaction: text, newCode: text})
		}
		f.night("list.csv", all)
		queue := openForm(t, f.write(f.risk(secondNight()).Workbook))
		var decided []decisions.Decision
		for row := range all {
			call, _, ok := review.ParseQueueKey(f.first(), queue.text(row+1, review.HeadKey))
			if !ok {
				t.Fatalf("row %d has the key %q", row+1, queue.text(row+1, review.HeadKey))
			}
			decided = append(decided, decisions.Decision{CallID: call, Decision: "attack", Reviewer: strings.TrimSpace(page.Shortened(hostile()[row], 60)), Comment: hostile()[row], DecidedAt: time.Now(), Sheet: hostile()[row], Row: row + 1})
		}
		f.must(f.store.Decisions().Add(context.Background(), decisions.File{Name: hostile()[0], ImportedAt: time.Now()}, decided))

		w, err := risk.Build(context.Background(), f.store, risk.Options{Period: secondNight(), Threshold: 50, Inclusive: true, Version: strings.Join(hostile()[:9], ""), Verdict: strings.Join(hostile(), " ")})
		f.must(err)
		file := f.write(w.Workbook)
		checkParts(t, file)
		x := reopen(t, file)
		for sheet, heads := range map[string][]string{
			review.QueueSheet: {review.HeadTransact, review.HeadID, "Region", review.HeadComment},
			"Detail":          {review.HeadTransact, "ID", "Region", "Type received", "Code", "Pricing"},
		} {
			for _, head := range heads {
				compareColumn(t, x, sheet, head)
			}
		}
		compareColumn(t, x, "Coverage", "Value")
		if got, want := counts(f.take(file)), fmt.Sprintf("%[1]d rows, 0 open, %[1]d known, 0 new, 0 changed", len(all)); got != want {
			t.Errorf("read back: %s, want %s", got, want)
		}
	})
}

// first is the database's first run.
func (f *fixture) first() snapshot.RunSpan {
	f.t.Helper()
	snap, err := snapshot.Open(context.Background(), f.store)
	f.must(err)
	first, _, err := snap.Runs(context.Background(), time.Time{}, time.Time{})
	f.must(err)
	f.must(snap.Close())
	return first
}

// compareColumn looks for each hostile text below a head.
func compareColumn(t *testing.T, x *excelize.File, sheet, head string) {
	t.Helper()
	rows, err := x.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	found, column := map[string]bool{}, -1
	for _, row := range rows {
		if column >= 0 && column < len(row) {
			found[row[column]] = true
		} else if i := slices.Index(row, head); i >= 0 {
			column = i
		}
	}
	for _, text := range hostile() {
		if !found[xlsx.Visible(text)] {
			t.Errorf("%s, %s: no %.40q", sheet, head, xlsx.Visible(text))
		}
	}
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
				at := xlsx.Ref{Col: c + 1, Row: r + 1}.String()
				formula, err := x.GetCellFormula(sheet, at)
				if err != nil || (formula != "") != formulas[sheet+at] {
					t.Errorf("%s!%s: formula %q (%v) nobody put there", sheet, at, formula, err)
				}
				if units := len(utf16.Encode([]rune(value))); units > xlsx.MaxText {
					t.Errorf("%s!%s: %d units", sheet, at, units)
				}
				found[value] = true
			}
		}
	}
	for _, text := range hostile() {
		if !found[xlsx.Visible(text)] {
			t.Errorf("%.40q stands in no cell as %.60q", text, xlsx.Visible(text))
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
		if got := xlsx.Visible(text); got != want {
			t.Errorf("visible(%q) = %q, want %q", text, got, want)
		}
	}
	long := xlsx.Visible(strings.Repeat("😀", 40000))
	if units := len(utf16.Encode([]rune(long))); units > xlsx.MaxText || !strings.HasSuffix(long, "‹cut: 40000 characters in all›") {
		t.Errorf("long text: %d units, ends with %q", units, long[len(long)-40:])
	}
}

// TestNoHalfFile lets the list of a workbook fail: neither a new file nor a temporary one is left, an old one stays whole.
func TestNoHalfFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "report.xlsx")
	for _, count := range []int{1, 3} {
		w := listBook(count, 2)
		if err := xlsx.Write(w, path); err == nil {
			t.Fatalf("a list of 2 rows was written as one of %d", count)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Fatalf("left behind: %v (%v)", left, err)
		}
	}
	if err := xlsx.Write(listBook(2, 2), path); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := xlsx.Write(listBook(1, 2), path); err == nil {
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
func listBook(count, rows int) *xlsx.Workbook {
	w := &xlsx.Workbook{Title: "test"}
	s := w.NewSheet("List")
	s.List = &xlsx.List{First: 1, Count: count, Columns: []xlsx.ListColumn{{Head: "ID", Format: xlsx.Literal, Width: 10}}, Rows: func(yield func([]xlsx.Cell) error) error {
		for range rows {
			if err := yield([]xlsx.Cell{xlsx.Outside("007")}); err != nil {
				return err
			}
		}
		return nil
	}}
	return w
}
