// Package gate judges, before a statement decides anything, whether it is about our calls at all, and whether its clock is
// ours. It is pure.
package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Found is the result.
type Found struct {
	Ours   int64         // lines about calls of ours
	Folded int64         // the same, but for case, quotes, blanks and leading zeros
	Lines  int64         // that bill a call
	ByTime bool          // they name no transactions, and are told by their times
	Offset time.Duration // by how much all lines stand later than their calls; 0: they do not
}

// The clock of a statement is another one where so many pairs, and nine in ten of them, agree so closely on an offset
// beyond the least.
const (
	fewestPairs = 5
	agreement   = time.Minute
	leastOffset = 2 * time.Minute
)

// Shut reports whether a statement is not about our calls: fewer than half of five lines or more are, or none of fewer.
func (f Found) Shut() bool { return f.Lines > 0 && (f.Lines >= 5 && 2*f.Ours < f.Lines || f.Ours == 0) }

// Doubtful reports whether fewer than nine in ten lines are about calls of ours, which is said.
func (f Found) Doubtful() bool { return 10*f.Ours < 9*f.Lines }

// Sentence is what has to be said first: "" where nothing has.
func (f Found) Sentence() string {
	if !f.Doubtful() {
		return ""
	}
	text := fmt.Sprintf("%d of %d transaction IDs are ours", f.Ours, f.Lines)
	if f.ByTime {
		text = fmt.Sprintf("%d of %d lines are near a call of ours", f.Ours, f.Lines)
	}
	if f.Folded > f.Ours && 10*f.Folded >= 9*f.Lines {
		text += fmt.Sprintf(" (%d but for case, quotes, blanks or leading zeros)", f.Folded)
	}
	return text
}

// Clock is the sentence about a clock that is another one, "" where it is ours.
func (f Found) Clock() string {
	if f.Offset == 0 {
		return ""
	}
	const quarter = 15 * time.Minute
	sign, off := "+", f.Offset
	if off < 0 {
		sign, off = "-", -off
	}
	if near := off.Round(quarter); near != 0 && (off-near).Abs() <= agreement {
		return fmt.Sprintf("all lines stand %s%d h %02d min from our calls: set statement.time_zone", sign,
			near/time.Hour, near%time.Hour/time.Minute)
	}
	return fmt.Sprintf("all lines stand %s%s from our calls: their clock is off", sign, off.Round(time.Second))
}

// Gate takes a statement's lines first, and then our calls.
type Gate struct {
	lines   map[string]seen // by transaction
	offsets []time.Duration
	named   map[int64]bool // calls in doubt whose transactions lines name
}

type seen struct {
	at    int64 // Unix milliseconds of the first line that gives a time of day; 0: none does
	lines int32
	ours  bool
}

// New returns a gate that has seen nothing.
func New() *Gate { return &Gate{lines: map[string]seen{}, named: map[int64]bool{}} }

// Line adds a line that bills a call under a transaction; at is zero where it gives no time of day.
func (g *Gate) Line(transaction string, at time.Time) {
	s := g.lines[transaction]
	s.lines++
	if s.at == 0 && !at.IsZero() {
		s.at = at.UnixMilli()
	}
	g.lines[strings.Clone(transaction)] = s
}

// Call adds a call of ours.
func (g *Gate) Call(id int64, transaction string, sent time.Time, doubt bool) {
	s, named := g.lines[transaction]
	if !named || transaction == "" {
		return
	}
	if doubt {
		g.named[id] = true
	}
	if !s.ours && s.at != 0 {
		g.offsets = append(g.offsets, time.UnixMilli(s.at).Sub(sent))
	}
	s.ours = true
	g.lines[transaction] = s
}

// Names reports whether a line names the transaction of a call in doubt.
func (g *Gate) Names(call int64) bool { return g.named[call] }

// Unknown returns, in order, the transactions of lines that no call of ours has so far.
func (g *Gate) Unknown() (all []string) {
	for transaction, s := range g.lines {
		if !s.ours {
			all = append(all, transaction)
		}
	}
	slices.Sort(all)
	return all
}

// Found counts. Where few lines are about the calls that were added, others gives the transactions of all our calls: a
// line may be about one of another month.
func (g *Gate) Found(others func(each func(transaction string)) error) (Found, error) {
	f := g.count()
	if f.Doubtful() {
		folded := map[string]bool{}
		err := others(func(transaction string) {
			if s, named := g.lines[transaction]; named && !s.ours {
				s.ours = true
				g.lines[transaction] = s
			}
			folded[fold(transaction)] = true
		})
		if err != nil {
			return f, err
		}
		f = g.count()
		for transaction, s := range g.lines {
			if folded[fold(transaction)] {
				f.Folded += int64(s.lines)
			}
		}
	}
	f.Offset = offset(g.offsets)
	return f, nil
}

func (g *Gate) count() (f Found) {
	for _, s := range g.lines {
		f.Lines += int64(s.lines)
		if s.ours {
			f.Ours += int64(s.lines)
		}
	}
	return f
}

// offset is the median, if nearly all are near it and it is more than a delay.
func offset(all []time.Duration) time.Duration {
	if len(all) < fewestPairs {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	median := all[len(all)/2]
	near := 0
	for _, d := range all {
		if (d - median).Abs() <= agreement {
			near++
		}
	}
	if 10*near < 9*len(all) || median.Abs() <= leastOffset {
		return 0
	}
	return median
}

// fold is a transaction ID as spreadsheets and exports leave it of another.
func fold(transaction string) string {
	text := strings.ToLower(strings.TrimFunc(transaction, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\"'`’‘“”=", r)
	}))
	return strings.TrimLeft(text, "0")
}
