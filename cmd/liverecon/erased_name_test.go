package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/cmd/liverecon/personal"
)

// TestEraseSigner: who owns an exception is taken out, of a closed month too; who signed and closed it stays, and is named.
// Ana is not taken out of Anabel.
func TestEraseSigner(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	erased := func(name string, yes ...string) (e personal.NameErasure) {
		t.Helper()
		out := c.runOut(append([]string{"erase", "--json", "--reviewer", name}, yes...)...)
		if err := json.Unmarshal([]byte(out), &e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	c.run(0, "decisions", "signed.xlsx")
	c.run(0, "close", "--month", "2026-10", "--by", "Carol")
	before := c.run(0, "status")
	const report, kept = "reports/finance_2026-10.xlsx", "finance_2026-10.xlsx as it is kept in the database"
	e := erased("Ana", "--yes")
	if !e.Done || e.Worked == 0 || len(e.Reports) > 0 || !slices.Equal(e.Kept, []string{report, kept, "signatures.name in 1 row"}) {
		t.Errorf("%+v", e)
	}
	if again := erased("Ana"); again.Worked != 0 || len(again.Kept) != 3 {
		t.Errorf("again: %+v", again)
	}
	if carol := erased("Carol", "--yes"); carol.Decisions+carol.Worked != 0 || !slices.Equal(carol.Kept, []string{"closures.closed_by in 1 row"}) {
		t.Errorf("%+v", carol)
	}
	if none := erased("An", "--yes"); none.Worked+none.Comments != 0 || len(none.Kept)+len(none.Reports) != 0 {
		t.Errorf("a part of a name: %+v", none)
	}
	if after := c.run(0, "status"); after != before || !strings.Contains(after, "Carol") {
		t.Errorf("the month is closed otherwise:\n%s\n%s", before, after)
	}
	c.run(0, "report", "finance", "--month", "2026-10")
	c.run(0, "verify", "reports/finance_2026-10.xlsx")
	c.run(0, "close", "--month", "2026-10", "--reopen", "one more", "--by", "Carol")
	if e := erased("Ana"); !slices.Contains(e.Kept, kept+" from before the month was opened again") || !slices.Contains(e.Reports, report) {
		t.Errorf("opened again: %+v", e)
	}
}

// TestEraseSignerOfOpenMonth: signatures of an open month stay and stand, the workbook is written again without the owner.
func TestEraseSignerOfOpenMonth(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	c.run(0, "decisions", "signed.xlsx")
	c.run(0, "report", "finance", "--month", "2026-10")
	before := c.run(0, "status")
	c.says(c.run(0, "erase", "--yes", "--reviewer", "Ana"), "the name taken out of 0 decisions, 15 exceptions",
		"reports   reports/finance_2026-10.xlsx (written again)", "kept      signatures.name in 1 row",
		"kept      reports/finance_2026-10.xlsx (stays: it says who is answerable)")
	if after := c.run(0, "status"); after != before || !strings.Contains(after, "prepared by Ana") {
		t.Errorf("signed otherwise:\n%s\n%s", before, after)
	}
	c.filled("read.xlsx", func(row map[string]string) map[string]any {
		if row["Owner"] == "Ana" {
			t.Errorf("still the owner: %v", row)
		}
		return nil
	}, nil)
	c.says(c.run(0, "verify", "reports/finance_2026-10.xlsx"), " 0 different\n")
}

// TestErasedMentionOfClosedMonth: a comment names an ID. It is taken out of the database; that the workbook of the closed
// month holds it, in its directory and kept, is said, and that the comment stays is not.
func TestErasedMentionOfClosedMonth(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	c.query("UPDATE checks SET id = 'c01d' || printf('%06d', check_id) RETURNING 1")
	const id = "c01d000007"
	c.filled("signed.xlsx", func(row map[string]string) map[string]any {
		if row["Status"] != "open" {
			return nil
		}
		return map[string]any{"Status": "disputed", "Owner": "Ana", "Comment": "of " + id}
	}, nil)
	c.run(0, "decisions", "signed.xlsx")
	c.run(0, "close", "--month", "2026-10", "--by", "Carol", "--reason", "nobody signs")
	const want = "kept      finance_2026-10.xlsx as it is kept in the database (stays: it may not be changed)"
	said := c.run(0, "erase", id)
	c.says(said, "15 other mentions would be taken out", want, "kept      reports/finance_2026-10.xlsx (stays: it may not be changed)")
	if strings.Contains(said, "exception_work") {
		t.Errorf("a comment is said to stay:\n%s", said)
	}
	c.says(c.run(0, "erase", "--yes", id), "15 other mentions taken out", want)
	if left := c.query("SELECT count(*) FROM exception_work WHERE instr(comment, '" + id + "')"); left != "0" {
		t.Errorf("%s comments hold the ID", left)
	}
	c.run(0, "report", "finance", "--month", "2026-10")
	c.says(c.run(0, "verify", "reports/finance_2026-10.xlsx"), " 0 different")
}

// owed counts the reports that are still to be written again.
const owed = "SELECT json_array_length(value) FROM settings WHERE key = 'renewals'"

// TestEraseNameKilled: `erase --reviewer` is killed at any moment, also between the database and the reports. What comes
// next, be it the same command or a run, finishes it.
func TestEraseNameKilled(t *testing.T) {
	t.Parallel()
	c := signedOctober(t)
	c.filled("worked.xlsx", allOf("disputed", "Ana"), nil)
	c.run(0, "decisions", "worked.xlsx")
	c.run(0, "report", "finance", "--month", "2026-10")
	for _, name := range []string{"signed.xlsx", "worked.xlsx"} {
		if err := os.Remove(filepath.Join(c.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	c.query(`INSERT INTO settings VALUES ('renewals', '["risk_1999-01.xlsx","nothing of ours"]') RETURNING 1`)
	for i, killed := 0, 0; killed < 3 && i < 60; i++ {
		cmd := exec.Command("liverecon", "erase", "--yes", "--reviewer", "Ana")
		cmd.Dir = c.dir
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range 200 { // until nobody is the owner any more, and the workbook is as it was
			if time.Sleep(time.Millisecond); c.query("SELECT count(*) FROM exception_work WHERE owner = 'Ana'") == "0" {
				break
			}
		}
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
		if c.query(owed) != "0" {
			killed++
		}
	}
	c.says(c.run(0, "erase", "--yes", "--reviewer", "Ana"), "written again")
	if left := c.query(owed); left != "0" {
		t.Errorf("%s reports are still owed", left)
	}
	c.filled("read.xlsx", func(row map[string]string) map[string]any {
		if row["Owner"] == "Ana" {
			t.Errorf("still the owner: %v", row)
		}
		return nil
	}, nil)
}

// TestRunFinishesRemoval: a run writes the reports again that a removal has left, those of closed periods too, and makes none
// that somebody has taken away.
func TestRunFinishesRemoval(t *testing.T) {
	t.Parallel()
	c := &casebook{t, t.TempDir()}
	if err := os.WriteFile(filepath.Join(c.dir, "ids_ID.csv"), []byte("signatureId\nc01dface5eedf001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.run(0, "run", "--simulate", "ids_ID.csv")
	reports := filepath.Join(c.dir, "out", "reports")
	c.run(0, "report", "risk", "--simulate", "--month", "2025-01")
	stale := filepath.Join(reports, "risk_2025-01.xlsx")
	before, err := os.Stat(stale)
	if err == nil {
		err = os.Symlink(filepath.Join("out", "liverecon.db"), filepath.Join(c.dir, "l.db"))
	}
	if err != nil {
		t.Fatal(err)
	}
	c.query(`INSERT INTO settings VALUES ('renewals', '["risk_2025-01.xlsx","risk_2025-02.xlsx"]') RETURNING 1`)
	c.run(0, "run", "--simulate", "ids_ID.csv")
	if left := c.query(owed); left != "0" {
		t.Errorf("%s reports are still owed", left)
	}
	if after, err := os.Stat(stale); err != nil || os.SameFile(before, after) {
		t.Errorf("it was not written again: %v", err)
	}
	if _, err := os.Stat(filepath.Join(reports, "risk_2025-02.xlsx")); !os.IsNotExist(err) {
		t.Errorf("a report that was not there is there: %v", err)
	}
}
