// Package recovery numbers what is disputed with the vendor, and finds out which credit of a later statement pays which
// dispute back.
package recovery

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Subject tells one dispute from all others: a month's lines of one invoice that are wrong for one reason, at one
// endpoint and in one currency. Nothing in it changes when the month is reconciled again.
type Subject struct {
	Month    string // YYYY-MM, the one that bears the lines
	Invoice  string // its number; "" where nobody gave one
	Reason   string // class of the rows
	Endpoint string // "" where the lines name none
	Currency string
}

// letters leaves out those that are taken for others when a number is read out or typed.
const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// Number returns the dispute's number, such as D2610-7KQ2XM. It follows from the subject alone, so that every database
// and every reconciling gives the same; two subjects of one month share one with a probability of one in 2^30.
func (s Subject) Number() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q", s.Month, s.Invoice, s.Reason, s.Endpoint, s.Currency))
	code := binary.BigEndian.Uint32(sum[:4])
	var text [6]byte
	for i := range text {
		text[i] = letters[code&31]
		code >>= 5
	}
	return "D" + strings.ReplaceAll(strings.TrimPrefix(s.Month, "20"), "-", "") + "-" + string(text[:])
}

// numbers finds what may be a dispute's number in a text: people leave the hyphen out, and write small letters.
var numbers = regexp.MustCompile(`(?i)\bD(\d{4})[-_ ./–]?([2-9A-HJ-NP-Z]{6})\b`)

// Numbers returns the numbers of disputes that a text names, as Number writes them, each once.
func Numbers(text string) (all []string) {
	for _, m := range numbers.FindAllStringSubmatch(text, -1) {
		if n := "D" + m[1] + "-" + strings.ToUpper(m[2]); !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

// Dispute represents what a credit can be for.
type Dispute struct {
	Subject
	Claimed   decimal.Decimal // without tax; what credits pay back is not taken off
	Statement int64           // the last of those on which its lines stand
}

// Credit represents a line of a statement that gives money back.
type Credit struct {
	Statement, Line int64
	Month           string          // of the line
	Billed          string          // month of its invoice
	Endpoint        string          // "" where it names none
	Currency        string          // as the statement has it
	Amount          decimal.Decimal // without a sign and without tax
	Gross           decimal.Decimal // without a sign, as it stands on the line
	Text            string          // all that the line says in words
}

// Match represents which dispute a credit pays back. Dispute is an index, -1 for none; Why says why there is none, and
// how it was found where there is one.
type Match struct {
	Dispute int
	Why     string
}

// The ways how a credit was found to be a dispute's.
const (
	ByNumber = "by its number"
	ByAmount = "by its amount"
)

// Pair finds the dispute of each credit: by the one number it names, else by amount, currency, endpoint and month,
// where one dispute alone has that amount left and no other credit could be for it. minor returns the decimals of a
// currency: an amount ties where it is what is claimed, or that rounded to them. What names no number is for a
// dispute of an earlier invoice only: a later month's, or a statement imported before.
func Pair(disputes []Dispute, credits []Credit, minor func(currency string) int32) []Match {
	all := make([]Match, len(credits))
	left := make([]decimal.Decimal, len(disputes))
	for i := range disputes {
		left[i] = disputes[i].Claimed
	}
	order := make([]int, len(credits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &credits[a], &credits[b]
		return cmp.Or(cmp.Compare(x.Billed, y.Billed), cmp.Compare(x.Statement, y.Statement), cmp.Compare(x.Line,
			y.Line))
	})
	var unnamed []int
	for _, i := range order {
		m, named := byNumber(disputes, &credits[i])
		if all[i] = m; !named {
			unnamed = append(unnamed, i)
		} else if m.Dispute >= 0 {
			left[m.Dispute] = left[m.Dispute].Sub(credits[i].Amount)
		}
	}
	could := func(c *Credit) (fits []int) {
		for k := range disputes {
			if disputes[k].fits(c, left[k], minor(c.Currency)) {
				fits = append(fits, k)
			}
		}
		return fits
	}
	rivals := map[int]int{}
	for _, i := range unnamed {
		for _, k := range could(&credits[i]) {
			rivals[k]++
		}
	}
	for _, i := range unnamed {
		switch fits := could(&credits[i]); {
		case len(fits) == 0:
			all[i] = Match{-1, "no dispute has this amount left"}
		case len(fits) > 1:
			all[i] = Match{-1, fmt.Sprintf("%d disputes have this amount left: which one is it?", len(fits))}
		case rivals[fits[0]] > 1:
			all[i] = Match{-1, fmt.Sprintf("%d credits could be for %s: which one is it?", rivals[fits[0]],
				disputes[fits[0]].Number())}
		default:
			all[i] = Match{fits[0], ByAmount}
		}
	}
	return all
}

// byNumber finds the dispute that a credit names. named is false where it names none at all.
func byNumber(disputes []Dispute, c *Credit) (m Match, named bool) {
	numbers := Numbers(c.Text)
	switch len(numbers) {
	case 0:
		return Match{Dispute: -1}, false
	case 1:
	default:
		return Match{-1, "it names several disputes: " + strings.Join(numbers, ", ")}, true
	}
	k := slices.IndexFunc(disputes, func(d Dispute) bool { return d.Number() == numbers[0] })
	switch {
	case k < 0:
		return Match{-1, numbers[0] + " is no dispute of ours"}, true
	case disputes[k].Currency != c.Currency:
		return Match{-1, numbers[0] + " is in " + disputes[k].Currency}, true
	}
	return Match{k, ByNumber}, true
}

// fits reports whether a credit that names no number can be for the dispute, of which an amount is left.
func (d *Dispute) fits(c *Credit, left decimal.Decimal, minor int32) bool {
	return left.IsPositive() && d.Currency == c.Currency && (c.Endpoint == "" || c.Endpoint == d.Endpoint) &&
		(d.Month < c.Billed || d.Month == c.Billed && d.Statement < c.Statement) && (c.Month == c.Billed ||
		c.Month == d.Month) && d.ties(c, left, minor)
}

// ties reports whether a credit is what is left, or that rounded to the currency's decimals: without tax, or as the
// line has it with the tax in it.
func (d *Dispute) ties(c *Credit, left decimal.Decimal, minor int32) bool {
	if c.Amount.Equal(left) || c.Gross.Equal(left.Round(minor)) {
		return true
	}
	if c.Amount.Equal(c.Gross) || c.Amount.IsZero() {
		return false
	}
	gross := left.Mul(c.Gross).DivRound(c.Amount, 16) // with the rate of the line
	return c.Gross.Equal(gross.Round(minor))
}
