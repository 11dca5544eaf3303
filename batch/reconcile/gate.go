package reconcile

import (
	"context"
	"slices"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/gate"
	"liverecon/batch/match"
	"liverecon/batch/statement"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// gatekeeper sees a month's lines and calls go by, and withholds what must not follow from them.
type gatekeeper struct {
	*gate.Gate
	force bool
	timed map[lineKey]bool // lines that give a time of day and no transaction: whether a call is beside them
	found gate.Found
}

func newGatekeeper(force bool) *gatekeeper {
	return &gatekeeper{Gate: gate.New(), force: force, timed: map[lineKey]bool{}}
}

func (g *gatekeeper) line(id int64, l *statement.Line) {
	if l.Kind != statement.Usage || l.Other || l.Amount.IsNegative() || !statement.IsBill(l.Amount, l.Quantity, l.Pricing) {
		return
	}
	at := l.ChargedAt
	if l.DateOnly {
		at = time.Time{}
	}
	switch {
	case l.TransactionID != "":
		g.Line(l.TransactionID, at)
	case !at.IsZero():
		g.timed[lineKey{id, int64(l.Number)}] = false
	}
}

func (g *gatekeeper) call(c *snapshot.JournalCall) {
	g.Call(c.CallID, c.TransactionID, c.SentAt, c.Outcome == store.Unanswered || c.Tag == store.TagUnknown)
}

// judge counts, before anything is matched.
func (g *gatekeeper) judge(ctx context.Context, snap *snapshot.Snapshot, m *match.Matcher) (err error) {
	g.found, err = g.Found(func(each func(string)) error { return snap.Calls().EachTransactionID(ctx, each) })
	g.Forget()
	if g.state() == accounts.GateShut || g.found.Offset != 0 {
		m.WithoutTimes()
	}
	return err
}

// row sees a row of the result go by.
func (g *gatekeeper) row(r *billing.Row) {
	key := lineKey{r.StatementID, int64(r.Line)}
	if _, timed := g.timed[key]; timed && r.CallID != 0 {
		g.timed[key] = true
	}
}

// withhold takes out of a result what does not follow, and returns what was found.
func (g *gatekeeper) withhold(result *match.Result) accounts.Gate {
	if g.found.Lines == 0 && len(g.timed) > 0 {
		g.found.ByTime, g.found.Lines = true, int64(len(g.timed))
		for _, near := range g.timed {
			if near {
				g.found.Ours++
			}
		}
	}
	state := g.state()
	switch {
	case state == accounts.GateShut:
		result.Resolutions, result.Reproduces, result.Nearest, result.Within = nil, nil, "", false
	case g.found.Offset != 0:
		result.Resolutions = slices.DeleteFunc(result.Resolutions, func(s match.Resolution) bool {
			return !s.Billed || !g.Names(s.CallID)
		})
	}
	return accounts.Gate{State: state, Ours: g.found.Ours, Folded: g.found.Folded, Lines: g.found.Lines,
		Offset: g.found.Offset}
}

func (g *gatekeeper) state() string {
	switch {
	case !g.found.Shut():
		return accounts.GateOpen
	case g.force:
		return accounts.GateForced
	}
	return accounts.GateShut
}

// verdict puts what has to be said first before a month's sentence.
func (g *gatekeeper) verdict(month billing.Period, result *match.Result) string {
	text := verdict(month, result)
	var first []string
	for _, sentence := range []string{g.found.Sentence(), g.found.Near.Sentence(), g.found.Clock()} {
		if sentence != "" {
			first = append(first, sentence)
		}
	}
	if g.state() == accounts.GateShut {
		return month.String() + ": " + strings.Join(append(first, "nothing follows from this statement"), "; ")
	}
	if len(first) == 0 {
		return text
	}
	return month.String() + ": " + strings.Join(append(first, strings.TrimPrefix(text, month.String()+": ")), "; ")
}
