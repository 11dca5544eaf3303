package liveness

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Endpoint describes one of the vendor's hosts with the path of its result call. The
// URLs are data: resellers put proxies in front of the vendor, so a caller may
// replace either of them before [NewClient].
type Endpoint struct {
	Name           string // the name in configuration and reports, for example "id"
	Country        string // ISO 3166 alpha-2 of the endpoint's market
	ResultURL      string // POST: the detection result of one ID
	TokenURL       string // POST: an access token for the result call
	RegionRequired bool   // the request must carry the end user's region
}

// tokenPath holds the path of the token call, without a country prefix on any of the vendor's hosts.
const tokenPath = "/openapi/auth/ticket/v1/generate-token"

// Catalogue returns the vendor's eight endpoints in the order of its page.
func Catalogue() []Endpoint {
	entry := func(name, country, host, path string, regionRequired bool) Endpoint {
		return Endpoint{name, country, "https://" + host + path, "https://" + host + tokenPath, regionRequired}
	}
	return []Endpoint{
		entry("id", "ID", "api.advance.ai", "/openapi/liveness/v3/detection-result", false),
		entry("sg", "SG", "sg-api.advance.ai", "/intl/openapi/face-identity/v1/liveness-detection", true),
		entry("my", "MY", "my-api.advance.ai", "/my/openapi/face-identity/v1/liveness-detection", false),
		entry("th", "TH", "th-api.advance.ai", "/th/openapi/face-identity/v1/liveness-detection", false),
		entry("ph", "PH", "ph-api.advance.ai", "/ph/openapi/face-identity/v1/liveness-detection", false),
		entry("mx", "MX", "mex-api.advance.ai", "/mex/openapi/face-identity/v1/liveness-detection", false),
		entry("co", "CO", "col-api.advance.ai", "/col/openapi/face-identity/v1/liveness-detection", false),
		entry("ng", "NG", "nga-api.advance.ai", "/nga/openapi/face-identity/v1/liveness-detection", false),
	}
}

// Lookup returns the catalogue's endpoint of that name, exactly as spelled.
func Lookup(name string) (Endpoint, bool) {
	all := Catalogue()
	i := slices.IndexFunc(all, func(e Endpoint) bool { return e.Name == name })
	if i < 0 {
		return Endpoint{}, false
	}
	return all[i], true
}

// Check reports whether credentials may be sent to the endpoint's URLs: https
// to a host of the catalogue or of allowedHosts ("host" or "host:port"), or
// plain http to a loopback address; no user information and no fragment. The
// token URL must share the result URL's host, port included, unless its own
// host is in allowedHosts. The error names the URL's role and host only, since
// a configured URL can hold a password or a key.
func (e Endpoint) Check(allowedHosts []string) error {
	result, err := checkURL(e.ResultURL, allowedHosts)
	if err != nil {
		return fmt.Errorf("endpoint %s: result URL: %w", e.Name, err)
	}
	token, err := checkURL(e.TokenURL, allowedHosts)
	if err != nil {
		return fmt.Errorf("endpoint %s: token URL: %w", e.Name, err)
	}
	if !strings.EqualFold(token.Host, result.Host) && !hostIn(token, allowedHosts) {
		return fmt.Errorf("endpoint %s: token URL: %w", e.Name,
			&HostError{token.Host, fmt.Sprintf("the result URL's %q", result.Host)})
	}
	return nil
}

// HostError reports a host that would have to be allowed by name.
type HostError struct {
	Host  string // with the port, where the URL has one
	known string // where hosts stand that need not
}

func (e *HostError) Error() string {
	return fmt.Sprintf("host %q is neither %s nor an allowed host", e.Host, e.known)
}

func checkURL(raw string, allowedHosts []string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// url.Parse quotes the whole URL in its error, and with it any password.
		return nil, errors.New("not a URL")
	}
	switch {
	case u.Hostname() == "":
		return nil, errors.New("no host")
	case u.User != nil:
		return nil, fmt.Errorf("host %q: user information in the URL", u.Host)
	case u.Fragment != "":
		return nil, fmt.Errorf("host %q: fragment in the URL", u.Host)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("host %q: plain http to a host that is not loopback", u.Host)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("host %q: scheme is not https", u.Host)
	case u.Scheme == "https" && !hostIn(u, catalogueHosts()) && !hostIn(u, allowedHosts):
		return nil, &HostError{u.Host, "in the catalogue"}
	}
	return u, nil
}

// catalogueHosts returns the vendor's hosts with the https port, so that no
// other port of theirs is taken for the vendor's service.
func catalogueHosts() []string {
	var hosts []string
	for _, e := range Catalogue() {
		host, _, _ := strings.Cut(strings.TrimPrefix(e.ResultURL, "https://"), "/")
		hosts = append(hosts, host+":443")
	}
	return hosts
}

// hostIn reports whether the URL's host is in the list: an entry with a port
// admits that port alone, an entry without admits any.
func hostIn(u *url.URL, hosts []string) bool {
	port := u.Port()
	if port == "" {
		port = "443"
	}
	withPort := net.JoinHostPort(u.Hostname(), port)
	return slices.ContainsFunc(hosts, func(h string) bool {
		return strings.EqualFold(h, u.Hostname()) || strings.EqualFold(h, withPort)
	})
}

// isLoopback accepts a literal loopback address or the name localhost. Other
// names are not resolved: what they resolve to may change after the check.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}
