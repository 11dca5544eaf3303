package record

import (
	"encoding/hex"
	"strings"
)

// IDs holds marks of IDs that lists brought, a few of each list: a list that has one of them is that list, or has grown
// from it, whatever its name, time or compression. A mark stands for another ID's by chance once in 2^48 pairs.
type IDs string

const (
	markedBytes = 6
	idMark      = 2 * markedBytes // characters
)

// MarkedIDs sets how many IDs of a list are marked: those with the smallest hashes, as a longer list has them, too.
const MarkedIDs = 3

// OneID returns the mark of an ID by its hash.
func OneID(hash []byte) IDs { return IDs(hex.EncodeToString(hash[:min(markedBytes, len(hash))])) }

// All returns the marks one by one.
func (s IDs) All() (all []string) {
	for at := 0; at+idMark <= len(s); at += idMark {
		all = append(all, string(s[at:at+idMark]))
	}
	return all
}

// Beyond returns those that are not among others, each once.
func (s IDs) Beyond(others IDs) IDs {
	known := map[string]bool{}
	for _, one := range others.All() {
		known[one] = true
	}
	var left strings.Builder
	for _, one := range s.All() {
		if !known[one] {
			known[one] = true
			left.WriteString(one)
		}
	}
	return IDs(left.String())
}
