package list

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestExpandLists(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "base[1]")
	if err := os.MkdirAll(filepath.Join(dir, "in", "sub.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ids_2.csv", "ids_10.csv", "ids_1.CSV.gz", "b.tsv", "a.txt", "notes.md", ".hidden.csv", "~$ids_2.csv", "rejects_2026-11-21.csv", "odd[2].csv"} {
		if err := os.WriteFile(filepath.Join(dir, "in", name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		patterns []string
		want     string
		err      string
	}{
		{[]string{"in/*.csv"}, "ids_2.csv ids_10.csv odd[2].csv", ""},
		{[]string{"in"}, "a.txt b.tsv ids_1.CSV.gz ids_2.csv ids_10.csv odd[2].csv", ""},
		{[]string{"in/ids_10.csv", "./in/ids_*", "in/ids_2.csv"}, "ids_1.CSV.gz ids_2.csv ids_10.csv", ""},
		{[]string{filepath.Join(dir, "in", "a.txt")}, "a.txt", ""},
		{[]string{"in/odd[2].csv"}, "odd[2].csv", ""},
		{[]string{"in/notes.md"}, "notes.md", ""},
		{nil, "", ""},
		{[]string{"in/*.csv", "none/*.csv"}, "", `lists "none/*.csv": no such list`},
		{[]string{"in/sub.csv"}, "", `lists "in/sub.csv": no list is in this directory`},
		{[]string{"in/none.csv"}, "", `lists "in/none.csv": no such list`},
		{[]string{"in/rejects_*"}, "", `no such list`},
		{[]string{"in/rejects_2026-11-21.csv"}, "", "not a list"},
		{[]string{"in/.hidden.csv"}, "", "not a list"},
		{[]string{"in/[.csv"}, "", "syntax error in pattern"},
	} {
		got, missing, err := Expand(test.patterns, dir)
		if len(missing) > 0 {
			err = missing[0]
		}
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%q: got %v, want %q", test.patterns, err, test.err)
			}
			continue
		}
		var names []string
		for _, path := range got {
			if filepath.Dir(path) != filepath.Join(dir, "in") {
				t.Errorf("%q: got %q", test.patterns, path)
			}
			names = append(names, filepath.Base(path))
		}
		if s := strings.Join(names, " "); err != nil || s != test.want {
			t.Errorf("%q: got %s, %v, want %s", test.patterns, s, err, test.want)
		}
	}
}

// TestNoListNamed: a pattern knows the lists that it named before they were moved away, from wherever one looks.
func TestNoListNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "base[1]")
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for pattern, want := range map[string]bool{
		"in": true, "in/": true, "in/*.csv": true, "*/ids_?.csv": true, "in/ids_1.csv": true, filepath.Join(dir, "in"): true, filepath.Join(dir, "in", "ids_1.csv"): true,
		"on": false, "in/*.tsv": false, "in/ids_2.csv": false, "*.csv": false, "in/sub": false,
	} {
		for _, base := range []string{".", dir} {
			_, missing, err := Expand([]string{pattern}, base)
			if err != nil || len(missing) != 1 {
				t.Fatalf("%s: %v, %v", pattern, missing, err)
			}
			for _, path := range []string{"in/ids_1.csv", filepath.Join(dir, "in", "ids_1.csv")} {
				if got := missing[0].Named(path); got != want {
					t.Errorf("%s from %s names %s: %v", pattern, base, path, got)
				}
			}
		}
	}
}

func TestCompareNatural(t *testing.T) {
	want := []string{"", "a", "a01", "a1", "a2", "a02b", "a10", "a10b", "b", "b99999999999999999999998", "b99999999999999999999999"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, compareNatural)
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
