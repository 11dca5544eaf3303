package liveness

import (
	"fmt"
	"strings"
)

// Class names what a code of the vendor means for the ID or the endpoint.
type Class string

// The classes. Their values are the words of the configuration's [codes] table.
const (
	Done          Class = "done"          // the result is here
	Absent        Class = "absent"        // the vendor has no such ID: final
	NotFound      Class = "not_found"     // no result for the ID: absent, may be checked again on a later night
	Refused       Class = "refused"       // the request's content is refused: final for this ID
	Retry         Class = "retry"         // try again after a while
	Busy          Class = "busy"          // slow the whole endpoint down
	Auth          Class = "auth"          // refresh the token once, then stop the endpoint
	Configuration Class = "configuration" // stop the endpoint: its configuration is wrong
	Account       Class = "account"       // stop the endpoint: the account cannot go on
	Unknown       Class = "unknown"       // no rule: keep, count, try on a later night
)

// ParseClass returns the class named by s. The error lists the names.
func ParseClass(s string) (Class, error) {
	classes := []Class{Done, Absent, NotFound, Refused, Retry, Busy, Auth, Configuration, Account, Unknown}
	names := make([]string, len(classes))
	for i, c := range classes {
		if s == string(c) {
			return c, nil
		}
		names[i] = string(c)
	}
	return "", fmt.Errorf("class %q: want one of %s", s, strings.Join(names, ", "))
}

// Codes maps codes of the vendor to classes, over the built-in table. The nil
// map is the built-in table alone.
type Codes map[string]Class

// Classify returns the class of a code: from the map, else from the built-in
// table, else [Absent] for any code with NOT_EXIST in it, else [Unknown]. Codes
// are compared exactly, in the vendor's upper case.
func (c Codes) Classify(code string) Class {
	if class, ok := c[code]; ok {
		return class
	}
	switch code {
	case "SUCCESS":
		return Done
	case "RESULT_NOT_FOUND":
		return NotFound
	case "PARAMETER_ERROR", "EMPTY_PARAMETER_ERROR":
		return Refused
	case "ERROR", "RETRY_LATER", "REQUEST_IN_PROCESSING":
		return Retry
	case "SERVICE_BUSY":
		return Busy
	case "IAM_FAILED":
		return Auth
	case "CLIENT_ERROR", "ACCESS_DENIED", "SERVICE_DISABLED":
		return Configuration
	case "INSUFFICIENT_BALANCE", "OVER_QUERY_LIMIT", "ACCOUNT_DISABLED":
		return Account
	}
	if strings.Contains(code, "NOT_EXIST") {
		return Absent
	}
	return Unknown
}
