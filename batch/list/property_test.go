package list

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// listDamage is one thing that happens to a list on its way; it returns the file's content.
type listDamage struct {
	name string
	do   func(t *testing.T, r *rand.Rand, text string) string
}

// cellDamage is one that happens to a table of cells, of which the header is the first row.
func cellDamage(name string, do func(r *rand.Rand, rows [][]string) [][]string) listDamage {
	return listDamage{name, func(t *testing.T, r *rand.Rand, text string) string {
		return writeCells(t, do(r, cellsOf(t, text)))
	}}
}

// cellsOf reads a generated list.
func cellsOf(t *testing.T, text string) [][]string {
	t.Helper()
	in := csv.NewReader(strings.NewReader(text))
	for _, comma := range ";\t" {
		if header, _, _ := strings.Cut(text, "\n"); strings.ContainsRune(header, comma) {
			in.Comma = comma
		}
	}
	rows, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func writeCells(t *testing.T, rows [][]string) string {
	t.Helper()
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sheetDamage is one that happens to a workbook of the list.
func sheetDamage(name string, do func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string)) listDamage {
	return listDamage{name, func(t *testing.T, r *rand.Rand, text string) string {
		rows := cellsOf(t, text)
		return string(book(t, func(f *excelize.File) {
			for i, row := range rows {
				cells := make([]any, len(row))
				for j, cell := range row {
					cells[j] = cell
				}
				setRow(t, f, i+1, cells)
			}
			do(t, r, f, rows)
		}))
	}}
}

func setRow(t *testing.T, f *excelize.File, line int, cells []any) {
	t.Helper()
	cell, err := excelize.CoordinatesToCellName(1, line)
	if err := errors.Join(err, f.SetSheetRow("Sheet1", cell, &cells)); err != nil {
		t.Fatal(err)
	}
}

// tableDamages are what people and spreadsheets do to tables.
func tableDamages() []listDamage {
	titles := [][]string{{"Liveness checks"}, {"PT Contoh", ""}, {""}, {"-----"}, {"From", "2026-11-01", "to", "2026-11-30"}, {"Rows", "3"}}
	return []listDamage{
		cellDamage("title lines", func(r *rand.Rand, rows [][]string) [][]string {
			for range 1 + r.IntN(4) {
				rows = slices.Insert(rows, 0, titles[r.IntN(len(titles))])
			}
			return rows
		}),
		cellDamage("the header moved down", func(r *rand.Rand, rows [][]string) [][]string {
			return slices.Insert(slices.Clone(rows[1:]), 1+r.IntN(len(rows)-1), rows[0])
		}),
		cellDamage("the header again", func(r *rand.Rand, rows [][]string) [][]string {
			return slices.Insert(rows, 1+r.IntN(len(rows)), rows[0])
		}),
		cellDamage("another header below", func(r *rand.Rand, rows [][]string) [][]string {
			from, order := 1+r.IntN(len(rows)), r.Perm(len(rows[0]))
			again := append([][]string{rows[0]}, rows[from:]...)
			for i, row := range again {
				again[i] = make([]string, len(row))
				for to, column := range order {
					again[i][to] = row[column]
				}
			}
			return append(slices.Clip(rows[:from]), again...)
		}),
		cellDamage("rows without blanks behind them", func(_ *rand.Rand, rows [][]string) [][]string {
			for i, row := range rows {
				for len(row) > 1 && row[len(row)-1] == "" {
					row = row[:len(row)-1]
				}
				rows[i] = row
			}
			return rows
		}),
		cellDamage("a note of several lines, rows among them", func(r *rand.Rand, rows [][]string) [][]string {
			note := slices.Index(rows[0], "note")
			if note < 0 {
				return rows
			}
			other := slices.Clone(rows[1+r.IntN(len(rows)-1)])
			if id := slices.Index(rows[0], "signatureId"); id >= 0 {
				other[id] = fmt.Sprintf("%015xe", r.Uint64()>>4)
			}
			text := strings.Join(other, ",")
			lines := []string{"he wrote:", text, "bye"}
			rows[1+r.IntN(len(rows)-1)][note] = strings.Join(lines[r.IntN(2):2+r.IntN(2)], "\n")
			return rows
		}),
		cellDamage("columns swapped", func(r *rand.Rand, rows [][]string) [][]string {
			i, j := r.IntN(len(rows[0])), r.IntN(len(rows[0]))
			for _, row := range rows {
				row[i], row[j] = row[j], row[i]
			}
			return rows
		}),
		cellDamage("cells of a row swapped", func(r *rand.Rand, rows [][]string) [][]string {
			row := rows[1+r.IntN(len(rows)-1)]
			i, j := r.IntN(len(row)), r.IntN(len(row))
			if nothing := []string{"", "NULL"}; !slices.Contains(nothing, row[i]) && !slices.Contains(nothing, row[j]) {
				row[i], row[j] = row[j], row[i] // a row that gives no region has another by rights
			}
			return rows
		}),
		cellDamage("a column doubled", func(r *rand.Rand, rows [][]string) [][]string {
			i := r.IntN(len(rows[0]))
			for n := range rows {
				rows[n] = append(rows[n], rows[n][i])
			}
			return rows
		}),
		cellDamage("numbers rounded", func(r *rand.Rand, rows [][]string) [][]string {
			id := slices.Index(rows[0], "signatureId")
			for _, row := range rows[1:] {
				n := 1e15 + r.Float64()*8e15
				row[id] = []string{fmt.Sprintf("%.14E", n), fmt.Sprintf("%.0f0", math.Trunc(n/10)), fmt.Sprintf("%.5E", n)}[r.IntN(3)]
			}
			return rows
		}),
		sheetDamage("a workbook", func(*testing.T, *rand.Rand, *excelize.File, [][]string) {}),
		sheetDamage("hidden rows", func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string) {
			if err := f.SetRowVisible("Sheet1", 2+r.IntN(len(rows)-1), false); err != nil {
				t.Fatal(err)
			}
		}),
		sheetDamage("merged cells", func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string) {
			column := 1 + r.IntN(len(rows[0]))
			if rows[0][column-1] == "region" {
				return // by rights all these rows have the region of the first
			}
			from, err := excelize.CoordinatesToCellName(column, 1+r.IntN(len(rows)))
			to, err2 := excelize.CoordinatesToCellName(column, len(rows))
			if err := errors.Join(err, err2, f.MergeCell("Sheet1", from, to)); err != nil {
				t.Fatal(err)
			}
		}),
		sheetDamage("rounded by a workbook", func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string) {
			id := slices.Index(rows[0], "signatureId")
			for i := range rows[1:] {
				cell, err := excelize.CoordinatesToCellName(id+1, i+2)
				if err := errors.Join(err, f.SetCellValue("Sheet1", cell, math.Trunc(1e15+r.Float64()*8e15))); err != nil {
					t.Fatal(err)
				}
			}
		}),
	}
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
	return append(tableDamages(), []listDamage{
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
		text("a trailer's count", func(r *rand.Rand, s string) string {
			n := strings.Count(s, "\n")
			return s + []string{fmt.Sprintf("%016d", n), strings.Repeat("9", 16), fmt.Sprintf("20261127%08d", n), fmt.Sprintf("TRL%013d", n),
				"-----+-----\n", fmt.Sprintf("(%d rows)", n)}[r.IntN(6)] + []string{"", ",", ";", "\n", "\r\n\x1a"}[r.IntN(5)]
		}),
		text("separators of another kind behind", func(r *rand.Rand, s string) string {
			return strings.ReplaceAll(s, "\n", strings.Repeat(string(",;\t|"[r.IntN(4)]), 1+r.IntN(2))+"\n")
		}),
		text("a separator of another kind in the header", func(r *rand.Rand, s string) string {
			header, rows, _ := strings.Cut(s, "\n")
			return at(r, header, func(b byte) bool { return strings.IndexByte(",;\t", b) >= 0 }, func(before, after string) string {
				return before + string(";,|"[r.IntN(3)]) + after[1:]
			}) + "\n" + rows
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
		text("CR", func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "\n", "\r") }),
		text("a zero byte", func(r *rand.Rand, s string) string {
			return at(r, s, any, func(before, after string) string { return before + "\x00" + after })
		}),
		text("junk behind", func(r *rand.Rand, s string) string {
			return s + []string{"\x1a", "\x00\x00\x00", "\n\n,,,\n", "-- end --\n", "\"", "(3 rows affected)\n", "\xff\xfe"}[r.IntN(7)]
		}),
	}...)
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
			for seed := range uint64(200) {
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
				whole := damage.name != "cut off" && damage.name != "a line end lost" && damage.name != "numbers rounded" &&
					damage.name != "merged cells" // a row that had nothing but its ID is blank then
				if whole && len(found) < len(list.rows) && len(got.rejects) == 0 && got.err == nil && got.info.Waits == 0 {
					t.Errorf("seed %d: %d of %d rows, and nothing rejected, of %q, damaged to %.500q", seed, len(found), len(list.rows), list.text, text)
				}
			}
		})
	}
}
