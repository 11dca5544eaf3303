package report

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"liverecon/report/internal/reporttest"

	"github.com/xuri/excelize/v2"
)

// aName matches a defined name of spreadsheets.
var aName = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_.]{0,254}$`)

// TestTablesHaveNames: whoever reads a workbook with another program finds every table by a name that stays: its heads
// are in the first row of the named area, its rows below, and the total is not among them.
func TestTablesHaveNames(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		var names []string
		for i, file := range []string{f.Write(f.risk(reporttest.SecondNight()).Workbook), f.Write(f.finance(reporttest.SecondNight()).Workbook)} {
			names = append(names, "— "+[]string{"risk", "finance"}[i])
			names = append(names, f.tablesOf(file)...)
		}
		golden := filepath.Join("testdata", "names.golden")
		got := strings.Join(names, "\n") + "\n"
		if *reporttest.Update {
			f.Must(os.WriteFile(golden, []byte(got), 0o600))
		}
		want, err := os.ReadFile(golden)
		f.Must(err)
		if got != string(want) {
			t.Errorf("the names of tables are what other programs rely on (run with -update when the change is meant):\n%s", got)
		}
	})
}

// tablesOf returns the names in a file, and checks what they stand for.
func (f *fixture) tablesOf(file string) (names []string) {
	book, err := excelize.OpenFile(file)
	f.Must(err)
	defer book.Close() //nolint:errcheck // opened for reading
	lower := map[string]bool{}
	for _, d := range book.GetDefinedName() {
		if d.Scope != "Workbook" {
			continue
		}
		names = append(names, d.Name)
		if !aName.MatchString(d.Name) || lower[strings.ToLower(d.Name)] {
			f.T.Errorf("%s is no name, or is there twice", d.Name)
		}
		lower[strings.ToLower(d.Name)] = true
		at := strings.LastIndex(d.RefersTo, "!")
		sheet := strings.ReplaceAll(strings.Trim(d.RefersTo[:at], "'"), "''", "'")
		from, to, _ := strings.Cut(strings.ReplaceAll(d.RefersTo[at+1:], "$", ""), ":")
		left, top, err := excelize.CellNameToCoordinates(from)
		f.Must(err)
		right, bottom, err := excelize.CellNameToCoordinates(to)
		f.Must(err)
		filled := func(row int) (n int) {
			for col := left; col <= right; col++ {
				name, err := excelize.CoordinatesToCellName(col, row)
				f.Must(err)
				text, err := book.GetCellValue(sheet, name)
				f.Must(err)
				if text != "" {
					n++
				}
			}
			return n
		}
		first, err := book.GetCellValue(sheet, from)
		f.Must(err)
		last, err := book.GetCellValue(sheet, fmt.Sprintf("%s%d", strings.TrimRight(from, "0123456789"), bottom))
		f.Must(err)
		if first == "" || filled(top) < 2 || bottom > top && filled(bottom) == 0 || strings.HasPrefix(last, "All ") {
			f.T.Errorf("%s is %s: from %q to %q", d.Name, d.RefersTo, first, last)
		}
	}
	slices.Sort(names)
	return names
}
