package match

import (
	"fmt"
	"testing"
)

// A call of the month that the next month's statement bills too was billed twice; where the month before has it, it is
// this month's line that bills it again.
func TestMatchTwice(t *testing.T) {
	c := &matchCase{
		calls: []string{
			"1 sg/SG 11-30T23:50:00 PAY t1", "2 sg/SG 11-30T23:51:00 PAY t2", "3 sg/SG 11-30T23:52:00 LOST -", "4 sg/SG 11-01T00:05:00 PAY t4",
			"5 sg/SG 10-31T23:59:00 PAY t5",
		},
		lines: []string{
			"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t2 1 0.03 USD", "usage sg/SG 11-30T23:52:01 t3 1 0.03 USD", "usage sg/SG - t4 1 0.03 USD",
			"usage sg/SG - t5 1 0.03 USD",
		},
		neighbours: []string{
			"2026-12 usage sg/SG - t1 1 0.03 USD", "2026-12 usage sg/SG - t3 1 0.03 USD", "2026-12 usage sg/SG - t2 1 0 USD FREE",
			"2026-10 usage sg/SG - t4 1 0.03 USD", "2026-10 usage sg/SG - t5 1 0.03 USD",
		},
		rows: []string{
			"matched 1/1 1 0.03, 1 0.03",
			"matched 2/2 1 0.03, 1 0.03",
			"billed again 4/4 0 0, 1 0.03 issue 0.03 | first billed on line 0 of statement 8",
			"billed again 5/5 0 0, 1 0.03 issue 0.03 | first billed on line 0 of statement 8",
			"explained by doubt 3/3 0 0, 1 0.03",
			"other period 4/0 1 0.03, 0 0 | on the statement of 2026-10",
		},
		settled: []string{"3 billed"},
	}
	var got []string
	for _, again := range c.check(t).Twice {
		got = append(got, fmt.Sprintf("%s %d %s", again.Month, again.Lines, again.Amounts))
	}
	compare(t, "twice", got, []string{"2026-12 2 USD 0.06"})
}
