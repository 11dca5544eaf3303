package list

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// broken damages bytes of a packed list: a piece is missing, or a bit is another.
func broken(r *rand.Rand, packed string) string {
	at := r.IntN(len(packed))
	switch r.IntN(3) {
	case 0:
		return packed[:at]
	case 1:
		return packed[:at] + packed[min(at+1+r.IntN(64), len(packed)):]
	}
	return packed[:at] + string([]byte{packed[at] ^ 1<<r.IntN(8)}) + packed[at+1:]
}

// packedDamages list what happens to archives and workbooks of lists.
func packedDamages() []listDamage {
	file := func(name string, do func(t *testing.T, r *rand.Rand, s string) string) listDamage {
		return listDamage{name: name, do: do}
	}
	workbook := func(t *testing.T, r *rand.Rand, s string) string {
		return sheetDamage("", func(*testing.T, *rand.Rand, *excelize.File, [][]string) {}).do(t, r, s)
	}
	zipped := func(t *testing.T, _ *rand.Rand, s string) string { return archive(t, map[string]string{"list.csv": s}) }
	return []listDamage{
		spared(file("zip", zipped)),
		spared(file("gzip and zeros", func(t *testing.T, r *rand.Rand, s string) string {
			return gzipList(t, s) + strings.Repeat("\x00", r.IntN(2000))
		})),
		file("gzip and more", func(t *testing.T, _ *rand.Rand, s string) string { return gzipList(t, s) + s }),
		file("gzip twice", func(t *testing.T, _ *rand.Rand, s string) string { return gzipList(t, gzipList(t, s)) }),
		spared(file("gzip in parts", func(t *testing.T, r *rand.Rand, s string) string {
			at := r.IntN(len(s))
			return gzipList(t, s[:at]) + gzipList(t, s[at:])
		})),
		file("broken gzip", func(t *testing.T, r *rand.Rand, s string) string { return broken(r, gzipList(t, s)) }),
		file("broken zip", func(t *testing.T, r *rand.Rand, s string) string { return broken(r, zipped(t, r, s)) }),
		file("broken workbook", func(t *testing.T, r *rand.Rand, s string) string { return broken(r, workbook(t, r, s)) }),
		file("zip of several", func(t *testing.T, r *rand.Rand, s string) string {
			return archive(t, map[string]string{"list.csv": s, []string{"more.csv", "__MACOSX/._list.csv", ".DS_Store", "readme.txt"}[r.IntN(4)]: "x"})
		}),
		file("zip of a workbook", func(t *testing.T, r *rand.Rand, s string) string {
			return archive(t, map[string]string{"list.xlsx": workbook(t, r, s)})
		}),
		file("zip in a zip", func(t *testing.T, r *rand.Rand, s string) string {
			return archive(t, map[string]string{"list.zip": zipped(t, r, s)})
		}),
		sheetDamage("several sheets", func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string) {
			name := []string{"Notes", "Pivot", "IDs 2"}[r.IntN(3)]
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
			setRows(t, f, name, []any{"what this is"}, []any{"sums", 3})
			if r.IntN(2) == 0 {
				if err := f.MoveSheet(name, "Sheet1"); err != nil {
					t.Fatal(err)
				}
			}
		}),
		sheetDamage("formulas without a result", func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string) {
			for i := range rows[1:] {
				cell, err := excelize.CoordinatesToCellName(1+r.IntN(len(rows[0])), i+2)
				if err := errors.Join(err, f.SetCellValue("Sheet1", cell, nil), f.SetCellFormula("Sheet1", cell, "A1")); err != nil {
					t.Fatal(err)
				}
			}
		}),
		sheetDamage("a column moved to the right", func(t *testing.T, r *rand.Rand, f *excelize.File, _ [][]string) {
			if err := f.InsertCols("Sheet1", string("ABC"[r.IntN(3)]), 1+r.IntN(3)); err != nil {
				t.Fatal(err)
			}
		}),
		sheetDamage("a table beside", func(t *testing.T, r *rand.Rand, f *excelize.File, rows [][]string) {
			for i := range 1 + r.IntN(len(rows)+3) {
				cell, err := excelize.CoordinatesToCellName(len(rows[0])+2, i+2)
				values := []any{[]any{"PH", "Total", 17, "a1b2c3d4e5f60718", "region"}[r.IntN(5)], r.IntN(99)}
				if err := errors.Join(err, f.SetSheetRow("Sheet1", cell, &values)); err != nil {
					t.Fatal(err)
				}
			}
		}),
	}
}
