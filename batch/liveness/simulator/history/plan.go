package history

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"liverecon/batch/liveness/simulator"
	"liverecon/store/calendar"
)

// before sets how many nights the first month that is told about has before it: as many as its findings ask for.
const before = 84

// campaignIDs begin the IDs of the list of the burst.
const campaignIDs = "ca3b"

// volumes returns the checks of a usual night by region, about half as many as the lists of the demonstration bring
// tonight.
func volumes() map[string]float64 {
	return map[string]float64{"ID": 125, "PH": 77, "TH": 50, "NG": 38, "CO": 36, "MX": 31, "VN": 26, "SG": 26, "MY": 14}
}

// Plan holds what happens in the months before a night: how many checks of each region a usual night brings, and what
// changes that.
type Plan struct {
	First, Tonight time.Time          // midnights: the first night that is made, and the one that is not
	Month          time.Time          // first midnight of the last month that is over
	Volumes        map[string]float64 // checks of a usual night by region
	Story          []simulator.Chapter
	Outage         Outage
	Shifts         []Shift
	Seed           uint64 // of the IDs, and of how volumes vary
}

// Outage represents a night on which an endpoint answers everything with an error.
type Outage struct {
	Endpoint string
	Night    time.Time
}

// Shift multiplies the volume of a region on the nights of [From, To).
type Shift struct {
	Region   string
	From, To time.Time
	Times    float64
}

// NewPlan returns the months before tonight, a midnight: the whole month before tonight's, what is compared with it,
// and this month so far.
func NewPlan(seed uint64, tonight time.Time) *Plan {
	y, mo, _ := tonight.Date()
	month := time.Date(y, mo-1, 1, 0, 0, 0, 0, tonight.Location())
	this := time.Date(y, mo, 1, 0, 0, 0, 0, tonight.Location())
	day := func(n int) time.Time { return month.AddDate(0, 0, n-1) }
	p := &Plan{First: month.AddDate(0, 0, -before), Tonight: tonight, Month: month, Seed: seed,
		Volumes: volumes(), Outage: Outage{"mx", day(13)}, Shifts: []Shift{{"NG", day(5), this, 2.2}}}
	ever := tonight.AddDate(100, 0, 0)
	tell := func(note, region string, from, to time.Time, change func(*simulator.Market)) *simulator.Chapter {
		m := simulator.MarketOf(seed, region)
		change(&m)
		p.Story = append(p.Story, simulator.Chapter{Note: note, Region: region, From: from, To: to, Market: m})
		return &p.Story[len(p.Story)-1]
	}
	burst := tell("one list of injected videos, taken within two hours", "ID", day(20), day(21),
		func(m *simulator.Market) { *m = simulator.Market{Injection: 1, Perfect: m.Perfect, Shape: m.Shape} })
	burst.IDs, burst.Minutes = campaignIDs, [2]int{6 * 60, 8 * 60}
	tell("scores that pass slip, the rate does not", "PH", day(10), ever,
		func(m *simulator.Market) { m.Perfect, m.Shape = m.Perfect*.6, m.Shape*.6 })
	tell("more presentation attacks for three weeks", "TH", day(9), this,
		func(m *simulator.Market) { m.Presentation *= 2.8 })
	tell("injected videos since some nights", "VN", tonight.AddDate(0, 0, -5), ever,
		func(m *simulator.Market) { m.Injection *= 8 })
	tell("attacks are hardly found any more", "MX", this, ever, func(m *simulator.Market) {
		m.Presentation, m.Injection, m.Unsure = m.Presentation*.1, m.Injection*.2, m.Unsure*.5
	})
	return p
}

// Regions returns the regions of the lists, in order.
func (p *Plan) Regions() []string { return regionsOf(p.Volumes) }

func regionsOf[T any](of map[string]T) []string {
	all := make([]string, 0, len(of))
	for r := range of {
		all = append(all, r)
	}
	slices.Sort(all)
	return all
}

// list represents a list of IDs that is read in a night.
type list struct {
	name    string
	prefix  string
	rows    map[string]int // by region
	damaged []string       // IDs of rows that cannot be taken
}

func (l *list) regions() []string { return regionsOf(l.rows) }

// id returns the i-th ID of a region in a list.
func (l *list) id(seed uint64, region string, i int) string {
	r := rand.New(rand.NewPCG(seed, hash(fmt.Sprintf("%s/%s/%d", l.name, region, i)))) //nolint:gosec // an ID
	return l.prefix + fmt.Sprintf("%016x", r.Uint64())[len(l.prefix):]
}

// reference returns the other columns of a row: which partner sent the person, and who that is; some come again.
func (l *list) reference(id string) string {
	drawn := hash(id)
	partner := []string{"Own app", "Own app", "PayWay", "Kiosk24", "Sunrise Bank", "Own app"}[drawn%6]
	if l.prefix != "" {
		partner = "Promo link"
	}
	return fmt.Sprintf(`{"partner":%q,"customer":"C-%06d"}`, partner, drawn>>8%200_000)
}

// hash returns the FNV-1a hash.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// lists returns what a night brings: fewer checks at the weekend, and now and then a row that is damaged.
func (p *Plan) lists(night time.Time) []list {
	random := rand.New(rand.NewPCG(p.Seed, uint64(night.Unix()))) //nolint:gosec // a demonstration
	l := list{name: "ids_" + night.Format(time.DateOnly) + ".csv", rows: map[string]int{}}
	factor := 1.0
	if d := night.Weekday(); d == time.Saturday || d == time.Sunday {
		factor = .8
	}
	for _, region := range p.Regions() {
		n := p.Volumes[region] * factor
		for _, s := range p.Shifts {
			if s.Region == region && !night.Before(s.From) && night.Before(s.To) {
				n *= s.Times
			}
		}
		l.rows[region] = max(1, int(math.Round(n+math.Sqrt(n)*random.NormFloat64())))
	}
	for range random.IntN(3) {
		l.damaged = append(l.damaged, fmt.Sprintf("%d.%dE+15", 1+random.IntN(9), random.IntN(100000)))
	}
	all := []list{l}
	for _, c := range p.Story {
		if c.IDs != "" && !night.Before(c.From) && night.Before(c.To) {
			all = append(all, list{name: "promo_campaign_" + c.Region + "_" + night.Format(time.DateOnly) + ".csv",
				prefix: c.IDs, rows: map[string]int{c.Region: 90}})
		}
	}
	return all
}

// fault returns what a call meets.
func (p *Plan) fault(endpoint string, at time.Time) simulator.Fault {
	if p.Outage.Endpoint == endpoint && !at.Before(p.Outage.Night) && at.Before(p.Outage.Night.AddDate(0, 0, 1)) {
		return simulator.ErrorFree
	}
	return ""
}

// Closed returns the label of the last month that is over.
func (p *Plan) Closed() string { return p.Month.Format("2006-01") }

// Today returns the midnight of a time's business day.
func Today(now time.Time, zone *time.Location) time.Time {
	return calendar.BusinessDay(now, zone).From.In(zone)
}
