package liveness_test

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"liverecon/batch/liveness"
)

func ptr[T any](v T) *T { return &v }

func decode(t *testing.T, body string) *liveness.Envelope {
	t.Helper()
	e, err := liveness.DecodeEnvelope([]byte(body))
	if err != nil {
		t.Fatalf("DecodeEnvelope(%s): %v", body, err)
	}
	return e
}

// TestVendorExamples decodes every response of the vendor's page.
func TestVendorExamples(t *testing.T) {
	const image = "standard-images/random_20180929195400851_147883745"
	tests := map[string]liveness.Envelope{
		"success_score_100.json": {
			Code: "SUCCESS", Message: "OK", TransactionID: "196eb0c777789e58", PricingStrategy: "PAY",
			Detection: &liveness.Detection{Documented: true,
				Score: ptr(100.0), ResultImage: "https://XXXX/" + image + "6",
				FarImageURL: "https:/XXXX/" + image + "7", NearImageURL: "https:/XXXX/" + image + "8",
				FarImageTime: ptr(int64(1713247589908)), NearImageTime: ptr(int64(1713247589908)),
			},
		},
		"success_score_0.json": {
			Code: "SUCCESS", Message: "OK", TransactionID: "16733ebf2ca75a0b", PricingStrategy: "PAY",
			Detection: &liveness.Detection{Documented: true,
				Score: ptr(0.0), AttackType: "3", ResultImage: "https:/XXXX/" + image + "6",
				FarImageURL: "https:/XXXX/" + image + "7", NearImageURL: "https:/XXXX/" + image + "8",
			},
		},
		"liveness_id_not_existed.json": {
			Code: "LIVENESS_ID_NOT_EXISTED", Message: "Liveness id does not exist",
			TransactionID: "196eb0c777789e58", PricingStrategy: "FREE",
		},
		"result_not_found.json": {
			Code: "RESULT_NOT_FOUND", Message: "The requested resource was not found or has been deleted",
			TransactionID: "d5bec4f642549caf", PricingStrategy: "FREE",
		},
		"error.json": {
			Code: "ERROR", Message: "Server error", TransactionID: "1deae5a13ef2bd5e", PricingStrategy: "FREE",
		},
	}
	for name, want := range tests {
		got, err := liveness.DecodeEnvelope(wireFile(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(*got, want) {
			t.Errorf("%s:\n got %s\nwant %s", name, asJSON(t, got), asJSON(t, want))
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDecodeScore(t *testing.T) {
	tests := []struct {
		value string // "" leaves the field out
		score *float64
		text  string
		odd   string
	}{
		{"50", ptr(50.0), "", ""},
		{"0", ptr(0.0), "", ""},
		{"100", ptr(100.0), "", ""},
		{"49.999999", ptr(49.999999), "", ""},
		{"5e1", ptr(50.0), "", ""},
		{"50.000", ptr(50.0), "", ""},
		{"0.05e3", ptr(50.0), "", ""},
		{"49.99999999999999999", ptr(math.Nextafter(50, 0)), "49.99999999999999999", ""},
		{"50.00000000000000000001", ptr(math.Nextafter(50, 100)), "50.00000000000000000001", ""},
		{"4999999999999999999999e-20", ptr(math.Nextafter(50, 0)), "4999999999999999999999e-20", ""},
		{`"49.99999999999999999"`, ptr(math.Nextafter(50, 0)), "49.99999999999999999", "livenessScore as string"},
		{"1e-400", ptr(math.SmallestNonzeroFloat64), "1e-400", ""},
		{"-1e-99999999999999999999", nil, "-1e-99999999999999999999", ""},
		{"0e99999999999999999999", ptr(0.0), "", ""},
		{"87.5000000000000001", ptr(math.Nextafter(87.5, 100)), "87.5000000000000001", ""},
		{"49.999999999999995", ptr(49.99999999999999), "49.999999999999995", ""}, // not 50, its neighbour
		{"-0", ptr(0.0), "", ""},
		{"-1", nil, "-1", ""},
		{"100.01", nil, "100.01", ""},
		{"100.0000000000000000001", nil, "100.0000000000000000001", ""},
		{`"100.0000000000000000001"`, nil, "100.0000000000000000001", "livenessScore as string"},
		{"-0.0000000000000000001", nil, "-0.0000000000000000001", ""},
		{"100.0", ptr(100.0), "", ""},
		{"1e2", ptr(100.0), "", ""},
		{"1e999", nil, "1e999", ""},
		{`"99"`, ptr(99.0), "99", "livenessScore as string"},
		{`" 99.5 "`, ptr(99.5), "99.5", "livenessScore as string"},
		{`"NaN"`, nil, "NaN", "livenessScore as string"},
		{`"0x10p2"`, nil, "0x10p2", "livenessScore as string"},
		{`"high"`, nil, "high", "livenessScore as string"},
		{`""`, nil, "", "livenessScore as string"},
		{"null", nil, "", ""},
		{"", nil, "", ""},
		{"true", nil, "true", "livenessScore as bool"},
		{`{"value":99}`, nil, `{"value":99}`, "livenessScore as object"},
		{"[99]", nil, "[99]", "livenessScore as array"},
	}
	for _, tt := range tests {
		member := ""
		if tt.value != "" {
			member = `"livenessScore":` + tt.value
		}
		e := decode(t, `{"code":"SUCCESS","data":{`+member+`}}`)
		d := e.Detection
		if !reflect.DeepEqual(d.Score, tt.score) || d.ScoreText != tt.text {
			t.Errorf("score %s: %s, text %q; want %s, text %q", tt.value, asJSON(t, d.Score), d.ScoreText, asJSON(t, tt.score), tt.text)
		}
		if got := strings.Join(e.Repairs, "; "); got != tt.odd {
			t.Errorf("score %s: oddities %q, want %q", tt.value, got, tt.odd)
		}
	}
}

func TestDecodeAttackType(t *testing.T) {
	tests := []struct{ value, want, odd string }{
		{"3", "3", ""},
		{`"3"`, "3", ""},
		{"7", "7", ""},
		{"null", "", ""},
		{"2.0", "2", "attackType written otherwise"},
		{"2e0", "2", "attackType written otherwise"},
		{`" 2 "`, "2", "attackType written otherwise"},
		{`"2.0"`, "2", "attackType written otherwise"},
		{"2.5", "2.5", ""},
		{"-1", "-1", ""},
		{`"inf"`, "inf", ""},
		{`"REPLAY"`, "REPLAY", ""},
		{"true", "true", "attackType as bool"},
		{`{"kind":3}`, `{"kind":3}`, "attackType as object"},
	}
	for _, tt := range tests {
		e := decode(t, `{"code":"SUCCESS","data":{"livenessScore":80,"attackType":`+tt.value+`}}`)
		if e.Detection.AttackType != tt.want || strings.Join(e.Repairs, "; ") != tt.odd {
			t.Errorf("attackType %s = %q, oddities %q; want %q, %q", tt.value, e.Detection.AttackType, e.Repairs, tt.want, tt.odd)
		}
	}
}

func TestDecodeImageTimes(t *testing.T) {
	tests := []struct {
		value string
		want  *int64
		odd   string
	}{
		{"1713247589908", ptr(int64(1713247589908)), ""},
		{"1.713247589908E12", ptr(int64(1713247589908)), ""},
		{"null", nil, ""},
		{`"1713247589908"`, ptr(int64(1713247589908)), "farImageTime as string"},
		{"1713247589908.5", nil, "farImageTime not a whole number"},
		{"1e300", nil, "farImageTime not a whole number"},
		{`"NaN"`, nil, "farImageTime as string; farImageTime not a whole number"},
		{"[]", nil, "farImageTime as array; farImageTime not a whole number"},
	}
	for _, tt := range tests {
		e := decode(t, `{"code":"SUCCESS","data":{"farImageTime":`+tt.value+`}}`)
		if got := e.Detection.FarImageTime; !reflect.DeepEqual(got, tt.want) || strings.Join(e.Repairs, "; ") != tt.odd {
			t.Errorf("farImageTime %s = %s, oddities %q; want %s, %q", tt.value, asJSON(t, got), e.Repairs, asJSON(t, tt.want), tt.odd)
		}
	}
}

func TestDecodeEveryField(t *testing.T) {
	e := decode(t, `{"extra":"why","pricingStrategy":"PAY","transactionId":"t1","message":"m","code":"SUCCESS","data":{
		"detectionResult":"r","livenessScore":1.5,"attackType":"1","attackSubType":"mask","auditImageUrl":"a","imageFarUrl":"f",
		"imageNearUrl":"n","farImageTime":1,"nearImageTime":2,"sdkVersion":"3.4.2","platform":"ANDROID"}}`)
	want := &liveness.Envelope{
		Code: "SUCCESS", Message: "m", TransactionID: "t1", PricingStrategy: "PAY", Extra: "why",
		Detection: &liveness.Detection{Documented: true,
			Score: ptr(1.5), AttackType: "1", AttackSubType: "mask", SDKVersion: "3.4.2", Platform: "ANDROID",
			ResultImage: "r", AuditImageURL: "a", FarImageURL: "f", NearImageURL: "n",
			FarImageTime: ptr(int64(1)), NearImageTime: ptr(int64(2)),
		},
	}
	if !reflect.DeepEqual(e, want) {
		t.Errorf(" got %s\nwant %s", asJSON(t, e), asJSON(t, want))
	}
}

func TestDecodeLenient(t *testing.T) {
	tests := []struct {
		name, body string
		want       liveness.Envelope
	}{
		{"code alone", `{"code":"X"}`, liveness.Envelope{Code: "X"}},
		{"space around", "\r\n {\"code\" : \" X \"}\t\n", liveness.Envelope{Code: "X"}},
		{"byte order mark", "\xef\xbb\xbf{\"code\":\"X\"}", liveness.Envelope{Code: "X", Repairs: []string{"byte order mark"}}},
		{"escapes", `{"\u0063ode":"SUCC\u0045SS","message":"\"\ud83d\ude00\"\n"}`, liveness.Envelope{Code: "SUCCESS", Message: "\"\U0001F600\"\n"}},
		{"invalid UTF-8", "{\"code\":\"X\",\"message\":\"a\xffb\"}", liveness.Envelope{Code: "X", Message: "a\uFFFDb"}},
		{"message as number", `{"code":"X","message":12.50}`, liveness.Envelope{Code: "X", Message: "12.50", Repairs: []string{"message as number"}}},
		{"transaction as number", `{"code":"X","transactionId":6817604601234000}`, liveness.Envelope{Code: "X", TransactionID: "6817604601234000", Repairs: []string{"transactionId as number"}}},
		{"pricing null", `{"code":"X","pricingStrategy":null}`, liveness.Envelope{Code: "X"}},
		{"pricing as bool", `{"code":"X","pricingStrategy":false}`, liveness.Envelope{Code: "X", PricingStrategy: "false", Repairs: []string{"pricingStrategy as bool"}}},
		{"extra as object", `{"code":"X","extra":{"a":[1]}}`, liveness.Envelope{Code: "X", Extra: `{"a":[1]}`, Repairs: []string{"extra as object"}}},
		{"data as string", `{"code":"X","data":"none"}`, liveness.Envelope{Code: "X", Repairs: []string{"data as string"}}},
		{"data as array", `{"code":"X","data":[{"livenessScore":1}]}`, liveness.Envelope{Code: "X", Repairs: []string{"data as array"}}},
		{"data empty", `{"code":"X","data":{}}`, liveness.Envelope{Code: "X", Detection: &liveness.Detection{}}},
		{"unknown fields", `{"z":1,"code":"X","data":{"deviceRisk":{"code":"Y"},"b":null},"a":[{"code":"Z"}]}`, liveness.Envelope{
			Code: "X", Detection: &liveness.Detection{}, Unknown: []string{"a", "data.b", "data.deviceRisk", "z"},
		}},
		{"same code twice", `{"code":"X","code":"X"}`, liveness.Envelope{Code: "X", Repairs: []string{"code repeated"}}},
		{"field names differ in case", `{"code":"X","Message":"a"}`, liveness.Envelope{Code: "X", Unknown: []string{"Message"}}},
	}
	for _, tt := range tests {
		got := decode(t, tt.body)
		got.Types, got.Shape = nil, "" // have tests of their own
		if !reflect.DeepEqual(*got, tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, asJSON(t, got), asJSON(t, tt.want))
		}
	}
}

func TestDecodeBounds(t *testing.T) {
	var fields strings.Builder
	for i := range 40 {
		fields.WriteString(`,"unknown` + strings.Repeat("x", 100+i%2) + string(rune('a'+i%26)) + asJSON(t, i) + `":1`)
	}
	var many strings.Builder
	for i := range 40 {
		many.WriteString(`,"u` + asJSON(t, i) + `":1`)
	}
	e := decode(t, `{"code":"X","message":"a`+strings.Repeat("é", 2000)+`","transactionId":"`+strings.Repeat("a", 65)+`"`+many.String()+`}`)
	if len(e.Message) != 1023 || !strings.HasSuffix(e.Message, "é") {
		t.Errorf("message of %d bytes, want 1023: whole characters, at most 1024", len(e.Message))
	}
	if len(e.TransactionID) != 65 {
		t.Errorf("transaction ID of %d bytes, want it whole", len(e.TransactionID))
	}
	if want := []string{"message cut", "transactionId over 64 bytes"}; !slices.Equal(e.Repairs, want) {
		t.Errorf("oddities %q, want %q", e.Repairs, want)
	}
	if n := len(e.Unknown); n != 33 || e.Unknown[32] != "~ and 8 more" {
		t.Errorf("unknown fields: %d, last %q", n, e.Unknown[n-1])
	}
	long := decode(t, `{"code":"X"`+fields.String()+`}`)
	if len(long.Unknown) != 1 || len(long.Unknown[0]) != 64 {
		t.Errorf("long unknown fields: %q, want one path of 64 bytes", long.Unknown)
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"empty", "", "empty body"},
		{"space", " \n", "empty body"},
		{"HTML", "<html><body>502 Bad Gateway</body></html>", "not JSON"},
		{"truncated", `{"code":"SUCCESS","data":{"livenessScore":9`, "not JSON"},
		{"trailing garbage", `{"code":"SUCCESS"}<br>`, "not JSON"},
		{"two envelopes", `{"code":"SUCCESS"}{"code":"ERROR"}`, "not JSON"},
		{"array", `[{"code":"SUCCESS"}]`, "not a JSON object"},
		{"string", `"SUCCESS"`, "not a JSON object"},
		{"null", "null", "not a JSON object"},
		{"no code", `{"message":"OK"}`, `no "code"`},
		{"code elsewhere", `{"data":{"code":"SUCCESS"}}`, `no "code"`},
		{"code in another case", `{"Code":"SUCCESS"}`, `no "code"`},
		{"code empty", `{"code":""}`, `no "code"`},
		{"code blank", `{"code":"  "}`, `no "code"`},
		{"code null", `{"code":null}`, `"code" is a null`},
		{"code a number", `{"code":200}`, `"code" is a number`},
		{"code too long", `{"code":"` + strings.Repeat("A", 129) + `"}`, `"code" of 129 bytes`},
		{"two codes", `{"code":"SUCCESS","code":"ERROR"}`, `"code" twice`},
		{"a code and null", `{"code":"SUCCESS","code":null}`, `"code" twice`},
		{"a code, the same, and another", `{"code":"SUCCESS","code":"SUCCESS","code":"ERROR"}`, `"code" twice`},
		{"deeper than JSON readers go", `{"code":"X","extra":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + "}", "not JSON"},
	}
	for _, tt := range tests {
		e, err := liveness.DecodeEnvelope([]byte(tt.body))
		if err == nil {
			t.Errorf("%s: decoded %s, want error %q", tt.name, asJSON(t, e), tt.want)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %q, want %q", tt.name, err, tt.want)
		}
	}
}

// A transaction ID that is blank names nothing: it is none, or the first call that bears one would be every other's first.
func TestDecodeTransactionID(t *testing.T) {
	for value, want := range map[string]string{
		`"196eb0c777789e01"`: "196eb0c777789e01", `"  "`: "", `""`: "", `null`: "", `"\t\u00a0\n"`: "", `" a "`: " a ", `7`: "7",
	} {
		if e := decode(t, `{"code":"SUCCESS","transactionId":`+value+`}`); e.TransactionID != want {
			t.Errorf("%s is %q, want %q", value, e.TransactionID, want)
		}
	}
}
