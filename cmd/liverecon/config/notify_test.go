package config

import "testing"

func TestNotifyConfiguration(t *testing.T) {
	for text, want := range map[string]string{
		`ping_url = "http://hc-ping.com/x"`:         `t:2: notify.ping_url: want https; plain http goes to a loopback address only`,
		`ping_url_failure = "hc-ping.com/x"`:        `t:2: notify.ping_url_failure: is no URL`,
		`metrics_file = "liverecon.txt"`:            `t:2: notify.metrics_file: "liverecon.txt": node_exporter reads files whose names end in .prom`,
		`ping = "https://hc-ping.com/x"`:            `t:2: notify.ping: no such setting`,
		`ping_url = "https://hc-ping.com/x"`:        ``,
		`ping_url = "http://127.0.0.1:8000/ping/x"`: ``,
		`ping_url = "http://[::1]:8000/x"`:          ``,
		`ping_url = "http://localhost/x"`:           ``,
		`ping_url = ""`:                             ``,
	} {
		_, err := Parse("t", ".", []byte("[notify]\n"+text))
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
