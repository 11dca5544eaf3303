package liveness

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// The functions of this file walk JSON that json.Valid has accepted, in one
// pass and without a map: a map would lose repeated keys, and a decoder into
// json.RawMessage reads every nested value twice. Each index stays in range for
// invalid input too; the result is then merely meaningless.

// byteOrderMark in UTF-8: encoding/json refuses it and some gateways add it.
const byteOrderMark = "\xef\xbb\xbf"

// trimSpaceAndBOM returns the JSON text of a body.
func trimSpaceAndBOM(body []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte(byteOrderMark)))
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// skipValue returns the index after the value that begins at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			i++
			continue
		default:
			i = skipScalar(b, i)
		}
		if depth <= 0 {
			return i
		}
	}
	return len(b)
}

// skipScalar returns the index after the number or literal that begins at i,
// and always moves on.
func skipScalar(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case ',', ':', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
	}
	return len(b)
}

// members calls f with each key (unquoted) and value (raw) of the object, in
// order, repeated keys included, until f returns an error.
func members(object []byte, f func(key, value []byte) error) error {
	for i := skipSpace(object, 1); i < len(object) && object[i] == '"'; {
		end := skipString(object, i)
		key := unquote(object[i:end])
		start := skipSpace(object, skipSpace(object, end)+1) // past the colon
		end = skipValue(object, start)
		start = min(start, end)
		if err := f(key, object[start:end]); err != nil {
			return err
		}
		i = skipSpace(object, skipSpace(object, end)+1) // past the comma
	}
	return nil
}

// unquote returns the text of a JSON string as valid UTF-8. The common string,
// without escapes, is returned as part of raw, not copied.
func unquote(raw []byte) []byte {
	if len(raw) < 2 {
		return nil
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return nil
	}
	return []byte(s)
}
