package billing

import "testing"

func TestParseTolerance(t *testing.T) {
	for _, c := range []struct{ abs, rel, want string }{
		{"", "", "none: any difference counts"}, {"5", "", "5 in each currency"}, {"", "0.001", "0.1% of our amount"},
		{"0.01", "0.01", "0.01 in each currency, and 1% of our amount"},
	} {
		if got, err := ParseTolerance(c.abs, c.rel); err != nil || got.String() != c.want {
			t.Errorf("ParseTolerance(%q, %q) = %q, %v, want %q", c.abs, c.rel, got, err, c.want)
		}
	}
	for _, bad := range [][2]string{{"x", ""}, {"1", "0,1"}} {
		if got, err := ParseTolerance(bad[0], bad[1]); err == nil {
			t.Errorf("ParseTolerance(%q) = %v", bad, got)
		}
	}
}

// Both limits hold that are set, and without one only equality will do.
func TestTolerance(t *testing.T) {
	for _, c := range []struct {
		abs, rel, difference, ours string
		want                       bool
	}{
		{"", "", "0", "100", true}, {"", "", "0.01", "100", false},
		{"1", "", "1", "0", true}, {"1", "", "1.01", "9999", false},
		{"", "0.01", "1", "100", true}, {"", "0.01", "1.01", "100", false}, {"", "0.01", "0.01", "0", false},
		{"1", "0.001", "0.9", "100", false}, {"1", "0.001", "0.1", "100", true},
	} {
		limits, err := ParseTolerance(c.abs, c.rel)
		if err != nil {
			t.Fatal(err)
		}
		if got := limits.Allows(dec(c.difference), dec(c.ours)); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}
