package mention

import (
	"bytes"
	"errors"
	"io"
)

// Contains reports whether one of the texts stands in what r gives, byte for byte.
func Contains(r io.Reader, texts []string) (bool, error) {
	longest := 0
	for _, t := range texts {
		longest = max(longest, len(t))
	}
	buffer := make([]byte, 1<<20)
	kept := 0 // bytes of the last read at the front, in which a text may have begun
	for {
		n, err := r.Read(buffer[kept:])
		seen := buffer[:kept+n]
		for _, t := range texts {
			if t != "" && bytes.Contains(seen, []byte(t)) {
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
