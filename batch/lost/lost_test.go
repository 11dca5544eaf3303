package lost_test

import (
	"testing"
	"time"

	"liverecon/batch/lost"
)

func at(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 0, 0, 0, time.UTC) }

func counts(t lost.Times) (all [3]int64) {
	for i, l := range t {
		all[i] = l.Calls
	}
	return all
}

// TestTake: a charge is taken for a call of a time that it can be of, while there are any.
func TestTake(t *testing.T) {
	times := lost.Times{{at(5, 9), at(5, 13), 3}, {at(7, 0), at(7, 1), 1}, {at(7, 0), at(7, 2), 2}}
	for _, c := range []struct {
		n        int64
		from, to time.Time
		want     int64
		left     [3]int64
	}{
		{1, at(5, 9).Add(-2 * time.Minute), at(5, 9).Add(-time.Minute), 0, [3]int64{3, 1, 2}},
		{1, at(5, 9).Add(-time.Minute), at(5, 9), 1, [3]int64{2, 1, 2}},
		{1, at(5, 13).Add(time.Minute), at(5, 14), 1, [3]int64{1, 1, 2}},
		{1, at(5, 13).Add(time.Minute + 1e6), at(5, 14), 0, [3]int64{1, 1, 2}},
		{9, at(7, 0), at(8, 0), 3, [3]int64{1, 0, 0}},
		{9, at(1, 0), at(31, 0), 1, [3]int64{}},
		{0, at(1, 0), at(31, 0), 0, [3]int64{}},
	} {
		got := times.Take(c.n, c.from.UnixMilli(), c.to.UnixMilli())
		if got != c.want || counts(times) != c.left {
			t.Errorf("%d of %v to %v: took %d, left %v; want %d, %v", c.n, c.from, c.to, got, counts(times), c.want, c.left)
		}
	}
}

// TestLeft: in all months together no more is explained than was lost, in whatever order they are reconciled.
func TestLeft(t *testing.T) {
	months := []lost.Month{{From: at(1, 0), To: at(11, 0)}, {From: at(11, 0), To: at(21, 0)}, {From: at(21, 0), To: at(31, 0)}}
	for _, times := range []lost.Times{
		{{at(10, 22), at(11, 2), 6}},
		{{at(2, 0), at(3, 0), 4}, {at(10, 22), at(11, 2), 6}, {at(12, 0), at(30, 0), 3}},
		{{at(9, 0), at(25, 0), 5}, {at(10, 0), at(12, 0), 5}},
		{{at(2, 0), at(3, 0), 4}},
	} {
		var all int64
		for _, l := range times {
			all += l.Calls
		}
		for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0, 1, 0, 2}} {
			done := append([]lost.Month(nil), months...)
			for _, i := range order {
				var others []lost.Month
				for k, m := range done {
					if k != i {
						others = append(others, m)
					}
				}
				left := times.Left(done[i], others)
				done[i].Taken = left.Take(1000, done[i].From.UnixMilli(), done[i].To.UnixMilli())
			}
			if sum := done[0].Taken + done[1].Taken + done[2].Taken; sum != all {
				t.Errorf("%v in the order %v: %d charges explained, %d calls lost", times, order, sum, all)
			}
		}
	}
	// what another month took of a time of its own is not missing here
	left := lost.Times{{at(2, 0), at(3, 0), 4}, {at(10, 22), at(11, 2), 6}}.Left(months[1], []lost.Month{{months[0].From, months[0].To, 5}})
	if counts(left) != [3]int64{0, 5} {
		t.Errorf("left are %v", counts(left))
	}
}
