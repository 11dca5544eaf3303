package billing

import (
	"fmt"
	"slices"
	"strings"
)

// Fit describes how a reading of the contract stands to a statement's lines about an endpoint.
type Fit struct {
	Basis    Basis
	Endpoint string // "": all that the statement is about
	Lines    int64  // that bill calls which the reading does not charge
	Calls    int64  // that it charges, and that no line bills
	Refuted  bool
}

// NameBases names the readings that a statement is billed by where it contradicts the contract's: one for all
// endpoints, several, one for each, or none. nearest is named where none fits.
func NameBases(contract, nearest Basis, fits []Fit) string {
	byEndpoint := map[string][]string{}
	var endpoints []string
	for _, f := range fits {
		if _, known := byEndpoint[f.Endpoint]; !known {
			endpoints = append(endpoints, f.Endpoint)
			byEndpoint[f.Endpoint] = nil
		}
		if !f.Refuted && !slices.Contains(byEndpoint[f.Endpoint], string(f.Basis)) {
			byEndpoint[f.Endpoint] = append(byEndpoint[f.Endpoint], string(f.Basis))
		}
	}
	slices.Sort(endpoints)
	common := slices.Clone(byEndpoint[endpoints[0]])
	each := true
	var parts []string
	for _, endpoint := range endpoints {
		names := byEndpoint[endpoint]
		common = slices.DeleteFunc(common, func(r string) bool { return !slices.Contains(names, r) })
		each = each && len(names) > 0
		if i := slices.Index(names, string(contract)); i >= 0 {
			names = names[i : i+1]
		}
		parts = append(parts, strings.TrimSpace(endpoint+" by "+strings.Join(names, " or ")))
	}
	switch {
	case len(common) > 0:
		return fmt.Sprintf("the statement is billed by %s, not by %s: %s %s", strings.Join(common, " or "), contract,
			contradictions(contract, fits), contract)
	case each:
		return "the statement is billed at " + strings.Join(parts, ", at ")
	}
	var all []string
	names := map[string][]string{}
	for _, r := range Bases() {
		text := contradictions(r, fits)
		if names[text] == nil {
			all = append(all, text)
		}
		names[text] = append(names[text], string(r))
	}
	for i, text := range all {
		all[i] = text + " " + strings.Join(names[text], " and ")
	}
	return fmt.Sprintf("no reading of the contract reproduces the statement: %s; the nearest is %s",
		strings.Join(all, ", "), nearest)
}

// contradictions counts what contradicts a reading, over all endpoints, as the beginning of a sentence about it.
func contradictions(r Basis, fits []Fit) string {
	var lines, calls int64
	refuted := false
	for _, f := range fits {
		if f.Basis == r {
			lines, calls, refuted = lines+f.Lines, calls+f.Calls, refuted || f.Refuted
		}
	}
	count := func(n int64, one, many string) string {
		if n == 1 {
			return "1 " + one
		}
		return fmt.Sprintf("%d %s", n, many)
	}
	switch {
	case lines+calls == 0 && refuted:
		return "amounts contradict"
	case lines+calls == 0:
		return "nothing contradicts"
	case lines == 0:
		return count(calls, "call on no line contradicts", "calls on no line contradict")
	case calls == 0:
		return count(lines, "line contradicts", "lines contradict")
	}
	return count(lines, "line", "lines") + " and " + count(calls, "call on no line", "calls on no line") + " contradict"
}
