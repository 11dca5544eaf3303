package apichange_test

import (
	"slices"
	"strings"
	"testing"

	"liverecon/batch/apichange"
	"liverecon/batch/liveness"
	"liverecon/store/apichanges"
)

func TestIn(t *testing.T) {
	const id = "f302f5d2454a85c2"
	detection := func(change func(*liveness.Detection)) *liveness.Envelope {
		e := &liveness.Envelope{Code: "SUCCESS", PricingStrategy: "PAY", Detection: &liveness.Detection{AttackType: "1"}}
		change(e.Detection)
		return e
	}
	long := strings.Repeat("ä", 500)
	tests := []struct {
		name string
		e    *liveness.Envelope
		want []apichanges.Change
	}{
		{"as documented", detection(func(*liveness.Detection) {}), nil},
		{"a code of a sister page", &liveness.Envelope{Code: "SERVICE_BUSY", PricingStrategy: "FREE"}, nil},
		{"another code for absent", &liveness.Envelope{Code: "SIGNATURE_ID_NOT_EXIST", PricingStrategy: "FREE"}, []apichanges.Change{{Kind: apichanges.Code, Value: "SIGNATURE_ID_NOT_EXIST"}}},
		{"a configured code", &liveness.Envelope{Code: "KNOWN_TO_US", PricingStrategy: "FREE"}, nil},
		{"no tag", &liveness.Envelope{Code: "ERROR"}, []apichanges.Change{{Kind: apichanges.Pricing, Value: "(none)"}}},
		{"a tag in small letters", &liveness.Envelope{Code: "ERROR", PricingStrategy: "free"}, []apichanges.Change{{Kind: apichanges.Pricing, Value: "free"}}},
		{"attack types", detection(func(d *liveness.Detection) { d.AttackType, d.AttackSubType = "4", "mask" }),
			[]apichanges.Change{{Kind: apichanges.AttackType, Value: "4"}, {Kind: apichanges.AttackSubType, Value: "mask"}}},
		{"the ID", detection(func(d *liveness.Detection) { d.AttackSubType = "of " + id }), []apichanges.Change{{Kind: apichanges.AttackSubType, Value: "of (the ID)"}}},
		{"a link", detection(func(d *liveness.Detection) { d.AttackSubType = "see https://h/x?Signature=y" }), []apichanges.Change{{Kind: apichanges.AttackSubType, Value: "(a link)"}}},
		{"unprintable", detection(func(d *liveness.Detection) { d.AttackSubType = "a\x1b[2J\nb" }), []apichanges.Change{{Kind: apichanges.AttackSubType, Value: "a?[2J?b"}}},
		{"long", detection(func(d *liveness.Detection) { d.AttackSubType = long }), []apichanges.Change{{Kind: apichanges.AttackSubType, Value: long[:240] + "…"}}},
		{"fields", &liveness.Envelope{Code: "ERROR", PricingStrategy: "FREE", Unknown: []string{"data.b", "traceId"}, Types: []string{"message number"}, Shape: "data without SUCCESS"},
			[]apichanges.Change{{Kind: apichanges.Field, Value: "data.b"}, {Kind: apichanges.Field, Value: "traceId"}, {Kind: apichanges.Type, Value: "message number"}, {Kind: apichanges.Shape, Value: "data without SUCCESS"}}},
	}
	for _, test := range tests {
		if got := apichange.In(test.e, liveness.Codes{"KNOWN_TO_US": liveness.Retry}, id); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
