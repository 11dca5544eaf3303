package gate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/batch/gate"
)

// TestBoundaries holds K of L to the numbers at which the gate shuts, and at which it is said.
func TestBoundaries(t *testing.T) {
	for _, c := range []struct {
		ours, lines    int64
		shut, doubtful bool
	}{
		{0, 0, false, false},
		{0, 1, true, true}, {1, 1, false, false}, {0, 4, true, true}, {1, 4, false, true}, {3, 4, false, true}, {4, 4, false, false},
		{2, 5, true, true}, {3, 5, false, true}, {5, 5, false, false},
		{4, 9, true, true}, {5, 10, false, true}, {4, 10, true, true}, {8, 10, false, true}, {9, 10, false, false},
		{286, 574, true, true}, {287, 574, false, true}, {516, 574, false, true}, {517, 574, false, false}, {552, 574, false, false},
	} {
		f := gate.Found{Ours: c.ours, Lines: c.lines}
		if f.Shut() != c.shut || f.Doubtful() != c.doubtful {
			t.Errorf("%d of %d: shut %v, said %v", c.ours, c.lines, f.Shut(), f.Doubtful())
		}
		if got, want := f.Sentence(), fmt.Sprintf("%d of %d transaction IDs are ours", c.ours, c.lines); c.doubtful && got != want || !c.doubtful && got != "" {
			t.Errorf("%d of %d: %q", c.ours, c.lines, got)
		}
	}
}

var noon = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

// found lays lines beside calls of which the lines' times stand so far off.
func found(t *testing.T, change func(string) string, off ...time.Duration) gate.Found {
	t.Helper()
	g := gate.New()
	for i, d := range off {
		g.Line(change(fmt.Sprintf("0a%d", i)), noon.Add(time.Duration(i)*time.Hour+d))
	}
	others := []string{}
	for i := range off {
		g.Call(int64(i+1), fmt.Sprintf("0a%d", i), noon.Add(time.Duration(i)*time.Hour), false)
		others = append(others, fmt.Sprintf("0a%d", i))
	}
	f, err := g.Found(func(each func(string)) error {
		for _, id := range others {
			each(id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func same(id string) string { return id }

// TestClock holds the offset of all lines to its numbers.
func TestClock(t *testing.T) {
	const h, m, s = time.Hour, time.Minute, time.Second
	for name, c := range map[string]struct {
		off  []time.Duration
		want string
	}{
		"eight hours":                {[]time.Duration{8*h + s, 8 * h, 8 * h, 8 * h, 8 * h}, "all lines stand +8 h 00 min from our calls: set statement.time_zone"},
		"earlier, and a half":        {[]time.Duration{-5*h - 30*m, -5*h - 30*m, -5*h - 30*m, -5*h - 30*m, -5*h - 30*m}, "all lines stand -5 h 30 min from our calls: set statement.time_zone"},
		"four pairs are too few":     {[]time.Duration{8 * h, 8 * h, 8 * h, 8 * h}, ""},
		"two minutes are a delay":    {[]time.Duration{2 * m, 2 * m, 2 * m, 2 * m, 2 * m}, ""},
		"a second more is a clock":   {[]time.Duration{2*m + s, 2*m + s, 2*m + s, 2*m + s, 2*m + s}, "all lines stand +2m1s from our calls: their clock is off"},
		"within 60 s of the median":  {[]time.Duration{8*h - 60*s, 8 * h, 8 * h, 8 * h, 8*h + 60*s}, "all lines stand +8 h 00 min from our calls: set statement.time_zone"},
		"eight in ten are too few":   {[]time.Duration{8 * h, 8 * h, 8 * h, 8 * h, 8 * h, 8 * h, 8 * h, 8 * h, s, s}, ""},
		"nine in ten are enough":     {[]time.Duration{8 * h, 8 * h, 8 * h, 8 * h, 8 * h, 8 * h, 8 * h, 8 * h, 8 * h, s}, "all lines stand +8 h 00 min from our calls: set statement.time_zone"},
		"61 s beside a quarter hour": {[]time.Duration{8*h + 61*s, 8*h + 61*s, 8*h + 61*s, 8*h + 61*s, 8*h + 61*s}, "all lines stand +8h1m1s from our calls: their clock is off"},
		"our clock":                  {[]time.Duration{s, s, s, s, s}, ""},
	} {
		if got := found(t, same, c.off...).Clock(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestFolding says that IDs are ours but for what exports do to them.
func TestFolding(t *testing.T) {
	zero := make([]time.Duration, 6)
	for name, change := range map[string]func(string) string{
		"case": strings.ToUpper, "quotes": func(id string) string { return "'" + id }, "blanks": func(id string) string { return id + " " },
		"zeros": func(id string) string { return strings.TrimLeft(id, "0") },
	} {
		f := found(t, change, zero...)
		if want := "0 of 6 transaction IDs are ours (6 but for case, quotes, blanks or leading zeros)"; f.Sentence() != want || !f.Shut() {
			t.Errorf("%s: %q", name, f.Sentence())
		}
	}
	if f := found(t, func(id string) string { return "b" + id }, zero...); f.Sentence() != "0 of 6 transaction IDs are ours" {
		t.Errorf("strangers: %q", f.Sentence())
	}
}

// TestOtherMonths: a line about a call of another month is about a call of ours.
func TestOtherMonths(t *testing.T) {
	g := gate.New()
	g.Line("a", noon)
	g.Line("b", noon)
	f, err := g.Found(func(each func(string)) error { each("b"); each("a"); return nil })
	if err != nil || f.Ours != 2 || f.Shut() {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestNearlyOurs: lines that are ours but for how their IDs are written are named and counted, and are strangers still.
func TestNearlyOurs(t *testing.T) {
	for name, c := range map[string]struct {
		ours, theirs []string
		want         string
		mends        []string
	}{
		"capitals": {[]string{"9faba82a", "c", "d"}, []string{"9FABA82A", "c", "d"},
			`1 transaction ID would be ours but for capitals ("9FABA82A" for our "9faba82a")`, []string{"answers have them"}},
		"typographic apostrophe": {[]string{"196", "c"}, []string{"’196", "c"},
			`1 transaction ID would be ours but for quotes ("’196" for our "196")`, []string{"answers have them"}},
		"quotes": {[]string{"a1", "b2", "c3"}, []string{"“a1”", "«b2»", `"c3"`},
			`3 transaction IDs would be ours but for quotes ("\"c3\"" for our "c3", "«b2»" for our "b2")`, nil},
		"zeros": {[]string{"0012", "012a"}, []string{"12", "12a"},
			`2 transaction IDs would be ours but for leading zeros ("12" for our "0012", "12a" for our "012a")`, []string{"as text"}},
		"ours lacks the zero": {[]string{"12"}, []string{"012"}, `1 transaction ID would be ours but for leading zeros ("012" for our "12")`, nil},
		"point":               {[]string{"123"}, []string{"123.0"}, `1 transaction ID would be ours but for .0 ("123.0" for our "123")`, []string{"as text"}},
		"capitals and zeros": {[]string{"0ab"}, []string{"AB"},
			`1 transaction ID would be ours but for capitals, leading zeros ("AB" for our "0ab")`, []string{"as text", "answers have them"}},
		"blanks":    {[]string{"ab"}, []string{"ab "}, `1 transaction ID would be ours but for blanks ("ab " for our "ab")`, nil},
		"strangers": {[]string{"ab", "0"}, []string{"ac", "000"}, "", nil},
		// of two that fold to the same, one of which is named as it is, the other is nobody's
		"named as it is": {[]string{"ab"}, []string{"ab", "AB"}, "", nil},
	} {
		for _, far := range []bool{false, true} { // calls of the month, and of all others
			g := gate.New()
			for _, id := range c.theirs {
				g.Line(id, noon)
			}
			others := []string{}
			for i, id := range c.ours {
				if far && !slices.Contains(c.theirs, id) {
					others = append(others, id)
					continue
				}
				g.Call(int64(i+1), id, noon, false)
			}
			f, err := g.Found(func(each func(string)) error {
				for _, id := range others {
					each(id)
				}
				return nil
			})
			if err != nil || far && !f.Doubtful() {
				continue
			}
			if got := f.Near.Sentence(); got != c.want {
				t.Errorf("%s (far %v): %s, want %s", name, far, got, c.want)
			}
			if f.Near != nil {
				for _, mend := range c.mends {
					if !strings.Contains(f.Near.Hint, mend) {
						t.Errorf("%s: no %q in %q", name, mend, f.Near.Hint)
					}
				}
				if f.Ours+f.Near.Lines != f.Lines {
					t.Errorf("%s: %d ours and %d nearly of %d", name, f.Ours, f.Near.Lines, f.Lines)
				}
			}
		}
	}
}

// TestForget: which calls in doubt lines name is known when lines and calls are forgotten.
func TestForget(t *testing.T) {
	g := gate.New()
	g.Line("a", noon)
	g.Call(7, "a", noon, true)
	g.Call(8, "b", noon, true)
	g.Forget()
	if !g.Names(7) || g.Names(8) || len(g.Unknown()) != 0 {
		t.Errorf("7 %t, 8 %t, unknown %q", g.Names(7), g.Names(8), g.Unknown())
	}
}
