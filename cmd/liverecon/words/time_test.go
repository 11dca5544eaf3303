package words

import (
	"testing"
	"time"
)

// No duration is negative: a clock that was set meanwhile is named instead.
func TestTook(t *testing.T) {
	at := time.Date(2026, 11, 29, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		lasts       time.Duration
		took, ended string
	}{
		{0, "took 0s", "ended 0 s ago"},
		{61 * time.Second, "took 1m1s", "ended 1 min ago"},
		{-time.Second, "took an unknown time: the clock was set back by 1 s or more meanwhile", "ended 0 s ago"},
		{-26 * time.Hour, "took an unknown time: the clock was set back by 1 day 2 h or more meanwhile", "is stamped 1 day 2 h later than now"},
	} {
		if got := Took(at, at.Add(c.lasts)); got != c.took {
			t.Errorf("%v: %q, want %q", c.lasts, got, c.took)
		}
		if got, ahead := Ago(at, at.Add(c.lasts)); got != c.ended || ahead != (c.lasts < -time.Minute) {
			t.Errorf("%v: %q, want %q", c.lasts, got, c.ended)
		}
	}
}
