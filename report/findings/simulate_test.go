package findings

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// pages is how many pages of a case without a change are simulated; the cases with one take a fifth of it.
var pages = flag.Int("pages", 60, "simulated pages of a case without a change; make findings takes 2000")

// world represents the source of pages: regions with their checks a night, their rates, and how much nights vary.
type world struct {
	nights  int // of the baseline
	varying bool
	regions []profile
}

type profile struct {
	code   string
	checks int // a night
	rate   float64
}

// profiles come to 145 checks a night, 4,060 in 28.
var profiles = []profile{{"PH", 30, .09}, {"ID", 40, .06}, {"TH", 20, 22. / 560}, {"VN", 20, .05}, {"MX", 15, .073},
	{"MY", 8, .04}, {"NG", 6, .12}, {"CO", 6, .06}}

// The shares of kinds among the suspicious, and of bins and exact scores among the passing.
var (
	usualKinds = [kinds]float64{.20, .50, .15, .15}
	usualBins  = [Bins]float64{.02, .05, .13, .35, .25, .20}
	lowerBins  = [Bins]float64{.03, .10, .27, .38, .14, .08} // scores around 97 lie around 95.5
)

const (
	zeroShare  = .03
	fiftyShare = .002
	fullShare  = .01
)

// change represents what a case does to a night of a period.
type change struct {
	rate      func(region string, day, days int) float64 // factor; nil for none
	injection func(region string) float64                // share among the suspicious
	checks    func(region string) float64                // factor
	bins      func(region string) *[Bins]float64
	fifty     func(region string) float64
	burst     func(region string, day, days int) int // injections more
}

// draw makes a series: a baseline and 28 nights with a change.
func (w world) draw(seed uint64, c change) *Series {
	r := rand.New(rand.NewPCG(seed, 15))
	const days = 28
	s := &Series{Nights: make([]Night, w.nights+days), Hours: 24}
	for _, p := range w.regions {
		s.Regions = append(s.Regions, Region{Code: p.code, Name: p.code, Nights: make([]Tally, len(s.Nights))})
	}
	for d := range s.Nights {
		common := w.factor(r, .25)
		for i, p := range w.regions {
			own := w.factor(r, .20)
			rate, n, e := p.rate*common*own, float64(p.checks), change{}
			if d >= w.nights {
				e = c
			}
			if e.rate != nil {
				rate *= e.rate(p.code, d-w.nights, days)
			}
			if e.checks != nil {
				n *= e.checks(p.code)
			}
			t := night1(r, int64(math.Round(n)), min(.95, rate), e, p.code)
			if e.burst != nil {
				k := int64(e.burst(p.code, d-w.nights, days))
				t.Scored, t.Suspicious, t.Kinds[Injection] = t.Scored+k, t.Suspicious+k, t.Kinds[Injection]+k
			}
			s.Regions[i].Nights[d] = t
		}
	}
	return s
}

// factor is a gamma variable of mean 1 where nights vary.
func (w world) factor(r *rand.Rand, cv float64) float64 {
	if !w.varying {
		return 1
	}
	a := 1 / (cv * cv)
	return distuv.Gamma{Alpha: a, Beta: a, Src: r}.Rand()
}

func night1(r *rand.Rand, n int64, rate float64, e change, region string) (t Tally) {
	binomial := func(n int64, p float64) int64 {
		var k int64
		for range n {
			if r.Float64() < p {
				k++
			}
		}
		return k
	}
	t.Scored = n
	t.Suspicious = binomial(n, rate)
	shares := usualKinds
	if e.injection != nil {
		if x := e.injection(region); x > 0 {
			for k := range shares {
				shares[k] *= (1 - x) / (1 - usualKinds[Injection])
			}
			shares[Injection] = x
		}
	}
	for range t.Suspicious {
		t.Kinds[pickOne(r, shares[:])]++
	}
	bins, fifty := &usualBins, fiftyShare
	if e.bins != nil && e.bins(region) != nil {
		bins = e.bins(region)
	}
	if e.fifty != nil {
		fifty += e.fifty(region)
	}
	for range t.passing() {
		t.Bins[pickOne(r, bins[:])]++
	}
	t.Zero, t.Fifty = binomial(t.Suspicious, zeroShare), binomial(t.passing(), fifty)
	t.Full = binomial(t.Bins[Bins-1], fullShare/usualBins[Bins-1])
	return t
}

func pickOne(r *rand.Rand, shares []float64) int {
	x := r.Float64()
	for i, s := range shares {
		if x -= s; x < 0 {
			return i
		}
	}
	return len(shares) - 1
}

// in is a change of one region's nights.
func in(region string, factor float64, last int) change {
	return change{rate: func(r string, day, days int) float64 {
		if r == region && day >= days-last {
			return factor
		}
		return 1
	}}
}

// trialCase is a case of the simulation: a change, who must be named by what, and bars in percent for baselines of 28
// and 84 nights; of a case without a change, at most.
type trialCase struct {
	name   string
	change change
	found  func(*Page) bool
	bars   [2]float64
}

func claims(region string, up bool, of ...Family) func(*Page) bool {
	return func(p *Page) bool {
		for _, f := range p.Findings {
			for _, family := range of {
				if f.Region == region && f.Family == family && f.Up == up {
					return true
				}
			}
		}
		return false
	}
}

var any1 = func(p *Page) bool { return len(p.Findings) > 0 }

var trialCases = []trialCase{
	{"burst of 25 injections, one night, VN", change{burst: func(r string, day, _ int) int {
		if r == "VN" && day == 14 {
			return 25
		}
		return 0
	}}, claims("VN", true, Bursts), [2]float64{98, 98}},
	{"passing scores 97 -> 95.5, PH", change{bins: func(r string) *[Bins]float64 {
		if r == "PH" {
			return &lowerBins
		}
		return nil
	}}, func(p *Page) bool {
		for _, f := range p.Findings {
			if f.Family == Scores && f.Region == "PH" {
				return true
			}
		}
		return false
	}, [2]float64{98, 98}},
	{"injection share x2.5 at constant rate, PH", change{injection: func(r string) float64 {
		if r == "PH" {
			return .5
		}
		return 0
	}}, claims("PH", true, Type), [2]float64{60, 92}},
	{"fall 7.3 -> 1.0 %, MX", in("MX", 1./7.3, 28), claims("MX", false, Rate, Ramp), [2]float64{84, 95}},
	{"x2 at n = 560, TH", in("TH", 45./22, 28), claims("TH", true, Rate, Ramp, Runs, Now), [2]float64{18, 57}},
	{"last 3 nights x2.5, PH", in("PH", 2.5, 3), claims("PH", true, Now, Rate, Ramp, Runs, Bursts), [2]float64{32, 40}},
	{"last 4 nights x2.8, PH", in("PH", 2.8, 4), claims("PH", true, Now, Rate, Ramp, Runs, Bursts), [2]float64{60, 68}},
	{"last 3 nights x4, PH", in("PH", 4, 3), claims("PH", true, Now, Rate, Ramp, Runs, Bursts), [2]float64{85, 90}},
	{"slow drift 6 -> 11 %, ID", change{rate: func(r string, day, days int) float64 {
		if r == "ID" {
			return 1 + 5./6*float64(day)/float64(days-1)
		}
		return 1
	}}, claims("ID", true, Ramp, Rate, Now, Runs), [2]float64{15, 42}}, // of 40 checks a night
	{"2 % of passing moved to exactly 50, MX", change{fifty: func(r string) float64 {
		if r == "MX" {
			return .02
		}
		return 0
	}}, claims("MX", true, Heaps), [2]float64{37, 58}},
	{"all regions +25 %", change{rate: func(string, int, int) float64 { return 1.25 }}, (*Page).OverallClaimed,
		[2]float64{14, 28}},
}

// simulate returns how many of so many pages a case is found on.
func simulate(n int, w world, c change, found func(*Page) bool) int {
	var mu sync.Mutex
	hits := 0
	var wg sync.WaitGroup
	for k := range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := k; i < n; i += runtime.GOMAXPROCS(0) {
				if found(MonthPage(w.draw(uint64(i), c), w.nights)) {
					mu.Lock()
					hits++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return hits
}

// TestSimulatedPages measures how often pages claim something without a change, and find one, against the bars; with
// few pages the bars are widened by their sampling error. The seeds were fixed before anything was tuned.
func TestSimulatedPages(t *testing.T) {
	out := os.Stdout
	if !testing.Verbose() {
		out = nil
	}
	for b, nights := range []int{28, 84} {
		for _, varying := range []bool{false, true} {
			w := world{nights, varying, profiles}
			kind := fmt.Sprintf("baseline %d, varying %v", nights, varying)
			hits := simulate(*pages, w, change{}, any1)
			report(out, kind, "no change, any claim", hits, *pages)
			if low, _ := wilson(hits, *pages); low > .06 {
				t.Errorf("%s: %d of %d pages without a change claim something", kind, hits, *pages)
			}
			n := max(20, *pages/5)
			for _, c := range trialCases {
				hits := simulate(n, w, c.change, c.found)
				report(out, kind, c.name, hits, n)
				if _, high := wilson(hits, n); high < c.bars[b]/100 {
					t.Errorf("%s: %s found on %d of %d pages, want %g %%", kind, c.name, hits, n, c.bars[b])
				}
			}
		}
	}
}

func report(out *os.File, kind, name string, hits, n int) {
	if out != nil {
		low, high := wilson(hits, n)
		_, _ = fmt.Fprintf(out, "| %s | %s | %.1f %% (%.1f-%.1f) of %d |\n", kind, name, 100*float64(hits)/float64(n), 100*low,
			100*high, n)
	}
}

// wilson is the 95 % interval of a share.
func wilson(k, n int) (low, high float64) {
	z, x, m := 1.959964, float64(k), float64(n)
	center, half := (x+z*z/2)/(m+z*z), z/(m+z*z)*math.Sqrt(x*(m-x)/m+z*z/4)
	return center - half, center + half
}

func TestFactorsHaveTheirSpread(t *testing.T) {
	r, w := rand.New(rand.NewPCG(1, 2)), world{varying: true}
	var all []float64
	for range 20000 {
		all = append(all, w.factor(r, .25))
	}
	mean, sd := stat.MeanStdDev(all, nil)
	if math.Abs(mean-1) > .01 || math.Abs(sd-.25) > .01 {
		t.Errorf("mean %v, standard deviation %v", mean, sd)
	}
}
