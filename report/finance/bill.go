package finance

import (
	"cmp"
	"strings"

	"liverecon/report/page"
	"liverecon/store"
)

// bill counts calls by what they cost as far as the vendor said.
type bill struct{ pay, free, unknown, unanswered, unsent int64 }

func (b *bill) add(u store.Usage) { b.post(kindOf(u), u.Calls) }

func (b *bill) post(kind string, calls int64) {
	switch kind {
	case kindUnsent:
		b.unsent += calls
	case kindUnanswered:
		b.unanswered += calls
	case kindPay:
		b.pay += calls
	case kindFree:
		b.free += calls
	default:
		b.unknown += calls
	}
}

func (b bill) calls() int64 { return b.pay + b.free + b.unknown + b.unanswered + b.unsent }

func (b bill) doubt() int64 { return b.unknown + b.unanswered }

func (b bill) ceiling() int64 { return b.pay + b.doubt() }

// noAnswer and notSent stand where a call has no code.
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
