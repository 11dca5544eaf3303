package connections_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"liverecon/batch/connections"
)

// TestConnections: what a connection answered is suspect once it is found ahead, and so is what comes to light of it later.
func TestConnections(t *testing.T) {
	var c connections.Answers
	for call, conn := range []uint64{1, 2, 1, 0, 2, 1} {
		if c.Note(conn, int64(call)) {
			t.Errorf("call %d is suspect from the start", call)
		}
	}
	if got := c.Ahead(1); !slices.Equal(got, []int64{0, 2, 5}) {
		t.Errorf("suspect are %v", got)
	}
	if !c.Note(1, 6) || c.Note(2, 7) || c.Note(0, 8) {
		t.Error("what the connection answers from now on is suspect, and nothing else")
	}
	if got := c.Ahead(1); len(got) != 0 {
		t.Errorf("%v twice", got)
	}
	for conn := range uint64(2 * connections.Max) {
		c.Note(conn+10, 1)
		c.Note(2, int64(conn))
	}
	if got := len(c.Ahead(2)); got != 2*connections.Max+3 {
		t.Errorf("a connection in use was forgotten: %d calls", got)
	}
	if got := c.Ahead(10); len(got) != 0 {
		t.Errorf("the oldest are not forgotten: %v", got)
	}
}

// TestUnproven: what connections that were not seen to end answered is counted when all is known of it, and told once.
func TestUnproven(t *testing.T) {
	var c connections.Answers
	var u connections.Unproven
	var text strings.Builder
	log := slog.New(slog.NewTextHandler(&text, nil))
	if u.Tell(t.Context(), log, "id", &c); text.Len() > 0 {
		t.Errorf("of none: %s", text.String())
	}
	c.Note(1, 10)
	c.Note(2, 11)
	u.Add(1, &c)
	u.Add(1, &c)
	c.Note(1, 12) // its last answer, whose call ends after the connection
	u.Add(3, &c)
	if u.Tell(t.Context(), log, "id", &c); !strings.Contains(text.String(), "endpoint=id connections=2 answers=2 ") {
		t.Errorf("told: %s", text.String())
	}
}
