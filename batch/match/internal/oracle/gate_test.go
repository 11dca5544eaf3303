package oracle

import (
	"slices"
	"strings"
	"time"
)

// gateByTransaction counts how many lines with a transaction are of the journal.
func (b *book) gateByTransaction(lines []*line) *Gate {
	folded := map[string]bool{}
	for x := range b.byX {
		folded[fold(x)] = true
	}
	g := &Gate{ByTime: true}
	for _, l := range lines {
		if l.Transaction == "" {
			continue
		}
		g.ByTime = false
		g.Of++
		if len(b.byX[l.Transaction]) > 0 {
			g.Known++
		}
		if folded[fold(l.Transaction)] {
			g.Normal++
		}
	}
	return g
}

// fold takes from a transaction ID what a spreadsheet may have changed.
func fold(x string) string {
	return strings.TrimLeft(strings.ToLower(strings.Trim(x, " \t'\"`")), "0")
}

// decide shuts the gate unless enough is known (7).
func (g *Gate) decide(force bool) {
	if g.Of == 0 || force {
		return
	}
	g.Shut = g.Of >= 5 && 2*g.Known < g.Of || g.Of < 5 && g.Known == 0
	g.Doubtful = 10*g.Known < 9*g.Of
}

// clock finds a shift between the vendor's clock and ours from the pairs by ID (7).
func (b *book) clock(g *Gate, lines []*line) {
	var away []time.Duration
	for _, l := range lines {
		if l.call >= 0 && !l.Time.IsZero() {
			away = append(away, l.Time.Sub(b.calls[l.call].Sent))
		}
	}
	if len(away) == 0 {
		return
	}
	slices.Sort(away)
	g.Shift = (away[(len(away)-1)/2] + away[len(away)/2]) / 2
	within := 0
	for _, d := range away {
		if (d - g.Shift).Abs() <= time.Minute {
			within++
		}
	}
	g.Shifted = len(away) >= 5 && 10*within >= 9*len(away) && g.Shift.Abs() > 2*time.Minute
	quarter := g.Shift - g.Shift.Round(15*time.Minute)
	g.Zone = g.Shifted && quarter.Abs() <= time.Minute
}
