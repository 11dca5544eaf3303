package list

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fingerprint hashes a list's content and everything else that decides what its rows become, as hex: a list whose rows
// were rejected for want of a region or an endpoint is read again once the configuration has it. region is the list's
// before the default, rule the number of the rule that reads it, and routed are the regions that have an endpoint, in
// order.
func (o Options) Fingerprint(sum [sha256.Size]byte, region string, rule int, routed []string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%x\n%s\n%s\n", sum, region, o.DefaultRegion)
	for _, field := range slices.Sorted(maps.Keys(o.Columns)) {
		fmt.Fprintf(&text, "%s=%s\n", field, strings.Join(o.Columns[field], ","))
	}
	for _, r := range routed {
		fmt.Fprintf(&text, "%s routed\n", r)
	}
	if rule > 1 {
		fmt.Fprintf(&text, "rule %d\n", rule)
		if o.CaseMatters {
			fmt.Fprintln(&text, "case matters")
		}
		if o.KindsShare {
			fmt.Fprintln(&text, "kinds share IDs")
		}
		if o.IDPattern != nil {
			fmt.Fprintf(&text, "id %s\n", o.IDPattern)
		}
	}
	all := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(all[:])
}
