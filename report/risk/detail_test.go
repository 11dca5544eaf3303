package risk_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liverecon/report/internal/reporttest"

	"liverecon/report/risk"
	"liverecon/store"
)

// TestDetailCSV writes hostile texts as CSV: each comes back as it was, with an apostrophe where a spreadsheet program
// might carry it out, and with pictures of the control characters at which readers stop.
func TestDetailCSV(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		score, all := -3.5, []reporttest.Check{}
		for _, text := range reporttest.Hostile() {
			all = append(all, reporttest.Check{Region: text, Endpoint: "sg", Outcome: store.Answered, State: store.Done,
				Code: text, Pricing: "PAY", Tag: store.TagPay, Score: &score, Attack: text})
		}
		f.Night("=list.csv", all)
		w, path := f.risk(reporttest.SecondNight()), filepath.Join(t.TempDir(), "detail.csv")
		f.Must(risk.WriteDetail(context.Background(), w, path))
		f.Must(w.Close())
		file, err := os.Open(path)
		f.Must(err)
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		f.Must(err)
		if len(rows) != len(all)+1 {
			t.Fatalf("%d rows for %d checks", len(rows), len(all))
		}
		found := map[string]bool{}
		for _, row := range rows[1:] {
			if row[6] != "-3.5" || row[14] != "'=list.csv" {
				t.Errorf("score %q, list %q", row[6], row[14])
			}
			for i, text := range row {
				if i != 6 && text != "" && strings.ContainsAny(text[:1], "=+-@\t\r") {
					t.Errorf("column %s begins with a formula: %.20q", rows[0][i], text)
				}
			}
			found[strings.TrimPrefix(row[10], "'")] = true
		}
		pictures := strings.NewReplacer("\x00", "␀", "\x01", "␁", "\x1f", "␟", "\x7f", "␡", "\u0085", "‹U+0085›",
			"\ufffe", "‹U+FFFE›", "\uffff", "‹U+FFFF›", "\u202e", "‹U+202E›", "\u200f", "‹U+200F›")
		for _, text := range reporttest.Hostile() {
			text = pictures.Replace(text)
			if text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "'"); !found[text] { // a reader of CSV makes one end of line of the other
				t.Errorf("%.40q stands in no row", text)
			}
		}
	})
}
