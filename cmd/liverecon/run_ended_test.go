package main

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"liverecon/batch/liveness/simulator"
)

// TestLogOfARunWithoutARow: a run that could not even write its row says in the log what it says in its last line.
func TestLogOfARunWithoutARow(t *testing.T) {
	t.Parallel()
	c := newSite(t, t.TempDir(), 10, simulator.Config{Seed: 1, Balance: -1})
	c.finish()
	db, err := sql.Open("sqlite", filepath.Join(c.dir, "liverecon.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec("CREATE TRIGGER no_more BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'no more runs'); END")
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	code, text := c.code("run")
	if code != 1 || !strings.Contains(text, `"msg":"run ended","run":0,"exit_code":1,"verdict":"FAILED: `) ||
		!strings.Contains(text, "\nFAILED: ") || strings.Contains(text, `"verdict":""`) {
		t.Errorf("exit %d\n%s", code, text)
	}
}

// TestOpenState: status says for what more nights are needed only while it is there.
func TestOpenState(t *testing.T) {
	for want, states := range map[string][]string{
		"what is pending": {"in_doubt", "pending"}, "what is in doubt": {"held", "in_doubt"}, "": {"asked_again", "held"},
	} {
		r := statusResult{Nights: 2}
		for _, state := range states {
			r.Backlog = append(r.Backlog, statusBacklog{"id", "ID", state, 1})
		}
		says := printed(t, func(out stream) { printBacklog(out, r) })
		if got := r.openState(); got != want || strings.Contains(says, "2 more nights") != (want != "") {
			t.Errorf("%v: %q, want %q:\n%s", states, got, want, says)
		}
	}
}
