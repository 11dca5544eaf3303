package statement

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

// asks is the plain form as most have it: nothing says that a line is one call.
func asks(changes ...func(*Options)) Options {
	o := plain(append([]func(*Options){november}, changes...)...)
	o.SingleCalls, o.Region = false, countries
	o.Prices = []decimal.Decimal{dec("0.035"), dec("0.05")}
	return o
}

// countries knows four of them, however they are written.
func countries(text string) (string, bool) {
	for _, c := range spellings {
		if slices.ContainsFunc(c, func(s string) bool { return strings.EqualFold(s, text) }) {
			return c[0], true
		}
	}
	return "", false
}

var spellings = [][]string{{"PH", "ph", "PHL", "Philippines"}, {"TH", "th", "THA", "Thailand"}, {"VN", "VNM", "Viet Nam"}, {"SG", "SGP", "Singapore"}}

func TestCounts(t *testing.T) {
	for _, name := range []string{"Units", "Count", "Volume", "Requests", "No. of calls", "Number of Transactions", "Transactions", "Quantity (calls)", "数量",
		"数量(次)", "调用次数", "callCount", "API calls", "BILLABLE_UNITS", "Qty.", "Total calls", "Cantidad", "Jumlah panggilan", "Số lượng", "จำนวน", "Anzahl", "Billed Quantity",
		"# of requests", "Usage", "Quantité", "수량"} {
		if !counts(name) {
			t.Errorf("%s counts nothing", name)
		}
	}
	for _, name := range []string{"", "Transaction", "Transaction ID", "Transaction No.", "Call ID", "Unit", "Unit price", "Price per call", "Amount", "Total", "No.", "Jumlah",
		"Requests per second", "Usage date", "Volume discount", "Call type", "Quantity tier"} {
		if counts(name) {
			t.Errorf("%s counts calls", name)
		}
	}
}

// How many calls a line is for is never guessed: it is read, or asked.
func TestQuantity(t *testing.T) {
	const two = "2 usage 2026-11 PH x20 0.7 USD\n3 usage 2026-11 TH x17 0.85 USD"
	named := func(o *Options) { o.Columns = map[string][]string{"quantity": {"N"}} }
	for name, tt := range map[string]struct {
		o          Options
		text, want string
		note       string
	}{
		"called so":                    {asks(), "Region,Units,Amount\nPH,20,0.70\nTH,17,0.85\n", two, `column "Units" is taken for the number of calls`},
		"called so in Chinese":         {asks(), "Region,数量,Amount\nPH,20,0.70\nTH,17,0.85\n", two, `column "数量" is taken`},
		"two that say the same":        {asks(), "Region,Units,Requests,Amount\nPH,20,20,0.70\nTH,17,17,0.85\n", two, `column "Units" is taken`},
		"two, of which one is charged": {asks(), "Region,Requests,Billed calls,Unit price,Amount\nPH,25,20,0.035,0.70\nTH,18,17,0.05,0.85\n", strings.ReplaceAll(strings.ReplaceAll(two, "x20", "x20 @0.035"), "x17", "x17 @0.05"), `column "Billed calls" is taken`},
		"two that differ":              {asks(), "Region,Requests,Billed calls,Amount\nPH,25,20,0.71\n", `s:2: column "Amount": a line without a transaction ID and a time of day: how many calls is it for? Column "Requests" or "Billed calls" may say it`, ""},
		"a name that nobody knows":     {asks(), "Region,N,Amount\nPH,20,0.70\nTH,17,0.85\n", `s:2: column "Amount": a line without a transaction ID and a time of day: how many calls is it for? Column "N" may say it`, ""},
		"the same, named":              {asks(named), "Region,N,Amount\nPH,20,0.70\nTH,17,0.85\n", two, ""},
		"one that its price refutes":   {asks(), "Region,Units,Unit price,Amount\nPH,4,0.07123,0.70\n", `s:2: column "Amount": a line without a transaction ID and a time of day: how many calls is it for? Column "Units" may say it`, ""},
		"none":                         {asks(), "Description,Amount\nLiveness PH (20 calls),0.70\n", `s:2: column "Amount": a line without a transaction ID and a time of day, in a file without a column for the number of calls`, ""},
		"none, on days":                {asks(), "Time,Region,Amount\n2026-11-02,PH,0.70\n", `s:2: column "Amount": a line without a transaction ID and a time of day`, ""},
		"none, on a line among calls":  {asks(), "Transaction,Amount,Region\nt1,0.035,PH\n,5,PH\n", `s:3: column "Amount": a line without a transaction ID and a time of day`, ""},
		"none, by a kind":              {asks(), "Kind,Region,Amount\nusage,PH,0.70\n", `s:2: column "Amount": a line without a transaction ID and a time of day`, ""},
		"a price":                      {asks(), "Region,Unit price,Amount\nPH,0.035,0.70\nTH,0.05,0.85\n", "2 usage 2026-11 PH x20 @0.035 0.7 USD\n3 usage 2026-11 TH x17 @0.05 0.85 USD", "2 lines give no number of calls: it is the amount by the unit price"},
		"a price for a blank cell":     {asks(), "Region,Quantity,Unit price,Amount\nPH,,0.035,0.70\n", "2 usage 2026-11 PH x20 @0.035 0.7 USD", "1 line gives no number"},
		"a price of no whole number":   {asks(), "Region,Unit price,Amount\nPH,0.035,0.71\n", `s:2: column "Amount": a line without a transaction ID and a time of day`, ""},
		"a price of several numbers":   {asks(), "Region,Unit price,Amount\nPH,0.003,0.70\n", `s:2: column "Amount": a line without a transaction ID and a time of day`, ""},
		"IDs in a column called so":    {asks(), "Transactions,Time,Amount\nf302f5d2454a85c2,2026-11-02 10:00:00,5\n", "2 usage 2026-11-02T02:00:00Z 2026-11 x1 5 USD", ""},
		"calls by their times":         {asks(), "Time,Count,Amount\n2026-11-02 10:00:00,3,5\n", "2 usage 2026-11-02T02:00:00Z 2026-11 x1 5 USD", ""},
		"calls by their IDs":           {asks(), "Transaction,Units,Amount\nt1,3,5\n", "2 usage t1 2026-11 x1 5 USD", ""},
		"by the settings, one each":    {plain(november), "Region,Units,Amount\nPH,1,0.70\n", "2 usage 2026-11 PH x1 0.7 USD", ""},
	} {
		s := readStatement([]byte(tt.text), tt.o)
		if got := s.short(); got != tt.want && (!strings.HasPrefix(tt.want, "s:") || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
		if notes := strings.Join(s.Notes, "\n"); s.err == nil && !strings.HasPrefix(notes, tt.note) || tt.note == "" && notes != "" {
			t.Errorf("%s: %q, want %q", name, notes, tt.note)
		}
	}
	if err := readStatement([]byte("Region,N,Amount\nPH,20,0.70\n"), asks()).err; hintsOf(err)[0] != `if it is column "N", say so in the configuration under [statement.columns]: quantity = "N"` {
		t.Errorf("hints: %q", hintsOf(err))
	}
}

// Which column is charged is proven by what adds up on every line, or asked.
func TestColumnsOfMoney(t *testing.T) {
	const net = "2 usage 2026-11 PH x20 0.7 USD\n3 usage 2026-11 TH x17 0.85 USD"
	for name, tt := range map[string]struct {
		o          Options
		text, want string
		note       string
	}{
		"a discount":                    {asks(), "Region,Calls,Amount,Discount,Net Amount\nPH,20,1.00,0.30,0.70\nTH,17,1.00,0.15,0.85\n", net, `what is charged is column "Net Amount": column "Amount" less "Discount" on every line`},
		"a discount with a minus":       {asks(), "Region,Calls,Amount,Rebate,Payable\nPH,20,1.00,-0.30,0.70\nTH,17,1.00,-0.15,0.85\n", net, `what is charged is column "Payable"`},
		"a discount on some lines":      {asks(), "Region,Calls,Amount,Discount,Net Amount\nPH,20,1.00,0.30,0.70\nTH,17,0.85,,0.85\n", net, `what is charged is column "Net Amount"`},
		"a discount taken off already":  {asks(), "Region,Calls,Gross,Discount,Amount\nPH,20,1.00,0.30,0.70\nTH,17,1.00,0.15,0.85\n", net, ""},
		"the price before the discount": {asks(), "Region,Calls,Unit price,Amount,Discount,Net\nPH,20,0.05,1.00,0.30,0.70\n", "2 usage 2026-11 PH x20 0.7 USD", `what is charged is column "Net"`},
		"a tax":                         {asks(), "Region,Calls,Amount,GST,Total\nPH,20,0.70,0.063,0.763\nTH,17,0.85,0.0765,0.9265\n", net + "\n1 tax 2026-11 x0 0.1395 USD", `column "GST" is a tax beside column "Amount": on every line both are "Total"`},
		"an amount with tax":            {asks(), "Region,Calls,Net,VAT,Amount\nPH,20,0.70,0.063,0.763\nTH,17,0.85,0.0765,0.9265\n", net + "\n1 tax 2026-11 x0 0.1395 USD", `what is charged is column "Net", and column "VAT" is a tax beside it: on every line both are "Amount"`},
		"a discount and a tax": {asks(), "Region,Calls,Amount,Discount,Net,GST,Total\nPH,20,1.00,0.30,0.70,0.063,0.763\nTH,17,1.00,0.15,0.85,0.0765,0.9265\n", net + "\n1 tax 2026-11 x0 0.1395 USD",
			`what is charged is column "Net"`},
		"with their total":           {asks(), "Region,Calls,Amount,GST,Total\nPH,20,0.70,0.063,0.763\nTH,17,0.85,0.0765,0.9265\nTotal,37,1.55,0.1395,1.6895\n", net + "\n4 total 2026-11 x37 1.55 USD\n1 tax 2026-11 x0 0.1395 USD", `column "GST" is a tax`},
		"a tax that is named":        {asks(columns("amount=Amount", "tax=GST")), "Region,Calls,Amount,GST\nPH,20,0.70,0.063\nTH,17,0.85,\n", net + "\n1 tax 2026-11 x0 0.063 USD", ""},
		"of the amount, by name":     {asks(columns("amount=Amount")), "Region,Calls,Amount,GST,Total\nPH,20,0.70,0.063,0.763\nTH,17,0.85,0.0765,0.9265\n", net, ""},
		"a tax without a sum":        {asks(), "Region,Calls,Amount,GST\nPH,20,0.70,0.063\nTH,17,0.85,0.0765\n", `s:1: column "GST": is money, as column "Amount" is, and not the same: which of them is charged?`, ""},
		"a net amount by itself":     {asks(), "Region,Calls,Amount,Net Amount\nPH,20,1.00,0.70\n", `s:1: column "Net Amount": is money`, ""},
		"a fee beside":               {asks(), "Region,Calls,Amount,Fee,Total\nPH,20,0.70,0.10,0.80\n", `s:1: column "Fee": is money`, ""},
		"the same twice":             {asks(), "Region,Calls,Amount,Total\nPH,20,0.70,0.7\nTH,17,0.85,0.85\n", net, ""},
		"no discount at all":         {asks(), "Region,Calls,Amount,Discount\nPH,20,0.70,0\nTH,17,0.85,\n", net, ""},
		"added up":                   {asks(), "Region,Calls,Amount,Total\nPH,20,0.70,0.70\nTH,17,0.85,1.55\n", net, ""},
		"a balance":                  {asks(), "Region,Calls,Amount,Balance\nPH,20,0.70,100\nTH,17,0.85,99\n", net, ""},
		"a rate of tax":              {asks(), "Region,Calls,Amount,Tax rate\nPH,20,0.70,0.09\nTH,17,0.85,0.09\n", net, ""},
		"credits beside amounts":     {asks(), "Region,Calls,Amount,Credit\nPH,20,0.70,5\nTH,17,0.85,\n", net, `column "Credit" is not read`},
		"taxes of several months":    {asks(), "Month,Calls,Amount,GST,Total\n2026-10,20,0.70,0.063,0.763\n2026-11,17,0.85,0.0765,0.9265\n", `s:1: column "GST": is a tax on lines of several months or currencies`, ""},
		"amounts that include a tax": {asks(func(o *Options) { o.TaxIncluded = true }), "Region,Calls,Net,GST,Amount\nPH,20,0.642,0.058,0.70\nTH,17,0.78,0.07,0.85\n", net, ""},
	} {
		s := readStatement([]byte(tt.text), tt.o)
		if got := s.short(); got != tt.want && (!strings.HasPrefix(tt.want, "s:") || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
		if notes := strings.Join(s.Notes, "\n"); s.err == nil && !strings.HasPrefix(notes, tt.note) || tt.note == "" && notes != "" {
			t.Errorf("%s: %q, want %q", name, notes, tt.note)
		}
	}
	var far strings.Builder
	far.WriteString("Transaction,Calls,Amount,Discount\n")
	for i := range maxSample + 2 {
		fmt.Fprintf(&far, "t%d,1,0.035,%s\n", i, []string{"", "0.01"}[i/(maxSample+1)])
	}
	if s := readStatement([]byte(far.String()), asks()); s.err == nil || !strings.HasPrefix(s.err.Error(), fmt.Sprintf(`s:%d: column "Discount": does not go with column "Amount"`, maxSample+3)) {
		t.Errorf("a discount on a late line: %v", s.err)
	}
}

// What a sum is of is seen however a country is written, and where the sum only lacks the price.
func TestSumsInOtherForms(t *testing.T) {
	const unclear = `is the sum of the lines above it: is it a line of its own, or a total?`
	for name, tt := range map[string]struct{ text, want string }{
		"of one line, without its price": {"Region,Calls,Unit price,Amount\nPH,20,0.035,0.70\nPH,20,,0.70\nTH,17,0.05,0.85\nTH,17,,0.85\n", "2 usage 2026-11 PH x20 @0.035 0.7 USD\n4 usage 2026-11 TH x17 @0.05 0.85 USD"},
		"billed twice":                   {"Region,Calls,Unit price,Amount\nPH,20,0.035,0.70\nPH,20,0.035,0.70\n", "2 usage 2026-11 PH x20 @0.035 0.7 USD\n3 usage 2026-11 PH x20 @0.035 0.7 USD"},
		"of two, written otherwise":      {"Region,Calls,Amount\nPH,8,0.28\nPH,12,0.42\nph,20,0.70\nTH,17,0.85\n", `s:4: column "Amount": "0.70" ` + unclear},
		"of two, by its name":            {"Region,Calls,Amount\nPH,8,0.28\nPHL,12,0.42\nPhilippines,20,0.70\n", `s:4: column "Amount": "0.70" ` + unclear},
		"of two without a place":         {"Description,Calls,Amount\nTier 1,8,0.28\nTier 2,12,0.42\nPhilippines,20,0.70\nTier 1,17,0.85\n", `s:4: column "Amount": "0.70" ` + unclear},
		"above two, by its name":         {"Region,Calls,Amount\nPhilippines,20,0.70\nPH,8,0.28\nPHL,12,0.42\n", `s:2: column "Amount": "0.70" is the sum of the lines below it`},
		"of another place":               {"Region,Calls,Amount\nPH,8,0.28\nVN,12,0.42\nThailand,20,0.70\n", "2 usage 2026-11 PH x8 0.28 USD\n3 usage 2026-11 VN x12 0.42 USD\n4 usage 2026-11 TH x20 0.7 USD"},
		"of all, called by a dash":       {"Transaction,Time,Quantity,Amount\nt1,2026-11-02,1,5\nt2,2026-11-02,1,6\n-,,2,11\n", "2 usage t1 day:2026-11-01T16:00Z 2026-11 x1 5 USD\n3 usage t2 day:2026-11-01T16:00Z 2026-11 x1 6 USD\n4 total 2026-11 x2 11 USD"},
		"months in two forms":            {"Month,Calls,Amount\n2026-11,8,0.28\nNov 2026,12,0.42\n2026/11,20,0.70\n", `s:4: column "Amount": "0.70" ` + unclear},
	} {
		if got := readStatement([]byte(tt.text), asks()).short(); got != tt.want && (!strings.HasPrefix(tt.want, "s:") || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// A sentence below the lines is none of them, and no table.
func TestNotes(t *testing.T) {
	const lines, read = "Transaction,Amount,Region\nt1,5,PH\nt2,6,PH\n", "2 usage t1 2026-11 PH x1 5 USD\n3 usage t2 2026-11 PH x1 6 USD"
	for text, want := range map[string]string{
		"\nThis is a computer generated statement.\n":      read,
		"This is a computer generated statement.\n":        read,
		"\nThis is,\nall prices exclude GST of 9 %,\n":     `s:5: column "Transaction": a second table seems to begin here`,
		"\nAll prices exclude GST of 9 %,,\nPage 1 of 1\n": read,
		"This is page one\n\nt3,7,PH\n":                    read + "\n6 usage t3 2026-11 PH x1 7 USD",
		"This is page one\nt3,7,PH\n":                      "s:4: a sentence, and below it what may be lines",
		"\nGST of 0.45 will be added\n":                    `s:5: column "Transaction": "GST of 0.45`,
		"\nTotal due USD 11.00 only\n":                     `s:5: column "Transaction": "Total due`,
		"\nPH\nTH\n":                                       `s:5: column "Transaction": a second table seems to begin here`,
	} {
		if got := readStatement([]byte(lines+text), asks()).short(); got != want && (!strings.HasPrefix(want, "s:") || !strings.HasPrefix(got, want)) {
			t.Errorf("%q: read\n%s\nwant\n%s", text, got, want)
		}
	}
}

// What a workbook shows beside a number, and that it does not show a row, counts.
func TestWorkbookShows(t *testing.T) {
	rows := [][]any{{"Transaction", "Amount"}, {"t1", 5}, {"t2", 6}}
	styled := func(format string) func(x *excelize.File) {
		return func(x *excelize.File) {
			id, err := x.NewStyle(&excelize.Style{CustomNumFmt: &format})
			must(t, err)
			must(t, x.SetCellStyle("Lines", "B2", "B3", id))
		}
	}
	for format, want := range map[string]string{`[$฿-41E]#,##0.000`: "THB", `"$"#,##0.00_);\("$"#,##0.00\)`: "USD", "[$$-409]0.00": "USD", "[$-41E]0.00": "USD", `#,##0.00\ "EUR"`: "EUR", `\R\p0.00`: "IDR",
		"€ 0.00": "EUR", `0.00" of November"`: "USD", `_("RM"* #,##0.00_)`: "MYR", `0.00;[$฿-41E]0.00`: "USD"} {
		s := readStatement(writeWorkbook(t, rows, styled(format)), asks())
		if want := fmt.Sprintf("2 usage t1 2026-11 x1 5 %s\n3 usage t2 2026-11 x1 6 %s", want, want); s.short() != want {
			t.Errorf("%s: read\n%s\nwant\n%s", format, s.short(), want)
		}
	}
	s := readStatement(writeWorkbook(t, [][]any{{"Transaction", "Amount", "Currency"}, {"t1", 5, "USD"}, {"t2", 6, "USD"}}, styled(`[$฿-41E]0.00`)), asks())
	if !strings.HasPrefix(s.short(), `s: sheet "Lines" row 2: column "Currency": "฿" beside an amount in USD`) {
		t.Errorf("two currencies: %s", s.short())
	}
	s = readStatement(writeWorkbook(t, rows, func(x *excelize.File) { must(t, x.SetRowVisible("Lines", 3, false)) }), asks())
	if len(s.lines) != 2 || len(s.Notes) != 1 || s.Notes[0] != "row 3 is hidden in the workbook, and counts" {
		t.Errorf("a hidden row: %s, %q", s.short(), s.Notes)
	}
	s = readStatement(writeWorkbook(t, [][]any{{"Transaction", "Amount"}, {"t1", 5.551115123125783e-17}}, nil), asks())
	if hints := hintsOf(s.err); len(hints) != 1 || hints[0] != "enter the number that is meant: 0 for what is left of a spreadsheet's own arithmetic" {
		t.Errorf("noise: %v, %q", s.err, hints)
	}
}

// bill is a right bill, and one of the forms that vendors give it.
type bill struct {
	columns []string
	rows    [][]string
	calls   int64
	amount  decimal.Decimal
	tax     decimal.Decimal
	said    []string // the choices that were made
}

func (b *bill) text() string {
	var text strings.Builder
	for _, row := range append([][]string{b.columns}, b.rows...) {
		text.WriteString(strings.Join(row, ",") + "\n")
	}
	return text.String()
}

// newBill writes a bill in a form of any kind.
func newBill(r *rand.Rand) *bill {
	b := &bill{}
	choose := func(what string, from ...string) string {
		chosen := from[r.IntN(len(from))]
		b.said = append(b.said, what+" "+chosen)
		return chosen
	}
	quantity := choose("quantity", "Quantity", "Calls", "Units", "Count", "Requests", "No. of calls", "Transactions", "Quantity (calls)", "数量", "Einheiten", "N", "Verified persons", "", "blank")
	unit := choose("unit", "Unit price", "Unit price", "", "rounded")
	sums := choose("sums", "", "", "priced", "unpriced", "uncounted", "named", "one line")
	money := choose("money", "", "", "discount", "tax", "both", "gross", "twin", "unproven")
	place := choose("place", "Region", "Region", "Description", "parts")
	b.columns = []string{"Month", "Currency", "Region", "Line no", quantity, "Unit price", "Amount"}
	if place != "Region" {
		b.columns[2] = "Description"
	}
	b.columns = append(b.columns, map[string][]string{"discount": {"Discount", "Net Amount"}, "tax": {"GST", "Total"}, "both": {"Discount", "Net Amount", "GST", "Total"},
		"gross": {"Gross", "Discount"}, "twin": {"Total"}, "unproven": {"Net Amount"}}[money]...)
	row := func(place string, calls int64, price, amount decimal.Decimal) map[string]string {
		cells := map[string]string{"Month": "2026-11", "Currency": "USD", "Region": place, "Description": place, "Line no": fmt.Sprint(len(b.rows) + 1), quantity: fmt.Sprint(calls),
			"Unit price": price.String(), "Amount": amount.String(), "Total": amount.String()}
		list, tax := amount.Mul(dec("1.25")), amount.Mul(dec("0.09"))
		switch money {
		case "discount", "both", "unproven":
			cells["Amount"], cells["Discount"], cells["Net Amount"] = list.String(), list.Sub(amount).String(), amount.String()
		case "gross":
			cells["Gross"], cells["Discount"] = list.String(), list.Sub(amount).String()
		}
		if money == "tax" || money == "both" {
			cells["GST"], cells["Total"] = tax.String(), amount.Add(tax).String()
		}
		if quantity == "blank" {
			cells[quantity] = ""
		}
		return cells
	}
	add := func(cells map[string]string) {
		var line []string
		for _, name := range b.columns {
			line = append(line, cells[name])
		}
		b.rows = append(b.rows, line)
	}
	for _, names := range spellings[:1+r.IntN(len(spellings))] {
		price := dec([]string{"0.035", "0.05", "0.0281", "0.0035"}[r.IntN(4)])
		calls, parts := int64(0), 1+r.IntN(3)
		switch {
		case sums == "one line" && unit != "":
			parts = 1
		case sums != "" && sums != "named": // one line once more is billed twice
			parts = 2 + r.IntN(2)
		}
		sum := decimal.Decimal{}
		for i := range parts {
			n := 1 + r.Int64N(500)
			amount := price.Mul(decimal.NewFromInt(n))
			if unit == "rounded" {
				amount = amount.Round(2)
			}
			name := names[0]
			if place == "parts" {
				name = fmt.Sprintf("Tier %d", i+1)
			}
			add(row(name, n, price, amount))
			calls, sum = calls+n, sum.Add(amount)
		}
		b.calls, b.amount = b.calls+calls, b.amount.Add(sum)
		total := row(names[r.IntN(len(names))], calls, price, sum)
		switch sums {
		case "":
			if place == "parts" { // or nothing says where the calls were
				total["Unit price"] = ""
				add(total)
			}
			continue
		case "unpriced", "one line":
			total["Unit price"] = ""
		case "uncounted":
			total[quantity], total["Unit price"] = "", ""
		case "named":
			total["Region"], total["Description"], total["Unit price"] = names[0]+" Total", names[0]+" Total", ""
		}
		add(total)
	}
	if choose("end", "", "", "total") == "total" {
		total := row("Grand Total", b.calls, decimal.Decimal{}, b.amount)
		total["Unit price"], total["Line no"] = "", ""
		add(total)
	}
	if money == "tax" || money == "both" {
		b.tax = b.amount.Mul(dec("0.09"))
	}
	b.shape(r, quantity, unit)
	return b
}

// shape leaves out the columns that a form does not have, and puts the others in any order.
func (b *bill) shape(r *rand.Rand, quantity, unit string) {
	order := r.Perm(len(b.columns))
	order = slices.DeleteFunc(order, func(i int) bool { return b.columns[i] == "" || b.columns[i] == "Unit price" && unit == "" })
	for n, row := range append([][]string{b.columns}, b.rows...) {
		var shaped []string
		for _, i := range order {
			shaped = append(shaped, row[i])
		}
		if n == 0 {
			b.columns = shaped
			continue
		}
		b.rows[n-1] = shaped
	}
	if i := slices.Index(b.columns, "blank"); i >= 0 {
		b.columns[i] = "Quantity"
	}
}

// TestRightBills: a right bill in any form is read to what it bills, or refused.
func TestRightBills(t *testing.T) {
	read := map[string]int{}
	for seed := range uint64(2000) {
		b := newBill(rand.New(rand.NewPCG(seed, 29)))
		s := readStatement([]byte(b.text()), asks())
		if s.err != nil {
			continue
		}
		for _, choice := range b.said {
			read[choice]++
		}
		var calls int64
		var amount, tax decimal.Decimal
		for _, l := range s.lines {
			switch l.Kind {
			case Usage:
				calls, amount = calls+l.Quantity, amount.Add(l.Amount)
			case Tax:
				tax = tax.Add(l.Amount)
			case Total, Credit:
			}
		}
		if calls != b.calls || !amount.Equal(b.amount) || !tax.Equal(b.tax) {
			t.Fatalf("seed %d, %s: %d calls for %s and a tax of %s, read as %d for %s and %s:\n%s%s\n%s", seed, strings.Join(b.said, ", "), b.calls, b.amount, b.tax, calls, amount, tax,
				b.text(), s.short(), strings.Join(s.Notes, "\n"))
		}
	}
	for _, must := range []string{"quantity Quantity", "quantity Units", "quantity 数量", "quantity Transactions", "quantity Einheiten", "quantity blank", "unit Unit price", "unit ", "unit rounded",
		"sums unpriced", "sums named", "sums one line", "money discount", "money tax", "money both", "money gross", "money twin", "place Region", "place Description", "end total"} {
		if read[must] < 10 {
			t.Errorf("%s: %d read", must, read[must])
		}
	}
	t.Log(read)
}
