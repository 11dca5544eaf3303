package config

import "testing"

func TestVersion(t *testing.T) {
	for _, c := range []struct{ archived, module, want string }{
		{"$Format:%(describe:tags=true)$\n", "(devel)", "development"},
		{"$Format:%(describe:tags=true)$\n", "", "development"},
		{"$Format:%(describe:tags=true)$\n", "v1.4.0", "1.4.0"},
		{"$Format:%(describe:tags=true)$\n", "v0.0.0-20261129223700-83718890a1b2+dirty", "0.0.0-20261129223700-83718890a1b2+dirty"},
		{"v1.4.0-3-g8371889\n", "(devel)", "1.4.0-3-g8371889"},
		{"v1.4.0\n", "v1.3.0", "1.4.0"},
		{"\n", "(devel)", "development"}, // of a repository without a tag
	} {
		if got := version(c.archived, c.module); got != c.want {
			t.Errorf("archive %q, module %q: %q, want %q", c.archived, c.module, got, c.want)
		}
	}
}
