package liveness

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// maxKeptString holds the longest string StripImages keeps, in characters. The
// vendor's own texts are far shorter; longer is a picture.
const maxKeptString = 2048

// StripImages returns an answer as compact JSON that may be kept: the values of
// detectionResult, auditImageUrl, imageFarUrl and imageNearUrl, and any other
// string that holds an http(s) URL or is longer than 2,048 characters, are
// replaced by null, at every depth; a member's name of that kind becomes
// "removed". The page itself shows URLs with a single slash, so "https:/" is
// enough to be one. Text that is not valid UTF-8 is made so. Input that is not
// JSON gives nil.
func StripImages(body []byte) []byte {
	src := trimSpaceAndBOM(body)
	if !json.Valid(src) {
		return nil
	}
	s := stripper{src: src, dst: make([]byte, 0, min(len(src), 4096))}
	for s.at < len(s.src) {
		s.token()
	}
	return bytes.ToValidUTF8(s.dst, []byte("\uFFFD"))
}

// stripper copies valid JSON token by token. It keeps a stack of open brackets
// instead of recursing, so depth costs one byte a level and time is linear.
type stripper struct {
	src, dst []byte
	at       int
	open     []byte // the open brackets
	key      bool   // the next string is a member's name
}

func (s *stripper) token() {
	c := s.src[s.at]
	switch c {
	case ' ', '\n', '\t', '\r':
		s.at++
		return
	case '"':
		s.text()
		return
	case '{', '[':
		s.open = append(s.open, c)
		s.key = c == '{'
	case '}', ']':
		s.open = s.open[:len(s.open)-1]
	case ',':
		s.key = s.open[len(s.open)-1] == '{'
	}
	s.dst = append(s.dst, c)
	s.at++
}

func (s *stripper) text() {
	end := skipString(s.src, s.at)
	raw := s.src[s.at:end]
	s.at = end
	plain := unquote(raw)
	keep := !holdsURL(plain) && (len(plain) <= maxKeptString || utf8.RuneCount(plain) <= maxKeptString)
	if s.key {
		s.name(raw, plain, keep)
		return
	}
	if !keep {
		raw = []byte("null")
	}
	s.dst = append(s.dst, raw...)
}

// name copies a member's name, and swallows the value of an image field.
func (s *stripper) name(raw, plain []byte, keep bool) {
	s.key = false
	if !keep {
		raw = []byte(`"removed"`)
	}
	s.dst = append(s.dst, raw...)
	switch string(plain) {
	case "detectionResult", "auditImageUrl", "imageFarUrl", "imageNearUrl":
		colon := skipSpace(s.src, s.at)
		s.at = skipValue(s.src, skipSpace(s.src, colon+1))
		s.dst = append(s.dst, ":null"...)
	}
}

// holdsURL reports whether an http(s) URL stands anywhere in the text.
func holdsURL(text []byte) bool {
	for rest := text; ; {
		i := bytes.Index(rest, []byte(":/"))
		if i < 0 {
			return false
		}
		if hasSuffixFold(rest[:i], "http") || hasSuffixFold(rest[:i], "https") {
			return true
		}
		rest = rest[i+2:]
	}
}

func hasSuffixFold(text []byte, suffix string) bool {
	return len(text) >= len(suffix) && bytes.EqualFold(text[len(text)-len(suffix):], []byte(suffix))
}
