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
