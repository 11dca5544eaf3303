package match

import "liverecon/batch/lost"

// lostBesideLines returns what is left of the lost calls for totals, where each line that is about no call of ours is
// taken to be about a lost one first: it knows its time better.
func lostBesideLines(m *month) lost.Times {
	left := m.Lost.Clone()
	for i := range m.lines.list {
		if e := &m.lines.list[i]; e.kind == usageLine && e.fate == alone {
			from, to := timeOf(m, e)
			left.Take(m.lines.charged(e), from, to)
		}
	}
	return left
}

// timeOf returns the time that a line may be about: the moment it names, or the span.
func timeOf(m *month, e *line) (from, to int64) {
	if e.when == exactTime {
		return e.at, e.at + 1
	}
	return m.spanOf(e)
}
