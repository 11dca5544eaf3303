package demo

import (
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"liverecon/batch/list"
	"liverecon/batch/liveness/simulator/history"
	"liverecon/cmd/liverecon/config"
	"liverecon/testdata"
)

// TestTonightIsLikeOtherNights: the lists of the demonstration bring of each region as many checks as one to three usual
// nights of the months before it, so that tonight is compared with what it can be compared with; Mexico sends what it has
// collected for two weeks at once.
func TestTonightIsLikeOtherNights(t *testing.T) {
	c, err := config.Parse(builtIn, t.TempDir(), simulatedConfig)
	if err != nil {
		t.Fatal(err)
	}
	if err := Unpack(c); err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(testdata.Lists, "lists/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d lists, %v", len(files), err)
	}
	tonight, seen := map[string]float64{}, map[string]bool{}
	for _, file := range files {
		path := filepath.Join(c.Base, c.Lists[0], filepath.Base(file))
		_, err := list.Read(t.Context(), path, c.ListOptions(), func(r list.Row) error {
			if !seen[r.ID] {
				tonight[r.Region]++
			}
			seen[r.ID] = true
			return nil
		}, func(list.Reject) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	for region, usual := range history.NewPlan(simulatedSeed, time.Now()).Volumes {
		most := 3 * usual
		if region == "MX" {
			most = 15 * usual
		}
		if n := tonight[region]; n < usual || n > most {
			t.Errorf("%s: %g checks tonight, %g on a usual night", region, n, usual)
		}
	}
}
