package billing

import (
	"errors"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/store/calendar"
)

// Book represents the price book: every price row, checked, in one billing zone.
type Book struct {
	Location *time.Location
	Starts   int // day that billing months begin on, see Months
	Prices   []*Price
	series   map[Route][]*Price // by date
}

// Route describes where a call goes and which market it is for.
type Route struct{ Endpoint, Region string }

// NewBook checks the rows and arranges them. Of From and To only the calendar
// date they show is used, and taken as a date of the zone; best given as midnight
// UTC. The error joins all problems found, each naming the line of its row. A
// book without rows is a valid one: quantities are counted, amounts stay empty.
func NewBook(prices []Price, zone *time.Location) (*Book, error) {
	return NewMonthlyBook(prices, Months{Zone: zone})
}

// NewMonthlyBook makes a Book as NewBook does, for billing months that begin on any day.
func NewMonthlyBook(prices []Price, months Months) (*Book, error) {
	zone := months.Zone
	if zone == nil {
		return nil, errors.New("price book: no billing time zone")
	}
	b := &Book{Location: zone, series: map[Route][]*Price{}}
	if months.Starts > 1 { // calendar months are written as they were when there were no others
		b.Starts = months.Starts
	}
	var problems []error
	var order []Route
	for _, price := range prices {
		p := &price
		problems = append(problems, p.problems()...)
		b.Prices = append(b.Prices, p)
		if p.dateProblems() != nil {
			continue
		}
		p.From = atMidnight(p.From, zone)
		p.To = atMidnight(p.To, zone)
		key := Route{p.Endpoint, p.Region}
		if b.series[key] == nil {
			order = append(order, key)
		}
		b.series[key] = append(b.series[key], p)
	}
	for _, key := range order {
		rows := b.series[key]
		slices.SortStableFunc(rows, func(p, q *Price) int { return p.From.Compare(q.From) })
		problems = append(problems, seriesProblems(rows)...)
		problems = append(problems, monthlyProblems(rows, months)...)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return b, nil
}

// Zone names the billing time zone.
func (b *Book) Zone() string { return b.Location.String() }

// PeriodOf returns the billing period an instant falls in.
func (b *Book) PeriodOf(at time.Time) Period { return b.Months().Of(at) }

// Months returns the billing months that quota, tiers and minimums are counted by.
func (b *Book) Months() Months { return Months{b.Location, b.Starts} }

// Lookup finds the row in force at an instant. A row for exactly the region (an
// upper-case alpha-2 code) beats one for "*".
func (b *Book) Lookup(endpoint, region string, at time.Time) (*Price, bool) {
	for _, r := range []string{region, "*"} {
		for _, p := range b.series[Route{endpoint, r}] {
			if p.holds(at) {
				return p, true
			}
		}
	}
	return nil, false
}

// Dearest prices calls of which nobody knows where they went: at the most that one
// can cost of those that the rows in force at an instant price, or all rows where
// none is; a flat row for each currency, in the order of the currencies.
func (b *Book) Dearest(at time.Time) []*Price {
	known := b.Prices
	if inForce := slices.DeleteFunc(slices.Clone(known), func(p *Price) bool { return !p.holds(at) }); len(inForce) > 0 {
		known = inForce
	}
	most := Amounts{}
	for _, p := range known {
		most[p.Currency] = decimal.Max(most[p.Currency], p.steepest())
	}
	var rows []*Price
	for _, m := range most.Money() {
		rows = append(rows, &Price{Endpoint: "*", Region: "*", Currency: m.Currency, Kind: Flat,
			Tiers: []Tier{{Unit: m.Amount}}})
	}
	return rows
}

// Between returns p with the dates that the rows of its endpoint and region leave it
// around an instant for which they have none: it begins no earlier than the last row
// before ends, and ends no later than the next one begins.
func (b *Book) Between(p Price, at time.Time) Price {
	for _, row := range b.series[Route{p.Endpoint, p.Region}] {
		if !row.To.IsZero() && !row.To.After(at) && row.To.After(p.From) {
			p.From = row.To
		}
		if row.From.After(at) && (p.To.IsZero() || row.From.Before(p.To)) {
			p.To = row.From
		}
	}
	return p
}

// Takes reports if p fits to the rows of the book.
func (b *Book) Takes(p Price) bool {
	rows := []Price{p}
	for _, row := range b.Prices {
		rows = append(rows, *row)
	}
	_, err := NewMonthlyBook(rows, b.Months())
	return err == nil
}

// Next returns the row of an endpoint and region that begins next after an instant; nil:
// none does.
func (b *Book) Next(endpoint, region string, at time.Time) *Price {
	for _, row := range b.series[Route{endpoint, region}] {
		if row.From.After(at) {
			return row
		}
	}
	return nil
}

// Rows lists all rows in the order they were given, From and To as instants.
func (b *Book) Rows() []*Price { return slices.Clone(b.Prices) }

// Minimums adds up what the rows in force owe for a month whatever is called, by
// currency.
func (b *Book) Minimums(month Period) Amounts {
	owed := Amounts{}
	for _, p := range b.InForce(month) {
		if p.Minimum.IsPositive() {
			owed[p.Currency] = owed[p.Currency].Add(p.Minimum)
		}
	}
	return owed
}

// InForce lists the rows that hold at some instant of a month, in the order they
// were given. Each of them owes its monthly minimum.
func (b *Book) InForce(month Period) []*Price {
	from, to := b.Months().Bounds(month)
	var rows []*Price
	for _, p := range b.Prices {
		if p.From.Before(to) && (p.To.IsZero() || p.To.After(from)) {
			rows = append(rows, p)
		}
	}
	return rows
}

// atMidnight turns a date into the instant it begins in the zone.
func atMidnight(date time.Time, zone *time.Location) time.Time {
	if date.IsZero() {
		return date
	}
	year, month, n := date.Date()
	return calendar.Midnight(year, month, n, zone)
}

// Suits reports whether a line may be about a call, as far as it names a route.
func (p Route) Suits(call Route) bool {
	return (p.Endpoint == "" || p.Endpoint == call.Endpoint) && (p.Region == "" || p.Region == call.Region)
}
