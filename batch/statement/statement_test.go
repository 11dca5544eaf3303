package statement

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/batch/billing"
)

// statement is a statement that was read, or not.
type statement struct {
	Statement
	lines []Line
	err   error
}

func readStatement(content []byte, o Options) statement {
	var s statement
	s.Statement, s.err = Read(bytes.NewReader(content), int64(len(content)), "s", o, func(l Line) error {
		s.lines = append(s.lines, l)
		return nil
	})
	return s
}

// plain reads the plain form, at UTC+8, a line that gives no number of calls as one; changes are made to it.
func plain(changes ...func(*Options)) Options {
	o := Options{Zone: time.FixedZone("+08", 8*3600), Currency: "USD", SingleCalls: true}
	for _, change := range changes {
		change(&o)
	}
	return o
}

func columns(pairs ...string) func(*Options) {
	return func(o *Options) {
		o.Columns = map[string][]string{}
		for _, pair := range pairs {
			field, names, _ := strings.Cut(pair, "=")
			o.Columns[field] = strings.Split(names, "|")
		}
	}
}

func november(o *Options) { o.Month = billing.Period{Year: 2026, Month: time.November} }

// short is a line without its number and what is empty.
func (l Line) short() string {
	at := ""
	switch {
	case l.DateOnly:
		at = "day:" + l.ChargedAt.Format("2006-01-02T15:04Z")
	case !l.ChargedAt.IsZero():
		at = l.ChargedAt.Format("2006-01-02T15:04:05.999Z")
	}
	month, unit := "", ""
	if l.Month != (billing.Period{}) {
		month = l.Month.String()
	}
	if l.Unit.Valid {
		unit = "@" + l.Unit.Decimal.String()
	}
	fields := []string{string(l.Kind), l.TransactionID, at, month, l.Endpoint, l.Region, l.Pricing, fmt.Sprint("x", l.Quantity), unit, l.Amount.String(), l.Currency}
	return strings.Join(slices.DeleteFunc(fields, func(f string) bool { return f == "" }), " ")
}

// short is the lines of a statement, or why it is refused.
func (s statement) short() string {
	if s.err != nil {
		return s.err.Error()
	}
	var all []string
	for _, l := range s.lines {
		all = append(all, fmt.Sprintf("%d %s", l.Number, l.short()))
	}
	return strings.Join(all, "\n")
}

func readExample(t *testing.T, name string, o Options) statement {
	t.Helper()
	content, err := os.ReadFile("../../testdata/statements/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return readStatement(content, o)
}

func wantLines(t *testing.T, s statement, want string) {
	t.Helper()
	want = strings.ReplaceAll(strings.TrimSpace(want), "\n\t", "\n")
	if got := s.short(); got != want {
		t.Errorf("read:\n%s\nwant:\n%s", got, want)
	}
}

func TestStatementOfCalls(t *testing.T) {
	s := readExample(t, "calls_2026-11.csv", plain())
	wantLines(t, s, `
	2 usage 7f3c1d0e-0001 2026-11-20T18:00:14Z 2026-11 PH PAY x1 0.035 USD
	3 usage 7f3c1d0e-0002 2026-11-20T18:00:15Z 2026-11 PH PAY x1 0.035 USD
	4 usage 7f3c1d0e-0003 2026-11-20T18:00:15.25Z 2026-11 ID FREE x1 0 USD
	5 usage 7f3c1d0e-0004 2026-11-30T15:59:59Z 2026-11 VN PAY x1 0.035 USD
	6 usage 7f3c1d0e-0005 2026-11-30T16:00:00Z 2026-12 VN PAY x1 0.035 USD`)
	if s.Format != "csv" || s.Lines != 5 || !s.Itemised || s.Path != "s" {
		t.Errorf("%+v", s.Statement)
	}
}

// The same statement, saved by a spreadsheet as a workbook with dates and numbers.
func TestStatementOfCallsAsWorkbook(t *testing.T) {
	csv, xlsx := readExample(t, "calls_2026-11.csv", plain()), readExample(t, "calls_2026-11.xlsx", plain())
	if csv.short() != xlsx.short() || xlsx.Format != "xlsx" || xlsx.Sheet == "" || !xlsx.Itemised {
		t.Errorf("read:\n%s\nwant:\n%s", xlsx.short(), csv.short())
	}
}

// An invoice of two months and two endpoints with an address above, a credit, taxes
// and totals.
func TestStatementOfTotals(t *testing.T) {
	invoice := plain(columns("description=Leistung", "month=Monat", "endpoint=Standort", "quantity=Menge", "unit=Einzelpreis", "amount=Betrag"), func(o *Options) {
		o.Decimal, o.Thousands, o.Currency = ",", ".", ""
		o.MonthLayouts = []string{"01/2006"}
		o.Optional = []string{"month"}
		o.Kinds = map[LineKind][]string{Credit: {"Gutschrift"}, Tax: {"USt"}, Total: {"Zwischensumme", "Gesamt"}}
		o.Endpoints = map[string]string{"sg": "sg", "singapur": "sg", "id": "id", "jakarta": "id"}
		o.Ignore = []string{"Zahlbar"}
	})
	s := readExample(t, "invoice_2026-11.csv", invoice)
	wantLines(t, s, `
	6 usage 2026-10 sg x12000 @0.035 420 EUR
	7 usage 2026-11 sg x110000 @0.035 3780 EUR
	8 usage 2026-11 id x1500 @0.028 42 EUR
	9 credit 2026-11 sg x-20 @0.035 -0.7 EUR
	10 total x0 4241.3 EUR
	11 tax 2026-11 x0 805.85 EUR
	13 total x0 5047.15 EUR`)
	if s.Itemised || s.Lines != 7 || s.Ignored != 1 {
		t.Errorf("%+v", s.Statement)
	}
}

func TestStatementLines(t *testing.T) {
	for name, tt := range map[string]struct {
		o    Options
		text string
		want string
	}{
		"a reader of only amounts":                          {plain(november), "Amount\n5\n", "2 usage 2026-11 x1 5 USD"},
		"the header's names, any case and spelling":         {plain(), "TRANSACTION_ID,charged-at,Country Code,AMOUNT\nt1,2026-11-02,SG,1\n", "2 usage t1 day:2026-11-01T16:00Z 2026-11 SG x1 1 USD"},
		"a name of the settings goes before one by default": {plain(columns("amount=Quantity")), "Quantity,Time\n5,2026-11-02\n", "2 usage day:2026-11-01T16:00Z 2026-11 x1 5 USD"},
		"other columns are not looked at":                   {plain(), "Note,Amount,Time,Note,\n\xff#REF!,5,2026-11-02,,?\n", "2 usage day:2026-11-01T16:00Z 2026-11 x1 5 USD"},
		"a file that is not sorted by columns":              {plain(), "Amount,Region,Time\n5,SG,2026-11-02\n", "2 usage day:2026-11-01T16:00Z 2026-11 SG x1 5 USD"},

		"empty rows are none":                     {plain(november), "Amount,Region\n\n,\n 5,SG\n , \n", "4 usage 2026-11 SG x1 5 USD"},
		"cells over several lines":                {plain(november), "Amount,Region,Note\n5,SG,\"a, b\nc\"\n6,SG,\n", "2 usage 2026-11 SG x1 5 USD\n4 usage 2026-11 SG x1 6 USD"},
		"the time's month is the billing zone's":  {plain(func(o *Options) { o.BillingZone = time.UTC }), "Amount,Time\n5,2026-12-01 07:59:59\n5,2026-12-01 08:00\n", "2 usage 2026-11-30T23:59:59Z 2026-11 x1 5 USD\n3 usage 2026-12-01T00:00:00Z 2026-12 x1 5 USD"},
		"a day's month is its own":                {plain(func(o *Options) { o.BillingZone = time.UTC }), "Amount,Time\n5,2026-12-01\n", "2 usage day:2026-11-30T16:00Z 2026-12 x1 5 USD"},
		"an offset goes before the zone":          {plain(), "Amount,Time\n5,2026-11-02T00:00:00Z\n5,2026-11-02T00:00:00.5-05:00\n", "2 usage 2026-11-02T00:00:00Z 2026-11 x1 5 USD\n3 usage 2026-11-02T05:00:00.5Z 2026-11 x1 5 USD"},
		"the month column goes before the time":   {plain(november), "Amount,Time,Month\n5,2026-11-02,2026-12\n5,2026-11-02,\n", "2 usage day:2026-11-01T16:00Z 2026-12 x1 5 USD\n3 usage day:2026-11-01T16:00Z 2026-11 x1 5 USD"},
		"the caller's month is for lines without": {plain(november), "Amount,Time,Region\n5,2026-12-02,\n5,,SG\n", "2 usage day:2026-12-01T16:00Z 2026-12 x1 5 USD\n3 usage 2026-11 SG x1 5 USD"},
		"months in words":                         {plain(), "Amount,Month\n5,November 2026\n5,Dec 2026\n5,2027/01\n5,2027-02-01\n", "2 usage 2026-11 x1 5 USD\n3 usage 2026-12 x1 5 USD\n4 usage 2027-01 x1 5 USD\n5 usage 2027-02 x1 5 USD"},
		"layouts in their order":                  {plain(func(o *Options) { o.TimeLayouts = []string{"02/01/2006 15:04", "02/01/2006"} }), "Amount,Time\n5,03/11/2026\n5,03/11/2026 16:30\n", "2 usage day:2026-11-02T16:00Z 2026-11 x1 5 USD\n3 usage 2026-11-03T08:30:00Z 2026-11 x1 5 USD"},
		"seconds since 1970":                      {plain(func(o *Options) { o.TimeLayouts = []string{"unix"} }), "Amount,Time\n5,1793491200\n", "2 usage 2026-11-01T00:00:00Z 2026-11 x1 5 USD"},
		"milliseconds since 1970":                 {plain(func(o *Options) { o.TimeLayouts = []string{"unix-ms"} }), "Amount,Time\n5,1793491200250\n", "2 usage 2026-11-01T00:00:00.25Z 2026-11 x1 5 USD"},

		"an endpoint's other name":                   {plain(november, func(o *Options) { o.Endpoints = map[string]string{"sg": "sg", "singapore dc": "sg"} }), "Amount,Endpoint\n5,SG\n5,Singapore DC\n", "2 usage 2026-11 sg x1 5 USD\n3 usage 2026-11 sg x1 5 USD"},
		"the caller's endpoint is for lines without": {plain(november, func(o *Options) { o.Endpoint = "id" }), "Amount,Endpoint\n5,sg\n5,-\n", "2 usage 2026-11 sg x1 5 USD\n3 usage 2026-11 id x1 5 USD"},
		"countries by the caller's rules": {plain(november, func(o *Options) {
			o.Region = func(s string) (string, bool) { return strings.ToUpper(s[:2]), s == "vietnam" }
		}), "Amount,Region\n5,vietnam\n6,vietnam\n7,vietnam\n", "2 usage 2026-11 VI x1 5 USD\n3 usage 2026-11 VI x1 6 USD\n4 usage 2026-11 VI x1 7 USD"},

		"a quantity of one where nothing else is said": {plain(november), "Transaction,Quantity,Amount\nt1,,5\nt2,1,5\n", "2 usage t1 2026-11 x1 5 USD\n3 usage t2 2026-11 x1 5 USD"},
		"groups in a quantity":                         {plain(november, func(o *Options) { o.Thousands = "," }), "Region,Quantity,Amount\nSG,\"12,000\",5\nSG,12000.00,5\n", "2 usage 2026-11 SG x12000 5 USD\n3 usage 2026-11 SG x12000 5 USD"},
		"an amount is kept as it stands":               {plain(november), "Region,Quantity,Unit price,Amount\nSG,3,0.035,0.1\n", "2 usage 2026-11 SG x3 @0.035 0.1 USD"},
		"an amount that is to be computed":             {plain(november, func(o *Options) { o.ComputeAmount = true }), "Region,Quantity,Unit price,Amount\nSG,3,0.035,\nSG,3,0.035,0\n", "2 usage 2026-11 SG x3 @0.035 0.105 USD\n3 usage 2026-11 SG x3 @0.035 0 USD"},
		"currencies side by side":                      {plain(november), "Region,Amount,Currency\nSG,5,sgd\nID,Rp 5,\nVN,$5,\nMX,5,MXN\n", "2 usage 2026-11 SG x1 5 SGD\n3 usage 2026-11 ID x1 5 IDR\n4 usage 2026-11 VN x1 5 USD\n5 usage 2026-11 MX x1 5 MXN"},
		"an ID kept from a spreadsheet":                {plain(november), "Transaction,Amount\n\"=\"\"123\"\"\",5\n", "2 usage 123 2026-11 x1 5 USD"},
		"no ID":                                        {plain(november), "Transaction,Region,Amount\n-,SG,5\nN/A,SG,6\n", "2 usage 2026-11 SG x1 5 USD\n3 usage 2026-11 SG x1 6 USD"},
	} {
		s := readStatement([]byte(tt.text), tt.o)
		if got := s.short(); got != tt.want {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

func TestStatementRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		o    Options
		text string
		want string
	}{
		"nothing":             {plain(), "", "s: no header: no row names a column for amount (amount)"},
		"no header":           {plain(), "t1,2026-11-02,5\n", `s:1: no header: no row names a column for amount (amount); row 1 has "t1", "2026-11-02", "5"`},
		"no lines":            {plain(), "\nAmount\n\n", "s:2: no lines below the header"},
		"a field not there":   {plain(columns("amount=Charge|Cost", "region=Land")), "Charge,Region\n5,SG\n", `s:1: no header: no row names a column for region (Land); row 1 has "Charge", "Region"`},
		"a field twice":       {plain(), "Amount,Region,amount\n5,SG,5\n", `s:1: column "amount": stands for amount, as column "Amount" does`},
		"a field under names": {plain(), "Amount,Country,Market\n5,SG,SG\n", `s:1: column "Market": stands for region, as column "Country" does`},

		"an empty amount":                        {plain(november), "Amount,Region\n,SG\n", `s:2: column "Amount": is empty`},
		"an amount to be guessed":                {plain(november), "Region,Quantity,Unit price,Amount\nSG,3,0.035,\n", `s:2: column "Amount": is empty`},
		"no price to compute with":               {plain(november, func(o *Options) { o.ComputeAmount = true }), "Region,Quantity,Unit price,Amount\nSG,3,,\n", `s:2: column "Amount": is empty, and there is no unit price`},
		"an amount in words":                     {plain(november), "Amount,Region\nfree,SG\n", `s:2: column "Amount": "free": not a number; want a number such as 1,234.50`},
		"a dash for zero":                        {plain(november), "Amount,Region\n-,SG\n", `s:2: column "Amount": "-": not a number`},
		"a decimal comma":                        {plain(november), "Amount;Region\n0,035;SG\n", `s:2: column "Amount": "0,035": "," may group thousands or set decimals apart`},
		"a number with comma without quotes":     {plain(november), "Region,Amount\nSG,1,234.50\n", `s:2: more cells than the header has names: is a number with a comma not in quotes?`},
		"a row cut off":                          {plain(november), "Amount,Region,Transaction\n5,SG,t1\n5,SG", `s:3: fewer cells than the header has names, and no line end: is the file cut off?`},
		"a cell cut off":                         {plain(november), "Amount,Region,Transaction\n5,SG,t100\n5,SG,t200\n5,SG,t300\n5,SG,t10", `s:5: column "Transaction": "t10", shorter than on all other lines, and no line end: is the file cut off?`},
		"a file joined with itself":              {plain(november), "Region,Amount\nSG,5\nSG,6\nRegion,Amount\nSG,5\nSG,6\n", `s:4: the lines below it stand in the file twice`},
		"a quantity in parts":                    {plain(november), "Region,Quantity,Amount\nSG,1.5,5\n", `s:2: column "Quantity": "1.5": want a whole number`},
		"a quantity in money":                    {plain(november), "Region,Quantity,Amount\nSG,USD 1,5\n", `s:2: column "Quantity": "USD 1": want a whole number`},
		"a quantity too big":                     {plain(november), "Region,Quantity,Amount\nSG,1000000000001,5\n", `s:2: column "Quantity": "1000000000001": want a whole number of at most 1000000000000`},
		"no quantity of many":                    {plain(november), "Region,Quantity,Amount\nSG,,5\n", `s:2: column "Quantity": is empty on a line without a transaction ID`},
		"a negative quantity":                    {plain(november), "Kind,Region,Quantity,Amount\nusage,SG,-3,-5\n", `s:2: column "Quantity": -3 calls on a line of usage`},
		"a letter for a digit":                   {plain(november), "Currency,Amount\nUSD,0.03O\n", `s:2: column "Amount": "0.03O": "O" is no currency`},
		"no currency":                            {plain(november, func(o *Options) { o.Currency = "" }), "Region,Amount\nSG,5\n", `s:2: column "Amount": no currency: neither a column nor the amount nor the setting currency names one`},
		"currencies at odds":                     {plain(november), "Region,Amount,Currency\nSG,S$5,USD\n", `s:2: column "Currency": "S$" beside an amount in USD`},
		"currencies at odds in price and amount": {plain(november), "Region,Unit price,Amount\nSG,EUR 1,SGD 5\n", `s:2: column "Amount": "SGD" beside an amount in EUR`},
		"no country":                             {plain(november), "Region,Amount\nASEAN,5\n", `s:2: column "Region": "ASEAN": want a country, such as SG`},
		"no endpoint":                            {plain(november, func(o *Options) { o.Endpoints = map[string]string{"sg": "sg"} }), "Endpoint,Amount\nxx,5\n", `s:2: column "Endpoint": "xx": there is no such endpoint`},

		"no time":                  {plain(), "Region,Amount\nSG,5\n", `s:2: column "time": no time and no month`},
		"an empty time":            {plain(), "Region,Amount,Time\nSG,5,\n", `s:2: column "Time": no time and no month`},
		"an empty month":           {plain(), "Region,Amount,Month\nSG,5,\n", `s:2: column "Month": no time and no month`},
		"a time in another form":   {plain(), "Amount,Time\n5,21/11/2026\n", `s:2: column "Time": "21/11/2026": want a time such as 2026-11-23T17:48:59Z or 2026-11-23 17:48:59Z or 2026-11-23 17:48:59 +0000`},
		"a day that is none":       {plain(), "Amount,Time\n5,2026-02-30\n", `s:2: column "Time": "2026-02-30": want a time`},
		"a spreadsheet's number":   {plain(), "Amount,Time\n5,46347.5\n", `s:2: column "Time": "46347.5": a spreadsheet's number in place of a time`},
		"another century":          {plain(), "Amount,Time\n5,0026-11-02\n", `s:2: column "Time": "0026-11-02": the year 26: want 2000 to 2099`},
		"milliseconds for seconds": {plain(func(o *Options) { o.TimeLayouts = []string{"unix"} }), "Amount,Time\n5,1793491200250\n", `s:2: column "Time": "1793491200250": want a time such as 1795456139`},
		"a month in another form":  {plain(), "Amount,Month\n5,Nov\n", `s:2: column "Month": "Nov": want a month such as 2026-11 or 2026/11 or November 2026`},

		"an error in place of an ID":   {plain(november), "Transaction,Amount\n#N/A,5\n#REF!,5\n", `s:2: column "Transaction": "#N/A": a spreadsheet's error in place of the ID`},
		"a narrow column":              {plain(november), "Transaction,Amount\n########,5\n", `s:2: column "Transaction": "########": a column too narrow for its number`},
		"an ID that was made a number": {plain(november), "Transaction,Amount\n6.8176E+24,5\n", `s:2: column "Transaction": "6.8176E+24": a spreadsheet has made a number of the ID`},
		"an ID with blanks":            {plain(november), "Transaction,Amount\nTotal for November,5\n", `s:2: column "Transaction": "Total for November": want a transaction ID, which has no blanks`},
		"an ID over two lines":         {plain(november), "Transaction,Amount\n\"a\nb\",5\n", `s:2: column "Transaction": "a\nb": want a transaction ID`},
		"an endless ID":                {plain(november), "Transaction,Amount\n" + strings.Repeat("a", 129) + ",5\n", `s:2: column "Transaction": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"...: want at most 128 bytes`},

		"a stray quote":                     {plain(november), "Region,Amount\nS\"G,5\nSG,6\n", `s:2: a quote stands inside a cell that does not begin with one`},
		"a quote never closed":              {plain(november), "Region,Amount\n\"SG,5\nSG,6\n", `s:2: a quote is opened and never closed`},
		"rows within quotes":                {plain(november), "Region,Amount,Note\nSG,5,\"x\nSG,6,y\nSG,7,\"\n", `s:2: a quoted cell of several lines holds what looks like whole rows`},
		"rows within quotes, in the middle": {plain(november), "Note,Amount,Region\n\"x,5,SG\ny\",6,SG\n", `s:2: a quoted cell of several lines holds what looks like whole rows`},
		"a PDF":                             {plain(november), "%PDF-1.7\n", "s: a PDF: ask for the table as CSV or XLSX"},
		"an old workbook":                   {plain(november), "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "s: an old Excel workbook, or one with a password"},
		"a web page":                        {plain(november), " <HTML><body>", "s: a web page, not CSV: open it"},
		"an archive":                        {plain(november), "PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "s: the workbook's archive is damaged: zip: not a valid zip file"},
		"options that make no sense":        {Options{Decimal: "!"}, "Amount\n", "statement options: time_zone: is missing\ndecimal: "},
	} {
		s := readStatement([]byte(tt.text), tt.o)
		if s.err == nil || !strings.HasPrefix(s.err.Error(), tt.want) {
			t.Errorf("%s:\n%v\nwant\n%s", name, s.short(), tt.want)
		}
	}
}

// All mistakes are told, up to a bound, and no line below the first one is handed
// over.
func TestStatementTellsAllMistakes(t *testing.T) {
	text := "Region,Amount,Time\nSG,1,2026-11-02\nZZZ,x,x\n" + strings.Repeat("SG,,2026-11-02\n", 30) + "SG,1,2026-11-02\n"
	s := readStatement([]byte(text), plain())
	all := strings.Split(s.short(), "\n")
	if len(all) != maxMistakes+1 || len(s.lines) != 1 {
		t.Fatalf("%d mistakes and %d lines:\n%s", len(all), len(s.lines), s.short())
	}
	for i, want := range []string{
		`s:3: column "Region": "ZZZ": want a country, such as SG`,
		`s:3: column "Amount": "x": not a number; want a number such as 1,234.50`,
		`s:3: column "Time": "x": want a time such as `,
		`s:4: column "Amount": is empty`,
	} {
		if !strings.HasPrefix(all[i], want) {
			t.Errorf("mistake %d: %s, want %s", i+1, all[i], want)
		}
	}
	if want := "s: and 13 more mistakes"; all[maxMistakes] != want {
		t.Errorf("%s, want %s", all[maxMistakes], want)
	}
	if hints := hintsOf(s.err); len(hints) != 3 || !strings.Contains(strings.Join(hints, "\n"), "compute_amount") {
		t.Errorf("hints %q: want each once", hints)
	}
}

func hintsOf(err error) []string {
	var hints []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var mistake *Error
		if errors.As(e, &mistake) && mistake.Hint != "" {
			hints = append(hints, mistake.Hint)
		}
	}
	return hints
}

func TestStatementStopsWithItsReceiver(t *testing.T) {
	full := errors.New("disk full")
	text := "Amount,Time\n1,2026-11-02\n2,2026-11-02\n"
	n := 0
	_, err := Read(strings.NewReader(text), int64(len(text)), "s", plain(), func(Line) error { n++; return full })
	if !errors.Is(err, full) || err.Error() != "statement s: line 2: disk full" || n != 1 {
		t.Errorf("%v after %d lines", err, n)
	}
}

// brokenDisk is a file that can be read up to a place.
type brokenDisk struct{ io.ReaderAt }

func (b brokenDisk) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > 20 {
		return 0, io.ErrNoProgress
	}
	return b.ReaderAt.ReadAt(p, off)
}

func TestStatementOnABrokenDisk(t *testing.T) {
	_, err := Read(brokenDisk{strings.NewReader("Amount\n1\n")}, 100, "s", plain(), func(Line) error { return nil })
	var mistake *Error
	if !errors.Is(err, io.ErrNoProgress) || errors.As(err, &mistake) {
		t.Errorf("%v: want the disk's error, not a mistake of the statement", err)
	}
}

func TestStatementFingerprint(t *testing.T) {
	text := []byte("Amount,Time,Endpoint\n5,2026-11-02,sg\n")
	base := readStatement(text, plain())
	same := readStatement(text, plain(november, func(o *Options) { o.Endpoint, o.Sheet = "id", "Usage" }))
	if base.err != nil || same.Fingerprint != base.Fingerprint || same.SHA256 != base.SHA256 {
		t.Error("settings that decided nothing make another statement of it")
	}
	for name, change := range map[string]func(*Options){
		"zone":         func(o *Options) { o.Zone = time.FixedZone("+07", 7*3600) },
		"billing zone": func(o *Options) { o.BillingZone = time.UTC },
		"currency":     func(o *Options) { o.Currency = "SGD" },
		"thousands":    func(o *Options) { o.Thousands = "," },
		"layouts":      func(o *Options) { o.TimeLayouts = []string{"2006-01-02"} },
		"columns":      columns("endpoint=Endpoint", "unit=Amount", "amount=Time"),
		"credits":      func(o *Options) { o.Credits = "signed" },
	} {
		other := readStatement(text, plain(change))
		if other.Fingerprint == base.Fingerprint {
			t.Errorf("another %s makes no other statement of it", name)
		}
	}
	bare := []byte("Amount,Region\n5,SG\n")
	month := readStatement(bare, plain(november))
	december := readStatement(bare, plain(func(o *Options) { o.Month = billing.Period{Year: 2026, Month: time.December} }))
	if month.Fingerprint == december.Fingerprint {
		t.Error("lines of the caller's month: another month makes no other statement of it")
	}
	named := []byte("Amount,Time,Currency\n5,2026-11-02,USD\n")
	if readStatement(named, plain()).Fingerprint != readStatement(named, plain(func(o *Options) { o.Currency = "SGD" })).Fingerprint {
		t.Error("a setting of the currency that no line needs makes another statement of it")
	}
	if other := readStatement(append(text, '\n'), plain()); other.SHA256 == base.SHA256 || other.Fingerprint != base.Fingerprint {
		t.Error("another content with the same settings")
	}
}
