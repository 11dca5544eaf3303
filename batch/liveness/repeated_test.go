package liveness_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"liverecon/batch/liveness"
)

// An answer in which a field comes twice: where both say the same nothing else changes; where they don't, nobody knows
// which one holds.
func TestDecodeRepeated(t *testing.T) {
	detected := func(d liveness.Detection) *liveness.Detection {
		d.Documented = true
		return &d
	}
	two := func(d liveness.Detection) *liveness.Detection {
		d.Contradicted = true
		return detected(d)
	}
	for _, c := range []struct {
		body  string
		want  liveness.Envelope
		notes string // Repairs, and Types
	}{
		{`{"code":"X","code":" X "}`, liveness.Envelope{}, "code repeated"},
		{`{"code":"X","message":"a","message":"a"}`, liveness.Envelope{Message: "a"}, "message repeated"},
		{`{"code":"X","message":"a","message":"b"}`, liveness.Envelope{}, "message repeated, message with two values"},
		{`{"code":"X","message":"a","m\u0065ssage":"b"}`, liveness.Envelope{}, "message repeated, message with two values"},
		{`{"code":"X","extra":{"a":1},"extra":{"a":2}}`, liveness.Envelope{}, "extra as object, extra repeated, extra with two values"},
		{`{"code":"X","transactionId":"a","transactionId":"a"}`, liveness.Envelope{TransactionID: "a"}, "transactionId repeated"},
		{`{"code":"X","transactionId":"a","transactionId":"b"}`, liveness.Envelope{}, "transactionId repeated, transactionId with two values"},
		{`{"code":"X","transactionId":null,"transactionId":"b"}`, liveness.Envelope{}, "transactionId repeated, transactionId with two values"},
		{`{"code":"X","transactionId":"a","transactionId":"b","transactionId":"a"}`, liveness.Envelope{}, "transactionId repeated, transactionId with two values"},
		{`{"code":"X","pricingStrategy":"PAY","pricingStrategy":"PAY"}`, liveness.Envelope{PricingStrategy: "PAY"}, "pricingStrategy repeated"},
		{`{"code":"X","pricingStrategy":"PAY","pricingStrategy":"FREE"}`, liveness.Envelope{PricingStrategy: "PAY, then FREE"}, "pricingStrategy repeated, pricingStrategy with two values"},
		{`{"code":"X","pricingStrategy":null,"pricingStrategy":"FREE"}`, liveness.Envelope{PricingStrategy: "null, then FREE"}, "pricingStrategy repeated, pricingStrategy with two values"},

		{`{"code":"X","data":{"livenessScore":50,"livenessScore":50.0}}`, liveness.Envelope{Detection: detected(liveness.Detection{Score: ptr(50.0)})}, "livenessScore repeated"},
		{`{"code":"X","data":{"livenessScore":50,"livenessScore":"5e1"}}`, liveness.Envelope{Detection: detected(liveness.Detection{Score: ptr(50.0)})}, "livenessScore repeated"},
		{`{"code":"X","data":{"livenessScore":null,"livenessScore":null}}`, liveness.Envelope{Detection: detected(liveness.Detection{})}, "livenessScore repeated"},
		{`{"code":"X","data":{"livenessScore":80,"livenessScore":20}}`, liveness.Envelope{Detection: two(liveness.Detection{ScoreText: "80, then 20", Unusable: true})}, "livenessScore repeated, livenessScore with two values"},
		{`{"code":"X","data":{"livenessScore":80,"livenessScore":-80}}`, liveness.Envelope{Detection: two(liveness.Detection{ScoreText: "80, then -80", Unusable: true})}, "livenessScore repeated, livenessScore with two values"},
		{`{"code":"X","data":{"livenessScore":null,"livenessScore":20}}`, liveness.Envelope{Detection: two(liveness.Detection{ScoreText: "null, then 20", Unusable: true})}, "livenessScore repeated, livenessScore with two values"},
		{`{"code":"X","data":{"livenessScore":49.99999999999999999,"livenessScore":49.99999999999999998}}`, liveness.Envelope{Detection: two(liveness.Detection{ScoreText: "49.99999999999999999, then 49.99999999999999998", Unusable: true})}, "livenessScore repeated, livenessScore with two values"},
		{`{"code":"X","data":{"livenessScore":80,"attackType":"1","attackType":1}}`, liveness.Envelope{Detection: detected(liveness.Detection{Score: ptr(80.0), AttackType: "1"})}, "attackType repeated"},
		{`{"code":"X","data":{"livenessScore":8,"attackType":"1","attackType":"2"}}`, liveness.Envelope{Detection: two(liveness.Detection{Score: ptr(8.0)})}, "attackType repeated, attackType with two values"},
		{`{"code":"X","data":{"farImageTime":1,"farImageTime":2,"nearImageTime":3,"nearImageTime":"3"}}`, liveness.Envelope{Detection: two(liveness.Detection{NearImageTime: ptr(int64(3))})}, "farImageTime repeated, farImageTime with two values, nearImageTime repeated"},

		{`{"code":"X","data":null,"data":null}`, liveness.Envelope{}, "data repeated"},
		{`{"code":"X","data":{"livenessScore":80,"platform":"a"},"data":{"platform":"a","livenessScore":80.0}}`, liveness.Envelope{Detection: detected(liveness.Detection{Score: ptr(80.0), Platform: "a"})}, "data repeated"},
		{`{"code":"X","data":{"livenessScore":80,"detectionResult":"a"},"data":{"livenessScore":80,"detectionResult":"b"}}`, liveness.Envelope{Detection: two(liveness.Detection{Score: ptr(80.0)})}, "data repeated, detectionResult with two values"},
		{`{"code":"X","data":{"livenessScore":80},"data":{"attackType":null}}`, liveness.Envelope{Detection: two(liveness.Detection{ScoreText: "80, then null", Unusable: true})}, "data repeated, livenessScore with two values"},
		{`{"code":"X","data":{"livenessScore":80},"data":null}`, liveness.Envelope{Detection: two(liveness.Detection{ScoreText: "80, then null", Unusable: true})}, "data repeated, livenessScore with two values"},
		{`{"code":"X","data":"","data":{"livenessScore":80}}`, liveness.Envelope{Detection: two(liveness.Detection{ScoreText: "80, then null", Unusable: true})}, "data as string, data repeated, livenessScore with two values"},
		{`{"code":"X","data":{"livenessScore":80,"livenessScore":20},"data":{"livenessScore":20}}`, liveness.Envelope{Detection: two(liveness.Detection{ScoreText: "80, then 20", Unusable: true})}, "data repeated, livenessScore repeated, livenessScore with two values"},
		{`{"code":"X","data":{"deviceRisk":1},"data":{"deviceRisk":2}}`, liveness.Envelope{Detection: &liveness.Detection{}, Unknown: []string{"data.deviceRisk"}}, "data repeated"},
	} {
		got := decode(t, c.body)
		slices.Sort(got.Repairs)
		if notes := strings.Join(got.Repairs, ", "); notes != c.notes {
			t.Errorf("%s: notes %s", c.body, notes)
		}
		for _, note := range got.Repairs {
			if !strings.Contains(note, " as ") && !slices.Contains(got.Types, note) {
				t.Errorf("%s: %s is no change of the API", c.body, note)
			}
		}
		c.want.Code, got.Repairs, got.Types, got.Shape = "X", nil, nil, ""
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.body, asJSON(t, got), asJSON(t, c.want))
		}
	}
}

// Whatever comes twice and in whatever order, what is believed is what the answer says every time that it says it.
func TestRepeatedSayOneThing(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 1))
	values := []string{"null", "1", "1.0", `"1"`, "2", `"2"`}
	same := map[string]string{"null": "", "1": "1", "1.0": "1", `"1"`: "1", "2": "2", `"2"`: "2"}
	for range 3000 {
		said := map[string]map[string]bool{} // by field
		note := func(field, value string) {
			if said[field] == nil {
				said[field] = map[string]bool{}
			}
			said[field][value] = true
		}
		fields := []string{"livenessScore", "attackType", "farImageTime"}
		top := []string{`"code":"SUCCESS"`}
		for range 1 + r.IntN(2) {
			var members []string
			had := map[string]bool{}
			for range r.IntN(5) {
				field, value := fields[r.IntN(3)], values[r.IntN(len(values))]
				members = append(members, fmt.Sprintf("%q:%s", field, value))
				note(field, same[value])
				had[field] = true
			}
			for _, field := range fields {
				if !had[field] {
					note(field, "")
				}
			}
			top = append(top, `"data":{`+strings.Join(members, ",")+"}")
		}
		for range r.IntN(3) {
			value := values[r.IntN(len(values))]
			top = append(top, `"transactionId":`+value)
			note("transactionId", same[value])
		}
		r.Shuffle(len(top), func(i, j int) { top[i], top[j] = top[j], top[i] })
		body := "{" + strings.Join(top, ",") + "}"
		e := decode(t, body)
		one := func(field string) string {
			if len(said[field]) != 1 {
				return ""
			}
			for value := range said[field] {
				return value
			}
			return ""
		}
		d := e.Detection
		score, _ := json.Marshal(d.Score)
		far, _ := json.Marshal(d.FarImageTime)
		text := func(field string) string {
			if one(field) == "" {
				return "null"
			}
			return one(field)
		}
		transaction := strings.TrimSuffix(e.TransactionID, ".0")
		if string(score) != text("livenessScore") || string(far) != text("farImageTime") || d.AttackType != one("attackType") ||
			transaction != one("transactionId") || d.Unusable != (len(said["livenessScore"]) > 1) {
			t.Fatalf("%s: %s", body, asJSON(t, e))
		}
	}
}
