package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"liverecon/cmd/liverecon/monthend"
)

// filled writes a copy of the finance workbook of October with what a function types into a row of its exceptions, by
// the head, and names below it.
func (c *casebook) filled(name string, row func(row map[string]string) map[string]any, signs map[string]string) {
	c.t.Helper()
	x, err := excelize.OpenFile(filepath.Join(c.dir, "reports", "finance_2026-10.xlsx"))
	if err != nil {
		c.t.Fatal(err)
	}
	set := func(sheet string, col, row int, v any) {
		at, err := excelize.CoordinatesToCellName(col+1, row+1)
		if err == nil {
			err = x.SetCellValue(sheet, at, v)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
	rows, err := x.GetRows("Exceptions", excelize.Options{RawCellValue: true})
	if err != nil {
		c.t.Fatal(err)
	}
	var heads []string
	for i, cells := range rows {
		if slices.Contains(cells, "Status") {
			heads = cells
			continue
		}
		shown := map[string]string{}
		for k, text := range cells[:min(len(cells), len(heads))] {
			shown[heads[k]] = text
		}
		if shown["Key"] == "" {
			continue
		}
		for head, v := range row(shown) {
			set("Exceptions", slices.Index(heads, head), i, v)
		}
	}
	sheet, err := x.GetRows("Sign-off")
	if err != nil {
		c.t.Fatal(err)
	}
	for i, cells := range sheet {
		for k, text := range cells {
			if who, at, _ := strings.Cut(signs[text], " on "); who != "" {
				set("Sign-off", k+1, i, who)
				set("Sign-off", k+2, i, at)
			}
		}
	}
	if err := x.SaveAs(filepath.Join(c.dir, name)); err != nil {
		c.t.Fatal(err)
	}
}

// allOf works every open row.
func allOf(status, owner string) func(map[string]string) map[string]any {
	return func(row map[string]string) map[string]any {
		if row["Status"] != "open" {
			return nil
		}
		return map[string]any{"Status": status, "Owner": owner}
	}
}

func nothing(map[string]string) map[string]any { return nil }

// state holds what `decisions --json` says after a file was read.
func (c *casebook) state(file string) *monthend.State {
	c.t.Helper()
	var w monthend.Work
	if err := json.Unmarshal([]byte(c.runOut("decisions", "--json", file)), &w); err != nil {
		c.t.Fatal(err)
	}
	return w.State
}

// runOut returns what a verb prints when all is well.
func (c *casebook) runOut(args ...string) string {
	c.t.Helper()
	out := c.run(0, args...)
	before, object, _ := strings.Cut(out, "{")
	if object == "" {
		c.t.Fatalf("no JSON is printed: %s", before)
	}
	return "{" + object
}

// signedOctober is the case in which everything is disputed, prepared by Ana and approved by Ben.
func signedOctober(t *testing.T) *casebook {
	c := openCase(t, "12-signoff-lost")
	c.run(0, "reconcile", "--statement", "s9.csv")
	c.run(0, "reconcile", "--statement", "s10.csv")
	c.filled("signed.xlsx", allOf("disputed", "Ana"), map[string]string{"Prepared by": "Ana on 2026-11-05 10:00",
		"Approved by": "Ben on 2026-11-06"})
	return c
}

// TestWorkedAndSigned plays a month's end: what was typed into the workbook is read back, frozen with the month and
// carried on, and a signed copy differs in no figure.
func TestWorkedAndSigned(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	c.says(c.run(0, "decisions", "signed.xlsx"), "15 new decisions", "signed: prepared by Ana", "signed: approved by Ben",
		"0 open", "prepared by Ana on 2026-11-05; approved by Ben on 2026-11-0")
	c.says(c.run(0, "decisions", "signed.xlsx"), "0 new decisions", "15 decisions were stored already")
	c.run(0, "reconcile", "--statement", "s10.csv") // nothing new
	c.says(c.run(0, "status"), "worked: 15 of 23 exceptions, 0 open; USD 0.3226 left to dispute")
	c.says(c.run(0, "verify", "signed.xlsx"), " 0 different, ", "as decided and signed when it was written")
	c.run(0, "report", "finance", "--month", "2026-10")
	c.says(c.run(0, "verify", "reports/finance_2026-10.xlsx"), " 0 different\n")
	if out := c.run(0, "close", "--month", "2026-10", "--by", "Cy"); strings.Contains(out, "not ready") {
		t.Error(out)
	}
	c.says(c.run(0, "verify", "signed.xlsx"), " 0 different, ")
	c.filled("late.xlsx", func(map[string]string) map[string]any { return map[string]any{"Status": "accepted"} }, nil)
	c.says(c.run(10, "decisions", "late.xlsx"), "2026-10 was closed by Cy", "what was worked is frozen with it")
	if got := c.query("SELECT last_work || ' ' || last_signature || ' ' || length(worked) FROM closures"); got != "15 2 32" {
		t.Errorf("frozen: %s", got)
	}
}

// TestCorrectedSinceSigned: a line is withdrawn; what was decided of the others stays, the signatures fall, and are
// given again.
func TestCorrectedSinceSigned(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	c.run(0, "decisions", "signed.xlsx")
	text, err := os.ReadFile(filepath.Join(c.dir, "s10.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	corrected := strings.Join(slices.Delete(lines, 193, 194), "") // a duplicate
	if err := os.WriteFile(filepath.Join(c.dir, "s10b.csv"), []byte(corrected), 0o600); err != nil {
		t.Fatal(err)
	}
	c.says(c.run(0, "reconcile", "--statement", "s10b.csv"), "worked: 14 of 22 exceptions, 0 open",
		"1 decision has lapsed", "fallen, was for USD 0.3226 to dispute")
	c.says(c.run(10, "close", "--month", "2026-10"), "2026-10 is not ready to be closed: prepared by Ana",
		"fallen, was for USD 0.3226 to dispute", `--reason "why"`)
	c.says(c.run(0, "decisions", "signed.xlsx"), "0 new decisions", "shows other figures")
	c.filled("again.xlsx", nothing, map[string]string{"Prepared by": "Ana on 2026-11-08 09:00", "Approved by": "Ben on 2026-11-09"})
	s := c.state("again.xlsx")
	if len(s.Missing) > 0 || !s.Signatures[0].Valid || !s.Signatures[1].Valid || s.Lapsed != 1 {
		t.Errorf("signed again: %+v", s)
	}
	c.run(0, "close", "--month", "2026-10")
}

// TestNotTaken: one person does not prepare and approve, more than is at issue is not accepted, and a row whose figures
// are typed over is none of ours; what is right of the file is stored, and nobody's signature.
func TestNotTaken(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	c.filled("one.xlsx", nothing, map[string]string{"Prepared by": "Ana on 2026-11-05", "Approved by": " ana on 2026-11-06"})
	c.says(c.run(10, "decisions", "one.xlsx"), "ana has prepared and approved: another person has to approve")
	n := 0
	c.filled("wrong.xlsx", func(row map[string]string) map[string]any {
		if row["Class"] != "theirs only" && row["Class"] != "ours only" {
			return nil
		}
		n++
		return []map[string]any{nil, {"Status": "accepted", "Accepted": 1}, {"Status": "settled"}, {"Status": "disputed",
			"Transaction": "typed over"}, {"Disputed": 0.01}, {"Status": "accepted"}, {"Accepted": "much"}}[n]
	}, map[string]string{"Prepared by": "Ana on 2026-11-05"})
	c.says(c.run(10, "decisions", "wrong.xlsx"), "disputed and accepted come to 1, and 0.03", `status "settled": want open`,
		"this row's transaction was edited", "nothing of this row is to dispute", `"much" is no amount`, "1 new decision was stored",
		"and no signature")
	if got := c.query("SELECT count(*) || ' ' || (SELECT count(*) FROM signatures) FROM exception_work"); got != "1 0" {
		t.Errorf("stored: %s", got)
	}
}

// TestTwoCopies: of two people's decisions about a row the later stands, whichever file was read last; both are kept.
func TestTwoCopies(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	one := func(status, owner, at string) func(map[string]string) map[string]any {
		return func(row map[string]string) map[string]any {
			if row["Line"] != "194" {
				return nil
			}
			return map[string]any{"Status": status, "Owner": owner, "Decided at (Asia/Singapore)": at}
		}
	}
	c.filled("ana.xlsx", one("accepted", "Ana", "2026-11-05 10:00"), nil)
	c.filled("ben.xlsx", one("disputed", "Ben", "2026-11-04 10:00"), nil)
	c.run(0, "decisions", "ana.xlsx")
	c.says(c.run(0, "decisions", "ben.xlsx"), "two people disagree", "disputed here, accepted in ana.xlsx",
		"1 of them was made before what stands")
	c.says(c.run(0, "status"), "worked: 1 of 23 exceptions, 14 open; USD 0.2876 left to dispute, 0.00 disputed, 0.035 accepted",
		"two people disagree: the later decision stands")
	c.run(0, "report", "finance", "--month", "2026-10")
	c.says(c.run(0, "verify", "reports/finance_2026-10.xlsx"), " 0 different\n")
}
