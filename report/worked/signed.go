package worked

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"liverecon/store/accounts"
)

// Returned names what somebody chooses below a month who does not approve of it.
const Returned = "returned"

// Decisions returns what can be chosen beside a signature.
func Decisions() []string { return []string{"approved", "approved with remarks", Returned} }

// Signed represents the last signature in a role.
type Signed struct {
	accounts.Signature
	Valid bool // it was given for the figures and for what was worked of them as they are now
}

// Sentence describes the signature and whether it holds.
func (s Signed) Sentence() string {
	text := fmt.Sprintf("%s by %s on %s", s.Role, s.Name, s.SignedAt.Format("2006-01-02"))
	switch {
	case !s.Valid:
		return text + ": fallen, was for " + s.For()
	case s.Decision == Returned:
		return text + ": returned"
	}
	return text
}

// For describes what the signature was given for.
func (s Signed) For() string {
	if s.ToDispute == "" { // a workbook of another day
		return "other figures"
	}
	return s.ToDispute + " to dispute"
}

// Signed returns the last signature of every role that has one, in the order in which people sign.
func (m *Month) Signed() (all []Signed) {
	now := m.Digest()
	for _, role := range accounts.Roles() {
		for _, s := range slices.Backward(m.Signatures) {
			if s.Role == role {
				all = append(all, Signed{s, bytes.Equal(s.Worked, now[:])})
				break
			}
		}
	}
	return all
}

// Valid returns the valid signature of a role, nil where there is none.
func (m *Month) Valid(role string) *Signed {
	for _, s := range m.Signed() {
		if s.Role == role && s.Valid {
			return &s
		}
	}
	return nil
}

// SamePerson reports whether two names are one person's, as far as writing tells.
func SamePerson(a, b string) bool {
	plain := func(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }
	return plain(a) == plain(b)
}

// Missing lists what keeps a month from being closed: calls that are not in it, which no reason mends; and without a
// reason rows that are open, and signatures that are missing, have fallen or say returned. What the tolerance closes is not open.
func (m *Month) Missing() (all []string) {
	if m.Late > 0 {
		all = append(all, accounts.LateCalls(m.Late)+": reconcile again")
	}
	if open := m.Count(Open); open == 1 {
		all = append(all, "1 exception is open")
	} else if open > 1 {
		all = append(all, fmt.Sprintf("%d exceptions are open", open))
	}
	if part := m.Unsettled(); part == 1 {
		all = append(all, "1 exception is worked in part: the rest of its amount is open")
	} else if part > 1 {
		all = append(all, fmt.Sprintf("%d exceptions are worked in part: the rest of their amounts is open", part))
	}
	signed := map[string]Signed{}
	for _, s := range m.Signed() {
		signed[s.Role] = s
	}
	for _, role := range []string{accounts.Prepared, accounts.Approved} {
		if s, given := signed[role]; !given {
			all = append(all, "not "+role)
		} else if !s.Valid {
			all = append(all, s.Sentence())
		}
	}
	for _, s := range m.Signed() {
		if s.Valid && s.Decision == Returned {
			all = append(all, s.Sentence())
		}
	}
	prepared, approved := signed[accounts.Prepared], signed[accounts.Approved]
	if prepared.Valid && approved.Valid && SamePerson(prepared.Name, approved.Name) {
		all = append(all, "prepared and approved by one person")
	}
	return all
}
