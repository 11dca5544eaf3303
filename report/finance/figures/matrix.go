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
		if u.Outcome == store.Answered && u.Tag == store.TagUnknown && u.Pricing != "" {
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

func (l *MatrixLine) add(u store.Usage) {
	switch {
	case u.Outcome == store.Unsent:
		l.Unsent += u.Calls
	case u.Outcome == store.Unanswered:
		l.Unanswered += u.Calls
	case u.Tag == store.TagPay:
		l.Pay += u.Calls
	case u.Tag == store.TagFree:
		l.Free += u.Calls
	case u.Pricing == "":
		l.Missing += u.Calls
	default:
		l.Strange += u.Calls
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
		return fmt.Sprintf("Pricing follows the vendor's page: PAY on SUCCESS (%s), FREE otherwise (%s)",
			humanize.Comma(all.Pay), humanize.Comma(all.Free))
	}
	return fmt.Sprintf("Pricing departs from the vendor's page: %s PAY on a failure, %s FREE on SUCCESS, %s without "+
		"PAY or FREE", humanize.Comma(failed), humanize.Comma(free), humanize.Comma(untagged))
}

// Plus adds another line's counts.
func (l *MatrixLine) Plus(o MatrixLine) {
	l.Pay, l.Free, l.Missing, l.Strange = l.Pay+o.Pay, l.Free+o.Free, l.Missing+o.Missing, l.Strange+o.Strange
	l.Unanswered, l.Unsent = l.Unanswered+o.Unanswered, l.Unsent+o.Unsent
}
