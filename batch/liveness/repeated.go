package liveness

import (
	"encoding/json"
	"errors"
	"strings"
)

// met holds what an answer says in one documented field.
type met struct {
	name         string
	value, other []byte // the first value, and the first one that differs from it; nil: none does
	ofData       bool
	last         int // number of the last data that has it, from 1
	datas        int // how many have it
}

// again notes a documented field, and reports whether the answer had it before.
func (d *decoder) again(key, value []byte) bool {
	for i := range d.met[:d.nMet] {
		m := &d.met[i]
		if m.name != string(key) {
			continue
		}
		if m.last == d.datas || !m.ofData {
			d.note(m.name + " repeated")
		} else { // what is repeated is data
			m.last = d.datas
			m.datas++
		}
		if m.other == nil && !sameValue(m.value, value) {
			m.other = value
		}
		return true
	}
	d.met[d.nMet] = met{name: string(key), value: value, ofData: topType(key) == "", last: d.datas, datas: 1}
	d.nMet++
	return false
}

// settle takes the value from every field that has two. Where data comes more than once each of its fields is one, null
// where it is missing. The tag and the score keep both as text: neither can be taken for one.
func (d *decoder) settle() error {
	for i := range d.met[:d.nMet] {
		m := &d.met[i]
		switch {
		case !d.two(m):
			continue
		case m.name == "code":
			return errors.New(`"code" twice with different values`)
		}
		d.note(m.name + " with two values")
		d.clear(m)
	}
	return nil
}

// two reports whether a field has two values: data that lacks it says null.
func (d *decoder) two(m *met) bool {
	if m.ofData && m.datas < d.datas && m.other == nil && !isNull(m.value) {
		m.other = []byte("null")
	}
	return m.other != nil
}

// clear takes the value from a field.
func (d *decoder) clear(m *met) {
	both := cut(said(m.value)+", then "+said(m.other), maxText)
	det := &d.detection
	det.Contradicted = det.Contradicted || m.ofData
	switch m.name {
	case "message":
		d.env.Message = ""
	case "transactionId":
		d.env.TransactionID = ""
	case "pricingStrategy":
		d.env.PricingStrategy = both
	case "extra":
		d.env.Extra = ""
	case "detectionResult":
		det.ResultImage = ""
	case "livenessScore":
		det.Score, det.ScoreText, det.Unusable = nil, both, true
	case "attackType":
		det.AttackType = ""
	case "attackSubType":
		det.AttackSubType = ""
	case "auditImageUrl":
		det.AuditImageURL = ""
	case "imageFarUrl":
		det.FarImageURL = ""
	case "imageNearUrl":
		det.NearImageURL = ""
	case "farImageTime":
		det.FarImageTime = nil
	case "nearImageTime":
		det.NearImageTime = nil
	case "sdkVersion":
		det.SDKVersion = ""
	case "platform":
		det.Platform = ""
	}
}

// said returns what a field's value is shown as beside another one.
func said(value []byte) string {
	if isNull(value) {
		return "null"
	}
	return strings.TrimSpace(plainText(value))
}

// sameValue reports whether two values of a field say the same: one text, or one number, however they are written.
func sameValue(a, b []byte) bool {
	one, two := strings.TrimSpace(plainText(a)), strings.TrimSpace(plainText(b))
	return one == two || isDecimal(one) && isDecimal(two) && decimalOf(one) == decimalOf(two) &&
		(decimalOf(one).digits == "" || strings.HasPrefix(one, "-") == strings.HasPrefix(two, "-"))
}

func isDecimal(text string) bool { return isNumber([]byte(text)) && json.Valid([]byte(text)) }

// note notes what the vendor's page rules out, and that it was bent to fit.
func (d *decoder) note(what string) {
	d.odd(what)
	d.strange(what)
}
