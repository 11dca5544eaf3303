package liveness

import (
	"slices"
	"strings"
)

// maxShape bounds the description of a shape in bytes: it becomes a key of tables and reports.
const maxShape = 240

// shape holds what an answer's data object is made of.
type shape struct {
	have   uint16   // the documented fields met
	others []string // the rest, and documented fields of another type, described
}

// pageFields returns the fields of data that the vendor's page shows in every answer with a result. Each may be null.
func pageFields() [9]string {
	return [...]string{"detectionResult", "livenessScore", "auditImageUrl", "imageFarUrl", "imageNearUrl",
		"farImageTime", "nearImageTime",
		"attackType", "attackSubType"}
}

const allPageFields = 1<<9 - 1

// dataField returns a field's bit among pageFields, and the JSON types that the page documents for it. sdkVersion and
// platform are of newer pages, which show them in some answers only.
func dataField(name []byte) (bit uint16, types string) {
	switch string(name) {
	case "detectionResult":
		return 1 << 0, "string"
	case "livenessScore":
		return 1 << 1, "number"
	case "auditImageUrl":
		return 1 << 2, "string"
	case "imageFarUrl":
		return 1 << 3, "string"
	case "imageNearUrl":
		return 1 << 4, "string"
	case "farImageTime":
		return 1 << 5, "number"
	case "nearImageTime":
		return 1 << 6, "number"
	case "attackType": // documented as a string, shown as a number
		return 1 << 7, "string number"
	case "attackSubType":
		return 1 << 8, "string"
	case "sdkVersion", "platform":
		return 0, "string"
	}
	return 0, ""
}

// topType returns the documented JSON type of an envelope's field.
func topType(name []byte) string {
	switch string(name) {
	case "code", "message", "transactionId", "pricingStrategy", "extra":
		return "string"
	case "data":
		return "object"
	}
	return ""
}

// checkType notes a documented field that comes as another JSON type, and reports whether it does.
func (d *decoder) checkType(prefix string, name, value []byte, types string) bool {
	if types == "" || isNull(value) || strings.Contains(types, kind(value)) {
		return false
	}
	if text := prefix + string(name) + " " + kind(value); !slices.Contains(d.env.Types, text) {
		d.env.Types = append(d.env.Types, text)
	}
	return true
}

// observe notes a field of data, and reports whether it is a documented one.
func (d *decoder) observe(name, value []byte) (documented bool) {
	bit, types := dataField(name)
	d.shape.have |= bit
	d.detection.Documented = d.shape.have != 0
	text := ""
	switch {
	case types == "":
		text = "with " + cut(string(name), maxPath) + " (" + kindOf(value) + ")"
	case d.checkType("data.", name, value, types):
		text = string(name) + " as " + kind(value)
	}
	if text != "" && len(d.shape.others) < maxUnknown && !slices.Contains(d.shape.others, text) {
		d.shape.others = append(d.shape.others, text)
	}
	return types != ""
}

func kindOf(value []byte) string {
	if isNull(value) {
		return "null"
	}
	return kind(value)
}

// describe describes how data differs from what the page documents: an object with all its fields beside SUCCESS, null
// beside every other code.
func (d *decoder) describe() string {
	success := d.env.Code == "SUCCESS"
	switch {
	case d.env.Detection == nil && success:
		return "no data"
	case d.env.Detection == nil || success && d.shape.have == allPageFields && d.shape.others == nil:
		return ""
	}
	var parts []string
	if !success {
		parts = append(parts, "data without SUCCESS")
	}
	slices.Sort(d.shape.others)
	parts = append(parts, d.shape.others...)
	var missing []string
	for i, name := range pageFields() {
		if d.shape.have&(1<<i) == 0 {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		parts = append(parts, "without "+strings.Join(missing, ", "))
	}
	return cut(strings.Join(parts, "; "), maxShape)
}
