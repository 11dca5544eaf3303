package page

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

// TestKeptColumns reads rows of every form alike, whichever way they are read.
func TestKeptColumns(t *testing.T) {
	words := []string{"", "a", "Camp-aign", `","`, `":"`, `"}`, `{"`, "\\", `"`, "é ß", " x ", "\n", "<&>", ",", ":", "\x00"}
	for _, name := range words {
		for _, value := range words {
			row := map[string]string{name: value, "Other": value + name}
			text, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for k, v := range row {
				want[Folded(k)] = strings.TrimSpace(v)
			}
			if got := KeptColumns(text); !maps.Equal(got, want) {
				t.Errorf("%s: %q, want %q", text, got, want)
			}
		}
	}
	for _, text := range []string{"", "{}", "[]", `{"a":1}`, `{"a"}`, `{"`, `"}`, `{"}`, `{"a":"b","c"}`} {
		if got := KeptColumns([]byte(text)); len(got) > 0 {
			t.Errorf("%s: %q", text, got)
		}
	}
}
