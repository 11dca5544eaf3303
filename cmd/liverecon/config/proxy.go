package config

import (
	"net/http"
	"net/url"

	"liverecon/batch/liveness"
)

// Proxy represents the way to the endpoints: none, what the environment says, or one for all.
type Proxy struct {
	setting string
	fixed   func(*url.URL) (*url.URL, error)
}

const (
	proxyNone        = "none"
	proxyEnvironment = "environment"
)

func readProxy(t *table) Proxy {
	p := Proxy{setting: t.text("proxy", proxyNone)}
	if p.setting == proxyNone || p.setting == proxyEnvironment {
		return p
	}
	var err error
	if p.fixed, err = liveness.FixedProxy(p.setting); err != nil {
		t.wrong("proxy", "%.60q: %v; or none, or environment", p.setting, err)
	}
	return p
}

// Of returns what chooses the proxy on the way to a URL; nil where there never is one.
func (p Proxy) Of() func(*url.URL) (*url.URL, error) {
	if p.setting == proxyEnvironment {
		return func(to *url.URL) (*url.URL, error) { return http.ProxyFromEnvironment(&http.Request{URL: to}) }
	}
	return p.fixed
}

// To names the proxy on the way to a URL without its password, and where it is set; "" where there is none.
func (p Proxy) To(text string) string {
	to, err := url.Parse(text)
	if err != nil || p.Of() == nil || to.Scheme != "https" {
		return ""
	}
	proxy, err := p.Of()(to)
	switch {
	case err != nil:
		return "none that can be used: " + err.Error()
	case proxy == nil:
		return ""
	case p.setting == proxyEnvironment:
		return proxy.Redacted() + ", as HTTPS_PROXY says"
	}
	return proxy.Redacted()
}
