package simulator

import (
	"encoding/json"
	"mime"
	"strings"
)

// ask represents the content of a result call.
type ask struct {
	kind, id string
	region   string // "" if the request names none
	base64   bool
	bothIDs  bool
	wrong    string // the vendor's message about a parameter, "" if all are right
}

// readAsk reads the body of a result call as strictly as the vendor would: names are case-sensitive and IDs are
// strings.
func readAsk(ep *endpoint, contentType string, body []byte) ask {
	var m map[string]any
	if len(body) > maxRequest || json.Unmarshal(body, &m) != nil {
		return ask{wrong: "Parameter error, please check you input."}
	}
	a := ask{region: text(m["region"])}
	signature, liveness := text(m["signatureId"]), text(m["livenessId"])
	switch {
	case signature != "":
		a.kind, a.id, a.bothIDs = "signatureId", signature, liveness != ""
	case liveness != "":
		a.kind, a.id = "livenessId", liveness
	default:
		a.wrong = "Parameter should not be empty"
	}
	if a.wrong == "" && !parametersRight(ep, contentType, m, a.region) {
		a.wrong = "Parameter error, please check your request whether has illegal parameters"
	}
	a.base64 = m["resultType"] == "IMAGE_BASE64"
	return a
}

func parametersRight(ep *endpoint, contentType string, m map[string]any, region string) bool {
	if contentType != "application/json" { // spares the common case the parser
		if t, _, err := mime.ParseMediaType(contentType); err != nil || t != "application/json" {
			return false
		}
	}
	switch m["resultType"] {
	case nil, "IMAGE_URL", "IMAGE_BASE64":
	default:
		return false
	}
	if region == "" {
		return !ep.regionRequired && m["region"] == nil
	}
	return (len(region) == 2 || len(region) == 3) && strings.Trim(region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
