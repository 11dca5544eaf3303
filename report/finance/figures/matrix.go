package figures

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/store"
)

// MatrixLine counts the calls of one endpoint that came back with one code, by the pricing received with them.
type MatrixLine struct {
	Endpoint, Code              string
	Pay, Free, Missing, Strange int64 // answered; strange: a pricing that is neither PAY nor FREE
	Doubtful                    int64 // of Pay and Free, those in doubt: what they say may be said of another call
	Unanswered, Unsent          int64
}

// Calls counts all of them.
func (l MatrixLine) Calls() int64 {
	return l.Pay + l.Free + l.Missing + l.Strange + l.Unanswered + l.Unsent
}

// Matrix represents the calls by endpoint, code and pricing.
type Matrix struct {
	Lines   []MatrixLine
	Strange map[string]int64 // pricing values that nobody knows
}

// countMatrix counts the usage by endpoint and code.
func countMatrix(usage []store.Usage) Matrix {
	m := Matrix{Strange: map[string]int64{}}
	type key struct{ endpoint, code string }
	lines := map[key]*MatrixLine{}
	for _, u := range usage {
		k := key{u.Endpoint, codeOf(u)}
		if lines[k] == nil {
			lines[k] = &MatrixLine{Endpoint: k.endpoint, Code: k.code}
		}
		lines[k].add(u)
		if u.Outcome == store.Answered && u.Tag == store.TagUnknown && u.Pricing != "" && Received(u) == store.TagUnknown {
			m.Strange[u.Pricing] += u.Calls
		}
	}
	for _, l := range lines {
		m.Lines = append(m.Lines, *l)
	}
	slices.SortFunc(m.Lines, func(a, b MatrixLine) int {
		return cmp.Or(strings.Compare(a.Endpoint, b.Endpoint), compareCodes(a.Code, b.Code))
	})
	return m
}

// Received returns the tag that came with an answer, which is the vendor's: what the answer counts as may be unknown for
// a reason of ours, that it may be another call's or names a transaction which is counted already.
func Received(u store.Usage) store.Tag {
	switch {
	case u.Tag != store.TagUnknown:
		return u.Tag
	case strings.EqualFold(u.Pricing, PricingPay):
		return store.TagPay
	case strings.EqualFold(u.Pricing, PricingFree):
		return store.TagFree
	}
	return store.TagUnknown
}

// The two prices that the vendor's page knows.
const (
	PricingPay  = "PAY"
	PricingFree = "FREE"
)

func (l *MatrixLine) add(u store.Usage) {
	switch {
	case u.Outcome == store.Unsent:
		l.Unsent += u.Calls
	case u.Outcome == store.Unanswered:
		l.Unanswered += u.Calls
	case Received(u) == store.TagPay:
		l.Pay += u.Calls
	case Received(u) == store.TagFree:
		l.Free += u.Calls
	case u.Pricing == "":
		l.Missing += u.Calls
	default:
		l.Strange += u.Calls
	}
	if u.Outcome == store.Answered && u.Tag == store.TagUnknown && Received(u) != store.TagUnknown {
		l.Doubtful += u.Calls
	}
}

// Flagged counts the calls that deserve a look.
func (m Matrix) Flagged() (payOnFailure, freeOnSuccess, untagged int64) {
	for _, l := range m.Lines {
		if l.Code != page.Success {
			payOnFailure += l.Pay
		} else {
			freeOnSuccess += l.Free
		}
		untagged += l.Missing + l.Strange
	}
	return payOnFailure, freeOnSuccess, untagged
}

// Headline returns the finding, of all calls.
func (m Matrix) Headline(all Account) string {
	failed, free, untagged := m.Flagged()
	if all.Calls() == 0 {
		return "No call was sent in this period"
	}
	if failed+free+untagged == 0 {
		total := m.Total()
		return fmt.Sprintf("Pricing follows the vendor's page: PAY on SUCCESS (%s), FREE otherwise (%s)",
			humanize.Comma(total.Pay), humanize.Comma(total.Free))
	}
	return fmt.Sprintf("Pricing departs from the vendor's page: %s PAY on a failure, %s FREE on SUCCESS, %s without "+
		"PAY or FREE", humanize.Comma(failed), humanize.Comma(free), humanize.Comma(untagged))
}

// Total adds the lines up.
func (m Matrix) Total() (total MatrixLine) {
	for _, l := range m.Lines {
		total.plus(l)
	}
	return total
}

// plus adds another line's counts.
func (l *MatrixLine) plus(o MatrixLine) {
	l.Doubtful += o.Doubtful
	l.Pay, l.Free, l.Missing, l.Strange = l.Pay+o.Pay, l.Free+o.Free, l.Missing+o.Missing, l.Strange+o.Strange
	l.Unanswered, l.Unsent = l.Unanswered+o.Unanswered, l.Unsent+o.Unsent
}
