package liveness

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// maxID bounds an ID in a request, in bytes. The vendor's are 16 to 36 long.
const maxID = 256

// Query asks for one check's result, by exactly one of the two IDs.
type Query struct {
	SignatureID string
	LivenessID  string
	ResultType  string // ImageURL or ImageBase64; "" means the client's
	Region      string // ISO 3166 alpha-2 or alpha-3, upper case; "" where the endpoint does not require it
}

// requestBody represents a Query as the JSON of the result call.
type requestBody struct {
	SignatureID string `json:"signatureId,omitempty"`
	LivenessID  string `json:"livenessId,omitempty"`
	ResultType  string `json:"resultType"`
	Region      string `json:"region,omitempty"`
}

// Watch lets the caller take part in a call at the points where only the
// connection's code can act. Nil fields do nothing.
type Watch struct {
	// Turn is asked with the connection in hand, right before the first byte: an
	// error leaves the call unsent.
	Turn func(context.Context) error
	// Sent is told right after the write of the request returned.
	Sent func(at time.Time)
	// Seen returns what is known of an answer by its transaction ID and its body's
	// SHA-256. One that was seen is not believed (Unanswered, CauseRepeated), and its
	// connection is closed before anybody uses it again; one that was only Retold is
	// where Reply.Alone holds.
	Seen func(transactionID string, body [sha256.Size]byte) Sighting
	// Ahead is told of a connection that was found one response ahead: every ID it
	// answered, the last one included, is suspect (see conn: it was provably empty
	// before its first request, and at no time since). It may be called from
	// another goroutine, and after Detect has returned, but not after Client.Close
	// has. The connection is not used again.
	Ahead func(conn uint64)
	// Unproven is told, as Ahead is, of a connection whose end did not come, or that
	// was reset: that it was never ahead could not be proven. It answered what it did.
	Unproven func(conn uint64)
}

// Sighting represents whether an earlier call had an answer.
type Sighting int

// The sightings.
const (
	// no other call had its transaction ID, or calls for the same ID that were told something else under it
	Unseen Sighting = iota
	// a call for the same ID was told the same, byte for byte: its answer once more, or another one that says the same
	Retold
	// a call for another ID had its transaction ID
	Elsewhere
)

// Detect asks the vendor for the result of one check: one exchange, at most one
// request on the wire, never repeated. Every failure is told in the Reply; the
// codes of an answered one are the caller's to classify.
func (c *Client) Detect(ctx context.Context, t Token, q Query, w Watch) Reply {
	if q.ResultType == "" {
		q.ResultType = c.options.ResultType
	}
	if err := c.checkQuery(q); err != nil {
		return c.named(unsent(CauseInvalid, err), q)
	}
	if err := t.check(c.tokens.origin); err != nil {
		return c.named(unsent(CauseToken, err), q)
	}
	payload, err := json.Marshal(requestBody(q))
	if err != nil {
		return c.named(unsent(CauseInvalid, err), q)
	}
	seen := w.Seen
	w.Seen = func(transactionID string, body [sha256.Size]byte) Sighting {
		if sighting := c.ofToken(transactionID, body); sighting != Unseen || seen == nil {
			return sighting
		}
		return seen(transactionID, body)
	}
	m := message{to: c.result, token: t.data.value, payload: payload, limit: c.options.bodyLimit(q.ResultType)}
	r := c.exchanger.exchange(ctx, m, w)
	return c.named(r, q)
}

// Probe calls the result URL once without an ID, which the vendor refuses: what comes tells whether it is the vendor's
// result URL, and takes this account's token. Like Detect it sends at most one request and never repeats it.
func (c *Client) Probe(ctx context.Context, t Token) Reply {
	if err := t.check(c.tokens.origin); err != nil {
		return unsent(CauseToken, err)
	}
	m := message{to: c.result, token: t.data.value, payload: []byte("{}"), limit: c.options.bodyLimit(ImageURL)}
	return c.named(c.exchanger.exchange(ctx, m, Watch{Seen: c.ofToken}), Query{})
}

// ofToken represents whether a token's answer had a transaction ID.
func (c *Client) ofToken(transactionID string, _ [sha256.Size]byte) Sighting {
	if c.tokens.had(transactionID) {
		return Elsewhere
	}
	return Unseen
}

// checkQuery refuses what the vendor would refuse, or what would reach it as
// something else than was asked for.
func (c *Client) checkQuery(q Query) error {
	id := q.SignatureID + q.LivenessID
	switch {
	case id == "":
		return errors.New("no ID")
	case q.SignatureID != "" && q.LivenessID != "":
		return errors.New("both signatureId and livenessId")
	case len(id) > maxID:
		return fmt.Errorf("ID of %d bytes", len(id))
	case !utf8.ValidString(id):
		return errors.New("ID is not UTF-8") // JSON would carry another one
	case !isResultType(q.ResultType):
		return fmt.Errorf("result type %q", cut(q.ResultType, maxDetail))
	case q.Region == "" && c.endpoint.RegionRequired:
		return errors.New("no region, which this endpoint requires")
	case q.Region != "" && !isRegion(q.Region):
		return fmt.Errorf("region %q is not ISO 3166 alpha-2 or alpha-3", cut(q.Region, maxDetail))
	}
	return nil
}

func isRegion(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return len(s) == 2 || len(s) == 3
}

// named completes the error of a reply that was not answered: the endpoint, and
// the beginning of a body that was no envelope, without the ID either may repeat.
func (c *Client) named(r Reply, q Query) Reply {
	if r.Err == nil {
		return r
	}
	err := fmt.Errorf("%s: %s, %s: %w", c.endpoint.Name, r.Delivery, r.Cause, r.Err)
	if len(r.Body) > 0 && (r.Cause == CauseNoEnvelope || r.Cause == CauseThrottled) {
		if begins := excerpt(r.Body); begins != "" {
			err = fmt.Errorf("%w: %q", err, cut(withoutID(begins, q), maxDetail))
		}
	}
	if text := withoutID(err.Error(), q); text != err.Error() {
		err = errors.New(text)
	}
	r.Err = err
	return r
}

// excerpt returns what an error shows of a body that was no envelope: a gateway's
// words, but of JSON, which may hold a result and its links, the names alone.
func excerpt(body []byte) string {
	text := trimSpaceAndBOM(body)
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		before, _, _ := strings.Cut(string(text), "{")
		return before
	}
	var names []string
	if json.Valid(text) && text[0] == '{' {
		// The callback returns no errors.
		_ = members(text, func(key, _ []byte) error {
			names = append(names, string(key))
			return nil
		})
	}
	if len(names) == 0 {
		return ""
	}
	return "{" + strings.Join(names, ", ") + "}"
}

// withoutID removes the query's ID from a text. IDs of one to three bytes are
// no vendor's, and would be found everywhere by chance.
func withoutID(text string, q Query) string {
	id := q.SignatureID + q.LivenessID
	if len(id) < 4 {
		return text
	}
	return strings.ReplaceAll(text, id, redacted)
}
