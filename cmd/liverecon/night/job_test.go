package night

import (
	"testing"

	"liverecon/cmd/liverecon/config"
)

// TestConnections: what is not said is kept, and what is neither is a mistake with its line.
func TestConnections(t *testing.T) {
	for text, want := range map[string]bool{"": false, `connections = "kept"`: false, `connections = "one-call"`: true} {
		c, err := config.Parse("t", ".", []byte("lists = \"in\"\n[fetch]\n"+text+"\n[endpoint.sg]\n"))
		if err != nil || c.OneCall != want {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
	_, err := config.Parse("t", ".", []byte("lists = \"in\"\n[fetch]\nconnections = \"many\"\n[endpoint.sg]\n"))
	if err == nil || err.Error() != `t:3: fetch.connections: "many": want kept or one-call` {
		t.Errorf("%v", err)
	}
}
