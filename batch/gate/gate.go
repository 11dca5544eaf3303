// Package gate judges, before a statement decides anything, whether it is about our calls at all, and whether its clock
// is ours. It is pure.
package gate

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"
	"unicode"

	"liverecon/batch/billing"
)

// Found represents the result.
type Found struct {
	Ours   int64         // lines about calls of ours
	Folded int64         // the same, but for case, quotes, blanks and leading zeros
	Lines  int64         // that bill a call
	Near   *Near         // what is of Folded and beside calls that no line names as they are; nil: nothing
	ByTime bool          // they name no transactions, and are told by their times
	Offset time.Duration // by how much all lines stand later than their calls; 0: they do not
}

// Near represents lines whose transaction IDs are ours but for how they are written. They count as strangers all the
// same: who billed what is not for us to guess.
type Near struct {
	Lines int64  `json:"lines"`
	Pairs []Pair `json:"examples"` // the first; never more than two
	Ways  []Way  `json:"differ_in"`
	Hint  string `json:"hint"` // what to do about them
}

// Pair represents a transaction as a line has it, and the one of ours that it nearly is.
type Pair struct {
	Theirs string `json:"theirs"`
	Ours   string `json:"ours"`
}

// Way names one way in which spreadsheets and exports change an ID.
type Way string

// The ways, in the order in which they are said.
const (
	Capitals     Way = "capitals"
	Quotes       Way = "quotes"
	Blanks       Way = "blanks"
	LeadingZeros Way = "leading zeros"
	Fraction     Way = ".0"
	Cut          Way = "a part cut out"
	Added        Way = "a part added"
	Changed      Way = "one character"
)

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

// Sentence returns what has to be said first: "" where nothing has.
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

// Sentence names two of them; "" where there are none.
func (n *Near) Sentence() string {
	if n == nil {
		return ""
	}
	ways := make([]string, len(n.Ways))
	for i, w := range n.Ways {
		ways[i] = string(w)
	}
	pairs := make([]string, len(n.Pairs))
	for i, p := range n.Pairs {
		pairs[i] = billing.Quote(p.Theirs) + " for our " + billing.Quote(p.Ours)
	}
	be := "transaction IDs would be ours"
	if n.Lines == 1 {
		be = "transaction ID would be ours"
	}
	return fmt.Sprintf("%d %s but for %s (%s)", n.Lines, be, strings.Join(ways, ", "), strings.Join(pairs, ", "))
}

func (n *Near) hint() string {
	var mends []string
	if slices.Contains(n.Ways, LeadingZeros) || slices.Contains(n.Ways, Fraction) {
		mends = append(mends, "with the column of IDs as text, which keeps zeros")
	}
	if slices.ContainsFunc(n.Ways, func(w Way) bool { return w != LeadingZeros && w != Fraction }) {
		mends = append(mends, "with the IDs as the vendor's answers have them")
	}
	return "get the statement again " + strings.Join(mends, " and ") + "; as they stand they are no calls of ours"
}

// Clock returns the sentence about a clock that is another one, "" where it is ours.
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
	seed    maphash.Seed
	folds   []uint64          // sorted: hashes of the lines' transactions as they are folded; made with the first call
	strays  map[string]string // calls that no line names, by what folds to the same as a line's transaction
	close   map[string]string // the same, by the transaction of a line that lacks something of theirs; "": several
	offsets []time.Duration
	named   map[int64]bool // calls in doubt whose transactions lines name
}

type seen struct {
	at    int64 // Unix milliseconds of the first line that gives a time of day; 0: none does
	lines int32
	ours  bool
}

// New returns a gate that has seen nothing.
func New() *Gate {
	return &Gate{lines: map[string]seen{}, seed: maphash.MakeSeed(), strays: map[string]string{},
		named: map[int64]bool{}}
}

// Line adds a line that bills a call under a transaction; at is zero where it gives no time of day.
func (g *Gate) Line(transaction string, at time.Time) {
	s, known := g.lines[transaction]
	s.lines++
	if s.at == 0 && !at.IsZero() {
		s.at = at.UnixMilli()
	}
	if !known {
		transaction = strings.Clone(transaction)
	}
	g.lines[transaction] = s
}

// Call adds a call of ours.
func (g *Gate) Call(id int64, transaction string, sent time.Time, doubt bool) {
	s, named := g.lines[transaction]
	if transaction == "" {
		return
	}
	if !named {
		g.stray(transaction)
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

// stray keeps a transaction of ours that no line names, where a line has nearly the same.
func (g *Gate) stray(transaction string) {
	if len(g.folds) == 0 && len(g.lines) > 0 {
		g.folds = make([]uint64, 0, len(g.lines))
		for line := range g.lines {
			g.folds = append(g.folds, maphash.String(g.seed, fold(line)))
		}
		slices.Sort(g.folds)
	}
	folded := fold(transaction)
	if _, near := slices.BinarySearch(g.folds, maphash.String(g.seed, folded)); near && folded != "" {
		if other, twice := g.strays[folded]; !twice || transaction < other {
			g.strays[strings.Clone(folded)] = strings.Clone(transaction)
		}
	}
}

// Forget lets go of the lines and of our calls, of which there may be very many. What Names says stays.
func (g *Gate) Forget() { *g = Gate{seed: g.seed, named: g.named} }

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
			switch s, named := g.lines[transaction]; {
			case named && !s.ours:
				s.ours = true
				g.lines[transaction] = s
			case !named:
				g.stray(transaction)
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
	if err := g.kin(others); err != nil {
		return f, err
	}
	f.Near = g.nearly()
	f.Offset = offset(g.offsets)
	return f, nil
}

// nearly counts the lines that are about no call of ours, but nearly name one.
func (g *Gate) nearly() *Near {
	var n Near
	ways := map[Way]bool{}
	for _, theirs := range g.Unknown() {
		ours, near := g.strays[fold(theirs)]
		if !near {
			if ours, near = g.close[theirs]; !near || ours == "" {
				continue
			}
		}
		n.Lines += int64(g.lines[theirs].lines)
		if len(n.Pairs) < 2 {
			n.Pairs = append(n.Pairs, Pair{theirs, ours})
		}
		if way, close := closeness(theirs, ours); close && fold(theirs) != fold(ours) {
			ways[way] = true
		} else {
			addWays(ways, theirs, ours)
		}
	}
	if n.Lines == 0 {
		return nil
	}
	for _, w := range []Way{Capitals, Quotes, Blanks, LeadingZeros, Fraction, Cut, Added, Changed} {
		if ways[w] {
			n.Ways = append(n.Ways, w)
		}
	}
	n.Hint = n.hint()
	return &n
}

// maxKin bounds how many unknown transactions are held against all of ours: of more it is said how few are ours.
const maxKin = 100

// kin finds calls of ours that no line names and an unknown transaction is of but for a few characters.
func (g *Gate) kin(others func(each func(transaction string)) error) error {
	var unknown []string
	for _, theirs := range g.Unknown() {
		if _, near := g.strays[fold(theirs)]; !near {
			unknown = append(unknown, theirs)
		}
	}
	if g.close = map[string]string{}; len(unknown) == 0 || len(unknown) > maxKin {
		return nil
	}
	return others(func(ours string) {
		if _, named := g.lines[ours]; named {
			return
		}
		for _, theirs := range unknown {
			if _, close := closeness(theirs, ours); !close {
				continue
			}
			if other, twice := g.close[theirs]; twice && other != ours {
				ours = ""
			}
			g.close[theirs] = strings.Clone(ours)
			return
		}
	})
}

// closeness reports in which way one transaction ID is another but for a few characters that stand together, a third at
// most.
func closeness(theirs, ours string) (way Way, close bool) {
	const fewest, fewestChanged = 8, 12
	short, long := theirs, ours
	if way = Cut; len(short) > len(long) {
		way, short, long = Added, long, short
	}
	if len(short) < fewest || 3*len(short) < 2*len(long) {
		return "", false
	}
	same := 0
	for same < len(short) && short[same] == long[same] {
		same++
	}
	for i := 1; same < len(short) && i <= len(short) && short[len(short)-i] == long[len(long)-i]; i++ {
		same++
	}
	if len(short) == len(long) {
		return Changed, same == len(short)-1 && len(short) >= fewestChanged
	}
	return way, same >= len(short)
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

// offset returns the median, if nearly all are near it and it is more than a delay.
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

// fold returns a transaction ID as spreadsheets and exports leave it of another.
func fold(transaction string) string {
	return strings.TrimLeft(withoutFraction(strings.ToLower(strings.TrimFunc(transaction, aroundID))), "0")
}

func aroundID(r rune) bool { return unicode.IsSpace(r) || isQuote(r) }

func isQuote(r rune) bool { return strings.ContainsRune("\"'`´’‘‛“”„«»′″=", r) }

// withoutFraction takes off the zeros behind a point that a program writes for a whole number.
func withoutFraction(id string) string {
	if whole, fraction, ok := strings.Cut(id, "."); ok && whole != "" && strings.Trim(fraction, "0") == "" {
		return whole
	}
	return id
}

// addWays notes in which ways two IDs that fold to the same differ: in what each step of folding takes off, and at last
// in capitals.
func addWays(ways map[Way]bool, a, b string) {
	for _, step := range []struct {
		way  Way
		trim func(string) string
	}{
		{Blanks, strings.TrimSpace},
		{Quotes, func(id string) string { return strings.TrimFunc(id, aroundID) }},
		{Fraction, withoutFraction},
		{LeadingZeros, func(id string) string { return strings.TrimLeft(id, "0") }},
	} {
		x, y := step.trim(a), step.trim(b)
		ways[step.way] = ways[step.way] || strings.Replace(a, x, "", 1) != strings.Replace(b, y, "", 1)
		a, b = x, y
	}
	ways[Capitals] = ways[Capitals] || a != b
}
