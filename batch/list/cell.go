package list

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"liverecon/batch/table"
)

// listMaxIDLength bounds an ID, far above any ID seen (36 characters).
const listMaxIDLength = 128

// listDestination holds what a region cell leads to.
type listDestination struct {
	region, endpoint string
	from             regionSource
	reason, detail   string // why it leads nowhere, if it does
}

// check turns a record into a row, or says what is wrong with it. Exactly one
// of the results is meaningful: the row if the reject is nil.
//
// A row with both IDs is asked by its signatureId. If that is damaged the row
// is rejected although the livenessId would serve: which ID is asked, and paid
// for, is not to depend on what a spreadsheet did to the other. A livenessId
// that is unreadable beside a good signatureId stays in the reference instead.
func (r *listReader) check(rec *listRecord, others map[string]string) (Row, *Reject) {
	signature := r.checkID(listSignatureID, rec.SignatureID)
	liveness := r.checkID(listLivenessID, rec.LivenessID)
	asked := signature
	if signature.empty() {
		asked = liveness
	}
	if asked.empty() {
		return Row{}, &Reject{Column: r.columns.idNames(), Reason: "no_id", Detail: "the row has no ID"}
	}
	if asked.reason != "" {
		return Row{}, r.rejectID(asked, liveness)
	}
	to := r.destination(rec.Region)
	r.seen.rows[to.from]++
	if !r.groups.repeats && r.seen.column != "" {
		r.groups.take(to)
	}
	if to.from != fromColumn && r.seen.codes != nil && r.info.Rows <= codeRows {
		r.seen.lookForCodes(others)
	}
	if to.reason != "" {
		bad := &Reject{Column: r.columns.found[listRegion], Reason: to.reason, Detail: to.detail,
			Value: cutListValue(trimListCell(r.text.shown(rec.Region)), false)}
		if to.region != "" {
			bad.Row = &Row{Kind: asked.kind, ID: asked.id, Region: to.region}
		}
		return Row{}, bad
	}
	r.vendors = asked.vendors
	row := Row{Kind: asked.kind, ID: asked.id, Region: to.region, Endpoint: to.endpoint,
		Guessed: to.from == fromWord || to.from == fromDefault}
	spoiled := ""
	if asked.kind == listSignatureID {
		if liveness.reason == "" && r.mayBeOther(liveness) {
			row.OtherID = liveness.id
		} else {
			spoiled = rec.LivenessID
		}
	}
	if r.columns.referenced || spoiled != "" {
		row.Reference = r.reference(others, spoiled)
	}
	return row, nil
}

func (r *listReader) rejectID(asked, liveness listID) *Reject {
	bad := &Reject{Column: r.columns.found[asked.kind], Reason: asked.reason, Detail: asked.detail,
		Value: cutListValue(asked.id, true)}
	if asked.kind == listSignatureID && !liveness.empty() && liveness.reason == "" {
		bad.Detail += "; its livenessId is readable: leave the signatureId empty to ask by that"
	}
	return bad
}

// listID represents an ID cell after trimming, with what is wrong with it.
type listID struct {
	kind, id       string
	reason, detail string
	vendors        bool // it has one of the vendor's forms
}

func (id listID) empty() bool { return id.id == "" }

// mayBeOther reports whether the livenessId beside a signatureId can be one: a word, or a count, is none.
func (r *listReader) mayBeOther(id listID) bool {
	if id.vendors || id.empty() || r.isID(id.id) {
		return true
	}
	_, _, plausible := idForm(id.id)
	word, _ := structureWord(id.id)
	return plausible && word == ""
}

// checkID judges one ID cell.
func (r *listReader) checkID(kind, cell string) listID {
	id := listID{kind: kind, id: cell}
	if cell == "" {
		return id
	}
	if id.vendors = vendorForm(cell); id.vendors {
		id.reason, id.detail = excelDamage(kind, cell)
		return id
	}
	marked := false
	if strings.Contains(strings.TrimRight(cell, "\r\n"), "\r") {
		return listID{kind: kind, id: cell, reason: "bad_alphabet",
			detail: "a carriage return stands in it: do some lines end in one alone?"}
	}
	if !table.IsID(cell) {
		id.id, marked = unwrapListID(r.text.decode(cell))
		if why := r.text.broken(id.id); why != "" {
			return listID{kind: kind, id: "#", reason: excelDamaged, detail: why}
		}
	}
	if listPlaceholder(id.id) {
		id.id = ""
	}
	if id.id == "" {
		return id
	}
	if !marked && (r.options.IDPattern == nil || !r.options.IDPattern.MatchString(id.id)) {
		if id.reason, id.detail = excelDamage(kind, id.id); id.reason != "" {
			return id
		}
	}
	switch {
	case !table.IsID(id.id):
		id.reason, id.detail = "bad_alphabet", foreignCharacter(id.id)+"; an ID has only letters, digits, - and _"
	case len(id.id) > listMaxIDLength:
		id.reason, id.detail = table.TooLong, "an ID has at most 128 characters"
	case strings.EqualFold(id.id, r.columns.found[kind]):
		id.reason, id.detail = "repeated_header", "the header again, as in files that were joined"
	}
	return id
}

// foreignCharacter names the first character that no ID has, and its place.
func foreignCharacter(s string) string {
	place := 0
	for _, c := range s {
		place++
		if c < utf8.RuneSelf && table.IsID(string(c)) {
			continue
		}
		code := fmt.Sprintf("U+%04X", c)
		switch name := unseenNames[c]; {
		case name != "":
			code += " (" + name + ")"
		case unicode.IsGraphic(c):
			code = fmt.Sprintf("%q (%s)", c, code)
		}
		return fmt.Sprintf("character %d is %s", place, code)
	}
	return ""
}

// unseenNames names characters that cannot be told by looking at them.
var unseenNames = map[rune]string{
	' ': "blank", '\t': "tab", '\n': "line end", '\r': "carriage return", 0: "zero byte", 0xa0: "no-break space",
	0xad:   "soft hyphen",
	0x200b: "zero width space", 0x200c: "zero width non-joiner", 0x200d: "zero width joiner",
	0x200e: "left-to-right mark",
	0x200f: "right-to-left mark", 0x2010: "hyphen", 0x2011: "non-breaking hyphen", 0x2012: "figure dash",
	0x2013: "en dash",
	0x2014: "em dash", 0x2212: "minus sign", 0x202f: "narrow no-break space", 0x2060: "word joiner",
	0x3000: "ideographic space",
	0xfeff: "byte order mark", 0xfffd: "replacement character",
}

// ID returns the ID that a text is, as a cell of a list has it: without what surrounds it in exports.
func ID(text string) string {
	id, _ := unwrapListID(text)
	return id
}

// unwrapListID removes what surrounds an ID in exports: unseen characters and
// the two marks by which a spreadsheet is told that a cell is text, 'abc and
// ="abc". A marked cell was never taken for a number, so marked IDs are not
// judged as numbers: that is also how a person insists on an ID which looks
// damaged and is not.
func unwrapListID(s string) (id string, marked bool) {
	s = trimListCell(s)
	if inner, ok := strings.CutPrefix(s, `="`); ok {
		if inner, ok := strings.CutSuffix(inner, `"`); ok {
			return trimListCell(inner), true
		}
	}
	if inner, ok := strings.CutPrefix(s, "'"); ok {
		return trimListCell(strings.TrimSuffix(inner, "'")), true
	}
	return s, false
}

// listPlaceholder reports whether a cell holds a program's word for "nothing".
// Sent to the vendor, such a word would be an ID like any other.
func listPlaceholder(s string) bool {
	if len(s) > len("undefined") {
		return false
	}
	switch strings.ToLower(s) {
	case "-", "--", "na", "n/a", "nan", "nil", "null", "none", `\n`, "(null)", "undefined":
		return true
	}
	return false
}

// isNull reports whether a cell holds what databases write for "nothing".
func isNull(s string) bool {
	switch s {
	case "NULL", "null", "(null)", `\N`, "N/A", "n/a":
		return true
	}
	return false
}

// destination finds a row's region and endpoint: from its cell, else from the
// file's name, else from the default. A text that is no country is never
// replaced by a guess.
func (r *listReader) destination(cell string) listDestination {
	if to, ok := r.regions[cell]; ok {
		return to
	}
	text, _ := unwrapListID(r.text.decode(cell))
	to := r.route(text)
	if why := r.text.broken(text); why != "" {
		to = listDestination{from: fromColumn, reason: "unknown_region", detail: why}
	}
	if len(r.regions) < 4096 {
		r.regions[strings.Clone(cell)] = to // the cell keeps its whole row in memory
	}
	return to
}

func (r *listReader) route(text string) listDestination {
	to := listDestination{region: r.fileRegion.Region, from: r.fileRegion.source}
	switch region, ok := ParseRegion(text); {
	case ok && (!listPlaceholder(text) || r.options.named(region)): // NA is Namibia, and what R writes for nothing
		to.region, to.from = region, fromColumn
	case text != "" && !listPlaceholder(text):
		return listDestination{from: fromColumn, reason: "unknown_region",
			detail: "not an alpha-2 or alpha-3 code or the English name of a country"}
	case len(r.fileRegion.name.Rivals) > 0:
		return listDestination{reason: "unknown_region",
			detail: "more than one region stands in " + r.fileRegion.names() + ": " +
				strings.Join(r.fileRegion.name.Rivals, ", ")}
	case to.region == "":
		return listDestination{reason: "unknown_region",
			detail: "no region in the row or the file's name, and no default_region is set"}
	}
	if r.options.Route == nil {
		return to
	}
	endpoint, ok := r.options.Route(to.region)
	if !ok {
		detail := "no endpoint for region " + to.region
		if to.from != fromColumn {
			detail = fmt.Sprintf("no endpoint for its region, %s", r.fileRegion)
		}
		return listDestination{region: to.region, from: to.from, reason: "no_endpoint", detail: detail}
	}
	to.endpoint = endpoint
	return to
}

// reference writes the other columns that hold something as a JSON object.
func (r *listReader) reference(others map[string]string, spoiledLiveness string) string {
	b := r.json[:0]
	b = append(b, '{')
	for _, other := range r.columns.others {
		value := others[other.canonical]
		if other.canonical == listLivenessID {
			value = spoiledLiveness
		}
		if value == "" || isNull(value) {
			continue
		}
		b = append(b, other.key...)
		b = append(appendListJSON(b, r.text.shown(value)), ',')
	}
	r.json = b
	if len(b) == 1 {
		return ""
	}
	b[len(b)-1] = '}'
	return string(b)
}

// appendListJSON appends s as a JSON string; most need no escape.
func appendListJSON(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil { // a string always encodes
				return append(b, `""`...)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
