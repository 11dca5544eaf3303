package liveness

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// redacted replaces a secret wherever one would be printed.
const redacted = "[redacted]"

// Credentials represents an account's key pair for one endpoint. Printing, logging or
// marshalling it shows neither key. (fmt cannot call these methods on a value
// held in an unexported field of another struct: keep a pointer there.)
type Credentials struct {
	AccessKey string
	SecretKey string
}

// String implements [fmt.Stringer] without the keys.
func (Credentials) String() string { return redacted }

// GoString implements [fmt.GoStringer] without the keys.
func (Credentials) GoString() string { return redacted }

// Format implements [fmt.Formatter] for every verb and flag without the keys.
func (Credentials) Format(f fmt.State, _ rune) { writeRedacted(f) }

// LogValue implements [slog.LogValuer] without the keys.
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements [encoding.TextMarshaler] without the keys; encoders
// of JSON and TOML use it.
func (Credentials) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON implements [json.Marshaler] without the keys.
func (Credentials) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

func writeRedacted(w io.Writer) {
	// A fmt.State cannot report a failed write to anyone; fmt itself ignores it.
	_, _ = io.WriteString(w, redacted)
}

// check refuses keys that could not have been issued, most of all the newline
// that a key file ends with.
func (c Credentials) check() error {
	switch {
	case c.AccessKey == "":
		return errors.New("no access key")
	case c.SecretKey == "":
		return errors.New("no secret key")
	case strings.ContainsFunc(c.AccessKey, notVisible):
		return errors.New("access key holds a space or an unprintable character")
	case strings.ContainsFunc(c.SecretKey, notVisible):
		return errors.New("secret key holds a space or an unprintable character")
	}
	return nil
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }

// Signature returns the vendor's signature of a token request: the lower-case
// hex SHA-256 of access key, secret key and the decimal timestamp (epoch
// milliseconds), one after another. It is a plain hash, not an HMAC.
func Signature(accessKey, secretKey string, timestampMillis int64) string {
	sum := sha256.Sum256([]byte(accessKey + secretKey + strconv.FormatInt(timestampMillis, 10)))
	return hex.EncodeToString(sum[:])
}
