package statement

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"liverecon/batch/billing"
)

// checkStatement asserts what holds for any content: it is read, or refused with a
// reason, and what is read makes sense.
func checkStatement(t *testing.T, s statement) {
	t.Helper()
	if s.err != nil {
		var mistake *Error
		if !errors.As(s.err, &mistake) || mistake.Problem == "" || s.Lines != 0 {
			t.Fatalf("neither read nor refused: %v", s.err)
		}
		return
	}
	if int(s.Lines) != len(s.lines) || len(s.lines) == 0 {
		t.Fatalf("%d of %d lines", len(s.lines), s.Lines)
	}
	last := 1
	for _, l := range s.lines {
		if l.Number <= last || !billing.IsCurrency(l.Currency) || l.Region != "" && len(l.Region) != 2 || l.Kind == Usage && (l.Quantity < 0 || l.Month == billing.Period{}) || l.Kind == Credit && l.Amount.IsPositive() {
			t.Fatalf("after line %d: %+v", last, l)
		}
		last = l.Number
	}
}

// inPlainForm writes lines as a statement of the plain form.
func inPlainForm(lines []Line) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	write := func(cells ...string) {
		if err := w.Write(cells); err != nil {
			panic(err)
		}
	}
	write("line type", "transaction", "time", "month", "endpoint", "region", "pricing", "quantity", "unit price", "amount", "currency")
	for _, l := range lines {
		at, month, unit := "", "", ""
		switch {
		case l.DateOnly:
			at = l.ChargedAt.In(plain().Zone).Format(time.DateOnly)
		case !l.ChargedAt.IsZero():
			at = l.ChargedAt.Format(time.RFC3339Nano)
		}
		if l.Month != (billing.Period{}) {
			month = l.Month.String()
		}
		if l.Unit.Valid {
			unit = l.Unit.Decimal.String()
		}
		write(string(l.Kind), l.TransactionID, at, month, l.Endpoint, l.Region, l.Pricing, strconv.FormatInt(l.Quantity, 10), unit, l.Amount.String(), l.Currency)
	}
	w.Flush()
	return b.String()
}

// What was read of any text, written in the plain form, is read as the same.
func FuzzStatementText(f *testing.F) {
	for _, seed := range []string{
		"Transaction,Time,Amount\nt1,2026-11-02 10:00:00,0.035\n",
		"\uFEFFRegion;Month;Amount;Quantity\r\nSG;2026-11;\"1,234.50\";12\r\nTotal;;5;\r\n",
		"sep=\t\nRegion\tMonth\tAmount\nSG\t2026-11\t(5.00)\n",
		"Region,Amount,Note\nSG,5,\"a\nb\"\n",
		"Kind,Amount,Currency,Unit price\nusage,5,USD,0.1\ncredit,-1,€,\ntax,0,S$,\n",
		"Amount,Region\n\"\n",
		inUTF16("Amount,Time\n5,2026-11-02\n", true),
		gzipped(f, "Amount\n5\n"),
	} {
		f.Add([]byte(seed), byte(0))
		f.Add([]byte(seed), byte(1))
	}
	f.Fuzz(func(t *testing.T, content []byte, form byte) {
		o := plain(november)
		if form%2 == 1 {
			o.Decimal = ","
		}
		s := readStatement(content, o)
		if s.Format == "xlsx" {
			return
		}
		checkStatement(t, s)
		if s.err != nil {
			return
		}
		again := readStatement([]byte(inPlainForm(s.lines)), plain(func(o *Options) { o.Credits = "signed" }))
		if again.err != nil || len(again.lines) != len(s.lines) {
			t.Fatalf("%q was read as\n%s\nwhich is read as\n%s", content, s.short(), again.short())
		}
		for i, l := range s.lines {
			if got := again.lines[i]; got.short() != l.short() || !got.ChargedAt.Equal(l.ChargedAt) {
				t.Fatalf("%q: line %d is %s, and again %s", content, l.Number, l.short(), got.short())
			}
		}
	})
}

// An amount, wherever it stands, is read as its digits say or refused: what is not
// zero does not become zero.
func FuzzStatementAmount(f *testing.F) {
	for _, amount := range []string{"0.035", "0", "-0.00", "(1,234.50)", "$5", "1e-400", "3.5000000000000003E-2", "", " ", "-", "#N/A", "0x0", "０", "\"0", "5\n6", "null", "1E-320"} {
		f.Add(amount)
	}
	f.Fuzz(func(t *testing.T, amount string) {
		var text strings.Builder
		w := csv.NewWriter(&text)
		must(t, w.WriteAll([][]string{{"Region", "Amount"}, {"SG", amount}}))
		contents := [][]byte{[]byte(text.String())}
		var escaped bytes.Buffer
		must(t, xml.EscapeText(&escaped, []byte(amount)))
		for _, kind := range []string{"", "n", "str"} {
			contents = append(contents, withRows(t, fmt.Sprintf(`<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2" t="%s"><v>%s</v></c></row>`, kind, escaped.String())))
		}
		for _, content := range contents {
			s := readStatement(content, plain(november))
			checkStatement(t, s)
			if s.err != nil {
				continue
			}
			if s.lines[0].Amount.IsZero() && (!strings.Contains(amount, "0") || strings.ContainsAny(mantissa(amount), "123456789")) {
				t.Fatalf("%q became zero", amount)
			}
		}
	})
}

func FuzzStatementSheet(f *testing.F) {
	f.Add(`<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2"><f>1</f><v>5</v></c></row>`)
	f.Add(`<row><c t="inlineStr"><is><t>SG</t></is></c><c t="s"><v>1</v></c><c s="1"><v>46000.5</v></c></row><row/>`)
	f.Add(`</sheetData><row r="3"><c r="ZZZZ3"/>`)
	f.Add(`<row r="2"><c r="B2" t="e"><v>#N/A</v></c></row><!-- --><![CDATA[x]]>&amp;`)
	f.Fuzz(func(t *testing.T, rows string) {
		checkStatement(t, readStatement(withRows(t, rows), plain(november)))
	})
}

func FuzzStatementWorkbook(f *testing.F) {
	whole := withRows(f, `<row r="2"><c r="A2" t="str"><v>SG</v></c><c r="B2"><v>5</v></c></row>`)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, content []byte) {
		checkStatement(t, readStatement(content, plain(november)))
	})
}
