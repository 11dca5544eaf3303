package table

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FoldHeader brings names of columns together that differ in case, accents, blanks, hyphens, underscores, slashes,
// points and brackets only: "Transaction ID", "transaction_id" and "transactionId"; "Country/Region" and "country
// region".
func FoldHeader(name string) string {
	return strings.Map(func(r rune) rune {
		if unseen(r) || strings.ContainsRune("_-/\\.:()[]{}", r) || unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(name))
}

// unseen finds white space of every kind, control characters, zero-width characters and byte order marks.
func unseen(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == 0x7f
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
