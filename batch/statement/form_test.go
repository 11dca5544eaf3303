package statement

import (
	"archive/zip"
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Forms of statements that are taken beside the plain one, and what of them is refused.
func TestStatementForms(t *testing.T) {
	thousands := plain(november, func(o *Options) { o.QuantityUnit = 1000 })
	utc := plain(november, func(o *Options) {
		o.TimeLayouts = []string{"02/01/2006 15:04:05 UTC", "02/01/2006 15:04:05 +0000", "02/01/2006 15:04"}
	})
	ours := plain(november, func(o *Options) { o.Products = []string{"Liveness Detection"} })
	bare := plain(func(o *Options) { o.Currency = "" })
	for name, tt := range map[string]struct {
		o    Options
		text string
		want string
	}{
		"digits that a program made a fraction":         {plain(november), "Transaction,Amount\n123456789012345.0,5\n", "2 usage 123456789012345 2026-11 x1 5 USD"},
		"a fraction of 19 digits, all there":            {plain(november), "Transaction,Amount\n1960000001149239307.0,5\n", "2 usage 1960000001149239307 2026-11 x1 5 USD"},
		"a fraction that lost its digits":               {plain(november), "Transaction,Amount\n1960000001149239296.0,5\n1960000001723859200.0,5\n", `s:2: column "Transaction": "1960000001149239296.0": a program has made a fraction of the ID`},
		"one rounded ID of many":                        {plain(november), "Transaction,Amount\n1960000001149239307,5\n1960000002873090000,5\n1960000002298478603,5\n", `s:3: column "Transaction": "1960000002873090000": a spreadsheet has rounded the ID`},
		"a number in place of an ID":                    {plain(november), "Transaction;Amount\n1,96E+18;5\n", `s:2: column "Transaction": "1,96E+18": a spreadsheet has made a number of the ID`},
		"a column too narrow for an ID":                 {plain(november), "Transaction,Amount\n########,5\n", `s:2: column "Transaction": "########": a column too narrow`},
		"one ID of 16 digits that ends in 0":            {plain(november), "Transaction,Amount\n1234567890123450,5\nf302f5d2454a85c2,5\n", "2 usage 1234567890123450 2026-11 x1 5 USD\n3 usage f302f5d2454a85c2 2026-11 x1 5 USD"},
		"a rounded ID, grouped":                         {plain(november), "Transaction;Amount\n8,012,345,678,901,230,000;5\n", `s:2: column "Transaction": "8,012,345,678,901,230,000": a spreadsheet has rounded the ID`},
		"a rounded ID, grouped by dots":                 {plain(november), "Transaction;Amount\n8.012.345.678.901.230.000;5\n", `s:2: column "Transaction": "8.012.345.678.901.230.000": a spreadsheet has rounded the ID`},
		"a rounded ID, grouped by apostrophes":          {plain(november), "Transaction;Amount\n8'012'345'678'901'230'000;5\n", `s:2: column "Transaction": "8'012'345'678'901'230'000": a spreadsheet has rounded the ID`},
		"a rounded ID, grouped by lakhs":                {plain(november), "Transaction;Amount\n80,12,34,56,78,90,12,30,000;5\n", `s:2: column "Transaction": "80,12,34,56,78,90,12,30,000": a spreadsheet has rounded the ID`},
		"a rounded ID, with a sign behind":              {plain(november), "Transaction;Amount\n8012345678901230000-;5\n", `s:2: column "Transaction": "8012345678901230000-": a spreadsheet has rounded the ID`},
		"a rounded ID, in money's form":                 {plain(november), "Transaction;Amount\n8012345678901230000.00;5\n", `s:2: column "Transaction": "8012345678901230000": a spreadsheet has rounded the ID`},
		"an ID with dots":                               {plain(november), "Transaction,Amount\n8.012.345.678.901.234.567,5\n", "2 usage 8.012.345.678.901.234.567 2026-11 x1 5 USD"},
		"rounded IDs that were kept as text":            {plain(november), "Transaction,Amount\n'1960000001149230000,5\n", "2 usage 1960000001149230000 2026-11 x1 5 USD"},
		"an ID that begins with a number":               {plain(november), "Transaction,Amount\n6817604601234e12,5\n", "2 usage 6817604601234e12 2026-11 x1 5 USD"},
		"money received and owed":                       {plain(november), "Transaction,Amount\nt1,5.00 DR\nt1,1.00CR\nt2,USD 2 Cr\n", "2 usage t1 2026-11 x1 5 USD\n3 credit t1 2026-11 x0 -1 USD\n4 credit t2 2026-11 x0 -2 USD"},
		"debit and credit on one line":                  {plain(november), "Transaction,Debit,Credit\nt1,5,1\n", `s:2: column "Credit": "1" beside a debit of "5"`},
		"debit and credit of a total":                   {plain(november), "Transaction,Debit,Credit\nt1,5,0.00\nt1,0,1\nTotal,5,1\n", "2 usage t1 2026-11 x1 5 USD\n3 credit t1 2026-11 x0 -1 USD\n4 total 2026-11 x0 4 USD"},
		"a credit with a minus":                         {plain(november), "Transaction,Debit,Credit\nt1,,-1\n", `s:2: column "Credit": "-1": a credit with a minus: is it given, or taken back?`},
		"a column of credits beside amounts":            {plain(november), "Transaction,Amount,Credit\nt1,5,100\n", "2 usage t1 2026-11 x1 5 USD"},
		"quantities of thousands":                       {thousands, "Region,Quantity,Unit price,Amount\nSG,1.5,30,45\n", "2 usage 2026-11 SG x1500 @0.03 45 USD"},
		"a part of a call":                              {thousands, "Region,Quantity,Amount\nSG,1.5005,45\n", `s:2: column "Quantity": "1.5005": want a whole number`},
		"a credit without a quantity":                   {plain(november), "Region,Quantity,Amount\nSG,3,5\nSG,,-1\n", "2 usage 2026-11 SG x3 5 USD\n3 credit 2026-11 SG x0 -1 USD"},
		"lakhs and crores":                              {plain(november), "Region,Amount\nSG,\"12,34,56,789.50\"\n", "2 usage 2026-11 SG x1 123456789.5 USD"},
		"a licence that nothing but its name describes": {ours, "Transaction,Product,Amount\nt1,Liveness Detection,5\n,Console licence,20\n", "2 usage t1 2026-11 x1 5 USD\n3 usage 2026-11 x1 20 USD"},
		"products of which none is ours":                {ours, "Transaction,Product,Amount\nt1,Liveness SEA,5\nt2,Liveness SEA,5\n", `s:2: column "Product": "Liveness SEA" is none of statement.products, nor is the product of any other line`},
		"neither lakhs nor thousands":                   {plain(november), "Region,Amount\nSG,\"12,34,5.50\"\n", `s:2: column "Amount": "12,34,5.50": groups of three digits`},
		"several groups need no decimals":               {plain(november), "Region,Amount\nSG,\"1,234,567\"\n", "2 usage 2026-11 SG x1 1234567 USD"},
		"whole currencies":                              {plain(november), "Region,Amount,Currency\nID,1.500,IDR\nVN,\"9,000\",VND\nCO,1.234.567,COP\nID,0.500,IDR\nSG,1.500,USD\n", "2 usage 2026-11 ID x1 1500 IDR\n3 usage 2026-11 VN x1 9000 VND\n4 usage 2026-11 CO x1 1234567 COP\n5 usage 2026-11 ID x1 0.5 IDR\n6 usage 2026-11 SG x1 1.5 USD"},
		"whole currencies of the settings":              {plain(november, func(o *Options) { o.WholeCurrencies = []string{"PHP"} }), "Region,Amount,Currency\nID,1.500,IDR\nPH,1.500,PHP\n", "2 usage 2026-11 ID x1 1.5 IDR\n3 usage 2026-11 PH x1 1500 PHP"},
		"settings say how thousands are set apart":      {plain(november, func(o *Options) { o.Thousands = "," }), "Region,Amount,Currency\nID,1.500,IDR\n", "2 usage 2026-11 ID x1 1.5 IDR"},
		"quantity times price refutes a reading":        {plain(november), "Region,Quantity,Unit price,Amount,Currency\nID,4,1.250,5,IDR\nID,2,750,1.500,IDR\nID,12.000,480,5760000,IDR\n", "2 usage 2026-11 ID x4 @1.25 5 IDR\n3 usage 2026-11 ID x2 @750 1500 IDR\n4 usage 2026-11 ID x12000 @480 5760000 IDR"},
		"quantity times price that nothing mends":       {plain(november), "Region,Quantity,Unit price,Amount\nSG,3,0.035,0.1\n", "2 usage 2026-11 SG x3 @0.035 0.1 USD"},
		"UTC in a layout":                               {utc, "Transaction,Time,Amount\nt1,02/11/2026 10:00:00 UTC,5\nt2,02/11/2026 10:00:00 +0000,5\nt3,02/11/2026 10:00 GMT,5\nt4,02/11/2026 10:00,5\n", "2 usage t1 2026-11-02T10:00:00Z 2026-11 x1 5 USD\n3 usage t2 2026-11-02T10:00:00Z 2026-11 x1 5 USD\n4 usage t3 2026-11-02T10:00:00Z 2026-11 x1 5 USD\n5 usage t4 2026-11-02T02:00:00Z 2026-11 x1 5 USD"},
		"UTC behind a time":                             {plain(november), "Transaction,Time,Amount\nt1,2026-11-02 10:00:00 UTC,5\nt2,2026-11-02T10:00:00+0000,5\nt3,2026-11-02 10:00Z,5\n", "2 usage t1 2026-11-02T10:00:00Z 2026-11 x1 5 USD\n3 usage t2 2026-11-02T10:00:00Z 2026-11 x1 5 USD\n4 usage t3 2026-11-02T10:00:00Z 2026-11 x1 5 USD"},
		"subtotals by a group, and a total":             {plain(november), "Region,Quantity,Amount\nPH,3,5\nPH,4,6\nPH Total,7,11\nTH,1,2\nTH Total,1,2\nGrand Total,8,13\n", "2 usage 2026-11 PH x3 5 USD\n3 usage 2026-11 PH x4 6 USD\n5 usage 2026-11 TH x1 2 USD\n7 total 2026-11 x8 13 USD"},
		"a total in a language that nobody told":        {plain(november), "Description,Month,Amount\nA,2026-11,5\nB,2026-11,6\nCelkem,,11\n", "2 usage 2026-11 x1 5 USD\n3 usage 2026-11 x1 6 USD\n4 total 2026-11 x0 11 USD"},
		"a line that happens to be a sum":               {plain(november), "Region,Month,Quantity,Amount\nSG,2026-11,3,5\nPH,2026-11,4,6\nTH,2026-11,7,11\n", "2 usage 2026-11 SG x3 5 USD\n3 usage 2026-11 PH x4 6 USD\n4 usage 2026-11 TH x7 11 USD"},
		"a line that may be a sum":                      {plain(november), "Region,Month,Quantity,Amount\nSG,2026-11,3,5\nSG,2026-11,4,6\nSG,2026-11,7,11\n", `s:4: column "Amount": "11" is the sum of the lines above it: is it a line of its own, or a total?`},
		"one line that is called a total":               {plain(november), "Description,Amount\nLiveness Total,5\n", "2 usage 2026-11 x1 5 USD"},
		"a total before its lines":                      {plain(november), "Description,Amount\nLiveness Total,5\nA,2\nB,3\n", `s:2: column "Description": "Liveness Total": is it a total, or the name of what was charged?`},
		"a second table with a header of its own":       {plain(november), "Transaction,Time,Amount\nt1,2026-11-02,5\nt2,2026-11-02,6\n\nRegion,Calls,Amount\nPH,1,5\nTH,1,6\nTotal,2,11\n", "2 usage t1 day:2026-11-01T16:00Z 2026-11 x1 5 USD\n3 usage t2 day:2026-11-01T16:00Z 2026-11 x1 6 USD"},
		"a second table by region":                      {plain(), "Region,Month,Quantity,Amount\nPH,2026-11,3,5\nTH,2026-11,4,6\nPH,2026-11,1,2\n\nPH,,4,7\nTH,,4,6\n", "2 usage 2026-11 PH x3 5 USD\n3 usage 2026-11 TH x4 6 USD\n4 usage 2026-11 PH x1 2 USD"},
		"a second part of the bill":                     {plain(), "Region,Month,Quantity,Amount\nPH,2026-11,3,5\nTH,2026-11,4,6\n\nSG,2026-11,7,11\n", "2 usage 2026-11 PH x3 5 USD\n3 usage 2026-11 TH x4 6 USD\n5 usage 2026-11 SG x7 11 USD"},
		"a second table that does not add up":           {plain(november), "Transaction,Amount\nt1,5\nt2,6\n\nPH,5\nTH,7\n", `s:5: column "Transaction": a second table seems to begin here, and it does not add up to what is above it`},
		"a row that lacks what others have":             {plain(november), "Transaction,Amount,Region\nt1,5,SG\nt2,6\nt3,5,SG\n", "s:3: fewer cells than the header has names: is the row cut off?"},
		"the line end of the header lost":               {plain(november), "Amount,Note5,2026-11-02\n5,x\n", `s:2: fewer cells than the header has names, of which "2026-11-02" is none`},
		"subtotals without a currency":                  {bare, "Region,Month,Quantity,Amount,Currency\nPH,2026-11,3,5,USD\nPH,2026-11,4,6,USD\nPH Total,,7,11,\nTH,2026-11,2,3,USD\nTH,2026-11,2,4,USD\nTH Total,,4,7,\nGrand Total,,11,18,\n", "2 usage 2026-11 PH x3 5 USD\n3 usage 2026-11 PH x4 6 USD\n5 usage 2026-11 TH x2 3 USD\n6 usage 2026-11 TH x2 4 USD\n8 total 2026-11 x11 18 USD"},
		"a subtotal of IDs without a currency":          {bare, "Transaction,Time,Quantity,Amount,Currency\nt1,2026-11-02,1,5,USD\nt2,2026-11-02,1,6,USD\n,,2,11,\n", "2 usage t1 day:2026-11-01T16:00Z 2026-11 x1 5 USD\n3 usage t2 day:2026-11-01T16:00Z 2026-11 x1 6 USD\n4 total 2026-11 x2 11 USD"},
		"a line without a currency":                     {bare, "Region,Month,Quantity,Amount,Currency\nPH,2026-11,3,5,USD\nTH,2026-11,4,6,\n", `s:3: column "Currency": no currency`},
		"a total without one of two":                    {bare, "Region,Month,Quantity,Amount,Currency\nPH,2026-11,3,5,USD\nTH,2026-11,4,6,THB\nTotal,,7,11,\n", `s:4: column "Currency": no currency`},
		"a wrong total without a currency":              {bare, "Region,Month,Quantity,Amount,Currency\nPH,2026-11,3,5,USD\nTH,2026-11,4,6,USD\nZ,2026-11,7,12,\n", `s:4: column "`},
		"a tax without a currency":                      {bare, "Description,Month,Quantity,Amount,Currency\nPH,2026-11,3,5,USD\nTax,,,1,\n", `s:3: column "Currency": no currency`},
		"texts and numbers for times":                   {plain(), "Transaction,Time,Amount\nt1,2026-11-13 10:00:00,5\nt2,46333.4166666667,5\n", `s:3: column "Time": "46333.4166666667", where line 2 has "2026-11-13 10:00:00": some are texts and some are a spreadsheet's numbers`},
		"numbers for times":                             {plain(), "Transaction;Time;Amount\nt1;46333,4166666667;5\n", `s:2: column "Time": "46333,4166666667": a spreadsheet's number in place of a time, perhaps of 2026-11-07 10:00:00`},
		"guaranis":                                      {plain(november), "Transaction,Amount,Currency\nt1,1.500,PYG\nt2,2.500,XAF\n", "2 usage t1 2026-11 x1 1500 PYG\n3 usage t2 2026-11 x1 2500 XAF"},
		"bars between cells":                            {plain(november), "Transaction|Amount\nt1|5\n", "2 usage t1 2026-11 x1 5 USD"},
		"products":                                      {ours, "Product,Transaction,Amount\nliveness detection,t1,5\nOCR,o1,1\n", "2 usage t1 2026-11 x1 5 USD\n3 usage o1 2026-11 x1 1 USD"},
		"a column of products that nobody asked for":    {plain(november), "Product,Transaction,Amount\nOCR,o1,1\n", "2 usage o1 2026-11 x1 1 USD"},
	} {
		if got := readStatement([]byte(tt.text), tt.o).short(); got != tt.want && (!strings.HasPrefix(tt.want, "s:") || !strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
	}
	if s := readStatement([]byte("Product,Transaction,Amount\nliveness detection,t1,5\nOCR,o1,1\n"), ours); len(s.lines) != 2 || s.lines[0].Other || !s.lines[1].Other || s.lines[1].Product != "OCR" {
		t.Errorf("products: %+v", s.lines)
	}
}

// A column in which a spreadsheet has made dates of some texts is refused with one of each. Cells that are merged are
// filled down, but for what is one line's alone.
func TestWorkbookForms(t *testing.T) {
	for name, tt := range map[string]struct{ content, want string }{
		"texts and dates": {string(writeWorkbook(t, [][]any{{"Transaction", "Time", "Amount"}, {"t1", "2026-11-13 10:00:00", 5}, {"t2", time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC), 5}}, nil)),
			`s: sheet "Lines" row 3: column "Time": "2026-11-02 10:00:00", where row 2 has "2026-11-13 10:00:00": some are texts and some are dates`},
		"an OpenDocument spreadsheet": {archiveOf(t, "mimetype", "content.xml"), "s: an OpenDocument spreadsheet (.ods): save it as XLSX or CSV"},
		"an old workbook":             {"\xd0\xcf\x11\xe0rest", "s: an old Excel workbook, or one with a password: save it as XLSX without one, or as CSV"},
	} {
		if got := readStatement([]byte(tt.content), plain()).short(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// An archive with one statement in it is read as that one; with several, or as a bomb, it is refused.
func TestArchives(t *testing.T) {
	const text = "Transaction,Amount\nt1,5\n"
	pack := func(files ...string) string { // names and contents in turn
		var b bytes.Buffer
		out := zip.NewWriter(&b)
		for i := 0; i < len(files); i += 2 {
			w, err := out.Create(files[i])
			must(t, err)
			_, err = w.Write([]byte(files[i+1]))
			must(t, err)
		}
		must(t, out.Close())
		return b.String()
	}
	whole := pack("statement.csv", text)
	for name, tt := range map[string]struct{ content, want string }{
		"one":                    {whole, "2 usage t1 2026-11 x1 5 USD"},
		"in a folder, with more": {pack("2026/st.TXT", text, "__MACOSX/._st.TXT", "x", "2026/.DS_Store", "x"), "2 usage t1 2026-11 x1 5 USD"},
		"packed twice":           {pack("st.csv.gz", gzipped(t, text)), `s: an archive of "st.csv.gz": unpack it`},
		"several":                {pack("a.csv", text, "b.csv", text), "s: an archive of 2 files, and no statement by itself"},
		"none":                   {pack(), "s: an archive of 0 files, and no statement by itself"},
		"a workbook":             {pack("st.xlsx", "x"), `s: an archive of "st.xlsx": unpack it`},
		"another within":         {pack("st.csv", whole), "s: an archive or a workbook within another: unpack it"},
		"a bomb":                 {pack("st.csv", strings.Repeat("0", 65<<20)), "s: an archive that unpacks to 1028 times its size"},
		"cut off":                {whole[:len(whole)-20], "s: the workbook's archive is damaged: zip: not a valid zip file"},
		"damaged":                {strings.Replace(whole, whole[45:47], "\x00\x00", 1), "s:1: compressed data damaged: copy the file again"},
	} {
		if got := readStatement([]byte(tt.content), plain(november)).short(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// archiveOf is an archive of empty files.
func archiveOf(t *testing.T, names ...string) string {
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, name := range names {
		_, err := out.Create(name)
		must(t, err)
	}
	must(t, out.Close())
	return b.String()
}

func TestFitsProduct(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"liveness", "liveness", true}, {"liveness", "liveness plus", false}, {"*", "", true}, {"liveness*", "liveness plus", true},
		{"*detection", "face detection", true}, {"a*a", "a", false}, {"a*b*c", "a b c", true}, {"a*b*b", "ab", false}, {"*ocr*", "an ocr check", true},
	} {
		if got := fitsProduct(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q fits %q: %v", tt.pattern, tt.name, got)
		}
	}
}

// What people's tables leave out is not guessed: a place that is named once for several lines is asked for, and midnight
// on every line is a day.
func TestStatementGroupsAndDays(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"a place named once":       {"Region,Month,Quantity,Amount\nPH,2026-11,6,0.18\n,2026-11,5,0.15\nTH,2026-11,6,0.19\n", "s:3"},
		"none in particular, said": {"Region,Month,Quantity,Amount\nPH,2026-11,6,0.18\n-,2026-11,5,0.15\nTH,2026-11,6,0.19\n", "6 PH, 5 , 6 TH"},
		"named again":              {"Region,Month,Quantity,Amount\nPH,2026-11,6,0.18\n,2026-11,5,0.15\nPH,2026-11,1,0.03\nTH,2026-11,6,0.19\n", "6 PH, 5 , 1 PH, 6 TH"},
		"another endpoint":         {"Endpoint,Region,Month,Quantity,Amount\nph,PH,2026-11,6,0.18\nsg,,2026-11,5,0.15\nth,TH,2026-11,6,0.19\n", "6 PH, 5 , 6 TH"},
		"a fee between":            {"Region,Month,Quantity,Amount\nPH,2026-11,6,0.18\n,2026-11,0,5\nTH,2026-11,6,0.19\n", "6 PH, 0 , 6 TH"},
		"the last line has none": {"Region,Month,Quantity,Amount\nPH,2026-11,6,0.18\nTH,2026-11,6,0.19\n,2026-11,5,0.15\n",
			"6 PH, 6 TH, 5  (row 4 names no region, below lines that do: it is counted as one of none in particular)"},
		"days at midnight": {"Time,Quantity,Amount\n2026-11-02 00:00:00,6,0.18\n2026-11-03 00:00:00,1,0.03\n",
			`6 day, 1 day (the times in column "Time" are all midnight: they are taken for days)`},
		"days at midnight, and an instant": {"Time,Quantity,Amount\n2026-11-02 00:00:00,1,0.03\n2026-11-03 00:00:01,1,0.03\n", "1 , 1 "},
		"one call at midnight":             {"Time,Quantity,Amount\n2026-11-02 00:00:00,1,0.03\n", "1 "},
		"calls at midnight":                {"Transaction,Time,Amount\nt1,2026-11-02 00:00:00,0.03\n", "1 "},
	} {
		s := readStatement([]byte(tt.text), plain(november))
		var got []string
		for _, l := range s.lines {
			place := l.Region
			if l.DateOnly {
				place = "day"
			}
			got = append(got, fmt.Sprint(l.Quantity, " ", place))
		}
		text := strings.Join(got, ", ")
		if len(s.Notes) > 0 {
			text += " (" + strings.Join(s.Notes, "; ") + ")"
		}
		if s.err != nil {
			text = regexp.MustCompile(`^s:\d+`).FindString(s.err.Error())
		}
		if text != tt.want {
			t.Errorf("%s: got %q, want %q (%v)", name, text, tt.want, s.err)
		}
	}
}
