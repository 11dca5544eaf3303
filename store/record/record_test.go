package record

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func entry(call int64) Entry {
	return Entry{Identity: "0123456789abcdef0123456789abcdef", Marks: Marks{Run: 3, Call: call, List: 2}, Open: true,
		Database: "../liverecon.db", WrittenAt: time.Date(2026, 11, 28, 2, 14, 3, 0, time.UTC)}
}

func write(t *testing.T, path string, calls ...int64) {
	t.Helper()
	f, err := Open(path, entry(calls[0]))
	check(t, err)
	for _, call := range calls[1:] {
		check(t, f.Write(entry(call)))
	}
	check(t, errors.Join(f.Sync(), f.Close()))
}

func TestWriteAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db.record")
	if _, err := Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read what is not there: %v", err)
	}
	for _, calls := range [][]int64{{7}, {8, 9, 10, 11}, {1}} {
		write(t, path, calls...)
		got, err := Read(path)
		check(t, err)
		want := entry(calls[len(calls)-1])
		want.Format, want.Sequence = 1, got.Sequence
		if got != want {
			t.Errorf("read %+v, want %+v", got, want)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() != slots*slotSize {
		t.Errorf("the file: %v %v", info, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestTorn tears the last write at every byte: the record then says what it said before, never nonsense.
func TestTorn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	for calls := int64(2); calls < 4; calls++ { // so that either slot is the last one
		check(t, os.RemoveAll(path))
		var all []int64
		for c := range calls {
			all = append(all, c+1)
		}
		write(t, path, all...)
		before, err := os.ReadFile(path)
		check(t, err)
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		check(t, err)
		newest, err := Read(path)
		check(t, err)
		open := &File{file: f, sequence: newest.Sequence}
		check(t, open.Write(entry(99)))
		check(t, open.Close())
		after, err := os.ReadFile(path)
		check(t, err)
		at := int(newest.Sequence+1) % slots * slotSize
		for cut := range 400 {
			torn := bytes.Clone(before)
			copy(torn[at:], after[at:at+cut])
			check(t, os.WriteFile(path, torn, 0o600))
			want := calls
			if bytes.Equal(torn, after) {
				want = 99
			}
			if got, err := Read(path); err != nil || got.Marks.Call != want {
				t.Fatalf("cut at byte %d: %+v, %v, want call %d", cut, got, err, want)
			}
		}
	}
}

// TestDamaged: whatever stands in the file is refused or an entry that was once written.
func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	rng := rand.New(rand.NewPCG(1, 1))
	write(t, path, 41, 42)
	whole, err := os.ReadFile(path)
	check(t, err)
	for range 2000 {
		text := bytes.Clone(whole)
		for range 1 + rng.IntN(4) {
			text[rng.IntN(2)*slotSize+rng.IntN(320)] ^= byte(1 + rng.IntN(255))
		}
		check(t, os.WriteFile(path, text, 0o600))
		got, err := Read(path)
		if err == nil && got.Marks.Call != 41 && got.Marks.Call != 42 || err != nil && !errors.Is(err, ErrUnreadable) {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	for name, text := range map[string]string{"empty": "", "short": "00", "text": strings.Repeat("what is this?\n", 700), "zeros": string(make([]byte, slots*slotSize))} {
		check(t, os.WriteFile(path, []byte(text), 0o600))
		if _, err := Read(path); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
		write(t, path, 5)
		if got, err := Read(path); err != nil || got.Marks.Call != 5 {
			t.Errorf("%s, made anew: %+v, %v", name, got, err)
		}
	}
	check(t, errors.Join(os.Remove(path), os.Mkdir(path, 0o700)))
	if _, err := Read(path); !errors.Is(err, ErrUnreadable) {
		t.Errorf("a directory: %v", err)
	}
	if _, err := Open(path, entry(1)); err == nil {
		t.Error("a directory was replaced")
	}
}

// TestLaterFormats: what a later format adds behind is left alone, and a record it wrote is not overwritten.
func TestLaterFormats(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	write(t, path, 1)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	_, err = f.WriteString("erased 1234\n")
	check(t, errors.Join(err, f.Close()))
	write(t, path, 2, 3)
	text, err := os.ReadFile(path)
	check(t, err)
	if got, err := Read(path); err != nil || got.Marks.Call != 3 || !bytes.HasSuffix(text, []byte("\nerased 1234\n")) {
		t.Errorf("%+v, %v, ends with %q", got, err, text[len(text)-20:])
	}
	later := entry(9)
	later.Format, later.Sequence = 2, 99
	line, err := encode(later)
	check(t, err)
	copy(text, line)
	check(t, os.WriteFile(path, text, 0o600))
	if _, err := Read(path); !errors.Is(err, ErrNewer) {
		t.Errorf("read: %v", err)
	}
	if _, err := Open(path, entry(1)); !errors.Is(err, ErrNewer) {
		t.Errorf("open: %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, text) {
		t.Errorf("it was changed: %v", err)
	}
}

func TestMissing(t *testing.T) {
	have := Marks{Run: 3, Call: 100, List: 2, Statement: 1}
	for name, c := range map[string]struct {
		recorded Marks
		want     string
	}{
		"the same":         {have, ""},
		"ahead":            {Marks{Run: 2, Call: 99}, ""},
		"calls":            {Marks{Run: 4, Call: 101}, "call run"},
		"another kind":     {Marks{Closure: 1}, "closing of a month"},
		"every other kind": {Marks{List: 3, Statement: 2, Reconciliation: 1, Closure: 1, Decision: 1, Erasure: 1, Release: 1}, "list statement reconciliation closing of a month decision erasure release"},
	} {
		var kinds []string
		for _, g := range have.Missing(c.recorded) {
			kinds = append(kinds, g.Kind)
		}
		if got := strings.Join(kinds, " "); got != c.want {
			t.Errorf("%s: behind in %q, want %q", name, got, c.want)
		}
	}
}

// TestFind puts records of several databases into one directory of reports: each is found by its own alone, wherever the
// whole was moved to, and by one that stands in its place.
func TestFind(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"a", "b", "reports"} {
		check(t, os.Mkdir(filepath.Join(root, dir), 0o700))
	}
	at := func(root, dir, name, config string) Paths {
		return Paths{Database: filepath.Join(root, dir, name), Reports: filepath.Join(root, "reports"), Configuration: filepath.Join(root, dir, config)}
	}
	identities := map[string]string{"a": strings.Repeat("a", 32), "b": strings.Repeat("b", 32)}
	for dir, identity := range identities {
		places := at(root, dir, "liverecon.db", "liverecon.toml")
		for _, path := range places.Paths(identity) {
			f, err := Open(path, places.Entry(path, Entry{Identity: identity}))
			check(t, err)
			check(t, f.Close())
		}
	}
	moved := filepath.Join(t.TempDir(), "moved")
	check(t, os.Rename(root, moved))
	for name, c := range map[string]struct {
		places   Paths
		identity string
		want     string
	}{
		"its own":                  {at(moved, "a", "liverecon.db", "liverecon.toml"), identities["a"], "aa"},
		"none any more":            {at(moved, "a", "liverecon.db", "liverecon.toml"), "", "aa"},
		"another one":              {at(moved, "a", "liverecon.db", "liverecon.toml"), strings.Repeat("c", 32), "aa"},
		"under another name":       {at(moved, "a", "other.db", "other.toml"), identities["a"], "a"},
		"a slip in the path":       {at(moved, "a", "livrecon.db", "liverecon.toml"), "", "a"},
		"a new territory":          {at(moved, "c", "liverecon.db", "liverecon.toml"), "", ""},
		"two of one configuration": {at(moved, "b", "second.db", "liverecon.toml"), identities["a"], "ab"},
		"no directory of reports":  {Paths{Database: filepath.Join(moved, "b", "liverecon.db"), Reports: filepath.Join(moved, "gone")}, "", "b"},
	} {
		var got []byte
		for _, f := range c.places.Find(c.identity) {
			check(t, f.Err)
			got = append(got, f.Entry.Identity[0])
		}
		if string(got) != c.want {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}

	places := at(moved, "a", "liverecon.db", "liverecon.toml")
	for _, path := range places.Paths(identities["a"]) {
		check(t, os.WriteFile(path, []byte("torn"), 0o600))
	}
	for _, f := range places.Find(identities["a"]) {
		if !errors.Is(f.Err, ErrUnreadable) {
			t.Errorf("%s: %v", f.Path, f.Err)
		}
	}
	if n := len(places.Find(identities["a"])); n != 2 {
		t.Errorf("%d unreadable records found", n)
	}
	removed, err := places.Remove("")
	check(t, err)
	if len(removed) != 1 || removed[0] != places.Database+".record" {
		t.Errorf("removed %q: of what cannot be read only the one beside is known to be meant", removed)
	}
}

func TestLongPath(t *testing.T) {
	deep := "/" + strings.Repeat("d/", 2000)
	p := Paths{Database: deep + "liverecon.db", Reports: "/reports", Configuration: deep + "liverecon.toml"}
	e := p.Entry("/reports/.liverecon-a.record", entry(1))
	line, err := encode(e)
	check(t, err)
	if !strings.HasPrefix(e.Database, "sha256:") || e.Database == e.Configuration || len(line) > slotSize {
		t.Errorf("%d bytes: %s", len(line), line)
	}
}
