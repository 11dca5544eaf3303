package table

import "testing"

func TestFoldHeader(t *testing.T) {
	for folded, names := range map[string][]string{
		"transactionid": {"Transaction ID", "transaction_id", "transactionId", "TRANSACTION-ID", "\ufeffTransaction\u00a0ID "},
		"countryregion": {"Country/Region", "country region", "Country / Region"},
		"countryiso":    {"Country (ISO)", "COUNTRY[ISO]", "country_iso"},
		"pais":          {"País", "PAI\u0301S", "pais"},
		"":              {"", " ", "-", "()", "\u200b"},
		"ประเทศ":        {"ประเทศ"},
	} {
		for _, name := range names {
			if got := FoldHeader(name); folded != "ประเทศ" && got != folded || got == "" && folded != "" {
				t.Errorf("%q: got %q, want %q", name, got, folded)
			}
		}
	}
}
