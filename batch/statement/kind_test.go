package statement

import (
	"strings"
	"testing"
)

func TestStatementKinds(t *testing.T) {
	const usage = "Transaction,Region,Amount\nt1,SG,5\n"
	for name, tt := range map[string]struct {
		o    Options
		text string
		want string // the lines from the third on, or an error
	}{
		"by a column":                           {plain(november), "Kind,Amount\nUsage,5\nCREDIT,-1\n tax ,0.4\nSub-Total,4\n", "3 credit 2026-11 x0 -1 USD\n4 tax 2026-11 x0 0.4 USD\n5 total 2026-11 x0 4 USD"},
		"by values of the settings":             {plain(november, func(o *Options) { o.Kinds = map[LineKind][]string{Credit: {"CN"}} }), "Kind,Amount\nusage,5\ncn,-1\n", "3 credit 2026-11 x0 -1 USD"},
		"a value that is none":                  {plain(november), "Kind,Amount\nusage,5\nfee,1\n", `s:3: column "Kind": "fee": want one of amount due, balance due, call, charge, credit, credit note,`},
		"by the first cell, of a column of IDs": {plain(november), usage + "Total,,5\nGrand total:,,5\nGST 9%,,0.45\n", "3 total 2026-11 x0 5 USD\n4 total 2026-11 x0 5 USD\n5 tax 2026-11 x0 0.45 USD"},
		"by the first cell, of another":         {plain(november), "Region,Calls,Amount\nSG,3,5\nTotal USD:,3,5\nGST 9%,,0.45\nGST @ 9.00 %,,0.45\nCredit note #12,-2,-1\n", "3 total 2026-11 x3 5 USD\n4 tax 2026-11 x0 0.45 USD\n5 tax 2026-11 x0 0.45 USD\n6 credit 2026-11 x-2 -1 USD"},
		"by a column that is not mapped":        {plain(november), "What,Region,Amount\nliveness,SG,5\nTotal,,5\n", "3 total 2026-11 x0 5 USD"},
		"by the description":                    {plain(november), "Region,Description,Amount\nSG,liveness,5\n,VAT 11%,0.55\nSG,Discount (volume),-1\n", `s:4: column "Description": "Discount (volume)": is it a line of credit, or the name of something that was charged?`},
		"an ID like a label":                    {plain(november), usage + "TAX-0001,SG,5\ntotal_7,SG,5\n", "3 usage TAX-0001 2026-11 SG x1 5 USD\n4 usage total_7 2026-11 SG x1 5 USD"},
		"a label that proves to be a total":     {plain(november), "What,Region,Amount\nliveness,SG,5\nTotal for November,,5\n", "3 total 2026-11 x0 5 USD"},
		"a label that may be a product":         {plain(november), "What,Region,Amount\nliveness,SG,5\nTotal for November,,6\n", `s:3: column "What": "Total for November": is it a total? It is not the sum of the lines above it`},
		"a product like a label":                {plain(november, func(o *Options) { o.Kinds = map[LineKind][]string{Usage: {"tax id check"}} }), "Description,Region,Amount\nliveness,SG,5\nTax ID check,SG,5\n", "3 usage 2026-11 SG x1 5 USD"},
		"a product like a label, with an ID":    {plain(november), "Transaction,Description,Amount\nt1,liveness,5\nt2,Tax ID check,5\nt3,Creditworthiness,5\n", "3 usage t2 2026-11 x1 5 USD\n4 usage t3 2026-11 x1 5 USD"},
		"a total with an ID":                    {plain(november), "Transaction,Description,Amount\nt1,liveness,5\nt2,Total,5\n", `s:3: column "Description": "Total" on a line with a transaction ID`},
		"a credit with an ID":                   {plain(november), "Transaction,Description,Amount\nt1,liveness,5\nt1,Refund,-5\n", "3 credit t1 2026-11 x0 -5 USD"},
		"no label":                              {plain(november), usage + ",,5\n", `s:3: column "Amount": nothing beside the amount says what was charged: is it a total?`},

		"less than nothing is a credit":             {plain(november), usage + "t1,SG,-5\n,SG,(0.50)\n", "3 credit t1 2026-11 SG x0 -5 USD\n4 credit 2026-11 SG x0 -0.5 USD"},
		"unless it is said to be usage":             {plain(november), "Kind,Region,Amount\nusage,SG,5\nusage,SG,-5\n", "3 usage 2026-11 SG x1 -5 USD"},
		"a credit without a minus":                  {plain(november), "Kind,Amount\nusage,5\ncredit,5\n", `s:3: column "Amount": a credit without a minus`},
		"a credit without a minus, as they are all": {plain(november, func(o *Options) { o.Credits = "positive" }), "Kind,Quantity,Amount\nusage,1,5\ncredit,2,5\ncredit,-2,-5\n", "3 credit 2026-11 x-2 -5 USD\n4 credit 2026-11 x-2 -5 USD"},
		"the calls of a credit":                     {plain(november), "Transaction,Calls,Amount\nt1,1,5\nt1,1,-5\nt2,,-5\n", "3 credit t1 2026-11 x-1 -5 USD\n4 credit t2 2026-11 x0 -5 USD"},
		"a credit taken back":                       {plain(november, func(o *Options) { o.Credits = "signed" }), "Kind,Amount\nusage,5\ncredit,5\n", "3 credit 2026-11 x0 5 USD"},

		"a tax of the only month":         {plain(), "Region,Month,Amount\nSG,2026-11,5\nGST,,0.45\n", "3 tax 2026-11 x0 0.45 USD"},
		"a tax of several months":         {plain(), "Region,Month,Amount\nSG,2026-11,5\nSG,2026-12,5\nGST,,0.90\n", `s:4: column "Month": no time and no month`},
		"a total of several months":       {plain(), "Region,Month,Amount\nSG,2026-11,5\nSG,2026-12,5\nTotal,,10\n", "3 usage 2026-12 SG x1 5 USD\n4 total x0 10 USD"},
		"a total that names its month":    {plain(), "Region,Month,Amount\nSG,2026-11,5\nSG,2026-12,5\nTotal,2026-12,5\n", "3 usage 2026-12 SG x1 5 USD\n4 total 2026-12 x0 5 USD"},
		"a short row of a total":          {plain(november), usage + "Total,,5\n", "3 total 2026-11 x0 5 USD"},
		"a total shorter than its amount": {plain(november), usage + "Total\n", `s:3: column "Amount": is empty`},

		"rows that are no lines":            {plain(november, func(o *Options) { o.Ignore = []string{"Printed on", "Page"} }), usage + "Printed on 2026-12-01,,\npage 1 of 1\n", ""},
		"a row with an amount is a line":    {plain(november, func(o *Options) { o.Ignore = []string{"Page"} }), usage + "Page fee,,5\n", `s:3: column "Transaction": "Page fee": want a transaction ID`},
		"a row that is not said to be none": {plain(november), usage + "Page 1,,\n", `s:3: column "Transaction": "Page 1": want a transaction ID`},
	} {
		s := readStatement([]byte(tt.text), tt.o)
		got := s.short()
		if s.err == nil {
			_, got, _ = strings.Cut(got, "\n")
		}
		if got != tt.want && (s.err == nil || !strings.HasPrefix(got, tt.want) || tt.want == "") {
			t.Errorf("%s: read\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}
