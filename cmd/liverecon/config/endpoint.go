package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"liverecon/batch/list"
	"liverecon/batch/liveness"
)

// endpointName matches the names that an endpoint may have: they become part of a variable's name
// (LIVERECON_<ENDPOINT>_ACCESS_KEY).
var endpointName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,30}$`)

// defaultRate stays far under what any vendor of this kind allows; the true limit is in the contract.
const defaultRate = 10

func readEndpoints(c *Config, t *table) {
	taken := map[string]string{} // region -> endpoint
	for _, name := range slices.Sorted(maps.Keys(t.values)) {
		e := readEndpoint(c, t.table(name), name)
		for _, r := range e.regions {
			if other, twice := taken[r]; twice {
				t.wrong(name+".regions", "region %s goes to endpoint %s already", r, other)
			}
			taken[r] = name
		}
		c.Endpoints = append(c.Endpoints, e)
	}
	slices.SortFunc(c.Endpoints, func(a, b EndpointConfig) int {
		return t.Doc.lineOf(t.key(a.Name)) - t.Doc.lineOf(t.key(b.Name))
	})
}

func readEndpoint(c *Config, t *table, name string) EndpointConfig {
	known, inCatalogue := liveness.Lookup(name)
	if !inCatalogue {
		// Elsewhere than at the vendor's own hosts the region can do no harm, and one that serves many countries needs
		// it.
		known = liveness.Endpoint{Name: name, RegionRequired: true}
	}
	e := EndpointConfig{Endpoint: known}
	e.ResultURL = t.text("url", known.ResultURL)
	e.TokenURL = t.text("token_url", known.TokenURL)
	e.AllowedHosts = readHosts(t, "allowed_hosts")
	e.Rate = t.number("rate", defaultRate, 0.1, 100_000)
	e.Concurrency = int(t.count("concurrency", 0, 1, 10_000))
	e.regions = readRegions(t, known.Country)
	e.accessKey, e.secretKey = keyFile(c, t, "access_key_file"), keyFile(c, t, "secret_key_file")
	if (e.accessKey == "") != (e.secretKey == "") {
		t.wrong("access_key_file", "stands with secret_key_file or not at all")
	}
	e.verify(t, inCatalogue)
	for _, key := range []string{"access_key", "secret_key"} {
		if t.has(key) {
			t.wrong(key, "keys don't belong here: write it to a file of mode 0600 and name that as %s_file", key)
			t.value(key)
		}
	}
	t.refuseUnknown()
	return e
}

func keyFile(c *Config, t *table, name string) string {
	if file := t.text(name, ""); file != "" {
		return pathFrom(c.Base, file)
	}
	return ""
}

func (e *EndpointConfig) verify(t *table, inCatalogue bool) {
	switch {
	case !endpointName.MatchString(e.Name):
		t.Doc.wrong(t.path, "an endpoint's name has small letters, digits, - and _, and begins with a letter")
	case !inCatalogue && (e.ResultURL == "" || e.TokenURL == ""):
		t.Doc.wrong(t.path, "is not in the catalogue (%s): give its url and token_url",
			strings.Join(CatalogueNames(), ", "))
	default:
		if err := e.Check(e.AllowedHosts); err != nil {
			t.wrong("url", "%v%s", err, e.allowing(err))
		}
	}
}

// readHosts reads hosts, each as "host" or "host:port".
func readHosts(t *table, name string) []string {
	all := t.texts(name)
	for _, host := range all {
		if !strings.ContainsAny(host, "/@?# ") {
			continue
		}
		example := "reseller.example"
		if u, err := url.Parse(host); err == nil {
			first, _, _ := strings.Cut(u.Path, "/")
			example = cmp.Or(u.Host, first, example)
		}
		t.wrong(name, "%.80q: want a host alone, such as %q", host, example)
	}
	return all
}

// allowing returns the line that lets the keys go to hosts that are refused, "" where something else is wrong.
func (e *EndpointConfig) allowing(err error) string {
	var refused *liveness.HostError
	hosts := e.AllowedHosts
	for errors.As(err, &refused) && !slices.Contains(hosts, refused.Host) {
		hosts = append(slices.Clone(hosts), refused.Host)
		err = e.Check(hosts)
	}
	if len(hosts) == len(e.AllowedHosts) {
		return ""
	}
	return fmt.Sprintf(`: write allowed_hosts = ["%s"] below [endpoint.%s], if it may have the keys`,
		strings.Join(hosts, `", "`), e.Name)
}

// CatalogueNames returns the names of the endpoints that the vendor has.
func CatalogueNames() []string {
	var names []string
	for _, e := range liveness.Catalogue() {
		names = append(names, e.Name)
	}
	return names
}

// readRegions reads the regions that an endpoint answers for, its own country unless others are named.
func readRegions(t *table, country string) []string {
	given := t.texts("regions")
	if given == nil {
		if country == "" && !t.has("regions") {
			t.wrong("regions", `is missing: which countries go to this endpoint? "*" is all that no other one lists`)
			return nil
		}
		return []string{country}
	}
	var regions []string
	for _, text := range given {
		region, ok := list.ParseRegion(text)
		switch {
		case text == "*":
			region = text
		case !ok:
			t.wrong("regions", `%.40q is neither a country nor "*"`, text)
			continue
		}
		regions = append(regions, region)
	}
	return regions
}

// foldHeader makes header names comparable, as the reader of lists does.
func foldHeader(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
