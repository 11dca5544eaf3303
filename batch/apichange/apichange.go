// Package apichange finds what the vendor has changed in its API: what an answer shows that its page does not document,
// and scores of another shape than before. It is pure.
package apichange

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"liverecon/batch/liveness"
	"liverecon/store/apichanges"
	"liverecon/store/mention"
)

// maxWord bounds what is remembered of a vendor's word, in bytes.
const maxWord = 240

// In lists what an answer shows that the vendor's page does not document: nil for nearly every answer. known
// are the codes that the configuration has a class for; id must not be remembered, should the vendor repeat it
// somewhere.
func In(e *liveness.Envelope, known liveness.Codes, id string) []apichanges.Change {
	var all []apichanges.Change
	add := func(kind apichanges.Kind, value string) {
		all = append(all, apichanges.Change{Kind: kind, Value: plainWord(value, id)})
	}
	if _, configured := known[e.Code]; !configured && !documentedCode(e.Code) {
		add(apichanges.Code, e.Code)
	}
	if e.PricingStrategy != "PAY" && e.PricingStrategy != "FREE" {
		add(apichanges.Pricing, e.PricingStrategy)
	}
	if d := e.Detection; d != nil {
		switch d.AttackType {
		case "", "1", "2", "3":
		default:
			add(apichanges.AttackType, d.AttackType)
		}
		if d.AttackSubType != "" {
			add(apichanges.AttackSubType, d.AttackSubType)
		}
	}
	for _, field := range e.Unknown {
		add(apichanges.Field, field)
	}
	for _, field := range e.Types {
		add(apichanges.Type, field)
	}
	if e.Shape != "" {
		add(apichanges.Shape, e.Shape)
	}
	return all
}

// documentedCode reports whether a code stands on the vendor's page or on one of its sister pages.
func documentedCode(code string) bool {
	return liveness.Codes(nil).Classify(code) != liveness.Unknown &&
		(code == "LIVENESS_ID_NOT_EXISTED" || !strings.Contains(code, "NOT_EXIST"))
}

// plainWord makes a vendor's text one that may stand in the database, a log and a workbook: short, printable, no link,
// and without the ID it may repeat.
func plainWord(text, id string) string {
	if len(id) >= 4 {
		text = mention.Mask(text, []string{id}, "(the ID)")
	}
	if strings.Contains(text, ":/") {
		return "(a link)"
	}
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	if len(text) > maxWord {
		text = strings.ToValidUTF8(text[:maxWord], "") + "…"
	}
	if text == "" {
		return "(none)"
	}
	return text
}

// shown sets how many changes the verdict names.
const shown = 5

// Clause returns the verdict's part on what the vendor had not shown before this run, "" when there was nothing.
func Clause(news []apichanges.Known) string {
	var words []string
	shaped := false
	for _, n := range news {
		word := fmt.Sprintf("%s %s (%s)", strings.ReplaceAll(string(n.Kind), "_", " "), noun(n.Value), n.Endpoint)
		if n.Kind == apichanges.Shape {
			shaped = true // says again what fields and types said, and more at length
			continue
		}
		words = append(words, word)
	}
	slices.SortStableFunc(words, func(a, b string) int { return rank(a) - rank(b) })
	if len(words) == 0 && shaped {
		words = append(words, "answers of another shape")
	}
	if len(words) == 0 {
		return ""
	}
	if more := len(words) - shown; more > 0 {
		words = append(words[:shown:shown], fmt.Sprintf("%d more", more))
	}
	return "new from the vendor: " + strings.Join(words, ", ")
}

// rank puts first what decides about calls and money.
func rank(word string) int {
	for i, kind := range []string{"code", "pricing", "attack type", "attack sub type", "field"} {
		if strings.HasPrefix(word, kind+" ") {
			return i
		}
	}
	return len(word)
}

var nounForm = regexp.MustCompile(`^[A-Za-z0-9_.()-]{1,40}( (string|number|bool|object|array))?$`)

// noun shows a vendor's word so that it can't be taken for ours.
func noun(text string) string {
	if nounForm.MatchString(text) {
		return text
	}
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "") + "…"
	}
	return fmt.Sprintf("%q", text)
}
