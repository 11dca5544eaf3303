package oracle

import (
	"fmt"
	"testing"
)

// TestPartsOfSeveralFiles has ten calls billed by one file and a second file that shares some of its lines.
func TestPartsOfSeveralFiles(t *testing.T) {
	for _, test := range []struct {
		name            string
		shared          int // lines of the first file in the second
		invoice         string
		replace         bool
		dispute, notYet string
		files           int // that pay
		asked           int
	}{
		{"adds", 0, "2026-09", false, "0", "0", 2, 0},
		{"a few are billed again", 3, "2026-09", false, "0.105", "0", 2, 0},
		{"supersedes", 4, "2026-09", false, "0", "0.105", 1, 0},
		{"asked", 4, "2026-10", false, "0", "0.105", 1, 1},
		{"replaces as said", 4, "2026-10", true, "0", "0.105", 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStory(flat("sg", "0.035"))
			calls := s.paid(10, "sg", at("10 06:00"))
			bill := func(from, to int) []Line {
				s.lines = nil
				for _, c := range calls[from:to] {
					s.line(Line{Time: c.Sent, Endpoint: "sg", Region: "SG", Amount: dec("0.035")})
				}
				return s.lines
			}
			j := s.judgeFiles(t, Statement{Name: "a", Invoice: "2026-09", Lines: bill(0, 7)},
				Statement{Name: "b", Invoice: test.invoice, Lines: bill(7-test.shared, 10), Replace: test.replace})
			j.headline(test.dispute, test.notYet)
			if len(j.Payments) != test.files || len(j.Asked) != test.asked {
				t.Error(fmt.Sprint(j.Payments, j.Asked))
			}
		})
	}
}
