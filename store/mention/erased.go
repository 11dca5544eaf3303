package mention

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"liverecon/store/internal/sqlrow"
)

// Erased knows by their hashes which IDs were taken out on request, and keeps them out of what others write later: an
// edited list names them still. The zero value knows none.
type Erased struct{ known map[string]bool }

// Gone replaces a text that is not kept any more.
const Gone = "(erased)"

// Hash returns the key by which an erased ID is known, of whatever kind: 16 bytes.
func Hash(id string) []byte {
	sum := sha256.Sum256([]byte("\x00" + id))
	return sum[:16]
}

// ReadErased reads which IDs were erased.
func ReadErased(ctx context.Context, db sqlrow.Queryer) (Erased, error) {
	e := Erased{known: map[string]bool{}}
	rows, err := db.QueryContext(ctx, "SELECT id_hash FROM erasures WHERE kind = 'erase'")
	_, err = sqlrow.Collect(rows, err, "read erasures", func(*struct{}) error {
		var of []byte
		err := rows.Scan(&of)
		e.known[string(of)] = true
		return err
	})
	if err != nil {
		return Erased{}, fmt.Errorf("read what was erased: %w", err)
	}
	return e, nil
}

// has reports whether a text is an erased ID, as it is, in small letters, or without its dashes as well.
func (e Erased) has(text string) bool {
	if len(e.known) == 0 || !strings.ContainsAny(text, "0123456789") {
		return false
	}
	for _, spelled := range []string{text, strings.ToLower(text), fold(text)} {
		if e.known[string(Hash(spelled))] {
			return true
		}
	}
	return false
}

// Token returns what stands for an erased ID that is the key of a row, the same for each of its spellings, and the text
// itself for any other.
func (e Erased) Token(text string) string {
	if !e.has(text) {
		return text
	}
	return fmt.Sprintf("erased-%x", Hash(fold(text))[:8])
}

// Clean puts another text in the place of every erased ID that stands in a text by itself: between characters that are
// neither letters nor digits. IDs without a digit are words, and stay.
func (e Erased) Clean(text, by string) string {
	if len(e.known) == 0 {
		return text
	}
	var clean strings.Builder
	done := 0 // of text
	for at := 0; at < len(text); at++ {
		if !wordByte(text[at]) || at > 0 && wordByte(text[at-1]) {
			continue
		}
		if end := e.longest(text, at); end > 0 {
			clean.WriteString(text[done:at])
			clean.WriteString(by)
			done, at = end, end-1
		}
	}
	clean.WriteString(text[done:])
	return clean.String()
}

// longest returns where the longest erased ID ends that begins at a place; 0: none does.
func (e Erased) longest(text string, begin int) (end int) {
	const longestID = 128
	for at := begin + 1; at <= min(len(text), begin+longestID); at++ {
		if at < len(text) && wordByte(text[at]) {
			continue // in the middle of a word
		}
		if wordByte(text[at-1]) && e.has(text[begin:at]) {
			end = at
		}
		if at < len(text) && text[at] != '-' && text[at] != '_' {
			break
		}
	}
	return end
}

func wordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
