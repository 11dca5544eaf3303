package record

import (
	"fmt"
	"testing"
)

// TestLists: a list is known by its name and by its fingerprint, each by itself, and no name can be read.
func TestLists(t *testing.T) {
	var l Lists
	for i := range 300 {
		l = l.Add(fmt.Sprintf("lists/ids_%d.csv", i), fmt.Sprintf("fingerprint %d", i))
	}
	if got := l.Newest(); len(got) != 120*8 || !got.Named("elsewhere/ids_119.csv") || got.Named("lists/ids_120.csv") || got.Named("ids_0") {
		t.Errorf("the newest are %d bytes", len(got))
	}
	three := Lists("").Add("a.csv", "1").Add("b.csv", "2").Add("c.csv", "")
	for name, c := range map[string]struct {
		got  Lists
		want string
	}{
		"all":                 {three, "abc"},
		"none known":          {three.Without(""), "abc"},
		"content of another":  {three.Without(Lists("").Add("z.csv", "1")), "bc"},
		"name of another":     {three.Without(Lists("").Add("a.csv", "9")), "abc"},
		"unknown content":     {three.Without(Lists("").Add("c.csv", "")), "abc"},
		"read under its name": {three.Unnamed(Lists("").Add("x/a.csv", "9").Add("c.csv", "1")), "b"},
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
