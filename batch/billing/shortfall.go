package billing

import (
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
)

// Shortfall names why a statement that does not show a call in doubt proves nothing about that call: the statement is
// not whole for it. By the contract's rules the doubt is not billed all the same; whoever must not pay twice does not
// ask again for such an ID without a person's word.
type Shortfall string

// The kinds of shortfall; Whole means none, the others are in the order in which they are looked for.
const (
	Whole Shortfall = ""

	ShortPlace   Shortfall = "place"   // no sure call of the doubt's endpoint and region is on it
	ShortEarly   Shortfall = "early"   // every statement was read before the month and its edge were over
	ShortTotal   Shortfall = "total"   // a total of it says more than its lines
	ShortCalls   Shortfall = "calls"   // a sure call of the same endpoint, region and day is not on it
	ShortLines   Shortfall = "lines"   // it has lines there about no call of ours: one may be about the doubt
	ShortTwin    Shortfall = "twin"    // a line given to another lost call by its time may be about this one
	ShortDay     Shortfall = "day"     // its lines give times, and no sure call of that day is on it
	ShortLast    Shortfall = "last"    // its lines give times, and the doubt is later than all of them
	ShortBound   Shortfall = "bound"   // the neighbouring month's statement, which may show it, proves nothing either
	ShortClosed  Shortfall = "closed"  // its month was closed before anything told
	ShortUnknown Shortfall = "unknown" // kept by a version that did not look
)

// Shortfalls lists them.
func Shortfalls() []Shortfall {
	return []Shortfall{ShortPlace, ShortEarly, ShortTotal, ShortCalls, ShortLines, ShortTwin, ShortDay, ShortLast,
		ShortBound, ShortClosed, ShortUnknown}
}

// Text describes what a shortfall is, as a clause about the statement; "" for [Whole], and for what is none.
func (s Shortfall) Text() string {
	texts := []string{
		"no call of that endpoint and region is on it",
		"it was read before the month was over",
		"its total says more than its lines",
		"calls that were answered and paid for on that day are missing on it, too",
		"it has lines that are about no known call, and one may be about that one",
		"a line near that call was given to another lost one, and may be about this one",
		"none of that day's calls is on it",
		"it ends before that call",
		"the call is so near the month's end that the neighbouring month's may show it",
		"the month was closed before a statement could tell",
		"an earlier version did not look: reconcile the month again",
	}
	i := slices.Index(Shortfalls(), s)
	if i < 0 {
		return ""
	}
	return texts[i]
}

// ShortfallTexts describes why statements are not whole for so many calls or IDs, and for how many where the reasons
// differ.
func ShortfallTexts(sums map[Shortfall]int64, all int64) string {
	var why []string
	for _, s := range Shortfalls() {
		switch n := sums[s]; n {
		case 0:
		case all:
			why = append(why, s.Text())
		default:
			why = append(why, s.Text()+" ("+humanize.Comma(n)+")")
		}
	}
	return strings.Join(why, "; ")
}
