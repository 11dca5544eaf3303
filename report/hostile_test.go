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

	"liverecon/report/internal/reporttest"

	"github.com/xuri/excelize/v2"

	"liverecon/report/page"
	"liverecon/report/review"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/decisions"
	"liverecon/store/snapshot"
)

// TestHostileText puts each text into every field that comes from outside, and reads the files back: a text cell each, no
// formula, nothing cut without a word.
func TestHostileText(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		var all []reporttest.Check
		for _, text := range reporttest.Hostile() {
			all = append(all, reporttest.Check{Region: text, Endpoint: text, Outcome: store.Answered, State: store.Done, Code: text, Pricing: text, Tag: store.TagUnknown, Cause: text, Attack: text})
		}
		f.Night(strings.Join(reporttest.Hostile()[:9], " "), all)
		risk, finance := f.risk(reporttest.SecondNight()), f.finance(reporttest.SecondNight())
		finance.Sheet("Summary").Set(xlsx.Ref{Col: 1, Row: 1}, xlsx.Untrusted(reporttest.Hostile()[0]))
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
			file := f.Write(w)
			reporttest.CheckParts(t, file)
			readHostile(t, file, formulas)
		}
	})
}

// TestHostileColumns puts the texts into every column that holds text from outside, of rows that are in all lists, and has
// reviewers write them, too: each stands in each of these columns, as it is made visible, and reading the queue back
// recognises every row.
func TestHostileColumns(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		var all []reporttest.Check
		for i, text := range reporttest.Hostile() {
			low := float64(i)
			all = append(all, reporttest.Check{Region: text, Endpoint: "sg", Outcome: store.Answered, State: store.Done, Code: text, Pricing: text, Tag: store.TagUnknown, Attack: text, Score: &low,
				ID: text, Transaction: text, NewCode: text})
		}
		f.Night("list.csv", all)
		queue := openForm(t, f.Write(f.risk(reporttest.SecondNight()).Workbook))
		var decided []decisions.Decision
		for row := range all {
			call, _, ok := review.ParseQueueKey(f.first(), queue.text(row+1, review.HeadKey))
			if !ok {
				t.Fatalf("row %d has the key %q", row+1, queue.text(row+1, review.HeadKey))
			}
			decided = append(decided, decisions.Decision{CallID: call, Decision: "attack", Reviewer: strings.TrimSpace(page.Shortened(reporttest.Hostile()[row], 60)), Comment: reporttest.Hostile()[row], DecidedAt: time.Now(), Sheet: reporttest.Hostile()[row], Row: row + 1})
		}
		f.Must(f.Store.Decisions().Add(context.Background(), decisions.File{Name: reporttest.Hostile()[0], ImportedAt: time.Now()}, decided))

		w, err := risk.Build(context.Background(), f.Store, risk.Options{Period: reporttest.SecondNight(), Threshold: 50, Inclusive: true, Version: strings.Join(reporttest.Hostile()[:9], ""), Verdict: strings.Join(reporttest.Hostile(), " ")})
		f.Must(err)
		file := f.Write(w.Workbook)
		reporttest.CheckParts(t, file)
		x := reporttest.Reopen(t, file)
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
	f.T.Helper()
	snap, err := snapshot.Open(context.Background(), f.Store)
	f.Must(err)
	first, _, err := snap.Runs(context.Background(), time.Time{}, time.Time{})
	f.Must(err)
	f.Must(snap.Close())
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
	for _, text := range reporttest.Hostile() {
		if !found[xlsx.Visible(text)] {
			t.Errorf("%s, %s: no %.40q", sheet, head, xlsx.Visible(text))
		}
	}
}

func readHostile(t *testing.T, file string, formulas map[string]bool) {
	t.Helper()
	x := reporttest.Reopen(t, file)
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
	for _, text := range reporttest.Hostile() {
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
			if err := yield([]xlsx.Cell{xlsx.Untrusted("007")}); err != nil {
				return err
			}
		}
		return nil
	}}
	return w
}
