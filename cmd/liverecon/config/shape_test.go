package config

import (
	"errors"
	"strings"
	"testing"
)

// A value of another shape than its setting wants is answered with what to type.
func TestShapesAreSpelledOut(t *testing.T) {
	const start = "lists = [\"lists\"]\n[endpoint.sg]\n"
	for text, want := range map[string]string{
		start + "[limits]\ndeadline = 06:00\n":                 `:4: limits.deadline: want a time of day in quotes, such as "06:00", not 06:00`,
		start + "[limits]\ndeadline = 06:00:00\n":              `:4: limits.deadline: want a time of day in quotes, such as "06:00", not 06:00:00`,
		start + "[limits]\ndeadline = 6\n":                     `:4: limits.deadline: want a time of day in quotes, such as "06:00", not 6`,
		start + "[limits]\nspend_per_run = 500\n":              `:4: limits.spend_per_run: want an amount and a currency in quotes, such as "500 USD", not 500`,
		start + "[limits]\nspend_per_day = 0.5\n":              `:4: limits.spend_per_day: want an amount and a currency in quotes, such as "500 USD", not 0.5`,
		start + "[limits]\nspend_per_month = [500, \"1 SGD\"]": `:4: limits.spend_per_month: want an amount and a currency in quotes, such as "500 USD", not 500`,
		start + "[limits]\nspend_per_run = \"500\"\n":          `:4: limits.spend_per_run: money "500": want an amount and a currency, such as "500 USD"`,
		"lists = [\"lists\"]\ntime_zone = 8\n[endpoint.sg]":    `:2: time_zone: want a time zone in quotes, such as "Asia/Singapore", not 8`,
		"lists = 2026-11-30\n[endpoint.sg]\n":                  `:1: lists: want a text in quotes, not 2026-11-30`,
		start + "access_key_file = 7\nsecret_key_file = \"s\"": `:3: endpoint.sg.access_key_file: want a text in quotes, not 7`,
		start + "[price]\nendpoint = \"sg\"\n":                 `:3: price: want a list of tables: write [[price]] in place of [price]`,
		start + "[price.sg]\nunit = \"0.035\"\n":               `:3: price: want a list of tables: write [[price]] in place of [price]`,
		start + "[[price]]\n[price.tiers]\nunit = \"1\"\n":     `:4: price[0].tiers: want a list of tables: write [[price.tiers]] in place of [price.tiers]`,
		start + "[[price]]\ntiers = { unit = \"1\" }\n":        `:4: price[0].tiers: want a list of tables: write tiers = [{ ... }] in place of { ... }`,
		start + "[contract]\n":                                 `:3: contract: want a list of tables: write [[contract]] in place of [contract]`,
		start + "[[limits]]\ndeadline = \"06:00\"\n":           `:3: limits: want a table: write [limits] in place of [[limits]]`,
		"lists = [\"lists\"]\n[[endpoint]]\nrate = 1\n":        `:2: endpoint: want a table each: write [endpoint.sg], by its name, in place of [[endpoint]]`,
		"lists = [\"lists\"]\n[endpoint]\nrate = 1\n":          `:3: endpoint.rate: want a table each: write [endpoint.sg], by its name, and its settings below`,
		"lists = [\"lists\"]\nendpoint = \"sg\"\n":             `:2: endpoint: want a table each: write [endpoint.sg], by its name, in place of the text "sg"`,
		"lists = [\"lists\"]\nlimits = 5\n[endpoint.sg]":       `:2: limits: want a table, not 5`,
	} {
		if _, err := Parse("c.toml", ".", []byte(text)); err == nil || !strings.Contains(err.Error()+"\n", "c.toml"+want+"\n") {
			t.Errorf("%q:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

// A setting that stands in the wrong table is told where it belongs.
func TestMisplacedSettings(t *testing.T) {
	const start = "lists = [\"lists\"]\n[endpoint.sg]\n"
	for text, want := range map[string]string{
		"lists = [\"lists\"]\ndeadline = \"06:00\"\n[endpoint.sg]\n": `:2: deadline: no such setting; it stands in [limits]`,
		start + "spend_per_run = \"500 USD\"\n":                      `:3: endpoint.sg.spend_per_run: no such setting; it stands in [limits]`,
		start + "price = 0.035\n":                                    `:3: endpoint.sg.price: no such setting; it stands apart, as [[price]]`,
		start + "[limits]\ntoken_url = \"x\"\n":                      `:4: limits.token_url: no such setting; it stands in [endpoint.NAME]`,
		start + "[limits]\nthreshold = 60\n":                         `:4: limits.threshold: no such setting; it stands in [score]`,
		start + "[limits]\nunit = \"0.1\"\n[[price]]\n":              `:4: limits.unit: no such setting; it stands in [[price]]`,
		start + "[limits]\nlists = \"x\"\n":                          `:4: limits.lists: no such setting; it stands before the first table`,
		start + "ratte = 10\n":                                       `:3: endpoint.sg.ratte: no such setting; is it "rate"?`,
		start + "[limits]\nsurprise = 1\n":                           `:4: limits.surprise: no such setting`,
	} {
		if _, err := Parse("c.toml", ".", []byte(text)); err == nil || !strings.Contains(err.Error()+"\n", "c.toml"+want+"\n") {
			t.Errorf("%q:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

// A host that is not allowed comes with the line that allows it.
func TestHostsComeWithTheirLine(t *testing.T) {
	const start = "lists = [\"lists\"]\n[endpoint.reseller]\nregions = [\"VN\"]\n"
	for text, want := range map[string]string{
		"url = \"https://a.example/r\"\ntoken_url = \"https://a.example/t\"\n": `host "a.example" is neither in the catalogue nor an allowed host: write ` +
			`allowed_hosts = ["a.example"] below [endpoint.reseller], if it may have the keys`,
		"url = \"https://a.example:8443/r\"\ntoken_url = \"https://b.example/t\"\n": `allowed_hosts = ["a.example:8443", "b.example"]`,
		"url = \"https://a.example/r\"\ntoken_url = \"https://b.example/t\"\nallowed_hosts = [\"a.example\"]\n": `token URL: host "b.example" is neither in the catalogue nor ` +
			`an allowed host: write allowed_hosts = ["a.example", "b.example"]`,
		"url = \"https://api.advance.ai/r\"\ntoken_url = \"https://sg-api.advance.ai/t\"\n": `host "sg-api.advance.ai" is neither the result URL's "api.advance.ai" nor an allowed ` +
			`host: write allowed_hosts = ["sg-api.advance.ai"]`,
		"url = \"https://a.example/r\"\ntoken_url = \"https://a.example/t\"\nallowed_hosts = [\"https://a.example\"]\n": `endpoint.reseller.allowed_hosts: "https://a.example": want a host ` +
			`alone, such as "a.example"`,
		"url = \"https://a.example/r\"\ntoken_url = \"https://a.example/t\"\nallowed_hosts = [\"a.example/r\"]\n": `endpoint.reseller.allowed_hosts: "a.example/r": want a host alone, such as "a.example"`,
	} {
		_, err := Parse("c.toml", ".", []byte(start+text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\ngot  %v\nwant %s", text, err, want)
		}
	}
	// What is refused for another reason gets no such line, and a secret in a URL is not repeated.
	_, err := Parse("c.toml", ".", []byte(start+"url = \"https://u:hunter2@a.example/r\"\ntoken_url = \"http://b.example/t?k=hunter2\"\n"))
	if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "allowed_hosts") {
		t.Errorf("got %v", err)
	}
}

// What is no TOML is answered with its line and how values are written.
func TestSyntaxHints(t *testing.T) {
	for _, text := range []string{"[limits]\nspend_per_month = 500 USD\n", "[limits]\ndeadline = 6am\n", "signatureId\nc01dface5eedf001\n"} {
		_, err := Parse("c.toml", ".", []byte(text))
		var e *Error
		if flat := Flatten(err); len(flat) != 1 || !errors.As(flat[0], &e) || !strings.Contains(e.Hint, `key = "text in quotes"`) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A URL in a place of its own or in a wrong one is not repeated: it may hold a secret.
func TestNoURLIsRepeated(t *testing.T) {
	for _, text := range []string{"[deliver.x]\nwebhook = \"https://h.example/hunter2\"\n", "[deliver]\nx = \"https://h.example/hunter2\"\n",
		"[[deliver]]\nx = \"https://h.example/hunter2\"\n", "[export]\ns3 = \"https://hunter2@h.example\"\n", "[limits]\ncalls_per_run = \"https://h.example/hunter2\"\n",
		"[mail]\nhost = \"smtp://u:hunter2@mail.example:25\"\nfrom = \"a@example.com\"\n"} {
		_, err := Parse("c.toml", ".", []byte("lists = [\"lists\"]\n[endpoint.sg]\n"+text))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestMailHostIsAName(t *testing.T) {
	for _, host := range []string{"mail.example:25", "smtp://mail.example", "user@mail.example"} {
		_, err := Parse("c.toml", ".", []byte("lists = [\"lists\"]\n[endpoint.sg]\n[mail]\nfrom = \"a@example.com\"\nhost = \""+host+"\"\n"))
		if err == nil || !strings.Contains(err.Error(), "mail.host: want the name of the server alone: its port is the setting port") {
			t.Errorf("%s: %v", host, err)
		}
	}
}
