package findings

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// planted draws a month beside another, after a baseline of 84 nights: eight regions, nights that vary by a quarter, five
// partners that differ by up to three times and one of which rises from the month on, two platforms.
type planted struct {
	partner, platform float64 // by which partner 1 and platform "b" rise in the month
	region            float64 // by which all of one region rises
}

func (p planted) series(seed uint64) *Series {
	random := rand.New(rand.NewPCG(seed, 7))
	const nights, month = 84, 28
	s := &Series{SourceSums: map[string]SourceSums{"partner": {map[string]Share{}, map[string]Share{}}, "platform": {map[string]Share{}, map[string]Share{}}}}
	bySource := map[[2]string]*Source{}
	for range nights + month {
		s.Nights = append(s.Nights, Night{Day: time.Unix(int64(len(s.Nights))*86400, 0)})
	}
	add := func(column, value, region string, now bool, n, k int64) {
		at := [2]string{column, value}
		if bySource[at] == nil {
			bySource[at] = &Source{Column: column, Value: value, Now: map[string]Share{}, Before: map[string]Share{}}
		}
		of, sums := bySource[at].Before, s.SourceSums[column].Before
		if now {
			of, sums = bySource[at].Now, s.SourceSums[column].Now
		}
		of[region] = Share{of[region].Suspicious + k, of[region].Checks + n}
		sums[region] = Share{sums[region].Suspicious + k, sums[region].Checks + n}
	}
	for r, volume := range []int{36, 30, 20, 16, 14, 12, 10, 7} {
		region := Region{Code: fmt.Sprintf("R%d", r), Name: fmt.Sprintf("Region %d", r), Nights: make([]Tally, nights+month)}
		base := 0.05 + 0.012*float64(r)
		for d := range region.Nights {
			shared := math.Exp(0.25*random.NormFloat64() - 0.03)
			for range volume {
				partner, platform := random.IntN(5), random.IntN(2)
				q := base * shared * []float64{.7, 1, 1.3, .5, 1.5}[partner]
				if d >= nights {
					if partner == 1 {
						q *= 1 + p.partner
					}
					if platform == 1 {
						q *= 1 + p.platform
					}
					if r == 0 {
						q *= 1 + p.region
					}
				}
				t, bad := &region.Nights[d], int64(0)
				if t.Scored++; random.Float64() < min(q, .95) {
					t.Suspicious++
					t.Kinds[Presentation]++
					bad = 1
				}
				if d >= nights-month {
					add("partner", fmt.Sprintf("P%d", partner), region.Code, d >= nights, 1, bad)
					add("platform", string(rune('a'+platform)), region.Code, d >= nights, 1, bad)
				}
			}
		}
		s.Regions = append(s.Regions, region)
	}
	for i := range 5 {
		s.Sources = append(s.Sources, *bySource[[2]string{"partner", fmt.Sprintf("P%d", i)}])
	}
	s.Sources = append(s.Sources, *bySource[[2]string{"platform", "a"}], *bySource[[2]string{"platform", "b"}])
	return s
}

// claims counts over seeds on how many pages a source is claimed, and on how many it is the one that rose.
func (p planted) claims(seeds int, column, value string) (any, found int) {
	for seed := range seeds {
		page := MonthPage(p.series(uint64(seed)), 84)
		one, right := false, false
		for _, f := range page.Findings {
			if f.Family == Sources {
				one = true
				right = right || f.Name == column && f.Place == value && f.Up
			}
		}
		if one {
			any++
		}
		if right {
			found++
		}
	}
	return any, found
}

// TestSources finds a partner that became worse and a platform that did in nine months of ten. Partners that always differ,
// and a region that rose as a whole, make hardly ever a claim: sources have .08 of 1.08 of the page's 5 %.
func TestSources(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates months")
	}
	if _, found := (planted{partner: 1.5}).claims(20, "partner", "P1"); found < 18 {
		t.Errorf("partner x2.5: found in %d of 20", found)
	}
	if _, found := (planted{platform: 1.5}).claims(20, "platform", "b"); found < 18 {
		t.Errorf("platform x2.5: found in %d of 20", found)
	}
	for name, p := range map[string]planted{"nothing changed": {}, "a region x2": {region: 1}} {
		if any, _ := p.claims(200, "", ""); any > 4 {
			t.Errorf("%s: a source is claimed in %d of 200 months", name, any)
		}
	}
}

// TestSourceBesideOthers: a new source is held against the others of its regions, an old one against what it was.
func TestSourceBesideOthers(t *testing.T) {
	sums := map[string]SourceSums{"partner": {Now: map[string]Share{"PH": {140, 1100}}, Before: map[string]Share{"PH": {100, 1000}}}}
	c := &comparison{nights: make([]Night, 30)}
	fresh := askSources(c, []Source{{Column: "partner", Value: "new", Now: map[string]Share{"PH": {40, 100}}}}, sums)
	if len(fresh) != 1 || !fresh[0].Fresh || !fresh[0].Up || fresh[0].P > 1e-6 || math.Abs(fresh[0].Expected-10.04) > .01 {
		t.Errorf("a new source: %+v", fresh)
	}
	always := askSources(c, []Source{{Column: "partner", Value: "old", Now: map[string]Share{"PH": {40, 100}}, Before: map[string]Share{"PH": {36, 100}}}}, sums)
	if len(always) != 1 || always[0].Fresh || always[0].P < .3 {
		t.Errorf("one that always was so: %+v", always)
	}
	if all := askSources(c, []Source{{Column: "partner", Value: "all", Now: map[string]Share{"PH": {140, 1100}}}}, sums); len(all) != 0 {
		t.Errorf("one without others: %+v", all[0])
	}
}
