package record

import (
	"fmt"
	"testing"
)

// TestLists: a list is known by its name and by its fingerprint, each by itself, and no name can be read.
func TestLists(t *testing.T) {
	var l Lists
	for i := range MostLists {
		l += OneList(fmt.Sprintf("lists/ids_%d.csv", i), fmt.Sprintf("fingerprint %d", i))
	}
	if len(l) != MostLists*8 || !l.Named("elsewhere/ids_119.csv") || l.Named("lists/ids_120.csv") || l.Named("ids_0") {
		t.Errorf("they are %d bytes", len(l))
	}
	three := OneList("a.csv", "1") + OneList("b.csv", "2") + OneList("c.csv", "")
	for name, c := range map[string]struct {
		got  Lists
		want string
	}{
		"all":                 {three, "abc"},
		"none known":          {three.Without(""), "abc"},
		"content of another":  {three.Without(OneList("z.csv", "1")), "bc"},
		"name of another":     {three.Without(OneList("a.csv", "9")), "abc"},
		"unknown content":     {three.Without(OneList("c.csv", "")), "abc"},
		"read under its name": {three.Unnamed(OneList("x/a.csv", "9") + OneList("c.csv", "1")), "b"},
	} {
		var got string
		for _, path := range []string{"a", "b", "c", "z"} {
			if c.got.Named(path + ".csv") {
				got += path
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestListsByContent: a list is known by its fingerprint under any name, also when its name counts no more; gone are those of
// which neither name nor fingerprint is here.
func TestListsByContent(t *testing.T) {
	three := OneList("a.csv", "1") + OneList("b.csv", "2") + OneList("c.csv", "")
	nameless := three.Nameless()
	if !three.Contains("2") || !nameless.Contains("2") || three.Contains("") || three.Contains("3") || nameless.Named("a.csv") ||
		nameless.Unnamed(OneList("a.csv", "9")) != nameless {
		t.Errorf("%s and %s", three, nameless)
	}
	for here, want := range map[Lists]int64{"": 2, OneList("x/a.csv", "9"): 1, OneList("z.csv", "2"): 1, three: 0, nameless: 0} {
		if got := three.Gone(here); got != want {
			t.Errorf("%d are gone where %s are here, want %d", got, here, want)
		}
	}
	if nameless.Gone("") != 0 {
		t.Error("lists whose names have come are gone")
	}
}

// TestIDs: marks of IDs are kept once each, and tell no ID.
func TestIDs(t *testing.T) {
	a, b := OneID([]byte("0123456789abcdef")), OneID([]byte("0123459999abcdef"))
	if a != b || a != "303132333435" {
		t.Errorf("%s and %s", a, b)
	}
	c := OneID([]byte("abcdefgh"))
	if got := (a + c + c + b).Beyond(""); got != a+c {
		t.Errorf("%s", got)
	}
	if got := (a + c).Beyond(b); got != c || len((a+c).All()) != 2 {
		t.Errorf("%s", got)
	}
}
