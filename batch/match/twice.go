package match

import (
	"cmp"
	"maps"
	"slices"

	"liverecon/batch/billing"
)

// Twice is what a month's lines about its own calls bill once more, after or before a
// neighbouring month's statement has billed the same transactions. The neighbouring
// month's reconciliation has them as duplicates, unless it was closed before they
// came.
type Twice struct {
	Month   billing.Period // the neighbouring one
	Lines   int64
	Amounts billing.Amounts // as this month's lines bill them
}

// countTwice counts a line that bills a call of the month, if a neighbouring month's
// statement bills its transaction too.
func (m *Matcher) countTwice(e *entry) {
	month, again := m.neighbours[e.transaction]
	if !again {
		return
	}
	t := m.twice[month]
	if t == nil {
		t = &Twice{Month: month, Amounts: billing.Amounts{}}
		m.twice[month] = t
	}
	t.Lines++
	t.Amounts.AddAmount(m.lines.currencyOf(e), m.lines.amountAt(e))
}

func (m *Matcher) twiceByMonth() []Twice {
	var list []Twice
	for _, month := range slices.SortedFunc(maps.Keys(m.twice), func(p, q billing.Period) int {
		return cmp.Or(cmp.Compare(p.Year, q.Year), cmp.Compare(p.Month, q.Month))
	}) {
		list = append(list, *m.twice[month])
	}
	return list
}
