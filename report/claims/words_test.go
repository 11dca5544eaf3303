package claims

import (
	"strings"
	"testing"
	"time"

	"liverecon/report/findings"
	"liverecon/report/stats"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// october is a page about October 2026 against 84 nights before it.
func october() *Claims {
	zone := time.FixedZone("Asia/Singapore", 8*3600)
	c := New(calendar.Month(2026, time.October, zone), calendar.Period{}, 0)
	c.Page = &findings.Page{Alpha: 0.05, Nights: 84, Covered: 1, All: make([]*findings.Finding, 90)}
	return c
}

// region is a finding about the Philippines.
func region(f findings.Finding) *findings.Finding {
	f.Region, f.Name = "PH", "the Philippines"
	return &f
}

func share(count, total int64) stats.Proportion { return stats.Proportion{Count: count, Total: total} }

func TestSentences(t *testing.T) {
	burst := region(findings.Finding{Family: findings.Bursts, Now: share(93, 230), Expected: 3.56, Injections: 90,
		From: 19, To: 19, MostOfRise: true})
	list := region(findings.Finding{Family: findings.Bursts, Now: share(93, 230), Expected: 3.56, From: 19, To: 19,
		Place: "list burst.csv"})
	for want, f := range map[string]*findings.Finding{
		"The Philippines fell to 1.03% from 7.34% (15 of 1,457, 107 expected)": region(findings.Finding{
			Family: findings.Rate, Now: share(15, 1457), Before: share(103, 1404), Expected: 106.9}),
		"The Philippines rose to 10.00% from 5.00% (100 of 1,000, 50 expected); 3.1% not answered could undo this": region(
			findings.Finding{Family: findings.Rate, Up: true, Now: share(100, 1000), Before: share(50, 1000),
				Expected: 50, Missing: 0.031}),
		"The Philippines climbed through the period: 6.00% → 11.00%; 6.10% before": region(findings.Finding{
			Family: findings.Ramp, Up: true, Thirds: [2]float64{.06, .11}, Before: share(61, 1000)}),
		"The Philippines sank through the period: 11.00% → 6.00%; 12.00% before": region(findings.Finding{
			Family: findings.Ramp, Thirds: [2]float64{.11, .06}, Before: share(12, 100)}),
		"Injection attacks in the Philippines rose to 61% of the suspicious from 24% (157 of 259)": region(
			findings.Finding{Family: findings.Type, Up: true, Now: share(157, 259), Before: share(64, 266)}),
		"Unsure types in the Philippines fell to 4% of the suspicious from 20% (2 of 50)": region(findings.Finding{
			Family: findings.Type, Kind: findings.Unsure, Now: share(2, 50), Before: share(10, 50)}),
		"The Philippines since 24 Oct: 93 suspicious on 5 nights, 42 expected": region(findings.Finding{
			Family: findings.Now, Up: true, Now: share(93, 492), Expected: 42.4, From: 23, To: 27, Nights: 5}),
		"The Philippines still since 28 Oct: 3 suspicious only on 1 night, 9.0 expected": region(findings.Finding{
			Family: findings.Sinking, Now: share(3, 100), Expected: 9, From: 27, To: 27, Nights: 1, Still: true}),
		"All regions since 24 Oct: 93 suspicious on 5 nights, 42 expected": {Family: findings.Together, Up: true,
			Now: share(93, 492), Expected: 42.4, From: 23, To: 27, Nights: 5},
		"The Philippines, 20 Oct to 30 Oct: 73 suspicious, 37 expected": region(findings.Finding{Family: findings.Runs,
			Up: true, Now: share(73, 814), Expected: 36.5, From: 19, To: 29}),
		"Passing scores moved in the Philippines: 75–90 0.7% → 17.1% of them": region(findings.Finding{
			Family: findings.Scores, Moved: findings.Shift{Bin: "75–90", Now: .171, Before: .0074}}),
		"The Philippines, 20 Oct: 93 of 230 suspicious, 3.6 expected; 90 injection, nearly all of its rise": burst,
		"The Philippines, 20 Oct, list burst.csv: 93 of 230 suspicious, 3.6 expected":                       list,
		"The Philippines, 20 Oct, list burst.csv, taken 20 Oct 14:04–15:59: 93 of 230 suspicious, 3.6 expected": region(
			findings.Finding{Family: findings.Bursts, Now: share(93, 230), Expected: 3.56, From: 19, To: 19,
				Place: "list burst.csv", When: "taken 20 Oct 14:04–15:59"}),
		"8 checks in the Philippines score exactly 50, 0.8 expected": region(findings.Finding{Family: findings.Heaps,
			Now: share(8, 390), Expected: 0.8, Score: 50}),
	} {
		if got := october().Sentence(f); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestHeadline makes each claim of the headline true and false.
func TestHeadline(t *testing.T) {
	all := share(170, 1800)
	overall := func(rate, mix, adjusted float64) *findings.Finding {
		return &findings.Finding{Family: findings.Overall, Now: share(170, 1800), Before: share(121, 1600), Up: rate > 0,
			Parts: findings.Part{Rate: rate, Mix: mix}, Adjusted: adjusted}
	}
	rise := region(findings.Finding{Family: findings.Rate, Up: true, Now: share(100, 1000), Before: share(50, 1000),
		Expected: 50})
	parts := []findings.RegionPart{{Name: "Nigeria", Part: findings.Part{Mix: .012},
		Now: findings.Share{Checks: 400}, Before: findings.Share{Checks: 100}}}
	const told = " rose to 10.00% from 5.00% (100 of 1,000, 50 expected)"
	const behind = "the Philippines" + told
	rename := func(f *findings.Finding, code, name string) *findings.Finding {
		other := *f
		other.Region, other.Name = code, name
		return &other
	}
	for name, tt := range map[string]struct {
		change func(*Claims)
		want   string
	}{
		"nothing": {func(*Claims) {}, "9.44% of scored checks were suspicious; no change beyond chance against the 12 " +
			"weeks before in 90 questions"},
		"no baseline": {func(c *Claims) { c.Nights = 13 }, "9.44% of scored checks were suspicious; first period: " +
			"fewer than 14 nights before it to compare with"},
		"hardly any region": {func(c *Claims) { c.Covered = .4 }, "9.44% of scored checks were suspicious; most checks " +
			"are of regions with too few to ask about a change against the 12 weeks before"},
		"a region": {func(c *Claims) { c.Findings = []*findings.Finding{rise} }, "9.44% of scored checks were " +
			"suspicious; " + behind},
		"all regions": {func(c *Claims) {
			c.Overall = overall(.0059, .0129, .01)
			c.Findings = []*findings.Finding{c.Overall, rise}
		}, "The suspicious rate rose to 9.44% from 7.56% in the 12 weeks before: +0.59 pp by the regions' own rates, " +
			"+1.29 pp by their mix; " + behind},
		"all regions against their mix": {func(c *Claims) {
			c.Overall = overall(-.0059, .0247, .01)
			c.Findings = []*findings.Finding{c.Overall}
		}, "The regions' own rates fell (-0.59 pp); the overall rate stands higher by their mix: 9.44%, 7.56% in the " +
			"12 weeks before"},
		"the mix alone": {func(c *Claims) {
			c.Overall, c.Parts = overall(.0029, .0159, .4), parts
			c.Overall.Now.Count = 180
		}, "10.00% of scored checks were suspicious (+2.44 pp against the 12 weeks before): the mix of regions changed " +
			"(Nigeria: 6% → 22% of checks), their own rates not clearly"},
		"a region and all regions": {func(c *Claims) {
			c.Overall, c.Findings = overall(.0159, .0085, .4), []*findings.Finding{rise}
			c.Overall.Now.Count = 180
		}, "9.44% of scored checks were suspicious, +2.44 pp against the 12 weeks before (+1.59 pp within regions, " +
			"+0.85 pp by their mix); " + behind},
		"a region and hardly all regions": {func(c *Claims) {
			c.Overall, c.Findings = overall(.0059, .0029, .4), []*findings.Finding{rise}
			c.Overall.Now.Count = 145
		}, "9.44% of scored checks were suspicious; " + behind},
		"neither": {func(c *Claims) { c.Overall = overall(.0159, .0029, .4) }, "9.44% of scored checks were " +
			"suspicious; no change beyond chance against the 12 weeks before in 90 questions"},
		"several regions": {func(c *Claims) {
			third := rename(rise, "VN", "Vietnam")
			c.Findings = []*findings.Finding{rise, rename(rise, "TH", "Thailand"), third}
		}, "9.44% of scored checks were suspicious; " + behind + "; Thailand" + told + "; and 1 more finding"},
		"several findings about another region": {func(c *Claims) {
			c.Findings = []*findings.Finding{rise, rename(rise, "TH", "Thailand"), rename(rise, "TH", "Thailand")}
		}, "9.44% of scored checks were suspicious; " + behind + "; Thailand" + told + "; Thailand" + told},
		"two regions with too much to say": {func(c *Claims) {
			c.Findings = []*findings.Finding{rise, rise, rise, rise, rename(rise, "TH", "Thailand"), rename(rise, "TH", "Thailand")}
		}, "9.44% of scored checks were suspicious" + strings.Repeat("; "+behind, 4) + "; and 2 more findings"},
		"what is no name": {func(c *Claims) {
			c.Findings = []*findings.Finding{region(findings.Finding{Family: findings.Type, Up: true, Now: share(157, 259),
				Before: share(64, 266)})}
		}, "9.44% of scored checks were suspicious; injection attacks in the Philippines rose to 61% of the suspicious from " +
			"24% (157 of 259)"},
		"one region": {func(c *Claims) {
			c.Overall, c.Parts = overall(.0188, 0, .01), parts
			c.Findings = []*findings.Finding{c.Overall}
		}, "The suspicious rate rose to 9.44% from 7.56% in the 12 weeks before"},
		"a period that was asked for": {func(c *Claims) { c.chosen, c.baseline.Label = true, "2026-08" }, "9.44% of " +
			"scored checks were suspicious; no change beyond chance against 2026-08 in 90 questions"},
	} {
		c := october()
		tt.change(c)
		if got := c.Headline(all); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, tt.want)
		}
	}
}

// TestBeside: figures stand beside the period before, of one night beside the nights that its findings are claimed
// against; neither is a baseline of somebody's choice, and any other is. A workbook that names one of the usual lengths
// is made again with it, whatever is set by then.
func TestBeside(t *testing.T) {
	zone := time.FixedZone("Asia/Singapore", 8*3600)
	month, night := calendar.Month(2026, time.October, zone), calendar.Days(2026, time.November, 30, 1, zone)
	for _, tt := range []struct {
		of            calendar.Period
		nights        int
		want, against string
	}{{month, 0, "2026-09", "the 12 weeks before"}, {month, 84, "2026-09", "the 12 weeks before"},
		{night, 0, "2026-10-27..2026-11-23", "the 4 weeks before the last 7 nights"},
		{night, 28, "2026-10-27..2026-11-23", "the 4 weeks before the last 7 nights"},
		{night, 84, "2026-09-01..2026-11-23", "the 12 weeks before the last 7 nights"}} {
		got := Beside(tt.of, tt.nights)
		if got.Label != tt.want {
			t.Errorf("%s stands beside %s, want %s", tt.of.Label, got.Label, tt.want)
		}
		for _, usual := range []struct {
			compare calendar.Period
			nights  int
		}{{calendar.Period{}, tt.nights}, {got, tt.nights}, {got, 0}, {got, 112 - tt.nights}, {tt.of.Previous(), tt.nights}} {
			c := New(tt.of, usual.compare, usual.nights)
			if c.Page = (&findings.Page{Nights: 84}); c.Against() != tt.against {
				t.Errorf("%s beside %q, %d nights: against %s", tt.of.Label, usual.compare.Label, usual.nights, c.Against())
			}
		}
		other := calendar.Month(2026, time.March, zone)
		c := New(tt.of, other, tt.nights)
		if c.Page = (&findings.Page{Nights: 84}); c.Against() != "2026-03" {
			t.Errorf("%s beside 2026-03: against %s", tt.of.Label, c.Against())
		}
	}
}

// TestSpanWords: a list's hours are those of its pictures where the vendor says them, else those of its answers, in the
// report's zone; a day or more is no news.
func TestSpanWords(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for want, s := range map[string]snapshot.Span{
		"":                                      {},
		"taken 20 Oct 14:04–15:59":              {First: at("2026-10-20 06:04"), Last: at("2026-10-20 07:59"), Captured: true},
		"answered 14:04–15:59":                  {First: at("2026-10-20 06:04"), Last: at("2026-10-20 07:59")},
		"taken 19 Oct 23:30 to 20 Oct 23:29":    {First: at("2026-10-19 15:30"), Last: at("2026-10-20 15:29"), Captured: true},
		"answered 19 Oct 23:30 to 20 Oct 00:10": {First: at("2026-10-19 15:30"), Last: at("2026-10-19 16:10")},
	} {
		if got := october().spanWords(s); got != want {
			t.Errorf("%v: %q, want %q", s, got, want)
		}
	}
	if got := october().spanWords(snapshot.Span{First: at("2026-10-19 15:30"), Last: at("2026-10-20 15:30"), Captured: true}); got != "" {
		t.Errorf("a whole day: %q", got)
	}
}

// TestPartsCaption: the nights that are compared are named: of one night's page those that are watched, and those that
// they are held against, without those between.
func TestPartsCaption(t *testing.T) {
	zone := time.FixedZone("Asia/Singapore", 8*3600)
	night := New(calendar.Days(2026, time.December, 1, 1, zone), calendar.Period{}, 0)
	night.Page = &findings.Page{Nights: 28}
	night.from -= findings.Watched - 1 // as Ask does
	for want, c := range map[string]*Claims{
		"The last 7 nights against the 4 weeks before the last 7 nights (2026-10-28 to 2026-11-24 (Asia/Singapore); ": night,
		"Against the 12 weeks before (2026-07-09 to 2026-09-30 (Asia/Singapore); ":                                    october(),
	} {
		if got := c.PartsCaption(); !strings.HasPrefix(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// What leaves the house names neither a list nor a column of one, nor what stands in it.
func TestUnnamed(t *testing.T) {
	c := october()
	c.Findings = []*findings.Finding{
		{Family: findings.Sources, Name: "partner", Place: "Acme", Up: true, Now: share(90, 100), Before: share(8, 100)},
		region(findings.Finding{Family: findings.Bursts, Place: "list promo_ID.csv", Up: true, Now: share(90, 90)}),
	}
	for _, f := range c.Unnamed().Findings {
		said := c.Sentence(f)
		for _, name := range []string{"partner", "Acme", "promo"} {
			if strings.Contains(said, name) {
				t.Errorf("%q names %s", said, name)
			}
		}
	}
	if said := c.Sentence(c.Unnamed().Findings[0]); !strings.HasPrefix(said, "one value of a column rose: 90 of 100 suspicious") {
		t.Errorf("%q", said)
	}
	if c.Findings[0].Name != "partner" || c.Findings[0].Place != "Acme" {
		t.Errorf("the claims themselves lost their names: %+v", c.Findings[0])
	}
}
