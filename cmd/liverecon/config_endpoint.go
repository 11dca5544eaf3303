package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"liverecon/batch/list"
	"liverecon/batch/liveness"
)

// endpointName is what an endpoint may be called: it becomes part of a variable's name (LIVERECON_<ENDPOINT>_ACCESS_KEY).
var endpointName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,30}$`)

// defaultRate is far under what any vendor of this kind allows; the true limit is in the contract.
const defaultRate = 10

func (c *config) readEndpoints(t *table) {
	taken := map[string]string{} // region -> endpoint
	for _, name := range slices.Sorted(maps.Keys(t.values)) {
		e := c.readEndpoint(t.table(name), name)
		for _, r := range e.regions {
			if other, twice := taken[r]; twice {
				t.wrong(name+".regions", "region %s goes to endpoint %s already", r, other)
			}
			taken[r] = name
		}
		c.endpoints = append(c.endpoints, e)
	}
	slices.SortFunc(c.endpoints, func(a, b endpointConfig) int { return t.doc.lineOf(t.key(a.Name)) - t.doc.lineOf(t.key(b.Name)) })
}

func (c *config) readEndpoint(t *table, name string) endpointConfig {
	known, inCatalogue := liveness.Lookup(name)
	if !inCatalogue {
		// Elsewhere than at the vendor's own hosts the region can do no harm, and one that serves many countries needs it.
		known = liveness.Endpoint{Name: name, RegionRequired: true}
	}
	e := endpointConfig{Endpoint: known}
	e.ResultURL = t.text("url", known.ResultURL)
	e.TokenURL = t.text("token_url", known.TokenURL)
	e.allowedHosts = t.texts("allowed_hosts")
	e.rate = t.number("rate", defaultRate, 0.1, 100_000)
	e.concurrency = int(t.count("concurrency", 0, 1, 10_000))
	e.regions = readRegions(t, known.Country)
	e.accessKey, e.secretKey = c.keyFile(t, "access_key_file"), c.keyFile(t, "secret_key_file")
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

func (c *config) keyFile(t *table, name string) string {
	if file := t.text(name, ""); file != "" {
		return c.path(file)
	}
	return ""
}

func (e *endpointConfig) verify(t *table, inCatalogue bool) {
	switch {
	case !endpointName.MatchString(e.Name):
		t.doc.wrong(t.path, "an endpoint's name has small letters, digits, - and _, and begins with a letter")
	case !inCatalogue && (e.ResultURL == "" || e.TokenURL == ""):
		t.doc.wrong(t.path, "is not in the catalogue (%s): give its url and token_url", strings.Join(catalogueNames(), ", "))
	default:
		if err := e.Check(e.allowedHosts); err != nil {
			t.wrong("url", "%v", err)
		}
	}
}

func catalogueNames() []string {
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

// route finds the endpoint of a region.
func (c *config) route(region string) (endpoint string, ok bool) {
	routes := c.routes()
	if endpoint, ok = routes[region]; !ok {
		endpoint, ok = routes["*"]
	}
	return endpoint, ok
}

// routes maps each region, and "*", to its endpoint.
func (c *config) routes() map[string]string {
	routes := map[string]string{}
	for _, e := range c.endpoints {
		for _, r := range e.regions {
			routes[r] = e.Name
		}
	}
	return routes
}
