package billing

import (
	"slices"
	"time"
)

// Change describes by how much a month changes with the price book.
type Change struct {
	Period  Period
	Was, Is Range // of all calls of the month, at the prices of the one and the other
}

// Charged describes how many of some calls are charges, and how many may be one.
type Charged struct{ Paid, Doubtful int64 }

// Visit receives calls that went somewhere at an instant: what the reading of
// the earlier book makes of them, and what that of the later one does.
type Visit func(endpoint, region string, at time.Time, was, is Charged)

// EachCall visits the calls of [from, to) that may have been charged by one of the
// readings; to is zero for the end of time.
type EachCall func(from, to time.Time, visit Visit) error

// Changes compares the months under an earlier book with those under b, and returns
// those that have another amount. reread says that the contract was read otherwise
// with the earlier one: then every month is looked at.
func (b *Book) Changes(earlier *Book, reread bool, each EachCall) ([]Change, error) {
	from, to, differ := b.differs(earlier)
	if !differ && !reread {
		return nil, nil
	}
	if reread {
		from, to = time.Time{}, time.Time{}
	}
	was, is := map[Period]*Meter{}, map[Period]*Meter{}
	add := func(meters map[Period]*Meter, book *Book, endpoint, region string, at time.Time, c Charged) {
		if c == (Charged{}) {
			return
		}
		period := book.PeriodOf(at)
		if meters[period] == nil {
			meters[period] = NewMeter(book, Caps{}, at)
		}
		meters[period].Seed(endpoint, region, at, c.Paid, c.Doubtful)
	}
	err := each(from, to, func(endpoint, region string, at time.Time, before, now Charged) {
		add(was, earlier, endpoint, region, at, before)
		add(is, b, endpoint, region, at, now)
	})
	if err != nil {
		return nil, err
	}
	var changes []Change
	for _, period := range periodsOf(was, is) {
		c := Change{Period: period, Was: monthOf(was[period]), Is: monthOf(is[period])}
		if c.Was.Amount() != c.Is.Amount() {
			changes = append(changes, c)
		}
	}
	return changes, nil
}

func periodsOf(was, is map[Period]*Meter) []Period {
	var all []Period
	for _, meters := range []map[Period]*Meter{was, is} {
		for period := range meters {
			all = append(all, period)
		}
	}
	slices.SortFunc(all, func(p, q Period) int { return 12*(p.Year-q.Year) + int(p.Month-q.Month) })
	return slices.Compact(all)
}

func monthOf(m *Meter) Range {
	if m == nil {
		return Range{}
	}
	return m.Month()
}

// differs returns between which instants two books may price a call differently: the
// whole months that rows of one alone are in force in. to zero is the end of time.
func (b *Book) differs(other *Book) (from, to time.Time, differ bool) {
	if b.Location.String() != other.Location.String() || b.Starts != other.Starts {
		return time.Time{}, time.Time{}, true
	}
	ours, theirs := b.byText(), other.byText()
	for text, p := range ours {
		if theirs[text] != nil {
			delete(ours, text)
			delete(theirs, text)
			continue
		}
		theirs[text] = p
	}
	open := false
	for _, p := range theirs {
		begins, _ := b.Months().Bounds(b.PeriodOf(p.From))
		if from.IsZero() || begins.Before(from) {
			from = begins
		}
		if p.To.IsZero() {
			open = true
			continue
		}
		_, ends := b.Months().Bounds(b.PeriodOf(p.To.Add(-1)))
		if ends.After(to) {
			to = ends
		}
	}
	if open {
		to = time.Time{}
	}
	return from, to, len(theirs) > 0
}

func (b *Book) byText() map[string]*Price {
	rows := map[string]*Price{}
	for _, p := range b.Prices {
		rows[string(asJSON(p.text(b.Location)))] = p
	}
	return rows
}

// Difference returns how much a month changes, each currency for itself: "USD +2.30",
// or "USD +2.30 to +2.40" where the most changes otherwise than the least. It is ""
// where no amount changes.
func (c Change) Difference() string {
	least, most := c.Is.Floor.Sub(c.Was.Floor), c.Is.Ceiling.Sub(c.Was.Ceiling)
	text := ""
	for _, m := range union(least, most).Money() {
		if text != "" {
			text += ", "
		}
		text += m.Currency + " " + signed(least[m.Currency])
		if !least[m.Currency].Equal(most[m.Currency]) {
			text += " to " + signed(most[m.Currency])
		}
	}
	return text
}

// Keep returns the book that a month stays at which was priced with an earlier one: the prices of that, and those that
// b has for what it had none for. differs is false where b prices the month alike; then b is returned.
func (b *Book) Keep(month Period, earlier *Book) (book *Book, differs bool, err error) {
	was, is := earlier.within(month), b.within(month)
	var more []Price
	for text, p := range is {
		switch {
		case was[text] != nil:
		case earlier.prices(month, p):
			differs = true
		default:
			more = append(more, *p)
		}
	}
	for text := range was {
		differs = differs || is[text] == nil
	}
	if !differs {
		return b, false, nil
	}
	var rows []Price
	for _, p := range earlier.Prices {
		rows = append(rows, *p)
	}
	slices.SortFunc(more, func(p, q Price) int { return p.Line - q.Line })
	book, err = NewMonthlyBook(append(rows, more...), b.Months())
	return book, true, err
}

// within returns the rows that are in force in a month, cut to it, by their texts.
func (b *Book) within(month Period) map[string]*Price {
	from, to := b.Months().Bounds(month)
	rows := map[string]*Price{}
	for _, p := range b.Prices {
		if !p.From.Before(to) || !p.To.IsZero() && !p.To.After(from) {
			continue
		}
		cut := *p
		if cut.From.Before(from) {
			cut.From = from
		}
		if cut.To.IsZero() || cut.To.After(to) {
			cut.To = to
		}
		rows[string(asJSON(cut.text(b.Location)))] = &cut
	}
	return rows
}

// prices reports whether the book has a price in a month for any call that another book's row prices.
func (b *Book) prices(month Period, other *Price) bool {
	for _, p := range b.within(month) {
		if p.Endpoint == other.Endpoint && (p.Region == other.Region || p.Region == "*") &&
			p.From.Before(other.To) && other.From.Before(p.To) {
			return true
		}
	}
	return false
}
