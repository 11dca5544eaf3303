package list

import (
	"path/filepath"
	"strings"
	"unicode"

	"github.com/biter777/countries"
	"golang.org/x/text/unicode/norm"
)

// ParseRegion reads a country given as ISO 3166-1 alpha-2 or alpha-3 code or as
// an English name, in any case, with or without accents, "(the)" and the like:
// VN, vnm, Viet Nam, Philippines (the), Côte d'Ivoire. UK is read as GB.
//
// What is not one country is refused: placeholders, continents, unions, dialling
// codes, numbers and codes withdrawn from the standard. Kosovo's XK, in wide use
// though not in the standard, is read.
func ParseRegion(s string) (alpha2 string, ok bool) {
	s = trimListCell(s)
	if len(s) > 80 {
		return "", false
	}
	name := foldRegion(s)
	switch len(name) {
	case 0, 1:
		return "", false
	case 2, 3:
		if len(s) != len(name) { // "P.H." may be anything
			return "", false
		}
		return parseRegionCode(name)
	}
	return parseRegionName(name)
}

// parseRegionCode reads two or three upper-case letters. The library also knows
// licence plates, sports codes and FIPS codes under the same call, some of which
// mean another country, hence the comparison.
func parseRegionCode(code string) (alpha2 string, ok bool) {
	switch code {
	case "UK":
		return "GB", true
	case "UAE":
		return "AE", true
	}
	country := countries.ByName(code)
	if country.Alpha2() != code && country.Alpha3() != code {
		return "", false
	}
	return currentRegion(country)
}

// parseRegionName looks a folded name up in the forms in which lists of
// countries write it: with the article, without it, without a trailing "of".
func parseRegionName(name string) (alpha2 string, ok bool) {
	if alpha2, ok = regionException(strings.ReplaceAll(name, " ", "")); ok {
		return alpha2, alpha2 != ""
	}
	words := strings.Fields(name)
	short := words[:0:0]
	for _, w := range words {
		if w != "THE" {
			short = append(short, w)
		}
	}
	for _, form := range [][]string{words, short, trimRegionOf(short)} {
		joined := strings.Join(form, "")
		if alpha2, ok := regionException(joined); ok {
			return alpha2, alpha2 != ""
		}
		alpha2, ok := currentRegion(countries.ByName(joined))
		if alpha2 == "NE" || alpha2 == "NG" { // not under the library's other spellings
			ok = strings.HasPrefix(joined, "NIGER")
		}
		if ok && len(joined) > 3 {
			return alpha2, true
		}
	}
	return "", false
}

func trimRegionOf(words []string) []string {
	if n := len(words); n > 0 && words[n-1] == "OF" {
		return words[:n-1]
	}
	return words
}

// regionException corrects the library: names it lacks or gives to the wrong
// country, and fragments it accepts that name no one country (""). The United
// Kingdom's countries have no code of their own in the standard.
func regionException(name string) (alpha2 string, ok bool) {
	switch name {
	case "REPUBLICOFTHECONGO", "REPUBLICOFCONGO", "CONGOREPUBLIC", "CONGOREPUBLICOF", "CONGOBRAZZAVILLE":
		return "CG", true
	case "CONGOKINSHASA", "CONGODEMOCRATICREPUBLICOF", "DEMOCRATICREPUBLICOFCONGO":
		return "CD", true
	case "SCOTLAND", "WALES", "UNITEDKINGDOMOFGREATBRITAINANDNORTHERNIRELAND":
		return "GB", true
	case "HONGKONGSAR", "HONGKONGSARCHINA", "HONGKONGCHINA", "HONGKONGSPECIALADMINISTRATIVEREGIONOFCHINA":
		return "HK", true
	case "MACAOSARCHINA", "MACAUSPECIALADMINISTRATIVEREGIONOFCHINA":
		return "MO", true
	case "TAIWANPROVINCEOFCHINA":
		return "TW", true
	case "PALESTINESTATEOF", "STATEOFPALESTINE", "PALESTINIANTERRITORYOCCUPIED":
		return "PS", true
	case "HOLYSEEVATICANCITYSTATE":
		return "VA", true
	case "TIMORLESTEEASTTIMOR":
		return "TL", true
	case "NORTHMACEDONIAREPUBLICOFNORTHMACEDONIA":
		return "MK", true
	case "TURKIYE":
		return "TR", true
	case "VENEZUELABOLIVARIANREPUBLICOF", "VENEZUELABOLIVARIANREPUBLIC":
		return "VE", true
	case "NETHERLANDSKINGDOMOF", "KINGDOMOFNETHERLANDS":
		return "NL", true
	case "SINTMAARTENDUTCHPART":
		return "SX", true
	case "SAINTMARTINFRENCHPART":
		return "MF", true
	case "SAINTHELENAASCENSIONANDTRISTANDACUNHA":
		return "SH", true
	}
	return regionMarket(name)
}

// regionMarket is regionException for the vendor's markets, under their formal
// names, and for fragments.
func regionMarket(name string) (alpha2 string, ok bool) {
	switch name {
	case "SOCIALISTREPUBLICOFVIETNAM":
		return "VN", true
	case "UNITEDMEXICANSTATES":
		return "MX", true
	case "KINGDOMOFTHAILAND":
		return "TH", true
	case "REPUBLICOFPHILIPPINES":
		return "PH", true
	case "REPUBLICOFSINGAPORE":
		return "SG", true
	case "REPUBLICOFCOLOMBIA":
		return "CO", true
	case "FEDERALREPUBLICOFNIGERIA":
		return "NG", true
	case "LAOPDR":
		return "LA", true
	case "ISLAND", "HANA", "LUCIA", "TRISTAN", "GUIANA", "POLYNESIA", "USSR",
		"BOLIVARIAN", "BOLIVARIANREPUBLIC", "BOLIVARIANREPUBLICOF", "REPUBLICOFBOLIVARIAN", "REPUBLICBOLIVARIAN",
		"STATESMICRONESIA", "STATESOFMICRONESIA", "PROVINCEOFCHINA", "PROVINCECHINA",
		"YUGOSLAVREPUBLIC", "YUGOSLAVREPUBLICOF", "FORMERYUGOSLAVREPUBLIC", "FORMERYUGOSLAVREPUBLICOF":
		return "", true
	}
	return "", false
}

// currentRegion returns the alpha-2 code of a country of today.
func currentRegion(country countries.CountryCode) (alpha2 string, ok bool) {
	alpha2 = country.Alpha2()
	switch alpha2 {
	case "AN", "YU", "XW", "XS": // withdrawn, or the library's own
		return "", false
	}
	return alpha2, len(alpha2) == 2 && len(country.Alpha3()) == 3
}

// foldRegion brings a country's name to upper-case ASCII words: without accents
// and punctuation, "&" as "and". A text with other characters folds to "".
func foldRegion(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case r < unicode.MaxASCII && unicode.IsLetter(r):
			b.WriteRune(unicode.ToUpper(r))
		case r == 'đ' || r == 'Đ':
			b.WriteByte('D')
		case r == '&':
			b.WriteString(" AND ")
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '.':
		case unicode.IsSpace(r), strings.ContainsRune(",()[]-", r):
			b.WriteByte(' ')
		default:
			return ""
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// RegionFromName finds the region in a list's file name: the one upper-case
// alpha-2 or alpha-3 code that stands alone in it, as in ids_PH_2026-11-21.csv.
// A lower-case code counts only right after ids_ or list_, since "id", "my", "in"
// and "no" are words; "ID" after liveness_, signature_ or customer_ is no country.
// A name with two different codes gives none.
func RegionFromName(name string) (alpha2 string, ok bool) {
	stem, _, _ := strings.Cut(filepath.Base(name), ".")
	words := strings.FieldsFunc(stem, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	before := ""
	for _, word := range words {
		if code, named := regionWord(word, strings.ToLower(before)); named {
			if ok && code != alpha2 {
				return "", false
			}
			alpha2, ok = code, true
		}
		before = word
	}
	return alpha2, ok
}

func regionWord(word, before string) (alpha2 string, ok bool) {
	if len(word) != 2 && len(word) != 3 {
		return "", false
	}
	switch before {
	case "liveness", "signature", "customer", "user", "session":
		if strings.EqualFold(word, "id") || strings.EqualFold(word, "ids") {
			return "", false
		}
	}
	if word != strings.ToUpper(word) && before != "ids" && before != "list" && before != "lists" {
		return "", false
	}
	return ParseRegion(word)
}
