package simulator

import (
	"net"
	"strings"
)

// endpoint describes one host of the vendor as its page prints it, with what the vendor knows about the market behind
// it.
type endpoint struct {
	name           string
	host           string
	path           string // of the result call
	country        string // ISO 3166 alpha-2, taken when a request names no region
	regionRequired bool
	price          string // list price of one charged call, decimal
}

// tokenPath holds the same on every host: it has no country prefix.
const tokenPath = "/openapi/auth/ticket/v1/generate-token"

var catalogue = []endpoint{
	{name: "id", host: "api.advance.ai", path: "/openapi/liveness/v3/detection-result", country: "ID", price: "0.030"},
	{name: "sg", host: "sg-api.advance.ai", path: "/intl/openapi/face-identity/v1/liveness-detection", country: "SG",
		regionRequired: true, price: "0.035"},
	{name: "my", host: "my-api.advance.ai", path: "/my/openapi/face-identity/v1/liveness-detection", country: "MY",
		price: "0.034"},
	{name: "th", host: "th-api.advance.ai", path: "/th/openapi/face-identity/v1/liveness-detection", country: "TH",
		price: "0.032"},
	{name: "ph", host: "ph-api.advance.ai", path: "/ph/openapi/face-identity/v1/liveness-detection", country: "PH",
		price: "0.031"},
	{name: "mx", host: "mex-api.advance.ai", path: "/mex/openapi/face-identity/v1/liveness-detection", country: "MX",
		price: "0.040"},
	{name: "co", host: "col-api.advance.ai", path: "/col/openapi/face-identity/v1/liveness-detection", country: "CO",
		price: "0.042"},
	{name: "ng", host: "nga-api.advance.ai", path: "/nga/openapi/face-identity/v1/liveness-detection", country: "NG",
		price: "0.045"},
}

func endpointNamed(name string) *endpoint {
	for i := range catalogue {
		if catalogue[i].name == name {
			return &catalogue[i]
		}
	}
	return nil
}

// locate finds the virtual host of a request and the path below it. A catalogue host speaks for itself; on any other
// host the first path segment names the endpoint. A nil endpoint means there is none.
func locate(hostport, path string) (*endpoint, string) {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	for i := range catalogue {
		if strings.EqualFold(catalogue[i].host, host) {
			return &catalogue[i], path
		}
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return endpointNamed(name), "/" + rest
}
