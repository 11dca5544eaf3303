package risk

import (
	"testing"

	"liverecon/report/risk/survey"
)

// TestExtremeRegion: a region far beyond the others is left beyond the axis and named; a wide interval that begins among
// them is not, and of two regions neither is the usual one.
func TestExtremeRegion(t *testing.T) {
	region := func(code string, suspicious, scored int64) *survey.Tally {
		g := survey.NewTally(code)
		g.Counts[survey.Suspicious][survey.Injection] = suspicious
		g.Counts[survey.Passing][survey.None] = scored - suspicious
		return g
	}
	usual := []*survey.Tally{region("ID", 60, 1000), region("PH", 90, 1000), region("TH", 70, 1000), region("VN", 3, 30)}
	for _, tt := range []struct {
		name    string
		regions []*survey.Tally
		end     float64
		note    string
	}{
		{"usual ones", usual, .3, ""},
		{"an extreme one", append([]*survey.Tally{region("LK", 680, 720)}, usual...), .3, " · beyond the axis: Sri Lanka 94.44%"},
		{"too few to say what is usual", []*survey.Tally{region("LK", 680, 720), usual[0]}, 1, ""},
	} {
		end, beyond := intervalEnd(tt.regions, (*survey.Tally).Rate)
		if note := beyondNote(beyond, (*survey.Tally).Rate); end != tt.end || note != tt.note {
			t.Errorf("%s: the axis ends at %g%s", tt.name, end, note)
		}
	}
}
