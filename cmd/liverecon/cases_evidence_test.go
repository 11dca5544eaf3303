package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"liverecon/report/worked"
)

// cell returns what a cell of October's finance workbook shows.
func (c *casebook) cell(sheet, ref string) string {
	c.t.Helper()
	x, err := excelize.OpenFile(filepath.Join(c.dir, "reports", "finance_2026-10.xlsx"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer x.Close() //nolint:errcheck // only read from
	text, err := x.GetCellValue(sheet, ref)
	if err != nil {
		c.t.Fatal(err)
	}
	return text
}

// later lays a paid call beside the case's, as a run does after it was reconciled.
func (c *casebook) later(call, sent, endpoint, region string) {
	c.t.Helper()
	text := "call,check,attempt,reason,sent_at,outcome,cause,http_status,code,pricing,tag,transaction_id,latency_ms,endpoint,region\n" +
		call + "," + call + ",1,first," + sent + ",answered,,200,SUCCESS,PAY,pay,feed" + call + ",200," + endpoint + "," + region + "\n"
	if err := os.WriteFile(filepath.Join(c.dir, "late.csv"), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.lay("late.csv")
}

// bornOnce fails unless what a closed month freezes of paid calls is what its reconciliation has.
func (c *casebook) bornOnce(month string) {
	c.t.Helper()
	got := c.query(`SELECT (SELECT sum(calls) FROM closed_usage WHERE closure_id = c.closure_id AND tag = 'pay') - r.charges - r.elsewhere
		FROM closures c JOIN reconciliations r USING (reconciliation_id) WHERE c.month = '` + month + `' AND c.reopened_at IS NULL`)
	if got != "0" {
		c.t.Errorf("%s paid calls of %s are borne by no month", got, month)
	}
}

// TestCloseWithLateCalls: calls that came after a month was reconciled are in none of its figures: its signatures are
// for others, nothing is said to be right, and it is closed when it was reconciled with them, whatever reason is given.
// Calls of another month change nothing.
func TestCloseWithLateCalls(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	c.says(c.run(0, "decisions", "signed.xlsx"), "approved by Ben on 2026-11-05")
	c.later("9001", "2026-11-10T03:00:00.000Z", "sg", "SG")
	if s := c.state("signed.xlsx"); len(s.Missing) > 0 {
		t.Errorf("a call of November: %q", s.Missing)
	}
	c.later("9002", "2026-10-20T03:00:00.000Z", "sg", "SG")
	late := "1 call has reached the journal since the statement was reconciled"
	for _, more := range [][]string{nil, {"--reason", "no time"}} {
		c.says(c.run(10, append([]string{"close", "--month", "2026-10"}, more...)...), "close 2026-10: "+late,
			"`liverecon reconcile --month 2026-10`: no month would bear these calls")
	}
	c.says(c.run(0, "status"), late+": reconcile again", "fallen, was for USD 0.3226 to dispute")
	c.run(0, "report", "finance", "--month", "2026-10")
	if got := c.cell("Summary", "B6"); got != late+": reconcile again (without it USD 0.3226 to dispute, 0.097 not yet billed)" {
		t.Errorf("the headline is %q", got)
	}
	c.says(c.run(0, "reconcile", "--month", "2026-10"), "fallen, was for USD 0.3226 to dispute")
	c.run(0, "close", "--month", "2026-10", "--reason", "Ben is away")
	c.bornOnce("2026-10")
}

// TestAcceptedLeavesDispute: what was accepted or explained is asked back nowhere: not in the headline, the packet, the
// roll-forward or the journal; it is paid. What is credited waits for the credit, and is in no packet.
func TestAcceptedLeavesDispute(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                     string
		work                     func(row map[string]string) map[string]any
		headline, packet, claims string
		lines                    int
	}{
		{"nothing", nothing, "0.3226 to dispute, 0.097 not yet billed", "wrote reports/dispute_2026-10.csv", "0.3226", 12},
		{"accepted", allOf("accepted", "Ana"), "0.00 to dispute (0.3226 accepted, credited or explained), 0.097 not yet billed",
			"nothing to dispute in 2026-10: all that is billed beyond the records was accepted, credited or explained", "0", 0},
		{"explained", allOf("explained", "Ana"), "0.00 to dispute (0.3226 accepted, credited or explained), ", "nothing to dispute", "0", 0},
		{"credited", allOf("credited", "Ana"), "0.00 to dispute (0.3226 accepted, credited or explained), ", "nothing to dispute", "0.3226", 0},
		{"in part", func(row map[string]string) map[string]any {
			if row["Line"] != "194" { // a duplicate of 0.035
				return nil
			}
			return map[string]any{"Status": "disputed", "Accepted": 0.005}
		}, "0.3176 to dispute (0.005 accepted, credited or explained), ", "wrote reports/dispute_2026-10.csv", "0.3176", 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := signedOctober(t)
			c.filled("worked.xlsx", test.work, nil)
			c.run(0, "decisions", "worked.xlsx")
			c.run(0, "report", "finance", "--month", "2026-10")
			c.says(c.cell("Summary", "B6"), test.headline)
			c.says(c.run(0, "dispute", "--month", "2026-10"), test.packet)
			if test.lines > 0 {
				if rows := c.csv("reports/dispute_2026-10.csv"); len(rows) != test.lines {
					t.Errorf("the packet has %d lines", len(rows))
				}
			}
			if got := c.rolled("= Closing", 2); got != test.claims {
				t.Errorf("disputed and not credited: %s", got)
			}
			c.run(0, "verify", "reports/finance_2026-10.xlsx")
		})
	}
}

// rolled returns what the roll-forward's n-th table has in a column for all places.
func (c *casebook) rolled(head string, n int) string {
	c.t.Helper()
	x, err := excelize.OpenFile(filepath.Join(c.dir, "reports", "finance_2026-10.xlsx"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer x.Close() //nolint:errcheck // only read from
	rows, err := x.GetRows("Roll-forward", excelize.Options{RawCellValue: true})
	if err != nil {
		c.t.Fatal(err)
	}
	col := -1
	for _, cells := range rows {
		if at := slices.Index(cells, head); at >= 0 {
			col, n = at, n-1
		}
		if n == 0 && len(cells) > col && slices.Contains(cells, "All") {
			return cells[col]
		}
	}
	return "no such table"
}

// TestWorkedInPart: what nobody has settled or disputed of a row's amount is open, whatever its status says: it is not
// paid, and the month is not closed.
func TestWorkedInPart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		cells map[string]any
		state string // settled and claimed of the row's 0.035, and what is paid of 6.6706
		open  int64
	}{
		{"accepted whole", map[string]any{"Status": "accepted"}, "0.035 0 6.67", 0},
		{"disputed whole", map[string]any{"Status": "disputed"}, "0 0.035 6.64", 0},
		{"accepted a part", map[string]any{"Status": "accepted", "Accepted": 0.001}, "0.001 0 6.64", 1},
		{"disputed a part", map[string]any{"Status": "disputed", "Disputed": 0.03}, "0 0.03 6.64", 1},
		{"accepted but for what is disputed", map[string]any{"Status": "accepted", "Disputed": 0.03}, "0.005 0.03 6.64", 0},
		{"explained but for what is disputed", map[string]any{"Status": "explained", "Disputed": 0.03}, "0.005 0.03 6.64", 0},
		{"both, and they add up", map[string]any{"Status": "disputed", "Disputed": 0.03, "Accepted": 0.005}, "0.005 0.03 6.64", 0},
		{"both, and they do not", map[string]any{"Status": "accepted", "Disputed": 0.02, "Accepted": 0.005}, "0.005 0.02 6.64", 1},
	} {
		c := signedOctober(t)
		c.filled("worked.xlsx", func(row map[string]string) map[string]any {
			if row["Line"] == "194" {
				return test.cells
			}
			return allOf("accepted", "Ana")(row)
		}, nil)
		s := c.state("worked.xlsx")
		if got := s.Missing[0]; (test.open > 0) != strings.Contains(got, "1 exception is worked in part") {
			t.Errorf("%s: %q", test.name, got)
		}
		other := decimal.RequireFromString("0.2876") // of the rows that are accepted
		got := worked.Amount(s.Sums[0].Settled).Sub(other).String() + " " + s.Sums[0].Claimed + " " + s.Sums[0].Pay
		if got != test.state {
			t.Errorf("%s: %s, want %s", test.name, got, test.state)
		}
	}
}

// TestNobodyTypesTheTolerance: the tolerance closes rows by itself, and only where there is one; what it closes is held
// back nowhere: paid, cost, and in no packet.
func TestNobodyTypesTheTolerance(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	c.filled("typed.xlsx", allOf("within tolerance", "Ana"), nil)
	c.says(c.run(10, "decisions", "typed.xlsx"), "status within tolerance: no tolerance closes this row")
	if got := c.state("signed.xlsx"); got.Open != 0 {
		t.Errorf("%d rows are open", got.Open)
	}
	c = openCase(t, "12-signoff-lost")
	c.replace("liverecon.toml", "[billing]", "[billing]\ntolerance_abs = \"5.00\"\ntolerance_rel = \"50%\"")
	c.run(0, "reconcile", "--statement", "s9.csv")
	c.run(0, "reconcile", "--statement", "s10.csv")
	c.says(c.run(0, "dispute", "--month", "2026-10"), "nothing to dispute in 2026-10", "is within the tolerance")
	if held := c.rolled("= Closing", 2); held != "no such table" && held != "0" {
		t.Errorf("disputed and not credited: %s", held)
	}
	c.filled("signed.xlsx", nothing, map[string]string{"Prepared by": "Ana on 2026-11-05", "Approved by": "Ben on 2026-11-06"})
	if s := c.state("signed.xlsx"); len(s.Missing) > 0 || s.Sums[0].Left != "0" || s.Sums[0].Pay != "6.67" {
		t.Errorf("%+v", s)
	}
}

// edited writes a copy of October's finance workbook after a function changed it.
func (c *casebook) edited(name string, edit func(x *excelize.File) error) {
	c.t.Helper()
	x, err := excelize.OpenFile(filepath.Join(c.dir, name))
	if err == nil {
		err = edit(x)
	}
	if err == nil {
		err = x.SaveAs(filepath.Join(c.dir, name))
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// TestSignedAsShown: nobody signs for what his file does not show: rows that were left out while others were decided
// since, a sheet or digests that are gone. A column that bears the name of ours is not read in its place; where nobody
// can tell which is ours, nothing is. A sheet that has another name is found.
func TestSignedAsShown(t *testing.T) {
	t.Parallel()
	both := map[string]string{"Prepared by": "Ana on 2026-11-05", "Approved by": "Ben on 2026-11-06"}
	insert := func(col string, text any) func(*excelize.File) error {
		return func(x *excelize.File) error {
			if err := x.InsertCols("Exceptions", col, 1); err != nil {
				return err
			}
			for row := 5; row < 28; row++ {
				v := any("Status")
				if row > 5 {
					v = text
				}
				if err := x.SetCellValue("Exceptions", col+strconv.Itoa(row), v); err != nil {
					return err
				}
			}
			return nil
		}
	}
	status, after := "N", "O"
	for _, test := range []struct {
		name     string
		edit     func(x *excelize.File) error
		exit     int
		says     []string
		decided  string
		approved string
	}{
		{"as it is", func(*excelize.File) error { return nil }, 0, []string{"15 new decisions", "signed: approved by Ben"}, "15", "1"},
		{"rows left out", func(x *excelize.File) error { return x.RemoveRow("Exceptions", 8) }, 10,
			[]string{"1 exceptions of the month are not in this file", "`liverecon report finance --month 2026-10`"}, "14", "0"},
		{"no exceptions", func(x *excelize.File) error { return x.DeleteSheet("Exceptions") }, 10,
			[]string{"no sheet with the exceptions of 2026-10 is in this file"}, "0", "0"},
		{"another name", func(x *excelize.File) error { return x.SetSheetName("Exceptions", "Ausnahmen") }, 0,
			[]string{"15 new decisions", "signed: approved by Ben"}, "15", "1"},
		{"to sign on by another name", func(x *excelize.File) error { return x.SetSheetName("Sign-off", "Freigabe") }, 0,
			[]string{"15 new decisions", "signed: approved by Ben"}, "15", "1"},
		{"a column at the left", insert("A", "accepted"), 0, []string{"column A is another of the name Status: it is not read, and 22"}, "15", "1"},
		{"a column before ours", insert(status, "accepted"), 10, []string{"2 columns of the name Status"}, "0", "0"},
		{"a column after ours", insert(after, "accepted"), 10, []string{"2 columns of the name Status"}, "0", "0"},
		{"no digests", func(x *excelize.File) error {
			rows, err := x.GetRows("Sign-off")
			for i, cells := range rows {
				if k := slices.Index(cells, "Worked digest"); k >= 0 && err == nil {
					at, _ := excelize.CoordinatesToCellName(k+2, i+1)
					err = x.SetCellValue("Sign-off", at, nil)
				}
			}
			return err
		}, 10, []string{"the digests of what is signed are missing below"}, "15", "0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := signedOctober(t)
			c.filled("signed.xlsx", allOf("disputed", "Ana"), both)
			c.edited("signed.xlsx", test.edit)
			c.says(c.run(test.exit, "decisions", "signed.xlsx"), test.says...)
			got := c.query("SELECT (SELECT count(*) FROM exception_work WHERE status = 'disputed') || ' ' || (SELECT count(*) FROM signatures WHERE role = 'approved')")
			if got != test.decided+" "+test.approved {
				t.Errorf("decided and approved: %s", got)
			}
		})
	}
}

// TestWhenSigned: nobody signs in the future, before the month, or what is prepared later.
func TestWhenSigned(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		prepared, approved string
		exit               int
		says               string
	}{
		{"2026-11-05 10:00", "2026-11-05", 0, "signed: approved by Ben"},
		{"2026-11-05 10:00", "2026-11-03", 10, "approved on 2026-11-03, before it was prepared on 2026-11-05"},
		{"2999-11-05 10:00", "2026-11-06", 10, "is in the future"},
		{"2026-09-05 10:00", "2026-11-06", 10, "is before the month begins"},
	} {
		c := signedOctober(t)
		c.filled("when.xlsx", nothing, map[string]string{"Prepared by": "Ana on " + test.prepared, "Approved by": "Ben on " + test.approved})
		c.says(c.run(test.exit, "decisions", "when.xlsx"), test.says)
	}
}

// TestFrozenEvidence: what is typed into a closed month's workbook is no filling in: verify names every cell.
func TestFrozenEvidence(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	c.run(0, "decisions", "signed.xlsx")
	c.run(0, "close", "--month", "2026-10", "--by", "Cy")
	c.says(c.run(0, "verify", "reports/finance_2026-10.xlsx"), " 0 different\n")
	c.says(c.run(0, "verify", "signed.xlsx"), " 0 different, ")
	c.filled("forged.xlsx", func(row map[string]string) map[string]any {
		if row["Status"] != "disputed" {
			return nil
		}
		return map[string]any{"Status": "accepted"}
	}, map[string]string{"Approved by": "Mallory on 2026-11-06"})
	c.says(c.run(1, "verify", "forged.xlsx"), "Mallory", "Ben", "accepted", " different", "forged.xlsx differs from the database in ")
	c.says(c.run(1, "verify", "--json", "forged.xlsx"), `"want": "Ben"`, `"got": "Mallory"`, `"different": 16`)
}
