package statement

import (
	"fmt"
	"strings"
	"testing"
)

// A line that is the sum of lines beside it is a total, whatever its name and place; what may be either is refused.
// Here of two lines, of 14 and of 9 calls at 0.03: either these are read, or the statement is refused with the line.
func TestStatementTotalsBeside(t *testing.T) {
	const named, plainly = "Description,Quantity,Amount\n", "Region,Quantity,Amount\n"
	const ph, th = "Liveness PH,14,0.42\n", "Liveness TH,9,0.27\n"
	const calls = "Transaction,Time,Region,Quantity,Amount\na1,2026-11-01 10:00:00,PH,1,0.03\na2,2026-11-01 10:00:01,PH,1,0.03\n" +
		"a3,2026-11-01 10:00:02,TH,1,0.03\n"
	const read = "14 0.42, 9 0.27"
	kinds := func(kind LineKind, words ...string) func(*Options) {
		return func(o *Options) { o.Kinds = map[LineKind][]string{kind: words} }
	}
	for name, tt := range map[string]struct {
		text string
		o    Options
		want string // calls and amounts of usage, or the line that is refused
	}{
		"two lines":                            {text: named + ph + th, want: read},
		"two lines alike":                      {text: named + "Liveness PH,9,0.27\n" + th, want: "9 0.27, 9 0.27"},
		"one line twice":                       {text: named + th + th, want: "9 0.27, 9 0.27"},
		"a third place has the sum":            {text: named + ph + th + "Liveness SG,23,0.69\n", want: read + ", 23 0.69"},
		"subtotals of one line":                {text: named + ph + "Jumlah PH,14,0.42\n" + th + "Jumlah TH,9,0.27\n", want: "s:3"},
		"subtotals that name no place":         {text: named + ph + "Jml,14,0.42\n" + th + "Jml,9,0.27\n", want: read},
		"a subtotal of two lines amid others":  {text: named + th + "PH a,10,0.30\nPH b,4,0.12\nBuo PH,14,0.42\n", want: "s:5"},
		"it is said to be usage":               {text: named + ph + "Jumlah PH,14,0.42\n", o: plain(kinds(Usage, "Jumlah PH")), want: "14 0.42, 14 0.42"},
		"a total above":                        {text: named + "Importe,23,0.69\n" + ph + th, want: "s:2"},
		"a total above, with its name":         {text: named + "Importe,23,0.69\n" + ph + th, o: plain(kinds(Total, "Importe")), want: read},
		"subtotals above":                      {text: named + "PH,14,0.42\nPH a,10,0.30\nPH b,4,0.12\nTH,9,0.27\n", want: "s:2"},
		"known subtotals, and no total":        {text: named + ph + "Subtotal,14,0.42\n" + th + "Subtotal,9,0.27\n", want: read},
		"totals of parts, and none of all":     {text: named + ph + "Total,14,0.42\n" + th + "Total,9,0.27\n", want: read},
		"a known subtotal of the first lines":  {text: named + ph + "Subtotal,14,0.42\n" + th, want: read},
		"a known subtotal that is wrong":       {text: named + ph + "Subtotal,14,0.40\n" + th + "Subtotal,9,0.27\n", want: "s:3"},
		"a known subtotal, rounded":            {text: named + "Liveness PH,14,0.4196\nSubtotal,14,0.42\n" + th, want: "14 0.42, 9 0.27"},
		"a total that is wrong":                {text: named + ph + th + "Total,23,0.70\n", want: read},
		"a total with calls that bill nothing": {text: calls + "a4,2026-11-01 10:00:03,TH,1,0\n,,,4,0.09\n", want: "1 0.03, 1 0.03, 1 0.03, 1 0.00"},
		"rollup":                               {text: plainly + "PH,14,0.42\nTH,9,0.27\nNULL,23,0.69\n", want: read},
		"rollup of two columns":                {text: "Endpoint,Region,Quantity,Amount\nph,PH,14,0.42\nph,\\N,14,0.42\nth,TH,9,0.27\nth,N/A,9,0.27\nNULL,NULL,23,0.69\n", want: read},
		"rollup that does not add up":          {text: plainly + "PH,14,0.42\nTH,9,0.27\nNULL,23,0.70\n", want: "s:4"},
		"a wrong total without a month":        {text: "Description,Month,Quantity,Amount\nLiveness PH,2026-11,14,0.42\nLiveness TH,2026-11,9,0.27\nZsummm,,23,0.70\n", want: "s:4"},
		"nothing in columns of numbers":        {text: "Region,Quantity,Unit price,Amount,Currency\nPH,14,NULL,0.42,N/A\nTH,9,\\N,0.27,USD\n", want: read},
		"calls":                                {text: calls, want: "1 0.03, 1 0.03, 1 0.03"},
		"a call without an ID":                 {text: calls + "\\N,2026-11-01 10:00:02,TH,1,0.03\n", want: "1 0.03, 1 0.03, 1 0.03, 1 0.03"},
		"a subtotal of one call, with a word":  {text: calls + "Z,,,1,0.03\n", want: "s:5"},
		"a subtotal of one call":               {text: calls + ",,TH,1,0.03\n", want: "1 0.03, 1 0.03, 1 0.03"},
		"a subtotal of calls above them":       {text: strings.Replace(calls, "a1", ",,PH,2,0.06\na1", 1), want: "s:2"},
		"a summary right below":                {text: calls + ",,TH,1,0.03\n,,PH,2,0.06\n", want: "1 0.03, 1 0.03, 1 0.03"},
		"a summary right below, the other way": {text: calls + ",,PH,2,0.06\n,,TH,1,0.03\n", want: "1 0.03, 1 0.03, 1 0.03"},
	} {
		o := plain(november)
		if tt.o.Kinds != nil {
			o.Kinds = tt.o.Kinds
		}
		s := readStatement([]byte(tt.text), o)
		var usage []string
		for _, l := range s.lines {
			if l.Kind == Usage {
				usage = append(usage, fmt.Sprint(l.Quantity, " ", l.Amount.StringFixed(2)))
			}
		}
		got := strings.Join(usage, ", ")
		if s.err != nil {
			got, _, _ = strings.Cut(s.err.Error(), ": ")
		}
		if got != tt.want {
			t.Errorf("%s: read %s, want %s\n%s", name, got, tt.want, s.short())
		}
	}
}
