package simulator

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"

	"liverecon/batch/liveness/simulator/internal/dice"
	"liverecon/batch/liveness/simulator/internal/picture"
)

// forceContent gives a subject what a content fault needs to show.
func forceContent(f Fault, s *subject) {
	if s.code != codeSuccess {
		*s = subject{code: codeSuccess, score: 88.8}
	}
	switch f {
	case Score50:
		s.score, s.attack = 50, 0
	case ScoreNegative:
		s.score, s.attack = -1, 0
	case ScoreOver:
		s.score, s.attack = 100.01, 0
	case ScoreString:
		s.score, s.attack = 99, 0
	case ScoreNull, ScoreMissing, ScoreLater:
		s.attack = 0
	case AttackPassing:
		s.score, s.attack = 87.5, 1
	case AttackString, AttackNumber, AttackTwice:
		s.score, s.attack = 12.5, 3
	case AttackOther:
		s.score, s.attack = 12.5, 7
	}
}

// forceScore changes a score as a fault of the scores does.
func forceScore(f Fault, s *subject) {
	switch f {
	case Score0:
		s.score = 0
	case Score100:
		s.score = 100
	case ScoreOne:
		s.score = cents(s.score) / 100
	}
}

// scribe writes JSON the way the vendor does, in whatever order it is told.
type scribe struct {
	b     []byte
	lower bool                                   // the names of fields
	again func(key, value string) (string, bool) // what a field says the second time; nil: none comes twice
}

func (w *scribe) raw(key, value string) {
	w.member(key, value)
	if w.again == nil {
		return
	}
	if other, twice := w.again(key, value); twice {
		w.member(key, other)
	}
}

func (w *scribe) member(key, value string) {
	if w.lower {
		key = strings.ToLower(key)
	}
	if n := len(w.b); n > 0 && w.b[n-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, key...)
	w.b = append(w.b, `":`...)
	w.b = append(w.b, value...)
}

// text writes a string that needs no escaping; all the vendor's are of that kind.
func (w *scribe) text(key, value string) { w.raw(key, `"`+value+`"`) }

// orders of the envelope's fields, as the vendor's own examples show them.
var orders = [3][6]string{
	{"code", "transactionId", "pricingStrategy", "message", "data", "extra"},
	{"code", "message", "data", "extra", "transactionId", "pricingStrategy"},
	{"message", "data", "extra", "code", "transactionId", "pricingStrategy"},
}

// envelope renders an answer.
func envelope(im *images, x *exchange, s sentence) []byte {
	d := x.throw(im.seed, "order")
	w := scribe{b: make([]byte, 0, 1024), lower: x.fault == LowerKeys, again: s.again(x.fault)}
	if x.fault == Naked {
		w.data(im, x, s)
		return bytes.TrimPrefix(w.b, []byte(`"data":`))
	}
	w.b = append(w.b, '{')
	for _, field := range orders[d.Below(len(orders))] {
		switch field {
		case "code":
			w.text(field, s.entry.Code)
		case "transactionId":
			if x.fault != NoTransaction {
				w.text(field, s.entry.TransactionID)
			}
		case "pricingStrategy":
			if s.verdict.pricing != "" {
				w.text(field, s.verdict.pricing)
			}
		case "message":
			w.text(field, s.verdict.message)
		case "extra":
			w.extra(s.verdict.code, &d)
		case "data":
			w.data(im, x, s)
			if x.fault == DataTwice {
				w.member(field, `{"livenessScore":`+s.subject.otherScore()+`}`)
			}
		}
	}
	return append(w.b, '}')
}

// again returns what the fields of an answer say the second time, nil where they come once. data itself is no matter of
// it: it is written piece by piece.
func (s *sentence) again(f Fault) func(key, value string) (string, bool) {
	only := func(name, other string) func(key, value string) (string, bool) {
		return func(key, _ string) (string, bool) { return other, key == name }
	}
	switch f {
	case Repeated:
		return func(key, value string) (string, bool) { return value, key != "data" }
	case ScoreTwice:
		return only("livenessScore", s.subject.otherScore())
	case AttackTwice:
		return only("attackType", "1")
	case PricingTwice:
		if s.verdict.pricing == "FREE" {
			return only("pricingStrategy", `"PAY"`)
		}
		return only("pricingStrategy", `"FREE"`)
	case TransactionTwice:
		return only("transactionId", `"0`+s.entry.TransactionID[1:]+`f"`)
	case CodeTwice:
		return only("code", `"ERROR"`)
	}
	return nil
}

// otherScore returns another score than the subject's, or null.
func (s *subject) otherScore() string {
	if s.score > 90 {
		return "null"
	}
	return strconv.FormatFloat(100-s.score/2, 'f', -1, 64)
}

func (w *scribe) extra(code string, d *dice.Dice) {
	if code == "ERROR" && d.Chance(.5) {
		w.text("extra", "upstream timed out")
		return
	}
	w.raw("extra", "null")
}

func (w *scribe) data(im *images, x *exchange, s sentence) {
	switch {
	case s.token != "":
		w.raw("data", "{")
		w.text("token", s.token)
		w.raw("expiredTime", strconv.FormatInt(s.verdict.expires.UnixMilli(), 10))
	case s.verdict.code == codeSuccess && x.fault != DataNull:
		w.raw("data", "{")
		switch x.fault {
		case DataEmpty:
		case DataNulls:
			for _, field := range [...]string{"detectionResult", "livenessScore", "auditImageUrl", "imageFarUrl", "imageNearUrl",
				"farImageTime", "nearImageTime", "attackType", "attackSubType"} {
				w.raw(field, "null")
			}
		default:
			w.result(im, x, s)
		}
	default:
		w.raw("data", "null")
		return
	}
	w.b = append(w.b, '}')
}

// result writes the data of a SUCCESS. What belongs to the photo is drawn from the ID alone; links are fresh each time.
func (w *scribe) result(im *images, x *exchange, s sentence) {
	photo := s.photo
	d := x.throw(im.seed, "links")
	link := func(folder, kind string) string { return im.link(&d, x.images, folder, kind, s.entry.At) }

	if x.ask.base64 {
		w.text("detectionResult", base64.StdEncoding.EncodeToString(picture.JPEG(photo.seed)))
	} else {
		w.text("detectionResult", link("standard-images", ""))
	}
	if x.fault != ScoreMissing {
		w.raw("livenessScore", scoreText(x.fault, s.subject.score, &d))
	}
	if photo.audited {
		w.text("auditImageUrl", link("audit-images", ".zip"))
	} else {
		w.raw("auditImageUrl", "null")
	}
	for _, which := range []string{"Far", "Near"} {
		if photo.silent {
			w.raw("image"+which+"Url", "null")
		} else {
			w.text("image"+which+"Url", link("standard-images", ""))
		}
	}
	far, near := photo.times()
	if d.Chance(.5) {
		w.raw("farImageTime", far)
		w.raw("nearImageTime", near)
	} else {
		w.raw("nearImageTime", near)
		w.raw("farImageTime", far)
	}
	w.raw("attackType", attackText(x.fault, s.subject.attack, &d))
	w.raw("attackSubType", "null")
	if photo.platform != "" { // fields of the vendor's newer pages
		w.text("sdkVersion", photo.sdk)
		w.text("platform", photo.platform)
	}
	if x.fault == NewField {
		w.raw("deviceRisk", `{"level":3}`)
	}
}

// scoreText writes a score with a decimal, or a whole one now and then without.
func scoreText(f Fault, score float64, d *dice.Dice) string {
	switch f {
	case ScoreString:
		return `"99"`
	case ScoreNull, ScoreLater:
		return "null"
	}
	s := strconv.FormatFloat(score, 'f', -1, 64)
	if score == float64(int64(score)) && d.Chance(.5) {
		s += ".0"
	}
	return s
}

// attackText writes an attack type as the page documents it, a string, or as its example shows it, a number.
func attackText(f Fault, attack int, d *dice.Dice) string {
	if attack == 0 {
		return "null"
	}
	s := strconv.Itoa(attack)
	if f == AttackString || f != AttackNumber && d.Chance(.5) {
		return `"` + s + `"`
	}
	return s
}
