package xlsx

import (
	"errors"
	"fmt"
	"testing"

	"liverecon/store/snapshot"
)

// TestAhead gives rows through a goroutine: all of them in order, up to the error of either side, and nothing is read
// once it has returned.
func TestAhead(t *testing.T) {
	broken, enough := errors.New("broken"), errors.New("enough")
	for _, c := range []struct {
		rows, readFails, eachFails int // after so many rows, -1 never
		want                       error
	}{
		{0, -1, -1, nil}, {1, -1, -1, nil}, {aheadRows, -1, -1, nil}, {10*aheadRows + 7, -1, -1, nil},
		{2000, 1500, -1, broken}, {0, 0, -1, broken}, {5000, -1, 0, enough}, {5000, -1, 700, enough}, {100, 100, -1, broken},
	} {
		reading, got := true, 0
		err := Ahead(func(each func(*snapshot.Detail) error) error {
			defer func() { reading = false }()
			var d snapshot.Detail
			for i := range c.rows {
				if i == c.readFails {
					return broken
				}
				score := float64(i)
				d.CheckID, d.Score = int64(i), &score
				if i%3 == 0 {
					d.Score = nil
				}
				if err := each(&d); err != nil {
					return err
				}
			}
			if c.readFails >= c.rows {
				return broken
			}
			return nil
		}, func(d *snapshot.Detail) error {
			if got == c.eachFails {
				return enough
			}
			if d.CheckID != int64(got) || (d.Score == nil) != (got%3 == 0) || d.Score != nil && *d.Score != float64(got) {
				return fmt.Errorf("row %d is %+v", got, d)
			}
			got++
			return nil
		})
		if !errors.Is(err, c.want) || reading || c.want == nil && got != c.rows {
			t.Errorf("%+v: %d rows, still reading %v, %v", c, got, reading, err)
		}
	}
}
