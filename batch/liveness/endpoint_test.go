package liveness_test

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"liverecon/batch/liveness"
)

// The vendor's page, in its order, with the market of each host.
var catalogue = []struct{ name, country, url string }{
	{"id", "ID", "https://api.advance.ai/openapi/liveness/v3/detection-result"},
	{"sg", "SG", "https://sg-api.advance.ai/intl/openapi/face-identity/v1/liveness-detection"},
	{"my", "MY", "https://my-api.advance.ai/my/openapi/face-identity/v1/liveness-detection"},
	{"th", "TH", "https://th-api.advance.ai/th/openapi/face-identity/v1/liveness-detection"},
	{"ph", "PH", "https://ph-api.advance.ai/ph/openapi/face-identity/v1/liveness-detection"},
	{"mx", "MX", "https://mex-api.advance.ai/mex/openapi/face-identity/v1/liveness-detection"},
	{"co", "CO", "https://col-api.advance.ai/col/openapi/face-identity/v1/liveness-detection"},
	{"ng", "NG", "https://nga-api.advance.ai/nga/openapi/face-identity/v1/liveness-detection"},
}

func TestCatalogue(t *testing.T) {
	got := liveness.Catalogue()
	if len(got) != len(catalogue) {
		t.Fatalf("catalogue of %d endpoints, want %d", len(got), len(catalogue))
	}
	for i, want := range catalogue {
		e := got[i]
		if e.Name != want.name || e.Country != want.country || e.ResultURL != want.url {
			t.Errorf("endpoint %d = %+v, want %+v", i, e, want)
		}
		if e.RegionRequired != (e.Name == "sg") {
			t.Errorf("%s: RegionRequired = %v", e.Name, e.RegionRequired)
		}
		result, err := url.Parse(e.ResultURL)
		if err != nil {
			t.Fatal(err)
		}
		if token := "https://" + result.Host + "/openapi/auth/ticket/v1/generate-token"; e.TokenURL != token {
			t.Errorf("%s: TokenURL = %q, want %q", e.Name, e.TokenURL, token)
		}
		if err := e.Check(nil); err != nil {
			t.Errorf("Check: %v", err)
		}
		if found, ok := liveness.Lookup(e.Name); !ok || found != e {
			t.Errorf("Lookup(%q) = %+v, %v", e.Name, found, ok)
		}
	}
	if e, ok := liveness.Lookup("ID"); ok {
		t.Errorf("Lookup(ID) = %+v, want none", e)
	}
}

func TestCatalogueIsACopy(t *testing.T) {
	liveness.Catalogue()[0].ResultURL = "https://evil.example/"
	if e, _ := liveness.Lookup("id"); e.ResultURL != catalogue[0].url {
		t.Errorf("catalogue was changed through a copy: %q", e.ResultURL)
	}
}

func TestCheck(t *testing.T) {
	const result, token = "https://api.advance.ai/r", "https://api.advance.ai/t"
	tests := []struct {
		name          string
		result, token string
		allowed       []string
		want          string // part of the error, "" for none
	}{
		{"catalogue host", result, token, nil, ""},
		{"catalogue host, https port", "https://api.advance.ai:443/r", "https://api.advance.ai:443/t", nil, ""},
		{"catalogue host, upper case", "https://API.advance.ai/r", token, nil, ""},
		{"catalogue host, other port", "https://api.advance.ai:8443/r", "https://api.advance.ai:8443/t", nil, "neither in the catalogue"},
		{"lookalike", "https://api.advance.ai.evil.example/r", token, nil, "neither in the catalogue"},
		{"unknown host", "https://proxy.example/r", "https://proxy.example/t", nil, "neither in the catalogue"},
		{"allowed host", "https://proxy.example/r", "https://proxy.example/t", []string{"proxy.example"}, ""},
		{"allowed host, any port", "https://proxy.example:8443/r", "https://proxy.example:8443/t", []string{"Proxy.example"}, ""},
		{"allowed host and port", "https://proxy.example:8443/r", "https://proxy.example:8443/t", []string{"proxy.example:8443"}, ""},
		{"allowed host, another port", "https://proxy.example:9/r", "https://proxy.example:9/t", []string{"proxy.example:8443"}, "neither in the catalogue"},
		{"plain http", "http://api.advance.ai/r", token, nil, "plain http"},
		{"plain http to an allowed host", "http://proxy.example/r", "http://proxy.example/t", []string{"proxy.example"}, "plain http"},
		{"plain http, IPv4 loopback", "http://127.0.0.1:8080/r", "http://127.0.0.1:8080/t", nil, ""},
		{"plain http, IPv6 loopback", "http://[::1]:8080/r", "http://[::1]:8080/t", nil, ""},
		{"plain http, localhost", "http://localhost:8080/r", "http://localhost:8080/t", nil, ""},
		{"plain http, localhost lookalike", "http://localhost.example/r", "http://localhost.example/t", nil, "plain http"},
		{"plain http, private address", "http://10.0.0.1/r", "http://10.0.0.1/t", nil, "plain http"},
		{"https loopback", "https://127.0.0.1:1/r", "https://127.0.0.1:1/t", nil, "neither in the catalogue"},
		{"https loopback, allowed", "https://[::1]:8443/r", "https://[::1]:8443/t", []string{"[::1]:8443"}, ""},
		{"token on another catalogue host", result, "https://sg-api.advance.ai/t", nil, "neither the result URL's"},
		{"token on another, allowed host", result, "https://auth.example/t", []string{"auth.example"}, ""},
		{"token on another loopback port", "http://127.0.0.1:1/r", "http://127.0.0.1:2/t", nil, "neither the result URL's"},
		{"user information", "https://user:hunter2-secret@api.advance.ai/r", token, nil, "user information"},
		{"user information in the token URL", result, "https://hunter2-secret@api.advance.ai/t", nil, "user information"},
		{"fragment", result + "#x", token, nil, "fragment"},
		{"other scheme", "ftp://api.advance.ai/r", token, nil, "scheme"},
		{"no scheme", "api.advance.ai/r", token, nil, "no host"},
		{"empty", "", token, nil, "no host"},
		{"no token URL", result, "", nil, "token URL: no host"},
		{"unreadable", "https://user:hunter2-secret@api.advance.ai:port/", token, nil, "not a URL"},
	}
	for _, tt := range tests {
		e := liveness.Endpoint{Name: "x", ResultURL: tt.result, TokenURL: tt.token}
		err := e.Check(tt.allowed)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: error %q shows the password", tt.name, err)
		}
	}
}

// wireFile reads a body of the vendor's page.
func wireFile(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("../../testdata/wire/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
