package page

import (
	"crypto/sha256"
	"fmt"
	"hash"

	"liverecon/store/snapshot"
)

// Fingerprint tells two databases, and two states of what one says about a period, apart, by the facts it is given.
type Fingerprint struct{ facts hash.Hash }

// NewFingerprint begins with a database's first run and those of a period.
func NewFingerprint(first snapshot.RunSpan, runs []snapshot.RunSpan) Fingerprint {
	f := Fingerprint{sha256.New()}
	f.Add("first run", first.ID, first.StartedAt.UnixMilli())
	for _, run := range runs {
		f.Add("run", run.ID, run.StartedAt.UnixMilli())
	}
	return f
}

// Add takes in a fact: its name, and what it says.
func (f Fingerprint) Add(fact ...any) {
	f.facts.Write(fmt.Appendf(nil, "%q\n", fmt.Sprintln(fact...))) //nolint:errcheck // a hash never fails
}

// String returns 16 hexadecimal digits.
func (f Fingerprint) String() string { return fmt.Sprintf("%x", f.facts.Sum(nil)[:8]) }
