package oracle

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// vendor decides what is billed, and on the invoice of which month.
func (g *generator) vendor() {
	reading := g.c.Settings.Reading
	if !g.right && g.chance(0.1) {
		reading = oneOf(g, Readings()...)
		g.note("billed by " + string(reading))
	}
	calls := make([]call, len(g.c.Calls))
	for i, c := range g.c.Calls {
		calls[i] = call{Call: c}
	}
	exact := g.right && g.style != byIDAndTime && g.style != byID
	skew := time.Duration(0)
	if !exact && g.chance(0.2) {
		skew = time.Duration(g.IntN(30)-10) * time.Second
	}
	all, instead := states(calls, reading, nil)
	for i, state := range all {
		c := g.c.Calls[i]
		lost := c.Transaction == ""
		_, moved := instead[i]
		switch {
		case state == free, moved, state == inDoubt && !g.doubtBilled(c),
			state == inDoubt && lost && g.right && g.style == byID:
			continue
		}
		b := &charging{call: i, x: c.Transaction, at: c.Sent, endpoint: c.Endpoint, region: c.Region,
			row: rowOf(g.c.Prices, c.Endpoint, c.Region, c.Sent), tag: oneOf(g, "", "PAY", "PAY")}
		if lost {
			b.x = fmt.Sprintf("lost%03d", i)
		}
		if !exact && (!lost || !g.right) {
			b.at = b.at.Add(skew + time.Duration(g.IntN(3000))*time.Millisecond)
		}
		b.month = g.c.Settings.monthOf(b.at)
		g.billed = append(g.billed, b)
	}
}

// doubtBilled decides whether the vendor bills a doubt. Which of the doubts of a count it bills nobody can know: a
// right vendor bills the first of each row of the price book, up to a day.
func (g *generator) doubtBilled(c Call) bool {
	if !g.right || g.style != dayCells && g.style != monthCells {
		return g.chance(0.5)
	}
	row := rowOf(g.c.Prices, c.Endpoint, c.Region, c.Sent)
	if g.until == nil {
		g.until = map[int]time.Time{}
	}
	if _, known := g.until[row]; !known {
		g.until[row] = g.at.from.Add(time.Duration(g.Int64N(int64(g.at.to.Sub(g.at.from)))))
	}
	return c.Sent.Before(g.until[row])
}

// price gives the vendor's charges of each pool their slots, mostly in order.
func (g *generator) price() {
	pools := map[string][]*charging{}
	for _, b := range g.billed {
		key := fmt.Sprint(b.month, b.row)
		pools[key] = append(pools[key], b)
	}
	for _, key := range sortedKeys(pools) {
		all := pools[key]
		row := g.c.Prices[all[0].row]
		// A pool's order is by our clock unless the vendor has its own.
		slices.SortFunc(all, func(x, y *charging) int { return x.call - y.call })
		if g.chance(0.2) && g.style != dayCells && g.style != monthCells {
			g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
		at := 0
		for _, s := range row.slots(len(all)) {
			for range s.places {
				all[at].amount = s.price
				at++
			}
		}
	}
}

// roundings decides what the vendor rounds: lines to so many decimals that they are still prices, or cells to cents.
func (g *generator) roundings() {
	g.lines.Decimals, g.cells.Decimals = 12, 12
	if g.chance(0.6) {
		return
	}
	cells := g.style == dayCells || g.style == monthCells
	rule := &g.lines
	rule.Level, rule.Decimals = LineLevel, int32(4+g.IntN(2))
	if cells {
		rule = &g.cells
		rule.Level, rule.Decimals = CellLevel, int32(3+g.IntN(2))
	}
	rule.HalfEven = g.chance(0.5)
	if g.chance(0.3) {
		agreed := *rule
		g.c.Settings.Rounding = &agreed
		g.note("agreed rounding")
	}
	g.note("rounded")
}

// fault lets the vendor do one thing wrong.
func (g *generator) fault() {
	var own []*charging
	for _, b := range g.billed {
		if b.month == g.c.Month {
			own = append(own, b)
		}
	}
	if len(own) == 0 {
		return
	}
	b := oneOf(g, own...)
	row := g.c.Prices[b.row]
	kind := oneOf(g, "ghost", "ghost", "duplicate", "forgotten", "forgotten", "wrong price", "wrong tier", "free billed",
		"other clock", "strange IDs", "next invoice", "billed again", "reversed")
	g.note(kind)
	more := *b
	switch kind {
	case "ghost":
		more.call, more.x = -1, fmt.Sprintf("ghost%d", len(g.billed))
		more.at = more.at.Add(time.Duration(g.IntN(3600)-1800) * time.Second)
		more.fault = kind
		g.billed = append(g.billed, &more)
	case "duplicate", "billed again", "reversed":
		more.fault = kind
		g.billed = append(g.billed, &more)
	case "forgotten":
		g.billed = slices.DeleteFunc(g.billed, func(o *charging) bool { return o == b })
	case "wrong price":
		wrong := oneOf(g, decimal.New(12, -1), decimal.New(9, -1), decimal.New(2, 0))
		for _, o := range own {
			if o == b || o.row == b.row && g.chance(0.2) {
				o.amount = row.Tiers[0].Unit.Mul(wrong)
			}
		}
	case "wrong tier":
		for _, o := range own {
			if o == b || o.row == b.row && g.chance(0.2) {
				o.amount = oneOf(g, row.table()...)
			}
		}
	case "free billed":
		g.freeBilled()
	case "other clock", "strange IDs":
		g.everyLine(kind, own)
	case "next invoice":
		b.fault = kind
	}
}

func (g *generator) freeBilled() {
	for i, c := range g.c.Calls {
		if c.Tag == "FREE" && c.Outcome == Answered && g.c.Settings.monthOf(c.Sent) == g.c.Month {
			row := rowOf(g.c.Prices, c.Endpoint, c.Region, c.Sent)
			g.billed = append(g.billed, &charging{call: i, x: c.Transaction, at: c.Sent, endpoint: c.Endpoint,
				region: c.Region, row: row, amount: g.c.Prices[row].Tiers[0].Unit, month: g.c.Month})
			return
		}
	}
}

// everyLine makes what is wrong with a whole file; half of the time it is left.
func (g *generator) everyLine(kind string, own []*charging) {
	if g.chance(0.5) {
		return
	}
	for _, b := range own {
		if kind == "other clock" {
			b.at = b.at.Add(8 * time.Hour)
		} else if g.chance(0.8) {
			b.x = "k" + b.x
		}
	}
}
