package evidence

import "bytes"

// Kind names which of an answer's images one is.
type Kind string

// The kinds. They are part of a file's name.
const (
	Result Kind = "result"
	Audit  Kind = "audit"
	Far    Kind = "far"
	Near   Kind = "near"
)

// Format holds what a file is, by its first bytes.
type Format struct{ Extension string } // with its dot

// magicBytes sets how many first bytes tell all formats apart.
const magicBytes = 16

// sniff tells an image by its first bytes; what a server calls it does not count. The vendor documents the audit image
// as an archive, so there, and only there, a ZIP file is taken. It is kept as it came: nothing here ever unpacks it.
func sniff(head []byte, kind Kind) (Format, bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return Format{".jpg"}, true
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return Format{".png"}, true
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return Format{".webp"}, true
	case kind == Audit && bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return Format{".zip"}, true
	}
	return Format{}, false
}
