package billing

import "testing"

// TestLostNote: a note tells how many calls it is about, whatever else the note of its row says.
func TestLostNote(t *testing.T) {
	for _, c := range []struct {
		note         string
		beyond, want int64
	}{
		{"", 3, 0}, {LostNote(3, 3), 3, 3}, {LostNote(2, 3), 3, 2}, {"floor 2, ceiling 3; " + LostNote(2, 5), 6, 2},
		{"2 of 3 calls; " + LostNote(4, 4), 4, 4}, {LostNote(1, 4) + "; their amount is not the product", 4, 1},
	} {
		if got := LostCalls(c.note, c.beyond); got != c.want {
			t.Errorf("%q: %d calls, want %d", c.note, got, c.want)
		}
	}
}
