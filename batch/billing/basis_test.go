package billing

import (
	"strings"
	"testing"
)

func TestParseTag(t *testing.T) {
	for in, want := range map[string]Tag{
		"PAY": Pay, " pay\n": Pay, "Free": Free, "FREE": Free,
		"": Unknown, "PAID": Unknown, "PAYFREE": Unknown, "F R E E": Unknown, "null": Unknown, "unknown": Unknown,
	} {
		if got := ParseTag(in); got != want {
			t.Errorf("ParseTag(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestParseReading(t *testing.T) {
	for _, want := range []Basis{PayTag, Success, DistinctID, Transaction, EveryCall} {
		if got, err := ParseBasis(string(want)); err != nil || got != want {
			t.Errorf("ParseReading(%q) = %q, %v", want, got, err)
		}
	}
	for _, in := range []string{"", "PAY-TAG", "pay", " pay-tag"} {
		if got, err := ParseBasis(in); err == nil || !strings.Contains(err.Error(), "distinct-id") {
			t.Errorf("ParseReading(%q) = %q, %v", in, got, err)
		}
	}
}
