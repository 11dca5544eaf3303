package hint

import "testing"

// A command in a hint can be typed as it stands, also where another configuration was given.
func TestTyped(t *testing.T) {
	for _, c := range []struct{ text, file, want string }{
		{"`liverecon restored` goes on", "", "`liverecon restored` goes on"},
		{"`liverecon restored` goes on", "prod.toml", "`liverecon restored --config prod.toml` goes on"},
		{"type `liverecon init --new` first", "a b.toml", "type `liverecon init --new --config 'a b.toml'` first"},
		{"`liverecon run --again suspect=2` or `liverecon plan`", "p.toml",
			"`liverecon run --again suspect=2 --config p.toml` or `liverecon plan --config p.toml`"},
		{"`liverecon init` writes one, `liverecon version` tells", "p.toml", "`liverecon init` writes one, `liverecon version` tells"},
		{"`liverecon run --config x.toml`, `liverecon run --simulate`", "p.toml", "`liverecon run --config x.toml`, `liverecon run --simulate`"},
		{"`fuser -v l.db` shows", "p.toml", "`fuser -v l.db` shows"},
	} {
		if got := Typed(c.text, c.file); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.text, c.file, got, c.want)
		}
	}
}
