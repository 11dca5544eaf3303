package statement

import (
	"math"
	"math/big"
	"strings"
	"unicode"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

const (
	maxTransactionID = 128 // bytes
	keptDigits       = 15  // that a spreadsheet keeps of a number
)

const damagedHint = "have the vendor export the column as text, or as CSV that no spreadsheet has saved"

// transaction reads the transaction ID, without what spreadsheets and programs put around it: an apostrophe before it,
// ="..." around it, and .0 behind digits.
func transactionID(l *lineReader) string {
	id := l.identifier(fieldTransaction)
	c, _ := l.cell(fieldTransaction)
	bare, marked := bareID(id)
	if l.used.newer = l.used.newer || bare != id; id == "" {
		return ""
	}
	switch {
	case c.Merged:
		l.wrong(fieldTransaction, "give each line its own", "is merged with the cell above: is it one transaction?")
	case !marked && strings.Trim(bare, "#") == "":
		l.wrong(fieldTransaction, damagedHint, "%s: a column too narrow for its number, in place of the ID", billing.Quote(id))
	case !marked && table.IsSheetError(bare):
		l.wrong(fieldTransaction, damagedHint, "%s: a spreadsheet's error in place of the ID", billing.Quote(id))
	case c.Number && !billing.IsDigits(bare) && !damagedID(bare):
		l.wrong(fieldTransaction, damagedHint, "%s: a number in the place of an ID", billing.Quote(id))
	case c.Number && len(bare) > keptDigits, !marked && damagedID(bare):
		l.wrong(fieldTransaction, damagedHint,
			"%s: a spreadsheet has made a number of the ID and lost its last digits", billing.Quote(id))
	case strings.ContainsFunc(bare, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }):
		l.wrong(fieldTransaction, kindHint, "%s: want a transaction ID, which has no blanks", billing.Quote(id))
	case len(bare) > maxTransactionID:
		l.wrong(fieldTransaction, "", "%s: want at most %d bytes", billing.Quote(id), maxTransactionID)
	case !marked:
		l.rounded.add(l, bare)
		if bare != id {
			l.binary.addBinary(l, id, bare)
		}
	}
	return bare
}

// bareID takes off the apostrophe that tells a spreadsheet that a cell is text, and .0 or .00 behind digits, as
// programs write whole numbers that they kept as fractions. marked is true for a text that was never taken for a
// number.
func bareID(id string) (bare string, marked bool) {
	if inner, ok := strings.CutPrefix(id, "'"); ok && inner != "" {
		return strings.TrimSuffix(inner, "'"), true
	}
	digits, fraction, ok := strings.Cut(id, ".")
	if ok && fraction != "" && len(fraction) <= 2 && strings.Trim(fraction, "0") == "" && billing.IsDigits(digits) {
		return digits, false
	}
	return id, false
}

// damagedID recognises what a spreadsheet shows in place of a long number: 6.8176E+24, 6,8176E+24.
func damagedID(id string) bool {
	number, exponent, ok := strings.Cut(strings.ToUpper(id), "E")
	sign := strings.TrimLeft(exponent, "+-")
	whole, fraction, separated := strings.Cut(strings.Replace(number, ",", ".", 1), ".")
	return ok && billing.IsDigits(sign) && billing.IsDigits(whole) && (!separated || fraction == "" ||
		billing.IsDigits(fraction)) && (separated || sign != exponent)
}

// roundedIDs tells long numbers that were rounded, so that their digits end in a certain way, from those that happen to
// end so.
type roundedIDs struct {
	rounded, all int
	digits       int     // that were lost, together
	expected     float64 // of all, how many would end so by chance
	first        mistakes
}

// add takes an ID, which is passed over unless it is a long number, grouped and with a sign or without. Spreadsheets
// keep 15 digits and write zeros for the rest.
func (r *roundedIDs) add(l *lineReader, id string) {
	digits := strings.Map(func(c rune) rune {
		if strings.ContainsRune(".,'’", c) {
			return -1
		}
		return c
	}, strings.Trim(id, "+-"))
	if len(digits) <= keptDigits || !billing.IsDigits(digits) {
		return
	}
	if r.count(len(digits)-keptDigits, math.Pow10(keptDigits-len(digits)), strings.Trim(digits[keptDigits:], "0") == "") {
		r.first.add(l.error(fieldTransaction, damagedHint+"; what is right has an apostrophe before it",
			"%s: a spreadsheet has rounded the ID: of its digits those from the %dth on are zeros", billing.Quote(id),
			keptDigits+1))
	}
}

// addBinary takes an ID that was written with .0 behind it, as programs write fractions. One that was a fraction for
// the program is a number of 53 bits, which few numbers of more than 16 digits are.
func (r *roundedIDs) addBinary(l *lineReader, id, digits string) {
	const bits = 53
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok || n.BitLen() <= bits {
		return
	}
	lost := n.BitLen() - bits
	if r.count(keptDigits, math.Ldexp(1, -lost), n.TrailingZeroBits() >= uint(lost)) {
		r.first.add(l.error(fieldTransaction, damagedHint, "%s: a program has made a fraction of the ID and lost its last "+
			"digits", billing.Quote(id)))
	}
}

// count takes an ID of which so many digits may be lost, and would seem to be by chance; it returns rounded.
func (r *roundedIDs) count(digits int, chance float64, rounded bool) bool {
	r.all++
	r.expected += chance
	if rounded {
		r.rounded++
		r.digits += digits
	}
	return rounded
}

// lost reports whether chance does not explain how many end so: if so many did in fewer than one of a hundred files, or
// if all do.
func (r *roundedIDs) lost() bool {
	const enough, rare = 3, 0.01
	if r.digits < enough || r.rounded == 0 {
		return false
	}
	fewer, term := 0.0, math.Exp(-r.expected) // by Poisson's distribution
	for k := range r.rounded {
		fewer += term
		term *= r.expected / float64(k+1)
	}
	return r.rounded == r.all || 1-fewer < rare
}
