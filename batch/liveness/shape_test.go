package liveness_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// page is the data object as the vendor's page shows it.
const page = `"detectionResult":"https://h/x","livenessScore":100.0,"auditImageUrl":null,"imageFarUrl":null,"farImageTime":1713247589908,` +
	`"imageNearUrl":null,"nearImageTime":null,"attackType":null,"attackSubType":null`

func TestShape(t *testing.T) {
	tests := []struct{ name, body, shape, types string }{
		{"as documented", `{"code":"SUCCESS","data":{` + page + `}}`, "", ""},
		{"attack type as the page documents it, not as it shows it", `{"code":"SUCCESS","data":{` + strings.Replace(page, `"attackType":null`, `"attackType":"3"`, 1) + `}}`, "", ""},
		{"newer pages", `{"code":"SUCCESS","data":{` + page + `,"sdkVersion":"3.1.0","platform":"IOS"}}`, "", ""},
		{"no result", `{"code":"ERROR","data":null,"extra":null,"message":null}`, "", ""},
		{"without a result", `{"code":"ERROR"}`, "", ""},
		{"a new field", `{"code":"SUCCESS","data":{` + page + `,"deviceRisk":{"level":3}}}`, "with deviceRisk (object)", ""},
		{"two new fields in any order", `{"code":"SUCCESS","data":{"b":null,` + page + `,"a":[1]}}`, "with a (array); with b (null)", ""},
		{"a field is gone", `{"code":"SUCCESS","data":{"detectionResult":"x","livenessScore":1}}`,
			"without auditImageUrl, imageFarUrl, imageNearUrl, farImageTime, nearImageTime, attackType, attackSubType", ""},
		{"another type", `{"code":"SUCCESS","data":{` + strings.Replace(page, "100.0", `"100"`, 1) + `,"sdkVersion":3}}`,
			"livenessScore as string; sdkVersion as number", "data.livenessScore string|data.sdkVersion number"},
		{"another type outside data", `{"code":"ERROR","message":3,"extra":{"a":1},"data":[]}`, "", "data array|extra object|message number"},
		{"a success without data", `{"code":"SUCCESS","data":null}`, "no data", ""},
		{"data without success", `{"code":"ERROR","data":{` + page + `}}`, "data without SUCCESS", ""},
		{"the two together", `{"code":"SUCCESS","data":{"x":1},"data":{` + page + `}}`, "with x (number)",
			"data repeated|detectionResult with two values|farImageTime with two values|livenessScore with two values"},
		{"a field twice", `{"code":"SUCCESS","data":{` + page + `,"livenessScore":100}}`, "", "livenessScore repeated"},
		{"a field with two values", `{"code":"SUCCESS","data":{` + page + `,"livenessScore":20}}`, "", "livenessScore repeated|livenessScore with two values"},
	}
	for _, test := range tests {
		e := decode(t, test.body)
		if types := strings.Join(e.Types, "|"); e.Shape != test.shape || types != test.types {
			t.Errorf("%s: shape %q, types %q, want %q, %q", test.name, e.Shape, types, test.shape, test.types)
		}
	}
}

// TestShapeIsBounded: a vendor may send any number of fields of any name.
func TestShapeIsBounded(t *testing.T) {
	var body strings.Builder
	body.WriteString(`{"code":"SUCCESS","data":{"a":1`)
	for i := range 1000 {
		body.WriteString(`,"` + strings.Repeat("ä", 50) + string(rune('A'+i%26)) + strings.Repeat("x", i%7) + `":1`)
	}
	body.WriteString(`}}`)
	e := decode(t, body.String())
	if len(e.Shape) > 240 || !utf8.ValidString(e.Shape) || len(e.Unknown) > 33 || !slices.Contains(e.Unknown, "data.a") {
		t.Errorf("shape of %d bytes: %q; %d fields", len(e.Shape), e.Shape, len(e.Unknown))
	}
}
