package list

import (
	"errors"
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
		{[]string{"in/*.csv.gz"}, "ids_1.CSV.gz", ""},
		{[]string{"in/*.CSV"}, "ids_2.csv ids_10.csv odd[2].csv", ""},
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
		found, err := Expand(test.patterns, dir, nil)
		got := found.Lists
		if len(found.Missing) > 0 {
			err = found.Missing[0]
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
			found, err := Expand([]string{pattern}, base, nil)
			missing := found.Missing
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

// TestExpandAround: what lies where the lists are and is none is named, with why.
func TestExpandAround(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"in/a_PH.csv", "in/IDS_TH.CSV", "in/b.xlsx", "in/c.csv.zip", "in/d_PH_part_00.gz", "in/e.dat", "in/f.csv.part", "in/g.txt",
		"in/old/h.csv", "in/.hidden", "in/~$b.xlsx", "in/rejects_2026-11-27.csv", "own.csv", "liverecon.toml", "k.xls", "reports/r.xlsx",
		"in/.new.csv", "in/.b.xlsx.Xq3f9a", "in/.DS_Store", "in/.~lock.g.txt#", "by/root.csv", "dirs/x1/a_PH.csv", "dirs/y/d_TH.csv", "dirs/e_TH.csv", "by/id/4.csv",
		"by/ids_PH_1.csv", "by/ids_viet nam_2.csv", "by/ids_check_1.csv", "by/TH/1.csv", "by/MY/2.CSV", "by/XX/3.csv",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("old", filepath.Join(dir, "in", "z.csv")); err != nil {
		t.Fatal(err)
	}
	const unfinished, form, ending, hidden, link = "a copy that is not finished", "the form *.csv", "does not end in .csv", "a hidden file", "a link to a directory"
	const beside = "lists are taken from directories here, not what lies beside them: */"
	for _, test := range []struct {
		patterns []string
		lists    string
		not      map[string]string
	}{
		{[]string{"in/*.csv"}, "in/IDS_TH.CSV in/a_PH.csv", map[string]string{"b.xlsx": form, "c.csv.zip": form, "d_PH_part_00.gz": form,
			"e.dat": form, "f.csv.part": unfinished, "g.txt": form, "old": "a directory",
			".new.csv": hidden, ".b.xlsx.Xq3f9a": hidden, "z.csv": link}},
		{[]string{"in"}, "in/IDS_TH.CSV in/a_PH.csv in/b.xlsx in/c.csv.zip in/g.txt", map[string]string{"d_PH_part_00.gz": ending, "e.dat": ending,
			"f.csv.part": unfinished, "old": "a directory", ".new.csv": hidden, ".b.xlsx.Xq3f9a": hidden, "z.csv": link}},
		{[]string{"in", "in/*.dat", "in/old", "in/d*"}, "in/IDS_TH.CSV in/a_PH.csv in/b.xlsx in/c.csv.zip in/d_PH_part_00.gz in/e.dat in/g.txt in/old/h.csv",
			map[string]string{"f.csv.part": unfinished, ".new.csv": hidden, ".b.xlsx.Xq3f9a": hidden, "z.csv": link}},
		{[]string{"*.csv"}, "own.csv", map[string]string{"k.xls": "a workbook that is not read"}},
		{[]string{"in/a_PH.csv"}, "in/a_PH.csv", nil},
		{[]string{"by/ids_{region}_*.csv"}, "by/ids_PH_1.csv=PH by/ids_check_1.csv by/ids_viet nam_2.csv=VN", map[string]string{
			"TH": "a directory", "MY": "a directory", "XX": "a directory", "id": "a directory", "root.csv": "the form ids_*_*.csv"}},
		{[]string{"by/{region}/*.csv"}, "by/MY/2.CSV=MY by/TH/1.csv=TH by/id/4.csv", map[string]string{"3.csv": `"XX" in the place of {region}`,
			"root.csv": beside, "ids_PH_1.csv": beside, "ids_check_1.csv": beside, "ids_viet nam_2.csv": beside}},
		{[]string{"by/{region}"}, "by/MY/2.CSV=MY by/TH/1.csv=TH by/id/4.csv", nil},
		{[]string{"dirs/x*/*.csv"}, "dirs/x1/a_PH.csv", map[string]string{"y": "a directory", "e_TH.csv": "not what lies beside them: x*/"}},
		{[]string{"dirs/*/*.csv", "dirs/*.csv"}, "dirs/e_TH.csv dirs/x1/a_PH.csv dirs/y/d_TH.csv", map[string]string{}},
		{[]string{"in/*"}, "in/IDS_TH.CSV in/a_PH.csv in/b.xlsx in/c.csv.zip in/d_PH_part_00.gz in/e.dat in/f.csv.part in/g.txt", map[string]string{"old": "a directory",
			".new.csv": hidden, ".b.xlsx.Xq3f9a": hidden, "z.csv": link}},
	} {
		found, err := Expand(test.patterns, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		var lists []string
		for _, path := range found.Lists {
			name, _ := filepath.Rel(dir, path)
			if region := found.Placed[path]; region != "" {
				name += "=" + region
			}
			lists = append(lists, name)
		}
		if got := strings.Join(lists, " "); got != test.lists {
			t.Errorf("%q: got %s, want %s", test.patterns, got, test.lists)
		}
		for _, n := range found.NotTaken {
			if want, ok := test.not[filepath.Base(n.Path)]; test.not != nil && (!ok || !strings.Contains(n.Why, want)) {
				t.Errorf("%q: %s is not taken: %s; want %q", test.patterns, n.Path, n.Why, want)
			}
		}
		if test.not != nil && len(found.NotTaken) != len(test.not) {
			t.Errorf("%q: not taken %v", test.patterns, found.NotTaken)
		}
	}
}

// TestExpandBeside: beside a list that is named singly, what looks like one is named apart, but where a pattern is for the
// directory.
func TestExpandBeside(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"in/a_PH.csv", "in/b_TH.csv", "in/c.xls", "in/notes.md", "in/.d.csv", "in/rejects_2026-11-27.csv", "e.csv"} {
		err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700), os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ patterns, beside []string }{
		{[]string{"in/a_PH.csv"}, []string{"b_TH.csv", "c.xls"}},
		{[]string{"in/a_PH.csv", "in/b_TH.csv"}, []string{"c.xls"}},
		{[]string{"in/a_PH.csv", "in/*.csv"}, nil},
		{[]string{"in"}, nil},
		{[]string{"e.csv"}, nil},
	} {
		found, err := Expand(test.patterns, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		var beside []string
		for _, n := range found.Beside {
			beside = append(beside, filepath.Base(n.Path))
		}
		if !slices.Equal(beside, test.beside) {
			t.Errorf("%q: beside %q, want %q", test.patterns, beside, test.beside)
		}
	}
}

// TestPatternRegion: in the place of {region} a word is no country, unless it is written as one and an endpoint names it.
func TestPatternRegion(t *testing.T) {
	named := func(region string) bool { return region == "ID" || region == "IN" }
	for name, want := range map[string]string{
		"ids_to_check.csv": "", "ids_TO_CHECK.csv": "", "ids_MAR_2026.csv": "", "ids_IN_1.csv": "IN", "ids_in_1.csv": "",
		"ids_ID_1.csv": "ID", "ids_IDN_1.csv": "ID", "ids_id_1.csv": "", "ids_MY_1.csv": "", "ids_my_1.csv": "",
		"ids_PH_1.csv": "PH", "ids_PHL_1.csv": "PH", "ids_ph_1.csv": "", "ids_Thailand_1.csv": "TH", "ids_PT_1.csv": "",
		"ph/a.csv": "PH", "ID/a.csv": "ID", "id/a.csv": "", "MY/a.csv": "MY", "IDN/a.csv": "ID", "MAR/a.csv": "", "to/a.csv": "", "archive/a.csv": "",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		found, err := Expand([]string{"ids_{region}_*.csv", "{region}/*.csv"}, dir, named)
		if got := found.Placed[path]; err != nil || got != want || len(found.Unplaced)+len(found.NotTaken) != map[bool]int{true: 1}[want == ""] {
			t.Errorf("%s: got %q, %v, %v, want %q", name, got, found.Lists, err, want)
		}
		told := found.Unplaced[path]
		for _, n := range found.NotTaken {
			told += n.Why
		}
		if want == "" && !strings.Contains(told, "in the place of {region}") {
			t.Errorf("%s: told %q", name, told)
		}
		if told == "" {
			continue
		}
		_, err = Read(t.Context(), path, Options{Unplaced: found.Unplaced}, nil, nil)
		if aside := new(Error); !errors.As(err, &aside) || found.Unplaced[path] != "" && aside.Problem != told {
			t.Errorf("%s: read with %v", name, err)
		}
	}
}

// TestNothingTaken: a directory of which nothing is taken says why.
func TestNothingTaken(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ids.xlsb"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := Expand([]string{dir}, ".", nil)
	if err != nil || len(found.Missing) != 1 ||
		!strings.HasSuffix(found.Missing[0].Error(), "no list is in this directory; ids.xlsb: a workbook that is not read: "+
			"save the list as XLSX or CSV") {
		t.Errorf("%v, %v", found.Missing, err)
	}
}
