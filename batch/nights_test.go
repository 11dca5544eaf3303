package batch_test

import (
	"testing"

	"liverecon/batch"
)

func TestMoreNights(t *testing.T) {
	type counts = map[string]int64
	for _, c := range []struct {
		name       string
		done, left counts
		want       int64
	}{
		{"nothing is left", counts{"id": 10}, counts{}, 0},
		{"nothing was done", counts{"id": 0}, counts{"id": 5}, 0},
		{"a part of a night is one", counts{"id": 10}, counts{"id": 1}, 1},
		{"exactly two", counts{"id": 10}, counts{"id": 20}, 2},
		{"the slowest counts", counts{"id": 100, "th": 10}, counts{"id": 50, "th": 35}, 4},
		{"one that was not reached for a cap waits for the others", counts{"id": 100}, counts{"id": 0, "th": 250}, 3},
	} {
		if got := batch.MoreNights(c.done, c.left); got != c.want {
			t.Errorf("%s: %d nights, want %d", c.name, got, c.want)
		}
	}
}
