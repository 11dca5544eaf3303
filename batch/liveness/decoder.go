package liveness

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decoder fills an Envelope from the members of the answer and of its data.
type decoder struct {
	env       Envelope
	detection Detection
	met       [16]met // the documented fields that the answer has
	nMet      int
	datas     int // values of data so far
	unlisted  int // unknown fields beyond maxUnknown
	shape     shape
}

func (d *decoder) top(key, value []byte) error {
	known := topType(key)
	d.checkType("", key, value, known)
	if known == "object" { // each of its fields is held against itself
		return d.data(value)
	}
	if known != "" && d.again(key, value) {
		return nil
	}
	switch string(key) {
	case "code":
		return d.code(value)
	case "message":
		d.text(&d.env.Message, "message", value)
	case "transactionId":
		d.text(&d.env.TransactionID, "transactionId", value)
		if len(d.env.TransactionID) > maxTransaction {
			d.odd("transactionId over 64 bytes")
		}
		if strings.TrimSpace(d.env.TransactionID) == "" { // it names nothing, and would be the same on every call
			d.env.TransactionID = ""
		}
	case "pricingStrategy":
		d.text(&d.env.PricingStrategy, "pricingStrategy", value)
	case "extra":
		d.text(&d.env.Extra, "extra", value)
	default:
		d.unknown("", key)
	}
	return nil
}

func (d *decoder) field(key, value []byte) error {
	det := &d.detection
	if d.observe(key, value) && d.again(key, value) {
		return nil
	}
	switch string(key) {
	case "detectionResult":
		d.image(&det.ResultImage, "detectionResult", value)
	case "livenessScore":
		d.score(value)
	case "attackType":
		d.text(&det.AttackType, "attackType", value)
		d.attackType()
	case "attackSubType":
		d.text(&det.AttackSubType, "attackSubType", value)
	case "auditImageUrl":
		d.image(&det.AuditImageURL, "auditImageUrl", value)
	case "imageFarUrl":
		d.image(&det.FarImageURL, "imageFarUrl", value)
	case "imageNearUrl":
		d.image(&det.NearImageURL, "imageNearUrl", value)
	case "farImageTime":
		d.millis(&det.FarImageTime, "farImageTime", value)
	case "nearImageTime":
		d.millis(&det.NearImageTime, "nearImageTime", value)
	case "sdkVersion":
		d.text(&det.SDKVersion, "sdkVersion", value)
	case "platform":
		d.text(&det.Platform, "platform", value)
	case "token":
		det.Token = true
		d.unknown("data.", key)
	default:
		d.unknown("data.", key)
	}
	return nil
}

func (d *decoder) code(value []byte) error {
	if value[0] != '"' {
		return fmt.Errorf(`"code" is a %s`, kind(value))
	}
	text := strings.TrimSpace(string(unquote(value)))
	if len(text) > maxCode {
		return fmt.Errorf(`"code" of %d bytes`, len(text))
	}
	d.env.Code = text
	return nil
}

func (d *decoder) data(value []byte) error {
	if d.datas++; d.datas > 1 {
		d.note("data repeated")
	}
	if value[0] != '{' {
		if !isNull(value) {
			d.odd("data as " + kind(value))
		}
		return nil
	}
	d.env.Detection = &d.detection
	return members(value, d.field)
}

// text stores a short text field, whatever its JSON type, cut to maxText.
func (d *decoder) text(dst *string, name string, value []byte) {
	d.image(dst, name, value)
	if len(*dst) > maxText {
		*dst = cut(*dst, maxText)
		d.odd(name + " cut")
	}
}

// image stores a text field at any length the body bound allows.
func (d *decoder) image(dst *string, name string, value []byte) {
	*dst = plainText(value)
	switch {
	case isNull(value) || value[0] == '"':
	case (name == "attackType" || name == "attackSubType") && isNumber(value):
		// The vendor documents a string and shows a number: both are regular.
	default:
		d.odd(name + " as " + kind(value))
	}
}

// attackType takes a type that is the same number written otherwise, such as 2.0, for that number.
func (d *decoder) attackType() {
	text := &d.detection.AttackType
	n, ok := wholeNumber(strings.TrimSpace(*text))
	if whole := strconv.FormatInt(n, 10); ok && whole != *text {
		*text = whole
		d.odd("attackType written otherwise")
	}
}

func (d *decoder) score(value []byte) {
	det := &d.detection
	if isNull(value) {
		return
	}
	text := strings.TrimSpace(plainText(value))
	if !isNumber(value) {
		d.odd("livenessScore as " + kind(value))
		det.ScoreText = cut(text, maxText)
	}
	if !isNumber([]byte(text)) || !json.Valid([]byte(text)) {
		if text != "" {
			d.strange("data.livenessScore no number")
		}
		return
	}
	score, exact, err := floatOf(text)
	if err != nil || score < 0 || score > 100 { // of no meaning that the vendor documents: no score to conclude from
		d.strange("data.livenessScore outside 0-100")
		det.ScoreText, det.Unusable = cut(text, maxText), true
		return
	}
	if !exact {
		det.ScoreText = cut(text, maxText)
	}
	if score == 0 {
		score = 0 // "-0" is 0
	}
	det.Score = &score
}

// strange notes a value that the vendor's page rules out.
func (d *decoder) strange(what string) {
	if !slices.Contains(d.env.Types, what) {
		d.env.Types = append(d.env.Types, what)
	}
}

// millis stores an instant given as a whole number of milliseconds, be it
// written 1713247589908, "1713247589908" or 1.713247589908E12.
func (d *decoder) millis(dst **int64, name string, value []byte) {
	if isNull(value) {
		return
	}
	if !isNumber(value) {
		d.odd(name + " as " + kind(value))
	}
	if n, ok := wholeNumber(strings.TrimSpace(plainText(value))); ok {
		*dst = &n
		return
	}
	d.odd(name + " not a whole number")
}

// wholeNumber reads an integer, also one in decimal or exponent notation as
// long as a float64 carries it exactly.
func wholeNumber(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	const exact = 1 << 53
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != float64(int64(f)) || f < -exact || f > exact {
		return 0, false
	}
	return int64(f), true
}

func (d *decoder) odd(what string) {
	if !slices.Contains(d.env.Repairs, what) {
		d.env.Repairs = append(d.env.Repairs, what)
	}
}

func (d *decoder) unknown(prefix string, key []byte) {
	path := cut(prefix+string(key), maxPath)
	switch {
	case slices.Contains(d.env.Unknown, path):
	case len(d.env.Unknown) == maxUnknown:
		d.unlisted++
	default:
		d.env.Unknown = append(d.env.Unknown, path)
	}
}

// plainText returns a value as text: a string unquoted, null as "", any other
// type as its JSON.
func plainText(value []byte) string {
	switch {
	case isNull(value):
		return ""
	case value[0] == '"':
		return string(unquote(value))
	}
	return strings.ToValidUTF8(string(value), "\uFFFD")
}

func isNull(value []byte) bool { return len(value) == 0 || value[0] == 'n' }

func isNumber(value []byte) bool {
	return len(value) > 0 && (value[0] == '-' || value[0] >= '0' && value[0] <= '9')
}

// kind names the JSON type of a value.
func kind(value []byte) string {
	switch value[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	case 'n':
		return "null"
	}
	return "number"
}

// cut shortens s to at most n bytes at a character's boundary.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
