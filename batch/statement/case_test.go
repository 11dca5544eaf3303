package statement

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// Statements as people have them, of 17 calls charged at 0.03: what each comes to.
func TestStatementCases(t *testing.T) {
	debit := func(o *Options) { o.Columns = map[string][]string{"amount": {"Debit"}} }
	for _, tt := range []struct {
		file    string
		o       Options
		usage   string // lines, calls, amount
		others  string // kinds of the other lines
		ignored int64
		refused string
	}{
		{file: "rounded_ids.csv", refused: `s:2: column "Transaction ID": "1960000001149230000": a spreadsheet has rounded the ID`},
		{file: "apostrophes.csv", usage: "12 11 0.33"},
		{file: "sub_total.csv", usage: "2 17 0.51", others: "total 0.51"},
		{file: "merged.xlsx", usage: "3 17 0.51"},
		{file: "short_rows.csv", usage: "18 17 0.51"},
		{file: "equals_quotes.csv", usage: "18 17 0.51"},
		{file: "cr_only.csv", usage: "18 17 0.51"},
		{file: "header_repeated.csv", usage: "18 17 0.51", ignored: 1},
		{file: "debit_credit.csv", o: plain(debit), usage: "3 3 0.09", others: "credit -0.03"},
		{file: "debit_credit.csv", usage: "3 3 0.09", others: "credit -0.03"},
		{file: "indian_grouping.csv", o: plain(func(o *Options) { o.Thousands = "," }), usage: "1 17 123456.78"},
		{file: "indian_grouping.csv", usage: "1 17 123456.78"},
		{file: "table_below.csv", o: plain(november), usage: "18 17 0.51", ignored: 2},
	} {
		if tt.o.Zone == nil {
			tt.o = plain()
		}
		s := readExample(t, "cases/"+tt.file, tt.o)
		if tt.refused != "" {
			if s.err == nil || !strings.HasPrefix(s.err.Error(), tt.refused) {
				t.Errorf("%s: %s\nwant %s", tt.file, s.short(), tt.refused)
			}
			continue
		}
		amount, lines, calls, others := decimal.Decimal{}, 0, int64(0), []string{}
		for _, l := range s.lines {
			if l.Kind != Usage {
				others = append(others, string(l.Kind)+" "+l.Amount.String())
				continue
			}
			amount, lines = amount.Add(l.Amount), lines+1
			if IsBill(l.Amount, l.Quantity, l.Pricing) && !l.Amount.IsZero() {
				calls += l.Quantity
			}
		}
		got := strings.Join([]string{decimal.NewFromInt(int64(lines)).String(), decimal.NewFromInt(calls).String(), amount.String()}, " ")
		if got != tt.usage || strings.Join(others, ", ") != tt.others || s.Ignored != tt.ignored || s.err != nil {
			t.Errorf("%s: %s, %s, %d ignored, %v; want %s, %s, %d\n%s", tt.file, got, others, s.Ignored, s.err, tt.usage, tt.others, tt.ignored, s.short())
		}
	}
	if s := readExample(t, "cases/merged.xlsx", plain()); len(s.lines) != 3 || s.lines[1].Region != "PH" {
		t.Errorf("merged cells: %s", s.short())
	}
	if s := readExample(t, "cases/apostrophes.csv", plain()); s.lines[0].TransactionID != "1960000001149239307" {
		t.Errorf("an apostrophe: %s", s.short())
	}
}
