package record

import (
	"slices"
	"testing"
)

// TestKin tells straight histories from such as went apart, and what both have.
func TestKin(t *testing.T) {
	a, b, c := Run{1, "aa", 10}, Run{2, "bb", 20}, Run{3, "cc", 30}
	short, other := Run{2, "bb", 15}, Run{2, "dd", 20}
	for name, k := range map[string]struct {
		database, recorded []Run
		want               Kinship
	}{
		"nothing is known":                  {nil, []Run{a}, Kinship{}},
		"too far apart to tell":             {[]Run{a}, []Run{c, b}, Kinship{}},
		"the same":                          {[]Run{b, a}, []Run{b, a}, Kinship{true, b, false}},
		"behind by runs":                    {[]Run{a}, []Run{c, b, a}, Kinship{true, a, false}},
		"behind in a run":                   {[]Run{short, a}, []Run{c, b, a}, Kinship{true, short, false}},
		"ahead of its record":               {[]Run{c, b, a}, []Run{short, a}, Kinship{true, short, false}},
		"both have as many runs":            {[]Run{other, a}, []Run{b, a}, Kinship{true, a, true}},
		"it went on in a run that was left": {[]Run{b, a}, []Run{c, short, a}, Kinship{true, short, true}},
		"it left a run that went on":        {[]Run{c, short, a}, []Run{b, a}, Kinship{true, short, true}},
		"none in common":                    {[]Run{other}, []Run{c, b}, Kinship{true, Run{}, true}},
	} {
		if got := Kin(k.database, k.recorded); got != k.want {
			t.Errorf("%s: %+v, want %+v", name, got, k.want)
		}
		if got := NewRuns(k.recorded).All(); !slices.Equal(got, k.recorded) {
			t.Errorf("%s: read back as %+v", name, got)
		}
	}
	if got := NewRuns(make([]Run, MostRuns+1)).All(); len(got) > MostRuns {
		t.Errorf("%d runs in a record", len(got))
	}
}

// TestRunsLeaveRoom: where paths are long, a record has room for fewer runs, and for the newest of them.
func TestRunsLeaveRoom(t *testing.T) {
	e := Entry{Format: 1, Database: string(slices.Repeat([]byte("d"), 2*longPath)), Lists: Lists(slices.Repeat([]byte("l"), MostLists*2*markSize))}
	for n := range int64(MostRuns) {
		e.Runs += NewRuns([]Run{{1_000_000 - n, "01234567", 1_000_000_000 - n}}) + " "
	}
	line, err := encode(e)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := decode(line)
	if n := len(got.Runs.All()); !ok || n == 0 || n == MostRuns || got.Runs.All()[0].ID != 1_000_000 {
		t.Errorf("of %d bytes: %d runs", len(line), n)
	}
}
