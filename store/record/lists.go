package record

import (
	"crypto/sha256"
	"encoding/base64"
	"path/filepath"
	"strings"
)

// Lists holds marks of lists that a database has read, the newest first: of each one mark for the name of its file and
// one for its fingerprint. They tell whether a list is among them, and name none. A mark stands for another one's by
// chance once in 16 million pairs; a list is then held for nothing.
type Lists string

const markSize = 4 // characters

// MostLists sets how many lists a record has room for.
const MostLists = 120

// unknown replaces a name or a fingerprint that is not known.
const unknown = "----"

func mark(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:markSize*6/8]) // in which no - is
}

// OneList returns a list of lists with one in it; an empty fingerprint is one that is not known.
func OneList(path, fingerprint string) Lists {
	read := unknown
	if fingerprint != "" {
		read = mark(fingerprint)
	}
	return Lists(mark(filepath.Base(path)) + read)
}

// Anew returns lists of the same names, of fingerprints that are not known.
func (l Lists) Anew() Lists {
	var names strings.Builder
	l.Each(func(name, _ string) bool {
		names.WriteString(name + unknown)
		return true
	})
	return Lists(names.String())
}

// Each visits the marks of each list, until visit returns false.
func (l Lists) Each(visit func(name, fingerprint string) bool) {
	for at := 0; at+2*markSize <= len(l); at += 2 * markSize {
		if !visit(string(l[at:at+markSize]), string(l[at+markSize:at+2*markSize])) {
			return
		}
	}
}

// Beyond returns those of which others have not both marks together, each once.
func (l Lists) Beyond(others Lists) Lists {
	known := map[string]bool{}
	others.Each(func(name, fingerprint string) bool {
		known[name+fingerprint] = true
		return true
	})
	var left strings.Builder
	l.Each(func(name, fingerprint string) bool {
		if both := name + fingerprint; !known[both] {
			known[both] = true
			left.WriteString(both)
		}
		return true
	})
	return Lists(left.String())
}

// Without leaves out the lists that have a fingerprint of others.
func (l Lists) Without(others Lists) Lists {
	return l.except(others, func(_, fingerprint string) string { return fingerprint })
}

// Unnamed leaves out the lists that have a name of others.
func (l Lists) Unnamed(others Lists) Lists {
	return l.except(others, func(name, _ string) string { return name })
}

func (l Lists) except(others Lists, key func(name, fingerprint string) string) Lists {
	known := map[string]bool{}
	others.Each(func(name, fingerprint string) bool {
		known[key(name, fingerprint)] = true
		return true
	})
	var left strings.Builder
	l.Each(func(name, fingerprint string) bool {
		if k := key(name, fingerprint); k == unknown || !known[k] {
			left.WriteString(name + fingerprint)
		}
		return true
	})
	return Lists(left.String())
}

// Nameless returns lists of the same fingerprints, of names that are not known.
func (l Lists) Nameless() Lists {
	var all strings.Builder
	l.Each(func(_, fingerprint string) bool {
		all.WriteString(unknown + fingerprint)
		return true
	})
	return Lists(all.String())
}

// Contains reports that a list of the same fingerprint is among them.
func (l Lists) Contains(fingerprint string) (found bool) {
	want := mark(fingerprint)
	l.Each(func(_, fingerprint string) bool {
		found = fingerprint == want
		return !found
	})
	return found
}

// Gone counts those that are known by name and fingerprint, and have neither of others.
func (l Lists) Gone(others Lists) (n int64) {
	l.Without(others).Unnamed(others).Each(func(name, fingerprint string) bool {
		if name != unknown && fingerprint != unknown {
			n++
		}
		return true
	})
	return n
}

// Named reports that a list of the same file name is among them.
func (l Lists) Named(path string) (found bool) {
	want := mark(filepath.Base(path))
	l.Each(func(name, _ string) bool {
		found = name == want
		return !found
	})
	return found
}
