package figures

import (
	"cmp"
	"strings"

	"liverecon/report/page"
	"liverecon/store"
)

// Bill counts calls by what they cost as far as the vendor said.
type Bill struct{ Pay, Free, Unknown, Unanswered, Unsent int64 }

func (b *Bill) add(u store.Usage) { b.post(kindOf(u), u.Calls) }

func (b *Bill) post(kind string, calls int64) {
	switch kind {
	case KindUnsent:
		b.Unsent += calls
	case KindUnanswered:
		b.Unanswered += calls
	case KindPay:
		b.Pay += calls
	case KindFree:
		b.Free += calls
	default:
		b.Unknown += calls
	}
}

// Calls counts all of them.
func (b Bill) Calls() int64 { return b.Pay + b.Free + b.Unknown + b.Unanswered + b.Unsent }

// InDoubt counts calls that may have been charged without our knowing.
func (b Bill) InDoubt() int64 { return b.Unknown + b.Unanswered }

// Ceiling counts calls that are to pay at most.
func (b Bill) Ceiling() int64 { return b.Pay + b.InDoubt() }

// noAnswer and notSent take the place of a code that a call does not have.
const (
	noAnswer = "(no answer)"
	notSent  = "(not sent)"
)

func codeOf(u store.Usage) string {
	switch {
	case u.Outcome == store.Unanswered:
		return noAnswer
	case u.Outcome == store.Unsent:
		return notSent
	case u.Code == "":
		return "(no code)"
	}
	return u.Code
}

// compareCodes puts SUCCESS first and what has no code last.
func compareCodes(a, b string) int {
	rank := func(code string) int {
		switch {
		case code == page.Success:
			return 0
		case strings.HasPrefix(code, "("):
			return 2
		}
		return 1
	}
	return cmp.Or(rank(a)-rank(b), strings.Compare(a, b))
}
