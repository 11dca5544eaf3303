package liveness

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// minSecret holds the length from which a key or token is searched for in texts.
// A shorter one would be found everywhere by chance.
const minSecret = 8

// secrets finds secrets in what others wrote, however they are spelled there:
// plainly and in any case, as base64 or hex, and with any of the characters
// escaped as JSON, Go, HTML or a URL may do it, also twice. What is found in the
// text as it came is found before anybody decodes it.
type secrets struct {
	spellings [][]byte      // in lower case
	first     [256][]uint8  // the spellings that begin with a byte, in lower case
	pairs     [1 << 13]byte // a bit for each two bytes that a spelling begins with
}

// newSecrets makes the secrets findable. Those shorter than minSecret are left
// out.
func newSecrets(all ...string) *secrets {
	s := &secrets{}
	for _, secret := range all {
		if len(secret) < minSecret {
			continue
		}
		s.add(secret)
		s.add(hex.EncodeToString([]byte(secret)))
		for shift := range 3 {
			// The characters at both ends depend on the neighbours, too.
			encoded := base64.RawStdEncoding.EncodeToString([]byte("xxx"[:shift] + secret))
			whole := encoded[(shift*8+5)/6 : (shift+len(secret))*8/6]
			s.add(whole)
			s.add(strings.NewReplacer("+", "-", "/", "_").Replace(whole))
		}
	}
	return s
}

// maxSpellings bounds what an index of one byte can tell apart; a client has
// five secrets of eight spellings.
const maxSpellings = 256

func (s *secrets) add(spelling string) {
	lower := bytes.ToLower([]byte(spelling))
	known := slices.ContainsFunc(s.spellings, func(other []byte) bool { return bytes.Equal(other, lower) })
	if known || len(s.spellings) == maxSpellings {
		return
	}
	s.first[lower[0]] = append(s.first[lower[0]], uint8(len(s.spellings)))
	s.spellings = append(s.spellings, lower)
	pair := int(lower[0])<<8 | int(lower[1])
	s.pairs[pair>>3] |= 1 << (pair & 7)
}

// remove replaces every secret in the text. It returns the text itself where
// there is none.
func (s *secrets) remove(text []byte) []byte {
	var clean []byte
	done := 0
	for i := 0; i < len(text); i++ {
		if !s.mayBegin(text, i) {
			continue
		}
		if end := s.match(text, i); end > 0 {
			clean = append(append(clean, text[done:i]...), redacted...)
			done, i = end, end-1
		}
	}
	if done == 0 {
		return text
	}
	return append(clean, text[done:]...)
}

// mayBegin tells most places where no secret begins, fast.
func (s *secrets) mayBegin(text []byte, i int) bool {
	if i+1 == len(text) {
		return false
	}
	if escapes(text[i]) || escapes(text[i+1]) {
		return true
	}
	pair := int(lower(text[i]))<<8 | int(lower(text[i+1]))
	return s.pairs[pair>>3]&(1<<(pair&7)) != 0
}

// match returns where a secret ends that begins at i, 0 if none does. Of several
// the longest counts.
func (s *secrets) match(text []byte, i int) (end int) {
	c, width := spelled(text[i:])
	for _, first := range [2]struct {
		c     byte
		width int
	}{{lower(text[i]), 1}, {c, width}} {
		if first.width == 0 {
			continue
		}
		for _, n := range s.first[first.c] {
			if e := follow(text, i+first.width, s.spellings[n][1:]); e > end {
				end = e
			}
		}
	}
	return end
}

// follow returns where the rest of a spelling ends that goes on at i, 0 if the
// text goes on otherwise.
func follow(text []byte, i int, rest []byte) (end int) {
	for _, want := range rest {
		if i >= len(text) {
			return 0
		}
		if escapes(text[i]) {
			if c, width := spelled(text[i:]); width > 0 && c == want {
				i += width
				continue
			}
		}
		if lower(text[i]) != want {
			return 0
		}
		i++
	}
	return i
}

// escapes reports whether a character begins an escaped one.
func escapes(c byte) bool { return c == '\\' || c == '%' || c == '&' }

// spelled reads an escaped character at the beginning of a text: what it stands
// for, in lower case, and how wide it is there; 0 where none begins.
func spelled(text []byte) (c byte, width int) {
	switch text[0] {
	case '\\':
		return afterBackslash(text)
	case '%':
		i := 1
		for bytes.HasPrefix(text[i:], []byte("25")) { // a percent sign that was escaped itself
			i += 2
		}
		if c, width := digits(text[i:], 2, 16); width == 2 {
			return c, i + width
		}
		if i > 1 {
			return '%', i
		}
	case '&':
		return entity(text)
	}
	return 0, 0
}

// afterBackslash reads \u0054, \x54, \U00000054, \124 and \/, behind any number
// of backslashes: escaping doubles them.
func afterBackslash(text []byte) (c byte, width int) {
	i := 1
	for i < len(text) && text[i] == '\\' {
		i++
	}
	if i == len(text) {
		return 0, 0
	}
	for _, form := range [...]struct {
		letter byte
		digits int
	}{{'u', 4}, {'U', 8}, {'x', 2}} {
		if text[i] == form.letter {
			if c, width := digits(text[i+1:], form.digits, 16); width == form.digits {
				return c, i + 1 + width
			}
		}
	}
	if c, width := digits(text[i:], 3, 8); width == 3 {
		return c, i + width
	}
	return lower(text[i]), i + 1
}

// entity reads &#84;, &#x54; and the names of the characters that HTML escapes.
func entity(text []byte) (c byte, width int) {
	end := bytes.IndexByte(text[:min(len(text), 12)], ';')
	if end < 2 {
		return 0, 0
	}
	name := string(text[1:end])
	switch {
	case strings.HasPrefix(name, "#x"), strings.HasPrefix(name, "#X"):
		c, width = digits(text[3:end], end-3, 16)
		width += 3
	case name[0] == '#':
		c, width = digits(text[2:end], end-2, 10)
		width += 2
	default:
		c, width = map[string]byte{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\''}[name], end
	}
	if c == 0 || width != end {
		return 0, 0
	}
	return c, end + 1
}

// digits reads a character's number of so many digits. It returns how many there
// are, 0 if they stand for no character of a secret.
func digits(text []byte, n, base int) (c byte, width int) {
	if n == 0 || n > len(text) {
		return 0, 0
	}
	number, err := strconv.ParseUint(string(text[:n]), base, 32)
	if err != nil || number > '~' {
		return 0, 0
	}
	return lower(byte(number)), n
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// redactor removes a client's secrets from what others wrote: the key pair, the configured URLs' queries (a reseller
// may put a key there) and a call's token.
type redactor struct {
	fixed []string
	last  atomic.Pointer[tokenSecrets]
}

func newRedactor(c Credentials, result, token *url.URL) *redactor {
	return &redactor{fixed: []string{c.AccessKey, c.SecretKey, result.RawQuery, token.RawQuery}}
}

// secretKey indexes the secret key among the fixed texts.
const secretKey = 1

// withToken returns what is secret in a call with the token.
func (r *redactor) withToken(token string) *secrets {
	if known := r.last.Load(); known != nil && known.token == token {
		return known.secrets
	}
	all := newSecrets(append(slices.Clone(r.fixed), token)...)
	r.last.Store(&tokenSecrets{token, all})
	return all
}

// tokenSecrets holds the secrets of calls with one token.
type tokenSecrets struct {
	token   string
	secrets *secrets
}

// scrub removes the secrets of a call from a text that others wrote.
func (r *redactor) scrub(text, token string) string {
	return string(r.scrubBody([]byte(text), token))
}

// scrubBody replaces echoed secrets; the body is copied only if there are any.
func (r *redactor) scrubBody(body []byte, token string) []byte {
	return r.withToken(token).remove(body)
}

// keepApart gives an answer whose transaction ID holds a secret one that holds none. Money hangs on that ID: with the
// secret merely left out, all calls would share one. What takes its place is the same for the same ID, another for
// another, and tells nothing of either without the secret key; on the vendor's statement it does not stand.
func (r *redactor) keepApart(e *Envelope, body []byte, token string) {
	if e.TransactionID == "" || bytes.Equal(r.scrubBody(body, token), body) {
		return
	}
	var id string
	// the answer was decoded without an error
	_ = members(trimSpaceAndBOM(body), func(key, value []byte) error {
		if string(key) == "transactionId" {
			id = plainText(value)
		}
		return nil
	})
	if r.scrub(id, token) == id && e.TransactionID == cut(id, maxText) { // nothing was taken out of it
		return
	}
	sum := hmac.New(sha256.New, []byte(r.fixed[secretKey]))
	sum.Write([]byte(id))
	e.TransactionID = "secret-" + hex.EncodeToString(sum.Sum(nil)[:16])
	e.Repairs = append(e.Repairs, "transactionId holds a secret")
}

// detail prepares a text of others for an error.
func (r *redactor) detail(text, token string) string { return cut(r.scrub(text, token), maxDetail) }
