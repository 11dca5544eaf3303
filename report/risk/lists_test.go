package risk

import (
	"fmt"
	"strings"
	"testing"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// TestListGoesOn splits a list over sheets, each with the rows that follow those of the one before.
func TestListGoesOn(t *testing.T) {
	var asked []string
	list := longList{name: "Detail", columns: []xlsx.ListColumn{{Head: "ID", Format: xlsx.Literal, Width: 9}},
		total: 2*page.ListRows + 1}
	list.rows = func(skip, limit int, _ func([]xlsx.Cell) error) error {
		asked = append(asked, fmt.Sprint(skip, " ", limit))
		return nil
	}
	var sheets []string
	for _, s := range list.write(&xlsx.Workbook{Title: "test"}) {
		sheets = append(sheets, fmt.Sprint(s.Name, " ", s.List.Count))
		if err := s.List.Rows(nil); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(sheets, ", "), "Detail 1000000, Detail (2) 1000000, Detail (3) 1"; got != want {
		t.Errorf("sheets %s, want %s", got, want)
	}
	if got, want := strings.Join(asked, ", "), "0 1000000, 1000000 1000000, 2000000 1000000"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}
