package findings

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"liverecon/report/stats"
)

// readSeries reads the sums of a file of testdata: a row a day and region, in the order of days.
func readSeries(t *testing.T, name string) *Series {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &Series{}
	for _, row := range rows[1:] {
		day, err := time.Parse(time.DateOnly, row[0])
		if err != nil {
			t.Fatal(err)
		}
		s.until(day)
		if err := s.region(row[1]).Nights[len(s.Nights)-1].parse(row[2:]); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// until adds nights up to a day.
func (s *Series) until(day time.Time) {
	for len(s.Nights) == 0 || s.Nights[len(s.Nights)-1].Day.Before(day) {
		next := day
		if n := len(s.Nights); n > 0 {
			next = s.Nights[n-1].Day.AddDate(0, 0, 1)
		}
		s.Nights = append(s.Nights, Night{Day: next})
		for i := range s.Regions {
			s.Regions[i].Nights = append(s.Regions[i].Nights, Tally{})
		}
	}
}

// region returns a region, added where it is new.
func (s *Series) region(code string) *Region {
	i := slices.IndexFunc(s.Regions, func(r Region) bool { return r.Code == code })
	if i < 0 {
		i = len(s.Regions)
		s.Regions = append(s.Regions, Region{Code: code, Name: code, Nights: make([]Tally, len(s.Nights))})
	}
	return &s.Regions[i]
}

func (t *Tally) parse(row []string) error {
	to := []*int64{&t.Scored, &t.Suspicious}
	for i := range t.Kinds {
		to = append(to, &t.Kinds[i])
	}
	for i := range t.Bins {
		to = append(to, &t.Bins[i])
	}
	for i, x := range append(to, &t.Zero, &t.Fifty, &t.Full) {
		n, err := strconv.ParseInt(row[i], 10, 64)
		if err != nil {
			return err
		}
		*x = n
	}
	return nil
}

// night returns the index of a day.
func (s *Series) night(t *testing.T, day string) int {
	t.Helper()
	for i, n := range s.Nights {
		if n.Day.Format(time.DateOnly) == day {
			return i
		}
	}
	t.Fatalf("no night %s", day)
	return 0
}

// words is a finding as the tests name it.
func (f *Finding) words() string {
	text := fmt.Sprint(f.Family, " ", f.Region)
	if f.Family == Type {
		text += " " + f.Kind.String()
	}
	if f.Family == Heaps {
		text += fmt.Sprintf(" %g", f.Score)
	}
	if f.Up {
		return text + " up"
	}
	return text + " down"
}

func (p *Page) words() (all []string) {
	for _, f := range p.Findings {
		all = append(all, f.words())
	}
	return all
}

func TestMonths(t *testing.T) {
	for name, want := range map[string][]string{
		"1-injection-tripled.csv":         {"type PH Injection up", "type PH Presentation down"},
		"2-mix-only.csv":                  nil,
		"3-region-fell.csv":               {"rate MX down"},
		"4-last-five-nights.csv":          {"ramp PH up", "now PH up", "burst PH up"},
		"5-several-facts-and-a-burst.csv": {"scores PH down", "burst ID up", "runs TH up"},
	} {
		s := readSeries(t, name)
		p := MonthPage(s, s.night(t, "2026-10-01"))
		if got := p.words(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if p.OverallClaimed() {
			t.Errorf("%s: the overall rate is said to have changed: %+v", name, p.Overall)
		}
	}
}

// TestBurstAndTypes: that a list of injections makes their share of the suspicious larger, and that of the other types
// smaller, is the burst and no finding besides; what is there without its night is one.
func TestBurstAndTypes(t *testing.T) {
	month := func(untyped, injected int64) []string {
		s := &Series{}
		region := Region{Code: "ID", Name: "Indonesia"}
		for d := range 112 {
			s.Nights = append(s.Nights, Night{Day: time.Date(2026, 7, 9+d, 0, 0, 0, 0, time.UTC)})
			n := Tally{Scored: 100, Suspicious: 8, Kinds: [kinds]int64{Injection: 1, Presentation: 4, OtherOrNone: 3}}
			if d >= 84 && untyped < 3 {
				n.Kinds[Presentation], n.Kinds[OtherOrNone] = 4+3-untyped, untyped
			}
			if d >= 84 {
				n.Kinds[Presentation] -= injected - 1
				n.Kinds[Injection] = injected
			}
			if d == 104 {
				n.Scored, n.Suspicious, n.Kinds[Injection] = 190, 98, 91
			}
			n.Bins[Bins-1] = n.Scored - n.Suspicious
			region.Nights = append(region.Nights, n)
		}
		s.Regions = []Region{region}
		return MonthPage(s, 84).words()
	}
	if got, want := month(3, 1), []string{"burst ID up", "overall  up"}; !slices.Equal(got, want) {
		t.Errorf("the burst alone: %q, want %q", got, want)
	}
	if got := month(0, 1); !slices.Contains(got, "type ID Unclassified down") {
		t.Errorf("a fall beside the burst: %q", got)
	}
	if got := month(3, 2); !slices.Contains(got, "type ID Injection up") {
		t.Errorf("a rise beside the burst: %q", got)
	}
}

func TestMonthNamesWhenAndWhere(t *testing.T) {
	s := readSeries(t, "4-last-five-nights.csv")
	for _, f := range MonthPage(s, s.night(t, "2026-10-01")).Findings {
		if f.Family == Now && (f.Now != stats.Proportion{Count: 93, Total: 492} || f.From != 23 || f.To != 27) {
			t.Errorf("what goes on in the Philippines: %+v", f)
		}
	}
	s = readSeries(t, "5-several-facts-and-a-burst.csv")
	for _, f := range MonthPage(s, s.night(t, "2026-10-01")).Findings {
		if f.Family == Bursts && (f.From != 19 || f.Now.Count < 90 || !f.MostOfRise) {
			t.Errorf("the burst of Indonesia: %+v", f)
		}
	}
}

func TestNights(t *testing.T) {
	burst, goesOn := readSeries(t, "5-several-facts-and-a-burst.csv"), readSeries(t, "4-last-five-nights.csv")
	for _, tt := range []struct {
		s    *Series
		day  string
		want []string
	}{
		{burst, "2026-10-19", nil},
		{burst, "2026-10-20", []string{"burst ID up", "now ID up"}},
		{burst, "2026-10-28", nil}, // it does not come back as a fall
		{goesOn, "2026-10-23", nil},
		{goesOn, "2026-10-25", []string{"now PH up"}},
		{goesOn, "2026-10-27", []string{"now PH up"}},
	} {
		p := NightPage(tt.s, tt.s.night(t, tt.day))
		if got := p.words(); !slices.Equal(got, tt.want) {
			t.Errorf("night of %s: %q, want %q", tt.day, got, tt.want)
		}
		for _, f := range p.Findings {
			if f.Family == Now && f.Still != (tt.day == "2026-10-27") {
				t.Errorf("night of %s: still is %v", tt.day, f.Still)
			}
		}
	}
}

// TestNightBaselines: a night is held against the 28 nights before the watched ones, or as many as its series says.
func TestNightBaselines(t *testing.T) {
	for _, baseline := range []int{0, NightBaseline, LongNightBaseline} {
		s := &Series{Baseline: baseline, Nights: make([]Night, 120), Regions: []Region{{Code: "PH", Nights: make([]Tally, 120)}}}
		for i := range s.Nights {
			s.Nights[i].Day = time.Date(2026, 8, 1+i, 0, 0, 0, 0, time.UTC)
			s.Regions[0].Nights[i] = Tally{Scored: 50, Suspicious: 5}
		}
		p := NightPage(s, len(s.Nights)-1)
		if want := cmp.Or(baseline, NightBaseline); p.Nights != want {
			t.Errorf("baseline %d: held against %d nights, want %d", baseline, p.Nights, want)
		}
		if c := NightControl(s, len(s.Nights)-1); c.Nights != p.Nights {
			t.Errorf("baseline %d: limits of %d nights, claims of %d", baseline, c.Nights, p.Nights)
		}
	}
}

func TestTooShortABaselineClaimsNothing(t *testing.T) {
	s := readSeries(t, "1-injection-tripled.csv")
	if p := MonthPage(s, 13); p.Compared() || p.Findings != nil {
		t.Errorf("13 nights before: %+v", p)
	}
	if p := MonthPage(s, 14); !p.Compared() {
		t.Error("14 nights before are no baseline")
	}
}

func TestTroubledNightsAreNoBaseline(t *testing.T) {
	s := readSeries(t, "1-injection-tripled.csv")
	from := s.night(t, "2026-10-01")
	for d := range from - 15 {
		s.Nights[d].Trouble = true
	}
	if p := MonthPage(s, from); p.Compared() || p.Nights != 13 {
		t.Errorf("%d nights without trouble are a baseline", p.Nights)
	}
}
