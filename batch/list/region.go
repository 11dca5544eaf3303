package list

import (
	"path/filepath"
	"slices"
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

// regionMarket does as regionException for the vendor's markets, under their formal
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

// NameRegion holds what a list's file name says about the region of its rows.
type NameRegion struct {
	Region   string   // alpha-2; "" where the name gives none, or Rivals do
	Doubtful bool     // Region rests on a token that is a word, too: default_region goes before it
	Word     string   // that token
	Rivals   []string // two or more regions that the name gives alike: none of them is taken
	Like     string   // a token that gives no region and may be meant for LikeOf, as thailand, TH1; "" for none
	LikeOf   string   // alpha-2
}

// RegionFromName finds the region in a list's file name, in codes (alpha-2 or alpha-3) that stand alone between
// separators and are upper-case or right after ids_ or list_, as in ids_PH_2026-11-21.csv. A code that is a word as
// well, or was not written in capitals, is doubtful: ids_to_check.csv is not about Tonga. A firm code goes before
// doubtful ones; two firm codes are Rivals; two doubtful ones give nothing.
//
// A firm code without an endpoint in o.Route counts where the name has no other, so that its rows are rejected instead
// of asked in the default region. A word of the trade, as the PT of an Indonesian company, is firm as one of o.Named
// only, in capitals right after ids_ or list_. An abbreviation, as GB of a size, is firm as one of o.Named anywhere, and
// as any other in capitals there.
//
// A file within an archive has its name beside that of the archive: packed, "" where there is none. What both give counts
// as if it stood in one name.
func RegionFromName(name, packed string, o Options) NameRegion {
	var firm, unrouted, doubtful []string
	var like NameRegion
	token := ""
	for _, name := range []string{name, packed} {
		before := ""
		for _, word := range nameWords(name) {
			code, sure := regionWord(word, strings.ToLower(before))
			sure = sure && o.meant(word, code, isIDs(before))
			before = word
			if of := o.likeRegion(word); code == "" && of != "" {
				like = NameRegion{Like: word, LikeOf: of}
			}
			routed := code != "" && o.routed(code)
			switch {
			case code == "", !sure && !routed:
			case !sure:
				doubtful, token = appendNew(doubtful, code), word
			case routed:
				firm = appendNew(firm, code)
			default:
				unrouted = appendNew(unrouted, code)
			}
		}
	}
	for _, codes := range [][]string{firm, unrouted} {
		switch len(codes) {
		case 0:
		case 1:
			return NameRegion{Region: codes[0]}
		default:
			return NameRegion{Rivals: codes}
		}
	}
	if len(doubtful) == 1 {
		return NameRegion{Region: doubtful[0], Doubtful: true, Word: token}
	}
	return like
}

// likeRegion returns the country that a word of a name may be meant for though it is no code in capitals: its name, its
// code and a number, its code in small letters where an endpoint has it by that and it is no word; "" for none.
func (o Options) likeRegion(word string) string {
	code := strings.TrimRight(word, "0123456789")
	upper := strings.ToUpper(code)
	region, ok := ParseRegion(code)
	switch {
	case !ok:
		return ""
	case len(code) > len("PHL"):
		return region
	case regionHomographs[upper] || tradeHomographs[upper] || abbreviations[upper]:
		return ""
	case code == upper && code != word, o.named(region):
		return region
	}
	return ""
}

// nameWords returns what stands between the separators of a file's name, of which a point is one, without the endings
// of files that hold lists. Letters and digits of full width count as the usual ones.
func nameWords(name string) []string {
	stem := norm.NFKC.String(filepath.Base(name))
	for {
		ending := filepath.Ext(stem)
		if !slices.Contains(listEndings, strings.ToLower(ending)) {
			break
		}
		stem = strings.TrimSuffix(stem, ending)
	}
	return strings.FieldsFunc(stem, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// listEndings lists the endings of files that hold lists.
var listEndings = []string{".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".gz", ".zip"}

// meant reports whether a word that stands for something else, too, is meant for the country of its code.
func (o Options) meant(word, code string, afterIDs bool) bool {
	switch {
	case tradeHomographs[word]:
		return o.named(code) && afterIDs
	case abbreviations[strings.ToUpper(word)]:
		return o.named(code) || afterIDs && word == strings.ToUpper(word)
	}
	return true
}

// EarlierRegion returns what versions before this one took for the region in a list's name, "" for none: the one code,
// of whatever country, that stands alone in it in capitals, or right after ids_ or list_.
func EarlierRegion(name string) string {
	var codes []string
	before := ""
	for _, word := range nameWords(toFirstPoint(name)) {
		code, _ := regionWord(word, strings.ToLower(before))
		before, codes = word, append(codes, code)
	}
	return only(codes)
}

// toFirstPoint returns what versions before this one took for the whole of a file's name.
func toFirstPoint(name string) string {
	stem, _, _ := strings.Cut(filepath.Base(name), ".")
	return stem
}

// routed reports whether a region has an endpoint.
func (o Options) routed(region string) bool {
	if o.Route == nil {
		return true
	}
	_, ok := o.Route(region)
	return ok
}

// named reports whether an endpoint names a region itself.
func (o Options) named(region string) bool { return o.Named != nil && o.Named(region) }

func appendNew(codes []string, code string) []string {
	if slices.Contains(codes, code) {
		return codes
	}
	return append(codes, code)
}

// regionWord reads one token of a file's name; code is "" where it is no country.
func regionWord(word, before string) (code string, firm bool) {
	if len(word) != 2 && len(word) != 3 {
		return "", false
	}
	switch before {
	case "liveness", "signature", "customer", "user", "session":
		if strings.EqualFold(word, "id") || strings.EqualFold(word, "ids") {
			return "", false
		}
	}
	afterIDs := isIDs(before)
	upper := strings.ToUpper(word)
	if word != upper && !afterIDs {
		return "", false
	}
	code, ok := ParseRegion(word)
	if !ok {
		return "", false
	}
	switch upper {
	case "ID", "MY", "CO":
		return code, word == upper && afterIDs
	}
	return code, !regionHomographs[upper] && (word == upper || !tradeHomographs[upper])
}

// isIDs reports whether a word of a file's name announces a region.
func isIDs(word string) bool {
	switch strings.ToLower(word) {
	case "ids", "list", "lists":
		return true
	}
	return false
}

// tradeHomographs lists codes of countries that stand for something else in names of files: forms of companies,
// systems, departments, amounts receivable, "not available".
var tradeHomographs = map[string]bool{
	"AR": true, "BI": true, "CD": true, "CI": true, "CR": true, "GL": true, "HR": true, "MC": true, "MS": true,
	"NA": true, "NE": true, "PT": true, "SA": true, "VA": true,
}

// regionHomographs lists codes of countries that are words, months or abbreviations in names of files, in the languages
// of the vendor's markets.
var regionHomographs = map[string]bool{
	// English
	"AM": true, "AS": true, "AT": true, "BE": true, "BY": true, "CA": true, "DO": true, "ID": true, "IN": true,
	"IS": true,
	"IT": true, "ME": true, "MY": true, "NO": true, "PM": true, "RE": true, "SO": true, "TO": true, "AND": true,
	"ARE": true,
	"BEN": true, "CAN": true, "CUB": true, "GIN": true, "GUM": true, "JAM": true, "MAC": true, "NOR": true, "PER": true,
	"TON": true, "TUN": true, "VAT": true,
	// Spanish, Portuguese, Indonesian, Vietnamese
	"DE": true, "ES": true, "LA": true, "MAR": true, "SE": true, "SI": true, "SUR": true, "KE": true,
	// months, zones and the trade's abbreviations
	"EST": true, "AD": true, "AI": true, "CC": true, "CO": true, "COD": true, "CV": true, "IO": true, "ML": true,
	"PR": true, "PS": true, "QA": true, "TV": true, "VC": true, "ESP": true,
}

// abbreviations lists codes of countries that stand in names of files for a size or a unit, a form of companies, a
// paper, a department or a kind of file. The vendor's markets are none.
var abbreviations = map[string]bool{
	// sizes and units
	"CM": true, "GB": true, "GM": true, "KG": true, "KM": true, "LB": true, "MG": true, "MM": true, "SM": true,
	// companies, persons, places
	"AG": true, "BV": true, "MR": true, "RS": true, "SDN": true, "SH": true, "SK": true, "SL": true, "ST": true,
	// the trade's departments and papers
	"BA": true, "BL": true, "BO": true, "BS": true, "CF": true, "EC": true, "FIN": true, "FO": true, "GA": true, "GRC": true,
	"BD": true, "CH": true, "CX": true, "ER": true, "GP": true, "GW": true, "JE": true, "LV": true, "LY": true,
	"MO": true, "MQ": true, "MT": true, "NC": true, "NIC": true, "NPL": true, "NR": true, "PRI": true, "SN": true,
	"SR": true, "TD": true, "WF": true, "YE": true,
	"LC": true, "MD": true, "PA": true, "PAN": true, "PL": true, "POL": true, "STP": true, "TL": true, "TR": true, "TT": true,
	// systems and files
	"COM": true, "DM": true, "GEO": true, "IOT": true, "PK": true, "PNG": true, "PW": true, "PY": true, "SB": true, "SC": true,
	"SD": true, "SS": true, "SSD": true, "SVN": true, "TC": true, "TLS": true, "TM": true, "VI": true, "WS": true, "YT": true,
	// words
	"AGO": true, "ALB": true, "ARM": true, "BRA": true, "DOM": true, "EG": true, "FK": true, "IE": true, "LIE": true,
}
