package statement

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

// generated is a statement as a program writes it.
type generated struct {
	columns []string
	rows    [][]string // without the header
	quoted  bool       // every cell
	comma   string
	amount  decimal.Decimal
	calls   int64
}

func (g *generated) cell(s string) string {
	if g.quoted || strings.ContainsAny(s, "\"\n"+g.comma) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func (g *generated) text() string {
	var b strings.Builder
	for _, row := range append([][]string{g.columns}, g.rows...) {
		for i, cell := range row {
			if i > 0 {
				b.WriteString(g.comma)
			}
			b.WriteString(g.cell(cell))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// row is a row with some cells.
func (g *generated) row(cells map[string]string) []string {
	row := make([]string, len(g.columns))
	for i, c := range g.columns {
		row[i] = cells[c]
	}
	return row
}

// generate makes a statement of calls, or of sums by region and month.
func generate(r *rand.Rand) *generated {
	g := &generated{quoted: r.IntN(3) == 0, comma: string(",;\t"[r.IntN(3)])}
	itemised := r.IntN(2) == 0
	g.columns = []string{"Region", "Month", "Quantity", "Amount", "Currency", "Description", "Note"}
	if itemised {
		g.columns = []string{"Transaction ID", "Time", "Region", "Pricing", "Unit price", "Amount", "Currency", "Note"}
	}
	for range r.IntN(2) { // not all have all of them
		g.columns = slices.DeleteFunc(g.columns, func(c string) bool { return c == "Currency" || c == "Note" })
	}
	r.Shuffle(len(g.columns), func(i, j int) { g.columns[i], g.columns[j] = g.columns[j], g.columns[i] })
	notes := []string{"", "x", `the "new" one`, "a, b; c", "two\nlines", "ชื่อ", `5" screen`, "Jack\tLim"}
	prices := []string{"0.035", "0.03", "0.0281"}
	for i := range 2 + r.IntN(7) {
		region, price, calls := []string{"PH", "TH", "VN", "SG"}[r.IntN(4)], prices[r.IntN(3)], int64(1)
		id, at, pricing := "", "", ""
		if itemised {
			id, pricing = fmt.Sprintf("%015xf", r.Uint64()>>4), "PAY"
			at = fmt.Sprintf("2026-11-%02d %02d:%02d:%02d", 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60))
		} else {
			calls = 1000 + r.Int64N(9000)
			region = []string{"PH", "TH", "VN", "SG", "MY", "MX", "CO", "NG", "ID"}[i]
		}
		amount := dec(price).Mul(decimal.NewFromInt(calls))
		g.rows = append(g.rows, g.row(map[string]string{"Transaction ID": id, "Time": at, "Region": region, "Pricing": pricing, "Unit price": price,
			"Amount": amount.String(), "Currency": "USD", "Note": notes[r.IntN(len(notes))], "Month": "2026-11", "Quantity": fmt.Sprint(calls),
			"Description": "liveness of " + region}))
		g.amount, g.calls = g.amount.Add(amount), g.calls+calls
	}
	return g
}

// damage is one thing that happens to a statement on its way.
type damage struct {
	name string
	do   func(r *rand.Rand, g *generated) string
}

func at(r *rand.Rand, text string, fits func(b byte) bool, change func(before, after string) string) string {
	var places []int
	for i := range len(text) {
		if fits(text[i]) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return text
	}
	i := places[r.IntN(len(places))]
	return change(text[:i], text[i:])
}

func isByte(want byte) func(byte) bool { return func(b byte) bool { return b == want } }

func damages(t *testing.T) []damage {
	anywhere := func(byte) bool { return true }
	return append(rowDamages(), []damage{
		{"none", func(_ *rand.Rand, g *generated) string { return g.text() }},
		{"a quote lost", func(r *rand.Rand, g *generated) string {
			return at(r, g.text(), isByte('"'), func(before, after string) string { return before + after[1:] })
		}},
		{"a quote too many", func(r *rand.Rand, g *generated) string {
			return at(r, g.text(), anywhere, func(before, after string) string { return before + `"` + after })
		}},
		{"a line end lost", func(r *rand.Rand, g *generated) string {
			return at(r, g.text(), isByte('\n'), func(before, after string) string { return before + after[1:] })
		}},
		{"a line end too many", func(r *rand.Rand, g *generated) string {
			header, lines, _ := strings.Cut(g.text(), "\n") // a name that is broken is another column's
			return header + "\n" + at(r, lines, anywhere, func(before, after string) string { return before + "\n" + after })
		}},
		{"cut off", func(r *rand.Rand, g *generated) string { s := g.text(); return s[:r.IntN(len(s))] }},
		{"CR LF", func(_ *rand.Rand, g *generated) string { return strings.ReplaceAll(g.text(), "\n", "\r\n") }},
		{"CR CR LF", func(_ *rand.Rand, g *generated) string { return strings.ReplaceAll(g.text(), "\n", "\r\r\n") }},
		{"CR", func(_ *rand.Rand, g *generated) string { return strings.ReplaceAll(g.text(), "\n", "\r") }},
		{"marks", func(r *rand.Rand, g *generated) string { return strings.Repeat("\uFEFF", 1+r.IntN(3)) + g.text() }},
		{"UTF-16", func(r *rand.Rand, g *generated) string { return inUTF16(g.text(), r.IntN(2) == 0) }},
		{"blanks behind", func(_ *rand.Rand, g *generated) string { return strings.ReplaceAll(g.text(), "\n", " \n") }},
		{"joined with itself", func(_ *rand.Rand, g *generated) string { return g.text() + g.text() }},
		{"blank lines", func(r *rand.Rand, g *generated) string {
			return "\n" + at(r, g.text(), isByte('\n'), func(before, after string) string { return before + "\n" + after }) + "\n\n"
		}},
		{"merged cells", func(r *rand.Rand, g *generated) string {
			return merged(t, r, g, "Region", "Month", "Currency", "Description", "Pricing", "Time")
		}},
		{"amounts merged, too", func(r *rand.Rand, g *generated) string {
			return merged(t, r, g, "Amount", "Quantity", "Unit price", "Transaction ID", "Region", "Note")
		}},
		{"hidden rows", func(r *rand.Rand, g *generated) string {
			return workbookOf(t, g, func(x *excelize.File) { must(t, x.SetRowVisible("Lines", 2+r.IntN(len(g.rows)), false)) })
		}},
		{"a zero byte", func(r *rand.Rand, g *generated) string {
			return at(r, g.text(), anywhere, func(before, after string) string { return before + "\x00" + after })
		}},
		{"junk behind", func(r *rand.Rand, g *generated) string {
			return g.text() + []string{"\x1a", "\x00\x00\x00", "\n\n" + g.comma + g.comma + "\n", "-- end --\n", "\"", "(3 rows affected)\n", "\xff\xfe"}[r.IntN(7)]
		}},
		{"zip", func(_ *rand.Rand, g *generated) string { return zipped(t, g.text()) }},
		{"gzip and zeros", func(r *rand.Rand, g *generated) string {
			return gzipped(t, g.text()) + strings.Repeat("\x00", r.IntN(2000))
		}},
	}...)
}

// rowDamages list what spreadsheets and people add to a statement, or take from it.
func rowDamages() []damage {
	label := func(g *generated) string {
		if slices.Contains(g.columns, "Transaction ID") {
			return "Transaction ID"
		}
		return "Description"
	}
	ids := func(change func(id string) string) func(*rand.Rand, *generated) string {
		return func(_ *rand.Rand, g *generated) string {
			text := g.text()
			if i := slices.Index(g.columns, "Transaction ID"); i >= 0 {
				for _, row := range g.rows {
					text = strings.ReplaceAll(text, row[i], change(row[i]))
				}
			}
			return text
		}
	}
	return []damage{
		{"a total", func(r *rand.Rand, g *generated) string {
			word := []string{"Total", "Sub Total", "PH Total", "Jumlah", "Összesen", "รวม"}[r.IntN(6)]
			if label(g) != "Description" && word == "Összesen" {
				word = ""
			}
			g.rows = append(g.rows, g.row(map[string]string{label(g): word, "Amount": g.amount.String(), "Quantity": fmt.Sprint(g.calls), "Currency": "USD"}))
			return g.text()
		}},
		{"subtotals", func(r *rand.Rand, g *generated) string {
			i := slices.Index(g.columns, "Amount")
			word := []string{"Part Total", "Subtotal", "Sub-Total", "Total"}[r.IntN(4)]
			var rows [][]string
			sum, all := decimal.Decimal{}, r.IntN(2) == 0 // as they are done to the end
			for n, row := range g.rows {
				if rows, sum = append(rows, row), sum.Add(dec(row[i])); n%3 == 1 || all && n == len(g.rows)-1 {
					rows = append(rows, g.row(map[string]string{label(g): word, "Amount": sum.String(), "Currency": "USD"}))
					sum = decimal.Decimal{}
				}
			}
			if g.rows = rows; r.IntN(2) == 0 {
				g.rows = append(g.rows, g.row(map[string]string{label(g): "Grand Total", "Amount": g.amount.String(), "Currency": "USD"}))
			}
			return g.text()
		}},
		{"a wrong subtotal", func(r *rand.Rand, g *generated) string {
			wrong := g.row(map[string]string{label(g): "Subtotal", "Amount": g.amount.Add(dec("1")).String(), "Currency": "USD"})
			g.rows = slices.Insert(g.rows, 1+r.IntN(len(g.rows)-1), wrong)
			return g.text()
		}},
		{"a page's head in the middle", func(r *rand.Rand, g *generated) string {
			i := 1 + r.IntN(len(g.rows)-1)
			head := generated{columns: g.columns, rows: g.rows[i:], quoted: g.quoted, comma: g.comma}
			g.rows = g.rows[:i]
			return g.text() + []string{"", "Page 1 of 2\n"}[r.IntN(2)] + "\n" + []string{"", "Vendor Pte Ltd\n"}[r.IntN(2)] + head.text()
		}},
		{"a wrong total", func(r *rand.Rand, g *generated) string {
			g.rows = append(g.rows, g.row(map[string]string{label(g): "PH Total", "Amount": g.amount.Add(dec("1")).String(), "Currency": "USD"}))
			return g.text()
		}},
		{"a header in the middle", func(r *rand.Rand, g *generated) string {
			g.rows = slices.Insert(g.rows, r.IntN(len(g.rows)), g.columns)
			return g.text()
		}},
		{"a table below", func(r *rand.Rand, g *generated) string {
			below := "\n" + strings.Join([]string{"Endpoint", "Amount", "Currency"}, g.comma) + "\nph" + g.comma + g.amount.String() + g.comma + "USD\n"
			if r.IntN(2) == 0 {
				below = "\n" + strings.Join(g.row(map[string]string{label(g): "PH", "Amount": g.amount.String(), "Quantity": fmt.Sprint(g.calls), "Currency": "USD"}), g.comma) + "\n"
			}
			return g.text() + below
		}},
		{"short rows", func(r *rand.Rand, g *generated) string {
			lines := strings.Split(g.text(), "\n")
			for i := range lines {
				lines[i] = strings.TrimRight(lines[i], g.comma)
			}
			return strings.Join(lines, "\n")
		}},
		{"title lines", func(r *rand.Rand, g *generated) string {
			titles := []string{"Invoice of November\n", "Vendor Pte Ltd\n", "\n", "-----\n", "From" + g.comma + "2026-11-01\n", "Lines" + g.comma + "3\n"}
			text := g.text()
			for range 1 + r.IntN(4) {
				text = titles[r.IntN(len(titles))] + text
			}
			return text
		}},
		{"the header moved down", func(r *rand.Rand, g *generated) string {
			down := generated{columns: g.rows[0], rows: slices.Insert(slices.Clone(g.rows[1:]), r.IntN(len(g.rows)), g.columns), quoted: g.quoted,
				comma: g.comma}
			return down.text()
		}},
		{"columns swapped", func(r *rand.Rand, g *generated) string {
			i, j := r.IntN(len(g.columns)), r.IntN(len(g.columns))
			for _, row := range append(g.rows, g.columns) {
				row[i], row[j] = row[j], row[i]
			}
			return g.text()
		}},
		{"a column doubled", func(r *rand.Rand, g *generated) string {
			i := r.IntN(len(g.columns))
			g.columns = append(g.columns, g.columns[i])
			for n, row := range g.rows {
				g.rows[n] = append(row, row[i])
			}
			return g.text()
		}},
		{"IDs rounded", ids(func(id string) string {
			n, err := strconv.ParseUint(id[:15], 16, 64)
			if err != nil {
				n = 1
			}
			return fmt.Sprintf("%015d0000", 1e14+n%8e14)
		})},
		{"apostrophes", ids(func(id string) string { return "'" + id })},
		{"equals quotes", ids(func(id string) string { return `="` + id + `"` })},
		{"a quoted cell after a blank", func(_ *rand.Rand, g *generated) string {
			return strings.ReplaceAll(g.text(), g.comma+`"`, g.comma+` "`)
		}},
	}
}

// TestDamagedStatements: a statement that was damaged in one way is read to the same lines of usage or refused. What
// was cut off is read to its first lines, or refused.
func TestDamagedStatements(t *testing.T) {
	for _, d := range damages(t) {
		t.Run(d.name, func(t *testing.T) {
			read := 0
			for seed := range uint64(100) {
				if d.check(t, seed) {
					read++
				}
			}
			t.Logf("%d of 100 read", read)
			if harmless := []string{"none", "CR LF", "CR", "marks", "UTF-16", "blanks behind", "merged cells", "zip", "gzip and zeros", "a header in the middle",
				"subtotals", "a page's head in the middle", "a table below", "title lines", "columns swapped", "short rows", "apostrophes", "a total"}; slices.Contains(harmless, d.name) && read < 95 {
				t.Errorf("%d of 100 read", read)
			}
		})
	}
}

// check damages the statement of a seed, and reports whether it is read all the same: to the same lines.
func (d damage) check(t *testing.T, seed uint64) (read bool) {
	r := rand.New(rand.NewPCG(seed, 13))
	g := generate(r)
	text := g.text()
	whole := usageOf(readStatement([]byte(text), plain(november)))
	if len(whole) != len(g.rows) {
		t.Fatalf("seed %d: %q is read to %q", seed, text, whole)
	}
	damaged := d.do(r, g)
	s := readStatement([]byte(damaged), plain(november))
	if s.err != nil {
		return false
	}
	got := usageOf(s)
	if d.name == "cut off" && len(got) > 0 && len(got) <= len(whole) {
		n := len(got)
		if last := g.columns[len(g.columns)-1]; n == 1 || last == "Quantity" || last == "Amount" || last == "Unit price" {
			n-- // nothing can tell whether the last number, or the only line, is whole
		}
		got, whole = got[:n], whole[:n]
	}
	if s.Format == "xlsx" { // whose rows are no lines of a text
		for i := range min(len(got), len(whole)) {
			_, got[i], _ = strings.Cut(got[i], " ")
			_, whole[i], _ = strings.Cut(whole[i], " ")
		}
	}
	if !slices.Equal(got, whole) {
		t.Fatalf("seed %d: %q damaged to %q: read\n%s\nwant\n%s", seed, text, damaged, strings.Join(got, "\n"), strings.Join(whole, "\n"))
	}
	if totals := slices.DeleteFunc(s.lines, func(l Line) bool { return l.Kind != Total }); d.name != "a wrong total" &&
		len(totals) > 0 && !totals[len(totals)-1].Amount.Equal(g.amount) {
		t.Fatalf("seed %d: %q damaged to %q: the vendor's total is %s, want %s", seed, text, damaged, totals[len(totals)-1].Amount, g.amount)
	}
	return true
}

// merged makes a workbook of a statement in which equal cells of neighbouring rows are merged: of a column that is the
// same for them by rights, or of any.
func merged(t *testing.T, r *rand.Rand, g *generated, columns ...string) string {
	rows := [][]any{make([]any, len(g.columns))}
	for i, c := range g.columns {
		rows[0][i] = c
	}
	for _, row := range g.rows {
		cells := make([]any, len(row))
		for i, cell := range row {
			if cells[i] = cell; cell == "" {
				cells[i] = nil
			}
		}
		rows = append(rows, cells)
	}
	return string(writeWorkbook(t, rows, func(x *excelize.File) {
		for i, c := range g.columns {
			if !slices.Contains(columns, c) {
				continue
			}
			name, err := excelize.ColumnNumberToName(i + 1)
			must(t, err)
			for from := 0; from < len(g.rows); {
				to := from + 1
				for to < len(g.rows) && g.rows[to][i] == g.rows[from][i] {
					to++
				}
				if to > from+1 && r.IntN(4) > 0 {
					must(t, x.MergeCell("Lines", fmt.Sprint(name, from+2), fmt.Sprint(name, to+1)))
				}
				from = to
			}
		}
	}))
}

// workbookOf makes a workbook of a statement.
func workbookOf(t *testing.T, g *generated, change func(x *excelize.File)) string {
	rows := [][]any{}
	for _, row := range append([][]string{g.columns}, g.rows...) {
		cells := make([]any, len(row))
		for i, cell := range row {
			if cell != "" {
				cells[i] = cell
			}
		}
		rows = append(rows, cells)
	}
	return string(writeWorkbook(t, rows, change))
}

// FuzzStatementLayout damages generated statements as spreadsheets and people do: totals, second tables, headers that
// come again, merged cells.
func FuzzStatementLayout(f *testing.F) {
	kinds := len(damages(nil))
	for kind := range kinds {
		f.Add(uint64(kind), uint8(kind))
	}
	f.Fuzz(func(t *testing.T, seed uint64, kind uint8) {
		damages(t)[int(kind)%kinds].check(t, seed)
	})
}

// usageOf are the lines of usage.
func usageOf(s statement) (lines []string) {
	for _, l := range s.lines {
		if l.Kind == Usage {
			lines = append(lines, l.short())
		}
	}
	return lines
}
