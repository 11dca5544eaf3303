package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOtherProducts: October's bill also has OCR checks under their own transaction IDs, endpoints and regions, and a
// licence by the month. They are told apart by the column of products: in their own class and step, in the vendor's
// total and in what is paid, never in what is disputed.
func TestOtherProducts(t *testing.T) {
	t.Parallel()
	c := openCase(t, "02-late-lines-replace-month")
	c.append("liverecon.toml", "[statement]\nproducts = [\"Liveness*\"]\ncolumns.product = \"service\"\n")
	text, err := os.ReadFile(filepath.Join(c.dir, "s10.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(text)), "\n")
	rows[0] += ",service"
	for i := range rows[1:] {
		rows[i+1] += ",Liveness Detection"
	}
	last := len(rows) - 1
	rows[last] = strings.Replace(rows[last], ",0.032,0.032,USD", ",0.050,0.050,USD", 1)
	rows = append(rows, "901,ocr-1,2026-10-03T09:00:00+08:00,ocr-sg,APAC,OK,PAY,1,0.10,0.10,USD,Document OCR",
		"902,ocr-2,2026-11-01T09:00:00+08:00,ocr-sg,APAC,OK,PAY,1,0.10,0.10,USD,Document OCR",
		"903,,2026-10-31,,,,,0.5,40.00,20.00,USD,Console licence",
		"904,,,,,,,,,-1.00,USD,Console licence",
		"Total,,,,,,,200,,25.768,USD,")
	c.write("mixed.csv", strings.Join(rows, "\n")+"\n")
	out := c.run(0, "reconcile", "--statement", "mixed.csv")
	c.says(out, "statement 1: 203 lines of 2026-09, 2026-10, imported", "2026-10: USD 0.018 more than our records support: "+
		"0.018 to dispute, 0.00 not yet billed (beside 19.20 other products)")
	if !strings.Contains(out, "25.768, which is what its lines add up to") || strings.Contains(out, "2026-11:") {
		t.Errorf("the total holds the other products, and the second is October's: %s", out)
	}
	c.bridge("2026-10", "ours 6.183, explained by doubt 0.262, owed 6.445, price differs, more 0.018, to dispute 0.018, "+
		"other products 19.2, theirs 25.663")
	if got := c.query(`SELECT group_concat(line || ' ' || their_quantity || ' ' || their_amount || ' ' || note, '; ') FROM v_reconciled
		WHERE class = 'other product'`); got != "200 0 0.2 Document OCR, 2 lines; 202 0 19 Console licence, 2 lines" {
		t.Errorf("rows: %s", got)
	}
	c.says(c.run(0, "reconcile", "--month", "2026-10", "--json"), `"class": "other product"`, `"step": "other products"`)
	c.tied("2026-10")
	right := openCase(t, "02-late-lines-replace-month")
	right.append("liverecon.toml", "[statement]\nproducts = [\"Liveness*\"]\ncolumns.product = \"service\"\n")
	right.write("right.csv", strings.Replace(strings.Replace(strings.Join(rows, "\n")+"\n", ",0.050,0.050,USD", ",0.032,0.032,USD", 1), "25.768", "25.75", 1))
	right.says(right.run(0, "reconcile", "--statement", "right.csv"),
		"2026-10: USD 6.445 is what our records support (beside 19.20 other products)\n")
	right.tied("2026-10")
	c.run(0, "dispute", "--month", "2026-10")
	packet, err := os.ReadFile(filepath.Join(c.dir, "reports", "dispute_2026-10.csv"))
	if err != nil || strings.Contains(string(packet), "OCR") || strings.Count(string(packet), "\n") != 2 {
		t.Errorf("one line is disputed: %v %s", err, packet)
	}
	c.run(0, "report", "focus", "--month", "2026-10")
	focus, err := os.ReadFile(filepath.Join(c.dir, "reports", "focus_2026-10.csv"))
	if err != nil {
		t.Fatal(err)
	}
	c.says(string(focus), ",Purchase,,Other products of the vendor,One-Time,19.2,19.2,19.2,19.2,USD,")
	c.run(0, "close", "--month", "2026-10", "--reason", "as far as it is known")
	c.run(0, "verify", "reports/finance_2026-10.xlsx")
}

// TestOtherProductsAlone: a bill that has products, and no column for them, is not read as ours; nothing says the month of
// a bill of other products alone.
func TestOtherProductsAlone(t *testing.T) {
	t.Parallel()
	c := openCase(t, "02-late-lines-replace-month")
	c.append("liverecon.toml", "[statement]\nproducts = \"Liveness\"\n")
	c.says(c.run(10, "reconcile", "--statement", "s9.csv"), "no row names a column for product (product, product name, service)")
	c.write("ocr.csv", "product,amount,currency,quantity\nOCR,5.00,USD,50\n")
	c.says(c.run(10, "reconcile", "--statement", "ocr.csv"), "no time and no month", "--month 2026-11")
}

func (c *casebook) write(file, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, file), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// replace changes a text of a file, the first one.
func (c *casebook) replace(file, from, to string) {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, file))
	if err != nil || !strings.Contains(string(text), from) {
		c.t.Fatalf("%q in %s: %v", from, file, err)
	}
	c.write(file, strings.Replace(string(text), from, to, 1))
}

// append adds to a file.
func (c *casebook) append(file, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, file)
	old, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append(old, text...), 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}
