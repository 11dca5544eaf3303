package mention

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Contains reports whether one of the texts stands in what r gives, byte for byte.
func Contains(r io.Reader, texts []string) (bool, error) { return contains(r, texts, nil) }

// ContainsSpelled reports whether one of the texts stands in what r gives, be it in other case, with dashes or without,
// or in UTF-16. Short texts are looked for byte for byte, since they would be found in words.
func ContainsSpelled(r io.Reader, texts []string) (bool, error) {
	return contains(r, texts, Folded(texts))
}

// FileContains reports whether one of the texts stands in a file, byte for byte. A file that is not there holds none.
func FileContains(path string, texts []string) (holds bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return Contains(f, texts)
}

// contains looks for texts as they are, and for folded ones in what is read as [fold] has it.
func contains(r io.Reader, texts, folded []string) (bool, error) {
	longest := 0
	for _, t := range texts {
		longest = max(longest, len(t))
	}
	if len(folded) > 0 {
		longest *= 4 // two bytes a character, and a dash behind each
	}
	size := 1 << 20
	if short, ok := r.(interface{ Len() int }); ok { // what is in memory, such as a name
		size = min(size, short.Len()+1)
	}
	buffer := make([]byte, max(size, 2*longest))
	whole, spelled := NewSet(texts), NewSet(folded)
	var plain []byte
	kept := 0 // bytes of the last read at the front, in which a text may have begun
	for {
		n, err := r.Read(buffer[kept:])
		seen := buffer[:kept+n]
		if whole.Holds(seen) {
			return true, nil
		}
		if len(folded) > 0 {
			if plain = appendFolded(plain[:0], seen); spelled.Holds(plain) {
				return true, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buffer, seen[max(0, len(seen)-longest):])
	}
}

// fold writes a text as all its spellings have it: in small letters, without dashes.
func fold(text string) string { return strings.ToLower(strings.ReplaceAll(text, "-", "")) }

// Folded returns IDs as [ContainsSpelled] looks for them: in small letters, without dashes. Short ones are left out.
func Folded(ids []string) (all []string) {
	for _, id := range ids {
		if plain := fold(id); len(plain) >= minFolded {
			all = append(all, plain)
		}
	}
	return all
}

// WithFolded adds to IDs how they are written in small letters without dashes, unless that is the ID of somebody else:
// what is read later may have them so.
func WithFolded(ids []string, own func(id string) (bool, error)) ([]string, error) {
	all := slices.Clone(ids)
	for _, plain := range Folded(ids) {
		other, err := own(plain)
		if err != nil {
			return nil, err
		}
		if !other && !slices.Contains(all, plain) {
			all = append(all, plain)
		}
	}
	return all, nil
}

// appendFolded adds content as [fold] has it, and without the zero bytes of UTF-16.
func appendFolded(to, content []byte) []byte {
	for _, b := range content {
		switch {
		case b == '-' || b == 0:
		case b >= 'A' && b <= 'Z':
			to = append(to, b+'a'-'A')
		default:
			to = append(to, b)
		}
	}
	return to
}
