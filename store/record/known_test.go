package record

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// knows is a Known of runs by nonce and calls.
func knows(lists Lists, runs ...KnownRun) (k Known) {
	for _, r := range runs {
		k.Add(r)
	}
	k.Lists = lists
	return k
}

func run(nonce string, calls, from int64) KnownRun {
	return KnownRun{Nonce: nonce, Calls: calls, From: from, Until: from + 5}
}

// TestLack: what is lacking is what is known in all histories less what the copy has or counts as lost, to the call.
func TestLack(t *testing.T) {
	restoration := KnownRun{Nonce: "r", From: 40, Until: 41, Restoration: true, Lost: 3, Guessed: true, Held: 25,
		Lacked: []string{"b", "c"}}
	a, b, c := OneList("a", "1"), OneList("b", "2"), OneList("c", "3")
	known := knows(a+b+c, run("a", 10, 10), run("b", 10, 20), run("c", 9, 30), restoration)
	for name, want := range map[string]struct {
		have         Known
		calls, ahead int64
		from, until  int64
		runs         int
		guessed      bool
		lists        Lists
	}{
		"everything":         {known, 0, 0, 0, 0, 0, false, ""},
		"nothing":            {Known{}, 32, 6, 10, 41, 4, true, a + b + c},
		"the oldest":         {knows(a, run("a", 10, 10)), 22, 6, 20, 41, 3, true, b + c},
		"a newer one":        {knows(a+b, run("a", 10, 10), run("b", 10, 20)), 12, 16, 30, 41, 2, true, c},
		"but for a part":     {knows(a+b+c, run("a", 10, 10), run("b", 4, 20), run("c", 9, 30), restoration), 6, 0, 20, 25, 1, false, ""},
		"one of its own too": {knows(a+b+c, run("a", 10, 10), run("b", 10, 20), run("d", 99, 30), restoration), 9, 0, 30, 35, 1, false, ""},
	} {
		l := known.Lack(want.have)
		if l.Calls != want.calls || l.Ahead != want.ahead || len(l.Runs) != want.runs || l.Guessed != want.guessed || l.Lists != want.lists ||
			want.runs > 0 && (l.From.UnixMilli() != want.from || l.Until.UnixMilli() != want.until) {
			t.Errorf("with %s: %+v, want %+v", name, l, want)
		}
	}
	if l := knows("", KnownRun{Nonce: "x", Calls: 2}).Lack(Known{}); !l.From.IsZero() || l.Calls != 2 {
		t.Errorf("of a run whose time is not known: %+v", l)
	}
}

// TestKnownGrows: a record takes over whatever it is told, in whatever order and beside hashes of erased IDs, and loses nothing;
// a damaged line costs itself alone.
func TestKnownGrows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	rng := rand.New(rand.NewPCG(1, 1))
	var want Known
	var erased []Erased
	same := func(when string) {
		t.Helper()
		got := Look(path)
		if more := want.Beyond(got.Known); got.Err != nil || len(more.Runs)+len(more.Lists)+len(more.IDs) > 0 {
			t.Fatalf("%s: it has lost %+v, %v", when, more, got.Err)
		}
		if more := got.Known.Beyond(want); len(more.Runs)+len(more.Lists)+len(more.IDs) > 0 {
			t.Fatalf("%s: it has made up %+v", when, more)
		}
		if kept, err := ReadErased(path); err != nil || !slices.Equal(kept, erased) {
			t.Fatalf("%s: erased are %x, %v, want %x", when, kept, err, erased)
		}
	}
	for round := range 60 {
		var some Known
		for range rng.IntN(4) {
			n := rng.Int64N(20)
			r := KnownRun{ID: n, Nonce: fmt.Sprintf("%08x", n), Calls: rng.Int64N(50), From: 1 + n, Until: rng.Int64N(99), Guessed: rng.IntN(9) == 0}
			some.Add(r)
			some.Lists += OneList(fmt.Sprint(rng.IntN(30)), fmt.Sprint(rng.IntN(30))).Beyond(some.Lists)
			some.IDs += OneID(fmt.Appendf(nil, "%06d", rng.IntN(30))).Beyond(some.IDs)
		}
		f, err := OpenKnowing(path, entry(int64(round)), some)
		check(t, err)
		want.Merge(some)
		if rng.IntN(3) == 0 {
			e := Erased{byte(round), 1}
			check(t, f.AddErased([]Erased{e}))
			erased = append(erased, e)
		}
		check(t, f.Close())
		same(fmt.Sprint("round ", round))
	}
	before, err := os.ReadFile(path)
	check(t, err)
	f, err := OpenKnowing(path, entry(99), knows("", run("last", 1, 1)))
	check(t, err)
	check(t, f.Close())
	check(t, os.Truncate(path, int64(len(before))+20)) // torn
	same("torn")
	f, err = OpenKnowing(path, entry(99), knows("", run("last", 1, 1)))
	check(t, err)
	check(t, f.Close())
	want.Add(run("last", 1, 1))
	same("written over")
	text, err := os.ReadFile(path)
	check(t, err)
	text[len(before)-5] ^= 1
	check(t, os.WriteFile(path, text, 0o600))
	if got := Look(path); got.Err != nil || got.Known.Runs["last"].Calls != 1 {
		t.Errorf("behind a damaged line: %+v", got)
	}
}

// TestTold: of a record of before, what its newest runs made is known but for the oldest; one that goes on counts as far as the
// last call.
func TestTold(t *testing.T) {
	e := Entry{Marks: Marks{Run: 7, Call: 30}, Runs: NewRuns([]Run{{7, "cc", 20}, {5, "bb", 18}, {4, "aa", 10}})}
	calls := map[string]int64{}
	for nonce, r := range e.Told().Runs {
		calls[nonce] = r.Calls
	}
	if want := map[string]int64{"cc": 12, "bb": 8, "aa": 0}; !maps.Equal(calls, want) {
		t.Errorf("told %v, want %v", calls, want)
	}
	e.Runs = NewRuns([]Run{{7, "cc", 20}})
	e.Before = 18
	if got := e.Told().Runs["cc"].Calls; got != 12 {
		t.Errorf("of one run alone %d", got)
	}
}
