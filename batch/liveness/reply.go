package liveness

import (
	"fmt"
	"time"
)

// Delivery names whether a request can have reached the vendor, and whether its
// answer came back.
type Delivery string

// The deliveries.
const (
	Answered   Delivery = "answered"   // a whole, valid envelope
	Unsent     Delivery = "unsent"     // provably never left: free
	Unanswered Delivery = "unanswered" // may have arrived: in doubt
)

// Why a request was not answered: Reply.Cause. The first group stands with
// Unsent, the second with Unanswered, the third with either.
const (
	CauseInvalid = "invalid" // the query itself: no ID, both IDs, no region
	CauseToken   = "token"   // no token, or another host's; or with Unanswered: what came is a token's answer
	CauseDNS     = "dns"
	CauseRefused = "refused" // connection refused
	CauseTLS     = "tls"
	CauseDial    = "dial"   // any other failure to connect
	CauseClosed  = "closed" // the other side ended the connection before a byte was written

	CauseReset       = "reset"        // the connection broke
	CauseTruncated   = "truncated"    // the answer ended early
	CauseMalformed   = "malformed"    // the answer is not HTTP
	CauseOversize    = "oversize"     // the answer exceeds the body limit
	CauseBadEncoding = "bad_encoding" // unknown or damaged compression
	CauseNoEnvelope  = "no_envelope"  // an answer, but not the vendor's
	CauseThrottled   = "throttled"    // HTTP 429 without envelope
	CauseRedirect    = "redirect"     // HTTP 3xx, whatever its body
	CauseRepeated    = "repeated"     // an answer that an earlier call had already
	CauseStale       = "stale"        // an answer without a transaction that an earlier call had, older than the request
	CauseLeftOpen    = "left_open"    // the connection of a single call did not end behind the answer

	CauseUnasked  = "unasked"  // bytes that answer no request: before this one was written, or behind its answer
	CauseCanceled = "canceled" // the caller's context
	CauseTimeout  = "timeout"
)

// Reply represents the fate of one request.
type Reply struct {
	Delivery Delivery
	Cause    string    // one word, a Cause constant; "" when answered
	Err      error     // the detail, cut and free of token, keys and IDs; nil when answered
	Conn     uint64    // the connection's number, unique in the process, from 1; 0: none
	Copied   bool      // with CauseRepeated: its own connection gave that answer before
	Alone    bool      // answered, and nothing else came until the connection, which no other call had, ended
	SentAt   time.Time // right before the request's first byte; zero when unsent
	EndedAt  time.Time

	HTTPStatus int           // 0 when no status line came
	Envelope   *Envelope     // non-nil exactly when answered
	RetryAfter time.Duration // 0..MaxRetryAfter; 0 when not asked for
	ServerDate time.Time     // the Date header; zero when missing

	// Body holds what was received, decompressed, up to the body limit, also of an
	// answer that broke off; nil when there was none. Should the other side echo
	// the token or a key, it is replaced, so that the body can be kept.
	Body       []byte
	BodySHA256 [32]byte // of Body; zero when there is none
}

// Refusal returns the vendor's word for an answer, cut and quoted. The Reply is answered.
func (r Reply) Refusal() string {
	message := r.Envelope.Message
	if len(message) > 100 {
		message = message[:100]
	}
	return fmt.Sprintf("%.40s (%q)", r.Envelope.Code, message)
}
