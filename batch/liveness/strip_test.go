package liveness_test

import (
	"strings"
	"testing"

	"liverecon/batch/liveness"
)

func TestStripImages(t *testing.T) {
	long := strings.Repeat("A", 2049)
	tests := []struct{ name, body, want string }{
		{"vendor's example", string(wireFile(t, "success_score_0.json")),
			`{"code":"SUCCESS","message":"OK","data":{"detectionResult":null,"livenessScore":0.0,"auditImageUrl":null,"imageFarUrl":null,"imageNearUrl":null,` +
				`"nearImageTime":null,"farImageTime":null,"attackType":3,"attackSubType":null},"extra":null,"transactionId":"16733ebf2ca75a0b","pricingStrategy":"PAY"}`},
		{"short base64", `{"data":{"detectionResult":"/9j/4AAQ"}}`, `{"data":{"detectionResult":null}}`},
		{"image field of another type", `{"auditImageUrl":{"a":["x","}"]},"b":1}`, `{"auditImageUrl":null,"b":1}`},
		{"escaped name", `{"detection\u0052esult" : "x"}`, `{"detection\u0052esult":null}`},
		{"URL in another field", `{"a":"https://h/x","b":["HTTP://h/y",true]}`, `{"a":null,"b":[null,true]}`},
		{"URL in the middle", `{"message":"see https://h/x"}`, `{"message":null}`},
		{"escaped URL", `{"a":"\u0068ttp:\/\/h\/x"}`, `{"a":null}`},
		{"URL as a name", `{"https://h/x":1,"b":2}`, `{"removed":1,"b":2}`},
		{"no URL", `{"a":"http error: 5","b":"ftp://h"}`, `{"a":"http error: 5","b":"ftp://h"}`},
		{"long string", `{"a":"` + long + `","b":"` + long[1:] + `"}`, `{"a":null,"b":"` + long[1:] + `"}`},
		{"characters, not bytes", `{"a":"` + strings.Repeat("é", 2048) + `"}`, `{"a":"` + strings.Repeat("é", 2048) + `"}`},
		{"names after values", `{"a":{},"b":[[],{}],"c":{"imageFarUrl":"x","d":"imageNearUrl"}}`, `{"a":{},"b":[[],{}],"c":{"imageFarUrl":null,"d":"imageNearUrl"}}`},
		{"repeated field", `{"imageFarUrl":1,"imageFarUrl":"x"}`, `{"imageFarUrl":null,"imageFarUrl":null}`},
		{"space", " {\n \"a\" : [ 1 , \"b c\" ]\r\n}\t", `{"a":[1,"b c"]}`},
		{"byte order mark", "\xef\xbb\xbf[]", "[]"},
		{"invalid UTF-8", "{\"a\":\"x\xffy\"}", "{\"a\":\"x\uFFFDy\"}"},
		{"top-level URL", `"https://h/x"`, "null"},
		{"deep", strings.Repeat("[", 9000) + strings.Repeat("]", 9000), strings.Repeat("[", 9000) + strings.Repeat("]", 9000)},
	}
	for _, tt := range tests {
		if got := liveness.StripImages([]byte(tt.body)); string(got) != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	for _, body := range []string{"", "<html>", `{"code":"X"} trailing`, `{"a":`} {
		if got := liveness.StripImages([]byte(body)); got != nil {
			t.Errorf("StripImages(%q) = %q, want nil", body, got)
		}
	}
}
