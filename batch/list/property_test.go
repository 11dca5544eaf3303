package list

import (
	"encoding/csv"
	"errors"
	"flag"
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
	name     string
	do       func(t *testing.T, r *rand.Rand, text string) string
	harmless bool // nearly every such list is read whole
	loses    bool // it may take away rows without a trace
	noRegion bool // it takes the regions away
}

// spared marks damage that does no harm: nearly every such list is read whole.
func spared(d listDamage) listDamage {
	d.harmless = true
	return d
}

// taking marks damage that may take rows away without a trace.
func taking(d listDamage) listDamage {
	d.loses = true
	return d
}

// cellDamage is one that happens to a table of cells, of which the header is the first row.
func cellDamage(name string, do func(r *rand.Rand, rows [][]string) [][]string) listDamage {
	return listDamage{name: name, do: func(t *testing.T, r *rand.Rand, text string) string {
		return writeCells(t, do(r, cellsOf(t, text)))
	}}
}

// cellsOf reads a generated list.
func cellsOf(t *testing.T, text string) [][]string {
	t.Helper()
	in := csv.NewReader(strings.NewReader(text))
	for _, comma := range ";\t|" {
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
	return listDamage{name: name, do: func(t *testing.T, r *rand.Rand, text string) string {
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

func isIDName(name string) bool { return name == listSignatureID || name == listLivenessID }

// idColumn picks a column of IDs.
func idColumn(r *rand.Rand, header []string) int {
	var ids []int
	for i, name := range header {
		if isIDName(name) {
			ids = append(ids, i)
		}
	}
	return ids[r.IntN(len(ids))]
}

func setRow(t *testing.T, f *excelize.File, line int, cells []any) {
	t.Helper()
	cell, err := excelize.CoordinatesToCellName(1, line)
	if err := errors.Join(err, f.SetSheetRow("Sheet1", cell, &cells)); err != nil {
		t.Fatal(err)
	}
}

// tableDamages list what people and spreadsheets do to tables.
func tableDamages() []listDamage {
	titles := [][]string{{"Liveness checks"}, {"PT Contoh", ""}, {""}, {"-----"}, {"From", "2026-11-01", "to", "2026-11-30"}, {"Rows", "3"}}
	return []listDamage{
		spared(cellDamage("title lines", func(r *rand.Rand, rows [][]string) [][]string {
			for range 1 + r.IntN(4) {
				rows = slices.Insert(rows, 0, titles[r.IntN(len(titles))])
			}
			return rows
		})),
		cellDamage("the header moved down", func(r *rand.Rand, rows [][]string) [][]string {
			return slices.Insert(slices.Clone(rows[1:]), 1+r.IntN(len(rows)-1), rows[0])
		}),
		cellDamage("the header again", func(r *rand.Rand, rows [][]string) [][]string {
			return slices.Insert(rows, 1+r.IntN(len(rows)), rows[0])
		}),
		spared(cellDamage("another header below", func(r *rand.Rand, rows [][]string) [][]string {
			from, order := 1+r.IntN(len(rows)), r.Perm(len(rows[0]))
			again := append([][]string{rows[0]}, rows[from:]...)
			for i, row := range again {
				again[i] = make([]string, len(row))
				for to, column := range order {
					again[i][to] = row[column]
				}
			}
			return append(slices.Clip(rows[:from]), again...)
		})),
		spared(cellDamage("rows without blanks behind them", func(_ *rand.Rand, rows [][]string) [][]string {
			for i, row := range rows {
				for len(row) > 1 && row[len(row)-1] == "" {
					row = row[:len(row)-1]
				}
				rows[i] = row
			}
			return rows
		})),
		cellDamage("a note of several lines, rows among them", func(r *rand.Rand, rows [][]string) [][]string {
			note := slices.Index(rows[0], "note")
			if note < 0 {
				return rows
			}
			other := slices.Clone(rows[1+r.IntN(len(rows)-1)])
			other[idColumn(r, rows[0])] = fmt.Sprintf("%015xe", r.Uint64()>>4)
			text := strings.Join(other, ",")
			lines := []string{"he wrote:", text, "bye"}
			rows[1+r.IntN(len(rows)-1)][note] = strings.Join(lines[r.IntN(2):2+r.IntN(2)], "\n")
			return rows
		}),
		spared(cellDamage("columns swapped", func(r *rand.Rand, rows [][]string) [][]string {
			i, j := r.IntN(len(rows[0])), r.IntN(len(rows[0]))
			for _, row := range rows {
				row[i], row[j] = row[j], row[i]
			}
			return rows
		})),
		cellDamage("cells of a row swapped", func(r *rand.Rand, rows [][]string) [][]string {
			row := rows[1+r.IntN(len(rows)-1)]
			i, j := r.IntN(len(row)), r.IntN(len(row))
			if isIDName(rows[0][i]) && isIDName(rows[0][j]) {
				return rows // two IDs of the same check: what each is nobody can tell
			}
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
		taking(cellDamage("numbers rounded", func(r *rand.Rand, rows [][]string) [][]string {
			id := slices.Index(rows[0], "signatureId")
			if id < 0 {
				return rows // what has letters is not rounded
			}
			for _, row := range rows[1:] {
				n := 1e15 + r.Float64()*8e15
				row[id] = []string{fmt.Sprintf("%.14E", n), fmt.Sprintf("%.0f0", math.Trunc(n/10)), fmt.Sprintf("%.5E", n)}[r.IntN(3)]
			}
			return rows
		})),
		spared(sheetDamage("a workbook", func(*testing.T, *rand.Rand, *excelize.File, [][]string) {})),
		spared(sheetDamage("hidden rows", func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string) {
			if err := f.SetRowVisible("Sheet1", 2+r.IntN(len(rows)-1), false); err != nil {
				t.Fatal(err)
			}
		})),
		taking(sheetDamage("merged cells", func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string) {
			column := 1 + r.IntN(len(rows[0]))
			if rows[0][column-1] == "region" {
				return // by rights all these rows have the region of the first
			}
			from, err := excelize.CoordinatesToCellName(column, 1+r.IntN(len(rows)))
			to, err2 := excelize.CoordinatesToCellName(column, len(rows))
			if err := errors.Join(err, err2, f.MergeCell("Sheet1", from, to)); err != nil {
				t.Fatal(err)
			}
		})),
		sheetDamage("rounded by a workbook", func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string) {
			id := idColumn(r, rows[0])
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
		return listDamage{name: name, do: func(_ *testing.T, r *rand.Rand, s string) string { return do(r, s) }}
	}
	any := func(byte) bool { return true }
	return slices.Concat(tableDamages(), writtenDamages(), packedDamages(), []listDamage{
		spared(text("none", func(_ *rand.Rand, s string) string { return s })),
		text("a quote lost", func(r *rand.Rand, s string) string {
			return at(r, s, isByte('"'), func(before, after string) string { return before + after[1:] })
		}),
		text("a quote too many", func(r *rand.Rand, s string) string {
			return at(r, s, any, func(before, after string) string { return before + `"` + after })
		}),
		taking(text("a line end lost", func(r *rand.Rand, s string) string {
			return at(r, s, isByte('\n'), func(before, after string) string { return before + after[1:] })
		})),
		taking(text("cut off", func(r *rand.Rand, s string) string { return s[:r.IntN(len(s))] })),
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
		spared(text("CR LF", func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })),
		spared(text("CR CR LF", func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "\n", "\r\r\n") })),
		spared(text("marks", func(r *rand.Rand, s string) string { return strings.Repeat("\uFEFF", 1+r.IntN(3)) + s })),
		spared(text("UTF-16", func(r *rand.Rand, s string) string { return listUTF16(s, r.IntN(2) == 0, r.IntN(2) == 0) })),
		text("blanks behind", func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "\n", " \n") }),
		text("joined with itself", func(_ *rand.Rand, s string) string { return s + s }),
		spared(text("blank lines", func(_ *rand.Rand, s string) string { return "\n" + s + "\n\n" })),
		spared(text("headers and trailers", func(r *rand.Rand, s string) string {
			return s + fmt.Sprintf("TRL%07d\nHDR202611%02d\nPage-%d\nPage-%d\nPage-%d\n", r.IntN(100), 1+r.IntN(28), 1, 2, 3)
		})),
		text("CR", func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "\n", "\r") }),
		text("a zero byte", func(r *rand.Rand, s string) string {
			return at(r, s, any, func(before, after string) string { return before + "\x00" + after })
		}),
		text("junk behind", func(r *rand.Rand, s string) string {
			return s + []string{"\x1a", "\x00\x00\x00", "\n\n,,,\n", "-- end --\n", "\"", "(3 rows affected)\n", "\xff\xfe"}[r.IntN(7)]
		}),
	})
}

// generatedList is a list as a program writes it, with the rows in it.
type generatedList struct {
	text    string
	rows    map[string]bool   // as keyOf has them
	regions map[string]bool   // as keyOf has them where the region's cell says nothing
	others  map[string]string // the livenessId of a row that is asked by its signatureId
	byOther map[string]string // such a row, by the other ID
}

// keyOf tells rows apart: which ID is asked, as what, and where.
func keyOf(kind, id, region string) string { return kind + " " + id + " " + region }

// has reports whether a row is one of the list. One that lost its signatureId is the same check by its livenessId.
func (g *generatedList) has(row Row) bool {
	key := keyOf(row.Kind, row.ID, row.Region)
	return g.rows[key] && (row.OtherID == "" || row.OtherID == g.others[key]) || g.rows[g.byOther[key]]
}

// listPlan holds which columns a generated list has, and how its IDs look.
type listPlan struct {
	columns []string
	comma   string
	quoted  bool // every cell
	own     bool // IDs of a form that is none of the vendor's
}

func planList(r *rand.Rand) listPlan {
	p := listPlan{comma: string(",;\t|"[r.IntN(4)]), quoted: r.IntN(2) == 0, columns: []string{"region", "note", "size"}}
	r.Shuffle(len(p.columns), func(i, j int) { p.columns[i], p.columns[j] = p.columns[j], p.columns[i] })
	p.columns = p.columns[:r.IntN(len(p.columns)+1)]
	ids := [][]string{{"signatureId"}, {"signatureId"}, {"livenessId"}, {"signatureId", "livenessId"}}[r.IntN(4)]
	p.own = len(ids) == 1 && r.IntN(5) == 0
	for _, id := range ids {
		p.columns = slices.Insert(p.columns, r.IntN(len(p.columns)+1), id)
	}
	return p
}

// id returns an ID of a column.
func (p listPlan) id(r *rand.Rand, column string) string {
	switch {
	case p.own:
		return fmt.Sprintf("KYC%05d-%06x", 10_000+r.IntN(90_000), r.IntN(1<<24))
	case column == "livenessId":
		return benchLivenessID(r)
	}
	return fmt.Sprintf("%015xf", r.Uint64()>>4)
}

func (p listPlan) cell(s string) string {
	if p.quoted || strings.ContainsAny(s, "\"\n"+p.comma) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func (p listPlan) line(cell func(column string) string) string {
	cells := make([]string, len(p.columns))
	for i, c := range p.columns {
		cells[i] = p.cell(cell(c))
	}
	return strings.Join(cells, p.comma) + "\n"
}

func generateList(r *rand.Rand) *generatedList {
	p := planList(r)
	notes := []string{"", "x", "NULL", `the "new" one`, "a" + p.comma + "b", "two\nlines", "ชื่อ", "é", `5" screen`, `"`, `Jack "J" Lim` + p.comma}
	g := &generatedList{rows: map[string]bool{}, regions: map[string]bool{}, others: map[string]string{}, byOther: map[string]string{}}
	g.text = p.line(func(c string) string { return c })
	regions := []string{"PH", "TH", "VN"}
	for range 1 + r.IntN(8) {
		cells := map[string]string{"note": notes[r.IntN(len(notes))], "size": notes[r.IntN(len(notes))], "region": regions[r.IntN(len(regions))]}
		kind, region := "", "ID"
		for _, c := range p.columns {
			switch c {
			case "signatureId", "livenessId":
				cells[c] = p.id(r, c)
				kind = max(kind, c)
			case "region":
				region = cells[c]
			}
		}
		if kind == "signatureId" && cells["livenessId"] != "" && r.IntN(4) == 0 {
			cells[kind], kind = "", "livenessId"
		}
		g.text += p.line(func(c string) string { return cells[c] })
		key := keyOf(kind, cells[kind], region)
		g.rows[key], g.regions[keyOf(kind, cells[kind], "ID")] = true, true
		if other := cells["livenessId"]; kind == "signatureId" && other != "" {
			for _, at := range []string{region, "ID"} {
				key := keyOf(kind, cells[kind], at)
				g.others[key], g.byOther[keyOf("livenessId", other, at)] = other, key
			}
		}
	}
	return g
}

var damageSeeds = flag.Uint64("list-damages", 60, "how many lists TestDamagedLists damages in each way")

// TestDamagedLists: a list that was damaged in one way is read to rows that it has, and to all of them or the others
// are rejected or the list is refused. Nothing else is asked for.
func TestDamagedLists(t *testing.T) {
	for _, damage := range listDamages() {
		t.Run(damage.name, func(t *testing.T) {
			path, whole := filepath.Join(t.TempDir(), "list.csv"), uint64(0)
			for seed := range *damageSeeds {
				if damage.check(t, path, seed) {
					whole++
				}
				if t.Failed() {
					return // one is enough to look at
				}
			}
			t.Logf("%d of %d read whole", whole, *damageSeeds)
			if damage.harmless && whole < *damageSeeds*9/10 { // some own forms have too few rows
				t.Errorf("%d of %d read whole", whole, *damageSeeds)
			}
		})
	}
}

// check damages the list of a seed, and reports whether all its rows are read.
func (d listDamage) check(t *testing.T, path string, seed uint64) (whole bool) {
	r := rand.New(rand.NewPCG(seed, 3))
	list := generateList(r)
	text := d.do(t, r, list.text)
	if t.Failed() {
		return false
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	rows := list.rows
	if d.noRegion {
		list.rows = list.regions
	}
	got := readListFile(path, Options{DefaultRegion: "ID", Settled: seed%2 == 0 && d.name != "cut off"})
	found := map[string]bool{}
	if got.err != nil {
		got.rows = nil // nothing is taken of a list that is refused
	}
	for _, row := range got.rows {
		if !list.has(row) {
			t.Errorf("seed %d: %+v is no row of %q, damaged to %.2000q", seed, row, list.text, text)
		}
		found[keyOf(row.Kind, row.ID, row.Region)] = true
	}
	said := len(got.rejects) > 0 || got.err != nil || got.info.Waits > 0 || slices.ContainsFunc(got.info.Notes, func(note string) bool {
		return strings.Contains(note, "above it, and no rows") && strings.Contains(note, "KYC") // one of three, by which they are IDs
	})
	if !d.loses && len(found) < len(rows) && !said {
		t.Errorf("seed %d: %d of %d rows, and nothing rejected, of %q, damaged to %.2000q", seed, len(found), len(rows), list.text, text)
	}
	return len(found) == len(rows)
}
