package match

import (
	"cmp"
	"maps"
	"slices"

	"liverecon/batch/billing"
)

// Twice sums what a month's lines about its own calls bill once more, after or before a neighbouring month's statement
// has billed the same transactions. The neighbouring month's reconciliation has them as duplicates, unless it was
// closed before they came.
type Twice struct {
	Month   billing.Period // the neighbouring one
	Lines   int64
	Amounts billing.Amounts // as this month's lines bill them
}

type twiceByMonth map[billing.Period]*Twice

// count counts a line that bills a call of the month, if a neighbouring month's statement bills its transaction too.
func (t twiceByMonth) count(in *month, e *line) {
	before, again := in.neighbours[e.transaction]
	if !again {
		return
	}
	month := before.month
	if t[month] == nil {
		t[month] = &Twice{Month: month, Amounts: billing.Amounts{}}
	}
	t[month].Lines++
	t[month].Amounts.AddAmount(in.lines.currencyOf(e), in.lines.amountAt(e))
}

func (t twiceByMonth) byMonth() []Twice {
	var list []Twice
	for _, month := range slices.SortedFunc(maps.Keys(t), func(p, q billing.Period) int {
		return cmp.Or(cmp.Compare(p.Year, q.Year), cmp.Compare(p.Month, q.Month))
	}) {
		list = append(list, *t[month])
	}
	return list
}
