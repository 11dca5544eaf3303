package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

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
	e := erased("Ana", "--yes")
	if !e.Done || e.Worked == 0 || !slices.Equal(e.Kept, []string{"signatures.name in 1 row"}) {
		t.Errorf("%+v", e)
	}
	if again := erased("Ana"); again.Worked != 0 || len(again.Kept) != 1 {
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
}
