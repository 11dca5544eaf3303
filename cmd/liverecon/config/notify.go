package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
)

// Notify describes who is told how a run went: a file for Prometheus, and URLs that are asked for. "" is nobody.
type Notify struct {
	MetricsFile string
	PingURL     string
	PingFailure string // where a failure goes to, if not to PingURL with /fail
}

func readNotify(c *Config, t *table) {
	if file := t.text("metrics_file", ""); file != "" {
		if filepath.Ext(file) != ".prom" {
			t.wrong("metrics_file", "%.80q: node_exporter reads files whose names end in .prom", file)
		}
		c.Notify.MetricsFile = pathFrom(c.Base, file)
	}
	c.Notify.PingURL = readPingURL(t, "ping_url")
	c.Notify.PingFailure = readPingURL(t, "ping_url_failure")
	t.refuseUnknown()
}

// readPingURL reads a URL that a monitor watches. It is a secret of a kind: who knows it can say that all is well.
func readPingURL(t *table, name string) string {
	text := t.text(name, "")
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		t.wrong(name, "is no URL")
		return ""
	case isPrivate(u):
		return text
	}
	t.wrong(name, "want https; plain http goes to a loopback address only")
	return ""
}

// isPrivate reports whether nobody on the way reads what is sent to a URL.
func isPrivate(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// PingURLs returns the URLs for the start, the success and the failure of a run, "" where nothing is asked for.
func (n Notify) PingURLs() (start, success, failure string) {
	failure = n.PingFailure
	if n.PingURL == "" {
		return "", "", failure
	}
	if failure == "" {
		failure = withSuffix(n.PingURL, "fail")
	}
	return withSuffix(n.PingURL, "start"), n.PingURL, failure
}

// withSuffix adds a segment to a URL's path, in front of its query.
func withSuffix(text, segment string) string {
	path, query, asked := strings.Cut(text, "?")
	path = strings.TrimSuffix(path, "/") + "/" + segment
	if asked {
		return fmt.Sprintf("%s?%s", path, query)
	}
	return path
}
