package statement

import (
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
	case c.Number && len(bare) > keptDigits, !marked && damagedID(bare),
		bare != id && !marked && len(bare) > keptDigits+1:
		l.wrong(fieldTransaction, damagedHint,
			"%s: a spreadsheet has made a number of the ID and lost its last digits", billing.Quote(id))
	case strings.ContainsFunc(bare, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }):
		l.wrong(fieldTransaction, kindHint, "%s: want a transaction ID, which has no blanks", billing.Quote(id))
	case len(bare) > maxTransactionID:
		l.wrong(fieldTransaction, "", "%s: want at most %d bytes", billing.Quote(id), maxTransactionID)
	case !marked:
		l.rounded.add(l, bare)
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

// roundedIDs tells long numbers that were rounded by a spreadsheet, which keeps 15 digits and writes zeros for the
// rest, from those that happen to end in zeros.
type roundedIDs struct {
	rounded, all int
	zeros        int     // in the place of digits, together
	expected     float64 // of all, how many would end so by chance
	first        mistakes
}

// add takes an ID, which is passed over unless it is a long number, grouped and with a sign or without.
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
	r.all++
	chance := 1.0
	for range len(digits) - keptDigits {
		chance /= 10
	}
	r.expected += chance
	if strings.Trim(digits[keptDigits:], "0") != "" {
		return
	}
	r.rounded++
	r.zeros += len(digits) - keptDigits
	r.first.add(l.error(fieldTransaction, damagedHint+"; what is right has an apostrophe before it",
		"%s: a spreadsheet has rounded the ID: of its digits those from the %dth on are zeros", billing.Quote(id),
		keptDigits+1))
}

// lost reports whether chance does not explain the zeros.
func (r *roundedIDs) lost() bool {
	const enough = 3
	return r.rounded == r.all && r.zeros >= enough || r.rounded >= enough && float64(r.rounded) > 4*r.expected+2
}
