package finance

import (
	"strings"
	"testing"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// leastScale is how small a list may be printed: smaller letters are hard to read on A4.
const leastScale = 0.6

// TestListsAreReadableOnPaper: of exceptions and lines the columns that matter come first and are printed at a size that one
// can read, with their heads on every page, however large the amounts are.
func TestListsAreReadableOnPaper(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		w := f.settledBook(11, func(o *figures.Options) { o.SheetRows = 150 })
		for _, s := range w.Sheets {
			name, _, _ := strings.Cut(s.Name, " (")
			wide := map[string]float64{}
			var printed []string
			switch name {
			case "Exceptions":
				printed = []string{"Class", "Transaction", "Line", "Sent at", "Region", "Code", "Ours", "Theirs", "At issue", "Note",
					"Suggested action", "Status", "Owner", "Comment"}
			case "Lines":
				printed = []string{"Class", "Transaction", "Line", "Sent at", "Charged at", "Ours", "Theirs", "Difference", "Note"}
			default:
				continue
			}
			points := 0.0
			for _, c := range s.List.Columns[:s.Print.To.Col] {
				head, _, _ := strings.Cut(c.Head, " (")
				points += float64(int((c.Width+float64(max(0, w.Places-4)))*7+5)) * page.PointsAPixel
				wide[head] = c.Width
			}
			for _, head := range printed {
				if wide[head] == 0 {
					t.Errorf("%s: %s is not printed", s.Name, head)
				}
			}
			if scale := page.PaperWidth / points; scale < leastScale {
				t.Errorf("%s is printed at %.2f of its size, want at least %.2f", s.Name, scale, leastScale)
			}
			if s.Repeat != s.List.First || s.Print.From != (xlsx.Ref{Col: 1, Row: 1}) ||
				s.Print.To.Row != s.List.First+s.List.Count {
				t.Errorf("%s: prints %v, repeats row %d", s.Name, s.Print, s.Repeat)
			}
		}
		f.Must(w.Close())
	})
}

// TestPrintedColumnsFoot: no amount has more digits than are shown, so what is printed of a column adds up to what is printed
// as its total.
func TestPrintedColumnsFoot(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		w := f.settledBook(11, nil)
		amounts := 0
		judge := func(sheet string, c xlsx.Cell) {
			shown := map[xlsx.Format]int{xlsx.Amount2: 2, xlsx.SignedAmount: 2, xlsx.Amount4: 4, xlsx.SignedAmount4: 4,
				xlsx.Unit: 4}[c.Style.Format]
			if c.Kind != xlsx.Number || shown == 0 {
				return
			}
			amounts++
			if _, decimals, _ := strings.Cut(c.Amount().String(), "."); len(decimals) > max(shown, w.Places) {
				t.Errorf("%s: %s is shown with %d decimals", sheet, c.Number, max(shown, w.Places))
			}
		}
		for _, s := range w.Sheets {
			for _, at := range s.Refs() {
				if label := s.Cell(xlsx.Ref{Col: 2, Row: at.Row}).Text; !strings.HasPrefix(label, "tax on") { // parts of one tax
					judge(s.Name, s.Cell(at))
				}
			}
			if s.List != nil {
				f.Must(s.List.Rows(func(cells []xlsx.Cell) error {
					for i, c := range cells {
						if c.Style.Format == xlsx.General {
							c.Style.Format = s.List.Columns[i].Format
						}
						judge(s.Name, c)
					}
					return nil
				}))
			}
		}
		if amounts < 1000 || w.Places < 3 {
			t.Errorf("%d amounts were looked at, shown with %d places", amounts, w.Places)
		}
		f.Must(w.Close())
	})
}
