package list

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// listDamage is one thing that happens to a list on its way; it returns the file's content.
type listDamage struct {
	name string
	do   func(t *testing.T, r *rand.Rand, text string) string
}

// at applies a change of one byte's place, chosen among those that fit.
func at(r *rand.Rand, text string, fits func(b byte) bool, change func(before, after string) string) string {
	var places []int
	for i := range len(text) {
		if fits(text[i]) {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return text
	}
	i := places[r.IntN(len(places))]
	return change(text[:i], text[i:])
}

func isByte(want byte) func(byte) bool { return func(b byte) bool { return b == want } }

func listDamages() []listDamage {
	text := func(name string, do func(r *rand.Rand, text string) string) listDamage {
		return listDamage{name, func(_ *testing.T, r *rand.Rand, s string) string { return do(r, s) }}
	}
	any := func(byte) bool { return true }
	return []listDamage{
		text("none", func(_ *rand.Rand, s string) string { return s }),
		text("a quote lost", func(r *rand.Rand, s string) string {
			return at(r, s, isByte('"'), func(before, after string) string { return before + after[1:] })
		}),
		text("a quote too many", func(r *rand.Rand, s string) string {
			return at(r, s, any, func(before, after string) string { return before + `"` + after })
		}),
		text("a line end lost", func(r *rand.Rand, s string) string {
			return at(r, s, isByte('\n'), func(before, after string) string { return before + after[1:] })
		}),
		text("cut off", func(r *rand.Rand, s string) string { return s[:r.IntN(len(s))] }),
		text("a total", func(r *rand.Rand, s string) string {
			return s + []string{"------", "Total", "TRAILER", "3", "Total,3", "=====", "PT Contoh Indonesia", "END-OF-FILE"}[r.IntN(8)] + "\n"
		}),
		text("a line end too many", func(r *rand.Rand, s string) string {
			return at(r, s, isByte('\n'), func(before, after string) string { return before + "\n" + after })
		}),
		text("CR LF", func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }),
		text("CR CR LF", func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "\n", "\r\r\n") }),
		text("marks", func(r *rand.Rand, s string) string { return strings.Repeat("\uFEFF", 1+r.IntN(3)) + s }),
		text("UTF-16", func(r *rand.Rand, s string) string { return listUTF16(s, r.IntN(2) == 0, r.IntN(2) == 0) }),
		text("blanks behind", func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "\n", " \n") }),
		text("joined with itself", func(_ *rand.Rand, s string) string { return s + s }),
		text("blank lines", func(_ *rand.Rand, s string) string { return "\n" + s + "\n\n" }),
		text("headers and trailers", func(r *rand.Rand, s string) string {
			return s + fmt.Sprintf("TRL%07d\nHDR202611%02d\nPage-%d\nPage-%d\nPage-%d\n", r.IntN(100), 1+r.IntN(28), 1, 2, 3)
		}),
		{"zip", func(t *testing.T, _ *rand.Rand, s string) string { return archive(t, map[string]string{"list.csv": s}) }},
		{"gzip and more", func(t *testing.T, _ *rand.Rand, s string) string { return gzipList(t, s) + s }},
		{"gzip and zeros", func(t *testing.T, r *rand.Rand, s string) string {
			return gzipList(t, s) + strings.Repeat("\x00", r.IntN(2000))
		}},
	}
}

// generatedList is a list as a program writes it, with the rows in it.
type generatedList struct {
	text string
	rows map[string]bool // "ID region"
}

func generateList(r *rand.Rand) generatedList {
	delimiter := string(",;\t"[r.IntN(3)])
	columns := []string{"signatureId", "region", "note", "size"}
	r.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
	columns = columns[:1+r.IntN(len(columns))]
	if !strings.Contains(strings.Join(columns, " "), "signatureId") {
		columns[0] = "signatureId"
	}
	always := r.IntN(2) == 0
	quote := func(s string) string {
		if always || strings.ContainsAny(s, "\"\n"+delimiter) {
			return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		return s
	}
	notes := []string{"", "x", "NULL", `the "new" one`, "a" + delimiter + "b", "two\nlines", "ชื่อ", "é", `5" screen`, `"`, `Jack "J" Lim` + delimiter}
	g := generatedList{rows: map[string]bool{}}
	line := func(cell func(column string) string) {
		for i, c := range columns {
			if i > 0 {
				g.text += delimiter
			}
			g.text += quote(cell(c))
		}
		g.text += "\n"
	}
	line(func(c string) string { return c })
	regions := []string{"PH", "TH", "VN"}
	for range 1 + r.IntN(8) {
		id, region := fmt.Sprintf("%015xf", r.Uint64()>>4), "ID"
		line(func(c string) string {
			switch c {
			case "signatureId":
				return id
			case "region":
				region = regions[r.IntN(len(regions))]
				return region
			}
			return notes[r.IntN(len(notes))]
		})
		g.rows[id+" "+region] = true
	}
	return g
}

// TestDamagedLists: a list that was damaged in one way is read to rows that it has, and to all of them or the others are
// rejected or the list is refused. Nothing else is asked for.
func TestDamagedLists(t *testing.T) {
	for _, damage := range listDamages() {
		t.Run(damage.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "list.csv")
			for seed := range uint64(100) {
				r := rand.New(rand.NewPCG(seed, 3))
				list := generateList(r)
				text := damage.do(t, r, list.text)
				if t.Failed() {
					return // one is enough to look at
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				got := readListFile(path, Options{DefaultRegion: "ID", Settled: seed%2 == 0 && damage.name != "cut off"})
				found := map[string]bool{}
				for _, row := range got.rows {
					key := row.ID + " " + row.Region
					if !list.rows[key] {
						t.Errorf("seed %d: %s is no row of %q, damaged to %q", seed, key, list.text, text)
					}
					found[key] = true
				}
				whole := damage.name != "cut off" && damage.name != "a line end lost"
				if whole && len(found) < len(list.rows) && len(got.rejects) == 0 && got.err == nil && got.info.Waits == 0 {
					t.Errorf("seed %d: %d of %d rows, and nothing rejected, of %q, damaged to %q", seed, len(found), len(list.rows), list.text, text)
				}
			}
		})
	}
}
